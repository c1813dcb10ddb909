"""How long the rest of something will take, once there is a rate worth showing: commands and the application say the same."""

from __future__ import annotations

import math
import time
from typing import Final

PIECES: Final = 3  # done since the first ones, and
SECONDS: Final = 10.0  # that have passed meanwhile, before a rate is worth showing


class Pace:
    """The rate of pieces since the first ones were done: starting processes, and runs that were kept from before, are no rate."""

    def __init__(self) -> None:
        self._first = self._last = (math.nan, 0)  # when, and how many were done by then
        self._end = self._each = math.nan

    def tick(self, done: int, total: int, now: float | None = None) -> None:
        """So many are done by ``now``."""
        now = time.monotonic() if now is None else now
        if done == self._last[1]:
            return
        if not 0 < self._last[1] < done:
            self._first, self._end = (now, done), math.nan
        self._last = (now, done)
        seconds, pieces = now - self._first[0], done - self._first[1]
        if pieces >= PIECES and seconds >= SECONDS:
            self._each = seconds / pieces
            self._end = now + self._each * (total - done)

    def left(self, now: float | None = None) -> float:
        """Seconds until the end; nan where nobody knows yet. Between two pieces it only counts down, and not below one piece."""
        now = time.monotonic() if now is None else now
        return max(self._end - now, self._each) if math.isfinite(self._end) else math.nan
