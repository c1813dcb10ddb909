"""Bayesian model averaging over interpretations: their posterior probabilities, and draws from the mixture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calibration.estimation.posterior import Posterior
from calibration.estimation.weights import resampled
from calibration.random_streams import Purpose, stream

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mixture:
    """Draws of equal weight from all interpretations. ``theta``: (n, p); ``which``: (n,) the interpretation of each;
    ``weights``: (interpretations,) their posterior probabilities.
    """

    theta: Floats
    which: npt.NDArray[np.intp]
    weights: Floats


def weights(prior: Sequence[float], log_marginal: Sequence[float]) -> Floats:
    """Posterior probabilities: prior x marginal likelihood of the same published numbers."""
    log_weight = np.log(np.asarray(prior, dtype=np.float64)) + np.asarray(log_marginal, dtype=np.float64)
    w = np.exp(log_weight - log_weight.max())
    return np.asarray(w / w.sum())


def mixture(posteriors: Sequence[Posterior], number: int, seed: int) -> Mixture:
    """``number`` draws, each interpretation's share by its weight (systematic, so to within one draw)."""
    found = weights(
        [one.one.interpretation.weight for one in posteriors], [one.log_marginal for one in posteriors]
    )
    which = np.sort(resampled(found, number, stream(seed, Purpose.MIXTURE)))
    theta = np.concatenate([
        one.draws(int((which == i).sum()), seed) if (which == i).any() else one.theta[:0] for i, one in enumerate(posteriors)
    ])  # fmt: skip
    return Mixture(theta, which, found)


def effective(weights: Floats, sizes: Sequence[float]) -> float:
    """As how many independent draws those of a mixture count, of interpretations with these weights and effective draws: the
    variance of a mean is the sum of squared weights over effective draws.
    """
    return float(1.0 / (np.square(weights) / np.asarray(sizes, dtype=np.float64)).sum())
