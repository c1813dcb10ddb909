"""Free parameters as a targets file has them, checked against its scenario."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from calibration.targets.parameter_space import BY_PERIOD, INFLOW, MARKET, Free, at
from calibration.targets.reader.defects import Key, Wrong, near, whole
from calibration.targets.schema import FreeEntry, Transform
from sim.locale.language import said
from sim.scenario import Loaded
from sim.scenario.errors import joined, quoted
from sim.scenario.keys import read_key, write_key
from sim.scenario.renamed import renaming
from sim.scenario.validate import field_of, limits, said_range

Say = Callable[..., None]  # problem, hint, keys below the entry's own
MOST_FREE: Final = 20
MOST_INFLOW: Final = 2


def expand(tree: Mapping[str, Any], pattern: str) -> list[str]:
    """Paths of the tree that match, ``*`` standing for every name in a table. Raises ``ValueError`` if it is no path."""
    found: list[tuple[tuple[str, ...], Any]] = [((), tree)]
    for part in pattern_key(pattern):
        found = [
            ((*key, name), table[name])
            for key, table in found
            if isinstance(table, Mapping)
            for name in (table if part == "*" else [part])
            if name in table
        ]
    if dotted := [key for key, _ in found if any("." in name for name in key)]:
        raise ValueError(said("free.dot", name=write_key(dotted[0])))
    return [".".join(key) for key, _ in found]


def pattern_key(pattern: str) -> tuple[str, ...]:
    """The names of a path in which ``*`` may stand for one. Raises ``ValueError``."""
    return read_key(re.sub(r"(?<![^.])\*(?![^.])", '"*"', pattern))


@dataclass(frozen=True, slots=True)
class _Said:
    """A parameter as far as it can be understood. ``named``: not after its path; ``paths``: known to the scenario,
    and numbers; ``free``: None where anything is wrong with it by itself.
    """

    at: int
    name: str | None
    named: bool
    paths: tuple[str, ...]
    by_period: bool
    free: Free | None


def labels(entries: Sequence[FreeEntry], holes: Collection[Key] = ()) -> list[str]:
    """What to call the parameters of a file: by their names, else (none, or two of the same) by their places."""
    names = [e.name if whole(("free", i, "name"), holes) else None for i, e in enumerate(entries)]
    return [name if name and names.count(name) == 1 else str(i) for i, name in enumerate(names)]


def free_parameters(
    entries: Sequence[FreeEntry], loaded: Loaded | None, certain: bool = True, holes: Collection[Key] = ()
) -> tuple[list[Free], list[Wrong]]:
    """Free parameters of a targets file on its scenario, and all that is wrong with them.

    No check waits for another. Where the file's own scenario is not to be had, ``loaded`` is one to go by
    (``certain`` false): a path is then unknown only if no scenario could have it. ``holes`` hold stand-ins.
    """
    wrong: list[Wrong] = []
    found = [_one(i, entry, loaded, certain, holes, wrong) for i, entry in enumerate(entries)]
    wrong += _twice(found, labels(entries, holes))
    wrong += impossible(found)
    if not entries:
        wrong.append(Wrong(("free",), said("free.none"), said("free.standard")))
    if len(entries) > MOST_FREE:
        wrong.append(Wrong(("free",), said("free.many", n=len(entries), most=MOST_FREE)))
    return [one.free for one in found if one.free is not None], wrong


def _twice(given: Sequence[_Said], called: Sequence[str]) -> list[Wrong]:
    """Names and paths that two parameters have, reported at the later one, once for each earlier one."""
    found = []
    for i, one in enumerate(given):
        for other in given[:i]:
            if one.name is not None and one.name == other.name and (one.named or other.named):
                problem = said("free.name", value=quoted(one.name), other=_reference(called[other.at]))
                found.append(Wrong(("free", one.at, "name"), problem))
                break
        for other in given[:i]:
            both = [path for path in one.paths if path in other.paths]
            if both:
                problem = said("free.twice", name=_and_more(both), other=_reference(called[other.at]))
                found.append(Wrong(("free", one.at), problem))
    return found


def _reference(called: str) -> str:
    return f"free.{called}" if called.isdigit() else called


def _and_more(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else said("free.more", name=names[0], n=len(names) - 1)


def impossible(given: Sequence[_Said]) -> list[Wrong]:
    """What cannot be calibrated."""
    found = []
    inflow = 0
    for one in given:
        if not one.paths:
            continue
        key = ("free", one.at)
        odd = [p for p in one.paths if not MARKET.fullmatch(p)]
        if all(INFLOW.fullmatch(p) for p in one.paths):
            inflow += 1
            if one.by_period:
                found.append(Wrong(key, said("free.inflow_period")))
        elif odd:
            problem = said("free.neither", name=odd[0])
            found.append(Wrong(key, problem))
        elif one.by_period and (constant := [p for p in one.paths if not BY_PERIOD.fullmatch(p)]):
            found.append(Wrong(key, said("free.period", name=constant[0]), said("free.by_period")))
    if inflow > MOST_INFLOW:
        problem = said("free.inflow", n=inflow, most=MOST_INFLOW)
        found.append(Wrong(("free",), problem))
    return found


def _one(
    i: int, entry: FreeEntry, loaded: Loaded | None, certain: bool, holes: Collection[Key], wrong: list[Wrong]
) -> _Said:
    """One entry, what is wrong with it by itself added to ``wrong``."""
    before = len(wrong)

    def has(name: str) -> bool:
        return whole(("free", i, name), holes)

    def say(problem: str, hint: str = "", *inner: str) -> None:
        wrong.append(Wrong(("free", i, *inner), problem, hint))

    kind = entry.transform if has("transform") else None
    paths = _paths(entry, loaded, certain, say) if has("path") else []
    numbers = [p for p in paths if _is_number(at(loaded.tree if loaded else {}, p), kind)]
    if odd := [p for p in paths if p not in numbers]:
        value = quoted(at(loaded.tree if loaded else {}, odd[0]))
        needed = "free.only_dates" if kind == "date" else "free.only_numbers"
        say(said(needed, name=_and_more(odd), value=value))
    if kind == "date" and entry.scale and has("scale"):
        say(said("free.scaled"))
    bounds = _bounds(entry, kind, has, say)
    values = {p: at(loaded.tree, p) for p in numbers} if loaded else {}
    factors = {p: float(v) if entry.scale else 1.0 for p, v in values.items() if not isinstance(v, date)}
    outside = _outside(factors, bounds, say) if has("scale") else []
    _domain({name: value for name, value in bounds.items() if name not in outside}, kind, say)
    low, high = bounds.get("low"), bounds.get("high")
    alike = low is not None and high is not None and isinstance(low, date) == isinstance(high, date)
    if alike and _as_number(entry.low) >= _as_number(entry.high):
        say(said("target.order", low=entry.low, high=entry.high))
    if has("mean") and has("sd") and (entry.mean is None) != (entry.sd is None):
        say(said("free.prior"))
    if entry.sd is not None and not math.isfinite(entry.sd):
        say(said("free.finite", value=entry.sd), "", "sd")
    name = (entry.name or next(iter(paths), None)) if has("name") else None
    free = None
    if len(wrong) == before and paths and whole(("free", i), holes):
        free = _free(entry, name or paths[0], values)
    named = entry.name is not None
    return _Said(i, name, named, tuple(numbers), entry.by_period and has("by_period"), free)


def _free(entry: FreeEntry, name: str, values: Mapping[str, Any]) -> Free:
    """The parameter of an entry with which nothing is wrong. ``values``: the scenario's own, by path."""
    paths = list(values)
    plain = Free(
        name=name,
        en=entry.en or entry.name or _meaning(paths[0], "en"),
        zh=entry.zh or _meaning(paths[0], "zh") or name,
        paths=tuple(paths),
        base=tuple(_as_number(v) for v in values.values()),
        transform=entry.transform, low=0.0, high=1.0, mean=None, sd=entry.sd,
        scale=entry.scale, by_period=entry.by_period, explains=entry.explains, source=entry.source,
    )  # fmt: skip
    low, high = float(plain.inner(_as_number(entry.low))), float(plain.inner(_as_number(entry.high)))
    mean = None if entry.mean is None else float(plain.inner(_as_number(entry.mean)))
    return replace(plain, low=low, high=high, mean=mean)


