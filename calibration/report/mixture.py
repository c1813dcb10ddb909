"""The whole set: vectors of all readings that are not ruled out, each reading with its prior weight."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from calibration.result import Result

Floats = npt.NDArray[np.float64]


def mixture(result: Result) -> tuple[Floats, Floats]:
    """(n, p) vectors and their weights, which add up to 1; empty where every reading is ruled out.

    The weights of readings are prior ones, left as they were: how well a reading fits depends on the discrepancies that
    were assumed, and is told beside it instead of being turned into a probability.
    """
    alive = [case for case in result.alive if len(case.sample)]
    if not alive:
        p = len(result.world.space.slots)
        return np.empty((0, p)), np.empty(0)
    total = sum(case.weight for case in alive)
    weights = [np.full(len(case.sample), case.weight / total / len(case.sample)) for case in alive]
    return np.concatenate([case.sample for case in alive]), np.concatenate(weights)
