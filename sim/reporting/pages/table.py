"""A table on a page: what people read, and the CSV they copy or download."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.experiments.storage.spreadsheet import Writer

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column as shown. ``show`` turns a row into text; ``numeric`` aligns it right."""

    head: str
    show: Callable[[Row], str]
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with the columns people see; ``fields`` are the keys of the rows that the CSV holds, in full."""

    name: str  # of the file that is downloaded, without .csv
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    fields: Sequence[str]
    marked: Callable[[Row], str] = field(default=lambda row: "")  # class of a row
    folded: bool = False  # a long table waits behind its caption
    shown: int = 1_000_000  # rows that people see; the CSV has all

    @property
    def csv(self) -> str:
        return csv_text(self.fields, ([row[name] for name in self.fields] for row in self.rows))


def csv_text(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """CSV as the run folder writes it: numbers in full precision, nan and None empty, CRLF."""
    out = io.StringIO()
    table = Writer(out, "\r\n")
    for row in (head, *rows):
        table.row(row)
    return out.getvalue()
