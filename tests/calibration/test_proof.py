"""The distance and its inference: exactly 0 at the truth, and toys whose answers are known.

Toys have moments that are linear in the parameters (or are the parameters), normal errors of known covariance, and S
simulated draws, so that standard errors, the test's size and power and the sensitivities are known without calibration.
Monte Carlo here has fixed seeds; every bound is 4 standard errors (a false alarm in 16,000 had the seed been free).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm
from toys import toy

from calibration import inference, recovery, steps
from calibration.distance import Objective, infer, minimise, objective
from calibration.exposure import Exposure
from calibration.file.load import load_targets
from calibration.inference import (
    bread,
    inflated,
    inverse,
    over_identification,
    power,
    sandwich,
    sensitivity,
)
from calibration.printed import as_printed
from calibration.targets import Targets
from calibration.world import World

SIGMAS = 4.0


# --- the objective ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def henan():
    targets = load_targets("henan")
    exposure = steps.expose(None, targets, (), 2)

    def world(seed: int) -> World:
        return World(targets, [exposure], 16, seed)

    return world


def at_the_truth(world: World) -> tuple[Objective, np.ndarray]:
    """An objective whose print is what the model says at a known vector."""
    one = objective(world, world.targets.readings()[0])
    truth = world.space.from_unit(np.full((1, len(world.space.slots)), 0.45))[0]
    told = one.predict(truth[None, :]).mean[0]
    return replace(
        one, moments=tuple(replace(m, observed=x) for m, x in zip(one.moments, told, strict=True))
    ), truth


def test_the_objective_is_exactly_zero_at_the_truth_with_equal_seeds_and_above_with_another(henan):
    one, truth = at_the_truth(henan(1))
    weights = inverse(one.covariance(truth))
    assert one.distance(truth, weights) == 0.0
    again = replace(one, world=henan(1))
    assert again.distance(truth, weights) == 0.0
    other = replace(one, world=henan(2))
    assert other.distance(truth, weights) > 0.0
    moved = truth.copy()
    moved[0] += 0.1
    assert one.distance(moved, weights) > 0.0


def test_from_elsewhere_the_minimum_is_the_truth_s_distance_and_its_figures(henan):
    """Parameters lie on a ridge and need not come back; figures must."""
    one, truth = at_the_truth(henan(1))
    space = one.world.space
    start = np.clip(truth + 0.15 * (space.high - space.low), space.low, space.high)
    found = minimise(one, [start], budget=20)
    assert found.distance < 1e-4
    assert one.residual(found.theta) == pytest.approx(0.0, abs=2e-3)


# --- toys -------------------------------------------------------------------------------------------------------------

SLOPE = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, -0.5], [0.3, 2.0]])
ROOT = np.array([[1, 0, 0, 0, 0], [0.6, 0.8, 0, 0, 0], [0.2, 0.1, 1.1, 0, 0], [0, 0.3, 0, 0.7, 0], [0.1, 0, 0, 0.4, 1.5]])  # fmt: skip
SAMPLING = ROOT @ ROOT.T
TRUTH = np.array([0.7, -1.2])
DRAWS = 4  # few, so that 1 + 1/S is seen
ALL = np.ones(5, dtype=bool)


def test_moments_that_are_the_parameters_have_the_moments_errors():
    """p moments = p parameters: the estimate is (print - chance of the simulation), its errors sqrt((1 + 1/S) Sigma)."""
    sampling = np.diag([0.04, 0.25])
    one = toy(np.eye(2), sampling, np.array([1.0, -2.0]), DRAWS)
    estimate = minimise(one, [np.zeros(2)], budget=30)
    assert estimate.theta == pytest.approx([1.0, -2.0], abs=1e-4)
    found = infer(one, estimate)
    assert found.se == pytest.approx([math.sqrt(0.04 * 1.25), math.sqrt(0.25 * 1.25)])
    assert found.test.freedom == 0
    assert math.isnan(found.test.p)
    # These two hold the weak prior in: a normal law that has the box's spread.
    assert found.prior_sd == pytest.approx(40.0 / math.sqrt(12.0), rel=1e-4)
    pull = 1.0 / (1.0 + np.array([0.05, 0.3125]) / found.prior_sd**2)
    assert found.monte_carlo == pytest.approx(np.array([0.1, 0.25]) * pull, rel=1e-6)
    assert found.lambda_ == pytest.approx(np.diag(np.sqrt([0.05, 0.3125]) * pull), rel=1e-6, abs=1e-9)


def estimates(number: int, wrong: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Estimates with optimal weights and residuals of many provinces, each with its own simulation; and the covariance.

    ``wrong``: error of the first moment, in its standard errors.
    """
    rng = np.random.default_rng(20190416)
    cov = inflated(SAMPLING, ALL, DRAWS)
    chance = (
        rng.standard_normal((number, 5)) @ ROOT.T
        - rng.standard_normal((number, DRAWS, 5)).mean(axis=1) @ ROOT.T
    )
    chance[:, 0] += wrong * math.sqrt(cov[0, 0])
    observed = TRUTH @ SLOPE.T + chance
    weights = inverse(cov)
    theta = observed @ sensitivity(SLOPE, weights).T
    return theta, theta @ SLOPE.T - observed, cov


