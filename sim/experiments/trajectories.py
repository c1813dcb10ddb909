"""Morris' screening: trajectories on which one factor moves at a time, and the elementary effects along them.

A factor that takes any value of a stretch is moved on Morris' grid of four levels by two thirds of it, as SALib draws
it. One that has levels of its own (whole numbers, a list, true or false) is moved on these: Morris (1991, Technometrics
33, 161-174) allows every factor its own number p of levels, and a move of half of them makes all equally frequent
(p even; of an odd p, the one in the middle is met twice as often). Where the levels have no order, two different ones are
drawn. So no step stands still, and none is squeezed onto levels that it does not fit.

An elementary effect is the change of the measure divided by the distance really moved, as a share of the factor's range
(Saltelli et al. 2008, Global Sensitivity Analysis: The Primer, p. 120), so that all factors are on one scale: what the
measure changes by if the factor goes through its whole range. Levels without an order are one change apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.experiments.sweep.axes import Axis
from sim.measures.rounding import without_rounding

Floats = npt.NDArray[np.float64]
LEVELS = 4  # of the grid on a stretch, SALib's own choice


class OffAxisError(Exception):
    """A value that is not on the axis on which a factor moves."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What a factor's moves are measured by: its range, or, where its levels have no order, their list."""

    low: float = 0.0
    high: float = 0.0
    levels: tuple[str, ...] = ()

    def distance(self, start: Any, end: Any) -> float:
        """The move from one value to another as a share of the range, signed."""
        if start == end:
            return 0.0
        if self.levels:
            if not {str(start), str(end)} <= set(self.levels):
                raise OffAxisError(f"{start} or {end} is not among {', '.join(self.levels)}")
            return -1.0 if self.levels.index(str(end)) < self.levels.index(str(start)) else 1.0
        if not self.low < self.high:
            raise OffAxisError(f"{start} is not {end}, and the axis has one value")
        a, b = place(start), place(end)
        return (b - a) / (self.high - self.low) if a is not None and b is not None else 1.0


def scale_of(axis: Mapping[str, Any]) -> Scale:
    """The scale of an axis as a sweep's manifest describes it."""
    if "low" in axis:
        return Scale(axis["low"], axis["high"])
    levels = axis["levels"] if isinstance(axis["levels"], list) else [axis["first"], axis["last"]]
    places = [at for level in levels if (at := place(level)) is not None]
    if len(places) < len(levels):
        return Scale(levels=tuple(map(str, levels)))
    return Scale(min(places), max(places))


def place(level: Any) -> float | None:
    """Where a number or a date stands; None for what has no order. Manifests hold dates as text."""
    if isinstance(level, int | float) and not isinstance(level, bool):
        return float(level)
    try:
        return float(date.fromisoformat(str(level)).toordinal())
    except ValueError:
        return None


def trajectories(axes: Sequence[Axis], samples: int, seed: int) -> list[list[Any]]:
    """Values of every axis at the points of ``samples`` trajectories, ``len(axes)`` + 1 points each."""
    from SALib.sample import morris

    problem = {"num_vars": len(axes), "names": [a.path for a in axes], "bounds": [[0.0, 1.0]] * len(axes)}
    shares: Floats = morris.sample(problem, samples, num_levels=LEVELS, seed=seed)
    rng = np.random.default_rng([seed, 1])  # apart from what SALib draws by the seed
    return [_on_levels(axis, shares[:, i].reshape(samples, -1), rng) for i, axis in enumerate(axes)]


def _on_levels(axis: Axis, shares: Floats, rng: np.random.Generator) -> list[Any]:
    """Values at ``shares`` (trajectories, points); of an axis with levels of its own, at two of them a trajectory."""
    number = len(axis.levels) or (int(axis.high) - int(axis.low) + 1 if axis.whole else 0)
    if not number:
        return axis.at(shares.ravel())
    places = [at for level in axis.levels if (at := place(level)) is not None]
    ordered = len(places) == len(axis.levels)
    order: Sequence[int] = np.argsort(places, kind="stable").tolist() if places and ordered else range(number)
    found: list[int] = []
    for up in shares > shares.min(axis=1, keepdims=True):
        low, high = _two(number, ordered, rng)
        found += np.where(up, order[high], order[low]).tolist()
    return [axis.levels[i] if axis.levels else int(axis.low) + i for i in found]


def _two(number: int, ordered: bool, rng: np.random.Generator) -> tuple[int, int]:
    """Two different ones of ``number`` levels: half of them apart if they have an order."""
    if not ordered:
        first, second = rng.choice(number, 2, replace=False).tolist()
        return first, second
    low = int(rng.integers(number - number // 2))
    return low, low + number // 2


def elementary_effects(
    columns: Sequence[Sequence[Any]], scales: Sequence[Scale], outputs: Floats
) -> list[Floats]:
    """Effects of each factor, one for each of its moves. ``columns``: values of each factor at the points; ``outputs``: (points,)."""
    found: list[list[float]] = [[] for _ in scales]
    for first in range(0, len(outputs), len(scales) + 1):
        for start in range(first, first + len(scales)):
            change = outputs[start + 1] - outputs[start]
            change = without_rounding(change, np.abs(outputs[start : start + 2]).max())
            for effects, column, scale in zip(found, columns, scales, strict=True):
                moved = scale.distance(column[start], column[start + 1])
                if moved:
                    effects.append(float(change) / moved)
    return [np.array(effects) for effects in found]
