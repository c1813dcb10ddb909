"""The normal law cut off at two ends, against scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import truncnorm

from sim.theory.truncated_normal import TruncatedNormal


@pytest.mark.parametrize(
    ("mean", "sd", "low", "high"), [(0.0, 1.0, -1.0, 2.0), (-3.0, 0.5, -3.2, 0.0), (5.0, 2.0, -1.0, 3.0)]
)
def test_quantiles_shares_and_densities_are_those_of_the_law(mean, sd, low, high):
    own = TruncatedNormal(mean, sd, low, high)
    law = truncnorm((low - mean) / sd, (high - mean) / sd, mean, sd)
    p = np.linspace(0.01, 0.99, 23)
    x = own.quantile(p)
    assert x == pytest.approx(law.ppf(p))
    assert own.cdf(x) == pytest.approx(p)
    assert np.diff(own.log_density(x)) == pytest.approx(np.diff(law.logpdf(x)))
    assert own.quantile(np.array([0.0, 1.0])) == pytest.approx([low, high], abs=1e-7)


def test_it_takes_a_law_for_each_column():
    both = TruncatedNormal(
        np.array([0.0, 1.0]), np.array([1.0, 2.0]), np.array([-1.0, 0.0]), np.array([1.0, 9.0])
    )
    u = np.array([[0.2, 0.2], [0.7, 0.7]])
    for i, one in enumerate((TruncatedNormal(0.0, 1.0, -1.0, 1.0), TruncatedNormal(1.0, 2.0, 0.0, 9.0))):
        assert np.array_equal(both.quantile(u)[:, i], one.quantile(u[:, i]))
