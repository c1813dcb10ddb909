"""A population near the posterior: the ensemble smoother with multiple data assimilation (Emerick & Reynolds 2013).

Vectors drawn from the prior are moved, all together, by regressions of parameters on what they predict, for a few
steps, until their predictions meet the reported figures as well as the errors allow. It finds the region of the
posterior from anywhere in the prior, whatever the shape of the ridge. It is not the posterior itself (that would need a linear
model and normal errors) but the starting point of ``surrogate``.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import qmc

from calibration.estimation.density import Density, Terms
from calibration.targets import evidence

Floats = npt.NDArray[np.float64]

STEPS: Final = 8  # assimilations, each at STEPS times the errors' variance
FARTHEST: Final = 30.0  # standard errors at which a residual is cut off
KEPT: Final = 0.9  # of the members that regressions are made from: the nearest


def prior_population(one: Density, number: int, rng: np.random.Generator) -> Floats:
    """(number, p) draws of the prior in straight coordinates, evenly spread (Sobol points)."""
    space = one.model.space
    unit = qmc.Sobol(len(space.slots), seed=rng).random(number)
    return one.straight.forward(space.from_unit(np.clip(unit, 1e-6, 1.0 - 1e-6)))


def residuals(one: Density, terms: Terms) -> Floats:
    """(n, data): residuals in standard errors: counts, means of simulated totals, facts (made independent)."""
    parts = [terms.residuals, terms.off]
    if one.facts:
        lower = np.linalg.cholesky(evidence.covariance(one.facts, one.widen))
        off = terms.facts - np.array([fact.y for fact in one.facts])
        parts.append(np.linalg.solve(lower, off.T).T)
    whole = np.nan_to_num(np.concatenate(parts, axis=1), nan=-FARTHEST)
    return np.asarray(np.clip(whole, -FARTHEST, FARTHEST))


def assimilated(one: Density, y: Floats, rng: np.random.Generator) -> tuple[list[Floats], list[Terms]]:
    """The population after each step, and its terms; the first entry is ``y`` itself."""
    ways, terms = [y], [one.terms(y)]
    for _ in range(STEPS):
        y = _step(y, residuals(one, terms[-1]), rng)
        ways.append(y)
        terms.append(one.terms(y))
    return ways, terms


def _step(y: Floats, off: Floats, rng: np.random.Generator) -> Floats:
    """One assimilation of data whose residuals are ``off`` (n, data), unit variance each."""
    worst = np.abs(off).max(axis=1)
    near = worst <= np.quantile(worst, KEPT)
    from_y, from_off = y[near] - y[near].mean(axis=0), off[near] - off[near].mean(axis=0)
    cross, own = from_y.T @ from_off / (near.sum() - 1), from_off.T @ from_off / (near.sum() - 1)
    noise = rng.standard_normal(off.shape) * np.sqrt(STEPS)
    gain = np.linalg.solve(own + STEPS * np.eye(off.shape[1]), (noise - off).T)
    return np.asarray(y + (cross @ gain).T)
