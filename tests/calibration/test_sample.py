"""Wave 2's sampler: a posterior that is known, reasons to refuse one, and draws weighed by the likelihood of many sheets."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import norm
from toys import toy

from calibration import pipeline, recovery, sample, steps
from calibration.distance import objective
from calibration.file.load import load_targets
from calibration.likelihood import DRAWS, log_likelihood
from calibration.sample import GOOD_R_HAT, GOOD_SIZE, Posterior, begin, posterior, refusal, stretch, weighed
from calibration.settings import FULL
from calibration.weights import effective, resampled
from calibration.world import World

REACH, SD = 10.0, np.array([0.5, 1.5])


@pytest.fixture(scope="module")
def known() -> Posterior:
    """Walks of a toy whose posterior is normal: means 1 and -2, standard deviations SD."""
    one = toy(np.eye(2), np.eye(2), np.array([1.0, -2.0]), 1, REACH)
    start = np.random.default_rng(1).uniform(-3.0, 3.0, (64, 2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            sample, "log_likelihood", lambda one, theta: norm.logpdf(theta, one.observed, SD).sum(axis=1)
        )
        ways = [[stretch(one, begin(one, start, 1, e), 1500, 1, e, 0)] for e in range(2)]
        return posterior(one, ways)


def test_draws_have_the_mean_and_spread_of_a_posterior_that_is_known(known):
    """Within four standard errors of as many independent draws as the diagnostics say there are."""
    assert not known.refused
    draws = known.chains.reshape(-1, 2)
    assert np.all(np.abs(draws.mean(axis=0) - [1.0, -2.0]) < 4.0 * SD / np.sqrt(known.size))
    assert np.all(np.abs(draws.std(axis=0) / SD - 1.0) < 4.0 / np.sqrt(2.0 * known.size))


def test_ensembles_that_stay_apart_are_refused(known):
    apart = known.chains + np.array([0.0, 5.0])[:, None, None, None]
    r_hat = sample.split_r_hat(apart)
    assert r_hat.min() > GOOD_R_HAT
    assert "R-hat" in refusal(r_hat, known.size, known.tau, 10_000)


def test_short_walks_and_few_draws_are_refused():
    fine = np.ones(2)
    assert "autocorrelation" in refusal(fine, np.full(2, 1e4), np.array([1.0, 50.0]), 400)
    assert "effective draws" in refusal(fine, np.array([1e4, 40.0]), np.ones(2), 400)
    assert refusal(fine, np.full(2, 1e4), np.ones(2), 400) == ""


def test_weighing_takes_draws_away_and_refuses_what_is_left_of_few(known):
    found = replace(known, size=np.array([3.0 * GOOD_SIZE, 2.0 * GOOD_SIZE]), refused="")
    assert weighed(found, np.zeros(1024)).worth == pytest.approx(2.0 * GOOD_SIZE)
    half = weighed(found, np.where(np.arange(1024) < 512, 0.0, -np.inf))
    assert half.worth == pytest.approx(GOOD_SIZE)
    assert half.refused == ""
    assert "once weighed" in weighed(found, np.where(np.arange(1024) < 511, 0.0, -np.inf)).refused


def test_weighing_counts_no_more_draws_than_it_looked_at(known):
    found = replace(known, size=np.full(2, 3000.0), refused="")
    assert weighed(found, np.zeros(200)).worth == pytest.approx(200.0)
    assert "once weighed" in weighed(found, np.where(np.arange(1024) < 36, 0.0, -np.inf)).refused


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_weights_that_are_no_numbers_are_refused(known, bad):
    found = replace(known, size=np.full(2, 3000.0), refused="")
    assert "once weighed" in weighed(found, np.where(np.arange(1024) == 3, bad, 0.0)).refused


def test_what_is_told_of_a_posterior_are_draws_as_their_weights_have_them(known):
    """Walks of N(m, SD), weighed towards larger first parameters: within four standard errors of the weighed law's mean."""
    case = SimpleNamespace(
        posterior=known, sampled=True, likely=np.empty((0, 2)), reading=SimpleNamespace(key="r")
    )
    crew = SimpleNamespace(
        world=SimpleNamespace(targets=SimpleNamespace(seed=1)),
        do=lambda name, step, tasks: [one[1][1][:, 0] for one in tasks],  # log weight: the first parameter
    )
    pipeline._weighed(crew, case, FULL)
    assert case.likely.shape == (256, 2)
    assert case.posterior.left < 1.0
    off = case.likely.mean(axis=0) - [1.0 + SD[0] ** 2, -2.0]  # a normal law times e^x moves by its variance
    assert np.all(np.abs(off) < 4.0 * SD / np.sqrt(256))
    assert off[0] > -0.5 * SD[0] ** 2


def test_resampled_draws_of_one_law_have_the_moments_of_the_other():
    """Draws of N(0, 1) weighed as N(.5, .8): within four standard errors of what the weights are worth."""
    x = np.random.default_rng(2).standard_normal(20_000)
    log_weight = norm.logpdf(x, 0.5, 0.8) - norm.logpdf(x)
    chosen = x[resampled(np.exp(log_weight), 20_000, np.random.default_rng(3))]
    worth = effective(log_weight)
    assert abs(chosen.mean() - 0.5) < 4.0 * 0.8 / np.sqrt(worth)
    assert abs(chosen.std() / 0.8 - 1.0) < 4.0 / np.sqrt(2.0 * worth)


# --- many sheets ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world():
    targets = load_targets("zhongshan")
    exposures = recovery.timing(targets, recovery.Effort(listings=2))
    return World(targets, exposures, 8)


def test_a_world_of_more_sheets_has_the_same_first_ones(world):
    theta = world.space.base[None, :]
    few, many = world.outcome(theta).sheets, world.drawing(24).outcome(theta).sheets
    assert many.shape[3] == 24
    np.testing.assert_allclose(many[..., :8, :], few, rtol=1e-12)
    assert world.draws == 8


def test_weights_are_the_ratio_of_both_likelihoods(world):
    theta = world.space.from_unit(np.full((3, len(world.space.slots)), [[0.4], [0.5], [0.6]]))
    reading = world.targets.readings()[0]
    told = steps.by_many_sheets(world, reading, theta)
    both = [log_likelihood(objective(w, reading), theta) for w in (world.drawing(DRAWS), world)]
    np.testing.assert_allclose(told, both[0] - both[1])
    assert np.abs(told).max() > 0.0
    np.testing.assert_allclose(steps.by_many_sheets(world.drawing(DRAWS), reading, theta), 0.0, atol=1e-9)
