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
from calibration.likelihood import totals

Floats = npt.NDArray[np.float64]

MOST: Final = 1600  # vectors that the surrogate is laid through: the likeliest
DEPTH: Final = 60.0  # log points below the likeliest within which vectors are used
TEMPERED: Final = 0.9  # power of the likelihood that is sampled: heavier tails than the posterior's
SMOOTHING: Final = 1e-3
LARGEST: Final = 20.0  # log spread


@dataclass(frozen=True, slots=True)
class Surrogate:
    """Functions laid through the terms of ``one``. The simulated totals are told by their means and spreads, which bend, and by
    where each of them stands among the others, which is nearly linear in the parameters.
    """

    one: Density
    centre: Floats
    root: Floats  # lower Cholesky factor of the population's covariance
    laid: RBFInterpolator  # count residuals, means and log spreads of aggregates, facts
    best: Floats  # (counts,)
    standing: Floats  # (1 + p, S x aggregates) coefficients of the standardised totals

    def log_density(self, y: Floats) -> Floats:
        """(n,) of the tempered posterior, unnormalised."""
        one = self.one
        theta, log_jacobian = one.straight.back(y)
        prior = one.world.space.log_prior(theta) + log_jacobian
        x = np.linalg.solve(self.root, (y - self.centre).T).T
        found = self.laid(x)
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
    """Laid through the likeliest of the vectors ``y`` (n, p)."""
    whole = np.isfinite(terms.draws).all(axis=(1, 2)) & np.isfinite(terms.facts).all(axis=1)
    height = np.where(whole, terms.log_posterior, -np.inf)
    order = np.argsort(-height)
    order = order[height[order] > height[order[0]] - DEPTH][:MOST]
    if len(order) < 2 * (y.shape[1] + 1):
        order = np.argsort(-height)[: 2 * (y.shape[1] + 1)]
    some = y[order]
    centre = some.mean(axis=0)
    root = np.linalg.cholesky(np.cov(some.T) + 1e-6 * np.eye(y.shape[1]))
    x = np.linalg.solve(root, (some - centre).T).T
    mean, sd = terms.draws[order].mean(axis=1), np.maximum(terms.draws[order].std(axis=1), 1e-9)
    values = np.concatenate([terms.residuals[order], mean, np.log(sd), terms.facts[order]], axis=1)
    laid = RBFInterpolator(x, values, kernel="cubic", smoothing=SMOOTHING)
    standing = ((terms.draws[order] - mean[:, None]) / sd[:, None]).reshape(len(order), -1)
    nearness = np.exp(0.25 * np.maximum(height[order] - height[order[0]], -20.0))[
        :, None
    ]  # what matters is where it is likely
    linear = np.linalg.lstsq(
        np.concatenate([np.ones((len(x), 1)), x], axis=1) * nearness, standing * nearness, rcond=None
    )[0]
    best = np.max(terms.counts[order] + 0.5 * terms.residuals[order] ** 2, axis=0)
    return Surrogate(one, centre, root, laid, best, linear)


def walk(of: Surrogate, y: Floats, steps: int, seed: int | tuple[int, ...], every: int) -> Floats:
    """States of walkers that begin at ``y`` (walkers, p), every so many steps: (states, walkers, p)."""
    import emcee

    # Full differences now and then, between modes (ter Braak 2006). Not emcee's snooker: as released (3.1.6) it does not leave
    # the density as it is; in 16 dimensions with a share of .2 variances come out .85 of what they are (dfm/emcee #531).
    moves: list[tuple[Any, float]] = [(emcee.moves.DEMove(), 0.9), (emcee.moves.DEMove(gamma0=1.0), 0.1)]
    sampler = emcee.EnsembleSampler(len(y), y.shape[1], of.log_density, vectorize=True, moves=moves)
    state = np.random.RandomState(int(np.random.SeedSequence(seed).generate_state(1)[0])).get_state()
    sampler.run_mcmc(emcee.State(y, random_state=state), steps, skip_initial_state_check=True)
    return np.asarray(sampler.get_chain()[every - 1 :: every])
