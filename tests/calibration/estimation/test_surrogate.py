"""The surrogate is what it was laid through."""

from __future__ import annotations

import numpy as np
import toys

from calibration.estimation.surrogate import surrogate


def test_the_surrogate_is_the_posterior_density_where_terms_are_smooth():
    one = toys.banana()
    rng = np.random.default_rng(2)
    y0 = rng.standard_normal(600)
    y = rng.standard_normal((600, 5))
    y[:, 0], y[:, 1] = y0, toys.BEND * (y0**2 - 1.0) + 0.3 * y[:, 1]
    laid = surrogate(one, y[:500], one.terms(y[:500]))
    new, terms = y[500:], one.terms(y[500:])
    off = laid.log_density(new) - (terms.log_posterior)
    near = terms.likelihood > terms.likelihood.max() - 10.0
    assert near.sum() > 50
    assert np.abs(off[near]).mean() < 0.1
