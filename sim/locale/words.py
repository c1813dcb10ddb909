"""The one look-up of what people read: a key in ``en.toml`` and ``zh.toml``, in a table for each part of the program."""

from __future__ import annotations

import tomllib
from collections.abc import KeysView
from functools import lru_cache
from importlib.resources import files
from typing import Final

from sim.locale.numbers import filled

LANGUAGES: Final = ("en", "zh")


def other(lang: str) -> str:
    """The other language."""
    return LANGUAGES[1 - LANGUAGES.index(lang)]


@lru_cache(maxsize=len(LANGUAGES))
def texts(lang: str) -> dict[str, dict[str, str]]:
    """All texts of a language, table by table; read once."""
    return tomllib.loads(files("sim.locale").joinpath(f"{lang}.toml").read_text(encoding="utf-8"))


class Words:
    """Texts of one table, else of those that it shares with others."""

    def __init__(self, table: str, *shared: str) -> None:
        self.tables = (table, *shared)

    def __call__(self, key: str, lang: str, **values: object) -> str:
        """The text of a key, its placeholders filled; an unknown key or language is a mistake in the code and raises."""
        every = texts(lang)
        found = next((every[table][key] for table in self.tables if key in every[table]), None)
        if found is None:
            raise KeyError(f"{key} is in none of {', '.join(self.tables)} of sim/locale/{lang}.toml")
        return filled(found, **values) if values else found

    def __contains__(self, key: str) -> bool:
        return any(key in texts(LANGUAGES[0])[table] for table in self.tables)

    def keys(self) -> KeysView[str]:
        """Keys of the table itself."""
        return texts(LANGUAGES[0])[self.tables[0]].keys()
