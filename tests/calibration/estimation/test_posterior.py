"""Runs of the sampler on posteriors that are known, and rules that refuse draws which must not be used."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import toys

from calibration.estimation.density import joined
from calibration.estimation.posterior import (
    GOOD_K,
    GOOD_RHAT,
    GOOD_SIZE,
    Diagnostics,
    Effort,
    Run,
    diagnosed,
    posterior,
    run,
)

SMALL = Effort(members=128, totals=1, rounds=1, each=96, steps=30, first=60, apart=20, states=4)
BENT = replace(SMALL, rounds=3)


@pytest.fixture(scope="module")
def sampled():
    """Four runs on each toy."""
    return {
        name: [run(getattr(toys, name)(), seed, effort) for seed in range(4)]
        for name, effort in (("linear", SMALL), ("banana", BENT), ("two_sided", BENT))
    }


@pytest.mark.parametrize("name", ["linear", "banana"])
def test_posterior_and_marginal_likelihood_are_those_that_are_known(sampled, name):
    mean, spread, log_marginal = getattr(toys, f"{name}_answer")()
    sd = spread if spread.ndim == 1 else np.sqrt(np.diag(spread))
    found = posterior(getattr(toys, name)(), sampled[name])
    own = found.weight @ found.theta
    error = 1.0 / np.sqrt(found.diagnostics.effective)
    assert np.abs((own - mean) / sd).max() < 4.5 * error
    assert np.sqrt(found.weight @ (found.theta - own) ** 2) == pytest.approx(sd, rel=4.5 * error)
    stated = max(found.diagnostics.marginal_sd / np.sqrt(len(sampled[name])), 0.01)
    assert abs(found.log_marginal - log_marginal) < 4.0 * stated
    assert found.diagnostics.marginal_sd < 0.15


def test_draws_of_equal_weight_are_the_posterior_s(sampled):
    found = posterior(toys.linear(), sampled["linear"])
    mean, covariance, _ = toys.linear_answer()
    drawn = found.draws(2000, 1)
    assert np.abs(drawn.mean(axis=0) - mean).max() < 0.08
    assert drawn.std(axis=0) == pytest.approx(np.sqrt(np.diag(covariance)), rel=0.1)


def test_runs_that_agree_pass(sampled):
    assert diagnosed(sampled["two_sided"]).refusal() == ""


def test_a_run_that_has_missed_half_of_the_posterior_is_refused(sampled):
    """Two modes, alike: one of four runs knows of one of them alone. Its marginal likelihood is too small, too."""
    *others, last = sampled["two_sided"]
    half = only(last, last.y[:, 0] > 0.0)
    found = diagnosed([*others, half])
    assert found.refusal().startswith("R-hat")
    assert found.rhat[0] > GOOD_RHAT
    assert found.rhat[1:].max() < GOOD_RHAT


def only(one: Run, chosen: np.ndarray) -> Run:
    """The run with these draws alone; means of weights stay over all that were drawn."""
    terms = type(one.terms)(
        **{name: getattr(one.terms, name)[chosen] for name in type(one.terms).__dataclass_fields__}
    )
    return replace(
        one, y=one.y[chosen], log_weight=one.log_weight[chosen] + np.log(chosen.mean()), terms=terms
    )


def test_weights_with_a_tail_too_heavy_are_refused(sampled):
    """Weights with a Pareto tail of k = 1, of which a mean hardly exists, on draws that are otherwise good."""
    rng = np.random.default_rng(3)
    heavy = [replace(one, log_weight=rng.exponential(1.0, len(one.y))) for one in sampled["linear"]]
    found = diagnosed(heavy)
    assert found.pareto_k == pytest.approx(1.0, abs=0.35)
    assert found.refusal().startswith("Pareto k")


def test_one_bad_run_among_good_ones_is_seen(sampled):
    *others, last = sampled["linear"]
    bad = replace(last, log_weight=2.0 * np.random.default_rng(4).exponential(1.0, len(last.y)))
    assert not diagnosed([*others, bad]).pareto_k < GOOD_K


def test_too_few_draws_are_refused(sampled):
    few = [only(one, np.arange(len(one.y)) % 8 == 0) for one in sampled["linear"]]
    found = diagnosed(few)
    assert found.effective <= 4 * 48
    assert "fewer than 400" in replace(found, rhat=np.ones(5), pareto_k=0.0).refusal()


def test_draws_that_are_worth_much_but_for_a_tail_are_refused():
    """Few draws of large weight in the lower tail of the first parameter: whole size is large, the tail's is not."""
    rng = np.random.default_rng(5)
    runs = []
    for _ in range(4):
        y = rng.standard_normal((400, 2))
        log_weight = 0.1 * rng.standard_normal(400)
        order = np.argsort(y[:, 0])
        log_weight[order[:20]] = -30.0  # but for one draw, the tail was hardly ever drawn
        log_weight[order[0]] = np.log(20.0)
        runs.append(made(y, log_weight))
    found = diagnosed(runs)
    assert found.tail[0] < GOOD_SIZE < found.tail[1]
    assert "fewer than" in replace(found, rhat=np.ones(2), pareto_k=0.0).refusal()


@pytest.mark.parametrize(
    ("what", "begins"),
    [
        ({"pareto_k": 0.71}, "Pareto k 0.71"),
        ({"pareto_k": np.nan}, "Pareto k nan"),
        ({"rhat": np.array([1.0, 1.011])}, "R-hat 1.011"),
        ({"rhat": np.array([1.0, np.nan])}, "R-hat nan"),
        ({"effective": 399.0}, "effective draws 399"),
        ({"tail": np.array([900.0, 120.0])}, "effective draws 120"),
    ],
)
def test_each_rule_refuses_by_itself_and_says_what_is_wrong(what, begins):
    good = Diagnostics(np.array([1.0, 1.009]), 0.69, 401.0, np.array([500.0, 401.0]), 0.1)
    assert good.refusal() == ""
    assert replace(good, **what).refusal().startswith(begins)


def test_runs_of_a_seed_are_the_same_and_those_of_two_seeds_share_nothing():
    few = replace(SMALL, members=64, rounds=1, each=64, steps=10, first=10, apart=5, states=1)
    one, again, other = (run(toys.linear(), seed, few) for seed in (0, 0, 1))
    assert (one.y == again.y).all()
    assert (one.log_weight == again.log_weight).all()
    assert not np.isclose(one.y, other.y).any()


def made(y: np.ndarray, log_weight: np.ndarray) -> Run:
    one = toys.linear()
    return Run(y, log_weight, joined([one.terms(np.zeros((len(y), 5)))]), 0, 0.0)
