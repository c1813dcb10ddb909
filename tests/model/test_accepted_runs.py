"""Whatever ``sim check`` accepts runs to its end, with finite numbers and nothing that must never happen in its records.

Scenarios are drawn over every parameter of the schema (``random_scenarios``), the ends of the ranges included.
"""

from __future__ import annotations

import warnings
from itertools import count, islice

import numpy as np
import pytest
from invariants import violations
from random_scenarios import drawn

from sim.experiments.replications import replicate
from sim.measures import summarise
from sim.scenario.schema import Scenario


def problems(scenario: Scenario) -> list[str]:
    """What is wrong with a run of the scenario."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            one = replicate(scenario, 0, "all")
            summarise([one.measures])
    except Exception as error:
        return [repr(error)]
    priced = ("value", "interest", "seized")
    endless = [f"{name} is not finite" for name in priced if not np.isfinite(one.records.lots[name]).all()]
    return endless + violations(one.records, scenario)


def wrong_among(number: int, seed: int, dated: bool = True) -> dict[int, list[str]]:
    """Of so many scenarios that are accepted those that go wrong: the seed that draws each, and how."""
    drawings = ((one, drawn(np.random.default_rng(one), dated)) for one in count(seed))
    accepted = islice(((one, loaded) for one, loaded in drawings if loaded), number)
    return {one: found for one, loaded in accepted if (found := problems(loaded.scenario))}


def test_scenarios_drawn_at_random_run() -> None:
    assert wrong_among(20, 0) == {}


@pytest.mark.slow
def test_ten_thousand_scenarios_drawn_at_random_run() -> None:
    assert wrong_among(10_000, 1_000) == {}


def test_bidders_who_come_at_nearly_the_same_moment_bid_in_order() -> None:
    """Found by this search: arrivals within 1e-13 days of each other stood in the order of a rounded sum."""
    assert wrong_among(1, 9_000_686, dated=False) == {}


def test_a_deposit_too_small_to_divide_is_had_by_everybody() -> None:
    """Found by this search."""
    assert wrong_among(1, 9_005_819, dated=False) == {}


def test_a_sell_offs_first_bid_by_who_was_outbid_elsewhere_brings_its_end_near() -> None:
    """Found by this search."""
    assert wrong_among(1, 5_008_920, dated=False) == {}
