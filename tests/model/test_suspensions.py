"""Suspensions: a cause that lasts, and the days after its end until the auction goes on (2016 rules Art 28)."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import scenario
from two_engines import by_loop, by_simpy, differences

from sim.model.records import Records
from sim.model.simulate import simulate

ALL = (
    "arrivals.periods.year.cases=60", "arrivals.periods.year.lots=150", "courts.number=2", "courts.clerks=0", "time.end=2018-12-31",
    "disposal.suspension_share=1", "disposal.withdrawal_rate=0", "auction.opens_at=any", "auction.spring_festival_break=false", "interest.mean=0",
)  # fmt: skip


def run(*more: str) -> Records:
    return simulate(scenario("base", *ALL, *more), 0)


def test_the_days_until_an_auction_resumes_come_on_top_of_those_of_its_cause() -> None:
    at_once, later = (run(f"disposal.resume_days={days}").lots for days in (0, 5))
    suspended = at_once["suspended"] > 0.0
    assert suspended.sum() > 100
    np.testing.assert_allclose(later["suspended"][suspended] - at_once["suspended"][suspended], 5.0)
    both = suspended & np.isfinite(later["ended"]) & np.isfinite(at_once["ended"])
    assert both.any()
    np.testing.assert_allclose((later["ended"] - at_once["ended"])[both], 5.0)


def test_a_cause_that_ends_at_once_leaves_the_days_until_it_resumes() -> None:
    suspended = run("disposal.suspension_days=0", "disposal.resume_days=4").lots["suspended"]
    assert set(np.unique(suspended)) == {0.0, 4.0}


@pytest.mark.parametrize("more", [(), ('from."2017-06-01".disposal.resume_days=9',)])
def test_both_engines_resume_when_the_other_does(more: tuple[str, ...]) -> None:
    small = ("arrivals.periods.year.cases=10", "arrivals.periods.year.lots=20", "interest.mean=2")
    s = scenario("base", *ALL, *small, "disposal.resume_days=3", *more)
    assert not differences(by_simpy(s), by_loop(s))
