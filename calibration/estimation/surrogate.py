"""A surrogate of the posterior density, and draws from it.

The terms of the likelihood are smooth functions of the parameters. Radial basis functions (cubic) interpolate their
values at some thousands of vectors; the density that follows from them costs next to nothing. It only proposes where the exact
posterior is evaluated (``walk``), so it need not be exact.

Only a few directions matter. Distances are therefore taken in coordinates that are stretched by how fast the terms change
along them, taken from the previous surrogate (active subspaces: Constantine 2015): errors of the counts' terms are less than
half of what they are in coordinates that are whitened alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.estimation.density import Density, Terms
from calibration.estimation.likelihood import totals
from calibration.targets import evidence
from sim.theory.compiled import compiled

Floats = npt.NDArray[np.float64]

MOST: Final = 2000  # vectors that the surrogate is laid through: the likeliest; more improve neither acceptance nor draws
DEPTH: Final = 60.0  # log points below the likeliest within which vectors are used
SMOOTHING: Final = 1e-3
SLOPES: Final = 400  # likeliest vectors at which the terms' slopes are taken
# Simulated totals, of all, that describe their distribution between the vectors; what this leaves is interpolated with the rest.
# A step of a walker costs 48 us with 128 and 16 us with 32; errors have a standard deviation of .94 and .99 log points.
STANDING: Final = 32
LEAST: Final = 0.1  # stretch of a direction along which nothing changes, over that along which most does
FARTHEST: Final = 5.0  # log points that the totals' term is put right by at most
LARGEST: Final = 20.0  # log spread
AT_ONCE: Final = 32  # points at which the surrogate is evaluated at once
FAR: Final = 10.0  # errors from what was reported beyond which terms are cut off


@dataclass(frozen=True, slots=True)
class Cubic:
    """Radial basis functions r^3 with a linear part (Fasshauer 2007), as ``scipy.interpolate.RBFInterpolator`` has them, but
    distances and sums are matrix products, of so few points at a time that what is between stays in a processor's cache.
    """

    points: Floats  # (m, p)
    weights: Floats  # (m, values)
    linear: Floats  # (1 + p, values)

    def at(self, x: Floats) -> Floats:
        """(n, values) at points (n, p)."""
        found = self.linear[0] + x @ self.linear[1:]
        of_x, of_points = (x * x).sum(axis=1), (self.points * self.points).sum(axis=1)
        between = np.empty((min(AT_ONCE, len(x)), len(self.points)))
        for i in range(0, len(x), AT_ONCE):
            some = x[i : i + AT_ONCE]
            cubes = np.matmul(some, self.points.T, out=between[: len(some)])
            _cubes(cubes, of_x[i : i + AT_ONCE], of_points)
            found[i : i + AT_ONCE] += cubes @ self.weights
        return np.asarray(found)

    def slopes(self, x: Floats) -> Floats:
        """(n, values, p) derivatives at points (n, p)."""
        distance = _distances(x, self.points)
        weighted = (self.weights[:, :, None] * self.points[:, None]).reshape(len(self.points), -1)
        toward = (distance @ weighted).reshape(len(x), -1, self.points.shape[1])
        return np.asarray(
            3.0 * ((distance @ self.weights)[:, :, None] * x[:, None, :] - toward) + self.linear[1:].T
        )


@compiled
def _cubes(products: Floats, of_x: Floats, of_points: Floats) -> None:
    """Inner products (n, m) become distances to the third power; ``of_x``, ``of_points``: squared lengths."""
    for i in range(products.shape[0]):
        for j in range(products.shape[1]):
            square = of_x[i] + of_points[j] - 2.0 * products[i, j]
            square = square if square > 0.0 else 0.0
            products[i, j] = square * np.sqrt(square)


def _distances(x: Floats, y: Floats) -> Floats:
    squared = (x * x).sum(axis=1)[:, None] + (y * y).sum(axis=1) - 2.0 * (x @ y.T)
    return np.asarray(np.sqrt(np.maximum(squared, 0.0)))


def cubic(points: Floats, values: Floats) -> Cubic:
    """Interpolates ``values`` (m, k) at points (m, p), smoothed a little."""
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
    """Functions that interpolate the terms of ``one``. The simulated totals are described by their means and spreads, which are curved, and
    by each one's standardised value, which is nearly linear in the parameters; what this leaves of their term is interpolated
    as well.
    """

    one: Density
    centre: Floats
    stretch: Floats  # (p, p): vectors less centre, times this, are the points of ``laid``
    laid: Cubic  # count residuals, means and log spreads of aggregates, facts, the rest of the totals' terms
    size: Floats  # (values,) change of each that is one log point or one standard error
    best: Floats  # (counts,)
    standing: Floats  # (1 + p, aggregates x STANDING) coefficients of the standardised totals

    def log_density(self, y: Floats) -> Floats:
        """(n,) of the posterior, unnormalised."""
        one = self.one
        theta, log_jacobian = one.straight.back(y)
        prior = one.model.space.log_prior(theta) + log_jacobian
        x = np.asarray((y - self.centre) @ self.stretch)
        counts, k, facts = len(self.best), len(one.aggregates), len(one.facts)
        residuals, mean, log_sd, measures, rest = np.split(
            self.laid.at(x), np.cumsum([counts, k, k, facts]), axis=1
        )
        likelihood = (self.best - 0.5 * residuals**2).sum(axis=1) + rest.sum(axis=1)
        likelihood = likelihood + _totals(one, mean, log_sd, self.standing, x).sum(axis=1)
        likelihood = likelihood + evidence.log_likelihood(measures, one.facts, one.widen)
        whole = prior + likelihood
        return np.where(np.isfinite(whole), whole, -np.inf)

    def steepness(self, y: Floats) -> Floats:
        """(p, p): mean square slopes of the terms at vectors (n, p)."""
        slopes = self.laid.slopes((y - self.centre) @ self.stretch) / self.size[:, None]
        slopes = slopes @ self.stretch.T
        return np.asarray(np.einsum("nkp,nkq->pq", slopes, slopes) / len(y))


def _totals(one: Density, mean: Floats, log_sd: Floats, standing: Floats, x: Floats) -> Floats:
    """(n, windows) log densities of the aggregates, their simulated totals put together from means, spreads and standing."""
    k = mean.shape[1]
    draws = (standing[0] + x @ standing[1:]).reshape(len(x), k, standing.shape[1] // max(k, 1))
    draws *= np.exp(np.minimum(log_sd, LARGEST))[..., None]
    draws += mean[..., None]
    return totals([one.moments[i] for i in one.aggregates], np.swapaxes(draws, 1, 2))


def surrogate(one: Density, y: Floats, terms: Terms, before: Surrogate | None = None) -> Surrogate:
    """Fitted to the likeliest of the vectors ``y`` (n, p) and the latest evaluations.

    The latter are drawn from the previous surrogate, so where one of them is unlikely that was wrong; without them the
    new one would be wrong there too. Values are cut off where they are far beyond what was reported, for nothing depends on how far.
    """
    whole = np.asarray(np.isfinite(terms.draws).all(axis=(1, 2)) & np.isfinite(terms.facts).all(axis=1))
    height = np.where(whole, np.maximum(terms.log_posterior, -1e6), -np.inf)
    rank = np.argsort(np.argsort(-height))
    newest = np.arange(len(y))[::-1]
    order = np.argsort(np.minimum(rank, newest), kind="stable")[: min(MOST, int(whole.sum()))]
    order = order[whole[order]]
    some, height = y[order], height[order]
    centre, stretch = _stretched(some, height, before)
    x = (some - centre) @ stretch
    mean, sd = terms.draws[order].mean(axis=1), np.maximum(terms.draws[order].std(axis=1), 1e-9)
    # What matters is where it is likely.
    near = np.exp(0.25 * np.maximum(height - height.max(), -20.0))[:, None]
    stood = (terms.draws[order] - mean[:, None]) / sd[:, None]
    stood = _chosen(one, np.swapaxes(stood, 1, 2)).reshape(len(order), -1)
    ones = np.concatenate([np.ones((len(x), 1)), x], axis=1)
    standing = np.linalg.lstsq(ones * near, stood * near, rcond=None)[0]
    rest = terms.totals[order] - _totals(one, mean, np.log(sd), standing, x)
    facts, error = _facts(one, terms.facts[order])
    residuals = np.clip(terms.residuals[order], -FAR, FAR)
    rest = np.clip(np.nan_to_num(rest), -FARTHEST, FARTHEST)
    values = np.concatenate([residuals, mean, np.log(sd), facts, rest], axis=1)
    alike = (
        np.ones(residuals.shape[1]),
        sd.mean(axis=0),
        np.ones(sd.shape[1]),
        error,
        np.ones(rest.shape[1]),
    )
    best = np.max(terms.counts[order] + 0.5 * terms.residuals[order] ** 2, axis=0)
    return Surrogate(
        one, centre, stretch, cubic(x, values), np.concatenate(alike), best, np.asarray(standing)
    )


def _chosen(one: Density, stood: Floats) -> Floats:
    """(n, aggregates, STANDING) of all standardised totals (n, aggregates, S): in each window, evenly by their last aggregate."""
    every = [one.moments[i].window for i in one.aggregates]
    apart = stood.shape[2] // STANDING
    if apart < 2 or not every:
        return stood
    chosen = []
    for k, window in enumerate(every):
        last = len(every) - 1 - every[::-1].index(window)
        order = np.argsort(stood[:, last].mean(axis=0), kind="stable")
        chosen.append(stood[:, k, np.sort(order[apart // 2 :: apart])])
    return np.stack(chosen, axis=1)


def _stretched(y: Floats, height: Floats, before: Surrogate | None) -> tuple[Floats, Floats]:
    """Centre and stretch of the vectors: whitened, and, given a surrogate, stretched by how steep the terms are."""
    likely = y[height > height.max() - DEPTH]
    centre, root = likely.mean(axis=0), np.linalg.cholesky(np.cov(likely.T) + 1e-6 * np.eye(y.shape[1]))
    white = np.linalg.inv(root).T
    if before is None:
        return centre, np.asarray(white)
    steep = root.T @ before.steepness(y[np.argsort(-height)[:SLOPES]]) @ root
    squares, axes = np.linalg.eigh(steep)
    along = np.sqrt(np.maximum(squares, 0.0) / squares[-1]) + LEAST
    return centre, np.asarray(white @ (axes * along))


def _facts(one: Density, facts: Floats) -> tuple[Floats, Floats]:
    """The model's measures, cut off ``FAR`` errors from what was reported; and these errors."""
    if not one.facts:
        return facts, np.empty(0)
    error = np.sqrt(np.diag(evidence.covariance(one.facts, one.widen)))
    reported = np.array([fact.y for fact in one.facts])
    return np.clip(facts, reported - FAR * error, reported + FAR * error), np.asarray(error)
