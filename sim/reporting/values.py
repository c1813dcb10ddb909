"""A measure's value as people read it, by the kind that its definition names."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from sim.locale.signs import tick
from sim.locale.words import Words
from sim.reporting import formats
from sim.reporting.text import round_name, t
from sim.scenario.describe import parameter
from sim.scenario.keys import Key, read_key, undated, write_key
from sim.scenario.schema import Kind
from sim.scenario.units import CHINESE

_METHODS: Final = Words("lot_history")  # which names the pricing methods
COUNTED = (
    "areas",
    "cases",
    "courts",
    "days",
    "hours",
    "lots",
    "minutes",
    "persons",
    "seconds",
)  # units that follow a number


def value(kind: str, x: float, lang: str) -> str:
    """One number: 1,243; 37.4%; 8.90亿元; 49.8."""
    if not math.isfinite(x):
        return formats.NOTHING
    if kind == "yuan":
        return formats.money(x, lang)
    if kind == "rate":
        return formats.percent(x)
    if kind == "count":
        return formats.count(x)
    return f"{x:z,.1f}" if kind == "days" else f"{x:z,.2f}"


def difference(kind: str, x: float, lang: str) -> str:
    """A signed number; a difference of shares is in percentage points."""
    if not math.isfinite(x):
        return formats.NOTHING
    share = kind == "rate"
    words = t("points.short", lang, x=f"{100 * abs(x):.1f}") if share else value(kind, abs(x), lang)
    nothing = not any(c in "123456789" for c in words)
    return words if nothing else f"{'+' if x > 0 else '−'}{words}"


def with_range(kind: str, row: Mapping[str, Any], lang: str, low: str = "low", high: str = "high") -> str:
    """Mean and interval: 37.4% [35.0–41.2]."""
    text = value(kind, row["mean"], lang)
    if text == formats.NOTHING or not (math.isfinite(row[low]) and math.isfinite(row[high])):
        return text
    if kind == "yuan":
        return formats.interval("turnover", row["mean"], row[low], row[high], lang)
    ends = [value(kind, row[name], lang).removesuffix("%") for name in (low, high)]
    return f"{text} [{ends[0]}–{ends[1]}]"


def key_name(key: str, lang: str) -> str:
    """A parameter's key; in Chinese after what people call it."""
    declared = parameter(read_key(key)) if lang == "zh" else None
    return f"{declared.zh} ({key})" if declared and declared.zh else key


def short_name(key: Key, lang: str, kinds: Mapping[str, Kind] | None = None) -> str:
    """A parameter in two or three words, with what it belongs to: second auction cut, start ratio; 二拍降价幅度. ``kinds``: the scenario's."""
    table, *rest = undated(key) or key
    declared = parameter(key)
    if declared is None or not rest:
        return write_key(key)
    *owner, last = (_owner(table, one, lang) for one in rest)
    if table == "kinds" and lang == "zh" and kinds and rest[0] in kinds:
        owner[:1] = [kinds[rest[0]].name_zh]
    if lang == "zh" and declared.zh:
        return "".join([*owner, declared.zh])
    return " ".join([*(owner or [table]), last]).replace("_", " ")


def dated_name(key: Key, lang: str, kinds: Mapping[str, Kind] | None = None) -> str:
    """The same, with the day from which it holds, if it has one."""
    name = short_name(key, lang, kinds)
    return name if undated(key) == key else t("from_day", lang, name=name, day=key[1])


def _owner(table: str, name: str, lang: str) -> str:
    """What a parameter belongs to, in words where it has some: a round, a pricing method."""
    if table == "rounds":
        return round_name(name, lang)
    known = table == "pricing" and f"method.{name}" in _METHODS
    return _METHODS(f"method.{name}", lang) if known else name


def parameter_value(key: Key, x: Any, lang: str) -> str:
    """A parameter's value as people write it, with its unit: 60%, 10 days, ¥5 k; yes or no; a name as it is."""
    if x is None:
        return formats.NOTHING
    if isinstance(x, bool):
        return t("yes" if x else "no", lang)
    if not isinstance(x, int | float):
        return str(x)
    declared = parameter(key)
    unit = declared.unit if declared else ""
    if unit.startswith("share") or unit == "probability":
        return f"{100 * x:.4g}%"
    if unit == "yuan":
        return formats.money(float(x), lang)
    words = CHINESE[unit] if lang == "zh" else unit
    return t("number.unit", lang, number=f"{x:,.6g}", unit=words) if unit in COUNTED else f"{x:,.6g}"


def setting(key: Key, x: Any, lang: str, kinds: Mapping[str, Kind] | None = None) -> str:
    """A parameter and its value, in words: start ratio 60%; 起拍率为60%. ``kinds``: the scenario's."""
    return t("setting", lang, name=short_name(key, lang, kinds), value=parameter_value(key, x, lang))


def tick_writer(kind: str, lang: str) -> Callable[[float], str]:
    """Writes ticks of an axis of this kind."""

    def write(x: float) -> str:
        if x == 0:
            return "0"
        if kind == "yuan":
            size, unit = formats.unit(x, lang)
            return tick(f"{x / size:,.5g}", lang, unit)
        return f"{100 * x:,.4g}%" if kind == "rate" else f"{x:,.5g}"

    return write