def rejected(residuals: np.ndarray, cov: np.ndarray, level: float = 0.05) -> float:
    """Share of provinces that the test of over-identification rejects."""
    tests = [over_identification(g, SLOPE, cov, level) for g in residuals]
    assert {test.freedom for test in tests} == {3}
    assert all((test.p < level) == (test.statistic > test.critical) for test in tests)
    return sum(test.p < level for test in tests) / len(tests)


def test_the_covariance_with_one_and_one_over_s_is_that_of_estimates_of_many_provinces():
    number = 20_000
    theta, _, cov = estimates(number)
    told = sandwich(SLOPE, inverse(cov), cov)
    assert told == pytest.approx(bread(SLOPE, inverse(cov)))  # optimal weights: the sandwich collapses
    seen = np.cov(theta.T)
    error = np.sqrt((np.outer(np.diag(told), np.diag(told)) + told**2) / number)
    assert (np.abs(seen - told) < SIGMAS * error).all()
    without = sandwich(SLOPE, inverse(SAMPLING), SAMPLING)
    assert (
        np.diag(seen) > np.diag(without) + SIGMAS * np.diag(error)
    ).all()  # without 1/S it would be too small
    assert (np.abs(theta.mean(axis=0) - TRUTH) < SIGMAS * np.sqrt(np.diag(told) / number)).all()


def test_a_sandwich_with_other_weights_is_that_of_their_estimates():
    number = 20_000
    rng = np.random.default_rng(7)
    weights = np.diag([1.0, 2.0, 0.5, 1.0, 0.1])
    observed = TRUTH @ SLOPE.T + rng.standard_normal((number, 5)) @ ROOT.T
    theta = observed @ sensitivity(SLOPE, weights).T
    told = sandwich(SLOPE, weights, SAMPLING)
    error = np.sqrt((np.outer(np.diag(told), np.diag(told)) + told**2) / number)
    assert (np.abs(np.cov(theta.T) - told) < SIGMAS * error).all()
    assert (np.diag(told) > np.diag(bread(SLOPE, inverse(SAMPLING)))).all()  # and worse than optimal ones


@pytest.mark.parametrize("level", [0.05, 0.5])
def test_the_test_of_over_identification_has_its_size(level):
    number = 2000
    _, residuals, cov = estimates(number)
    assert abs(rejected(residuals, cov, level) - level) < SIGMAS * math.sqrt(level * (1 - level) / number)


def test_a_parameter_at_its_bound_frees_a_moment_for_the_test_and_for_its_power():
    """Two moments that are two parameters; print of the first lies beyond the box, so one of them can move."""
    cov = np.diag([1.0, 1.0])
    one = toy(np.eye(2), cov, np.array([3.0, 0.0]), draws=10_000, reach=2.0)
    found = infer(one, minimise(one, [np.array([1.0, 1.0])], budget=20))
    assert found.test.freedom == 1
    assert found.test.statistic == pytest.approx(1.0, rel=1e-3)
    # An error of three standard deviations of the first is seen, one of the second is taken up.
    shift = norm.ppf(0.975) - np.array([3.0, -3.0])
    assert found.power[0] == pytest.approx(norm.sf(shift[0]) + norm.sf(shift[1]), rel=1e-3)
    assert found.power[1] == pytest.approx(0.05)


def test_its_power_is_the_share_of_wrong_provinces_that_it_rejects():
    number = 2000
    _, residuals, cov = estimates(number, wrong=3.0)
    told = power(SLOPE, cov, 3.0 * np.sqrt(np.diag(cov)))
    assert 0.2 < told[0] < 0.95
    share = rejected(residuals, cov)
    assert abs(share - told[0]) < SIGMAS * math.sqrt(told[0] * (1 - told[0]) / number)


