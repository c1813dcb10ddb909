"""A surrogate of the posterior density, and draws from it.

The terms of the likelihood are smooth functions of the parameters. Radial basis functions (cubic, on vectors
whitened by the population's covariance) are laid through their values at some hundreds of vectors, and an ensemble of
walkers (emcee; differences of walkers, ter Braak 2006) samples the density that follows from them at next to no cost.
What is drawn is weighed by the true density (``posterior``), so the surrogate need only be near.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from calibration import facts as evidence
from calibration.estimation.density import Density, Terms
from calibration.likelihood import totals

Floats = npt.NDArray[np.float64]

MOST: Final = 1500  # vectors that the surrogate is laid through: the likeliest
DEPTH: Final = 60.0  # log points below the likeliest within which vectors are used
TEMPERED: Final = 0.9  # power of the likelihood that is sampled: heavier tails than the posterior's
SMOOTHING: Final = 1e-3
LARGEST: Final = 20.0  # log spread
FULL: Final = 0.1  # share of steps that take a whole difference, between modes
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
        """(n,) of the tempered posterior, unnormalised."""
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
        whole = prior + TEMPERED * likelihood
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


def walk(of: Surrogate, y: Floats, steps: int, seed: int | tuple[int, ...], every: int) -> Floats:
    """States of walkers that begin at ``y`` (walkers, p), every so many steps: (states, walkers, p)."""
    import emcee

    # Full differences now and then, between modes (ter Braak 2006). Not emcee's snooker: as released (3.1.6) it does not leave
    # the density as it is; in 16 dimensions with a share of .2 variances come out .85 of what they are (dfm/emcee #531).
    moves: list[tuple[Any, float]] = [(emcee.moves.DEMove(), 0.9), (emcee.moves.DEMove(gamma0=1.0), 0.1)]
    sampler = emcee.EnsembleSampler(len(y), y.shape[1], of.log_density, vectorize=True, moves=moves)
    state = np.random.RandomState(int(np.random.SeedSequence(seed).generate_state(1)[0])).get_state()
    known = np.isfinite(of.log_density(y))
    if not known.all():  # walkers that would begin where the density is 0 begin beside others
        rng = np.random.default_rng(seed)
        beside = y[known][rng.integers(0, known.sum(), (~known).sum())]
        y = y.copy()
        y[~known] = beside + 1e-4 * rng.standard_normal(beside.shape)
    with np.errstate(invalid="ignore"):  # two walkers of density 0
        sampler.run_mcmc(emcee.State(y, random_state=state), steps, skip_initial_state_check=True)
    return np.asarray(sampler.get_chain()[every - 1 :: every])


def corrected(
    of: Surrogate, y: Floats, steps: int, between: int, rng: np.random.Generator
) -> tuple[Floats, list[Terms]]:
    """Walkers of the true posterior, (steps, walkers, p), with the terms at each: delayed acceptance (Christen & Fox 2005).

    Half of the walkers at a time propose: each takes ``between`` steps of differences of the other half that leave the
    surrogate's density as it is (ter Braak 2006), and where that leads is accepted by true over surrogate density. One true
    density a proposal that has gone far; where the surrogate is wrong walkers wait instead of weights being large.
    """
    now = y.copy()
    terms = of.one.terms(now)
    half = len(y) // 2
    ways, found = [], []
    for _ in range(steps):
        for mine, other in ((slice(0, half), slice(half, None)), (slice(half, None), slice(0, half))):
            begin = of.log_density(now[mine])
            proposed, height = _differences(of, now[mine], begin, now[other], between, rng)
            there = of.one.terms(proposed)
            with np.errstate(invalid="ignore"):
                log_ratio = (there.log_posterior - height) - (_rows(terms, mine).log_posterior - begin)
            taken = np.flatnonzero(np.log(rng.random(len(proposed))) < log_ratio)
            places = np.arange(len(y))[mine][taken]
            now[places] = proposed[taken]
            for name in Terms.__dataclass_fields__:
                getattr(terms, name)[places] = getattr(there, name)[taken]
        ways.append(now.copy())
        found.append(_rows(terms, slice(None)))
    return np.stack(ways), found


def _rows(terms: Terms, which: slice) -> Terms:
    return Terms(**{name: getattr(terms, name)[which].copy() for name in Terms.__dataclass_fields__})


def _differences(
    of: Surrogate, y: Floats, height: Floats, others: Floats, steps: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Metropolis steps on the surrogate by differences of ``others``, which stand still: places and log densities."""
    n, p = y.shape
    for _ in range(steps):
        first = rng.integers(0, len(others), n)
        second = (first + rng.integers(1, len(others), n)) % len(others)
        scale = np.where(
            rng.random(n) < FULL, 1.0, 2.38 / np.sqrt(2.0 * p) * np.exp(0.3 * rng.standard_normal(n))
        )
        there = y + scale[:, None] * (others[first] - others[second]) + 1e-5 * rng.standard_normal((n, p))
        found = of.log_density(there)
        with np.errstate(invalid="ignore"):
            taken = np.log(rng.random(n)) < found - height
        y, height = np.where(taken[:, None], there, y), np.where(taken, found, height)
    return y, height
