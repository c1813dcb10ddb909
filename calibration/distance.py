"""Simulated minimum distance: the parameters at which printed figures and model are closest, from several starts.

theta = argmin g(theta)' W g(theta), g = model - print, W the inverse of the errors' covariance (sampling, Monte Carlo,
rounding, discrepancy), found by least squares within bounds (trust region reflective, Branch, Coleman & Li 1999) in two
steps: W at the start, then at the first estimate. Random numbers are common to all parameter values, so g is a smooth
function of theta.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import least_squares

from calibration.evaluate import prediction
from calibration.inference import (
    Test,
    bread,
    inflated,
    inverse,
    over_identification,
    power,
    sandwich,
    sensitivity,
)
from calibration.moments import Moment, Prediction, moments
from calibration.readings import BASES, Reading
from calibration.world import World

Floats = npt.NDArray[np.float64]

STEPS: Final = 2  # of the weights
BUDGET: Final = 30  # steps from a start
SMALLEST_STEP, SMALLEST_GAIN = 1e-3, 1e-4  # at which a fit ends, relative
EDGE: Final = 1e-6  # of the box: the method begins inside
UNDEFINED: Final = 1e3  # residual of a moment that has no value, standard errors
DIFFERENCE: Final = 1e-2  # step of numerical derivatives, of the box
WRONG: Final = 3.0  # errors of one moment at which the power of the test is told, standard errors


@dataclass(frozen=True, slots=True)
class Objective:
    """The distance for one reading. Vectors are on the transformed scale."""

    world: World
    reading: Reading
    moments: tuple[Moment, ...]

    @property
    def observed(self) -> Floats:
        return np.array([one.observed for one in self.moments])

    @property
    def simulated(self) -> npt.NDArray[np.bool_]:
        return np.array([one.aggregate for one in self.moments])

    def predict(self, theta: Floats) -> Prediction:
        """For (n, p) vectors."""
        return prediction(self.world, self.moments, theta, BASES.index(self.reading.basis))

    def residual(self, theta: Floats) -> Floats:
        """g for one vector: model - print."""
        return np.asarray(self.predict(theta[None, :]).mean[0] - self.observed)

    def covariance(self, theta: Floats) -> Floats:
        """Covariance (m, m) of g at the truth ``theta``."""
        sampling = self.predict(theta[None, :]).cov[0]
        own = np.diag([one.rounding**2 + one.discrepancy**2 for one in self.moments])
        return inflated(sampling, self.simulated, self.world.draws) + own

    def distance(self, theta: Floats, weights: Floats) -> float:
        g = self.residual(theta)
        return float(g @ weights @ g)

    def jacobian(self, theta: Floats, function: Any = None) -> Floats:
        """Central differences of the moments (or of ``function``, (n, p) to (n, k)), inside the box."""
        space = self.world.space
        step = DIFFERENCE * (space.high - space.low)
        up = np.minimum(theta + np.diag(step), space.high)
        down = np.maximum(theta - np.diag(step), space.low)
        f = function or (lambda points: self.predict(points).mean)
        width = np.diag(up) - np.diag(down)
        return np.asarray((f(up) - f(down)).T / width)


def objective(world: World, reading: Reading) -> Objective:
    return Objective(world, reading, tuple(moments(world.targets, reading)))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A minimum. ``starts``: distance reached from each start; ``evaluations``: in all."""

    theta: Floats
    distance: float
    covariance: Floats  # of g, whose inverse weighs
    starts: tuple[float, ...]
    ends: Floats  # (starts, p) where each start led
    evaluations: int


def minimise(one: Objective, starts: Sequence[Floats], budget: int = BUDGET) -> Estimate:
    """The best of several starts. All starts take both steps, so that two branches are told apart by distance."""
    ends, reached, covs, evaluations = [], [], [], 0
    for start in starts:
        theta, cov = start, one.covariance(start)
        for _ in range(STEPS):
            theta, used = _descend(one, theta, cov, budget)
            evaluations += used
            cov = one.covariance(theta)
        ends.append(theta)
        covs.append(cov)
        reached.append(one.distance(theta, inverse(cov)))
    best = int(np.argmin(reached))
    return Estimate(ends[best], reached[best], covs[best], tuple(reached), np.stack(ends), evaluations)


