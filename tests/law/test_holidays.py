"""The Spring Festival: announced days, and days of the lunar calendar where nothing is announced."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from conftest import ROOT
from typer.testing import CliRunner

from sim.cli.main import app
from sim.law import holidays
from sim.law.holidays import festival_days, unannounced
from sim.model.calendar import Openings, day_of, moment

# Dates of the New Year as published by the Hong Kong Observatory, month and day, 1990 to 2050.
NEW_YEARS = {
    1990: (1, 27), 1991: (2, 15), 1992: (2, 4), 1993: (1, 23), 1994: (2, 10), 1995: (1, 31), 1996: (2, 19), 1997: (2, 7),
    1998: (1, 28), 1999: (2, 16), 2000: (2, 5), 2001: (1, 24), 2002: (2, 12), 2003: (2, 1), 2004: (1, 22), 2005: (2, 9),
    2006: (1, 29), 2007: (2, 18), 2008: (2, 7), 2009: (1, 26), 2010: (2, 14), 2011: (2, 3), 2012: (1, 23), 2013: (2, 10),
    2014: (1, 31), 2015: (2, 19), 2016: (2, 8), 2017: (1, 28), 2018: (2, 16), 2019: (2, 5), 2020: (1, 25), 2021: (2, 12),
    2022: (2, 1), 2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13),
    2030: (2, 3), 2031: (1, 23), 2032: (2, 11), 2033: (1, 31), 2034: (2, 19), 2035: (2, 8), 2036: (1, 28), 2037: (2, 15),
    2038: (2, 4), 2039: (1, 24), 2040: (2, 12), 2041: (2, 1), 2042: (1, 22), 2043: (2, 10), 2044: (1, 30), 2045: (2, 17),
    2046: (2, 6), 2047: (1, 26), 2048: (2, 14), 2049: (2, 2), 2050: (1, 23),
}  # fmt: skip


@pytest.mark.parametrize("year", NEW_YEARS)
def test_the_new_year_is_a_holiday_and_no_day_far_from_it(year):
    new_year = date(year, *NEW_YEARS[year])
    days = festival_days(date(year, 1, 1), date(year, 12, 31))
    assert new_year in days
    assert all(abs((day - new_year).days) <= 10 for day in days)


def test_years_to_come_have_the_holiday_of_today():
    """The eve to the seventh day, as was announced for 2025; of years so far that no package knows announcements of them."""
    for year in (2025, 2045, 2050):
        new_year = date(year, *NEW_YEARS[year])
        wanted = {new_year + timedelta(days=i) for i in range(-1, 7)}
        assert festival_days(date(year, 1, 1), date(year, 12, 31)) == wanted


def test_announced_days_are_taken_as_announced():
    """Days off by the notices of the State Council's office: 2007 from the first day on, 2020 longer than planned."""
    spans = {
        2007: ("02-18", "02-24"),
        2018: ("02-15", "02-21"),
        2020: ("01-24", "02-02"),
        2024: ("02-10", "02-17"),
    }
    for year, (first, last) in spans.items():
        days = sorted(festival_days(date(year, 1, 1), date(year, 12, 31)))
        assert (days[0], days[-1]) == (
            date.fromisoformat(f"{year}-{first}"),
            date.fromisoformat(f"{year}-{last}"),
        )
        assert len(days) == (days[-1] - days[0]).days + 1


def test_before_the_first_announcement_on_record_it_is_three_days():
    assert sorted(festival_days(date(1995, 1, 1), date(1995, 12, 31))) == [
        date(1995, 1, 31) + timedelta(days=i) for i in range(3)
    ]
    assert unannounced(date(1995, 1, 1), date(2005, 1, 1)) == [(1995, 2001)]


def test_a_holiday_is_cut_at_the_days_asked_for():
    assert festival_days(date(2018, 2, 20), date(2018, 3, 1)) == {date(2018, 2, 20), date(2018, 2, 21)}


def test_bidding_opens_after_a_festival_that_nobody_has_announced():
    start = date(2049, 1, 1)
    opening = Openings(start, date(2049, 12, 31), "10:00", True)
    assert moment(opening(day_of(date(2049, 2, 1), start)), start).date() == date(2049, 2, 9)


def test_check_says_for_which_years_nothing_is_announced():
    far = ("check", str(ROOT / "scenarios" / "base.toml"), "--set", "time.end=2051-12-31")
    said = "for 20[234][0-9] to 2051: the Spring Festival break follows the lunar calendar"
    assert re.search(said, CliRunner().invoke(app, [*far, "--lang", "en"]).output)
    assert re.search(
        "未见20[234][0-9]至2051年放假安排", CliRunner().invoke(app, [*far, "--lang", "zh"]).output
    )
    without = (
        CliRunner().invoke(app, [*far, "--lang", "en", "--set", "auction.spring_festival_break=false"]).output
    )
    near = CliRunner().invoke(app, [*far[:2], "--lang", "en"]).output
    assert "Spring Festival" not in without + near


def test_both_kinds_of_years_are_named(monkeypatch):
    monkeypatch.setattr(holidays, "_holiday", lambda year: ((), year in (2010, 2011, 2015)))
    assert unannounced(date(2009, 5, 1), date(2016, 1, 1)) == [(2009, 2009), (2012, 2014), (2016, 2016)]
