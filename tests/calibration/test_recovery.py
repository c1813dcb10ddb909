"""Provinces of known parameters: printed as a court prints; and the sampler, on toys whose posterior is known."""

from __future__ import annotations

import csv
import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from calibration.distance import objective
from scipy.stats import binom, chi2, norm
from toys import toy

from calibration import recovery, sample
from calibration.file.load import load_targets
from calibration.likelihood import log_likelihood
from calibration.recovery import Bank, Effort
from calibration.words import w
from calibration.world import World

# --- the sampler: print is a count of mean p0 and an aggregate of mean p0 + p1 -------------------------------------------

SAID = ("policy", "reading", "sold", "recovery")
COUNT_SD, AGGREGATE_SD, REACH = 0.4, 0.2, 2.0


class ToyBank(Bank):
    """Draws of the prior, and what a toy's count says of them."""

    def __init__(self, size: int, seed: int) -> None:
        self.theta = np.random.default_rng(seed).uniform(-REACH, REACH, (size, 2))
        self.observed = 0.0

    def log_likelihood(self, one, chunk=0):
        return norm.logpdf(self.observed, self.theta[:, 0], COUNT_SD)


@pytest.fixture
def sampled(monkeypatch):
    """Draws of a toy's posterior given (count, aggregate), and what they are worth."""
    small = ToyBank(2048, 1), Effort(first=128, proposed=256, rounds=2, most=2, answered=400)
    large = ToyBank(40_000, 2), Effort(first=1024, proposed=12_000, rounds=4, most=4, answered=20_000)

    def draws(count: float, aggregate: float, seed: int, much: bool = False) -> tuple[np.ndarray, float]:
        bank, effort = large if much else small
        bank.observed = count

        def log_likelihood(one: object, theta: np.ndarray) -> np.ndarray:
            few = 0.3 if one.world.draws < Effort().many else 0.0  # few sheets tell the aggregate wrong
            told = norm.logpdf(aggregate + few, theta.sum(axis=1), AGGREGATE_SD)
            return told + norm.logpdf(count, theta[:, 0], COUNT_SD)

        for module in (recovery, sample):
            monkeypatch.setattr(module, "log_likelihood", log_likelihood)
        one = toy(np.eye(2), np.eye(2), np.array([count, aggregate]), 1, REACH)
        return recovery.posterior(one, bank, effort, seed)

    return draws


def test_draws_have_the_mean_and_spread_of_a_posterior_that_is_known(sampled):
    draws, worth = sampled(0.3, -0.1, 5, much=True)
    assert worth > 2000
    mean, sd = np.array([0.3, -0.4]), np.array([COUNT_SD, np.hypot(COUNT_SD, AGGREGATE_SD)])
    assert (np.abs(draws.mean(axis=0) - mean) < 4 * sd / np.sqrt(worth)).all()
    assert draws.std(axis=0) == pytest.approx(sd, rel=4 / np.sqrt(2 * worth))
    assert np.corrcoef(draws.T)[0, 1] == pytest.approx(-COUNT_SD / sd[1], abs=4 / np.sqrt(worth))


@pytest.mark.statistical
def test_ranks_of_known_truths_are_uniform_and_intervals_cover_as_they_say(sampled):
    """Simulation-based calibration of the sampler: 300 toys, truth from the prior; a false alarm in 10,000 each."""
    number, bins = 300, 10
    rng = np.random.default_rng(20190416)
    ranks = []
    for i in range(number):
        truth = rng.uniform(-REACH, REACH, 2)
        count, aggregate = (
            truth[0] + COUNT_SD * rng.standard_normal(),
            truth.sum() + AGGREGATE_SD * rng.standard_normal(),
        )
        ranks.append((sampled(count, aggregate, i)[0] < truth).mean(axis=0))
    for rank in np.array(ranks).T:
        seen = np.bincount(np.minimum((rank * bins).astype(int), bins - 1), minlength=bins)
        assert ((seen - number / bins) ** 2 / (number / bins)).sum() < chi2.ppf(0.9999, bins - 1)
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
        draws=8,
        many=16,
        listings=2,
        bank=256,
        first=48,
        proposed=48,
        rounds=1,
        most=1,
        longest=1,
        answered=16,
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


