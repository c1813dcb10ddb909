"""Control variates in a difference: nothing is biased, intervals cover, and what is taken off is what the controls explain."""

from __future__ import annotations

import json

import numpy as np
import pytest
from commands import sim as command
from conftest import ROOT, SMALL

import sim
from sim.experiments import control_variates as module
from sim.experiments.control_variates import GAIN, controlled, without
from sim.experiments.controls import CONTROLS
from sim.experiments.paired import paired
from sim.reporting.differences import as_rows, on_basis

FINAL, LISTED, PREMIUM, ENDED = "sale_rate_final", "sale_rate_listed", "premium_mean", "sale_rate_ended"


def data(cells, draws=1, pairs=10, seed=1, skewed=False):
    """Base, policy, controls: a difference of mean 1 that goes with the controls "sold" and "unsold"."""
    rng = np.random.default_rng(seed)
    shape = draws, pairs, cells
    controls = rng.standard_normal((*shape, len(CONTROLS)))
    noise = rng.standard_exponential(shape) - 1.0 if skewed else rng.standard_normal(shape)
    difference = 1.0 + 2.0 * controls[..., 0] - controls[..., 2] + 0.5 * noise
    base = 5.0 * rng.standard_normal(shape)
    return base, base + difference, controls


def test_what_goes_with_the_controls_is_taken_off_and_nothing_else():
    base, policy, controls = data(3)
    policy = base + 1.0 + 2.0 * controls[..., 0] - controls[..., 2]
    found = controlled(base, policy, controls, [FINAL, LISTED, PREMIUM])
    plain = paired(base, policy)
    assert found["difference"][0] == pytest.approx(1.0)
    assert found["half"][0] == pytest.approx(0.0, abs=1e-9)
    assert 2.0 < found[GAIN][1] < 50.0  # one of its two controls is not this measure's
    for name, column in plain.items():
        assert found[name][2] == pytest.approx(column[2], nan_ok=True)
    assert found[GAIN][2] == 1.0
    assert found["policy"] - found["base"] == pytest.approx(found["difference"])
    for name in ("low", "high", "sd_monte_carlo", "variance_reduction"):
        assert found[name] == pytest.approx(plain[name])


@pytest.mark.parametrize("draws", [1, 4])
def test_the_coefficient_of_a_pair_does_not_hang_on_that_pair(draws):
    """Otherwise what is taken off would not have mean 0."""
    base, policy, controls = data(2, draws, pairs=6)
    before = without(base, policy, controls[..., :2])
    policy[0, 3] += 7.0
    after = without(base, policy, controls[..., :2])
    assert after[0, 3] == pytest.approx(before[0, 3] + 7.0)
    assert (after[-1, 0] != before[-1, 0]).all()


@pytest.mark.parametrize("pairs", [6, 10, 40])
def test_intervals_cover(pairs):
    """8,000 comparisons at one point whose truth is known."""
    found = controlled(*data(8000, 1, pairs, seed=pairs), [FINAL] * 8000)
    assert _covered(found) == pytest.approx(0.95, abs=0.012)
    assert found["difference"].mean() == pytest.approx(
        1.0, abs=4.0 * found["difference"].std() / np.sqrt(8000)
    )
    if pairs > 6:
        assert np.median(found[GAIN]) > 5.0


def test_where_what_is_left_is_skewed_intervals_cover_as_students_do():
    """Student's interval misses there too."""
    base, policy, controls = data(8000, 1, 10, skewed=True)
    left = policy - 2.0 * controls[..., 0] + controls[..., 2]
    found = controlled(base, policy, controls, [FINAL] * 8000)
    assert _covered(found) == pytest.approx(_covered(paired(base, left)), abs=0.015)
    assert found["difference"].mean() == pytest.approx(
        1.0, abs=4.0 * found["difference"].std() / np.sqrt(8000)
    )


def _covered(found):
    return ((found["ci_low"] < 1.0) & (found["ci_high"] > 1.0)).mean()


def test_without_the_degrees_of_freedom_that_controls_cost_intervals_would_not_cover(monkeypatch):
    monkeypatch.setattr(module, "paired", lambda *of, lost=0: paired(*of, lost=0))
    found = controlled(*data(8000, 1, 6, seed=6), [FINAL] * 8000)
    assert _covered(found) < 0.93


