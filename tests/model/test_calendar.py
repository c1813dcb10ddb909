"""Days and dates."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pytest

from sim.model.calendar import Openings, day_of, moment

START, END = date(2017, 1, 1), date(2019, 3, 31)


def test_days_and_dates_round_trip():
    assert day_of(date(2017, 3, 1), START) == 59.0
    assert moment(59.0 + 10 / 24, START) == datetime(2017, 3, 1, 10)
    assert moment(day_of(date(2020, 2, 29), START), START) == datetime(2020, 2, 29)


def test_bidding_opens_at_the_next_ten_o_clock():
    opening = Openings(START, END, "10:00", False)
    ten = 10 / 24
    assert opening(100.0) == pytest.approx(100 + ten)
    assert opening(100 + ten) == pytest.approx(100 + ten)
    assert opening(100 + ten + 1e-6) == pytest.approx(101 + ten)


def test_any_time_is_exactly_after_the_notice():
    assert Openings(START, END, "any", False)(123.456) == 123.456


def test_no_opening_in_the_spring_festival():
    opening = Openings(START, END, "10:00", True)
    assert moment(opening(day_of(date(2018, 2, 15), START)), START) == datetime(2018, 2, 22, 10)
    assert moment(
        Openings(START, END, "any", True)(day_of(date(2018, 2, 16), START) + 0.3), START
    ) == datetime(2018, 2, 22)


@pytest.mark.parametrize("opens_at", ["10:00", "any"])
@pytest.mark.parametrize("festival", [False, True])
def test_of_many_lots_each_opens_as_it_does_alone(opens_at: str, festival: bool) -> None:
    openings = Openings(START, END, opens_at, festival)
    earliest = np.arange(0.0, 800.0, 0.3)
    assert openings.of_many(earliest).tolist() == [openings(one) for one in earliest.tolist()]
