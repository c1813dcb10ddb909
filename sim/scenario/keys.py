"""Keys of parameters, as tuples of names and as text: ``kinds."a.b".share`` is ``("kinds", "a.b", "share")``.

A name of letters, digits, ``_`` and ``-`` stands as it is, any other in quotation marks, as in TOML; Chinese letters are
taken without them. A key may stand in the table of a date, ``from.2018-09-01.rounds.second.cut``: the value from that day on.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any, Final

from sim.locale.language import said

Key = tuple[str, ...]
FROM: Final = "from"  # the table of tables that hold from a date on
DEEPEST: Final = 20  # names in a key; the schema has four
_ODD: Final = r"\x00-\x1f\x7f\ud800-\udfff"
_NAME: Final = rf"""(?:[\w-]+|"(?:[^"\\{_ODD}]|\\[^{_ODD}])*"|'[^'{_ODD}]*')"""
_KEY: Final = re.compile(rf"\s*{_NAME}(?:\s*\.\s*{_NAME})*\s*")
_EACH: Final = re.compile(_NAME)
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


def read_key(text: str) -> Key:
    """The key that a text names. Raises ``ValueError``."""
    if not _KEY.fullmatch(text):
        raise ValueError(said("key.not"))
    key = tuple(_name(found[0]) for found in _EACH.finditer(text))
    if len(key) > DEEPEST:
        raise ValueError(said("key.long", n=len(key), most=DEEPEST))
    return key


def read_assignment(text: str) -> tuple[Key, str]:
    """The key and the rest of ``key=rest``; a key may hold ``=`` within quotation marks. Raises ``ValueError``."""
    found = _KEY.match(text)
    if not found or text[found.end() : found.end() + 1] != "=":
        raise ValueError(said("key.not"))
    return read_key(found[0]), text[found.end() + 1 :]


def write_key(key: Key) -> str:
    """A key as ``read_key`` takes it: one text for each key."""
    return ".".join(name if _BARE.fullmatch(name) else _quoted(name) for name in key)


def overlap(one: Key, other: Key) -> bool:
    """Whether two keys hold a value in common: they are the same, or one is of a table that holds the other."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def undated(key: Key) -> Key:
    """The key of the parameter itself, without the date from which a value holds."""
    return key[2:] if key[:1] == (FROM,) else key


def laid_over(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """``under`` with ``over`` on top: tables merge, everything else replaces. A copy as deep as ``over`` goes."""
    out = dict(under)
    for name, value in over.items():
        old = out.get(name)
        out[name] = (
            laid_over(old if isinstance(old, dict) else {}, value) if isinstance(value, dict) else value
        )
    return out


def displaces(one: Key, other: Key) -> bool:
    """Whether a value of ``one`` takes the place of one of ``other``: a value without a date holds at all times."""
    dated = other[:1] == (FROM,) and one[:1] != (FROM,)
    return overlap(one, undated(other) if dated else other)


def tree_of(key: Key, value: Any) -> dict[str, Any]:
    """A tree with one leaf."""
    tree: Any = value
    for name in reversed(key):
        tree = {name: tree}
    return dict(tree)


def lay_in(under: dict[str, Any], over: Mapping[str, Any]) -> None:
    """Lay a tree over another, in place: tables merge, everything else replaces."""
    for name, value in over.items():
        if isinstance(value, Mapping) and isinstance(under.get(name), dict):
            lay_in(under[name], value)
        else:
            under[name] = value


def _name(text: str) -> str:
    if text[0] not in "\"'":
        return text
    try:
        return str(tomllib.loads(f"x = {text}")["x"])
    except ValueError:  # an escape that TOML does not know
        raise ValueError(said("key.not")) from None


def _quoted(name: str) -> str:
    """A name in quotation marks, as TOML has it; what cannot be seen as its code."""
    plain = name.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in plain) + '"'
