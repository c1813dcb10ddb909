"""Numbers as they were published: value, last digit, and the interval of values that round to it.

``"37.44%"``, ``"8.9亿"``, ``"24.49 bn"``, ``1243``: a text keeps the digits that were published, and the digits say
how far the true value may lie from them. Whether a source rounds or cuts off is a convention of its own; where it
is not known, both are allowed for (``either``). All of it is exact: a digit at the edge decides what a figure can be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import isfinite, sqrt
from typing import Final, Literal

from sim.locale.language import ENGLISH, said, spoken
from sim.scenario.numerals import Numeral, in_bounds, numeral
from sim.scenario.units import COUNTED, MONEY, SHARE, Sizes, sized

Rounding = Literal["rounded", "truncated", "either", "exact"]

UNITS: Final[Sizes] = {"": Fraction(1), **SHARE, **MONEY, "k": Fraction(1000)}


@dataclass(frozen=True, slots=True)
class PublishedNumber:
    """One published number. ``digit`` is the worth of its last digit; 0 for a count, which is what it says."""

    text: str
    exact: Fraction
    digit: Fraction
    rounding: Rounding = "either"

    @property
    def value(self) -> float:
        return float(self.exact)

    @property
    def step(self) -> float:
        return float(self.digit)

    def bounds(self, rounding: Rounding | None = None) -> tuple[Fraction, Fraction]:
        """Lowest and highest value that would be published so: a half-open interval, stated by its ends."""
        how = rounding or self.rounding
        if how == "exact" or not self.digit:
            return self.exact, self.exact
        below = self.digit * (how != "truncated") / 2
        above = self.digit / (2 if how == "rounded" else 1)
        return self.exact - below, self.exact + above

    def interval(self, rounding: Rounding | None = None) -> tuple[float, float]:
        """The bounds as floats."""
        low, high = self.bounds(rounding)
        return float(low), float(high)

    def covers(self, x: float | Fraction, rounding: Rounding | None = None) -> bool:
        """Whether ``x`` would be published so; of a float the last digit's edge is blurred, by 1e-9 of the digit."""
        if not isfinite(x):
            return False
        low, high = self.bounds(rounding)
        blur = (self.digit or abs(self.exact) or 1) / 10**9 if isinstance(x, float) else Fraction(0)
        x = Fraction(x)
        return low - blur <= x < high - blur or abs(x - self.exact) <= blur

    @property
    def sd(self) -> float:
        """Standard deviation of the true value over the interval, all of it being equally likely."""
        low, high = self.interval()
        return (high - low) / sqrt(12.0)

    @property
    def bare(self) -> bool:
        """Whether it was written without a unit, so that a per cent sign may have been forgotten."""
        return self.text[-1:].isdigit() or self.text.endswith(".")


def as_published_number(value: object, rounding: Rounding = "either") -> PublishedNumber:
    """A number from a targets file. Raises ``ValueError`` saying what is allowed.

    A whole number is exact; a TOML float (as ``Decimal``, so that its digits are kept) and a text have a last digit.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise ValueError(said("target.needed"))
    if not isinstance(value, str):
        number = Decimal(value)
        if not in_bounds(number):
            raise ValueError(said("number.size") if number.is_finite() else said("target.needed"))
        if isinstance(value, int):
            return PublishedNumber(str(value), Fraction(value), Fraction(0), "exact")
        written = Numeral(number, "")
    else:
        try:
            written = numeral(value)
        except ValueError as error:
            raise ValueError(
                said("target.needed") if str(error) == said("number.needed") else error
            ) from None
    unit = _without_what_is_counted(written.unit)
    size = sized(unit, UNITS)
    if size is None:
        english = spoken() == ENGLISH  # others are told no units in Latin letters
        known = said("join").join(name for name in UNITS if name and (english or not re.match("[a-z]", name)))
        raise ValueError(said("target.unit", unit=repr(written.unit), names=known))
    digit = Fraction(Decimal((0, (1,), int(written.number.as_tuple().exponent)))) * size
    whole = not unit and isinstance(value, str) and digit == 1
    text = str(value).strip()
    if whole:
        return PublishedNumber(text, Fraction(written.number), Fraction(0), "exact")
    return PublishedNumber(text, Fraction(written.number) * size, digit, rounding)


def _without_what_is_counted(unit: str) -> str:
    """``"万件"`` is ``"万"``, ``"人次"`` nothing."""
    unit = unit.strip()
    return next((unit.removesuffix(name).strip() for name in COUNTED if unit.endswith(name)), unit)


def counted(published: PublishedNumber) -> PublishedNumber:
    """The same number as a count: 2.0 is two and nothing else, "1.2万" is still read to its last digit."""
    exact = published.digit < 1 and published.exact.denominator == 1
    return PublishedNumber(published.text, published.exact, Fraction(0), "exact") if exact else published
