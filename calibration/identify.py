"""Identifiability: what the figures pin down, and along which directions they say nothing.

Profile likelihoods (Raue et al. 2009): the distance at its least while one parameter is held, over the parameter's
range; flat where the data do not touch it. Singular values of the scaled Jacobian: in units of the moments' errors
and of the prior's spread, so that 1 is where data and prior weigh alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.distance import Estimate, Objective, prior_spread
from calibration.inference import bread, inverse, scaled_singular

Floats = npt.NDArray[np.float64]

POINTS: Final = 9  # of a profile
ROUNDS: Final = 4  # Gauss-Newton steps a point
LIKELY: Final = 3.84  # chi2(1) at 95 %


@dataclass(frozen=True, slots=True)
class Profile:
    """One parameter's profile. ``at``: transformed scale; ``distance``: least, prior term included, less its minimum."""

    slot: int
    at: Floats
    distance: Floats

    @property
    def bounded(self) -> tuple[bool, bool]:
        """Whether the distance rises above ``LIKELY`` towards the lower and the upper end."""
        low = int(np.argmin(self.distance))
        return bool((self.distance[: low + 1] > LIKELY).any()), bool((self.distance[low:] > LIKELY).any())


def profile(one: Objective, estimate: Estimate, slot: int, points: int = POINTS) -> Profile:
    """Profile of one parameter, walked outwards from the estimate so that each point starts from its neighbour."""
    space = one.world.space
    grid = np.unique(np.append(np.linspace(space.low[slot], space.high[slot], points), estimate.theta[slot]))
    middle = int(np.searchsorted(grid, estimate.theta[slot]))
    weights = inverse(estimate.covariance)
    found = np.full(len(grid), np.inf)
    for order in (range(middle, len(grid)), range(middle, -1, -1)):
        theta = estimate.theta.copy()
        for i in order:
            theta[slot] = grid[i]
            theta, value = _least(one, theta, slot, weights)
            found[i] = min(found[i], value)
    return Profile(slot, grid, found - found.min())


def _least(one: Objective, theta: Floats, held: int, weights: Floats) -> tuple[Floats, float]:
    """The least distance with one parameter held: damped Gauss-Newton inside the box, a weak prior along the ridge."""
    space = one.world.space
    free = np.arange(len(theta)) != held
    sd = prior_spread(one.world)
    centre = (space.low + space.high) / 2.0

    def value(points: Floats) -> Floats:
        g = one.predict(points).mean - one.observed
        pull = ((points - centre) / sd)[:, free]
        return np.asarray(np.einsum("ni,ij,nj->n", g, weights, g) + 0.05 * (pull**2).sum(axis=1))

    best, at = float(value(theta[None, :])[0]), theta
    for _ in range(ROUNDS):
        g = one.residual(at)
        jacobian = one.jacobian(at)[:, free]
        pull = 0.05 / sd[free] ** 2
        step = np.zeros(len(theta))
        gradient = jacobian.T @ weights @ g + pull * (at - centre)[free]
        step[free] = -bread(jacobian, weights, np.diag(pull)) @ gradient
        tried = np.clip(at + np.outer((1.0, 0.4, 0.1), step), space.low, space.high)
        values = value(tried)
        i = int(np.argmin(values))
        if values[i] >= best - 1e-3:
            break
        best, at = float(values[i]), tried[i]
    return at, best


@dataclass(frozen=True, slots=True)
class Directions:
    """Singular values, largest first, and the direction of each: (p, p), rows, in units of prior sd."""

    values: Floats
    rows: Floats

    @property
    def known(self) -> int:
        """Directions along which the data say more than the prior."""
        return int((self.values > 1.0).sum())


def directions(one: Objective, estimate: Estimate) -> Directions:
    """What the figures say, direction by direction, at the estimate."""
    values, rows = scaled_singular(one.jacobian(estimate.theta), estimate.covariance, prior_spread(one.world))
    return Directions(values, rows)


def shrinkage(sample: Floats, prior_sd: Floats) -> Floats:
    """(p,): 1 - (sd of the sample / sd of the prior)^2: 0 where nothing was learnt, 1 where everything was."""
    return np.asarray(np.clip(1.0 - (sample.std(axis=0) / prior_sd) ** 2, 0.0, 1.0))
