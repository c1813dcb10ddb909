"""The surrogate is what it was laid through."""

from __future__ import annotations

import numpy as np
import pytest
import toys
from scipy.interpolate import RBFInterpolator

from calibration.estimation.surrogate import AT_ONCE, SMOOTHING, cubic, surrogate


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


def test_cubic_functions_are_those_of_scipy_and_their_slopes_are_differences():
    """To nine digits, for more points than are evaluated at once."""
    rng = np.random.default_rng(3)
    points, x = rng.standard_normal((120, 4)), rng.standard_normal((AT_ONCE + 9, 4))
    values = np.stack([np.sin(points[:, 0]) + points[:, 1], points[:, 2] * points[:, 3]], axis=1)
    laid = cubic(points, values)
    scipy_s = RBFInterpolator(points, values, kernel="cubic", degree=1, smoothing=SMOOTHING)
    assert laid.at(x) == pytest.approx(scipy_s(x), rel=1e-9, abs=1e-9)
    step = 1e-5 * np.eye(4)[:, None]
    difference = np.stack([(laid.at(x + h) - laid.at(x - h)) / 2e-5 for h in step], axis=2)
    assert laid.slopes(x) == pytest.approx(difference, abs=1e-6)