def test_a_province_is_calibrated_on_print_alone_and_compared_with_its_truth(zhongshan):
    mine, exposures, effort, made = zhongshan
    bank = Bank(World(mine, exposures, effort.draws), effort.bank, 1)
    found = recovery.calibrate(made, exposures, bank, effort)
    assert json.loads(json.dumps(found)) == found
    names = World(made.targets, exposures, 2).space.names
    assert set(names) <= set(found["quantities"])
    assert any(name.endswith("cut-20 less cut-00") for name in found["quantities"])
    for name, row in found["quantities"].items():
        assert row["low95"] <= row["low50"] <= row["median"] <= row["high50"] <= row["high95"], name
        assert 0.0 <= row["rank"] <= 1.0
    told = dict(zip(names, made.theta, strict=True))
    assert {n: found["quantities"][n]["truth"] for n in names} == pytest.approx(told)
    assert max(abs(z) for z in found["z"].values()) < 5.0  # the truth is near its print
    whole = recovery.exact(load_targets("zhongshan"))
    assert recovery.at_the_truth(whole, exposures, {**found, "number": 3}, effort.draws) == pytest.approx(
        found["z"]
    )


def test_the_bank_s_counts_have_the_likelihood_that_vectors_asked_one_by_one_have(zhongshan):
    mine, exposures, _, made = zhongshan
    bank = Bank(World(mine, exposures, 8), 32, 1)
    one = objective(World(made.targets, exposures, 8), made.reading)
    counts = replace(one, moments=tuple(m for m in one.moments if not m.aggregate))
    assert bank.log_likelihood(one, chunk=20) == pytest.approx(
        log_likelihood(counts, bank.theta), rel=1e-4, abs=1e-3
    )


# --- the committed results --------------------------------------------------------------------------------------------


def benchmark():
    path = Path(__file__).resolve().parents[2] / "benchmarks" / "recovery.py"
    spec = importlib.util.spec_from_file_location("recovery_benchmark", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_how_many_truths_may_lie_inside_is_binomial_where_draws_are_many_and_less_where_few():
    may = benchmark().may
    for level in recovery.LEVELS:
        assert may([1e5] * 50, level) == tuple(int(x) for x in binom.interval(0.95, 50, level))
    assert may([20.0] * 50, 0.95)[0] < may([1e5] * 50, 0.95)[0]


def test_the_report_says_how_many_of_the_fifty_its_intervals_of_effects_held():
    path = Path(__file__).resolve().parents[2] / "benchmarks" / "recovery-results.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        held = [
            int(row["inside95"])
            for row in csv.DictReader(lines)
            if row["name"].startswith(("sold_ever", "recovery_all")) and "_less_" in row["name"]
        ]
    assert f"held {min(held)} to {max(held)})" in w("told.likely", "en", **dict.fromkeys(SAID, ""))
    assert f"{min(held)}至{max(held)}个" in w("told.likely", "zh", **dict.fromkeys(SAID, ""))


def test_the_results_are_of_fifty_provinces_and_their_page_says_the_same():
    home = Path(__file__).resolve().parents[2] / "benchmarks"
    with (home / "recovery-results.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    page = (home / "recovery-results.md").read_text(encoding="utf-8")
    assert {row["number"] for row in rows if row["about"] == "quantity"} == {"50"}
    for row in rows:
        if row["about"] == "quantity":
            (line,) = [x for x in page.splitlines() if x.replace(" ", "_").startswith(f"|_{row['name']}_|")]
            for level in ("50", "95"):
                right = int(row[f"least{level}"]) <= int(row[f"inside{level}"]) <= int(row[f"most{level}"])
                assert (f"**{row[f'inside{level}']}**" in line) != right
