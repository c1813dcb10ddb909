"""Tables on disk: records as Parquet, measures as tidy CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from sim.experiments.storage.atomic import writing
from sim.experiments.storage.parquet import parquet_writer
from sim.experiments.storage.spreadsheet import ENCODING, Writer
from sim.model.records import SCHEMAS, Column, Records

CODES = ("i1", "i2", "i4", "?")  # types of columns with few values


class RecordFiles:
    """The four Parquet files of a run, one row group a replication, so that memory does not grow with them."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
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
            writer = parquet_writer(folder / f"{name}.parquet", pa.schema(fields), **options)
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
