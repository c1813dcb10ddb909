"""Where values come from, in the reader's language: files name sources once, in English, and ``sources.toml`` has the Chinese.

A source that is not known there stays as its file has it.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Final

from sim.locale.foreign import pattern

ENGLISH: Final = "en"


@cache
def sources() -> dict[str, str]:
    """English -> Chinese, in the order in which they are tried; ``{rest}`` stands for anything."""
    text = files("sim.locale").joinpath("sources.toml").read_text(encoding="utf-8")
    found: dict[str, str] = tomllib.loads(text)["sources"]
    return found


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(pattern(en), re.DOTALL), zh) for en, zh in sources().items() if "{" in en]


def source_in(text: str, lang: str) -> str:
    """A source in a language; as it stands where it is not known."""
    if lang == ENGLISH:
        return text
    if text in sources():
        return sources()[text]
    for known, zh in _patterns():
        if found := known.fullmatch(text):
            parts = {name: sources().get(part, part) for name, part in found.groupdict().items()}
            return zh.format(**parts)
    return text
