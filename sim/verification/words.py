"""What the verification says."""

from __future__ import annotations

import re
from typing import Final

from sim.locale.language import ENGLISH
from sim.locale.signs import clauses, headed, listed
from sim.locale.words import Words

w: Final = Words("verification")
_UNIT: Final = re.compile(r"(?<=\d) (d|rounds?)\b")  # stands at its number
_WORD: Final = re.compile(r"(?<![^\W\d_])[a-z]+(?![^\W\d_])")
_COMMA: Final = re.compile(r", (?![^(]*\))")  # not of several numbers in brackets


def quantity(name: str, lang: str) -> str:
    """What a quantity is called; a number at the end is that of a round."""
    if name in w:
        return w(name, lang)
    stem, _, number = name.rpartition("_")
    return w({"sold_by": "sold_by", "price": "price_at", "alone": "alone_at"}[stem], lang, n=number)


def case_name(name: str, lang: str) -> str:
    """What a case is called: its words in the reader's language, symbols and numbers as they are."""
    if lang == ENGLISH:
        return name
    found = _UNIT.sub(lambda word: w(f"case.{word[1]}", lang), name)
    found = _WORD.sub(lambda word: w(f"case.{word[0]}", lang) if f"case.{word[0]}" in w else word[0], found)
    parts = [listed(_COMMA.split(one), lang) for one in found.split("; ")]
    head, between, rest = clauses(parts, lang).partition(": ")
    return headed(head, rest, lang) if between else head
