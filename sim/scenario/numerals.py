"""Numbers as people write them: ``"37.44%"``, ``"8.9亿"``, ``"1,243"``, ``"２５０４.２９万"``, ``".5"``.

A text is a number and, perhaps, a unit. The number is kept as decimal digits, so that nothing is rounded before it
is used. Full-width characters are read as their plain ones. Commas stand before groups of three digits; where one may
be a decimal comma the text is refused, with the interpretations proposed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sim.locale.language import said

LONGEST: Final = 60  # characters; what people write down has twenty at most
MOST: Final = 290  # powers of ten either way: what a double can hold, less what a unit may add
_PLAIN: Final[dict[int, int]] = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},  # full-width digits, letters and signs
    ord("\u3000"): ord(" "), ord("\u2212"): ord("-"), ord("\u2013"): ord("-"),
}  # fmt: skip
_QUOTES: Final = "\"'“”‘’„「」『』"
_UNIT: Final = r"[^\W\d_][^\d.,]*|[%‰]"
_NUMBER: Final = (
    r"[+-]?(?:(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
)
_TEXT: Final = re.compile(rf"({_NUMBER})\s*({_UNIT})?")
_WITHIN: Final = {
    " ": "number.blanks",
    "_": "number.underscores",
    "'": "number.apostrophes",
}  # that people put between digits
_SEPARATED: Final = re.compile(rf"([+-]?)([0-9]+(?:[.,' _]+[0-9]+)+)\s*({_UNIT})?")


class NotANumeralError(ValueError):
    """A text that is no number. ``meant``: the interpretations proposed, if there are any."""

    def __init__(self, problem: str, meant: str = "") -> None:
        super().__init__(said("number.meant", said=problem, meant=meant) if meant else problem)
        self.meant = meant


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as it was written, digit by digit, and what stands behind it, which may name a unit."""

    number: Decimal
    unit: str


def numeral(text: str) -> Numeral:
    """``text`` as a number with a unit. Raises ``ValueError`` saying what is wrong and what was probably meant."""
    if len(text) > LONGEST:
        raise NotANumeralError(said("number.length", n=len(text), most=LONGEST))
    plain = plainly(text)
    found = _TEXT.fullmatch(plain)
    if found is None:
        raise NotANumeralError(*_problem(plain))
    number = Decimal(found[1].replace(",", ""))
    if not in_bounds(number):
        raise NotANumeralError(said("number.size"))
    return Numeral(number, " ".join((found[2] or "").split()))


def in_bounds(number: Decimal) -> bool:
    """Whether a number is finite and of a size that any computation with it can hold."""
    return number.is_finite() and (not number or abs(number.adjusted()) <= MOST)


def plainly(text: str) -> str:
    """``text`` without full-width characters, quotation marks around it and blanks at its ends."""
    return text.translate(_PLAIN).strip().strip(_QUOTES).strip()


def _problem(plain: str) -> tuple[str, str]:
    """Why a text is no number, and the interpretations proposed if there are any."""
    first = re.search(r"(?<![A-Za-z])[+-]?\.?[0-9]", plain)
    rest = plain[first.start() :].rstrip(".,;。") if first else ""
    if rest and _TEXT.fullmatch(rest):
        return said("number.needed"), rest
    separated = _SEPARATED.fullmatch(rest)
    if separated is None:
        return said("number.needed"), ""
    proposed = _proposed(separated)
    meant = said("or", names=proposed[0], last=proposed[1]) if proposed[1:] else "".join(proposed)
    odd = [said(name) for mark, name in _WITHIN.items() if mark in separated[2]]
    if odd and "," not in separated[2]:
        marks = said("or", names=odd[0], last=odd[1]) if odd[1:] else odd[0]
        return said("number.within", marks=marks), meant
    return said("number.commas"), meant


def _proposed(found: re.Match[str]) -> list[str]:
    """Numbers that may be meant where separators are odd: the last of them a decimal point, or all between groups."""
    sign, digits, unit = found[1], found[2], found[3] or ""
    parts, marks = re.split(r"[.,' _]+", digits), re.findall(r"[.,' _]+", digits)
    interpretations = []
    if marks[-1] in (",", ".") and marks.count(marks[-1]) == 1:
        interpretations.append("".join(parts[:-1]) + "." + parts[-1])
    grouped = all(len(part) == 3 for part in parts[1:]) or "." not in marks
    if len(set(marks)) == 1 and grouped and not parts[0].startswith("0"):
        interpretations.append("".join(parts))
    return [f"{sign}{one}{unit}" for one in interpretations]