def _descend(one: Objective, start: Floats, cov: Floats, budget: int) -> tuple[Floats, int]:
    """Least squares inside the box from one start with fixed weights; evaluations used."""
    space = one.world.space
    low, width = space.low, space.high - space.low
    half = np.linalg.inv(np.linalg.cholesky(cov))
    used = 0

    def at(u: Floats) -> Floats:
        return np.asarray(low + width * np.clip(u, 0.0, 1.0))

    def g(u: Floats) -> Floats:
        nonlocal used
        used += 1
        r = half @ one.residual(at(u))
        return np.where(np.isfinite(r), r, UNDEFINED)

    def slope(u: Floats) -> Floats:
        nonlocal used
        used += 2 * len(u)
        found = half @ (one.jacobian(at(u)) * width)
        return np.where(np.isfinite(found), found, 0.0)

    inside = np.clip((start - low) / width, EDGE, 1.0 - EDGE)
    found = least_squares(
        g, inside, slope, bounds=(0.0, 1.0), xtol=SMALLEST_STEP, ftol=SMALLEST_GAIN, max_nfev=budget
    )
    return at(found.x), used


@dataclass(frozen=True, slots=True)
class Inference:
    """What a minimum says. Parameters on the transformed scale; ``se``: sandwich with (1 + 1/S), inf along directions
    that the data do not touch; ``posterior_se``: with the prior's spread as a weak normal prior; ``monte_carlo``: the
    part of se that comes from S draws being finitely many; ``lambda_``: (p, m) change of parameters a sd of each moment.
    """

    jacobian: Floats
    se: Floats
    posterior_se: Floats
    monte_carlo: Floats
    test: Test
    power: Floats
    lambda_: Floats
    prior_sd: Floats


def infer(one: Objective, estimate: Estimate) -> Inference:
    """Standard errors, test and sensitivities at a minimum."""
    theta, cov = estimate.theta, estimate.covariance
    g = one.jacobian(theta)
    weights = inverse(cov)
    space = one.world.space
    prior_sd = prior_spread(one.world)
    precision = np.diag(1.0 / prior_sd**2)
    with_prior = bread(g, weights, precision)
    plain = sandwich(g, weights, cov)
    without = one.predict(theta[None, :]).cov[0]
    extra = inflated(without, one.simulated, one.world.draws) - without
    lam = sensitivity(g, weights, precision)
    known = _touched(g, cov, prior_sd)
    free = _free(theta, space.low, space.high)  # what stands at a bound fits nothing
    moving, reach = g[:, free], prior_sd[free]
    return Inference(
        jacobian=g,
        se=np.where(known, np.sqrt(np.diag(plain)), np.inf),
        posterior_se=np.sqrt(np.diag(with_prior)),
        monte_carlo=np.sqrt(np.maximum(np.diag(lam @ extra @ lam.T), 0.0)),
        test=over_identification(one.residual(theta), moving, cov, scale=reach),
        power=power(moving, cov, WRONG * np.sqrt(np.diag(cov)), scale=reach),
        lambda_=lam * np.sqrt(np.diag(cov)),
        prior_sd=prior_sd,
    )


def prior_spread(world: World) -> Floats:
    """Prior standard deviations on the transformed scale."""
    u = (np.arange(512) + 0.5) / 512
    return np.array([slot.free.quantile(u).std() for slot in world.space.slots])


def _free(theta: Floats, low: Floats, high: Floats) -> npt.NDArray[np.bool_]:
    """Parameters that do not stand at a bound."""
    room = 1e-6 * (high - low)
    return np.asarray((theta > low + room) & (theta < high - room))


def _touched(jacobian: Floats, cov: Floats, scale: Floats) -> npt.NDArray[np.bool_]:
    """Parameters without a share in the directions along which the data say nothing."""
    from calibration.inference import scaled_singular

    values, directions = scaled_singular(jacobian, cov, scale)
    silent = directions[values < 1e-3]
    return np.asarray((silent**2).sum(axis=0) < 1e-3)
