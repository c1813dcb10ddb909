"""The Spring Festival holiday (春节假期): as the State Council announced it, else by the lunar calendar.

A year's holidays are announced in the November before it. Of years that are not announced the day of the New Year is
known all the same, from astronomy. How long the holiday will be is assumed to be what it is today: from the eve to the
seventh day, as announced for 2025 (rules of 2024, Art 2: eve to third day, with the days around them). Before the
first announcement that is known it is the three days of the rules of 1949 and 1999.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Final

AROUND: Final = range(-10, 21)  # days from the New Year among which announced ones lie
TODAY: Final = range(-1, 7)  # from the eve to the seventh day
FORMERLY: Final = range(3)  # the first three days
NAME: Final = "春节"
FIRST_KNOWN: Final = 2002  # announcements of earlier years are not on record


def festival_days(first: date, last: date) -> frozenset[date]:
    """The Spring Festival holidays between two days, both included."""
    days = [day for year in range(first.year, last.year + 1) for day in _holiday(year)[0]]
    return frozenset(day for day in days if first <= day <= last)


def unannounced(first: date, last: date) -> list[tuple[int, int]]:
    """First and last of each row of years between two days whose announcement is not known."""
    years = [year for year in range(first.year, last.year + 1) if not _holiday(year)[1]]
    rows = [[year for _, year in row] for _, row in groupby(enumerate(years), lambda one: one[1] - one[0])]
    return [(row[0], row[-1]) for row in rows]


@lru_cache(maxsize=256)
def _holiday(year: int) -> tuple[tuple[date, ...], bool]:
    """The days of a year's Spring Festival holiday, and whether they are announced ones."""
    from tyme4py.lunar import LunarDay

    found = LunarDay.from_ymd(year, 1, 1).get_solar_day()
    new_year = date(found.get_year(), found.get_month(), found.get_day())
    announced = _free(new_year)
    lasts = AROUND if announced else TODAY if year > FIRST_KNOWN else FORMERLY
    days = (new_year + timedelta(days=i) for i in lasts)
    return tuple(day for day in days if not announced or _free(day)), announced


def _free(day: date) -> bool:
    """Whether an announcement lets work rest on a day for the Spring Festival."""
    from tyme4py.holiday import LegalHoliday

    found = LegalHoliday.from_ymd(day.year, day.month, day.day)
    return found is not None and found.get_name() == NAME and not found.is_work()
