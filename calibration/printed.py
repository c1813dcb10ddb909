"""Numbers as they were printed: value, last digit, and the interval of values that print so.

``"37.44%"``, ``"8.9亿"``, ``"24.49 bn"``, ``1243``: a text keeps the digits that were printed, and the digits say
how far the true value may lie from them. Whether a source rounds or cuts off is a convention of its own; where it
is not known, both are allowed for (``either``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from typing import Final, Literal

Rounding = Literal["rounded", "truncated", "either", "exact"]

UNITS: Final[dict[str, Decimal]] = {
    "": Decimal(1),
    "%": Decimal("0.01"),
    "元": Decimal(1),
    "yuan": Decimal(1),
    "k": Decimal(1000),
    "万": Decimal(10_000),
    "万元": Decimal(10_000),
    "m": Decimal(10) ** 6,
    "million": Decimal(10) ** 6,
    "亿": Decimal(10) ** 8,
    "亿元": Decimal(10) ** 8,
    "bn": Decimal(10) ** 9,
    "billion": Decimal(10) ** 9,
}
_TEXT: Final = re.compile(r"\s*([+-]?\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(.*?)\s*")


@dataclass(frozen=True, slots=True)
class Printed:
    """One printed number. ``step`` is the worth of its last digit; 0 for a count, which is what it says."""

    text: str
    value: float
    step: float
    rounding: Rounding = "either"

    def interval(self, rounding: Rounding | None = None) -> tuple[float, float]:
        """Lowest and highest value that would be printed so: a half-open interval, told by its ends."""
        how = rounding or self.rounding
        if how == "exact" or self.step == 0.0:
            return self.value, self.value
        below = 0.0 if how == "truncated" else self.step / 2.0
        above = self.step / 2.0 if how == "rounded" else self.step
        return self.value - below, self.value + above

    def prints(self, x: float, rounding: Rounding | None = None) -> bool:
        """Whether ``x`` would be printed so; the last digit's edge belongs to whoever asks (1e-9 of a step)."""
        low, high = self.interval(rounding)
        slack = 1e-9 * (self.step or abs(self.value) or 1.0)
        return low - slack <= x < high - slack or abs(x - self.value) <= slack

    @property
    def sd(self) -> float:
        """Standard deviation of the true value over the interval, all of it being equally likely."""
        low, high = self.interval()
        return (high - low) / sqrt(12.0)


def as_printed(value: object, rounding: Rounding = "either") -> Printed:
    """A number from a targets file. Raises ``ValueError`` saying what is allowed.

    A whole number is exact; a TOML float (as ``Decimal``, so that its digits are kept) and a text have a last digit.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise ValueError("a number is needed, or a text such as '37.44%', '8.9亿', '2504.29万'")
    if isinstance(value, int):
        return Printed(str(value), float(value), 0.0, "exact")
    found = _TEXT.fullmatch(str(value))
    if found is None:
        raise ValueError("a number is needed, or a text such as '37.44%', '8.9亿', '2504.29万'")
    number, unit = Decimal(found[1].replace(",", "")), found[2]
    if unit not in UNITS:
        known = ", ".join(name for name in UNITS if name)
        raise ValueError(f"{unit!r} is not a unit known here; allowed: {known}")
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError("a finite number is needed")
    worth = UNITS[unit]
    step = Decimal(1).scaleb(exponent) * worth
    whole = unit == "" and isinstance(value, str) and exponent == 0
    return Printed(
        str(value).strip(),
        float(number * worth),
        0.0 if whole else float(step),
        "exact" if whole else rounding,
    )
