"""How many come, against scipy's negative binomial law."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from sim.theory.counts import at_least_two, none, none_of, two_of, weighted_none


def test_the_chances_of_none_and_of_two_are_those_of_a_negative_binomial_number():
    m, k = np.array([0.05, 0.8, 6.0]), np.array([0.4, 1.5, 9.0])
    number = nbinom(k, k / (k + m))
    assert none_of(m, k) == pytest.approx(number.pmf(0))
    assert two_of(m, k) == pytest.approx(number.sf(1))


def test_with_infinite_k_the_number_is_poisson():
    m = np.array([0.05, 0.8, 6.0])
    assert none(m) == pytest.approx(poisson(m).pmf(0))
    assert m * weighted_none(m) == pytest.approx(poisson(m).pmf(1))
    assert at_least_two(m) == pytest.approx(poisson(m).sf(1))


@pytest.mark.parametrize("k", [0.3, 2.0, 50.0])
def test_the_exact_and_the_plain_forms_are_one(k):
    """Below m = 1e-3 the plain form of two or more loses digits, which the exact one does not."""
    m = np.geomspace(1e-9, 50.0, 60)
    size = np.full_like(m, k)
    assert np.array_equal(none(m, size), none_of(m, size))
    assert two_of(m, size) == pytest.approx(at_least_two(m, size), abs=1e-14)
    assert (at_least_two(m, size) > 0.0).all()
    assert m * weighted_none(m, size) == pytest.approx(nbinom(k, k / (k + m)).pmf(1), rel=1e-12)
