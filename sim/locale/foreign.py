"""What others say, in the reader's language: the system, Python's readers of TOML, CSV and JSON, pydantic.

They speak English only. Their sentences stand in ``en.toml`` (table ``foreign``) as they say them; one that is found there is
given as the other language has it, and one that is not stays as it is.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from sim.locale.language import ENGLISH, spoken
from sim.locale.words import Words

w: Final = Words("foreign")


def pattern(text: str) -> str:
    """A text with placeholders as what finds it."""
    return re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(text))


@cache
def _known() -> list[tuple[str, re.Pattern[str]]]:
    """Key and pattern of every sentence: those without placeholders, then those around another, then the longer first."""
    english = {key: w(key, ENGLISH) for key in w.keys()}  # noqa: SIM118
    keys = sorted(
        english, key=lambda key: ("{" in english[key], "{said}" not in english[key], -len(english[key]))
    )
    return [(key, re.compile(pattern(english[key]), re.DOTALL)) for key in keys]


def translated(sentence: object) -> str:
    """A sentence in the language that is spoken; as it is where it is not known."""
    text = str(sentence)
    if spoken() == ENGLISH:
        return text
    for key, known in _known():
        if found := known.fullmatch(text):
            parts = {
                name: translated(part) if name == "said" else part for name, part in found.groupdict().items()
            }
            return w(key, spoken(), **parts)
    return text


def reason(error: OSError) -> str:
    """Why the system refuses something."""
    return translated(error.strerror or error)
