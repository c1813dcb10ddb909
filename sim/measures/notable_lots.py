"""Which lot to look at: the records of one lot, and the few of a replication whose histories are worth reading."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from sim.locale.language import said
from sim.locale.words import Words
from sim.model.arrivals import inflow
from sim.model.behaviour.switches import coupled
from sim.model.records import SCHEMAS, Outcome, Records, RoundOutcome, Table
from sim.model.simulate import simulate
from sim.scenario.schema import Scenario

Rows = npt.NDArray[np.intp]  # of the table of lots, the best first
_WORDS: Final = Words("lot_history")


def records_of(scenario: Scenario, lot: int, replication: int = 0) -> Records:
    """The records of one lot. Raises ``IndexError`` with the number of lots if there is no such lot.

    Runs its court alone, or all courts where they share their bidders: what happens to a lot depends on the others then.
    """
    dockets = inflow(scenario, replication)
    lots = sum(int(docket.lots.sum()) for docket in dockets)
    if not 0 <= lot < lots:
        there = said("lot.numbered", lots=lots, last=lots - 1) if lots else said("lot.none")
        raise IndexError(said("lot.no_such", lot=lot, replication=replication, there=there))
    court = max(docket.court for docket in dockets if docket.first_lot <= lot and len(docket.days))
    return of_lot(simulate(scenario, replication, None if coupled(scenario) else [court]), lot)


def of_lot(records: Records, lot: int) -> Records:
    """The rows of one lot in each table."""
    return Records(**{name: _where(records[name], records[name]["lot"] == lot) for name in SCHEMAS})


def _where(rows: Table, mask: npt.NDArray[np.bool_]) -> Table:
    return {name: column[mask] for name, column in rows.items()}


def why_notable(reason: str, lang: str) -> str:
    """Why a lot is worth a look, in words."""
    return _WORDS(f"why.{reason}", lang)


def notable_lots(records: Records, rounds: int) -> dict[str, int]:
    """Reason -> number of a lot, for the reasons of ``REASONS`` that some lot has; each lot once.

    ``rounds``: how many rounds the scenario holds.
    """
    found: dict[str, int] = {}
    for why, choose in _CHOICES.items():
        numbers = records.lots["lot"][choose(records, rounds)].tolist()
        free = next((int(number) for number in numbers if number not in found.values()), None)
        if free is not None:
            found[why] = free
    return found


def _most_bids(token: bool) -> Callable[[Records, int], Rows]:
    """Sold lots by the number of bids; those of a token start are a race of their own."""

    def choose(records: Records, rounds: int) -> Rows:
        held = records.rounds
        sold = np.flatnonzero(held["outcome"] == RoundOutcome.SOLD)
        most = sold[np.argsort(-held["bids"][sold].astype(np.int64), kind="stable")]
        rows = _rows(records, held["lot"][most])
        chosen: Rows = rows[records.lots["token"][rows].astype(np.bool_) == token]
        return chosen

    return choose


def _ordinary(records: Records, rounds: int) -> Rows:
    lots = records.lots
    first = np.flatnonzero((lots["outcome"] == Outcome.SOLD) & (lots["rounds"] == 1))
    if not len(first):
        return first
    price = lots["price"][first].astype(np.float64)
    return first[np.argsort(np.abs(price - np.median(price)), kind="stable")]


def _late(records: Records, rounds: int) -> Rows:
    return np.flatnonzero((records.lots["sold_round"] == rounds - 1) & (rounds > 1))


def _defaulted(records: Records, rounds: int) -> Rows:
    return _rows(records, records.rounds["lot"][records.rounds["outcome"] == RoundOutcome.DEFAULTED])


def _ended(outcome: Outcome) -> Callable[[Records, int], Rows]:
    return lambda records, rounds: np.flatnonzero(
        (records.lots["outcome"] == outcome) & (records.lots["rounds"].astype(np.int64) > 0)
    )


def _rows(records: Records, lots: npt.NDArray[np.generic]) -> Rows:
    """Rows of the table of lots that hold these numbers."""
    order = np.argsort(records.lots["lot"], kind="stable")
    return order[np.searchsorted(records.lots["lot"], lots, sorter=order)]


_CHOICES: Final[dict[str, Callable[[Records, int], Rows]]] = {
    "contested": _most_bids(token=False),
    "ordinary": _ordinary,
    "second": lambda records, rounds: np.flatnonzero((records.lots["sold_round"] == 1) & (rounds > 2)),
    "late": _late,
    "unsold": _ended(Outcome.RETURNED),
    "in_kind": _ended(Outcome.IN_KIND),
    "defaulted": _defaulted,
    "withdrawn": _ended(Outcome.WITHDRAWN),
    "suspended": lambda records, rounds: np.flatnonzero(records.lots["suspended"].astype(np.float64) > 0.0),
    "token": _most_bids(token=True),
}

REASONS: Final = tuple(_CHOICES)
