"""The text of a TOML file as people save it: bytes to text, text to a tree, and what was probably meant where either fails."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from sim.locale.foreign import translated
from sim.locale.language import said
from sim.scenario.errors import visible
from sim.scenario.numerals import NotANumeralError, numeral

_MARKS: Final = {"“": '"', "”": '"', "„": '"', "＂": '"', "‘": "'", "’": "'", "＇": "'"}
_SIGNS: Final = {"＝": "=", "［": "[", "］": "]", "｛": "{", "｝": "}", "，": ",", "．": ".", "＃": "#"}
_HEAD: Final = re.compile(r"\s*(\[\[?)([^\]]*)(\]\]?)\s*(?:#.*)?")
_PAIR: Final = re.compile(r"\s*([^=\"']*[^=\"'\s])\s*=\s*(?=[^\s\"'\[{#])([^#]*[^#\s])\s*(?:#.*)?")
_DATE: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_STRING: Final = re.compile(r'"[^"]*"|' + r"'[^']*'")
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")


class TextError(ValueError):
    """A file that is no text, or no TOML. ``hint``: what was probably meant."""

    def __init__(self, problem: str, hint: str = "") -> None:
        super().__init__(problem)
        self.hint = hint


def decoded(data: bytes) -> str:
    """The text of a file in UTF-8, a byte order mark in front passed over. Raises ``TextError``."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        found = "UTF-16" if data.startswith(_UTF_16) else "GBK" if _is_gbk(data) else ""
        hint = said("text.seems", found=found) if found else said("text.save")
        raise TextError(said("text.utf8"), hint) from None


def _is_gbk(data: bytes) -> bool:
    """Whether bytes are text in the encoding that Chinese editors and spreadsheets save by default."""
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return all(c.isprintable() or c in "\t\r\n" for c in text)


def parsed(text: str, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """The tree that a TOML text holds, its texts fit to be shown. Raises ``TextError``."""
    try:
        tree: dict[str, Any] = shown(_tree(text, parse_float))
        return tree
    except RecursionError:
        raise TextError(said("text.deep")) from None
    except ValueError as error:  # tomllib's own, or a date such as 2017-13-45
        at = re.search(r"at line (\d+)", str(error))
        lines = text.splitlines()
        line = lines[int(at[1]) - 1] if at and int(at[1]) <= len(lines) else ""
        raise TextError(said("text.toml", why=translated(error)), visible(_meant(line))) from None


@lru_cache(maxsize=32)
def _tree(text: str, parse_float: Callable[[str], Any]) -> dict[str, Any]:
    """As read, to be copied by whoever changes it. A comparison over draws reads its few files once a draw and policy."""
    return tomllib.loads(text, parse_float=parse_float)


def shown(value: Any) -> Any:
    """A copy of ``value`` whose texts may reach a terminal or a page: an escape code is shown as its code, not sent, and
    lines are joined. Names of keys stay: where they are free they are checked, and messages quote them.
    """
    if isinstance(value, dict):
        return {name: shown(inner) for name, inner in value.items()}
    if isinstance(value, str):
        return value if value.isprintable() else "".join(_shown(c) for c in value)
    return [shown(inner) for inner in value] if isinstance(value, list) else value


def _shown(character: str) -> str:
    if character in "\t\r\n":
        return " "
    return character if unicodedata.category(character) == "Zs" else visible(character)


def _meant(line: str) -> str:
    """What was probably meant by a line that is no TOML; empty if nothing is seen."""
    outside = _STRING.sub("", line)
    for table, what in ((_MARKS, "text.marks"), (_SIGNS, "text.signs")):
        odd = [one for one in table if one in outside]
        if odd:
            plain = " ".join(dict.fromkeys(table[one] for one in odd))
            return said(what, odd=" ".join(odd), plain=plain)
    head, pair = _HEAD.fullmatch(line), _PAIR.fullmatch(line)
    if head is not None:
        key = _key(head[2])
        return said("meant.value", name=f"{head[1]}{key}{head[3]}") if key != head[2] else ""
    if pair is None:
        return ""
    key = _key(pair[1])
    return said("meant.value", name=f"{key} = ...") if key != pair[1] else _of_value(pair[2])


def _key(text: str) -> str:
    """A key with quotation marks around the names that need them."""
    names = [name.strip() for name in text.split(".")]
    return ".".join(
        name if _BARE.fullmatch(name) or _STRING.fullmatch(name) else f'"{name}"' for name in names
    )


def _of_value(value: str) -> str:
    """How a value should be written that stands without quotation marks."""
    day = _DATE.fullmatch(value)
    if day is not None:
        meant = f"{day[1]}-{int(day[2]):02}-{int(day[3]):02}"
        return said("meant.value", name=meant) if meant != value else ""
    try:
        written = numeral(value)
    except NotANumeralError as error:
        return str(error) if error.meant else said("text.quotes", value=value)
    if written.unit:
        return said("meant.quoted", value=value)
    return said("meant.value", name=written.number)
