"""What the pictures of time need, computed from the records: lots over time, moves of a round's end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.model.records import Outcome, Records

DAY = 1.0  # the clock that the first bid of a sell-off starts
Floats = npt.NDArray[np.float64]


def open_lots_curve(records: Records, grid: npt.ArrayLike) -> dict[str, Floats]:
    """Lots listed so far, open, and sold so far at each time of ``grid`` (days, ends included)."""
    lots, times = records.lots, np.asarray(grid, dtype=np.float64)
    listed = np.asarray(lots["listed"], dtype=np.float64)
    ended = np.asarray(lots["ended"], dtype=np.float64)
    offered = ~np.isnan(listed)
    so_far = _by(listed[offered], times)
    gone = _by(ended[offered & ~np.isnan(ended)], times)
    sold = _by(ended[lots["outcome"] == Outcome.SOLD], times)
    return {"listed": so_far, "open": so_far - gone, "sold": sold}


def _by(moments: Floats, times: Floats) -> Floats:
    return np.searchsorted(np.sort(moments), times, side="right").astype(np.float64)


def extension_times(bids: npt.ArrayLike, scheduled_close: float, soft_close_minutes: float) -> list[float]:
    """Ends (days) to which late bids moved the end of a round, one for each move, in order."""
    soft = soft_close_minutes / 1440.0
    ends: list[float] = []
    end = scheduled_close
    for time in np.sort(np.asarray(bids, dtype=np.float64)).tolist():
        if end - soft < time <= end + 1e-9 and time + soft > end:
            end = time + soft
            ends.append(end)
    return ends


def closing(
    row: Mapping[str, Any],
    times: npt.ArrayLike,
    window: float,
    sell_off: bool,
    suspended: float,
    soft_close_minutes: float,
) -> tuple[float, list[float]]:
    """The set close of a round (days) and the ends to which late bids moved it.

    ``row``: the round's record; ``times``: of its bids; ``window``: its length; ``suspended``: days for which the
    lot was suspended. In a sell-off the set close is 24 hours after the first bid. A suspension while bidding was
    open moved the close too; the records do not say so, but only one of the two gives the end they have.
    """
    moments = np.asarray(times, dtype=np.float64)
    if sell_off and len(moments):
        ends = [float(moments.min()) + DAY]
    else:
        ends = [float(row["opens"]) + window + wait for wait in (0.0, suspended)]
    found = [(end, extension_times(moments, end, soft_close_minutes)) for end in ends]
    return min(found, key=lambda one: abs([one[0], *one[1]][-1] - float(row["closes"])))
