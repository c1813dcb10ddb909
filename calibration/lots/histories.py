"""What happened to lots, as columns: a row for each scheduled round of a lot, and a row for each bid.

All that reads files makes these, and all that estimates from rows takes them. Amounts are in yuan (or whatever one currency the
files have), times are local, to the second. nan and NaT mean that the files do not say.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import IntEnum
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt


class Outcome(IntEnum):
    """What became of a round."""

    SOLD = 0  # won, whether or not it was paid
    FAILED = 1  # ended without a bid
    WITHDRAWN = 2  # 撤回
    SUSPENDED = 3  # 中止
    IN_KIND = 4  # 抵偿: ended without a bid, and the creditor took the lot for the debt
    POSTPONED = 5  # not held on this day
    OPEN = 6  # announced, or under way, when the file was made


class Stage(IntEnum):
    """What kind of round."""

    UNKNOWN = 0
    AUCTION = 1  # 拍卖: the first, the second, any later one
    SELL_OFF = 2  # 变卖


HELD: Final = (
    Outcome.SOLD,
    Outcome.FAILED,
    Outcome.IN_KIND,
)  # rounds in which anybody could bid until their end

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Codes = npt.NDArray[np.int8]
Bools = npt.NDArray[np.bool_]
Times = npt.NDArray[np.datetime64]  # to the second


def _check_columns(table: Any, names: tuple[str, ...]) -> None:
    """Columns of one table are equally long."""
    if len({len(getattr(table, name)) for name in names}) > 1:
        raise ValueError("columns differ in length")


@dataclass(frozen=True, slots=True)
class Histories:
    """Rounds, sorted by lot and then by time. Every column but ``kinds`` and ``closes`` has shape (rounds,)."""

    lot: Ints  # 0, 1, 2 ... without gaps
    number: Ints  # 1 + how many rounds of the lot ended without a bid before this one; 0: the files do not tell lots' rounds together
    stage: Codes  # of Stage
    reference: Floats  # the reference price (appraisal)
    start: Floats  # the start price
    notice: Times
    opened: Times
    ended: Times  # when the round ended, or was scheduled to
    outcome: Codes  # of Outcome
    price: Floats  # the winning bid, where SOLD; what the creditor took it for, where IN_KIND
    defaulted: Bools  # won and not paid
    bidders: Floats  # how many registered
    bids: Floats  # how many bids
    kind: Codes  # place in ``kinds``; -1: the files do not say
    kinds: tuple[str, ...]  # kinds of asset, as the files call them
    closes: np.datetime64  # the last time that the files have seen; NaT: they have no time

    def __post_init__(self) -> None:
        _check_columns(self, COLUMNS)

    def __len__(self) -> int:
        """Rounds."""
        return len(self.lot)

    @property
    def lots(self) -> int:
        """How many lots."""
        return int(self.lot[-1]) + 1 if len(self.lot) else 0

    @property
    def first(self) -> Ints:
        """Row of each lot's first round, shape (lots,)."""
        return np.flatnonzero(np.diff(self.lot, prepend=-1)).astype(np.intp)

    @property
    def last(self) -> Ints:
        """Row of each lot's last round, shape (lots,)."""
        return np.flatnonzero(np.diff(self.lot, append=-1)).astype(np.intp)

    def of_lots(self, chosen: Bools) -> Self:
        """The histories of some lots, ``chosen`` of shape (lots,); they are counted anew."""
        rows = chosen[self.lot]
        kept = {name: getattr(self, name)[rows] for name in COLUMNS}
        kept["lot"] = (np.cumsum(chosen) - 1)[kept["lot"]].astype(np.intp)
        return replace(self, **kept)


COLUMNS: Final = tuple(one.name for one in fields(Histories) if one.name not in ("kinds", "closes"))


@dataclass(frozen=True, slots=True)
class Bids:
    """Bids, sorted by lot and then by time, of shape (bids,). Lots are those of the bid files, counted by themselves."""

    lot: Ints
    bidder: Ints  # 0, 1, 2 ... in each lot, in the order of their first bids
    price: Floats
    time: Times
    scheduled: Times  # shape (lots,): when bidding was to end, without extensions; NaT: not said

    def __post_init__(self) -> None:
        _check_columns(self, ("lot", "bidder", "price", "time"))

    def __len__(self) -> int:
        return len(self.lot)
