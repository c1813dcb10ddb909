"""The arrivals that are solved: as many cases and lots are listed in each window as were reported, whenever inflow begins."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from calibration import steps
from calibration.forward_model import inflow, overlays
from calibration.forward_model.forward_model import ForwardModel
from calibration.forward_model.inflow import Arrivals, between, laid, solved
from calibration.forward_model.listing_times import listings, spans_of
from calibration.targets.reader.load import load_targets
from calibration.targets.targets import Targets
from sim.scenario.files import HOME
from sim.scenario.load import Overlay
from sim.scenario.schema import Scenario

NAMES = ("2017", "2018", "2019Q1")
REPORTED = np.array([[833, 1799, 579], [2571, 4262, 1189]])
TENTH = np.array([[83, 180, 58], [257, 426, 119]])
SMALL = f"""
title = "A tenth of Shanxi"
scenario = "{(HOME / "shanxi-prior.toml").resolve()}"
[set]
"courts.number" = 13
"interest.mean" = 0.0
"arrivals.periods.2017.cases" = 81.0
"arrivals.periods.2017.lots" = 256.0
"arrivals.periods.2018.cases" = 167.0
"arrivals.periods.2018.lots" = 401.0
"arrivals.periods.2019Q1.cases" = 90.0
"arrivals.periods.2019Q1.lots" = 188.0
[windows.2017]
cases = 83
lots = 257
[windows.2018]
cases = 180
lots = 426
sold = 120
[windows.2019Q1]
cases = 58
lots = 119
[[free]]
name = "withdrawal"
path = "disposal.withdrawal_rate"
low = 0.0003
high = 0.02
"""


@pytest.fixture
def small(tmp_path) -> Targets:
    path = tmp_path / "small.toml"
    path.write_text(SMALL, encoding="utf-8")
    return load_targets(path)


def listed(scenario: Scenario, replications: range) -> np.ndarray:
    """(replication, cases and lots, window)."""
    spans, found = spans_of(scenario, NAMES), []
    for number in replications:
        lots = listings(scenario, number)
        inside = [(lots["listed"] >= span.first) & (lots["listed"] < span.last) for span in spans]
        found.append([[len(np.unique(lots["case"][one])) for one in inside], [one.sum() for one in inside]])
    return np.array(found, dtype=float)


def with_arrivals(targets: Targets, periods: dict[str, Any]) -> Scenario:
    return overlays.over(targets, [Overlay("moved", {"arrivals": {"periods": periods}})])


@pytest.mark.slow
@pytest.mark.parametrize("day", ["2017-01-01", "2017-05-10", "2017-07-20"])
def test_whenever_inflow_begins_windows_list_what_was_reported(day):
    """Within 1 % in forty replications that the solution has not seen, but for twice the error of their mean."""
    targets = load_targets("shanxi")
    scenario = with_arrivals(targets, {"2017": {"first": date.fromisoformat(day)}})
    found = listed(laid(scenario, solved(targets, scenario)), range(100, 140))
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - REPORTED) < 0.01 * REPORTED + 2.0 * error).all()


@pytest.mark.statistical
def test_arrivals_far_from_what_was_reported_are_solved(small):
    """From four to ten times too much in every period, that of 2017 beginning in May. Four standard errors, six times."""
    periods = {
        "2017": {"cases": 300.0, "lots": 1100.0, "first": date(2017, 5, 1)},
        "2018": {"cases": 600.0, "lots": 2000.0},
        "2019Q1": {"cases": 400.0, "lots": 800.0},
    }
    scenario = with_arrivals(small, periods)
    arrivals = solved(small, scenario)
    assert arrivals.unmet == ()
    assert (np.abs(listed(scenario, range(100, 104)).mean(axis=0) / TENTH - 1.0).max(axis=0) > 0.5).all()
    found = listed(laid(scenario, arrivals), range(100, 130))
    error = found.std(axis=0, ddof=1) * np.sqrt(1.0 / 30.0 + 1.0 / 48.0)
    assert (np.abs(found.mean(axis=0) - TENTH) < 4.0 * error).all()


def test_what_clerks_cannot_list_in_time_is_said(small, monkeypatch):
    """All of 2017 comes in on its last fortnight: no arrivals list 257 lots by the end of the year."""
    monkeypatch.setattr(inflow, "STEPS", (2, 2, 2))
    late = {
        "2017": {"first": date(2017, 12, 18), "last": date(2017, 12, 31)},
        "2018": {"first": date(2018, 1, 1)},
    }
    assert "2017" in solved(small, with_arrivals(small, late)).unmet


def test_lots_that_are_listed_as_they_come_need_no_solving():
    """The arrivals of a file that names no scenario are made of its windows: one look shows that they are met."""
    targets = load_targets("zhongshan")
    arrivals = solved(targets, targets.loaded.scenario)
    assert (arrivals.periods, arrivals.unmet) == (("2014",), ())
    assert arrivals.lots.tolist() == [340.0]


def test_windows_that_no_period_of_arrivals_belongs_to_are_left_and_named(small):
    whole = {"first": date(2017, 1, 1), "last": date(2019, 3, 31), "cases": 340.0, "lots": 850.0}
    scenario = with_arrivals(small, {**dict.fromkeys(NAMES, False), "year": whole})
    arrivals = solved(small, scenario)
    assert (arrivals.periods, arrivals.unmet) == ((), NAMES)
    assert laid(scenario, arrivals) == scenario


def test_a_draw_between_two_points_of_the_grid_has_arrivals_between_theirs():
    one, two = (Arrivals(("2017",), np.array([x]), np.array([3.0 * x]), ()) for x in (100.0, 200.0))
    assert between([one, two], np.array([0.25, 0.75])).values == {
        ("arrivals", "periods", "2017", "cases"): 175.0,
        ("arrivals", "periods", "2017", "lots"): 525.0,
    }


def test_a_vector_as_an_overlay_carries_its_arrivals(small, monkeypatch):
    monkeypatch.setattr(inflow, "STEPS", (1, 1))
    model = ForwardModel(small, [steps.expose(None, small, (), 1)], 2)
    arrivals = model.every[0].arrivals
    tree = model.overlay(model.space.base, "draw").tree
    assert tree["arrivals"]["periods"]["2018"] == {
        "cases": round(arrivals.cases[1]),
        "lots": round(arrivals.lots[1]),
    }
    assert tree["disposal"]["withdrawal_rate"] > 0.0
