"""What became of lots, and after how many days."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from calibration.lots.histories import HELD, Histories, Outcome, Stage
from calibration.lots.mapping import Selection
from calibration.lots.summary.statistics import (
    Floats,
    Incidence,
    coalesced,
    days_between,
    incidence,
    share,
    survival,
)


class End(IntEnum):
    """Where a lot is when the files were made. Those before WAITING have ended, as far as anybody can see."""

    SOLD = 0
    IN_KIND = 1
    WITHDRAWN = 2
    SUSPENDED = 3
    UNSOLD = 4  # after its sell-off
    WAITING = 5  # its last round failed, and no further one is in the files
    DEFAULTED = 6  # the same after a default
    OPEN = 7  # a round is announced, under way or postponed


CAUSES: Final = (End.SOLD, End.IN_KIND, End.WITHDRAWN, End.SUSPENDED, End.UNSOLD)
HORIZONS: Final = (30, 60, 90, 180, 365, 730)  # days
MOST_ROUNDS: Final = 4  # rounds a lot are counted up to here, more together
_OF: Final = {
    Outcome.SOLD: End.SOLD, Outcome.IN_KIND: End.IN_KIND, Outcome.WITHDRAWN: End.WITHDRAWN, Outcome.SUSPENDED: End.SUSPENDED,
    Outcome.FAILED: End.WAITING, Outcome.POSTPONED: End.OPEN, Outcome.OPEN: End.OPEN,
}  # fmt: skip
Row = dict[str, Any]


def ends(of: Histories) -> npt.NDArray[np.int64]:
    """The end of each lot, shape (lots,)."""
    last = of.last
    code = np.array([_OF[Outcome(i)] for i in range(len(Outcome))])[of.outcome[last]]
    code[of.defaulted[last]] = End.DEFAULTED
    code[(of.outcome[last] == Outcome.FAILED) & (of.stage[last] == Stage.SELL_OFF)] = End.UNSOLD
    return code


def end_rows(of: Histories) -> list[Row]:
    """How many lots are where."""
    code = ends(of)
    return [
        {"end": one.name.lower(), "n": n, **share(n, len(code))}
        for one in End
        if (n := int((code == one).sum()))
    ]


def held_rows(of: Histories) -> list[Row]:
    """How many rounds were held of a lot."""
    held = np.bincount(of.lot[np.isin(of.outcome, HELD)], minlength=of.lots)
    counted = np.minimum(held, MOST_ROUNDS)
    return [
        {"rounds": k, "n": n, **share(n, of.lots)}
        for k in range(MOST_ROUNDS + 1)
        if (n := int((counted == k).sum()))
    ]


@dataclass(frozen=True, slots=True)
class Course:
    """What became of lots by days since their first notice: ``rows`` for a table, ``incidence`` for a picture."""

    rows: list[Row]
    incidence: Incidence
    lots: int
    open: int  # that have not ended, and count as far as they were seen
    late: int  # that were not seen from their first round, and do not count


def course(of: Histories, selection: Selection) -> Course | None:
    """None where it cannot be estimated: of files into which lots came by how they ended, or without times."""
    if selection != "all listed" or np.isnat(of.closes) or (of.number == 0).any():
        return None
    first, last, code = of.first, of.last, ends(of)
    begin = coalesced([of.notice[first], of.opened[first], of.ended[first]])
    end = coalesced([of.ended[last], of.opened[last], of.notice[last]])
    days = days_between(begin, np.where(code < End.WAITING, end, of.closes))
    seen = np.isfinite(days) & (days >= 0) & (of.number[first] == 1)
    if not seen.any():
        return None
    cause = np.where(code < End.WAITING, code, -1)[seen]
    found = incidence(days[seen], cause, len(CAUSES))
    return Course(
        _rows(days[seen], cause, found),
        found,
        int(seen.sum()),
        int((cause < 0).sum()),
        int((of.number[first] > 1).sum()),
    )


def _rows(days: Floats, cause: npt.NDArray[np.int64], found: Incidence) -> list[Row]:
    """By each horizon that the files reach: the share that each cause has ended, and what a sale alone would have."""
    unsold = survival(days, cause == End.SOLD)
    rows: list[Row] = []
    for horizon in HORIZONS:
        if horizon > days.max():
            break
        row: Row = {"days": horizon, "at_risk": int((days >= horizon).sum())}
        for one in CAUSES:
            row |= {f"{one.name.lower()}_{name}": x for name, x in found.at(horizon, one).items()}
        left = unsold.at(horizon)
        row |= {
            "kaplan_meier": 1 - left["share"],
            "kaplan_meier_low": 1 - left["high"],
            "kaplan_meier_high": 1 - left["low"],
        }
        rows.append(row)
    return rows
