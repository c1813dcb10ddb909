"""The ensemble smoother: exact where the model is linear and all laws are normal, and near where it leaves far members out."""

from __future__ import annotations

import numpy as np
import pytest
import toys

from calibration.estimation import ensemble

MEMBERS = 4096


def smoothed(seed: int) -> np.ndarray:
    """The last population."""
    one = toys.linear()
    rng = np.random.default_rng(seed)
    ways, terms = ensemble.assimilated(one, ensemble.prior_population(one, MEMBERS, rng), rng)
    assert len(ways) == len(terms) == ensemble.STEPS + 1
    return ways[-1]


def far(y: np.ndarray) -> tuple[float, float]:
    """How far the population is from the posterior: worst mean, in posterior sds; worst entry of the covariance, whitened."""
    mean, covariance, _ = toys.linear_answer()
    root = np.linalg.cholesky(covariance)
    z = np.linalg.solve(root, (y - mean).T)
    return float(np.abs(z.mean(axis=1)).max()), float(np.abs(np.cov(z) - np.eye(5)).max())


def test_a_linear_normal_model_gives_the_posterior_s_mean_and_covariance(monkeypatch):
    """All members in the regressions: exact but for chance (Emerick & Reynolds 2013), 1 / sqrt(4096) = .016 a number."""
    monkeypatch.setattr(ensemble, "KEPT", 1.0)
    off, wide = far(smoothed(1))
    assert off < 5 / np.sqrt(MEMBERS)
    assert wide < 5 * np.sqrt(2.0 / MEMBERS)


def test_leaving_out_the_farthest_members_moves_the_population_by_less_than_a_third_of_its_spread():
    off, wide = far(smoothed(1))
    assert off < 1 / 3
    assert wide < 0.5


def test_the_prior_population_is_the_prior_and_each_seed_has_its_own():
    one = toys.linear()
    y, other = (ensemble.prior_population(one, 1024, np.random.default_rng(seed)) for seed in (1, 2))
    assert np.abs(y.mean(axis=0)).max() < 0.02  # evenly spread points: far nearer than chance would have them
    assert y.std(axis=0) == pytest.approx(np.ones(5), abs=0.03)
    assert not np.isclose(y, other).any()
