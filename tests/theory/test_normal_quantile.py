"""Quantiles of the normal law against SciPy's, from the farthest tail of a draw to the median."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri

from sim.theory.normal_quantile import normal_quantile, normal_quantiles


def test_quantiles_are_those_of_another_algorithm() -> None:
    tails = 2.0 ** -np.arange(1.0, 54.0)
    p = np.concatenate([tails, 1.0 - tails, np.linspace(0.001, 0.999, 997), 0.5 + np.array([-0.425, 0.425])])
    expected = pytest.approx(ndtri(p), rel=1e-13, abs=1e-15)
    assert normal_quantiles(p) == expected
    assert [normal_quantile(float(one)) for one in p] == expected


def test_a_tail_is_the_other_one_with_another_sign() -> None:
    for k in (3, 20, 40, 50):
        assert normal_quantile(2.0**-k) == -normal_quantile(1.0 - 2.0**-k) < 0.0
