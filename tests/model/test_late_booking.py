"""Late booking of unsold lots: what it moves, by how much, and what it leaves alone."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from conftest import SMALL, scenario
from scipy.stats import kstest

from sim.model.calendar import MINUTE
from sim.model.records import Outcome, Records
from sim.model.simulate import simulate
from sim.scenario import ScenarioError

UNSOLD = (int(Outcome.RETURNED), int(Outcome.IN_KIND))
# Lots that nobody looks at, in one year, with time enough afterwards that every one of them ends.
NOBODY = (
    "arrivals.periods.year.lots=1500", "arrivals.periods.year.cases=900", "arrivals.exact=true", "interest.mean=0", "time.end=2023-12-31",
    "disposal.withdrawal_rate=0", "disposal.suspension_share=0",
)  # fmt: skip


def run(*more: str) -> Records:
    return simulate(scenario("base", *more), 0)


def waits(late: Records, at_once: Records) -> np.ndarray:
    """Days by which each unsold lot ends later."""
    assert set(late.lots["outcome"].tolist()) == set(UNSOLD)
    np.testing.assert_array_equal(late.lots["outcome"], at_once.lots["outcome"])
    days: np.ndarray = late.lots["ended"] - at_once.lots["ended"]
    return days


def test_at_zero_nothing_changes_whatever_the_day() -> None:
    plain, dated = run(*SMALL), run(*SMALL, "disposal.booking_by=12-31")
    for name in ("lots", "rounds", "registrations", "bids"):
        for column, values in plain[name].items():
            np.testing.assert_array_equal(values, dated[name][column])


def test_unsold_lots_wait_exponentially_and_nothing_else_moves() -> None:
    at_once, late = run(*NOBODY), run(*NOBODY, "disposal.booking_days=20")
    days = waits(late, at_once)
    assert kstest(days, "expon", args=(0.0, 20.0)).pvalue > 1e-4  # false alarm: once in ten thousand
    for column, values in at_once.rounds.items():
        np.testing.assert_array_equal(values, late.rounds[column])


def test_lots_that_sell_end_as_before() -> None:
    at_once, late = run(*SMALL), run(*SMALL, "disposal.booking_days=30")
    sold = at_once.lots["outcome"] == Outcome.SOLD
    assert sold.sum() > 10
    np.testing.assert_array_equal(at_once.lots["ended"][sold], late.lots["ended"][sold])
    np.testing.assert_array_equal(at_once.lots["price"][sold], late.lots["price"][sold])


def test_files_are_closed_by_the_day_of_the_year() -> None:
    """A failure is booked by the next 31 December; the wait is the lesser of the two, the draw the same."""
    long = "disposal.booking_days=100"
    days = waits(run(*NOBODY, long), at_once := run(*NOBODY))
    closed = waits(run(*NOBODY, long, "disposal.booking_by=12-31"), at_once)
    failed = at_once.lots["ended"]
    start = scenario("base", *NOBODY).time.start
    ends = np.array([(date(year, 12, 31) - start).days + 1 - MINUTE for year in range(2017, 2025)])
    left = ends[np.searchsorted(ends, failed)] - failed
    np.testing.assert_allclose(closed, np.minimum(days, left), rtol=0.0, atol=1e-9)
    assert 100 < np.sum(days > left) < len(days) - 100


def test_a_lot_that_is_not_booked_by_the_end_is_open() -> None:
    late = run(*NOBODY, "disposal.booking_days=3650", "time.end=2018-03-31")
    assert Outcome.OPEN in late.lots["outcome"]
    waiting = late.lots["outcome"] == Outcome.OPEN
    assert np.isnan(late.lots["ended"][waiting]).all()


@pytest.mark.parametrize("day", ["02-29", "02-30", "13-01", "12-32", "1231", "tomorrow"])
def test_a_day_that_is_not_in_every_year_is_refused(day: str) -> None:
    with pytest.raises(ScenarioError, match=r"booking_by"):
        scenario("base", f"disposal.booking_by={day}")
