"""Free parameters: where they stand in a scenario, in which range, on which scale, and with which prior.

A parameter is handled on its *transformed* scale (log, logit, days for a date), between bounds; the prior is flat
there, or a normal cut off at the bounds. A parameter that is free ``by_period`` takes a slot for each reporting window: its
value changes on the first day of each window but the first (who comes: by the day of opening; what a lot is: by the
day of listing), in one history.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from calibration.targets.schema import Transform
from sim.scenario.files import Tree
from sim.scenario.keys import Key
from sim.scenario.load import Overlay
from sim.theory.truncated_normal import TruncatedNormal

Floats = npt.NDArray[np.float64]

# Parameters that may change from one reporting period to the next: who comes, and what lots are worth.
BY_PERIOD: Final = re.compile(r"interest\.mean|kinds\.[^.]+\.(value_median|value_log_sd)")
# Parameters that closed forms follow, and those that decide when lots are listed, for which the simulator is run.
MARKET: Final = re.compile(
    r"interest\.(mean|dispersion|persistence|location|spread)|pricing\.[^.]+\.(bias|noise)"
    r"|start\.(ratio|token_share|token_ratio)|kinds\.[^.]+\.(share|value_median|value_log_sd|interest)"
    r"|rounds\.[^.]+\.(cut|interest)|price_response\.(elasticity|ceiling)|disposal\.(withdrawal_rate|default_rate|in_kind_second|in_kind_last|booking_days)"
)
INFLOW: Final = re.compile(
    r"arrivals\..+|courts\..+|pricing\.[^.]+\.(share|days_low|days_high|since)"
    r"|rounds\.[^.]+\.(relist_days|notice_days_movable|notice_days_immovable|window_days)|disposal\.(suspension_share|suspension_days|payment_days)"
)


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
    by_period: bool
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
        return TruncatedNormal(self.mean, self.sd, self.low, self.high).quantile(share)

    def unit(self, inner: npt.ArrayLike) -> Floats:
        """Prior probabilities of transformed values: the inverse of ``quantile``."""
        y = np.asarray(inner, dtype=np.float64)
        if self.mean is None or self.sd is None:
            return np.asarray((y - self.low) / (self.high - self.low))
        return TruncatedNormal(self.mean, self.sd, self.low, self.high).cdf(y)

    def log_prior(self, inner: npt.ArrayLike) -> Floats:
        """Log density on the transformed scale, up to a constant; -inf outside the bounds."""
        y = np.asarray(inner, dtype=np.float64)
        inside = (y >= self.low) & (y <= self.high)
        if self.mean is None or self.sd is None:
            return np.where(inside, 0.0, -np.inf)
        bell = TruncatedNormal(self.mean, self.sd, self.low, self.high)
        return np.where(inside, bell.log_density(y), -np.inf)

    def word(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en


def ranges_times(one: Free, factor: float) -> Free:
    """The same parameter, its prior so many times as wide around its middle, on the transformed scale. Dates stay, for what
    is known of them is the calendar; what lies between 0 and 1 stays there.
    """
    if one.transform == "date":
        return one
    middle, half = (one.low + one.high) / 2.0, (one.high - one.low) / 2.0 * factor
    low, high = middle - half, middle + half
    if one.transform == "identity" and one.low >= 0.0 and one.high <= 1.0:
        low, high = max(low, 0.0), min(high, 1.0)
    return replace(one, low=low, high=high, sd=None if one.sd is None else one.sd * factor)


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
        prior = _prior(self)
        flat = prior.low + (prior.high - prior.low) * u
        return np.where(prior.bell, prior.normal.quantile(u), flat) if prior.bell.any() else np.asarray(flat)

    def plain(self, theta: Floats) -> Floats:
        """(n, slots) transformed to (n, slots) plain."""
        return np.column_stack([slot.free.plain(theta[:, i]) for i, slot in enumerate(self.slots)])

    def log_priors(self, theta: Floats) -> Floats:
        """(n, slots) log densities on the transformed scale, each up to a constant; -inf outside the bounds."""
        prior = _prior(self)
        inside = (theta >= prior.low) & (theta <= prior.high)
        return np.where(inside, np.where(prior.bell, prior.normal.log_density(theta), 0.0), -np.inf)

    def log_prior(self, theta: Floats) -> Floats:
        return np.asarray(self.log_priors(theta).sum(axis=1))

    @property
    def dated(self) -> bool:
        """Whether any parameter changes from one period to the next."""
        return any(slot.window for slot in self.slots)

    def values(
        self, theta: Floats, window: str | None = None, only: Set[str] | None = None
    ) -> dict[str, Floats]:
        """Scenario values by path, (n,) each, as they hold in the period of ``window``; dates as ordinals. ``only``: of parameters
        with one of these paths.
        """
        found: dict[str, Floats] = {}
        for i, slot in enumerate(self.slots):
            if slot.window in (None, window) and (only is None or not only.isdisjoint(slot.free.paths)):
                plain = slot.free.plain(theta[:, i])
                for path, own in zip(slot.free.paths, slot.free.base, strict=True):
                    found[path] = plain * own if slot.free.scale else plain
        return found

    def overlay(self, theta: Floats, since: Mapping[str, date], name: str) -> Overlay:
        """One vector as values to lay over a scenario. ``since``: the first day of the period of each window."""
        tree: Tree = {}
        first, *later = since
        self._put(tree, theta, first, [slot for slot in self.slots if slot.window in (None, first)])
        for window in later:
            changed = [slot for slot in self.slots if slot.window == window]
            if changed:
                overlay = tree.setdefault("from", {}).setdefault(since[window].isoformat(), {})
                self._put(overlay, theta, window, changed)
        return Overlay(name, tree)

    def _put(self, tree: Tree, theta: Floats, window: str, slots: Sequence[Slot]) -> None:
        values = self.values(theta[None, :], window)
        for slot in slots:
            for path in slot.free.paths:
                x = float(values[path][0])
                put(tree, path, date.fromordinal(round(x)) if slot.free.transform == "date" else x)

    @property
    def base(self) -> Floats:
        """The scenario's own values as a vector, moved inside the bounds."""
        own = [
            float(np.mean(slot.free.inner(1.0 if slot.free.scale else slot.free.base[0])))
            for slot in self.slots
        ]
        return np.asarray(np.clip(np.array(own), self.low, self.high))


