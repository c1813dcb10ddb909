"""When rounds end, by window: counted by calibration from listing times, against the rounds that the simulator holds.

Scenarios are such that what happens is certain (nobody interested, everybody interested, no winner who pays), so counts
agree lot by lot and nothing here is a matter of chance but suspensions.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from conftest import scenario

from calibration.forward_model.listing_times import ListingTimes, listing_times, listings, spans_of
from calibration.forward_model.lot_outcomes import STRETCHES, stages
from sim.measures.summary import COHORT, EVENT, WindowSpan
from sim.model.auction import DAY
from sim.model.records import Records, RoundOutcome
from sim.model.simulate import simulate
from sim.model.traits import SUSPENDED_WITHIN
from sim.scenario.schema import Scenario

KINDS = ("homes", "commercial", "land", "vehicles", "equipment", "equity", "goods")
WINDOWS = (WindowSpan("a", 590.0, 680.0), WindowSpan("b", 640.0, 760.0), WindowSpan("festival", 760.0, 800.0))
COMMON = (
    "arrivals.mode=listing", "arrivals.periods.year.cases=300", "arrivals.periods.year.lots=700",
    "arrivals.periods.year.first=2018-06-01", "arrivals.periods.year.last=2019-03-01", "time.end=2020-03-31",
    "disposal.withdrawal_rate=0", "disposal.suspension_share=0", "disposal.in_kind_second=0", "disposal.in_kind_last=0",
    "disposal.default_rate=0", "auction.soft_close_minutes=0", "auction.priority_share=0", "auction.bidding=proxy",
)  # fmt: skip
NOBODY = ("interest.mean=0",)
EVERYBODY = (
    "interest.mean=30", "interest.dispersion=inf", "start.ratio=0.01", "rounds.first.late_shape=1",
    "rounds.second.late_shape=1",
)  # fmt: skip
FEW = (
    "arrivals.volume=0.4",
    "time.end=2019-03-31",
    "interest.mean=15",
)  # who never pays holds twenty rounds a lot
BOTH = pytest.mark.parametrize("movable", [False, True])


def made(movable: bool, *overrides: str) -> tuple[Scenario, Records, ListingTimes]:
    """A scenario all of whose lots are movable or none, what the simulator did, and what calibration counts."""
    kinds = [f"kinds.{kind}.movable={str(movable).lower()}" for kind in KINDS]
    s = scenario("base", *COMMON, *kinds, *overrides)
    return s, simulate(s, 0), listing_times(s, [listings(s, 0)], WINDOWS)


def ends(records: Records, chosen: np.ndarray, methods: int) -> tuple[np.ndarray, np.ndarray]:
    """(method, window, basis) number of these rounds that end in each window, and their mean days from the listing."""
    lots, rounds = records.lots, records.rounds
    lot = np.searchsorted(lots["lot"], rounds["lot"])
    listed, closes, method = lots["listed"][lot], rounds["closes"], lots["method"][lot].astype(int)
    number, lag = np.zeros((2, methods, len(WINDOWS), 2))
    for w, span in enumerate(WINDOWS):
        inside = chosen & (closes >= span.first) & (closes < span.last)
        for basis in (EVENT, COHORT):
            mine = inside & (listed >= span.first) if basis == COHORT else inside
            for m in range(methods):
                these = mine & (method == m)
                number[m, w, basis] = these.sum()
                lag[m, w, basis] = (closes - listed)[these].mean() if these.any() else 0.0
    return number, lag


def agree(
    found: ListingTimes, name: str, movable: bool, stage: int, wanted: tuple[np.ndarray, np.ndarray]
) -> None:
    """A count and its lag are those of the simulator, by method, window and basis."""
    assert wanted[0].sum() > 50, "nothing to compare"
    assert stage > 0 or wanted[0][..., COHORT].sum() > 0
    assert np.array_equal(getattr(found, name)[0, 0, int(movable), :, stage], wanted[0])
    # The simulator writes times as they are; sums of days in another order differ by rounding.
    assert getattr(found, f"{name}_lag")[0, 0, int(movable), :, stage] == pytest.approx(wanted[1], abs=1e-6)


def first_failure_inside(records: Records) -> list[np.ndarray]:
    """By window: which rounds are the first of their lot that fails inside it."""
    rounds, found = records.rounds, []
    for span in WINDOWS:
        inside = (
            (rounds["outcome"] == RoundOutcome.FAILED)
            & (rounds["closes"] >= span.first)
            & (rounds["closes"] < span.last)
        )
        first = np.zeros(len(inside), dtype=bool)
        first[np.flatnonzero(inside)[np.unique(rounds["lot"][inside], return_index=True)[1]]] = True
        found.append(first)
    return found


@BOTH
def test_rounds_that_nobody_comes_to_fail_when_the_simulator_says(movable):
    s, records, found = made(movable, *NOBODY)
    rounds = records.rounds
    assert set(rounds["outcome"]) == {RoundOutcome.FAILED}
    for r in range(3):
        agree(found, "failed", movable, r, ends(records, rounds["round"] == r, len(s.pricing)))
    by_window = first_failure_inside(records)
    for r in range(3):
        for w in range(len(WINDOWS)):
            number, _ = ends(records, by_window[w] & (rounds["round"] == r), len(s.pricing))
            assert np.array_equal(found.first[0, 0, int(movable), :, r, w, EVENT], number[:, w, EVENT])
    # Of a lot that is listed in the window every round fails in it after its first: first failures are those of round 0.
    assert np.array_equal(
        found.first[0, 0, int(movable), :, 0, :, COHORT], found.failed[0, 0, int(movable), :, 0, :, COHORT]
    )
    assert found.first[0, 0, int(movable), :, 1:, :, COHORT].sum() == 0


@BOTH
def test_lots_that_somebody_buys_are_sold_when_the_simulator_says(movable):
    s, records, found = made(movable, *EVERYBODY)
    assert (records.rounds["outcome"] == RoundOutcome.SOLD).all()
    agree(found, "sold", movable, 0, ends(records, records.rounds["round"] == 0, len(s.pricing)))
    assert found.rescued[0, 0, int(movable), :, 0].sum() == 0


@BOTH
def test_lots_bought_in_the_second_round_are_rescued_where_the_first_failed_inside_the_window(movable):
    s, records, found = made(movable, *EVERYBODY, "rounds.first.interest=0")
    rounds = records.rounds
    second = rounds["round"] == 1
    assert (rounds["outcome"][second] == RoundOutcome.SOLD).all()
    agree(found, "sold", movable, 1, ends(records, second, len(s.pricing)))
    before = np.concatenate(
        ([np.nan], rounds["closes"][:-1])
    )  # of the same lot, for rounds of the second kind
    for w, span in enumerate(WINDOWS):
        number, lag = ends(records, second & (before >= span.first), len(s.pricing))
        assert np.array_equal(found.rescued[0, 0, int(movable), :, 1, w], number[:, w])
        assert found.rescued_lag[0, 0, int(movable), :, 1, w] == pytest.approx(lag[:, w], abs=1e-6)
    assert 0 < found.rescued[0, 0, int(movable), :, 1].sum() < found.sold[0, 0, int(movable), :, 1].sum()


@BOTH
def test_a_round_held_again_after_a_default_ends_when_the_simulator_says(movable):
    s, records, found = made(movable, *EVERYBODY, "disposal.default_rate=1", *FEW)
    again = (records.rounds["attempt"] == 1) & (records.rounds["round"] == 0)
    agree(found, "again", movable, 0, ends(records, again, len(s.pricing)))


def test_a_sell_off_is_sold_a_day_after_the_middle_of_a_stretch():
    """Somebody who comes at any time of the window starts the clock of a day: on average from the middle of a quarter."""
    s, records, _ = made(False, *NOBODY)
    whole = (WindowSpan("whole", 0.0, 1e4),)
    found = listing_times(s, [listings(s, 0)], whole)
    parts = [i for i, stage in enumerate(stages(s)) if stage.part is not None]
    assert len(parts) == STRETCHES == 4
    window = s.rounds["sell_off"].window_days
    opened = found.failed_lag[0, 0, 0, :, 2, 0, EVENT] - window
    listed = np.bincount(records.lots["method"], minlength=len(s.pricing))
    for i, part in enumerate(parts):
        assert np.array_equal(found.sold[0, 0, 0, :, part, 0, EVENT], listed)
        assert found.sold_lag[0, 0, 0, :, part, 0, EVENT] == pytest.approx(
            opened + (i + 0.5) * window / 4 + DAY
        )


def test_listings_and_cases_are_those_of_the_records():
    s, records, found = made(False, *NOBODY)
    lots = records.lots
    for w, span in enumerate(WINDOWS):
        inside = (lots["listed"] >= span.first) & (lots["listed"] < span.last)
        assert found.cases[0, w] == len(np.unique(lots["case"][inside]))
        for movable in (0, 1):
            number = np.bincount(lots["method"][inside], minlength=len(s.pricing))
            assert np.array_equal(found.listed[0, 0, movable, :, w], number)
    assert found.cases[0, 0] < found.listed[0, 0, 0, :, 0].sum()
    assert found.replications == 1


def test_the_last_day_of_a_window_belongs_to_it():
    s = scenario("base", "time.start=2017-01-01", "time.end=2018-12-31")
    (span,) = spans_of(s, ["2017"])
    assert (span.first, span.last) == (0.0, 365.0)


def test_suspensions_delay_ends_by_their_mean_where_they_fall_into_a_round():
    """A suspension comes at any time of 45 days after the listing and lasts 6 days on average, exponential.

    The first auction of an immovable ends after 31 days, so 31 of 45 are delayed by then; within 4.5 standard errors.
    """
    days, first = 6.0, 31.0
    at_once = ("auction.opens_at=any", "auction.spring_festival_break=false")
    some = ("disposal.suspension_share=0.8", f"disposal.suspension_days={days}", "arrivals.volume=5")
    s, records, _ = made(False, *NOBODY, *at_once, *some)
    found = listing_times(s, [listings(s, 0)], (WindowSpan("whole", 0.0, 1e4),))
    n = len(records.lots["lot"])
    share = 0.8 * first / SUSPENDED_WITHIN
    se = days * math.sqrt((2.0 * share - share**2) / n)  # second moment of an exponential: twice its square

    def mean(r: int) -> float:
        number = found.failed[0, 0, 0, :, r, 0, EVENT]
        return float(found.failed_lag[0, 0, 0, :, r, 0, EVENT] @ number / number.sum())

    assert mean(0) == pytest.approx(first + share * days, abs=4.5 * se)
    # By the end of the second auction all have come: a second round takes 10 + 15 + 1 days more.
    all_ = 0.8
    se = days * math.sqrt((2.0 * all_ - all_**2) / n)
    assert mean(1) == pytest.approx(first + 26.0 + all_ * days, abs=4.5 * se)
    closes = records.rounds["closes"][records.rounds["round"] == 1] - records.lots["listed"]
    assert closes.mean() == pytest.approx(mean(1), abs=4.5 * math.sqrt(2.0) * se)
