"""What happens in each calendar month: for pictures of what is there before and after a date."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt

from sim.model.calendar import day_of
from sim.model.records import Outcome, Records, RoundOutcome

Floats = npt.NDArray[np.float64]
FLOWS = ("listed", "failed", "sold")  # in the month
STOCKS = ("waiting", "open")  # at its end


def month_edges(start: date, end: date) -> Floats:
    """Days from ``start`` at which calendar months begin, the first and the last cut off by the horizon."""
    first = start.year * 12 + start.month  # the month after the first
    months = range(first, end.year * 12 + end.month)
    firsts = [date(month // 12, month % 12 + 1, 1) for month in months]
    return np.array([0.0, *(day_of(day, start) for day in firsts), day_of(end, start) + 1.0])


def by_month(records: Records, edges: Floats) -> dict[str, Floats]:
    """For each month: lots listed, rounds failed, lots sold; lots waiting to be listed and lots open at its end."""
    lots, rounds = records.lots, records.rounds
    listed, ended, seized = (lots[name].astype(np.float64) for name in ("listed", "ended", "seized"))
    failed = rounds["closes"][rounds["outcome"] == RoundOutcome.FAILED].astype(np.float64)
    sold = ended[lots["outcome"] == Outcome.SOLD]

    def inside(days: Floats) -> Floats:
        return np.histogram(days, edges)[0].astype(np.float64)

    def so_far(days: Floats) -> Floats:
        return np.searchsorted(np.sort(days), edges[1:], side="right").astype(np.float64)  # nan comes last

    offered = ~np.isnan(listed)
    gone_unlisted = np.where(offered, listed, ended)  # withdrawn before it could be listed
    return {
        "listed": inside(listed[offered]),
        "failed": inside(failed),
        "sold": inside(sold),
        "waiting": so_far(seized) - so_far(gone_unlisted),
        "open": so_far(listed) - so_far(ended[offered]),
    }


def sale_rate(sold: Floats, failed: Floats) -> Floats:
    """Lots sold / rounds that sold or failed, all replications together; nan where there were none."""
    ended = (sold + failed).sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.asarray(sold.sum(axis=0) / ended, dtype=np.float64)
