"""The language of messages about mistakes: what a command speaks, else that of SIM_LANG, else English."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sim.locale.words import LANGUAGES, Words

ENGLISH: Final = LANGUAGES[0]
_errors: Final = Words("errors")
_spoken: list[str] = []  # by the commands that are under way, the last one counts


def spoken() -> str:
    """The language of messages now."""
    if _spoken:
        return _spoken[-1]
    chosen = os.environ.get("SIM_LANG", "")
    return chosen if chosen in LANGUAGES else ENGLISH


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Mistakes found in here are reported in this language."""
    _spoken.append(lang)
    try:
        yield
    finally:
        _spoken.pop()


def said(key: str, **values: object) -> str:
    """What table ``errors`` says of a mistake, in the language that is spoken."""
    return _errors(key, spoken(), **values)
