"""Suspensions: a cause that lasts, and the days after its end until the auction goes on (2016 rules Art 28)."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import scenario
from two_engines import by_loop, by_simpy, differences

from sim.measures.lot_history import history
from sim.measures.notable_lots import of_lot
from sim.model.records import Cause, Records
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


OBJECTED = ("disposal.suspension_share=0", "disposal.third_party_share=1", "disposal.third_party_days=20")


def test_so_many_lots_are_suspended_by_third_parties_for_so_long_and_records_say_why() -> None:
    lots = run(
        *OBJECTED, "disposal.third_party_share=0.4", "disposal.resume_days=3", "time.end=2019-12-31"
    ).lots
    listed = np.isfinite(lots["listed"])
    n, objected = int(listed.sum()), lots["suspended_by"] == Cause.THIRD_PARTY
    assert objected.sum() / n == pytest.approx(
        0.4, abs=4.0 * np.sqrt(0.24 / n) + 0.02
    )  # some only after they have ended
    assert ((lots["suspended"] > 0.0) == objected).all()
    assert not (objected & ~listed).any()
    of_cause = lots["suspended"][objected] - 3.0
    assert (of_cause >= 0.0).all()
    assert of_cause.mean() == pytest.approx(20.0, abs=4.0 * 20.0 / np.sqrt(len(of_cause)))


def test_an_objection_delays_a_lot_as_any_other_suspension_does() -> None:
    """By its days and not otherwise: nobody comes to another round than before."""
    free = run("disposal.suspension_share=0").lots
    lots = run(*OBJECTED).lots
    both = (lots["suspended"] > 0.0) & np.isfinite(lots["ended"]) & np.isfinite(free["ended"])
    assert both.sum() > 50
    np.testing.assert_allclose((lots["ended"] - free["ended"])[both], lots["suspended"][both])


def test_of_two_causes_the_second_begins_when_the_first_has_ended() -> None:
    """Days add up, those until it resumes once for each; a lot that meets one alone has the days of that one."""
    first, second, both = (
        run(f"disposal.suspension_share={a}", f"disposal.third_party_share={b}", "disposal.resume_days=2", "disposal.suspension_days=7", "disposal.third_party_days=20").lots
        for a, b in ((1, 0), (0, 1), (1, 1))
    )  # fmt: skip
    every = (first["suspended"] > 0.0) & (second["suspended"] > 0.0) & (both["suspended"] > 0.0)
    assert every.sum() > 100
    np.testing.assert_allclose(both["suspended"][every], (first["suspended"] + second["suspended"])[every])
    assert [set(np.unique(one["suspended_by"][every])) for one in (first, second, both)] == [{1}, {2}, {3}]


def test_an_objection_leaves_the_other_suspensions_as_they_were() -> None:
    alone, beside = (
        run("disposal.suspension_share=0.3", f"disposal.third_party_share={x}").lots for x in (0.0, 0.3)
    )
    mine = (beside["suspended_by"] == Cause.OTHER) & (alone["suspended"] > 0.0)
    assert mine.sum() > 10
    np.testing.assert_array_equal(beside["suspended"][mine], alone["suspended"][mine])


def test_a_lots_history_says_that_a_third_party_objected() -> None:
    s = scenario("base", *ALL, *OBJECTED)
    records = simulate(s, 0)
    lot = int(records.lots["lot"][records.lots["suspended"] > 0.0][0])
    for lang, words, article in (
        ("en", "a third party's objection", "Art 36"),
        ("zh", "案外人异议", "第36条"),
    ):
        (line,) = [one for one in history(s, of_lot(records, lot), lang) if words in one.what]
        assert article in line.article


@pytest.mark.parametrize("more", [(), ("disposal.suspension_share=0.5",), ('from."2017-06-01".disposal.third_party_share=0.2', 'from."2017-09-01".disposal.suspension_share=0.5')])  # fmt: skip
def test_both_engines_suspend_by_third_parties_alike(more: tuple[str, ...]) -> None:
    small = (
        "arrivals.periods.year.cases=15",
        "arrivals.periods.year.lots=40",
        "interest.mean=2",
        "disposal.resume_days=3",
    )
    s = scenario("base", *ALL, *OBJECTED, *small, "disposal.third_party_share=0.6", *more)
    expected = by_simpy(s)
    assert not differences(expected, by_loop(s))
    assert (expected.lots["suspended_by"] == Cause.THIRD_PARTY).any()
