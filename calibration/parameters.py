"""Free parameters: where they stand in a scenario, in which range, on which scale, and with which prior.

A parameter is handled on its *transformed* scale (log, logit, days for a date), between bounds; the prior is flat
there, or a normal cut off at the bounds. A parameter that is free ``per_window`` takes a slot for each window: a
window's figures are then those of a history that ran under that window's value throughout.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from calibration.schema import FreeEntry, Transform
from sim.scenario import Loaded
from sim.scenario.errors import Defect, quoted
from sim.scenario.files import Tree
from sim.scenario.load import Sheet
from sim.scenario.validate import field_of, limits, said_range

Floats = npt.NDArray[np.float64]
MOST_FREE: Final = 20

# Parameters that closed forms follow, and those that decide when lots are listed, for which the simulator is run.
MARKET: Final = re.compile(
    r"interest\.(mean|dispersion|persistence|location|spread)|pricing\.[^.]+\.(bias|noise)"
    r"|start\.(ratio|token_share|token_ratio)|kinds\.[^.]+\.(share|value_median|value_log_sd|interest)"
    r"|rounds\.[^.]+\.(cut|interest)|disposal\.(withdrawal_rate|default_rate|in_kind_second|in_kind_last)"
)
INFLOW: Final = re.compile(
    r"docket\..+|courts\..+|pricing\.[^.]+\.(share|days_low|days_high|since)"
    r"|rounds\.[^.]+\.(relist_days|notice_days_movable|notice_days_immovable|window_days)|disposal\.(suspension_share|suspension_days|payment_days)"
)
MOST_INFLOW: Final = 2


@dataclass(frozen=True, slots=True)
class Free:
    """One free parameter. ``low``, ``high``, ``mean``: on the transformed scale; ``base``: the scenario's own values."""

    name: str
    en: str
    zh: str
    paths: tuple[str, ...]
    base: tuple[float, ...]
    transform: Transform
    low: float
    high: float
    mean: float | None
    sd: float | None
    scale: bool
    per_window: bool
    explains: str | None
    source: str

    def inner(self, plain: npt.ArrayLike) -> Floats:
        """Plain values on the transformed scale."""
        x = np.asarray(plain, dtype=np.float64)
        if self.transform == "log":
            return np.asarray(np.log(x))
        return np.asarray(np.log(x / (1.0 - x))) if self.transform == "logit" else x

    def plain(self, inner: npt.ArrayLike) -> Floats:
        """Transformed values as they stand in a scenario; dates as ordinals."""
        y = np.asarray(inner, dtype=np.float64)
        if self.transform == "log":
            with np.errstate(over="ignore"):  # far outside the range, where the prior is 0 all the same
                return np.asarray(np.exp(y))
        return np.asarray(1.0 / (1.0 + np.exp(-y))) if self.transform == "logit" else y

    def quantile(self, u: npt.ArrayLike) -> Floats:
        """Prior quantiles, transformed scale: (0, 1) to [low, high]."""
        share = np.asarray(u, dtype=np.float64)
        if self.mean is None or self.sd is None:
            return np.asarray(self.low + (self.high - self.low) * share)
        from scipy.special import ndtr, ndtri

        a, b = ndtr((self.low - self.mean) / self.sd), ndtr((self.high - self.mean) / self.sd)
        return np.asarray(np.clip(self.mean + self.sd * ndtri(a + (b - a) * share), self.low, self.high))

    def unit(self, inner: npt.ArrayLike) -> Floats:
        """Prior probabilities of transformed values: the inverse of ``quantile``."""
        y = np.asarray(inner, dtype=np.float64)
        if self.mean is None or self.sd is None:
            return np.asarray((y - self.low) / (self.high - self.low))
        from scipy.special import ndtr

        a, b = ndtr((self.low - self.mean) / self.sd), ndtr((self.high - self.mean) / self.sd)
        return np.asarray((ndtr((y - self.mean) / self.sd) - a) / (b - a))

    def log_prior(self, inner: npt.ArrayLike) -> Floats:
        """Log density on the transformed scale, up to a constant; -inf outside the bounds."""
        y = np.asarray(inner, dtype=np.float64)
        inside = (y >= self.low) & (y <= self.high)
        bell = 0.0 if self.mean is None or self.sd is None else -0.5 * ((y - self.mean) / self.sd) ** 2
        return np.asarray(np.where(inside, bell, -np.inf))

    def word(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Slot:
    """One number of the parameter vector: a parameter, and the window it is for (None: all)."""

    free: Free
    window: str | None

    @property
    def name(self) -> str:
        return self.free.name if self.window is None else f"{self.free.name}@{self.window}"

    def word(self, lang: str) -> str:
        return self.free.word(lang) if self.window is None else f"{self.free.word(lang)} {self.window}"


@dataclass(frozen=True, slots=True)
class Space:
    """The parameter vector. Arrays of vectors are (n, slots), on the transformed scale unless said otherwise."""

    slots: tuple[Slot, ...]

    @property
    def names(self) -> list[str]:
        return [slot.name for slot in self.slots]

    @property
    def low(self) -> Floats:
        return np.array([slot.free.low for slot in self.slots])

    @property
    def high(self) -> Floats:
        return np.array([slot.free.high for slot in self.slots])

    def from_unit(self, u: Floats) -> Floats:
        """Points of the unit cube to draws of the prior."""
        return np.column_stack([slot.free.quantile(u[:, i]) for i, slot in enumerate(self.slots)])

    def plain(self, theta: Floats) -> Floats:
        """(n, slots) transformed to (n, slots) plain."""
        return np.column_stack([slot.free.plain(theta[:, i]) for i, slot in enumerate(self.slots)])

    def log_prior(self, theta: Floats) -> Floats:
        return np.asarray(sum(slot.free.log_prior(theta[:, i]) for i, slot in enumerate(self.slots)))

    def values(self, theta: Floats, window: str | None = None) -> dict[str, Floats]:
        """Scenario values by path, (n,) each, as they hold for ``window``; dates as ordinals."""
        found: dict[str, Floats] = {}
        for i, slot in enumerate(self.slots):
            if slot.window in (None, window):
                plain = slot.free.plain(theta[:, i])
                for path, own in zip(slot.free.paths, slot.free.base, strict=True):
                    found[path] = plain * own if slot.free.scale else plain
        return found

    def sheet(self, theta: Floats, window: str | None, name: str) -> Sheet:
        """One vector as values to lay over a scenario."""
        tree: Tree = {}
        dated = {path for slot in self.slots if slot.free.transform == "date" for path in slot.free.paths}
        for path, value in self.values(theta[None, :], window).items():
            x = float(value[0])
            put(tree, path, date.fromordinal(round(x)) if path in dated else x)
        return Sheet(name, tree)

    @property
    def base(self) -> Floats:
        """The scenario's own values as a vector, moved inside the bounds."""
        own = [
            float(np.mean(slot.free.inner(1.0 if slot.free.scale else slot.free.base[0])))
            for slot in self.slots
        ]
        return np.asarray(np.clip(np.array(own), self.low, self.high))


def space(free: Sequence[Free], windows: Sequence[str]) -> Space:
    """The vector of all free parameters: shared ones once, the others once a window."""
    slots: list[Slot] = []
    for one in free:
        slots += [Slot(one, w) for w in windows] if one.per_window else [Slot(one, None)]
    return Space(tuple(slots))


def put(tree: Tree, path: str, value: Any) -> None:
    """Put a value at a path of keys joined by dots, making tables on the way."""
    *head, last = path.split(".")
    for part in head:
        tree = tree.setdefault(part, {})
    tree[last] = value


def at(tree: Mapping[str, Any], path: str) -> Any:
    """The value at a path; None where there is none."""
    value: Any = tree
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def expand(tree: Mapping[str, Any], pattern: str) -> list[str]:
    """Paths of the tree that match, ``*`` standing for every name in a table."""
    found = [""]
    for part in pattern.split("."):
        longer = []
        for path in found:
            table = at(tree, path) if path else tree
            names = list(table) if part == "*" and isinstance(table, Mapping) else [part]
            longer += [f"{path}.{name}" if path else name for name in names]
        found = longer
    return [path for path in found if at(tree, path) is not None]


def free_parameters(
    entries: Sequence[FreeEntry], loaded: Loaded | None, file: str
) -> tuple[list[Free], list[Defect]]:
    """Free parameters of a targets file on its scenario, and what is wrong with them."""
    found: list[Free] = []
    defects: list[Defect] = []
    for i, entry in enumerate(entries):
        key = f"free.{entry.name or i}"
        one = _one(entry, key, loaded, file, defects)
        if one is not None:
            found.append(one)
    taken: dict[str, str] = {}
    for one in found:
        for path in one.paths:
            if path in taken:
                defects.append(
                    Defect(file, f"free.{one.name}", f"{path} is free twice, in {taken[path]} too")
                )
            taken[path] = one.name
    names = [one.name for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    defects += [Defect(file, f"free.{name}", "two free parameters have this name") for name in twice]
    defects += [Defect(file, f"free.{name}", why) for name, why in impossible(found)]
    if not entries:
        defects.append(
            Defect(file, "free", "no parameter is free", "leave the key out for the standard ones")
        )
    if len(entries) > MOST_FREE:
        defects.append(Defect(file, "free", f"{len(entries)} free parameters; at most {MOST_FREE}"))
    return found, defects


def impossible(free: Sequence[Free]) -> list[tuple[str, str]]:
    """Free parameters that cannot be calibrated, as (name, why)."""
    found = []
    inflow = 0
    for one in free:
        kinds = {
            "market" if MARKET.fullmatch(p) else "inflow" if INFLOW.fullmatch(p) else "none"
            for p in one.paths
        }
        if kinds == {"inflow"}:
            inflow += 1
            if one.per_window:
                found.append((one.name, "decides when lots are listed, so it cannot differ by window"))
        elif kinds != {"market"}:
            odd = next((p for p in one.paths if not MARKET.fullmatch(p)), one.paths[0])
            found.append((one.name, f"{odd} can not be calibrated: neither of the market nor of the inflow"))
    if inflow > MOST_INFLOW:
        found.append(("inflow", f"{inflow} parameters of the inflow are free; at most {MOST_INFLOW} can be"))
    return found


def _one(entry: FreeEntry, key: str, loaded: Loaded | None, file: str, defects: list[Defect]) -> Free | None:
    before = len(defects)

    def say(problem: str, hint: str = "", where: str = key) -> None:
        defects.append(Defect(file, where, problem, hint))

    patterns = [entry.path] if isinstance(entry.path, str) else entry.path
    paths: list[str] = []
    for pattern in patterns if loaded is not None else ():
        here = expand(loaded.tree, pattern) if loaded else []
        if not here:
            every = sorted(".".join(k) for k in (loaded.origins if loaded else ()))
            near = difflib.get_close_matches(pattern, every, 1, 0.6)
            say(
                f"{quoted(pattern)}: the scenario has no such parameter",
                f"did you mean {near[0]}?" if near else "",
            )
        paths += here
    if loaded is None:
        return None
    kind = date if entry.transform == "date" else (int, float)
    bounds = {
        name: getattr(entry, name) for name in ("low", "high", "mean") if getattr(entry, name) is not None
    }
    for name, value in bounds.items():
        if (type(value) is date) != (entry.transform == "date"):
            say(
                f"{value} is not {'a date' if entry.transform == 'date' else 'a number'}",
                where=f"{key}.{name}",
            )
    for path in paths:
        value = at(loaded.tree, path)
        if isinstance(value, bool) or not isinstance(value, kind):
            say(
                f"{path} is {quoted(value)}; only {'dates' if entry.transform == 'date' else 'numbers'} can be free"
            )
        elif entry.scale and entry.transform == "date":
            say("a date cannot be scaled")
        elif not entry.scale and entry.transform != "date":
            _within(path, bounds, key, file, defects)
    if (entry.mean is None) != (entry.sd is None):
        say("a normal prior has mean and sd, a flat one neither")
    if len(defects) > before or not paths:
        return None
    numbers = {name: float(v.toordinal()) if isinstance(v, date) else float(v) for name, v in bounds.items()}
    if entry.transform == "log" and min(numbers.values()) <= 0.0:
        say("a log scale needs values above 0")
    elif entry.transform == "logit" and not all(0.0 < v < 1.0 for v in numbers.values()):
        say("a logit scale needs values between 0 and 1, ends excluded")
    elif numbers["low"] >= numbers["high"]:
        say(f"low ({entry.low}) is not below high ({entry.high})")
    if len(defects) > before:
        return None
    name = entry.name or paths[0]
    values = [at(loaded.tree, path) for path in paths]
    plain = Free(
        name=name,
        en=entry.en or entry.name or _meaning(paths[0], "en"),
        zh=entry.zh or _meaning(paths[0], "zh") or name,
        paths=tuple(paths),
        base=tuple(float(v.toordinal()) if isinstance(v, date) else float(v) for v in values),
        transform=entry.transform, low=0.0, high=1.0, mean=None, sd=entry.sd,
        scale=entry.scale, per_window=entry.per_window, explains=entry.explains, source=entry.source,
    )  # fmt: skip
    low, high = float(plain.inner(numbers["low"])), float(plain.inner(numbers["high"]))
    mean = float(plain.inner(numbers["mean"])) if "mean" in numbers else None
    return replace(plain, low=low, high=high, mean=mean)


def _within(path: str, bounds: Mapping[str, Any], key: str, file: str, defects: list[Defect]) -> None:
    """The bounds lie within what the scenario allows for the parameter."""
    info = field_of(tuple(path.split(".")))
    allowed = limits(info)
    for name in ("low", "high"):
        value = bounds.get(name)
        if not isinstance(value, int | float):
            continue
        if (
            value < allowed.get("ge", -math.inf)
            or value > allowed.get("le", math.inf)
            or value <= allowed.get("gt", -math.inf)
            or value >= allowed.get("lt", math.inf)
        ):
            problem = f"{value:g} is out of the range of {path}; allowed: {said_range(info)}"
            defects.append(Defect(file, f"{key}.{name}", problem))
            return


def _meaning(path: str, lang: str) -> str:
    """What the schema says a parameter means."""
    info = field_of(tuple(path.split(".")))
    if info is None:
        return path
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, Mapping) else {}
    return str(extra.get("zh", "")) if lang == "zh" else (info.description or path)
