"""Where the bidders' money went, added up from the four tables and checked against itself.

A bidder pays the deposit of a round to register. When the round has ended the deposit comes back, unless they
won: then it becomes part of the price, or is forfeited if they do not pay the rest. Every sum here is taken
from the table nearest to it, so that tables which tell different stories show as an imbalance.

Deposits of rounds still under way when the records end are not in the flows (``pending`` counts them).
Taking in kind moves no cash. Money is yuan.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.model.records import Column, Outcome, Records, RoundOutcome, Table

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def flows(records: Records) -> dict[str, float]:
    """Sums over the records, yuan unless said otherwise.

    ``deposits_paid`` by all who registered, ``refunded`` to those who did not win, ``applied`` to the price,
    ``forfeited`` by defaulters, ``balance_paid`` by winners beyond their deposits, ``hammer`` = proceeds,
    ``paid_by_bidders`` = deposits_paid + balance_paid, ``pending``: registrations in rounds not ended (count).
    """
    rounds, lots = records.rounds, records.lots
    at = _round_of(rounds, records.registrations)
    known = at >= 0
    won = _won(records, at)
    deposit = np.where(known, rounds["deposit"][at], 0.0) if len(rounds["lot"]) else np.zeros(len(at))
    sold, defaulted = rounds["outcome"] == RoundOutcome.SOLD, rounds["outcome"] == RoundOutcome.DEFAULTED
    paid = float(deposit.sum())
    balance = float((rounds["price"] - rounds["deposit"])[sold].sum())  # type: ignore[operator]
    return {
        "deposits_paid": paid,
        "refunded": float(deposit[known & ~won].sum()),
        "applied": float(rounds["deposit"][sold].sum()),
        "forfeited": float(rounds["deposit"][defaulted].sum()),
        "balance_paid": balance,
        "hammer": float(lots["price"][lots["outcome"] == Outcome.SOLD].sum()),
        "paid_by_bidders": paid + balance,
        "pending": float((~known).sum()),
    }


def imbalance(records: Records) -> float:
    """Money that the tables cannot account for, as a share of what bidders paid; 0 but for rounding.

    Gaps are taken round by round and lot by lot and added without sign, so that one cannot hide another:
    deposits paid = refunded + applied + forfeited; refunds + forfeits + proceeds = all that bidders paid;
    the price of a lot = the price of its round = the last bid; forfeits of a lot = deposits of its defaults.
    """
    rounds, lots, bids = records.rounds, records.lots, records.bids
    number = len(rounds["lot"])
    deposit = rounds["deposit"].astype(np.float64)
    sold, defaulted = rounds["outcome"] == RoundOutcome.SOLD, rounds["outcome"] == RoundOutcome.DEFAULTED
    at = _round_of(rounds, records.registrations)
    known = at >= 0
    won = _won(records, at)

    def by_round(mask: Mask) -> Floats:
        return np.bincount(at[mask], minlength=number).astype(np.float64)

    paid, refunded = by_round(known) * deposit, by_round(known & ~won) * deposit
    kept = np.where(sold | defaulted, deposit, 0.0)
    gaps = [paid - refunded - kept, paid - rounds["registered"] * deposit]  # type: ignore[operator]

    hammer = np.where(sold, rounds["price"], 0.0)
    last = np.zeros(number)
    bid_at = _round_of(rounds, bids)
    np.maximum.at(last, bid_at[bid_at >= 0], bids["price"][bid_at >= 0])
    gaps.append(np.where(sold, last - hammer, 0.0))

    lot = lots["lot"]
    proceeds = np.where(lots["outcome"] == Outcome.SOLD, lots["price"], 0.0)
    forfeits = np.where(defaulted, deposit, 0.0)
    gaps.append(proceeds - _by_lot(lot, rounds["lot"], hammer))
    gaps.append(lots["forfeited"] - _by_lot(lot, rounds["lot"], forfeits))  # type: ignore[operator]
    spent = _by_lot(lot, rounds["lot"], paid + np.where(sold, hammer - deposit, 0.0))
    gaps.append(spent - _by_lot(lot, rounds["lot"], refunded + forfeits) - proceeds)

    missing = float(sum(np.abs(gap).sum() for gap in gaps))
    return missing / max(float(spent.sum()), 1.0)


def _round_of(rounds: Table, rows: Table) -> npt.NDArray[np.intp]:
    """Row of the round that each row (a registration, a bid) belongs to; -1: a round that has not ended."""
    if not len(rounds["lot"]):
        return np.full(len(rows["lot"]), -1, dtype=np.intp)
    width = 1 + max(int(table["attempt"].max()) for table in (rounds, rows) if len(table["attempt"]))
    keys, wanted = (
        table["lot"].astype(np.int64) * width + table["attempt"].astype(np.int64) for table in (rounds, rows)
    )
    order = np.argsort(keys, kind="stable")
    at = order[np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)]
    return np.where(keys[at] == wanted, at, -1)


def _won(records: Records, at: npt.NDArray[np.intp]) -> Mask:
    """Registrations whose deposit is kept: the winner's, in a round that sold or defaulted."""
    rounds = records.rounds
    if not len(rounds["lot"]):
        return np.zeros(len(at), dtype=np.bool_)
    ends = (rounds["outcome"] == RoundOutcome.SOLD) | (rounds["outcome"] == RoundOutcome.DEFAULTED)
    won: Mask = (at >= 0) & ends[at] & (rounds["winner"][at] == records.registrations["bidder"])
    return won


def _by_lot(lots: Column, owner: Column, amount: Floats) -> Floats:
    """Sums of ``amount`` by lot, in the order of the table of lots; rows of unknown lots raise ``ValueError``."""
    order = np.argsort(lots, kind="stable")
    at = np.searchsorted(lots, owner, sorter=order)
    if len(owner) and (not len(lots) or at.max() == len(lots) or (lots[order[at]] != owner).any()):
        raise ValueError("the records have rounds of lots that are not in the table of lots")
    return np.bincount(order[at], amount, minlength=len(lots)).astype(np.float64)
