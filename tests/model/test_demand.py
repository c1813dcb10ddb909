"""Publicity and platforms: more of either brings more people, each step less than the one before."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from conftest import scenario
from hypothesis import given
from hypothesis import strategies as st
from reacting import same, sold

from sim.model.demand import attention
from sim.model.simulate import simulate
from sim.scenario.schema import Promotion
from sim.theory.interest import reach

MANY = (
    "arrivals.mode=listing",
    "arrivals.periods.year.cases=500",
    "arrivals.periods.year.lots=1000",
    "courts.number=4",
    "time.end=2018-12-31",
)
PLATFORMS = ("taobao", "jd", "rmfysszc", "gpai", "caa123")


def run(*overrides: str):
    return simulate(scenario("base", *MANY, *overrides), 0)


def without(*names: str) -> tuple[str, ...]:
    return tuple(f"platforms.{name}.used=false" for name in names)


def publicity(effort: float, elasticity: float, ceiling: float) -> float:
    return Promotion(effort=effort, elasticity=elasticity, ceiling=ceiling).multiple()


def test_today_is_one():
    assert attention(scenario()) == pytest.approx(1.0)
    assert publicity(1.0, 0.3, np.inf) == publicity(1.0, 0.3, 4.0) == 1.0


@given(st.floats(0.01, 100.0), st.floats(0.05, 1.0), st.one_of(st.just(float("inf")), st.floats(1.01, 50.0)))
def test_more_effort_more_people_never_in_proportion_never_beyond_the_ceiling(effort, elasticity, ceiling):
    here, twice = (publicity(e, elasticity, ceiling) for e in (effort, 2.0 * effort))
    assert here < twice <= 2.0 * here * (1 + 1e-12)
    assert twice <= ceiling
    thrice = publicity(3.0 * effort, elasticity, ceiling)
    assert thrice - twice <= (twice - here) * (1 + 1e-9)


def test_no_effort_at_all_nobody_comes():
    assert attention(scenario("base", "promotion.effort=0")) == 0.0


def test_platforms_differ_in_audience_and_share_it():
    """What one platform adds is less than its audience, and the less the more others are used."""
    parts = {
        name: attention(scenario("base", *without(*(p for p in PLATFORMS if p != name))))
        for name in PLATFORMS
    }
    assert parts["taobao"] > parts["jd"] > parts["gpai"]
    assert sum(parts.values()) > 1.0
    used = [attention(scenario("base", *without(*PLATFORMS[i:]))) for i in range(1, 6)]
    gains = np.diff([0.0, *used])
    assert (gains > 0).all()
    assert all(after < before for before, after in pairwise(gains))
    assert reach([0.5, 0.5]) == 0.75


def test_people_follow_attention():
    """People interested in first rounds in proportion to the factor; |z| < 4.5 for two factors: a false alarm in 74,000 seeds, at most."""
    base = run()
    for change in (("promotion.effort=4",), without("taobao")):
        factor = attention(scenario("base", *change))
        there = run(*change)
        # Under common random numbers the difference of two Poisson counts has at most the variance of their sum.
        bidders, more = (r.rounds["interested"][r.rounds["attempt"] == 0].sum() for r in (base, there))
        mean = base.lots["interest"][np.isin(base.lots["lot"], base.rounds["lot"])].sum()
        assert abs(more - bidders - (factor - 1.0) * mean) < 4.5 * np.sqrt(mean * (1.0 + factor))
        assert (sold(there) > sold(base)) == (factor > 1.0)


def test_a_ceiling_holds_effort_back():
    assert sold(run("promotion.effort=4", "promotion.ceiling=1.2")) < sold(run("promotion.effort=4"))
    assert same(run("promotion.ceiling=3"), run())  # today's effort is where all ceilings agree


def test_in_a_finite_market_publicity_brings_people_into_the_market():
    market = ("finite_market.patience_days=60", "finite_market.fit=0.1")
    few, many = run(*market), run(*market, "promotion.effort=4")
    assert many.rounds["interested"].sum() > 1.2 * few.rounds["interested"].sum()
    assert sold(many) > sold(few)
