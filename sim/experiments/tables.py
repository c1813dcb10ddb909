"""Tables on disk: records as Parquet, measures as tidy CSV."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim.records import SCHEMAS, Records


class RecordFiles:
    """The four Parquet files of a run, one row group a replication, so that memory does not grow with them."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._pa = pa
        self._writers = {}
        for name in names:
            fields = [pa.field("replication", pa.int32())]
            fields += [
                pa.field(column, pa.from_numpy_dtype(np.dtype(code)))
                for column, code in SCHEMAS[name].items()
            ]
            self._writers[name] = pq.ParquetWriter(
                folder / f"{name}.parquet", pa.schema(fields), compression="zstd"
            )

    def write(self, replication: int, records: Records) -> None:
        """Append one replication."""
        for name, writer in self._writers.items():
            rows = records[name]
            columns = [np.full(len(rows["lot"]), replication, dtype=np.int32), *rows.values()]
            writer.write_table(
                self._pa.table(dict(zip(writer.schema.names, columns, strict=True)), schema=writer.schema)
            )

    def close(self) -> None:
        for writer in self._writers.values():
            writer.close()

    def __enter__(self) -> RecordFiles:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def write_csv(path: Path, columns: Mapping[str, Sequence[Any]]) -> None:
    """Tidy columns as CSV; numbers in full precision, nan as empty, UTF-8 with BOM so that Excel shows Chinese."""
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in zip(*columns.values(), strict=True):
            writer.writerow(["" if isinstance(x, float) and x != x else x for x in row])
