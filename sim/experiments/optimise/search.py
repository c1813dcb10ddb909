"""The best policies under several goals: a Pareto front, searched with surrogates, settled with fresh random numbers.

Search: a spread of lawful points; then, round by round, a function is drawn for every goal and limit from the
surrogates fitted so far, and points of the front of the drawn functions are tried next (Thompson sampling of the
front; Bradford, Schweidtmann and Lapkin 2018). Settlement: those that may be on the front are run again on
replications that the search has not seen, for the best of many noisy points is biased upwards; what is
reported rests on these alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import numpy as np

from sim.experiments.optimise.pareto_front import Floats, Goal, Limit, alike, front, mean, membership
from sim.experiments.optimise.surrogate import Surrogate
from sim.experiments.sweep.axes import Axis
from sim.experiments.sweep.design import spread
from sim.locale.language import said
from sim.measures.rounding import extent
from sim.scenario.errors import SimError

Point = tuple[Any, ...]  # values of the decision variables
CANDIDATES = 400  # lawful points among which the next are chosen
ROUND = 8  # points tried at a time
DOUBT = 0.05  # share of bootstrap samples on the front from which a point goes to the settlement
SETTLED = 16  # points settled, at most
FINEST = 30.0  # steps in a variable's range, at least
TRIES = 20  # times as many candidates as points wanted, where the law forbids most


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for, and how."""

    axes: tuple[Axis, ...]
    goals: tuple[Goal, ...]
    limits: tuple[Limit, ...]
    base: Point  # values of the decision variables in the scenario as it is
    points: int  # tried in the search
    replications: int  # of each in the search
    final: int  # of each in the settlement
    seed: int

    @property
    def measures(self) -> list[str]:
        """Measures to observe, goals first."""
        return list(dict.fromkeys([g.measure for g in self.goals] + [limit.measure for limit in self.limits]))


@dataclass(frozen=True)
class Outcome:
    """The settled points. ``values``: (points, replications, measures); the base is the first point."""

    points: list[Point]
    values: Floats
    on_front: list[int]  # by the means
    share: Floats  # of bootstrap samples in which a point is on the front
    alike: list[
        tuple[int, int]
    ]  # pairs on the front, or of it and the base, that are not significantly different
    tried: list[Point]
    tried_values: Floats  # (tried, measures): means of the search
    runs: int


class Steps(Protocol):
    """Who runs points, and remembers what was run."""

    def points(self, name: str) -> list[Point] | None:
        """The points of a step that was begun before; None if it was not."""

    def evaluate(self, name: str, points: list[Point], first: int, count: int) -> Floats:
        """(points, replications, measures), for ``count`` replications from ``first`` on."""


class NoPolicyError(SimError):
    """No candidate is lawful, or keeps the limits."""


