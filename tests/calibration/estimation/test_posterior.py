"""The sampler on posteriors that are known, and rules that refuse draws which must not be used."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import toys
from threadpoolctl import threadpool_limits

from calibration.estimation.posterior import (
    GOOD_RHAT,
    Diagnostics,
    Effort,
    Posterior,
    diagnosed,
    posterior,
    run,
)

SMALL = Effort(
    members=64,
    totals=1,
    rounds=2,
    walkers=48,
    steps=10,
    relaid=1,
    settling=20,
    learning=3,
    between=10,
    least=32,
    most=48,
)


@cache
def sampled(name: str) -> Posterior:
    one = getattr(toys, name)()
    with threadpool_limits(1):  # as the steps of a calibration have it
        return posterior(one, run(one, 1, SMALL))


@pytest.mark.parametrize("name", ["linear", pytest.param("banana", marks=pytest.mark.statistical)])
def test_posterior_and_marginal_likelihood_are_those_that_are_known(name):
    mean, spread, log_marginal = getattr(toys, f"{name}_answer")()
    sd = spread if spread.ndim == 1 else np.sqrt(np.diag(spread))
    found = sampled(name)
    error = 1.0 / np.sqrt(found.diagnostics.effective)
    assert np.abs((found.theta.mean(axis=0) - mean) / sd).max() < 4.5 * error
    assert found.theta.std(axis=0) == pytest.approx(sd, rel=4.5 * error)
    stated = max(found.diagnostics.marginal_sd / np.sqrt(SMALL.ensembles), 0.01)
    assert abs(found.log_marginal - log_marginal) < 4.0 * stated
    assert found.diagnostics.marginal_sd < 0.15


def test_draws_are_of_the_posterior_and_none_comes_twice_while_there_are_enough():
    found = sampled("linear")
    mean, covariance, _ = toys.linear_answer()
    drawn = found.draws(2000, 1)
    assert np.abs(drawn.mean(axis=0) - mean).max() < 0.15
    assert drawn.std(axis=0) == pytest.approx(np.sqrt(np.diag(covariance)), rel=0.12)
    assert (found.draws(50, 1) == found.draws(50, 1)).all()
    assert len(found.draws(10 * len(found.theta), 1)) == 10 * len(found.theta)


def test_ensembles_that_agree_pass():
    assert sampled("two_sided").diagnostics.refusal() == ()
    assert sampled("linear").run.accepted > 0.5  # the surrogate is nearly exact


def test_an_ensemble_that_has_missed_half_of_the_posterior_is_refused():
    """Two modes, alike: one of four ensembles knows of one of them alone."""
    y = sampled("two_sided").run.y.copy()
    y[:, 3, :, 0] = np.abs(y[:, 3, :, 0])
    found = diagnosed(y)
    assert [why.code for why in found.refusal()] == ["rhat"]
    assert found.rhat[0] > GOOD_RHAT
    assert found.rhat[1:].max() < GOOD_RHAT


def test_walkers_that_stand_still_are_worth_little():
    """Independent states are worth their number; the same states, each held for eight steps, an eighth of it."""
    rng = np.random.default_rng(4)
    free = rng.standard_normal((64, 4, 16, 2))
    held = np.repeat(rng.standard_normal((8, 4, 16, 2)), 8, axis=0)
    assert diagnosed(free).bulk == pytest.approx(64 * 64, rel=0.15)
    assert diagnosed(held).bulk == pytest.approx(8 * 64, rel=0.25)


def test_too_few_draws_are_refused():
    found = diagnosed(np.random.default_rng(5).standard_normal((5, 4, 8, 2)))
    assert [(why.code, why.bound) for why in replace(found, rhat=np.ones(2)).refusal()] == [("size", 400.0)]


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"rhat": np.array([1.0, 1.011])}, "rhat 1.011 (1.01)"),
        ({"rhat": np.array([1.0, np.nan])}, "rhat nan (1.01)"),
        ({"bulk": np.array([900.0, 399.0])}, "size 399 (400)"),
        ({"tail": np.array([900.0, 120.0])}, "size 120 (400)"),
        ({"tail": np.array([900.0, np.nan])}, "size nan (400)"),
    ],
)
def test_each_rule_refuses_by_itself_and_says_what_is_wrong(what, said):
    good = Diagnostics(np.array([1.0, 1.009]), np.array([401.0, 500.0]), np.array([500.0, 401.0]), 0.1)
    assert good.refusal() == ()
    assert [str(why) for why in replace(good, **what).refusal()] == [said]


def test_runs_of_a_seed_are_the_same_and_those_of_two_seeds_share_nothing():
    few = replace(
        SMALL,
        ensembles=2,
        members=32,
        rounds=1,
        walkers=16,
        steps=4,
        settling=4,
        learning=1,
        between=4,
        least=8,
        most=8,
    )
    with threadpool_limits(1):
        one, again, other = (run(toys.linear(), seed, few) for seed in (0, 0, 1))
    assert (one.y == again.y).all()
    assert (one.log_marginals == again.log_marginals).all()
    assert not np.isclose(one.y, other.y).any()
