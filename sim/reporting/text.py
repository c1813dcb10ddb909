"""What tables and pictures say; what measures and rounds are called stands with their definitions."""

from __future__ import annotations

from typing import Final

from sim.locale.words import LANGUAGES, Words
from sim.measures.definitions import DEFINITIONS, ROUND_NAMES

t: Final = Words("report")


def name_of(measure: str, lang: str) -> str:
    """What people call a measure; its identifier where a scenario's own round makes it one we do not know."""
    definition = DEFINITIONS.get(measure)
    if definition is None:
        return measure
    return definition.zh if lang == "zh" else definition.en


def round_name(name: str, lang: str) -> str:
    """What people call a round; a scenario's own rounds go by the names it gives them."""
    return ROUND_NAMES[name][LANGUAGES.index(lang)] if name in ROUND_NAMES else name


def known(key: str, lang: str, otherwise: str) -> str:
    """The words for ``key``, or ``otherwise``: for names that a scenario may invent."""
    return t(key, lang) if key in t else otherwise


def headline(words: str) -> str:
    """A capital first letter; Chinese is left as it is."""
    return words[:1].upper() + words[1:]
