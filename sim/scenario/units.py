"""Quantities written with a unit: ``window_days = "36 h"`` says the same as ``window_days = 1.5``.

A bare number is in the parameter's own unit (``sim show`` names it). A text must name its unit, and the unit
must measure the same thing: "36" for a number of days is refused, and so is "36 yuan".
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from sim.locale.language import said, spoken
from sim.scenario.numerals import numeral

Sizes = dict[str, Fraction]  # what a unit is worth, exactly: 15 s are 15, not 14.999999999999998

_DAY: Final = Fraction(1)
_TIME: Final[Sizes] = {
    "days": _DAY, "day": _DAY, "d": _DAY, "天": _DAY, "日": _DAY,
    "hours": _DAY / 24, "hour": _DAY / 24, "h": _DAY / 24, "小时": _DAY / 24,
    "minutes": _DAY / 1440, "minute": _DAY / 1440, "min": _DAY / 1440, "分钟": _DAY / 1440,
    "seconds": _DAY / 86400, "second": _DAY / 86400, "s": _DAY / 86400, "秒": _DAY / 86400,
    "weeks": _DAY * 7, "week": _DAY * 7, "周": _DAY * 7,
}  # fmt: skip
SHARE: Final[Sizes] = {
    "%": Fraction(1, 100), "percent": Fraction(1, 100), "‰": Fraction(1, 1000), "成": Fraction(1, 10),
}  # fmt: skip
MONEY: Final[Sizes] = {
    "yuan": Fraction(1), "元": Fraction(1),
    "万": Fraction(10**4), "万元": Fraction(10**4), "亿": Fraction(10**8), "亿元": Fraction(10**8),
    "m": Fraction(10**6), "million": Fraction(10**6), "m yuan": Fraction(10**6), "million yuan": Fraction(10**6),
    "bn": Fraction(10**9), "billion": Fraction(10**9), "bn yuan": Fraction(10**9), "billion yuan": Fraction(10**9),
}  # fmt: skip
# What courts count, as they write it behind a number: worth nothing.
COUNTED: Final = ("人次", "件次", "件", "宗", "案", "起", "次")
_OF_DAY: Final[Sizes] = {
    "days": _DAY, "clerk-days": _DAY, "hours": _DAY / 24, "minutes": _DAY / 1440, "seconds": _DAY / 86400,
}  # fmt: skip

# Units of parameters as Chinese readers see them.
CHINESE: Final = {
    "": "", "areas": "个", "cases": "件", "clerk-days": "人日", "clerks a court": "人/院", "people a lot and round": "人/件·拍次",
    "courts": "家", "days": "天", "exponent": "指数", "hours": "小时", "log points": "对数点", "log points or multiple": "对数点或倍数",
    "log points per log point": "弹性", "lots": "件", "minutes": "分钟", "multiple": "倍", "multiple of today's": "现状的倍数",
    "per day": "每天", "per year": "每年", "persons": "人次", "probability": "概率", "replications": "次", "seconds": "秒",
    "share": "比例", "share a person": "比例/人", "share of bidders": "占竞买人",
    "share of potential bidders": "占潜在竞买人", "share of courts": "占法院", "share of lots": "占标的物", "share of market value": "占市场价值",
    "share of previous start": "占前次起拍价", "share of reference price": "占参考价", "share of remaining steps": "占剩余档数",
    "share of start": "占起拍价", "size k": "参数k", "steps": "档", "weight": "权重", "yuan": "元",
}  # fmt: skip


def quantity(text: str, unit: str) -> float:
    """The number that ``text`` means in ``unit``, exactly. Raises ``ValueError`` saying what is allowed."""
    try:
        written = numeral(text)
    except ValueError as error:
        raise ValueError(said("unit", said=error, unit=in_words(unit) or said("no_unit"))) from None
    table, own = _measures(unit)
    if not written.unit:
        raise ValueError(
            said("unit.missing", unit=in_words(unit), names=_few(table))
            if table
            else said("unit.bare", number=f"{float(written.number):g}")
        )
    size = sized(written.unit, table)
    if size is None:
        problem = said("unit.not", named=repr(written.unit), unit=in_words(unit) or said("unit.none"))
        raise ValueError(
            said("unit.allowed", said=problem, names=_few(table)) if table else said("unit.no", said=problem)
        )
    return float(Fraction(written.number) * size / own)


def in_words(unit: str) -> str:
    """A parameter's unit in the language of the messages."""
    return CHINESE.get(unit, unit) if spoken() == "zh" else unit


def sized(named: str, table: Sizes) -> Fraction | None:
    """What a unit is worth, however its letters are written; None if the table has no such unit."""
    return table.get(named, table.get(named.lower()))


def _few(table: Sizes) -> str:
    """Units to name in a message: one spelling of each."""
    return said("join").join(
        {size: name for name, size in reversed(table.items()) if name.isascii()}.values()
    )


def _measures(unit: str) -> tuple[Sizes, Fraction]:
    """Units in which a parameter may be given, and the size of its own."""
    if unit in _OF_DAY:
        return _TIME, _OF_DAY[unit]
    if unit == "yuan":
        return MONEY, Fraction(1)
    if unit.startswith("share") or unit == "probability":
        return SHARE, Fraction(1)
    return {}, Fraction(1)
