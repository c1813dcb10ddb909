"""Random draws of single people and of pairs (a bidder and a lot): a number computed from what it is about.

A stream suits things that have a place in a block of draws. Who looks ahead, what money somebody has, whether a lot
suits one of ten thousand bidders are asked for one by one, in an order that policies change; so the draw is a hash of
(seed, replication, purpose, whom). The hash is SplitMix64's output function (Steele, Lea & Flood, OOPSLA 2014),
each number mixed into the state in turn.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.random import SeedSequence

from sim.model.random_streams import Purpose
from sim.theory.normal_quantile import normal_quantile, normal_quantiles

GOLDEN = 0x9E3779B97F4A7C15
A, B = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_A, _B, _30, _27, _31, _12 = (np.uint64(x) for x in (A, B, 30, 27, 31, 12))
_MASK = 2**64 - 1
UNIT = 2.0**-52

Keys = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]


def key(seed: int, replication: int, purpose: Purpose) -> int:
    """What all draws of one purpose in one replication start from."""
    return int(SeedSequence(seed, spawn_key=(replication, int(purpose))).generate_state(1, np.uint64)[0])


def mixed(state: int, number: int) -> int:
    """``number`` mixed into ``state``: 64 bits that look like chance."""
    z = (state + GOLDEN * (number + 1)) & _MASK
    z = ((z ^ (z >> 30)) * A) & _MASK
    z = ((z ^ (z >> 27)) * B) & _MASK
    return z ^ (z >> 31)


def uniform(state: int, *whom: int) -> float:
    """The draw that belongs to ``whom``, uniform on (0, 1)."""
    for number in whom:
        state = mixed(state, number)
    return ((state >> 12) + 0.5) * UNIT


def normal(state: int, *whom: int) -> float:
    """The same, standard normal."""
    return normal_quantile(uniform(state, *whom))


def mixed_all(states: Keys, numbers: int | npt.NDArray[np.int64]) -> Keys:
    """``mixed`` for an array of states and one number, or one for each; the same bits."""
    if isinstance(numbers, int):
        z = states + np.uint64(GOLDEN * (numbers + 1) & _MASK)
    else:
        z = states + np.uint64(GOLDEN) * (numbers.astype(np.uint64) + np.uint64(1))
    z ^= z >> _30
    z *= _A
    z ^= z >> _27
    z *= _B
    z ^= z >> _31
    return z


def uniforms(states: Keys) -> Floats:
    """Mixed states as numbers on (0, 1)."""
    return ((states >> _12).astype(np.float64) + 0.5) * UNIT


def normals(states: Keys) -> Floats:
    """The same, standard normal."""
    return normal_quantiles(uniforms(states))
