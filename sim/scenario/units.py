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

# Units of parameters as Chinese readers see them.
CHINESE: Final = {
    "": "", "areas": "个", "cases": "件", "clerk-days": "人日", "clerks a court": "人/院", "comers a lot and round": "人/件·拍次",
    "courts": "家", "days": "天", "exponent": "指数", "hours": "小时", "log points": "对数点", "log points or multiple": "对数点或倍数",
    "log points per log point": "弹性", "lots": "件", "minutes": "分钟", "multiple": "倍", "multiple of today's": "现状的倍数",
    "per day": "每天", "per year": "每年", "persons": "人次", "probability": "概率", "replications": "次", "seconds": "秒",
    "share": "比例", "share a comer": "比例/人", "share of all comers": "占全部来客", "share of bidders": "占竞买人",
    "share of comers": "占来客", "share of courts": "占法院", "share of lots": "占标的物", "share of market value": "占市场价值",
    "share of previous start": "占前次起拍价", "share of reference price": "占参考价", "share of remaining steps": "占剩余档数",
    "share of start": "占起拍价", "size k": "参数k", "weight": "权重", "yuan": "元",
}  # fmt: skip


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
