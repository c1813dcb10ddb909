"""Draws of single people in the loop: ``sim.model.counter_streams`` in numbers of 64 bits, which run over as they should."""

from __future__ import annotations

import numpy as np

from sim.model.counter_streams import GOLDEN, UNIT, A, B
from sim.theory.normal_quantile import normal_quantile

U = np.uint64
FACTOR_A, FACTOR_B, STRIDE, ONE = U(A), U(B), U(GOLDEN), U(1)
THIRTY, TWENTY_SEVEN, THIRTY_ONE, TWELVE = U(30), U(27), U(31), U(12)


def mixed(state: U, number: int) -> U:
    """``number`` mixed into ``state``."""
    z = state + STRIDE * (U(number) + ONE)
    z = (z ^ (z >> THIRTY)) * FACTOR_A
    z = (z ^ (z >> TWENTY_SEVEN)) * FACTOR_B
    return z ^ (z >> THIRTY_ONE)


def uniform(state: U, whom: int) -> float:
    """The draw that belongs to ``whom``, uniform on (0, 1)."""
    return (float(mixed(state, whom) >> TWELVE) + 0.5) * UNIT


def normal(state: U, whom: int) -> float:
    """The same, standard normal."""
    return normal_quantile(uniform(state, whom))
