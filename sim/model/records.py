"""The rows the model writes: lot, round, registration, bid. Columns, not objects.

Times are days from the scenario's start (0.0 = 00:00 of the first day), money is yuan, codes are small
integers whose names stand here. ``nan`` is "has not happened", ``-1`` is "nobody" or "none".
Rows of one replication are ordered by lot and, within a lot, by time, whatever order the model ran in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from struct import Struct

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[np.generic]
Table = dict[str, Column]


class Outcome(IntEnum):
    """Where a lot is at the end of the horizon, or how it ended."""

    PREPARING = 0  # seized, not yet listed
    OPEN = 1  # listed, still on its way
    SOLD = 2
    IN_KIND = 3  # creditor took it (以物抵债)
    RETURNED = 4  # unsold after the last round, returned to the debtor
    WITHDRAWN = 5  # left for good (撤回)


def sold_by_debtor(lots: Table) -> npt.NDArray[np.bool_]:
    """Which lots left the court's hands since their debtor sold them: withdrawn, at a price."""
    withdrawn, price = lots["outcome"] == Outcome.WITHDRAWN, lots["price"].astype(np.float64)
    return np.asarray(withdrawn & np.isfinite(price), dtype=np.bool_)


class Cause(IntEnum):
    """Why a lot was suspended: by whichever of two causes, or by both, one after the other."""

    NONE = 0  # it was not
    OTHER = 1  # any but the next
    THIRD_PARTY = 2  # a third party's objection (案外人异议)
    BOTH = 3


class RoundOutcome(IntEnum):
    """How a round ended."""

    SOLD = 0
    FAILED = 1  # no bid (流拍)
    DEFAULTED = 2  # the winner did not pay (悔拍): the lot goes again
    STOPPED = 3  # the lot was withdrawn before the close


LOTS: dict[str, str] = {
    "lot": "i8",  # number within the replication, by court, then by order of seizure
    "case": "i8",
    "court": "i4",
    "kind": "i2",  # position in the scenario's kinds
    "movable": "?",
    "token": "?",  # opened at a token start
    "value": "f8",  # true market value, hidden from everyone
    "reference": "f8",  # reference price
    "start": "f8",  # starting price of the first round
    "method": "i2",  # position in the scenario's pricing methods; -1: not priced yet
    "interest": "f8",  # mean number of people interested in a first round: popularity x kind x attention
    "cost": "f8",  # cost of finding the reference price
    "seized": "f8",  # the case came in
    "listed": "f8",  # first notice published
    "ended": "f8",  # sold, taken, returned or withdrawn; nan while open
    "outcome": "i1",  # Outcome
    "rounds": "i2",  # rounds ended, defaulted ones included
    "sold_round": "i2",  # position of the round in which it was sold; -1: not sold
    "price": "f8",  # hammer price; in kind: price at which it was taken; withdrawn since the debtor sold it: their price; nan otherwise
    "start_sold": "f8",  # starting price of the round in which it was sold; nan otherwise
    "winner": "i8",
    "forfeited": "f8",  # deposits forfeited by defaulters
    "suspended": "f8",  # days spent suspended
    "priced": "f8",  # reference price found, the last one where it was found again
    "suspended_by": "i1",  # Cause
}
ROUNDS: dict[str, str] = {
    "lot": "i8",
    "attempt": "i2",  # 0, 1, 2 ... in the lot's life; a round held again after a default counts again
    "round": "i2",  # position in the scenario's rounds that are held
    "notice": "f8",  # notice published
    "opens": "f8",
    "closes": "f8",  # actual end, extensions included
    "start": "f8",
    "deposit": "f8",
    "interested": "i4",  # people interested, whether or not they registered
    "registered": "i4",
    "bidders": "i4",  # registered people who bid at least once
    "bids": "i4",
    "extensions": "i4",
    "price": "f8",  # standing price at the close; nan without a bid
    "winner": "i8",
    "outcome": "i1",  # RoundOutcome
}
REGISTRATIONS: dict[str, str] = {
    "lot": "i8",
    "attempt": "i2",
    "bidder": "i8",
    "time": "f8",  # deposit paid
    "value": "f8",  # what the lot is worth to the bidder, hidden
    "priority": "?",  # priority purchaser
}
BIDS: dict[str, str] = {"lot": "i8", "attempt": "i2", "bidder": "i8", "time": "f8", "price": "f8"}
SCHEMAS: dict[str, dict[str, str]] = {
    "lots": LOTS,
    "rounds": ROUNDS,
    "registrations": REGISTRATIONS,
    "bids": BIDS,
}