def _as_number(value: float | date) -> float:
    return float(value.toordinal()) if isinstance(value, date) else float(value)


def _is_number(value: Any, kind: Transform | None) -> bool:
    """Whether a scenario's value is of the kind that the transform takes (either, where that is not known)."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, date) if kind == "date" else number or (kind is None and isinstance(value, date))


def _paths(entry: FreeEntry, loaded: Loaded | None, certain: bool, say: Say) -> list[str]:
    """Paths of the scenario that an entry means, each once."""
    patterns = [entry.path] if isinstance(entry.path, str) else entry.path
    found: list[str] = []
    if not patterns:
        say(said("free.no_name"), "", "path")
    for pattern in patterns:
        try:
            if now := renaming(pattern_key(pattern)):
                say(said("apart", name=pattern, why=now), "", "path")
                continue
            here = expand(loaded.tree, pattern) if loaded else []
            known = field_of(pattern_key(pattern)) is not None
        except ValueError as error:
            say(said("place", where=quoted(pattern), said=error), "", "path")
            continue
        if not here and (certain or not known):
            every = sorted(".".join(k) for k in (loaded.origins if loaded else ()))
            problem = said("place", where=quoted(pattern), said=said("target.no_parameter"))
            say(problem, near(pattern, every, 0.6))
        if twice := [path for path in here if path in found]:
            say(said("free.path_twice", name=_and_more(twice)))
        found += [path for path in here if path not in found]
    return found


def _bounds(
    entry: FreeEntry, kind: Transform | None, has: Callable[[str], bool], say: Say
) -> dict[str, float | date]:
    """Low, high and mean, where they are given and of the kind that the transform takes."""
    found: dict[str, float | date] = {}
    for name in ("low", "high", "mean"):
        value: float | date | None = getattr(entry, name)
        if value is None or not has(name):
            continue
        if isinstance(value, float) and not math.isfinite(value):
            say(said("free.finite", value=value), "", name)
        elif kind is not None and isinstance(value, date) != (kind == "date"):
            wanted = said("free.date" if kind == "date" else "kind.number")
            hint = "" if kind == "date" else said("free.transform")
            say(said("target.kinds", value=value, kinds=wanted), hint, name)
        else:
            found[name] = value
    return found


def _outside(factors: Mapping[str, float], bounds: Mapping[str, Any], say: Say) -> list[str]:
    """Names of bounds that leave what the scenario allows for a parameter. ``factors``: what they multiply, by path
    (1 where the bound is the value itself).
    """
    found = []
    for name in ("low", "high"):
        bound = bounds.get(name)
        if not isinstance(bound, int | float):
            continue
        for path, factor in factors.items():
            info = field_of(tuple(path.split(".")))
            allowed = limits(info)
            value = bound * factor
            if (
                value < allowed.get("ge", -math.inf)
                or value > allowed.get("le", math.inf)
                or value <= allowed.get("gt", -math.inf)
                or value >= allowed.get("lt", math.inf)
            ):
                times = f"{bound:g}" if factor == 1.0 else f"{bound:g} x {factor:g}"
                problem = said("free.range", value=times, path=path)
                say(problem + said("allowed", range=said_range(info)), "", name)
                found.append(name)
                break
    return found


def _domain(bounds: Mapping[str, Any], kind: Transform | None, say: Say) -> None:
    """Values that the transform does not take, reported together: what is wrong may be the transform."""
    if kind == "log":
        wrong = {
            name: value for name, value in bounds.items() if not isinstance(value, date) and value <= 0.0
        }
        needed = "free.log"
    elif kind == "logit":
        wrong = {n: v for n, v in bounds.items() if not isinstance(v, date) and not 0.0 < v < 1.0}
        needed = "free.logit"
    else:
        return
    if wrong:
        values = joined(said("free.value", name=name, value=f"{value:g}") for name, value in wrong.items())
        say(said(needed, values=values), said("meant.value", name='transform = "identity"'))


def _meaning(path: str, lang: str) -> str:
    """What the schema says a parameter means."""
    info = field_of(tuple(path.split(".")))
    if info is None:
        return path
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, Mapping) else {}
    return str(extra.get("zh", "")) if lang == "zh" else (info.description or path)
