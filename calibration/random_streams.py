"""Random numbers of a calibration belong to what they are for: each stream's key has a seed, a purpose and perhaps a number.

Two streams of one seed differ by their purpose, so that a step that draws more moves no other. Random numbers of the
simulated totals are counter-based and stand with them (``calibration.forward_model.simulated_totals``).
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """What a stream is for. Numbers are part of the results' identity: append, never renumber."""

    PRIOR = 1  # vectors of the prior at which policies are evaluated
    SAMPLER = 3  # walks of all ensembles
    POPULATION = 4  # one ensemble's population
    NEAREST = 5  # the population that looks for where an interpretation can be met best
    DRAWS = 9  # which draws of a posterior
    MIXTURE = 12  # how many draws of each interpretation
    FORECASTS = 21  # chance in predicted figures
    OBSERVATIONS = 32  # errors of observations that are not made yet
    SEEDS = 33  # draws drawn anew, for the error of how far an answer moves
    LOTS = 41  # draws of parameters estimated from rows, and chance in what is predicted of them
    PROVINCE = 101  # a simulated province
    PROVINCE_ERRORS = 102  # errors of closed forms, given to its figures
    RANKS = 103  # ranks of its truth among draws, where they tie
    BAND = 104  # uniform ranks that a band is made of
    PRICES = 20190416  # prices of windows, all drawn from one distribution


def stream(*key: int) -> np.random.Generator:
    """The generator of a key that has one purpose in it. Raises ``ValueError`` for any other."""
    if sum(isinstance(part, Purpose) for part in key) != 1:
        raise ValueError(f"the key of a stream has one purpose: {key}")
    return np.random.default_rng([int(part) for part in key])
