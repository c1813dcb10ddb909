"""What happened in rounds: hazards by round and by start, prices, defaults, bidders, days to the next date."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from calibration.lots.histories import HELD, Histories, Outcome, Stage
from calibration.lots.summary.statistics import days_between, share, spread

MOST: Final = 3  # auctions are counted up to here, later ones together
EDGES: Final = (
    0.0,
    0.5,
    0.6,
    0.7,
    0.8,
    0.9,
    1.0,
)  # of start / reference; a start at an edge belongs above it
EDGE: Final = 1e-4  # by how much a start may miss an edge for being rounded
AT_START: Final = 1e-6
Row = dict[str, Any]
Mask = npt.NDArray[np.bool_]


def groups(of: Histories) -> Iterator[tuple[str, Mask]]:
    """Rounds by number: the first, the second, later ones, sell-offs, and those of which nobody knows."""
    sell_off = of.stage == Stage.SELL_OFF
    yield "unknown", (of.number == 0) & ~sell_off
    for k in range(1, MOST):
        yield f"auction_{k}", (of.number == k) & ~sell_off
    yield "later", (of.number >= MOST) & ~sell_off
    yield "sell_off", sell_off


def round_rows(of: Histories) -> list[Row]:
    """A row for each group of rounds that there is."""
    gap = _gaps(of)
    return [{"round": name, **_row(of, mask, gap)} for name, mask in groups(of) if mask.any()]


def _row(of: Histories, mask: Mask, gap: npt.NDArray[np.float64]) -> Row:
    """Counts, hazard, prices, bidders of some rounds."""
    held = mask & np.isin(of.outcome, HELD)
    sold = held & (of.outcome == Outcome.SOLD)
    priced = sold & np.isfinite(of.price) & np.isfinite(of.start)
    premium = (of.price / of.start)[priced]
    at_start = int((premium <= 1 + AT_START).sum())
    row: Row = {"scheduled": int(mask.sum()), "held": int(held.sum()), "sold": int(sold.sum())}
    for name, outcome in (("withdrawn", Outcome.WITHDRAWN), ("suspended", Outcome.SUSPENDED), ("postponed", Outcome.POSTPONED), ("open", Outcome.OPEN)):  # fmt: skip
        row[name] = int((mask & (of.outcome == outcome)).sum())
    for name, n, total in (
        ("hazard", row["sold"], row["held"]), ("default", int(of.defaulted[sold].sum()), row["sold"]),
        ("at_start", at_start, int(priced.sum())),
    ):  # fmt: skip
        row |= {name if key == "share" else f"{name}_{key}": x for key, x in share(n, total).items()}
    for name, values in (
        ("start_to_reference", (of.start / of.reference)[held]), ("price_to_start", premium),
        ("price_to_reference", (of.price / of.reference)[sold]), ("bidders", of.bidders[sold]), ("bids", of.bids[sold]),
        ("days_since_failure", gap[mask]),
    ):  # fmt: skip
        row |= {f"{name}_{key}": x for key, x in spread(values).items()}
    return row


def _gaps(of: Histories) -> npt.NDArray[np.float64]:
    """Days from the end of the round before, if that failed, to the end of each; nan elsewhere."""
    gap = np.full(len(of), np.nan)
    same = (of.lot[1:] == of.lot[:-1]) & (of.outcome[:-1] == Outcome.FAILED)
    gap[1:][same] = days_between(of.ended[:-1], of.ended[1:])[same]
    return gap


def default_rows(of: Histories) -> list[Row]:
    """What follows a default: whether the lot is offered again, at the same start, and sells."""
    at = np.flatnonzero(of.defaulted)
    if not len(at):
        return []
    again = at[(at + 1 < len(of)) & (of.lot[np.minimum(at + 1, len(of) - 1)] == of.lot[at])]
    following = again + 1
    held = np.isin(of.outcome[following], HELD)
    kept = np.isclose(of.start[following], of.start[again], rtol=1e-6)
    known = np.isfinite(of.start[following]) & np.isfinite(of.start[again])
    rows = (
        ("offered_again", len(again), len(at)), ("same_start", int((kept & known).sum()), int(known.sum())),
        ("sold_then", int((of.outcome[following][held] == Outcome.SOLD).sum()), int(held.sum())),
    )  # fmt: skip
    return [{"after_default": name, "n": n, "of": total, **share(n, total)} for name, n, total in rows]


def start_rows(of: Histories) -> list[Row]:
    """Hazards by start / reference, in first rounds and in later ones."""
    ratio = of.start / of.reference
    known = np.isfinite(ratio) & np.isin(of.outcome, HELD)
    place = np.searchsorted(np.array(EDGES) - EDGE, ratio, side="right") - 1
    rows = []
    for name, mask in (("first", of.number == 1), ("later", of.number > 1), ("unknown", of.number == 0)):
        for i, low in enumerate(EDGES):
            here = known & mask & (place == i)
            if n := int(here.sum()):
                sold = int((here & (of.outcome == Outcome.SOLD)).sum())
                high = EDGES[i + 1] if i + 1 < len(EDGES) else np.nan
                rows.append(
                    {"rounds": name, "from": low, "to": high, "held": n, "sold": sold, **share(sold, n)}
                )
    return rows
