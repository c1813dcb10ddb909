"""The language in which the program speaks: that of ``--lang``, else of SIM_LANG, else of the locale."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from sim.locale.words import LANGUAGES, Words

ENGLISH, CHINESE = LANGUAGES
_errors: Final = Words("errors")
_spoken: list[str] = []  # by the commands that are under way, the last one counts
_answering: ContextVar[str] = ContextVar("answering", default="")  # to one of several readers at once


def spoken() -> str:
    """The language of messages now."""
    return _answering.get() or (_spoken[-1] if _spoken else usual())


def usual() -> str:
    """The language where no option names one: that of SIM_LANG, else of the locale. Chinese where there is none, or only that
    of a machine (C, POSIX).
    """
    chosen = os.environ.get("SIM_LANG", "")
    if chosen in LANGUAGES:
        return chosen
    named = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next((name for name in named if name), "C")
    if locale.startswith("zh") or locale.partition(".")[0] in ("C", "POSIX"):
        return CHINESE
    return ENGLISH


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Mistakes found in here are reported in this language."""
    _spoken.append(lang)
    try:
        yield
    finally:
        _spoken.pop()


@contextmanager
def spoken_by_all(lang: str) -> Iterator[None]:
    """The same, and in the processes that are started in here: they find it in the environment."""
    before = os.environ.get("SIM_LANG")
    if before is None or before in LANGUAGES:  # what is no language is refused by the command itself
        os.environ["SIM_LANG"] = lang
    try:
        with speaking(lang):
            yield
    finally:
        if before is None:
            os.environ.pop("SIM_LANG", None)
        else:
            os.environ["SIM_LANG"] = before


@contextmanager
def answering(lang: str) -> Iterator[None]:
    """Messages made in here, by this thread or task alone, are in this language: others answer other readers meanwhile."""
    token = _answering.set(lang)
    try:
        yield
    finally:
        _answering.reset(token)


def said(key: str, **values: object) -> str:
    """What table ``errors`` says of a mistake, in the language that is spoken."""
    return _errors(key, spoken(), **values)
