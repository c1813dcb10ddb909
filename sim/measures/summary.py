"""Many replications to one table: mean, spread, and two intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.measures.compute import BASES, MeasureTable


def summarise(tables: Sequence[MeasureTable], level: float = 0.95) -> dict[str, list[Any]]:
    """Tidy columns: window, segment, basis, measure, mean, sd, ci_low, ci_high, low, high, replications.

    ``ci_low``/``ci_high`` is the Student interval of the *mean* over replications (how well the simulation knows
    its own average); ``low``/``high`` are quantiles over replications (how far one simulated province may lie
    from another, which is what a printed figure is to be compared with). Undefined values are left out and
    ``replications`` counts the rest; with fewer than two the spread is ``nan``.
    """
    from scipy.special import stdtrit

    stack = np.stack([table.values for table in tables])
    known = np.isfinite(stack)
    n = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        total = np.where(known, stack, 0.0).sum(axis=0)
        mean = np.where(n > 0, total / n, np.nan)
        squares = (np.where(known, stack - mean, 0.0) ** 2).sum(axis=0)
        sd = np.where(n > 1, np.sqrt(squares / (n - 1)), np.nan)
        half = stdtrit(np.maximum(n - 1, 1), 0.5 + level / 2) * sd / np.sqrt(n)
    tail = (1.0 - level) / 2
    ordered = np.sort(np.where(known, stack, np.inf), axis=0)
    low, high = (_quantile(ordered, n, q) for q in (tail, 1.0 - tail))
    first = tables[0]
    shape = stack.shape[1:]
    names = (first.windows, first.segments, BASES, first.measures)
    grid = np.indices(shape).reshape(4, -1)
    columns: dict[str, list[Any]] = {
        name: [labels[i] for i in index]
        for name, labels, index in zip(("window", "segment", "basis", "measure"), names, grid, strict=True)
    }
    numbers = {
        "mean": mean,
        "sd": sd,
        "ci_low": mean - half,
        "ci_high": mean + half,
        "low": low,
        "high": high,
    }
    columns |= {name: array.ravel().tolist() for name, array in numbers.items()}
    columns["replications"] = n.ravel().tolist()
    return columns


def _quantile(ordered: np.ndarray, n: np.ndarray, q: float) -> np.ndarray:
    """Linear-interpolation quantile over the first axis of sorted values, of which the first ``n`` are known."""
    at = q * np.maximum(n - 1, 0)
    below = np.floor(at).astype(int)
    above = np.minimum(below + 1, np.maximum(n - 1, 0))
    a = np.take_along_axis(ordered, below[None], axis=0)[0]
    b = np.take_along_axis(ordered, above[None], axis=0)[0]
    with np.errstate(invalid="ignore"):
        return np.where(n > 0, a + (at - below) * (b - a), np.nan)
