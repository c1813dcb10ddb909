"""Effective sample size of weighted draws, and weights tempered to reach one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def effective(log_weight: Floats) -> float:
    """Effective sample size of the weights, (sum w)^2 / sum w^2; 0 if none is above 0."""
    if not np.isfinite(log_weight).any():
        return 0.0
    w = np.exp(log_weight - log_weight.max())
    return float(w.sum() ** 2 / (w**2).sum())


def tempering(log_weight: Floats, wanted: float) -> float:
    """The largest power up to 1 at which the effective sample size is ``wanted``."""
    if effective(log_weight) >= wanted:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2.0
        low, high = (middle, high) if effective(log_weight * middle) >= wanted else (low, middle)
    return max(low, 1e-6)


def resampled(weight: Floats, number: int, rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """Systematic resampling, shuffled: places of ``number`` draws, each as often as its weight has it."""
    at = (np.arange(number) + rng.random()) / number
    found = np.searchsorted(np.cumsum(weight) / weight.sum(), at).clip(max=len(weight) - 1)
    return np.asarray(rng.permutation(found))
