"""The marginal likelihood: the integral of the posterior's unnormalised density, by bridge sampling in two steps.

From the posterior to the surrogate, which is like it but not normalised either, and from the surrogate to a distribution
whose density is known (a kernel estimate of its draws). The second step costs nothing, so it can use thousands of draws.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.estimation.kernel_density import smoothed
from calibration.estimation.walk import Height, Truth, heights, walked

Floats = npt.NDArray[np.float64]

SETTLING: Final = 200  # steps on the surrogate from draws of the posterior
APART: Final = 100  # steps between states on the surrogate
STATES: Final = 8  # of all walkers, for the second step
EVALUATED: Final = 2  # of these, evaluated exactly
KNOWN: Final = 2000  # draws of the known distribution, an ensemble


def log_marginals(of: Height, truth: Truth, drawn: tuple[Floats, Floats, Floats], rng: np.random.Generator) -> Floats:  # fmt: skip
    """(ensembles,) log marginal likelihoods. ``drawn``: states of the posterior (ensembles, n, p), their log densities, the
    posterior's and the surrogate's, (ensembles, n) each.
    """
    states, true, height = drawn
    y = walked(of, states[:, -states.shape[1] // 2 :][:, :: max(states.shape[1] // 128, 1)], SETTLING, rng)
    each = []
    for _ in range(STATES):
        y = walked(of, y, APART, rng)
        each.append(y)
    p = y.shape[2]
    evaluated = np.concatenate(each[:: STATES // EVALUATED], axis=1)
    exact = truth.terms(evaluated.reshape(-1, p)).log_posterior.reshape(evaluated.shape[:2])
    own = np.concatenate(each, axis=1)
    half = own.shape[1] // 2
    found = []
    for e in range(len(states)):
        known = smoothed(own[e, :half], np.zeros(half), rng)
        other = known.draw(KNOWN, rng)
        surrogate = bridge(
            of.log_density(own[e, half:]) - known.log_density(own[e, half:]),
            of.log_density(other) - known.log_density(other),
        )
        found.append(surrogate + bridge(true[e] - height[e], exact[e] - heights(of, evaluated[e][None])[0]))
    return np.array(found)


def bridge(own: Floats, other: Floats) -> float:
    """Log ratio of the integrals of two densities (Meng & Wong 1996). ``own``, ``other``: log first over second density, at
    draws of the first and of the second.
    """
    n, m = len(own), len(other)
    middle = float(np.median(own))
    a, b = own - middle, other - middle
    log_n, log_m = np.log(n / (n + m)), np.log(m / (n + m))
    log_r = 0.0
    for _ in range(500):
        above = np.logaddexp.reduce(b - np.logaddexp(log_n + b, log_m + log_r)) - np.log(m)
        below = np.logaddexp.reduce(-np.logaddexp(log_n + a, log_m + log_r)) - np.log(n)
        new = float(above - below)
        if abs(new - log_r) < 1e-8:
            break
        log_r = new
    return log_r + middle
