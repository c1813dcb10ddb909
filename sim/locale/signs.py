"""Signs that a language puts between words and about numbers: units of money, lists, clauses, brackets."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache, reduce
from typing import Final

from sim.locale.words import LANGUAGES, Words

_signs: Final = Words("signs")


@lru_cache(maxsize=len(LANGUAGES))
def units(lang: str) -> tuple[tuple[float, str], ...]:
    """Units of money, largest first: yuan a unit, and what stands behind the number. Written ``1e8=亿/1e4=万/1=``."""
    pairs = (one.partition("=") for one in _signs("units", lang).split("/"))
    return tuple((float(size), name) for size, _, name in pairs)


def amount(number: str, lang: str, unit: str = "") -> str:
    """An amount of money, the sign of its number before everything else: -¥1.2 bn, -1.2亿元."""
    sign = number[:1] if number[:1] in ("+", "-", "±") else ""
    return sign + _signs("amount", lang, number=number.removeprefix(sign) + unit)


def tick(number: str, lang: str, unit: str = "") -> str:
    """An amount of money on an axis, whose title says the rest."""
    return _signs("tick", lang, number=number + unit)


def listed(parts: Iterable[str], lang: str) -> str:
    """Words beside one another: a, b."""
    return _signs("list", lang).join(parts)


def clauses(parts: Iterable[str], lang: str) -> str:
    """Parts of a sentence: a; b."""
    return _signs("clauses", lang).join(parts)


def sentences(parts: Iterable[str], lang: str) -> str:
    """Whole sentences one after another."""
    return reduce(lambda first, second: _signs("then", lang, first=first, second=second), parts)


def ended(text: str, lang: str) -> str:
    """A sentence with its full stop."""
    return text + _signs("stop", lang)


def bracketed(text: str, inside: str, lang: str) -> str:
    """A word and what stands in brackets behind it."""
    return _signs("brackets", lang, text=text, inside=inside)


def headed(head: str, text: str, lang: str) -> str:
    """What a sentence is about, and the sentence: a: b."""
    return head + _signs("colon", lang) + text