def test_sensitivity_is_how_the_minimum_moves_with_a_printed_moment():
    observed = np.array([0.5, -1.0, 0.1, 1.9, -2.0])
    one = toy(SLOPE, SAMPLING, observed, DRAWS)
    before = minimise(one, [np.zeros(2)], budget=60)
    found = infer(one, before)
    for i, sd in enumerate(np.sqrt(np.diag(before.covariance))):
        moved = observed.copy()
        moved[i] += sd
        after = minimise(toy(SLOPE, SAMPLING, moved, DRAWS), [np.zeros(2)], budget=60)
        assert after.theta - before.theta == pytest.approx(found.lambda_[:, i], abs=0.01)


def test_a_direction_that_no_moment_touches_has_no_standard_error():
    slope = np.array([[1.0, 1.0], [2.0, 2.0], [0.5, 0.5]])  # only the sum of the parameters is seen
    one = toy(slope, np.eye(3), np.array([1.0, 2.0, 0.5]), DRAWS)
    found = infer(one, minimise(one, [np.zeros(2)], budget=30))
    assert np.isinf(found.se).all()
    assert found.test.freedom == 2
    assert (found.posterior_se < found.prior_sd).all()  # with the prior they have one


# --- estimagic as an oracle -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weights", [inverse(SAMPLING), np.diag([1.0, 2.0, 0.5, 1.0, 0.1])], ids=["optimal", "diagonal"])  # fmt: skip
def test_estimagic_agrees_on_covariance_and_sensitivity(weights):
    covs = pytest.importorskip("estimagic.msm_covs", reason="estimagic is not installed (extra: test)")
    own = sandwich(SLOPE, weights, SAMPLING)
    assert own == pytest.approx(np.asarray(covs.cov_robust(SLOPE, weights, SAMPLING)), rel=1e-10)
    if np.allclose(weights, inverse(SAMPLING)):
        assert own == pytest.approx(np.asarray(covs.cov_optimal(SLOPE, weights)), rel=1e-10)
    from estimagic.msm_sensitivity import calculate_sensitivity_to_bias

    theirs = np.asarray(calculate_sensitivity_to_bias(SLOPE, weights))
    # Theirs is Lambda = -(G'WG)^-1 G'W of moments model - data, ours the change with a printed figure.
    assert sensitivity(SLOPE, weights) == pytest.approx(-theirs, rel=1e-10)


# --- planted errors ---------------------------------------------------------------------------------------------------


def fitted(targets: Targets, exposures: list[Exposure], measure: str) -> inference.Test:
    """The test of over-identification of a small court's print, its sale rate taken for ``measure``."""
    reading = next(
        r for r in targets.readings() if r.measure("sale_rate", "") == measure and r.basis == "event"
    )
    one = objective(World(targets, exposures, 16), reading)
    middle = one.world.space.from_unit(np.full((1, len(one.world.space.slots)), 0.5))[0]
    return infer(one, minimise(one, [middle], budget=12)).test


@pytest.mark.parametrize("planted", ["nothing", "definition", "ten times"])
def test_a_swapped_definition_and_a_wrong_figure_are_found_by_the_test_of_adequacy(planted):
    """Zhongshan's windows and figures, two parameters: print made by the simulator at known values of them."""
    whole = recovery.exact(load_targets("zhongshan"))
    two = tuple(f for f in whole.free if f.name in ("interest", "value_scale"))
    targets = recovery.seeded(replace(whole, free=two), 1)
    exposures = recovery.timing(targets, recovery.Effort(listings=8))
    world = World(targets, exposures, 16)
    made = next(
        r
        for r in targets.readings()
        if r.measure("sale_rate", "") == "sale_rate_final" and r.basis == "event"
    )
    printed = recovery.printed(world, np.log([2.0, 1.0]), made, 1)
    if planted == "ten times":
        window = printed.windows["2014"]
        wrong = as_printed(f"{1000 * window.value('premium'):.2f}%")
        figures = {**window.figures, "premium": replace(window.figures["premium"], printed=wrong)}
        printed = replace(printed, windows={"2014": replace(window, figures=figures)})
    test = fitted(printed, exposures, "sale_rate_ended" if planted == "definition" else "sale_rate_final")
    assert test.freedom > 0
    assert (test.p > 0.01) == (planted == "nothing"), test
