"""Records small enough to know every answer."""

from __future__ import annotations

import numpy as np

from sim.model.records import LOTS, ROUNDS, SCHEMAS, Outcome, Records, RoundOutcome, Table

NAN = float("nan")


def lots(*rows: tuple[int, float, float, Outcome]) -> Table:
    """Rows (lot, listed, ended, outcome); every other column is zero."""
    table = {name: np.zeros(len(rows), dtype=code) for name, code in LOTS.items()}
    for i, name in enumerate(("lot", "listed", "ended", "outcome")):
        table[name] = np.array([row[i] for row in rows], dtype=LOTS[name])
    return table


def rounds(*rows: tuple[int, int, int, RoundOutcome]) -> Table:
    """Rows (lot, attempt, round, outcome)."""
    table = {name: np.zeros(len(rows), dtype=code) for name, code in ROUNDS.items()}
    for i, name in enumerate(("lot", "attempt", "round", "outcome")):
        table[name] = np.array([row[i] for row in rows], dtype=ROUNDS[name])
    return table


def records(lot_table: Table, round_table: Table) -> Records:
    empty = {which: {n: np.empty(0, dtype=c) for n, c in SCHEMAS[which].items()} for which in SCHEMAS}
    return Records(lot_table, round_table, empty["registrations"], empty["bids"])
