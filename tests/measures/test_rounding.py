"""What is only rounding error: a helper held to numbers, and what used to tell it as an effect."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.measures.rounding import RELATIVE, extent, levelled, negligible, without_rounding
from sim.reporting.differences import change, direction, policy_table, reduction, same, sentence, verdict
from sim.reporting.formats import count, money, percent
from sim.reporting.values import difference, value


def test_it_is_relative_to_the_size_of_the_quantity():
    for size in (1e-12, 1.0, 1e12):
        assert negligible(0.5 * RELATIVE * size, size)
        assert not negligible(2.0 * RELATIVE * size, size)
    assert not negligible(1e-300, 0.0)
    assert negligible(0.0, 0.0)
    assert without_rounding(np.array([1e-16, 1e-3, np.nan]), 1.0).tolist()[:2] == [0.0, 1e-3]
    assert math.isnan(without_rounding(np.array([np.nan]), 1.0)[0])


def test_extent_and_levelled():
    nearly = np.array([0.9, 0.9 * (1 + 4e-16), np.nan])
    assert nearly[0] != nearly[1]
    assert extent(nearly) == 0.0
    assert levelled(nearly)[1] == 0.9
    assert math.isnan(levelled(nearly)[2])
    assert extent(np.array([1.0, 3.0])) == 2.0
    assert levelled(np.array([1.0, 3.0])).tolist() == [1.0, 3.0]
    assert extent(np.array([np.nan])) == 0.0


def row(**more):
    """A row of a comparison as written before rounding was looked at: recovery differs by 3e-16."""
    return {
        "measure": "recovery", "window": "all", "base": 0.9, "policy": 0.9, "difference": -3e-16, "ci_low": -4e-16,
        "ci_high": -2e-16, "variance_reduction": 4.9e18, "half": 1e-16, "half_parameters": math.nan, "pairs": 20.0,
    } | more  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_difference_of_rounding_is_the_same_in_every_pair(lang):
    assert same(row())
    assert direction(row()) == 0
    assert verdict(row(), lang) == {"en": "the same in every pair", "zh": "每对均相同"}[lang]
    assert "%" not in sentence([row()], lang).replace("95 %", "")
    shown, interval = change("recovery", *(row()[k] for k in ("difference", "ci_low", "ci_high")), lang)
    assert "-" not in shown + interval
    assert policy_table([row()], lang).row_count == 1


def test_what_is_small_and_real_is_reported():
    small = row(difference=-3e-6, ci_low=-4e-6, ci_high=-2e-6)
    assert not same(small)
    assert direction(small) == -1
    assert verdict(small, "en") == "lower"


def test_no_minus_before_nothing():
    assert change("lots_sold", 4.0, -0.2, 8.0, "en") == ("+4", "[0, 8]")
    assert (percent(-1e-17), count(-1e-17), money(-0.2, "en")) == ("0.0%", "0.0", "¥0")
    assert percent(-0.001) == "-0.1%"
    assert [difference("rate", x, "en") for x in (1e-5, -1e-5, 0.001, -0.001)] == [
        "0.0 pts", "0.0 pts", "+0.1 pts", "−0.1 pts",
    ]  # fmt: skip
    assert value("days", -1e-17, "en") == "0.0"


def test_how_many_times_is_written_short():
    assert [reduction(x, "en") for x in (math.nan, math.inf, 3.14, 1234.0, 4.9e18)] == [
        "–", "∞", "x3.1", "x1,234", "x5e+18",
    ]  # fmt: skip
