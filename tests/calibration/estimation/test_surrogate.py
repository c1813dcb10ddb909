"""The walk leaves a density as it is, and the surrogate is what it was laid through."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import toys

from calibration.estimation.surrogate import surrogate, walk

DIMENSIONS, WALKERS, STEPS = 12, 200, 600


def test_walkers_that_begin_too_near_end_up_spread_as_the_density_is():
    """A standard normal law in 12 dimensions, begun at .7 of its spread: with emcee's snooker move (as released in 3.1.6)
    among the moves variances stayed at .9.
    """
    normal = SimpleNamespace(log_density=lambda y: -0.5 * (y**2).sum(axis=1))
    start = 0.7 * np.random.default_rng(1).standard_normal((WALKERS, DIMENSIONS))
    late = walk(normal, start, STEPS, 1, 50)[4:]
    assert late.var(axis=(0, 1)).mean() == pytest.approx(1.0, abs=0.03)
    assert np.abs(late.mean(axis=(0, 1))).max() < 0.15


def test_the_surrogate_is_the_tempered_density_where_terms_are_smooth():
    from calibration.estimation.surrogate import TEMPERED

    one = toys.banana()
    rng = np.random.default_rng(2)
    y0 = rng.standard_normal(600)
    y = rng.standard_normal((600, 5))
    y[:, 0], y[:, 1] = y0, toys.BEND * (y0**2 - 1.0) + 0.3 * y[:, 1]
    laid = surrogate(one, y[:500], one.terms(y[:500]))
    new, terms = y[500:], one.terms(y[500:])
    off = laid.log_density(new) - (terms.prior + TEMPERED * terms.likelihood)
    near = terms.likelihood > terms.likelihood.max() - 10.0
    assert near.sum() > 50
    assert np.abs(off[near]).mean() < 0.1
