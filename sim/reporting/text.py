"""What tables and pictures say; what measures and rounds are called stands with their definitions."""

from __future__ import annotations

from typing import Final

from sim.locale.words import LANGUAGES, Words
from sim.measures.definitions import ROUND_NAMES, definitions

t: Final = Words("report")
_KNOWN: Final = definitions(list(ROUND_NAMES))


def name_of(measure: str, lang: str) -> str:
    """What people call a measure, everywhere; its identifier where a scenario's own round makes it one we do not know."""
    definition = _KNOWN.get(measure)
    if definition is None:
        return measure
    return definition.zh if lang == "zh" else definition.en


def quantity_name(quantity: str, lang: str, words: Words) -> str:
    """What people call something that could be asked for: a measure, or what ``words`` call it."""
    key = f"quantity.{quantity}"
    return words(key, lang) if key in words else name_of(quantity, lang)


def round_name(name: str, lang: str) -> str:
    """What people call a round; a scenario's own rounds go by the names it gives them."""
    return ROUND_NAMES[name][LANGUAGES.index(lang)] if name in ROUND_NAMES else name


def known(key: str, lang: str, otherwise: str) -> str:
    """The words for ``key``, or ``otherwise``: for names that a scenario may invent."""
    return t(key, lang) if key in t else otherwise


def headline(words: str) -> str:
    """A capital first letter; Chinese is left as it is."""
    return words[:1].upper() + words[1:]
