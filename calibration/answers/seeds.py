"""Whether the answer depends on the random numbers of the simulated totals.

The totals that stand for turnover, commission and premium are drawn once and kept for all parameters. Under other random
seeds the same draws of the posterior have other weights; reported is how far the ends of the answers' intervals move. Weights
are smoothed by their Pareto tail, whose shape k says whether they may be used at all (Vehtari et al. 2024). An end rests on few
draws, so how far it moves is known up to an error, found by drawing as many of them anew as there are effective ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.answers.summary import quantiles
from calibration.estimation.density import density
from calibration.estimation.likelihood import by_moment
from calibration.estimation.refusal import Refusal
from calibration.forward_model.forward_model import BATCH, ForwardModel
from calibration.random_streams import Purpose, stream
from calibration.targets.interpretations import Interpretation

Floats = npt.NDArray[np.float64]

OTHERS: Final = (1, 2)  # added to the seed of the totals
MOST: Final = 2048  # draws that are reweighted
GOOD: Final = 0.25  # of an answer's sd: the most that an end may move by
GOOD_K: Final = 0.7  # from this Pareto k on weights are not to be trusted
ANSWERS: Final = ("sold_ever", "recovery_all", "days_to_sale")  # outcomes of the headline
ENDS: Final = (0.025, 0.975)
LEAST: Final = 1e-12
FEW: Final = 25  # draws
CHANCE: Final = 2.0  # errors of a movement that chance explains
AGAIN: Final = 100  # times that draws are drawn anew


@dataclass(frozen=True, slots=True)
class Moved:
    """``ends``: (seeds, answers, 2) by how many of its sds each end of an answer moves; ``error``: of that, likewise; ``k``: (seeds,)
    Pareto k of the weights.
    """

    ends: Floats
    error: Floats
    k: Floats

    @property
    def beyond(self) -> Floats:
        """(seeds, answers, 2): what chance does not explain of it."""
        return np.maximum(np.abs(self.ends) - CHANCE * self.error, 0.0)

    def refusal(self) -> tuple[Refusal, ...]:
        """Why the answer must not be used; empty if it may."""
        if len(self.k) and not float(self.k.max()) < GOOD_K:
            return (Refusal("k", float(self.k.max()), GOOD_K),)
        if len(self.ends) and not float(self.beyond.max()) <= GOOD:
            return (Refusal("moved", float(self.beyond.max()), GOOD),)
        return ()


NOTHING: Final = Moved(np.empty((0, len(ANSWERS), 2)), np.empty((0, len(ANSWERS), 2)), np.empty(0))


def totals(model: ForwardModel, interpretation: Interpretation, theta: Floats, other: int) -> Floats:
    """(n,) log likelihood of the totals at vectors (n, p), their random numbers those of another seed."""
    one = density(model.seeded(model.seed + other), interpretation)
    parts = [one.predict(theta[i : i + BATCH]) for i in range(0, len(theta), BATCH)]
    return np.concatenate([by_moment(one.moments, part).totals.sum(axis=1) for part in parts])


def moved(effects: Floats, log_weights: Floats, effective: float, seed: int = 0) -> Moved:
    """``effects``: (n, answers) at draws of equal weight; ``log_weights``: (seeds, n); ``effective``: effective number of draws."""
    ends, k = _moved(effects, log_weights)
    rng = stream(seed, Purpose.SEEDS)
    number = int(np.clip(np.nan_to_num(effective), 2, len(effects)))
    some = [rng.integers(0, len(effects), number) for _ in range(AGAIN)]
    error = np.std([_moved(effects[one], log_weights[:, one])[0] for one in some], axis=0)
    return Moved(ends, np.asarray(error), k)


def _moved(effects: Floats, log_weights: Floats) -> tuple[Floats, Floats]:
    from arviz_stats.base import array_stats

    ends, k = [], []
    for log_weight in log_weights:
        if len(log_weight) < FEW:  # no tail to fit
            smooth, shape = log_weight, np.nan
        elif np.ptp(log_weight) == 0.0:  # no weight but 1
            smooth, shape = log_weight, -np.inf
        else:
            smooth, shape = array_stats.psislw(-log_weight)  # it takes log likelihoods, to be divided by
        weight = np.exp(smooth - smooth.max())
        ends.append([
            (quantiles(x, ENDS, weight / weight.sum()) - quantiles(x, ENDS)) / max(float(np.nanstd(x)), LEAST) for x in effects.T
        ])  # fmt: skip
        k.append(float(shape))
    return np.array(ends), np.array(k)