# Rows are packed as they are written: a row is one small object, columns are one copy away, and no tuple of boxed
# numbers is left behind for the collector (a sixth of a run, compared with tuples turned into columns).
_CODES = {"i8": "q", "i4": "i", "i2": "h", "i1": "b", "f8": "d", "?": "?"}
pack_lot, pack_round, pack_registration, pack_bid = (
    Struct("=" + "".join(_CODES[code] for code in schema.values())).pack for schema in SCHEMAS.values()
)


@dataclass(frozen=True, slots=True)
class Records:
    """The four tables of one replication (or of some of its courts)."""

    lots: Table
    rounds: Table
    registrations: Table
    bids: Table

    def __getitem__(self, name: str) -> Table:
        return getattr(self, name)  # type: ignore[no-any-return]

    @property
    def size(self) -> dict[str, int]:
        return {f.name: len(self[f.name]["lot"]) for f in fields(self)}


def table(schema: dict[str, str], rows: Sequence[tuple[object, ...]]) -> Table:
    """Rows to columns, once. ``rows`` hold the schema's columns in order."""
    if not rows:
        return {name: np.empty(0, dtype=code) for name, code in schema.items()}
    return {
        name: np.fromiter(column, dtype=code, count=len(rows))
        for (name, code), column in zip(schema.items(), zip(*rows, strict=True), strict=True)
    }


def unpacked(schema: dict[str, str], rows: bytes) -> Table:
    """Packed rows to columns, ordered by lot and otherwise as written."""
    whole = np.frombuffer(rows, dtype=np.dtype(list(schema.items())))
    whole = whole.take(np.argsort(whole["lot"], kind="stable"))
    return {name: np.ascontiguousarray(whole[name]) for name in schema}


def of_court(records: Records, court: int) -> Records:
    """The rows of one court's lots."""
    mine = records.lots["lot"][records.lots["court"] == court]
    rows = {name: np.isin(records[name]["lot"], mine) for name in SCHEMAS}
    return Records(**{
        name: {column: values[rows[name]] for column, values in records[name].items()} for name in SCHEMAS
    })  # fmt: skip


def of_lots(records: Records, first: int, number: int) -> Records:
    """The rows of some lots that follow each other, of records that are ordered by lot."""
    tables = {}
    for name in SCHEMAS:
        a, b = np.searchsorted(records[name]["lot"], [first, first + number])
        tables[name] = {column: values[a:b] for column, values in records[name].items()}
    return Records(**tables)


def of_replication(tables: Mapping[str, Table], number: int) -> Records:
    """The rows of one replication, of tables that hold all with their number in ``replication``; tables not given are empty."""
    found = {}
    for name, schema in SCHEMAS.items():
        rows = tables[name]["replication"] == number if name in tables else None
        found[name] = (
            table(schema, []) if rows is None else {column: tables[name][column][rows] for column in schema}
        )
    return Records(**found)


def join(parts: Iterable[Records]) -> Records:
    """Records of several courts as one, in the order given."""
    parts = list(parts)
    if len(parts) == 1:
        return parts[0]
    return Records(
        *(
            {
                name: np.concatenate([part[which][name] for part in parts])
                if parts
                else np.empty(0, dtype=code)
                for name, code in schema.items()
            }
            for which, schema in SCHEMAS.items()
        )
    )
