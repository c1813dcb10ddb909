"""Whether the answer depends on the random numbers of the simulated totals.

The totals that stand for turnover, commission and premium are drawn once and kept for all parameters. Under other random
seeds the same draws of the posterior have other weights; reported is how far the ends of the answer's interval move.
"""

from __future__ import annotations

from collections.abc import Sequence
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
GOOD: Final = 0.25  # of the answer's sd: the most that an end may move by
ENDS: Final = (0.025, 0.975)


def totals(model: ForwardModel, interpretation: Interpretation, theta: Floats, other: int) -> Floats:
    """(n,) log likelihood of the totals at vectors (n, p), their random numbers those of another seed."""
    one = density(model.seeded(model.seed + other), interpretation)
    parts = [one.predict(theta[i : i + BATCH]) for i in range(0, len(theta), BATCH)]
    return np.concatenate([by_moment(one.moments, part).totals.sum(axis=1) for part in parts])


def moved(effect: Floats, log_weights: Sequence[Floats]) -> Floats:
    """(seeds, 2): by how many of its sds each end of the answer moves. ``effect``: (n,) at draws of equal weight;
    ``log_weights``: (n,) of each seed.
    """
    ends = quantiles(effect, ENDS)
    out = []
    for log_weight in log_weights:
        w = np.exp(log_weight - log_weight.max())
        out.append((quantiles(effect, ENDS, w / w.sum()) - ends) / np.nanstd(effect))
    return np.array(out)