@dataclass(frozen=True, slots=True)
class _Prior:
    """The prior of all slots as arrays, (slots,) each. ``bell``: which are ``normal``; the others are flat."""

    low: Floats
    high: Floats
    bell: npt.NDArray[np.bool_]
    normal: TruncatedNormal


@lru_cache(maxsize=8)
def _prior(space: Space) -> _Prior:
    """Made once: walkers ask for priors at every step."""
    every = [slot.free for slot in space.slots]
    bell = np.array([one.mean is not None and one.sd is not None for one in every])
    mean = np.array([one.mean if b else 0.0 for one, b in zip(every, bell, strict=True)], dtype=np.float64)
    sd = np.array([one.sd if b else 1.0 for one, b in zip(every, bell, strict=True)], dtype=np.float64)
    low, high = space.low, space.high
    return _Prior(low, high, bell, TruncatedNormal(mean, sd, low, high))


def space(free: Sequence[Free], windows: Sequence[str]) -> Space:
    """The vector of all free parameters: shared ones once, the others once a window."""
    slots: list[Slot] = []
    for one in free:
        slots += [Slot(one, w) for w in windows] if one.by_period else [Slot(one, None)]
    return Space(tuple(slots))


def put(tree: Tree, path: str | Key, value: Any) -> None:
    """Put a value at a path of keys (joined by dots, or not), making tables on the way."""
    *head, last = path.split(".") if isinstance(path, str) else path
    for part in head:
        tree = tree.setdefault(part, {})
    tree[last] = value


def at(tree: Mapping[str, Any], path: str) -> Any:
    """The value at a path; None where there is none."""
    value: Any = tree
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
