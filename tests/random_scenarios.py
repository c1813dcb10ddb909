"""Scenarios drawn over every parameter of the schema, ends of the allowed ranges included; their arrivals are few.

What is drawn follows from the declarations: a parameter that is added is drawn too.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any, get_args, get_origin

import numpy as np
from conftest import ROOT
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sim.scenario import ScenarioError, load
from sim.scenario.files import leaves, read
from sim.scenario.keys import FROM, laid_over, overlap, tree_of
from sim.scenario.load import Loaded, Overlay
from sim.scenario.parts import given
from sim.scenario.schema import Scenario, misdated
from sim.scenario.validate import limits, part_of

BASE = ROOT / "scenarios" / "base.toml"
BUSIEST = 40_000.0  # people of a finite market, bidders of all lots: more only takes longer
SMALLEST = 5e-324  # the least number above 0
TEXTS = ("any", "never", "10:00", "23:59", "01-01", "02-29", "12-31")  # some of them fit any pattern
NAMES = ("a", "a.b", "2017/H1", "=1+1", "一", "x y", "-")


def drawn(rng: np.random.Generator, dated: bool = True) -> Loaded | None:
    """A scenario that ``sim check`` accepts; None where what was drawn is refused, or would take too long.

    ``dated``: values may change at dates.
    """
    try:
        found = load(BASE, overlays=[Overlay("drawn", overlay(rng, dated))])
    except ScenarioError:
        return None
    s = found.scenario
    lots = s.arrivals.volume * sum(period.lots for period in s.arrivals.periods.values())
    interest = s.interest.mean * sum(kind.interest for kind in s.kinds.values())
    people = 0.0
    if s.finite_market.patience_days:
        people = s.finite_market.people((s.time.end - s.time.start).days, interest)
    interested = max(
        one.interest.mean
        * sum(k.interest for k in one.kinds.values())
        * sum(r.interest for r in one.rounds.values())
        for _, one in s.periods
    )
    return found if max(people, lots * interested) <= BUSIEST else None


def overlay(rng: np.random.Generator, dated: bool = True) -> dict[str, Any]:
    """Values to lay over the base: of few parameters, of many, or of all."""
    out = _table(rng, Scenario, read(BASE), float(rng.choice([0.03, 0.1, 0.4, 1.0])), ())
    if out["finite_market"]["patience_days"]:
        out["finite_market"]["stagger_days"] = float(rng.choice([0.0, 0.0, SMALLEST, 7.0, 365.0]))
    if dated and rng.random() < 0.4:
        out[FROM] = _dates(rng, out)
    return out


def _dates(rng: np.random.Generator, over: dict[str, Any]) -> dict[str, Any]:
    """Some values, of those that may, change on one day or several."""
    base = laid_over(read(BASE), over)
    for table in ("pricing", "kinds", "rounds", "platforms"):
        base[table] = {
            name: one for name, one in base[table].items() if one is not False
        }  # which takes it out
    start, days = base["time"]["start"], (base["time"]["end"] - base["time"]["start"]).days
    tables: dict[str, Any] = {}
    for _ in range(int(rng.integers(1, 4))):
        day = str(start + timedelta(days=int(rng.choice([0, days, rng.integers(0, min(days, 365) + 1)]))))
        drawn = _table(rng, Scenario, base, 1.0, ())
        stays = [key[2:] for key, _, _ in misdated(base, {day: drawn})]
        may = [key for key in leaves(drawn) if not any(overlap(key, one) for one in stays)]
        some = rng.choice(len(may), int(rng.integers(1, 6)), replace=False)
        for key in (may[i] for i in some):
            value = drawn
            for name in key:
                value = value[name]
            tables = laid_over(tables, tree_of((day, *key), value))
    return tables


def _table(
    rng: np.random.Generator, model: type[BaseModel], base: dict[str, Any], share: float, at: tuple[str, ...]
) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        key, part = (*at, name), part_of(info.annotation)
        if info.alias == FROM or (part is not None and name not in base):  # a part that may be left out
            continue
        if part is not None and get_origin(info.annotation) is dict:
            out[name] = _named(rng, part, base.get(name, {}), share, key)
        elif part is not None:
            out[name] = _table(rng, part, base[name], share, key)
        elif key in TAME:
            out[name] = TAME[key](rng)
        elif rng.random() < share:
            out[name] = _value(rng, info, base.get(name))
    return out


def _named(
    rng: np.random.Generator, part: type[BaseModel], base: dict[str, Any], share: float, at: tuple[str, ...]
) -> dict[str, Any]:
    """A table of named parts: those of the base drawn anew, some taken out, some added under odd names."""
    out: dict[str, Any] = {}
    for name, inner in base.items():
        taken_out = len(base) > 1 and rng.random() < 0.1 * share
        out[name] = False if taken_out else _table(rng, part, inner, share, (*at, "*"))
    if rng.random() < 0.3 * share and base:
        pattern = next(iter(base.values()))
        out[str(rng.choice(NAMES))] = pattern | _table(rng, part, pattern, share, (*at, "*"))
    return out


def _value(rng: np.random.Generator, info: FieldInfo, neutral: Any) -> Any:
    kind, bounds = given(info.annotation), limits(info)
    if kind is bool:
        return bool(rng.random() < 0.5)
    if kind is date:
        return date(1990, 1, 1) + timedelta(days=int(rng.integers(0, 40_000)))
    if kind is str:
        return str(rng.choice([text for text in TEXTS if re.fullmatch(bounds.get("pattern", ".*"), text)]))
    if kind is int:
        return int(
            rng.choice(
                [bounds["ge"], min(bounds["ge"] + 1, bounds["le"]), min(bounds["le"], 50), bounds["le"]]
            )
        )
    if get_origin(kind) is dict:
        return _adoption(rng)
    if get_args(kind) and isinstance(get_args(kind)[0], str):
        return str(rng.choice(get_args(kind)))
    return _number(rng, bounds, neutral)


def _number(rng: np.random.Generator, bounds: dict[str, Any], neutral: Any) -> float:
    """An end of the range, what is next to it, or anything between, evenly or by powers of ten."""
    above, below = bounds.get("gt"), bounds.get("lt")
    low = float(bounds.get("ge", 0.0)) if above is None else float(np.nextafter(above, np.inf))
    high = float(bounds.get("le", 1e300)) if below is None else float(np.nextafter(below, -np.inf))
    some = [low, high, float(np.nextafter(low, high)), float(np.nextafter(high, low)), float(neutral or 0.0)]
    choice = rng.integers(8)
    if choice < 5:
        return some[choice]
    if choice == 5:
        return float(rng.uniform(low, high)) if high < 1e300 else float("inf")
    least = max(low, 1e-9 if choice == 6 else SMALLEST)
    return float(np.clip(np.exp(rng.uniform(np.log(least), np.log(max(abs(high), least)))), low, high))


def _adoption(rng: np.random.Generator) -> dict[str, float]:
    days = [0, *sorted(rng.choice(np.arange(1, 600), int(rng.integers(0, 3)), replace=False).tolist())]
    shares = sorted(rng.choice([0.0, SMALLEST, 0.3, 0.5, 1.0], len(days)).tolist())
    return {
        str(date(2017, 1, 1) + timedelta(days=day)): share for day, share in zip(days, shares, strict=True)
    }


# What decides how long a run takes, or hangs together with something else: drawn so that few are refused.
TAME = {
    ("time", "start"): lambda rng: date(2017, 1, 1) if rng.random() < 0.8 else date(1990 + int(rng.integers(28)), 2, 28),
    ("time", "end"): lambda rng: date(2017, 12, 31) if rng.random() < 0.6 else date(2018 + int(rng.integers(70)), 2, 28),
    ("time", "windows", "*", "first"): lambda rng: date(2017, 1, 1 + int(rng.integers(28))),
    ("time", "windows", "*", "last"): lambda rng: date(2017, int(rng.integers(2, 13)), 28),
    ("arrivals", "periods", "*", "first"): lambda rng: date(2017, 1, 1 + int(rng.integers(28))),
    ("arrivals", "periods", "*", "last"): lambda rng: date(2017, int(rng.integers(2, 13)), 28),
    ("arrivals", "periods", "*", "cases"): lambda rng: float(rng.choice([0.01, 0.4, 1.0, 5.0])),
    ("arrivals", "periods", "*", "lots"): lambda rng: float(rng.choice([5.0, 8.5])),
    ("arrivals", "volume"): lambda rng: float(rng.choice([0.0, SMALLEST, 1.0, 1.0, 1.0, 3.0, 1000.0], p=[0.02, 0.02, 0.3, 0.3, 0.2, 0.14, 0.02])),
    ("pricing", "*", "since"): lambda rng: date(2000, 1, 1) + timedelta(days=int(rng.choice([0, 0, 6000, 6500, 9000]))),
    ("pricing", "*", "days_low"): lambda rng: float(rng.choice([0.0, SMALLEST, 3.0, rng.uniform(0.0, 10.0)])),
    ("pricing", "*", "days_high"): lambda rng: float(rng.choice([10.0, rng.uniform(10.0, 80.0), 1000.0])),
    ("interest", "mean"): lambda rng: float(rng.choice([0.0, SMALLEST, 0.5, 2.0, 20.0, 5000.0], p=[0.1, 0.1, 0.2, 0.4, 0.18, 0.02])),
    ("kinds", "*", "interest"): lambda rng: float(rng.choice([0.0, SMALLEST, 0.5, 1.0, 1000.0], p=[0.1, 0.1, 0.3, 0.495, 0.005])),
    ("rounds", "*", "interest"): lambda rng: float(rng.choice([0.0, SMALLEST, 0.5, 1.0, 1000.0], p=[0.1, 0.1, 0.3, 0.495, 0.005])),
    ("finite_market", "patience_days"): lambda rng: float(rng.choice([0.0, SMALLEST, 0.1, 30.0, 3650.0], p=[0.6, 0.02, 0.1, 0.26, 0.02])),
    ("finite_market", "fit"): lambda rng: float(rng.choice([SMALLEST, 0.01, 0.5, 1.0], p=[0.02, 0.3, 0.38, 0.3])),
    ("finite_market", "stagger_days"): lambda rng: 0.0,
    ("courts", "number"): lambda rng: int(rng.choice([1, 2, 3, 60, 5000], p=[0.3, 0.3, 0.3, 0.08, 0.02])),
    ("title",): lambda rng: "drawn",
    ("title_zh",): lambda rng: "随机",
    ("kinds", "*", "name_zh"): lambda rng: "类",
    ("platforms", "*", "name_zh"): lambda rng: "平台",
}  # fmt: skip
