"""Days and dates: the model counts days from the scenario's start, people see calendar dates.

Time 0.0 is 00:00 of the first day. Bidding opens at a clock time; a day on which none opens (the Spring
Festival holiday) moves the opening to the next day that allows it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from math import ceil

import numpy as np
import numpy.typing as npt

from sim.law.holidays import festival_days

Floats = npt.NDArray[np.float64]

MINUTE = 1.0 / 1440.0
HOUR = 1.0 / 24.0


def day_of(when: date, start: date) -> float:
    """Days from ``start`` 00:00 to ``when`` 00:00."""
    return float((when - start).days)


def moment(day: float, start: date) -> datetime:
    """The calendar date and clock time of a model time, to the second."""
    return datetime(start.year, start.month, start.day) + timedelta(seconds=round(day * 86_400))


class Openings:
    """When bidding may open: ``Openings(...)(earliest)`` is the first permitted time not before ``earliest``.

    ``opens_at`` is "HH:MM", or "any" for exactly when the notice has run (verification against closed forms).
    """

    def __init__(self, start: date, end: date, opens_at: str, spring_festival_break: bool) -> None:
        self.any_time = opens_at == "any"
        hours, minutes = (0, 0) if self.any_time else map(int, opens_at.split(":"))
        self.clock = (hours * 60 + minutes) * MINUTE
        closed = festival_days(start, end + timedelta(days=400)) if spring_festival_break else frozenset()
        self.closed = frozenset((day - start).days for day in closed)

    def __call__(self, earliest: float) -> float:
        if self.any_time:
            if not self.closed:
                return earliest
            while int(earliest) in self.closed:
                earliest = float(int(earliest) + 1)
            return earliest
        day = ceil(earliest - self.clock)
        while day in self.closed:
            day += 1
        return day + self.clock

    def of_many(self, earliest: Floats) -> Floats:
        """The same of many lots at once."""
        if self.any_time:
            day, moved = np.floor(earliest), earliest.copy()
        else:
            day = np.ceil(earliest - self.clock)
            moved = day + self.clock
        for _ in range(len(self.closed)):
            shut = np.isin(day, list(self.closed))
            if not shut.any():
                break
            day = day + shut
            moved = np.where(shut, day + self.clock, moved)
        return moved
