"""Tables on disk: records as Parquet, measures as tidy CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from sim.experiments.execution.memory import check_fits
from sim.experiments.storage.atomic import writing
from sim.experiments.storage.codebook import METADATA, Codebook, as_metadata
from sim.experiments.storage.parquet import parquet_writer
from sim.experiments.storage.spreadsheet import ENCODING, Writer
from sim.model.records import SCHEMAS, Column, Records, Table

CODES = ("i1", "i2", "i4", "?")  # types of columns with few values


class Keeps(Protocol):
    """Whatever keeps the records of a run."""

    def write(self, replication: int, records: Records) -> None:
        """Append one replication."""


class RecordsHeld:
    """The tables of a run in memory, replication by replication."""

    def __init__(self, names: Sequence[str], count: int) -> None:
        """``count``: replications to come; 0: nobody knows how many."""
        self._count = count
        self.replications: list[int] = []
        self.parts: dict[str, list[Table]] = {name: [] for name in names}

    def write(self, replication: int, records: Records) -> None:
        """Append one replication. Raises ``TooLargeError`` after the first, if so many will not fit into memory."""
        if not self.replications:
            each = sum(column.nbytes for name in self.parts for column in records[name].values())
            check_fits(
                self._count, 2.0 * each
            )  # once as they come, once as a table that somebody has asked for
        self.replications.append(replication)
        for name, parts in self.parts.items():
            parts.append(records[name])

    def table(self, name: str) -> Table:
        """All replications one after another, their numbers in the first column."""
        parts = self.parts[name]
        each = [len(part["lot"]) for part in parts]
        numbers: Table = {"replication": np.repeat(np.array(self.replications, dtype=np.int32), each)}
        return numbers | {
            column: np.concatenate([part[column] for part in parts]) for column in SCHEMAS[name]
        }


class RecordFiles:
    """The four Parquet files of a run, one row group a replication, so that memory does not grow with them."""

    def __init__(self, folder: Path, names: Sequence[str], books: Mapping[str, Codebook]) -> None:
        """``books``: what the columns of each table mean, written into its file."""
        import pyarrow as pa

        self._pa = pa
        self._open = ExitStack()
        self._writers = {}
        for name in names:
            fields = [pa.field("replication", pa.int32())]
            fields += [
                pa.field(column, pa.from_numpy_dtype(np.dtype(code)))
                for column, code in SCHEMAS[name].items()
            ]
            # A dictionary pays for codes only: for times and prices it costs three times the writing.
            codes = [column for column, code in SCHEMAS[name].items() if code in CODES]
            options = {"use_dictionary": ["replication", *codes]}
            schema = pa.schema(fields, {METADATA: as_metadata(books[name])})
            writer = parquet_writer(folder / f"{name}.parquet", schema, **options)
            self._writers[name] = self._open.enter_context(writer)

    def write(self, replication: int, records: Records) -> None:
        """Append one replication."""
        for name, writer in self._writers.items():
            rows = records[name]
            columns = [np.full(len(rows["lot"]), replication, dtype=np.int32), *rows.values()]
            arrays = [self._array(column) for column in columns]
            writer.write_table(self._pa.Table.from_arrays(arrays, schema=writer.schema))

    def _array(self, column: Column) -> Any:
        """A column as Arrow sees it, without a copy; ``pyarrow.array`` would import pandas first (0.3 s, 30 MB)."""
        pa = self._pa
        bits = (
            np.packbits(column.astype(np.bool_), bitorder="little")
            if column.dtype == np.bool_
            else np.ascontiguousarray(column)
        )
        kind = pa.from_numpy_dtype(column.dtype)
        return pa.Array.from_buffers(kind, len(column), [None, pa.py_buffer(bits)])

    def __enter__(self) -> RecordFiles:
        return self

    def __exit__(self, *error: Any) -> None:
        self._open.__exit__(*error)


def write_csv(path: Path, columns: Mapping[str, Sequence[Any]]) -> None:
    """Tidy columns as CSV, whole or not at all; numbers in full precision, nan and None as empty."""
    with writing(path) as temporary, temporary.open("w", newline="", encoding=ENCODING) as file:
        table = Writer(file)
        table.row(columns)
        for row in zip(*columns.values(), strict=True):
            table.row(row)
