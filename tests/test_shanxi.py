"""The shipped Shanxi gives the figures that its court published, as ``sim run shanxi`` compares them."""

from __future__ import annotations

from functools import cache

import numpy as np

from sim.experiments.draws import draws_of
from sim.experiments.replicate import replicate
from sim.measures import summarise
from sim.report.compare import comparison_rows, is_inside
from sim.report.fit import INPUT, MUST, UNMET, Fit, fit, readings
from sim.scenario import Loaded, load

REPLICATIONS = 20  # those of ``sim run shanxi``: a band of fewer would be another one


@cache
def shanxi() -> Loaded:
    return load("shanxi")


@cache
def compared() -> Fit:
    scenario = shanxi().scenario
    summary = summarise([replicate(scenario, number).measures for number in range(REPLICATIONS)])
    rows = comparison_rows(scenario.printed, summary, readings(scenario.interpretation))
    return fit(rows, scenario.interpretation)


def test_every_figure_that_must_be_met_lies_in_its_band():
    found = compared()
    assert found.stated == "stated"
    assert [(row["window"], row["figure"]) for row in found.of(MUST) if not is_inside(row)] == []
    assert len(found.of(MUST)) == 15


def test_cases_and_lots_that_were_solved_for_are_met_too():
    inputs = compared().of(INPUT)
    assert len(inputs) == 6
    for row in inputs:
        assert is_inside(row), row
        assert (
            abs(row["mean"] / row["printed"] - 1.0) < 0.03
        )  # twice the error of the mean of lots of a quarter


def test_what_is_not_meant_to_be_met_says_why():
    unmet = compared().of(UNMET)
    assert {row["figure"] for row in unmet} == {"participants"}
    assert all(row["reason_en"] and row["reason_zh"] for row in unmet)


def test_draws_stand_beside_it_whole_histories_with_their_dockets():
    loaded = shanxi()
    draws = draws_of(loaded)
    assert draws is not None
    assert len(draws.sheets) == 200
    assert np.allclose(draws.weights, 1.0 / 200)
    for sheet in draws.sheets:
        assert set(sheet.tree["from"]) == set(loaded.scenario.from_)
        assert set(sheet.tree["docket"]["periods"]) == set(loaded.scenario.docket.periods)
        assert sheet.tree["disposal"]["booking_days"] > 0.0
