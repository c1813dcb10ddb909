"""When people come: the mixture of those who come evenly and those who come late, from one uniform number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.theory.coming import coming, comings

U = np.random.default_rng(1).random(20_000)


@pytest.mark.parametrize(("early", "shape"), [(0.0, 30.0), (0.16, 339.0), (0.5, 2.0), (1.0, 30.0)])
def test_the_law_is_the_mixture(early, shape):
    """Kolmogorov-Smirnov at level 1e-4 against P(by t) = e t + (1 - e) t^a."""
    found = comings(U, early, 1.0 / shape)
    assert stats.kstest(found, lambda t: early * t + (1.0 - early) * t**shape).pvalue > 1e-4
    wrong = stats.kstest(found, lambda t: (early + 0.1) * t + (0.9 - early) * t**shape)
    assert wrong.pvalue < 1e-4


@given(st.floats(0.0, 1.0, exclude_max=True), st.floats(0.0, 1.0), st.floats(1e-4, 1000.0))
def test_one_and_many_come_at_the_same_moment_within_the_window(u, early, late):
    one = coming(u, early, late)
    assert 0.0 <= one <= 1.0
    many = comings(np.array([u, u]), np.array([early, early]), late)
    assert many[0] == many[1] == pytest.approx(one, rel=1e-12, abs=1e-300)


def test_without_early_ones_it_is_the_power_alone():
    assert (comings(U, 0.0, 0.3) == U**0.3).all()
    assert (comings(U, np.zeros(len(U)), 0.3) == U**0.3).all()
    assert coming(0.25, 0.0, 0.5) == 0.5
