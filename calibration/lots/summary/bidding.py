"""How people bid, from files of bids: how many, how late, how fast, by how much."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from calibration.lots.histories import Bids
from calibration.lots.summary.statistics import spread
from calibration.lots.tempo import tempo

LATE: Final = 300  # seconds before the scheduled end: the platforms' five minutes
CENT: Final = 0.005
MOST: Final = 1e300
Row = dict[str, Any]
Floats = npt.NDArray[np.float64]


def bidding_rows(of: Bids) -> list[Row]:
    """A row a measure: its mean and quantiles, or its share. What needs a scheduled end is of lots that have one."""
    lots = len(of.scheduled)
    bids = np.bincount(of.lot, minlength=lots).astype(np.float64)
    bidders = np.zeros(lots)
    np.maximum.at(bidders, of.lot, of.bidder + 1.0)
    rows = [_spread("bids_a_lot", bids), _spread("bidders_a_lot", bidders)]
    after = _seconds(of.time - of.scheduled[of.lot])
    known = np.isfinite(after)
    late, over = known & (after > -LATE) & (after <= 0), known & (after > 0)
    rows += [_share("last_five_minutes", late, known), _share("in_extensions", over, known)]
    last = np.flatnonzero(np.diff(of.lot, append=-1))
    overtime = after[last] / 60
    rows.append(_spread("overtime_minutes", overtime[overtime > 0]))
    same = np.zeros(len(of), np.bool_)
    same[1:] = of.lot[1:] == of.lot[:-1]
    reply = same & (of.bidder != np.roll(of.bidder, 1))
    seconds = _seconds(of.time - np.roll(of.time, 1))
    for name, mask in (
        ("reply_seconds", known & ~over),
        ("reply_seconds_extensions", over),
        ("reply_seconds_unknown", ~known),
    ):
        rows.append(_spread(name, seconds[reply & mask]))
    rows.append(_share("single_steps", _single(of, same), same))
    return [row for row in rows if row["n"]]


def tempo_rows(of: Bids) -> list[Row]:
    """A row a parameter of how people bid: its maximum likelihood estimate with an interval, of what files say of it."""
    found = tempo(of)
    parts = {
        "early_share": found.early_share, "late_shape": found.late_shape, "reply_seconds": found.reply,
        "reply_seconds_extensions": found.reply_extension, "single_steps": found.single,
    }  # fmt: skip
    return [
        {"tempo": name, "value": one.value, "low": one.low, "high": one.high, "n": one.number}
        for name, one in parts.items()
        if one.number
    ]


def _single(of: Bids, same: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Bids above the one before by the smallest step of their lot."""
    step = of.price - np.roll(of.price, 1)
    step[~same | (step < CENT)] = MOST
    smallest = np.full(len(of.scheduled), MOST)
    np.minimum.at(smallest, of.lot, step)
    # Both are differences of prices rounded to the cent.
    found: npt.NDArray[np.bool_] = same & (step < MOST) & (np.abs(step - smallest[of.lot]) < 5 * CENT)
    return found


def _seconds(span: npt.NDArray[np.timedelta64]) -> Floats:
    found: Floats = span.astype("timedelta64[s]").astype(np.float64)
    found[np.isnat(span)] = np.nan
    return found


def _spread(name: str, values: Floats) -> Row:
    return {"measure": name, **spread(values), "share": np.nan}


def _share(name: str, chosen: npt.NDArray[np.bool_], of: npt.NDArray[np.bool_]) -> Row:
    """Without an interval: bids of one lot are not independent of each other."""
    n = int(of.sum())
    return {"measure": name, **spread(np.zeros(0)), "n": n, "share": chosen.sum() / n if n else np.nan}
