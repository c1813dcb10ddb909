"""A surrogate of the posterior density, and draws from it.

The terms of the likelihood are smooth functions of the parameters. Radial basis functions (cubic, on vectors
whitened by the population's covariance) are laid through their values at some thousands of vectors; the density that
follows from them costs next to nothing. It says where walkers look at the truth (``walk``), so it need only be near.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration import facts as evidence
from calibration.estimation.density import Density, Terms
from calibration.likelihood import totals

Floats = npt.NDArray[np.float64]

MOST: Final = 3000  # vectors that the surrogate is laid through: the likeliest
DEPTH: Final = 60.0  # log points below the likeliest within which vectors are used
SMOOTHING: Final = 1e-3
LARGEST: Final = 20.0  # log spread
FAR: Final = 10.0  # errors from what was reported beyond which nothing is told apart


@dataclass(frozen=True, slots=True)
class Cubic:
    """Radial basis functions r^3 with a linear part (Fasshauer 2007), as ``scipy.interpolate.RBFInterpolator`` has them, but
    distances and sums are matrix products: 15 times as fast where a hundred points are asked at once.
    """

    points: Floats  # (m, p)
    weights: Floats  # (m, values)
    linear: Floats  # (1 + p, values)

    def at(self, x: Floats) -> Floats:
        """(n, values) at points (n, p)."""
        squared = (
            (x * x).sum(axis=1)[:, None] + (self.points * self.points).sum(axis=1) - 2.0 * (x @ self.points.T)
        )
        distance = np.sqrt(np.maximum(squared, 0.0))
        return np.asarray(
            (distance * distance * distance) @ self.weights + self.linear[0] + x @ self.linear[1:]
        )


def _distances(x: Floats, y: Floats) -> Floats:
    squared = (x * x).sum(axis=1)[:, None] + (y * y).sum(axis=1) - 2.0 * (x @ y.T)
    return np.asarray(np.sqrt(np.maximum(squared, 0.0)))


def cubic(points: Floats, values: Floats) -> Cubic:
    """Laid through ``values`` (m, k) at points (m, p), smoothed a little."""
    m, p = points.shape
    distance = _distances(points, points)
    tail = np.concatenate([np.ones((m, 1)), points], axis=1)
    whole = np.zeros((m + p + 1, m + p + 1))
    whole[:m, :m] = distance**3 + SMOOTHING * np.eye(m)
    whole[:m, m:], whole[m:, :m] = tail, tail.T
    found = np.linalg.solve(whole, np.concatenate([values, np.zeros((p + 1, values.shape[1]))]))
    return Cubic(points, found[:m], found[m:])


@dataclass(frozen=True, slots=True)
class Surrogate:
    """Functions laid through the terms of ``one``. The simulated totals are told by their means and spreads, which bend, and by
    where each of them stands among the others, which is nearly linear in the parameters.
    """

    one: Density
    centre: Floats
    root: Floats  # lower Cholesky factor of the population's covariance
    laid: Cubic  # count residuals, means and log spreads of aggregates, facts
    best: Floats  # (counts,)
    standing: Floats  # (1 + p, S x aggregates) coefficients of the standardised totals

    def log_density(self, y: Floats) -> Floats:
        """(n,) of the posterior, unnormalised."""
        one = self.one
        theta, log_jacobian = one.straight.back(y)
        prior = one.world.space.log_prior(theta) + log_jacobian
        x = np.asarray(np.linalg.solve(self.root, (y - self.centre).T).T, dtype=np.float64)
        found = self.laid.at(x)
        counts, k = len(self.best), len(one.aggregates)
        residuals, mean, log_sd, facts = np.split(found, np.cumsum([counts, k, k]), axis=1)
        standing = self.standing[0] + x @ self.standing[1:]
        standing = standing.reshape(len(y), standing.shape[1] // max(k, 1), k)
        draws = np.zeros((*standing.shape[:2], len(one.moments)))
        draws[:, :, one.aggregates] = mean[:, None] + np.exp(np.minimum(log_sd, LARGEST))[:, None] * standing
        likelihood = (self.best - 0.5 * residuals**2).sum(axis=1) + totals(one.moments, draws).sum(axis=1)
        likelihood = likelihood + evidence.log_likelihood(facts, one.facts, one.widen)
        whole = prior + likelihood
        return np.where(np.isfinite(whole), whole, -np.inf)


def surrogate(one: Density, y: Floats, terms: Terms) -> Surrogate:
    """Laid through the likeliest of the vectors ``y`` (n, p) and those that were looked at last.

    The latter are drawn from the surrogate before, so where one of them is unlikely it was wrong: without them it would be
    wrong there again. Values are cut off where they are far beyond what was reported, for nothing depends on how far.
    """
    whole = np.asarray(np.isfinite(terms.draws).all(axis=(1, 2)) & np.isfinite(terms.facts).all(axis=1))
    height = np.where(whole, np.maximum(terms.log_posterior, -1e6), -np.inf)
    rank = np.argsort(np.argsort(-height))
    newest = np.arange(len(y))[::-1]
    order = np.argsort(np.minimum(rank, newest), kind="stable")[: min(MOST, int(whole.sum()))]
    order = order[whole[order]]
    some = y[order]
    near = some[height[order] > height[order].max() - DEPTH]
    centre = near.mean(axis=0)
    root = np.linalg.cholesky(np.cov(near.T) + 1e-6 * np.eye(y.shape[1]))
    x = np.linalg.solve(root, (some - centre).T).T
    mean, sd = terms.draws[order].mean(axis=1), np.maximum(terms.draws[order].std(axis=1), 1e-9)
    residuals = np.clip(terms.residuals[order], -FAR, FAR)
    values = np.concatenate([residuals, mean, np.log(sd), _cut(one, terms.facts[order])], axis=1)
    laid = cubic(x, values)
    standing = ((terms.draws[order] - mean[:, None]) / sd[:, None]).reshape(len(order), -1)
    nearness = np.exp(0.25 * np.maximum(height[order] - height[order].max(), -20.0))[
        :, None
    ]  # what matters is where it is likely
    linear = np.linalg.lstsq(
        np.concatenate([np.ones((len(x), 1)), x], axis=1) * nearness, standing * nearness, rcond=None
    )[0]
    best = np.max(terms.counts[order] + 0.5 * terms.residuals[order] ** 2, axis=0)
    return Surrogate(
        one, centre, np.asarray(root, dtype=np.float64), laid, best, np.asarray(linear, dtype=np.float64)
    )


def _cut(one: Density, facts: Floats) -> Floats:
    """The model's measures, cut off ``FAR`` errors from what was reported."""
    if not one.facts:
        return facts
    error = FAR * np.sqrt(np.diag(evidence.covariance(one.facts, one.widen)))
    reported = np.array([fact.y for fact in one.facts])
    return np.clip(facts, reported - error, reported + error)
