"""Walks leave a density as it is: of the surrogate, and of the posterior however wrong the surrogate may be."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import toys

from calibration.estimation.walk import Stand, corrected, heights, walked

DIMENSIONS, ENSEMBLES, WALKERS = 12, 4, 64


def normal(sd: float = 1.0, middle: float = 0.0):
    return SimpleNamespace(log_density=lambda y: -0.5 * (((y - middle) / sd) ** 2).sum(axis=1))


def test_walkers_that_begin_too_near_end_up_spread_as_the_density_is():
    """A standard normal law in 12 dimensions, begun at .7 of its spread. emcee's snooker move (3.1.6) leaves variances at .9."""
    rng = np.random.default_rng(1)
    y = 0.7 * rng.standard_normal((ENSEMBLES, WALKERS, DIMENSIONS))
    late = []
    for _ in range(12):
        y = walked(normal(), y, 50, rng)
        late.append(y)
    late = np.stack(late[4:])
    assert late.var(axis=(0, 1, 2)).mean() == pytest.approx(1.0, abs=0.04)
    assert np.abs(late.mean(axis=(0, 1, 2))).max() < 0.15


@pytest.mark.parametrize(("sd", "middle"), [(1.0, 0.0), (1.4, 0.3), (0.8, 0.0)])
def test_corrected_walks_leave_the_posterior_as_it_is_whatever_the_surrogate(sd, middle):
    """``linear``, with a surrogate that is the prior's shape, too wide and shifted, or too narrow."""
    one = toys.linear()
    mean, covariance, _ = toys.linear_answer()
    root = np.linalg.cholesky(covariance)
    surrogate = SimpleNamespace(
        log_density=lambda y: (
            -0.5 * ((np.linalg.solve(root, (y - mean).T).T - middle) ** 2).sum(axis=1) / sd**2
        )
    )
    rng = np.random.default_rng(2)
    y = mean + rng.standard_normal((ENSEMBLES, WALKERS, 5)) @ (0.7 * root).T
    stand = Stand(y, one.terms(y.reshape(-1, 5)).log_posterior.reshape(y.shape[:2]), heights(surrogate, y))
    states = []
    for _ in range(120):
        seen, terms = corrected(surrogate, one, stand, 12, rng)
        states.append(stand.y.copy())
    assert len(seen) == len(terms.prior) == ENSEMBLES * WALKERS
    late = np.stack(states[30:]).reshape(-1, 5)
    assert np.abs((late.mean(axis=0) - mean) / np.sqrt(np.diag(covariance))).max() < 0.08
    assert late.std(axis=0) == pytest.approx(np.sqrt(np.diag(covariance)), rel=0.06)


def test_ensembles_do_not_see_each_other():
    """What one ensemble's walkers do is the same wherever the others stand."""
    near = np.random.default_rng(3).standard_normal((2, 16, 3))
    far = near.copy()
    far[1] += 5.0
    one, other = (walked(normal(), y, 10, np.random.default_rng(4)) for y in (near, far))
    assert (one[0] == other[0]).all()
    assert not np.isclose(one[1], other[1]).all()


def test_what_a_stand_says_of_itself_stays_true():
    one = toys.banana()
    rng = np.random.default_rng(5)
    y = np.random.default_rng(6).standard_normal((2, 16, 5))
    stand = Stand(y.copy(), one.terms(y.reshape(-1, 5)).log_posterior.reshape(2, 16), heights(normal(), y))
    for _ in range(5):
        corrected(normal(), one, stand, 3, rng)
    assert stand.true == pytest.approx(one.terms(stand.y.reshape(-1, 5)).log_posterior.reshape(2, 16))
    assert stand.height == pytest.approx(heights(normal(), stand.y))
    assert not np.isclose(stand.y, y).all()
