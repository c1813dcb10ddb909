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
ROUNDS: Final = 5  # Gauss-Newton steps, at most
DAMPED: Final = (1.0, 0.5, 0.2, 0.05)  # shares of a step that are tried
PULL: Final = 0.05  # weight of the prior along what print does not tell
STARTS: Final = 2  # of each point
KNOWN: Final = 96  # vectors of the set among which starts are chosen
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


def profile(
    one: Objective, estimate: Estimate, slot: int, known: Floats | None = None, points: int = POINTS
) -> Profile:
    """Profile of one parameter. ``known``: vectors (n, p) near print; the distance has more than one valley, so each point is
    looked for from the estimate, from the best of them and from what its neighbours found, outwards and back again.
    """
    space = one.world.space
    grid = np.unique(np.append(np.linspace(space.low[slot], space.high[slot], points), estimate.theta[slot]))
    middle = int(np.searchsorted(grid, estimate.theta[slot]))
    weights = inverse(estimate.covariance)
    goal = _Held(one, slot, weights)
    found, at = np.full(len(grid), np.inf), np.tile(estimate.theta, (len(grid), 1))
    pool = np.concatenate(
        [estimate.theta[None, :], estimate.ends, *([] if known is None else [known[:KNOWN]])]
    )
    outwards = [*range(middle, len(grid)), *range(middle - 1, -1, -1)]
    for i in outwards:
        start = np.concatenate([pool, at[max(i - 1, 0) : i + 2]])
        start[:, slot] = grid[i]
        start = start[np.argsort(goal(start))[:STARTS]]
        for theta in start:
            theta, value = goal.least(theta)
            if value < found[i]:
                found[i], at[i] = value, theta
    for i in reversed(outwards):
        start = at[max(i - 1, 0) : i + 2].copy()
        start[:, slot] = grid[i]
        values = goal(start)
        if values.min() < found[i]:  # a neighbour has found a better valley
            theta, value = goal.least(start[int(np.argmin(values))])
            found[i], at[i] = value, theta
    return Profile(slot, grid, found - found.min())


class _Held:
    """The distance with one parameter held, and a weak prior along the ridge."""

    def __init__(self, one: Objective, held: int, weights: Floats) -> None:
        space = one.world.space
        self.one, self.weights = one, weights
        self.free = np.arange(len(space.low)) != held
        self.sd = prior_spread(one.world)
        self.centre = (space.low + space.high) / 2.0

    def __call__(self, points: Floats) -> Floats:
        g = self.one.predict(points).mean - self.one.observed
        pull = ((points - self.centre) / self.sd)[:, self.free]
        value = np.einsum("ni,ij,nj->n", g, self.weights, g) + PULL * (pull**2).sum(axis=1)
        return np.asarray(np.where(np.isfinite(value), value, np.inf))

    def least(self, theta: Floats) -> tuple[Floats, float]:
        """From here by damped Gauss-Newton inside the box."""
        space, free = self.one.world.space, self.free
        best, at = float(self(theta[None, :])[0]), theta
        pull = PULL / self.sd[free] ** 2
        for _ in range(ROUNDS):
            g, jacobian = self.one.residual(at), self.one.jacobian(at)[:, free]
            step = np.zeros(len(theta))
            gradient = jacobian.T @ self.weights @ g + pull * (at - self.centre)[free]
            step[free] = -bread(jacobian, self.weights, np.diag(pull)) @ gradient
            tried = np.clip(at + np.outer(DAMPED, step), space.low, space.high)
            values = self(tried)
            i = int(np.argmin(values))
            if values[i] >= best - 1e-2:
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
