"""Provinces of known parameters: printed as a court prints; and the sampler, on toys whose posterior is known."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy.stats import binom, chi2
from toys import toy

from calibration import history, recovery
from calibration.coordinates import Coordinates
from calibration.recovery import Effort
from calibration.targets import load_targets
from calibration.world import World

SLOPE = np.array([[1.0, 0.0], [1.0, 0.9], [0.5, 1.0]])
SAMPLING = np.diag([0.09, 0.04, 0.16])


def posterior_of_a_toy(observed: np.ndarray, seed: int, effort: Effort) -> np.ndarray:
    """Draws (n, 2) by tempering and the walk, from a start that knows only the prior."""
    one = toy(SLOPE, SAMPLING, observed, 1, figure="participants", reach=3.0)
    rng = np.random.default_rng(seed)
    straight = Coordinates(one.world, ())
    density = recovery.Density(one, straight)
    start = density.at(straight.forward(rng.uniform(-3.0, 3.0, (effort.population, 2))))
    way, _ = recovery.walk(density, recovery.temper(density, start, effort.moves, rng), effort.walk, rng)
    return straight.back(way[effort.walk // 2 :].reshape(-1, 2))[0]


def test_tempering_and_walk_give_a_posterior_that_is_known():
    observed = np.array([0.4, -0.3, 0.1])
    precision = SLOPE.T @ np.linalg.inv(SAMPLING) @ SLOPE
    cov = np.linalg.inv(precision)
    mean = cov @ SLOPE.T @ np.linalg.inv(SAMPLING) @ observed
    draws = posterior_of_a_toy(observed, 5, Effort(population=600, moves=6, walk=40))
    error = np.sqrt(np.diag(cov) / 600)  # no fewer independent draws than walkers
    assert (np.abs(draws.mean(axis=0) - mean) < 4 * error).all()
    assert np.cov(draws.T) == pytest.approx(cov, rel=4 * math.sqrt(2 / 600))


def test_ranks_of_known_truths_are_uniform_and_intervals_cover_as_they_say():
    """Simulation-based calibration of the sampler: 96 toys, truth from the prior; ranks by chi-square at 1 in 10,000."""
    number, bins = 96, 8
    rng = np.random.default_rng(20190416)
    effort = Effort(population=40, moves=4, walk=16)
    ranks = []
    for i in range(number):
        truth = rng.uniform(-3.0, 3.0, 2)
        observed = SLOPE @ truth + np.sqrt(np.diag(SAMPLING)) * rng.standard_normal(3)
        ranks.append((posterior_of_a_toy(observed, i, effort) < truth).mean(axis=0))
    for rank in np.array(ranks).T:
        count = np.bincount(np.minimum((rank * bins).astype(int), bins - 1), minlength=bins)
        assert ((count - number / bins) ** 2 / (number / bins)).sum() < chi2.ppf(0.9999, bins - 1)
        for level in recovery.LEVELS:
            inside = int((np.abs(rank - 0.5) <= level / 2).sum())
            assert binom.cdf(inside, number, level) > 5e-5
            assert binom.sf(inside - 1, number, level) > 5e-5


# --- provinces --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def zhongshan():
    """A small court, its listing times, and a province like it."""
    targets = recovery.exact(load_targets("zhongshan"))
    effort = Effort(
        draws=16, listings=2, design=64, starts=1, budget=3, population=16, moves=1, walk=4, answered=8
    )
    exposures = recovery.timing(targets, effort)
    mine = recovery.seeded(targets, 3)
    made = recovery.province(World(mine, exposures, effort.draws), mine.readings(), 3)
    return mine, exposures, effort, made


def test_a_province_is_printed_with_the_court_s_digits(zhongshan):
    mine, _, _, made = zhongshan
    own = {(f.window, f.name): f.printed for f in mine.figures()}
    assert {(f.window, f.name) for f in made.targets.figures()} == set(own)
    for figure in made.targets.figures():
        step = own[figure.window, figure.name].step
        assert figure.printed.step == step
        if step:
            assert figure.value / step == pytest.approx(round(figure.value / step), abs=1e-6)
            assert figure.printed.rounding == "rounded"
    assert recovery.like_a_court(made.targets)
    assert made.targets.seed == mine.seed == load_targets("zhongshan").seed + 3
    assert mine.loaded.scenario.run.seed == mine.seed


def test_a_province_s_print_is_the_simulator_s_at_its_parameters(zhongshan):
    mine, exposures, effort, made = zhongshan
    world = World(mine, exposures, effort.draws)
    again = recovery.printed(world, made.theta, made.reading, recovery.PROVINCE + made.tried)
    assert [f.value for f in again.figures()] == [f.value for f in made.targets.figures()]
    other = recovery.printed(world, made.theta, made.reading, recovery.PROVINCE + made.tried + 1)
    assert [f.value for f in other.figures()] != [f.value for f in made.targets.figures()]


def test_a_province_is_calibrated_on_print_alone_and_compared_with_its_truth(zhongshan, monkeypatch):
    for name, small in (("PROPOSED", 96), ("WALKERS", 32), ("STEPS", 4)):
        monkeypatch.setattr(history, name, small)
    _, exposures, effort, made = zhongshan
    found = recovery.calibrate(made, exposures, effort)
    assert json.dumps(json.loads(json.dumps(found))) == json.dumps(found)
    if found["ruled_out"]:
        pytest.fail("the truth's own reading is ruled out")
    names = World(made.targets, exposures, 2).space.names
    assert set(names) <= set(found["quantities"])
    assert any(name.endswith("cut-20 less cut-00") for name in found["quantities"])
    for name, row in found["quantities"].items():
        assert row["low95"] <= row["low50"] <= row["median"] <= row["high50"] <= row["high95"], name
        assert 0.0 <= row["rank"] <= 1.0
    told = dict(zip(names, made.theta, strict=True))
    assert {n: found["quantities"][n]["truth"] for n in names} == pytest.approx(told)
    assert max(abs(z) for z in found["z"].values()) < 5.0  # the truth is near its print
