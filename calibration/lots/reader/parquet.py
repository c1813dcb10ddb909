"""Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from calibration.lots.reader.tables import Block, check_rows, refused
from sim.locale.language import said

BLOCK: Final = 100_000  # rows taken at a time


class Parquet:
    """A Parquet file; its header counts as row 1."""

    about = "Parquet"

    def __init__(self, path: Path) -> None:
        from pyarrow.parquet import ParquetFile

        self.path = path
        self.ragged: list[int] = []
        try:
            self._file = ParquetFile(path)
            names = list(self._file.schema_arrow.names)
        except (pa.ArrowException, OSError):
            raise refused(path, said("lots.parquet")) from None
        check_rows(path, self._file.metadata.num_rows)
        self.top: list[tuple[int, list[str]]] = [(1, names)]

    def blocks(self, header: int, names: Sequence[str]) -> Iterator[Block]:
        read = 1
        try:
            for batch in self._file.iter_batches(BLOCK, columns=list(names)):
                numbers = np.arange(read + 1, read + batch.num_rows + 1)
                read += batch.num_rows
                yield Block(numbers, {name: self._texts(batch.column(name), name) for name in names})
        except (pa.ArrowException, OSError):
            raise refused(self.path, said("lots.parquet")) from None

    def _texts(self, column: Any, name: str) -> Any:
        if pa.types.is_nested(column.type) or pa.types.is_binary(column.type):
            raise refused(self.path, said("lots.nested"), key=name)
        return pc.fill_null(pc.cast(column, pa.string()), "")
