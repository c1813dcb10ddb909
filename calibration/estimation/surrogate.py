"""A surrogate of the posterior density, and draws from it.

The terms of the likelihood are smooth functions of the parameters. Radial basis functions (SciPy, cubic, on vectors
whitened by the population's covariance) are laid through their values at some hundreds of vectors, and an ensemble of
walkers (emcee; differences of walkers, ter Braak 2006) samples the density that follows from them at next to no cost.
What is drawn is weighed by the true density (``posterior``), so the surrogate need only be near.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.interpolate import RBFInterpolator

from calibration import facts as evidence
from calibration.estimation.density import Density, Terms

Floats = npt.NDArray[np.float64]

MOST: Final = 1600  # vectors that the surrogate is laid through: the likeliest
DEPTH: Final = 60.0  # log points below the likeliest within which vectors are used
TEMPERED: Final = 0.9  # power of the likelihood that is sampled: heavier tails than the posterior's
SMOOTHING: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Surrogate:
    """Functions laid through the terms of ``one``. ``low``: log density below which nothing is drawn."""

    one: Density
    centre: Floats
    root: Floats  # lower Cholesky factor of the population's covariance
    laid: RBFInterpolator
    best: Floats  # (counts,)
    ceiling: Floats  # (windows,) of the totals' terms

    def log_density(self, y: Floats) -> Floats:
        """(n,) of the tempered posterior, unnormalised."""
        world = self.one.world
        theta, log_jacobian = self.one.straight.back(y)
        prior = world.space.log_prior(theta) + log_jacobian
        found = self.laid(np.linalg.solve(self.root, (y - self.centre).T).T)
        counts, windows = len(self.best), len(self.ceiling)
        likelihood = (self.best - 0.5 * found[:, :counts] ** 2).sum(axis=1)
        likelihood = likelihood + np.minimum(found[:, counts : counts + windows], self.ceiling).sum(axis=1)
        likelihood = likelihood + evidence.log_likelihood(
            found[:, counts + windows :], self.one.facts, self.one.widen
        )
        whole = prior + TEMPERED * likelihood
        return np.where(np.isfinite(whole), whole, -np.inf)


def surrogate(one: Density, y: Floats, terms: Terms) -> Surrogate:
    """Laid through the likeliest of the vectors ``y`` (n, p)."""
    height = terms.log_posterior
    order = np.argsort(-height)
    order = order[height[order] > height[order[0]] - DEPTH][:MOST]
    if len(order) < 2 * (y.shape[1] + 1):
        order = np.argsort(-height)[: 2 * (y.shape[1] + 1)]
    some = y[order]
    centre = some.mean(axis=0)
    root = np.linalg.cholesky(np.cov(some.T) + 1e-6 * np.eye(y.shape[1]))
    values = np.concatenate(
        [terms.residuals[order], np.maximum(terms.totals[order], -DEPTH), terms.facts[order]], axis=1
    )
    laid = RBFInterpolator(
        np.linalg.solve(root, (some - centre).T).T, values, kernel="cubic", smoothing=SMOOTHING
    )
    best = np.max(terms.counts[order] + 0.5 * terms.residuals[order] ** 2, axis=0)
    return Surrogate(one, centre, root, laid, best, terms.totals[order].max(axis=0) + 2.0)


def walk(of: Surrogate, y: Floats, steps: int, seed: int, every: int) -> Floats:
    """States of walkers that begin at ``y`` (walkers, p), every so many steps: (states, walkers, p)."""
    import emcee

    moves: list[tuple[Any, float]] = [(emcee.moves.DEMove(), 0.8), (emcee.moves.DESnookerMove(), 0.2)]
    sampler = emcee.EnsembleSampler(len(y), y.shape[1], of.log_density, vectorize=True, moves=moves)
    state = np.random.RandomState(int(np.random.SeedSequence(seed).generate_state(1)[0])).get_state()
    sampler.run_mcmc(emcee.State(y, random_state=state), steps, skip_initial_state_check=True)
    return np.asarray(sampler.get_chain()[every - 1 :: every])
