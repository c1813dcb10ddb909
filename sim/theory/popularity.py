"""Averages over lots' popularity where no closed form is at hand: points and weights of a Gamma(k, 1/k) law.

Gauss-Legendre in the probability below a point: popularity at k < 1 has a pole at 0, and there nothing depends on it. With
``POINTS`` points probabilities of a sale are good to 0.003 (measured against ``counts.none``, k from 0.15 to 15).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.special import gammaincinv

from sim.theory.values import Floats, on_unit

POINTS: Final = 16
_T, _W = on_unit(POINTS)


def popularity(k: float) -> tuple[Floats, Floats]:
    """Points G and weights such that sum(w f(G)) is the average of f; one point for an infinite ``k``."""
    if np.isinf(k):
        return np.ones(1), np.ones(1)
    return np.asarray(gammaincinv(k, _T) / k), _W
