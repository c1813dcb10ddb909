"""Quantiles of weighted draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def quantiles(x: Floats, probabilities: Sequence[float], weights: Floats | None = None) -> Floats:
    """Quantiles of draws (n,), those that are undefined left out; nan where none is left."""
    known = np.isfinite(x)
    if not known.any():
        return np.full(len(probabilities), np.nan)
    x = x[known]
    w = np.ones(len(x)) if weights is None else weights[known]
    order = np.argsort(x)
    at = (np.cumsum(w[order]) - 0.5 * w[order]) / w.sum()
    return np.asarray(np.interp(probabilities, at, x[order]))


@dataclass(frozen=True, slots=True)
class Interval:
    """The central part of a posterior; ``below``: the probability that the number is less than 0."""

    low: float
    median: float
    high: float
    below: float

    @property
    def sign(self) -> int:
        """The sign of the whole interval; 0 where it holds both or none."""
        return 1 if self.low > 0.0 else -1 if self.high < 0.0 else 0


def interval(x: Floats, weights: Floats | None = None, level: float = 0.95) -> Interval:
    """Central ``level`` of draws (n,)."""
    low, median, high = quantiles(x, ((1.0 - level) / 2.0, 0.5, (1.0 + level) / 2.0), weights)
    known = np.isfinite(x)
    w = np.ones(len(x)) if weights is None else weights
    below = float(w[known & (x < 0.0)].sum() / w[known].sum()) if known.any() else np.nan
    return Interval(float(low), float(median), float(high), below)
