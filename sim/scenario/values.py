"""Values as people give them in a text: after ``--set key=``, on an axis, in a cell of a table.

A value is written as in TOML. What is no TOML is taken as the parameter's type has it: a number as people write it,
``True`` and ``TRUE`` as spreadsheets write them, ``2.0`` where a whole number is needed, a clock time; else it is text.
"""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from math import isfinite
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel

from sim.scenario.keys import Key, undated
from sim.scenario.numerals import numeral
from sim.scenario.parts import given
from sim.scenario.schema import Scenario

_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)


def type_of(key: Key) -> Any:
    """The type that the schema declares for the value at ``key``; None where it knows no such key."""
    here: Any = Scenario
    for name in undated(key):
        if get_origin(here) is dict:  # names that the user chooses
            here = get_args(here)[1]
        elif isinstance(here, type) and issubclass(here, BaseModel) and name in here.model_fields:
            here = given(here.model_fields[name].annotation)
        else:
            return None
    return here


def is_text(kind: Any) -> bool:
    """Whether values of a type are words: no range of them can be meant."""
    return kind is str or get_origin(kind) is Literal


def read_value(text: str, key: Key) -> Any:
    """What ``text`` gives for the parameter at ``key``; whether it is allowed there is for the schema to say."""
    return read_as(type_of(key), text)


def read_as(kind: Any, text: str) -> Any:
    """What ``text`` gives for a parameter of this type (None: of any)."""
    plain = text.strip()
    if kind is float and _DECIMAL.fullmatch(plain):
        return float(plain)  # nearly all that stands in a table
    value = _toml(plain)
    if is_text(kind):
        return value if isinstance(value, str) else plain
    if kind is bool and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if kind in (int, float) and isinstance(value, str):
        value = _number(value)
    if kind is int and isinstance(value, float | Decimal) and isfinite(value) and value == int(value):
        return int(value)
    return float(value) if isinstance(value, Decimal) else value


def _toml(text: str) -> Any:
    """One TOML value and nothing behind it, not even a comment; else the text."""
    if "\n" in text or "\r" in text or text.endswith(","):
        return text
    try:
        value, inside = (tomllib.loads(f"x = {one}")["x"] for one in (text, f"[{text}]"))
    except (ValueError, RecursionError):
        return text
    return value if len(inside) == 1 else text


def _number(text: str) -> str | Decimal:
    """The number that a text is without a unit; else the text."""
    try:
        written = numeral(text)
    except ValueError:
        return text
    return text if written.unit else written.number
