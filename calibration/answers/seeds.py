"""Whether the answer depends on the random numbers of the simulated totals.

The totals that stand for turnover, commission and premium are drawn once and kept for all parameters. Under other random
seeds the same draws of the posterior have other weights; reported is how far the ends of the answers' intervals move. Weights
are smoothed by their Pareto tail, whose shape k says whether they may be used at all (Vehtari et al. 2024).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.answers.summary import quantiles
from calibration.estimation.density import density
from calibration.estimation.likelihood import by_moment
from calibration.forward_model.forward_model import BATCH, ForwardModel
from calibration.targets.interpretations import Interpretation

Floats = npt.NDArray[np.float64]

OTHERS: Final = (1, 2)  # added to the seed of the totals
MOST: Final = 1024  # draws that are reweighted
GOOD: Final = 0.25  # of an answer's sd: the most that an end may move by
GOOD_K: Final = 0.7  # from this Pareto k on weights are not to be trusted
ANSWERS: Final = ("sold_ever", "recovery_all", "days_to_sale")  # outcomes of the headline
ENDS: Final = (0.025, 0.975)
LEAST: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Moved:
    """``ends``: (seeds, answers, 2) by how many of its sds each end of an answer moves; ``k``: (seeds,) Pareto k of the weights."""

    ends: Floats
    k: Floats

    def refusal(self) -> str:
        """Why the answer must not be used; empty if it may."""
        if len(self.k) and not float(self.k.max()) < GOOD_K:
            return f"seeds: Pareto k {self.k.max():.2f}, not below {GOOD_K:g}"
        if len(self.ends) and not float(np.abs(self.ends).max()) <= GOOD:
            return f"seeds: {np.abs(self.ends).max():.2f} sd > {GOOD:g}"
        return ""


NOTHING: Final = Moved(np.empty((0, len(ANSWERS), 2)), np.empty(0))


def totals(model: ForwardModel, interpretation: Interpretation, theta: Floats, other: int) -> Floats:
    """(n,) log likelihood of the totals at vectors (n, p), their random numbers those of another seed."""
    one = density(model.seeded(model.seed + other), interpretation)
    parts = [one.predict(theta[i : i + BATCH]) for i in range(0, len(theta), BATCH)]
    return np.concatenate([by_moment(one.moments, part).totals.sum(axis=1) for part in parts])


def moved(effects: Floats, log_weights: Floats) -> Moved:
    """``effects``: (n, answers) at draws of equal weight; ``log_weights``: (seeds, n)."""
    from arviz_stats.base import array_stats

    ends, k = [], []
    for log_weight in log_weights:
        if np.ptp(log_weight) == 0.0:  # no weight but 1
            smooth, shape = log_weight, -np.inf
        else:
            smooth, shape = array_stats.psislw(-log_weight)  # it takes log likelihoods, to be divided by
        weight = np.exp(smooth - smooth.max())
        ends.append([
            (quantiles(x, ENDS, weight / weight.sum()) - quantiles(x, ENDS)) / max(float(np.nanstd(x)), LEAST) for x in effects.T
        ])  # fmt: skip
        k.append(float(shape))
    return Moved(np.array(ends), np.array(k))
