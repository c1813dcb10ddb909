"""Bridge sampling finds ratios of integrals that are known."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.estimation.marginal import bridge


@pytest.mark.parametrize(("sd", "shift"), [(1.0, 0.0), (1.5, 0.5), (0.7, -0.5)])
def test_the_ratio_of_two_normal_densities_that_are_not_normalised(sd, shift):
    """exp(-x^2/2) times e^3 over exp(-((x - shift)/sd)^2/2): the log ratio of the integrals is 3 - ln sd."""
    rng = np.random.default_rng(1)

    def log_ratio(x):
        return 3.0 - 0.5 * x**2 + 0.5 * ((x - shift) / sd) ** 2

    own, other = rng.standard_normal(20_000), shift + sd * rng.standard_normal(10_000)
    assert bridge(log_ratio(own), log_ratio(other)) == pytest.approx(3.0 - np.log(sd), abs=0.03)


def test_draws_at_which_the_first_density_is_nothing_count():
    """Uniform on (0, 1) against uniform on (0, 2): half of the second's draws lie where the first is 0."""
    rng = np.random.default_rng(2)
    other = np.where(rng.random(4000) < 0.5, 0.0, -np.inf)
    assert bridge(np.zeros(4000), other) == pytest.approx(np.log(0.5), abs=0.05)