def optimise(search: Search, lawful: Callable[[Point], bool], steps: Steps) -> Outcome:
    """Search, then settle; steps that were begun before are continued. Raises ``NoPolicyError``."""
    pool = candidates(search, lawful)
    tried: list[Point] = [search.base]
    others = [point for point in pool if point != search.base]
    tried += others[: min(max(ROUND, search.points // 3), search.points - 1)]
    values = steps.evaluate("search-0", tried, 0, search.replications)
    step = 0
    while len(tried) < search.points:
        step += 1
        new = steps.points(f"search-{step}") or propose(search, tried, values, pool, step)
        if not new:
            break
        values = np.concatenate([values, steps.evaluate(f"search-{step}", new, 0, search.replications)])
        tried += new
    chosen = [0, *(i for i in contenders(search, values) if i != 0)]
    points = steps.points("final") or [tried[i] for i in chosen]
    final = steps.evaluate("final", points, search.replications, search.final)
    return settle(search, lawful, (points, final), (tried, values))


def settle(
    search: Search,
    lawful: Callable[[Point], bool],
    settled: tuple[list[Point], Floats],
    seen: tuple[list[Point], Floats],
) -> Outcome:
    """What a search has found. ``settled``: points, the base first, with their fresh replications; ``seen``: points tried, with
    those of the search; values are (points, replications, measures) each. Raises ``NoPolicyError``."""
    (points, final), (tried, values) = settled, seen
    good, limited = split(search, final)
    allowed = within(search, mean(limited))
    on = front(mean(good), allowed & np.array([i > 0 or inside(search, lawful) for i in range(len(points))]))
    winners = [int(i) for i in np.flatnonzero(on)]
    if not winners:
        raise NoPolicyError(said("own.no_policy"))
    rng = np.random.default_rng(search.seed)
    runs = len(tried) * search.replications + len(points) * search.final
    compared = sorted({0, *winners})
    pairs = [(compared[a], compared[b]) for a, b in alike(good[compared])]
    share = membership(good, limited, search.limits, rng)
    return Outcome(points, final, winners, share, pairs, tried, mean(values), runs)


def candidates(search: Search, lawful: Callable[[Point], bool]) -> list[Point]:
    """Lawful points spread over the decision variables, without doubles, in an order in which any first part is spread too."""
    sampler = spread("sobol", len(search.axes), search.seed)
    lawful = cache(lawful)  # values are few where they are rounded: the same point comes a hundred times
    found: dict[Point, None] = {}
    for _ in range(TRIES):
        shares = sampler.random(512)
        columns = [rounded(axis, axis.at(shares[:, i])) for i, axis in enumerate(search.axes)]
        for point in zip(*columns, strict=True):
            if point not in found and len(found) < CANDIDATES and lawful(point):
                found[point] = None
        if len(found) >= CANDIDATES:
            break
    if not found:
        raise NoPolicyError(said("search.unlawful", tried=f"{TRIES * 512:,}"))
    return list(found)


def rounded(axis: Axis, values: list[Any]) -> list[Any]:
    """Values that a policy might have: of a stretch, in steps of at most a thirtieth of it, in whole decimals: 31 days, 0.85."""
    if axis.levels or axis.whole:
        return values
    places = math.ceil(-math.log10((axis.high - axis.low) / FINEST))
    return [min(max(round(value, places), axis.low), axis.high) for value in values]


def inside(search: Search, lawful: Callable[[Point], bool]) -> bool:
    """Whether the base is itself a point of the search: within the ranges, and lawful."""
    within_ranges = all(
        value in axis.levels if axis.levels else axis.low <= value <= axis.high
        for value, axis in zip(search.base, search.axes, strict=True)
    )
    return within_ranges and lawful(search.base)


def coordinates(axes: Sequence[Axis], points: Sequence[Point]) -> Floats:
    """Points in the unit cube: (points, variables). Levels stand in their order, evenly."""
    return np.array(
        [[_share(axis, value) for axis, value in zip(axes, point, strict=True)] for point in points]
    )


def _share(axis: Axis, value: Any) -> float:
    if axis.levels:
        place = axis.levels.index(value) if value in axis.levels else 0
        return (place + 0.5) / len(axis.levels)
    return (float(value) - axis.low) / (axis.high - axis.low)


def split(search: Search, values: Floats) -> tuple[Floats, Floats]:
    """Goals, signed so that larger is better, and limited measures: (points, replications, ...) each."""
    at = {measure: i for i, measure in enumerate(search.measures)}
    good = np.stack([goal.sign * values[..., at[goal.measure]] for goal in search.goals], axis=-1)
    limited = [values[..., at[limit.measure]] for limit in search.limits]
    return good, np.stack(limited, axis=-1) if limited else np.empty((*values.shape[:-1], 0))


def within(search: Search, limited: Floats) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Points whose limited measures (points, limits) keep their bounds."""
    allowed = np.ones(len(limited), dtype=bool)
    for i, limit in enumerate(search.limits):
        allowed &= limit.kept(limited[:, i])
    return allowed


def contenders(search: Search, values: Floats) -> list[int]:
    """Points that may be on the front, the surest first."""
    good, limited = split(search, values)
    share = membership(good, limited, search.limits, np.random.default_rng(search.seed))
    order = [int(i) for i in np.argsort(-share, kind="stable")]
    return [i for i in order if share[i] >= DOUBT][:SETTLED]


def propose(
    search: Search, tried: Sequence[Point], values: Floats, pool: Sequence[Point], step: int
) -> list[Point]:
    """The next points: of the fronts of functions drawn from the surrogates, those farthest from what is known."""
    rng = np.random.default_rng([search.seed, step])
    known = set(tried)
    left = [point for point in pool if point not in known]
    wanted = min(ROUND, search.points - len(tried), len(left))
    if wanted <= 0:
        return []
    x, new = coordinates(search.axes, tried), coordinates(search.axes, left)
    surrogates = [_fit(x, values[..., i]) for i in range(len(search.measures))]
    drawn = np.stack([surrogate.draw(new, rng, wanted) for surrogate in surrogates], axis=-1)
    chosen: list[int] = []
    for functions in drawn:  # (points left, measures)
        good, limited = split(search, functions)
        on = [int(i) for i in np.flatnonzero(front(good, within(search, limited))) if i not in chosen]
        if not on:  # no drawn point keeps the limits: the one that comes nearest, or any other
            on = [int(i) for i in np.argsort(_excess(search, limited), kind="stable") if i not in chosen][:1]
        taken = np.concatenate([x, new[chosen]]) if chosen else x
        apart = [float(np.min(((taken - new[i]) ** 2).sum(axis=1))) for i in on]
        chosen.append(on[int(np.argmax(apart))])
    return [left[i] for i in chosen]


def _excess(search: Search, limited: Floats) -> Floats:
    """How far the limited measures are outside their bounds: (points,)."""
    out = np.zeros(len(limited))
    for i, limit in enumerate(search.limits):
        scale = float(np.std(limited[:, i])) if extent(limited[:, i]) else 1.0
        out += (
            np.maximum(limit.low - limited[:, i], 0.0) / scale
            + np.maximum(limited[:, i] - limit.high, 0.0) / scale
        )
    return out


def _fit(x: Floats, values: Floats) -> Surrogate:
    """A surrogate of one measure: (points, replications).

    All points share their random numbers, so only what is left when a replication's level is taken out counts as noise.
    """
    middle = mean(values)
    known = np.isfinite(middle)
    replications = values.shape[1]
    if replications < 2 or not known.any():
        noise = np.zeros(len(values))
    else:
        level = np.nanmean(values - middle[:, None], axis=0)
        rest = values - middle[:, None] - level
        noise = np.nan_to_num(np.nanvar(rest, axis=1, ddof=1)) / replications
    if not known.any():
        return Surrogate(x, np.zeros(len(values)), noise)
    return Surrogate(x[known], middle[known], noise[known])
