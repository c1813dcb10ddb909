"""What is wrong with rows, gathered as it is found: by file, row and column; and what became of every row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sim.scenario.errors import shortened

CELL: Final = ("formula", "amount", "date", "count", "flag", "not_positive")  # the cell counts as empty
ROW: Final = ("ragged", "no_lot", "repeated")  # the row is set aside
LOT: Final = (  # the whole lot is set aside, for its history cannot be trusted
    "outcome", "sold_or_not", "untimed", "order", "at_once", "start_rises", "below_start", "before_notice", "ends_first",
    "two_winners", "after_sale", "default_unsold", "bids_unsold",
)  # fmt: skip
PLAIN: Final = (
    "empty",
    "header",
    "no_round",
    "seen_again",
    "half_a_bid",
)  # rows set aside that need no correction
REASONS: Final = (*CELL, *ROW, *LOT)
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Found:
    """Defects of one reason in one column of one file."""

    reason: str
    file: int
    column: str
    rows: Rows
    values: Sequence[str]

    @property
    def effect(self) -> str:
        return "cell" if self.reason in CELL else "row" if self.reason in ROW else "lot"


@dataclass(slots=True)
class Defects:
    """All that was found in the files. ``rows_aside``: why rows were set aside, a count of rows a reason."""

    files: Sequence[str]
    found: list[Found] = field(default_factory=list)
    rows_aside: dict[str, int] = field(default_factory=dict)
    read: int = 0  # rows below headers
    used: int = (
        0  # rows of which something is in the histories or bids; with those set aside, all that were read
    )
    currencies: dict[str, tuple[int, int, str]] = field(default_factory=dict)  # where each was seen first

    def add(self, reason: str, file: int, column: str, rows: Rows, values: Sequence[str]) -> None:
        if len(rows):
            self.found.append(Found(reason, file, column, rows, values))

    def aside(self, reason: str, rows: int) -> None:
        if rows:
            self.rows_aside[reason] = self.rows_aside.get(reason, 0) + rows

    def counts(self) -> dict[str, int]:
        """How many defects there are of each reason."""
        return {
            reason: n
            for reason in REASONS
            if (n := sum(len(one.rows) for one in self.found if one.reason == reason))
        }

    def first(self, reason: str) -> tuple[str, int, str, str]:
        """File, row, column and value of the first of a reason."""
        one = min(
            (one for one in self.found if one.reason == reason), key=lambda o: (o.file, int(o.rows.min()))
        )
        at = int(np.argmin(one.rows))
        return self.files[one.file], int(one.rows[at]), one.column, shortened(one.values[at])

    def table(self) -> dict[str, list[Any]]:
        """All defects, in the order of files and rows."""
        rows = [
            (one.file, int(row), one.column, one.reason, one.effect, shortened(value))
            for one in self.found
            for row, value in zip(one.rows, one.values, strict=True)
        ]
        rows.sort(key=lambda row: row[:2])
        names = ("file", "row", "column", "reason", "effect", "value")
        columns: dict[str, list[Any]] = {name: [row[i] for row in rows] for i, name in enumerate(names)}
        columns["file"] = [self.files[i] for i in columns["file"]]
        return columns