def test_intervals_cover_under_draws():
    """Three pairs of each of 20 draws, whose effects differ: the mean effect over all draws is inside."""
    base, policy, controls = data(4000, 20, 3)
    policy = policy + 0.3 * np.random.default_rng(2).standard_normal((20, 1, 4000))
    found, plain = controlled(base, policy, controls, [FINAL] * 4000), paired(base, policy)
    inside = (found["ci_low"] < 1.0) & (found["ci_high"] > 1.0)
    assert inside.mean() > 0.94
    assert np.median(found["half"]) < 0.4 * np.median(plain["half"])


def test_with_too_few_pairs_nothing_is_taken_off():
    base, policy, controls = data(2, 1, pairs=5)
    found, plain = controlled(base, policy, controls, [FINAL, LISTED]), paired(base, policy)
    assert found["difference"][0] == plain["difference"][0]
    assert found["difference"][1] != plain["difference"][1]


def test_pairs_that_are_undefined_are_left_out_and_what_never_varies_stays():
    base, policy, controls = data(3, 1, pairs=12)
    policy[0, 4, 0] = np.nan
    policy[..., 1] = base[..., 1]
    controls[..., 2, :] = 0.0
    found = controlled(base, policy, controls, [FINAL] * 3)
    assert (found["pairs"] == [11, 12, 12]).all()
    assert np.isfinite(found["difference"]).all()
    assert found["difference"][1] == found["half"][1] == 0.0
    assert found["difference"][2] == pytest.approx(paired(base, policy)["difference"][2])


# --- sim compare --controls ---------------------------------------------------------------------------------


def test_a_comparison_gains_and_agrees_with_the_one_without(tmp_path):
    """Differences are those of more pairs; without the option nothing is new."""
    base = sim.load_scenario("base").replace({"arrivals.volume": 0.2, "courts.number": 2})
    policy = {"cut": {"rounds.second.cut": 0.0}}
    plain = sim.compare(base, policy, replications=16, out=tmp_path / "plain")
    less = sim.compare(base, policy, replications=16, controls=True, out=tmp_path / "less")
    assert less.found.controls
    assert not plain.found.controls
    assert GAIN not in plain.differences
    before, after = (
        next(
            row
            for row in on_basis(as_rows(one.found.rows), "event")
            if (row["window"], row["measure"]) == ("all", ENDED)
        )
        for one in (plain, less)
    )
    assert after[GAIN] > 3.0
    assert after["half"] < 0.6 * before["half"]
    assert before["ci_low"] < after["difference"] < before["ci_high"]
    manifests = [
        json.loads((tmp_path / name / "manifest.json").read_text("utf-8")) for name in ("plain", "less")
    ]
    assert [one.get("controls") for one in manifests] == [None, True]
    assert "controls=True" in json.dumps(manifests[1])


def test_prices_found_by_an_object_are_compared_without(tmp_path):
    base = sim.load_scenario("base").replace({"arrivals.volume": 0.2, "courts.number": 2}).extend(Exact())
    found = sim.compare(base, {"cut": {"rounds.second.cut": 0.0}}, replications=2, controls=True)
    assert not found.found.controls


class Exact(sim.PricingMethod):
    """Without error."""

    def reference(self, lot):
        return lot.value


def test_the_command_says_what_was_gained(tmp_path):
    """Or that there were too few pairs; the table has the column."""
    where = [
        f"{ROOT}/scenarios/base.toml",
        f"{ROOT}/scenarios/policies/cut-00.toml",
        "--jobs",
        "1",
        "--no-pictures",
    ]
    sets = [part for value in SMALL for part in ("--set", value)]
    done = command(
        "compare", *where, *sets, "--controls", "-n", "8", "--out", str(tmp_path / "a"), "--lang", "en"
    )
    assert done.returncode == 0, done.stderr
    assert "Control variates make the variance" in done.stdout
    few = command(
        "compare", *where, *sets, "--controls", "-n", "3", "--out", str(tmp_path / "b"), "--lang", "zh"
    )
    assert "控制变量" in few.stdout
    assert "太少" in few.stdout
    assert GAIN in (tmp_path / "a" / "differences.csv").read_text("utf-8-sig").splitlines()[0]
