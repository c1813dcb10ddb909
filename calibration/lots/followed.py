"""Lots as a likelihood follows them: from the first auction to the first win, to the last failure, or to where the file loses them.

Postponed rounds are skipped, and a history ends with its first win, paid or not. A *path* is a row of starts over reference
prices, by round, continued beyond what was held as the file's own starts usually go on: what a lot could still have come to decides whether
it would be in a file of sold lots. Lots whose rows do not allow it are set aside and counted by reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from calibration.lots.histories import HELD, Bools, Floats, Histories, Ints, Outcome, Stage, Times
from calibration.lots.mapping import Selection

MOST: Final = 12  # rounds that are followed
DAY: Final = np.timedelta64(1, "D")
USUAL_DAYS: Final = 35.0  # between rounds, where rows do not show it
RISES: Final = 1.001  # a start that is higher than the one before by more than rounding
AT_START: Final = 1.0 + 1e-6  # price / start up to which a lot sold at its start
STEP: Final = 0.001  # paths are alike if their log starts are, to so much


@dataclass(frozen=True, slots=True)
class Followed:
    """``starts``: (paths, K) starts / reference. By lot: its ``path``, how many ``rounds`` of it are followed, whether the last of them
    ``sold``, or whether it sold ``later``; ``price`` / reference (nan: not known, or sold in a sell-off, whose clock the forms leave out), and whether it is the start;
    ``first``, ``final``: between which rounds it had to end to be in the file; ``opened``: day of the first auction, ``ended``: of the last
    round followed. ``endless``: lots go on beyond the last round of a path.
    """

    starts: Floats
    path: Ints
    rounds: Ints
    sold: Bools
    later: Bools
    price: Floats
    at_start: Bools
    first: Ints
    final: Ints
    opened: Times
    ended: Times
    selection: Selection
    endless: bool
    stopped: float  # share of rounds before which a lot is withdrawn, suspended or taken in kind
    days: float  # between rounds
    set_aside: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        """Lots."""
        return len(self.path)

    def of_lots(self, chosen: Bools) -> Self:
        """Some of the lots."""
        names = ("path", "rounds", "sold", "later", "price", "at_start", "first", "final", "opened", "ended")
        return replace(self, **{name: getattr(self, name)[chosen] for name in names})

    def up_to(self, rounds: int) -> Self:
        """The same with nothing known of what came after so many rounds but, of files of sold lots, that they were sold."""
        beyond = self.rounds > rounds
        return replace(
            self,
            rounds=np.minimum(self.rounds, rounds),
            sold=self.sold & ~beyond,
            later=self.later | (beyond & (self.selection == "sold only")),
            price=np.where(beyond, np.nan, self.price),
        )

    def within(self, first: np.datetime64 | None, last: np.datetime64 | None) -> Self:
        """The same, in the file because they ended from ``first`` to ``last``: the rounds that can have been."""
        low, high = np.ones(len(self), dtype=np.intp), np.full(len(self), self.starts.shape[1], dtype=np.intp)
        if first is not None:
            low = np.ceil((first - self.opened) / DAY / self.days).astype(np.intp) + 1
        if last is not None:
            high = np.minimum(high, np.floor((last - self.opened) / DAY / self.days).astype(np.intp) + 1)
        ended = np.maximum(self.rounds + self.later, 1)
        return replace(self, first=np.minimum(np.maximum(low, 1), ended), final=np.maximum(high, ended))

    @property
    def varied(self) -> float:
        """Standard deviation of ln(start / reference) over the rounds that were held."""
        held = np.arange(self.starts.shape[1]) < self.rounds[:, None]
        return float(np.std(np.log(self.starts[self.path])[held]))


def followed(
    rows: Histories, selection: Selection, wanted: tuple[Sequence[float], float] = ((), 0.0),
    window: tuple[np.datetime64 | None, np.datetime64 | None] = (None, None), days: float | None = None, most: int | None = None,
) -> Followed:  # fmt: skip
    """The lots of rows that can be followed. ``wanted``: shares of the reference price, only lots whose starts are these within a
    tolerance; ``window``: days between which lots ended, for ``sold only`` up to the file's last day if nothing is said; ``days``:
    between rounds (from the rows if not given); ``most``: rounds after which a lot is not offered again.
    """
    (ratios, tolerance), kept = wanted, _held(rows)
    share, rounds = kept.share, kept.rounds
    aside: dict[str, int] = {}
    width = share.shape[1]
    there = np.arange(width) < rounds[:, None]
    good = np.ones(len(rounds), dtype=np.bool_)

    def leave(reason: str, which: npt.ArrayLike) -> None:
        nonlocal good
        bad = np.asarray(which, dtype=np.bool_) & good
        if bad.any():
            aside[reason] = int(bad.sum())
        good = good & ~bad

    leave("unheld", rounds == 0)
    leave("no_start", (there & ~(share > 0.0)).any(axis=1))
    rises = np.zeros_like(there)
    with np.errstate(invalid="ignore"):
        rises[:, 1:] = there[:, 1:] & (share[:, 1:] > RISES * share[:, :-1])
    leave("start_rises", rises.any(axis=1))
    leave("too_many_rounds", rounds > (most or MOST))
    if selection == "sold only":
        leave("not_sold", ~kept.sold)
    if ratios:
        usual = _continued(np.array(ratios), max(width, MOST))
        with np.errstate(invalid="ignore"):
            off = there & (np.abs(share / usual[:width] - 1.0) > tolerance)
        leave("other_starts", off.any(axis=1))
        share = np.where(there, usual[:width], share)
    share, rounds = share[good], rounds[good]
    between = days or kept.days or USUAL_DAYS
    endless = most is None and selection == "sold only"
    length = most or (MOST if endless else max(2, int(rounds.max(initial=1))))
    starts, path = _paths(share, rounds, length, np.array(ratios))
    made = Followed(
        starts=starts, path=path, rounds=rounds, sold=kept.sold[good], later=np.zeros(len(rounds), dtype=np.bool_),
        price=kept.price[good], at_start=kept.at_start[good], first=np.ones(len(rounds), dtype=np.intp), final=np.full(len(rounds), length, dtype=np.intp),
        opened=kept.opened[good], ended=kept.ended[good], selection=selection, endless=endless, stopped=kept.stopped,
        days=between, set_aside=aside,
    )  # fmt: skip
    if selection == "all listed":
        return made
    first, last = window
    if last is None and not np.isnat(rows.closes):
        last = rows.closes
    return made if np.isnat(made.opened).any() else made.within(first, last)


@dataclass(frozen=True, slots=True)
class _Held:
    """By lot: starts / reference by round, rounds followed, whether the last sold, at which price / reference; days and stops."""

    share: Floats
    rounds: Ints
    sold: Bools
    price: Floats
    at_start: Bools
    opened: Times
    ended: Times
    days: float | None
    stopped: float


def _held(rows: Histories) -> _Held:
    """Rounds that were held, up to the first win of each lot."""
    held, of_lot = np.isin(rows.outcome, HELD), wins_before(rows)
    sold = rows.outcome == Outcome.SOLD
    used = np.flatnonzero(held & (of_lot == 0))
    lot, lots = rows.lot[used], rows.lots
    rounds = np.bincount(lot, minlength=lots).astype(np.intp)
    begin = np.cumsum(rounds) - rounds
    number = np.arange(len(used)) - begin[lot]
    width = max(int(rounds.max(initial=1)), 1)
    share = np.full((lots, width), np.nan)
    share[lot, number] = rows.start[used] / rows.reference[used]
    last = used[np.maximum(begin + rounds - 1, 0)] if len(used) else np.zeros(lots, dtype=np.intp)
    won = (rounds > 0) & sold[last] if len(used) else np.zeros(lots, dtype=np.bool_)
    price = np.where(
        won & (rows.stage[last] != Stage.SELL_OFF), rows.price[last] / rows.reference[last], np.nan
    )
    date = np.where(np.isnat(rows.ended), rows.opened, rows.ended)
    opened = np.where(rounds > 0, date[used[np.minimum(begin, len(used) - 1)]] if len(used) else date[last], np.datetime64("NaT"))  # fmt: skip
    gaps = (np.diff(date[used]) / DAY)[np.diff(lot) == 0].astype(np.float64)
    stops = np.isin(rows.outcome, (Outcome.WITHDRAWN, Outcome.SUSPENDED, Outcome.IN_KIND)) & (of_lot == 0)
    return _Held(
        share=share, rounds=rounds, sold=won, price=price, at_start=rows.price[last] <= rows.start[last] * AT_START, opened=opened, ended=date[last],
        days=float(np.median(gaps)) if len(gaps) and np.isfinite(gaps).all() else None,
        stopped=float(stops.sum() / max(stops.sum() + len(used), 1)),
    )  # fmt: skip


def wins_before(rows: Histories) -> Ints:
    """(rounds,): how many earlier rounds of the same lot were won."""
    sold = rows.outcome == Outcome.SOLD
    wins = np.cumsum(sold)
    return wins - sold - np.concatenate([[0], wins])[rows.first][rows.lot] if len(rows) else wins


def _continued(ratios: Floats, length: int) -> Floats:
    """Ratios, gone on with as the last two do."""
    step = ratios[-1] / ratios[-2] if len(ratios) > 1 else 1.0
    more = ratios[-1] * step ** np.arange(1, max(length - len(ratios), 0) + 1)
    return np.concatenate([ratios, more])[:length]


def _paths(share: Floats, rounds: Ints, length: int, ratios: Floats) -> tuple[Floats, Ints]:
    """Distinct paths of this length, and each lot's."""
    lots, width = share.shape
    if len(ratios):
        return _continued(ratios, length)[None, :], np.zeros(lots, dtype=np.intp)
    whole = np.full((lots, length), np.nan)
    whole[:, : min(width, length)] = share[:, :length]
    step = 1.0
    for k in range(1, length):
        there = rounds > k
        if there.any():
            step = float(np.median(whole[there, k] / whole[there, k - 1]))
        whole[:, k] = np.where(there, whole[:, k], whole[:, k - 1] * step)
    rounded = np.round(np.log(whole) / STEP).astype(np.int64)
    found, path = np.unique(rounded, axis=0, return_inverse=True)
    return np.exp(found * STEP), path.ravel().astype(np.intp)
