"""Quantities written with a unit: ``window_days = "36 h"`` says the same as ``window_days = 1.5``.

A bare number is in the parameter's own unit (``sim show`` names it). A text must name its unit, and the unit
must measure the same thing: "36" for a number of days is refused, and so is "36 yuan".
"""

from __future__ import annotations

import re
from typing import Final

_TIME: Final = {
    "days": 1.0, "day": 1.0, "d": 1.0, "天": 1.0, "日": 1.0,
    "hours": 1 / 24, "hour": 1 / 24, "h": 1 / 24, "小时": 1 / 24,
    "minutes": 1 / 1440, "minute": 1 / 1440, "min": 1 / 1440, "分钟": 1 / 1440,
    "seconds": 1 / 86400, "second": 1 / 86400, "s": 1 / 86400, "秒": 1 / 86400,
    "weeks": 7.0, "week": 7.0, "周": 7.0,
}  # fmt: skip
_SHARE: Final = {"%": 0.01, "percent": 0.01, "成": 0.1}
_MONEY: Final = {"yuan": 1.0, "元": 1.0, "万元": 1e4, "亿元": 1e8, "m yuan": 1e6, "bn yuan": 1e9}
_OF_DAY: Final = {"days": 1.0, "clerk-days": 1.0, "minutes": 1 / 1440, "seconds": 1 / 86400}
_TEXT: Final = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*")


def quantity(text: str, unit: str) -> float:
    """The number that ``text`` means in ``unit``. Raises ``ValueError`` saying what is allowed."""
    found = _TEXT.fullmatch(text)
    if found is None:
        raise ValueError(f"a number is needed ({unit or 'no unit'})")
    number, named = float(found[1]), found[2]
    table, own = _measures(unit)
    if not named:
        raise ValueError(f"the unit is missing: write a bare number ({unit}), or name one of {_few(table)}")
    if named not in table:
        raise ValueError(
            f"{named!r} is not a unit of this parameter ({unit or 'none'})"
            + (f"; allowed: {_few(table)}" if table else "; write a bare number")
        )
    return number * table[named] / own


def _few(table: dict[str, float]) -> str:
    """Units to name in a message: one spelling of each."""
    return ", ".join({size: name for name, size in reversed(table.items()) if name.isascii()}.values())


def _measures(unit: str) -> tuple[dict[str, float], float]:
    """Units in which a parameter may be given, and the size of its own."""
    if unit in _OF_DAY:
        return _TIME, _OF_DAY[unit]
    if unit == "yuan":
        return _MONEY, 1.0
    if unit.startswith("share") or unit == "probability":
        return _SHARE, 1.0
    return {}, 1.0
