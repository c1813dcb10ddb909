"""The points of a design on disk: written some at a time, read a row group at a time."""

from __future__ import annotations

import itertools
import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sim.experiments.storage.parquet import parquet_writer

BLOCK = 65_536  # points made, and read, at a time


class DesignFile:
    """The points of a sweep, read a row group at a time."""

    def __init__(self, path: Path, coded: Sequence[str]) -> None:
        """``coded``: columns that hold values as TOML text, because Parquet has no type for all of them."""
        import pyarrow.parquet as pq

        self._file = pq.ParquetFile(path)
        about = self._file.metadata
        sizes = [about.row_group(i).num_rows for i in range(about.num_row_groups)]
        self._starts = [
            0,
            *itertools.accumulate(sizes),
        ]  # first point of each row group, and the number of points
        self._coded = set(coded)
        self._held: tuple[int, dict[str, list[Any]]] = (-1, {})

    @property
    def points(self) -> int:
        return int(self._starts[-1])

    @property
    def paths(self) -> list[str]:
        return list(self._file.schema_arrow.names)

    def values(self, first: int, stop: int) -> dict[str, list[Any]]:
        """Values of points [first, stop), a column a parameter."""
        found: dict[str, list[Any]] = {name: [] for name in self.paths}
        while first < stop:
            group = bisect_right(self._starts, first) - 1
            if self._held[0] != group:
                table = self._file.read_row_group(group)
                self._held = group, {name: self._column(name, table[name].to_pylist()) for name in self.paths}
            start, upto = self._starts[group], min(stop, self._starts[group + 1])
            for name, column in self._held[1].items():
                found[name] += column[first - start : upto - start]
            first = upto
        return found

    def _column(self, name: str, values: list[Any]) -> list[Any]:
        return [tomllib.loads(value)["x"] for value in values] if name in self._coded else values


def write_design(
    path: Path, paths: Sequence[str], coded: Sequence[str], blocks: Iterator[list[list[Any]]]
) -> int:
    """Write the points, row groups of ``BLOCK``; returns how many there are. ``coded``: as ``DesignFile`` has it."""
    import pyarrow as pa

    writer, points = None, 0
    with ExitStack() as stack:
        for block in blocks:
            arrays = [
                pa.array([_as_toml(x) for x in column] if name in coded else column)
                for name, column in zip(paths, block, strict=True)
            ]
            table = pa.table(arrays, names=list(paths))
            writer = writer or stack.enter_context(parquet_writer(path, table.schema))
            writer.write_table(table, row_group_size=BLOCK)
            points += len(table)
    return points


def plain(values: Sequence[Any]) -> bool:
    """Whether all values are of one type that Parquet keeps."""
    kinds = {type(x) for x in values}
    return len(kinds) <= 1 and kinds <= {int, float, str, bool}


def _as_toml(value: Any) -> str:
    import tomli_w

    return tomli_w.dumps({"x": value})
