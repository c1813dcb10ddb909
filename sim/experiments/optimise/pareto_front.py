"""The Pareto front of noisy points: who is on it, how surely, and who is not significantly different from whom.

All points have the same replications, so that replications are drawn again for all of them at once: what chance does
to every point alike cancels, as it does in paired differences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.measures.rounding import negligible, without_rounding

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
RESAMPLES = 500


@dataclass(frozen=True, slots=True)
class Goal:
    """A measure to make large (sign 1) or small (sign -1)."""

    measure: str
    sign: int


@dataclass(frozen=True, slots=True)
class Limit:
    """A measure that must stay within bounds, but for rounding."""

    measure: str
    low: float = -np.inf
    high: float = np.inf

    def kept(self, values: Floats) -> Mask:
        over, under = values - self.low, self.high - values
        within: Mask = ((over >= 0.0) | negligible(over, self.low)) & (
            (under >= 0.0) | negligible(under, self.high)
        )
        return within


def front(good: Floats, allowed: Mask | None = None) -> Mask:
    """Non-dominated points among those allowed: (n,). ``good``: (n, goals), larger is better; nan is never on it.

    A point beats another if it is nowhere worse and somewhere better, by more than rounding.
    """
    there = np.isfinite(good).all(axis=1) & (np.ones(len(good), dtype=bool) if allowed is None else allowed)
    on = there.copy()
    for i in np.flatnonzero(there):
        gain = without_rounding(good - good[i], np.maximum(np.abs(good), np.abs(good[i])))
        on[i] = not ((gain >= 0.0).all(axis=1) & (gain > 0.0).any(axis=1) & there).any()
    return on


def membership(
    good: Floats,
    limited: Floats,
    limits: Sequence[Limit],
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
) -> Floats:
    """Share of bootstrap samples of the replications in which each point is on the front: (n,).

    ``good``: (n, replications, goals), larger is better; ``limited``: (n, replications, limits).
    """
    points, replications, _ = good.shape
    count = np.zeros(points)
    for _ in range(resamples):
        chosen = rng.integers(0, replications, replications)
        allowed = np.ones(points, dtype=bool)
        for i, limit in enumerate(limits):
            allowed &= limit.kept(mean(limited[:, chosen, i]))
        count += front(mean(good[:, chosen]), allowed)
    return count / resamples


def alike(good: Floats, level: float = 0.95) -> list[tuple[int, int]]:
    """Pairs of points that differ in no goal: the paired interval of every difference holds 0.

    ``good``: (n, replications, goals). With one replication no difference is significant.
    """
    from scipy.special import stdtrit

    points, replications, _ = good.shape
    pairs = []
    for a in range(points):
        for b in range(a + 1, points):
            difference = without_rounding(good[a] - good[b], np.maximum(np.abs(good[a]), np.abs(good[b])))
            if replications > 1:
                half = (
                    stdtrit(replications - 1, 0.5 + level / 2)
                    * difference.std(axis=0, ddof=1)
                    / np.sqrt(replications)
                )
                if (np.abs(difference.mean(axis=0)) > half).any():
                    continue
            pairs.append((a, b))
    return pairs


def mean(values: Floats) -> Floats:
    """Mean over axis 1, passing over what is undefined; nan where nothing is defined."""
    known = np.isfinite(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        middle: Floats = np.where(known, values, 0.0).sum(axis=1) / known.sum(axis=1)
    return middle
