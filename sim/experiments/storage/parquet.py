"""Parquet files that are written piece by piece, and given up in one piece."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sim.experiments.storage.atomic import naming


@contextmanager
def parquet_writer(path: Path, schema: Any, **options: Any) -> Iterator[Any]:
    """A pyarrow writer. After an error its file is worthless, and that it cannot be closed must not hide the error."""
    import pyarrow.parquet as pq

    with naming(path):
        writer = pq.ParquetWriter(path, schema, compression="zstd", **options)
        try:
            yield writer
            writer.close()
        except BaseException:
            with suppress(Exception):
                writer.close()  # or pyarrow tries to when it is collected, and prints a traceback
            raise
