"""Clerks: first come first served, lot by lot, and work of no time that nobody waits for."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from itertools import count

import numpy as np
import pytest
from conftest import scenario
from two_engines import by_loop, by_simpy, differences

from sim.model.records import Outcome, Records
from sim.model.simulate import simulate

BUSY = (
    "arrivals.periods.year.cases=1100", "arrivals.periods.year.lots=2700", "courts.number=6", "time.end=2019-12-31",
    *(f"pricing.{method}.days_{end}={days}" for method, days in
      (("negotiation", 9), ("directed_inquiry", 11), ("online_inquiry", 5), ("appraisal", 41)) for end in ("low", "high")),
)  # fmt: skip
PRICING = np.array([9.0, 11.0, 5.0, 41.0])


def in_turn(records: Records, clerks: int, survey: float, notice: float, handover: float) -> np.ndarray:
    """When each lot is listed, by a simulation that shares nothing with the model but what happens outside the office.

    A court's work stands in one line: a survey joins it when the case comes in, a notice when the price is there, a
    handover when the lot is sold. Whoever stands first is served by the clerk who is free first; what takes no time needs
    no clerk.
    """
    lots = records.lots
    listed = np.full(len(lots["lot"]), np.nan)
    after_listing = lots["ended"] - lots["listed"]
    for court in np.unique(lots["court"]):
        number = count()
        line = [
            (when, next(number), lot, "survey")
            for lot, when in zip(
                np.flatnonzero(lots["court"] == court), lots["seized"][lots["court"] == court], strict=True
            )
        ]
        heapify(line)
        free = [0.0] * clerks
        while line:
            joined, _, lot, what = heappop(line)
            took = {"survey": survey, "notice": notice, "handover": handover}[what]
            done = joined
            if took:
                done = max(joined, heappop(free)) + took
                heappush(free, done)
            if what == "survey":
                heappush(line, (done + PRICING[lots["method"][lot]], next(number), lot, "notice"))
            elif what == "notice":
                listed[lot] = done
                if lots["outcome"][lot] == Outcome.SOLD:
                    heappush(line, (done + after_listing[lot], next(number), lot, "handover"))
    return listed


@pytest.mark.parametrize(
    ("clerks", "survey", "notice", "handover"),
    [(1, 0.3, 0.25, 0.4), (2, 0.9, 0.5, 0.7), (3, 1.2, 1.0, 1.0), (1, 0.8, 0.0, 0.0), (1, 0.0, 0.8, 0.0), (1, 0.5, 0.4, 0.0)],
)  # fmt: skip
def test_lots_are_served_in_the_order_in_which_their_work_comes_up(clerks, survey, notice, handover):
    s = scenario(
        "base", *BUSY, f"courts.clerks={clerks}", f"courts.survey_days={survey}", f"courts.notice_days={notice}",
        f"courts.handover_days={handover}",
    )  # fmt: skip
    records = simulate(s, 0)
    lots = records.lots
    due = in_turn(records, clerks, survey, notice, handover)
    known = ~np.isnan(lots["listed"])
    assert known.sum() > 2_500
    assert np.abs(lots["listed"] - due)[known].max() < 1e-8
    wait = lots["listed"] - lots["seized"] - survey - notice - PRICING[lots["method"]]
    assert np.nanmean(wait) > 1.0, "clerks must be few for this to bite"


def test_who_has_no_work_for_the_clerk_does_not_wait():
    """Seven of ten lots are not objected to and are listed on the day on which their price is there."""
    s = scenario(
        "base", *BUSY, "courts.survey_days=0", "courts.notice_days=0", "courts.handover_days=0",
        "courts.objection_share=0.3", "courts.objection_days=2",
    )  # fmt: skip
    lots = simulate(s, 0).lots
    at_once = np.abs(lots["listed"] - lots["seized"] - PRICING[lots["method"]]) < 1e-9
    assert at_once.mean() == pytest.approx(0.7, abs=4.5 * np.sqrt(0.21 / len(at_once)))
    assert np.nanmean((lots["listed"] - lots["seized"] - PRICING[lots["method"]])[~at_once]) > 2.5


OBJECTED = (
    "arrivals.periods.year.cases=40", "arrivals.periods.year.lots=80", "courts.number=2", "courts.survey_days=1", "courts.notice_days=1",
    "time.end=2018-12-31", "interest.mean=0.2",
)  # fmt: skip


def test_an_objection_takes_days_of_the_calendar_besides_the_clerks():
    """Every objected lot is priced and listed so many days later, no other is; the price is the one that was found."""
    free, waits = (
        simulate(scenario("base", *OBJECTED, "courts.clerks=0", "courts.objection_share=0.5", f"courts.objection_wait_days={days}"), 0).lots
        for days in (0, 12)
    )  # fmt: skip
    later = waits["listed"] - free["listed"]
    objected = later > 1.0
    assert 0.3 < objected[np.isfinite(later)].mean() < 0.7
    np.testing.assert_allclose(later[objected], 12.0)
    np.testing.assert_allclose((waits["priced"] - free["priced"])[objected], 12.0)
    np.testing.assert_array_equal(later[~objected & np.isfinite(later)], 0.0)
    np.testing.assert_array_equal(waits["reference"], free["reference"])


def test_both_engines_wait_for_objections():
    dated = ('from."2017-06-01".courts.objection_wait_days=30', 'from."2017-08-01".courts.objection_days=9')
    s = scenario(
        "base",
        *OBJECTED,
        "courts.clerks=1",
        "courts.objection_share=0.6",
        "courts.objection_wait_days=12",
        *dated,
    )
    assert not differences(by_simpy(s), by_loop(s))
