"""Chunks: what a worker is given and what it leaves, a file of its own, whole or not at all.

Runs are numbered through a batch: point by point, within a point replication by replication. A chunk is a stretch of
runs; its file is named by batch, place and the hash of its definition, then by how many of its runs failed and the
checksum of its bytes, so that a look at the folder shows what is done, and reading a file whether it is what was
written. Within, it says once more which chunk it is: one that bears the name of another is damaged. A worker returns a name and nothing else, so what the parent holds does not grow with the results.
"""

from __future__ import annotations

import hashlib
import os
import time
import traceback
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import sim
from sim.experiments.provenance import SWEEP, changes, provenance
from sim.experiments.storage.atomic import write_whole
from sim.experiments.storage.checksum import DamagedError
from sim.experiments.sweep.tasks import Recipe, made
from sim.locale.language import said

Floats = npt.NDArray[np.float64]
FOLDER = "chunks"
BINARY: int = getattr(os, "O_BINARY", 0)  # on Windows a file is text unless this is said
HOME = str(Path(sim.__file__).resolve().parents[1]) + os.sep


class OtherCodeError(Exception):
    """A worker whose code or packages are not those of the process that sent it work."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of runs of one batch, with all that is needed to run it."""

    folder: str  # of the sweep; workers and parent must see the same
    name: str  # of the file, without the number of failures
    work: Recipe
    code: Mapping[str, str]  # what results depend on, as the parent has it
    start: int  # first run of the batch
    stop: int
    first: int  # first replication of the batch
    count: int  # replications of the batch
    points: Mapping[str, Sequence[Any]]  # values of the points touched, from point start // count on
    only: tuple[int, ...] = ()  # runs to make again; the others are taken from the file that is there

    def place(self, run: int) -> tuple[int, int]:
        """(point, replication) of a run."""
        point, turn = divmod(run, self.count)
        return point, self.first + turn

    def values(self, point: int) -> dict[str, Any]:
        """Values of the varied parameters at a point."""
        at = point - self.start // self.count
        return {path: column[at] for path, column in self.points.items()}


@dataclass(slots=True)
class Rows:
    """Runs in order: numbers (runs, columns), nan where a run failed, and the traceback of those that did."""

    values: Floats
    errors: list[str | None]

    @property
    def failed(self) -> int:
        return sum(error is not None for error in self.errors)


@dataclass(frozen=True, slots=True)
class Done:
    """What a worker reports of a finished chunk."""

    name: str
    runs: int
    failed: int
    seconds: float


@dataclass(slots=True)
class _Point:
    """The point being run, prepared once for its replications."""

    number: int = -1
    prepared: Any = None
    error: str | None = field(default=None)


def make(chunk: Chunk) -> Done:
    """Run a chunk and leave its file. A run that raises is a row; a file that cannot be written raises ``OSError``."""
    check(chunk.code, SWEEP)
    began = time.perf_counter()
    rows = perform(chunk)
    leave(chunk, rows)
    return Done(chunk.name, len(rows.errors), rows.failed, time.perf_counter() - began)


def single(chunk: Chunk) -> Rows:
    """The rows of a chunk, not written: for runs that are done apart because their worker died before."""
    check(chunk.code, SWEEP)
    return perform(chunk)


def leave(chunk: Chunk, rows: Rows) -> None:
    """Write a chunk's file; where only some of its runs were made again, among those that stand."""
    old = files(Path(chunk.folder), chunk.name)
    if chunk.only and old:
        new, rows = rows, read(old[0])
        for run, values, error in zip(chunk.only, new.values, new.errors, strict=True):
            rows.values[run - chunk.start], rows.errors[run - chunk.start] = values, error
    path = write(chunk, rows)
    for file in old:
        if file != path:
            file.unlink(missing_ok=True)


def files(folder: Path, name: str) -> list[Path]:
    """The files of a chunk, that with the fewest failures first (two only after a kill between two steps)."""
    found = (folder / FOLDER).glob(f"{name}.*.parquet")
    return sorted(found, key=lambda path: int(path.name.split(".")[1]))


def check(code: Mapping[str, str], root: str) -> None:
    """Refuse to work for a parent with other code or packages: results would depend on who ran what.

    ``root``: the module from which what decides a result is reached.
    """
    different = changes(code, provenance(root))
    if different:
        raise OtherCodeError(said("own.worker", said="; ".join(different)))


def perform(chunk: Chunk) -> Rows:
    """The numbers of the chunk's runs, or of those named in ``only``."""
    runs = chunk.only or range(chunk.start, chunk.stop)
    work = made(chunk.work)
    width = len(work.columns)
    values = np.full((len(runs), width), np.nan)
    errors: list[str | None] = []
    at = _Point()
    for i, run in enumerate(runs):
        point, replication = chunk.place(run)
        if point != at.number:
            at = _Point(point)
            try:
                at.prepared = work.prepare(chunk.values(point))
            except Exception:
                at.error = traceback_text()
        error = at.error
        if error is None:
            try:
                values[i] = work.run(at.prepared, replication)
            except Exception:
                error = traceback_text()
        errors.append(error)
    return Rows(values, errors)


def traceback_text() -> str:
    """The traceback being handled, the same on every machine: without the folder the code stands in."""
    return traceback.format_exc().replace(HOME, "")


def write(chunk: Chunk, rows: Rows) -> Path:
    """Write a chunk's file: to a temporary name, to the disk, then to its own name."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    places = np.array([chunk.place(run) for run in range(chunk.start, chunk.stop)], dtype=np.int64)
    width = rows.values.shape[1]
    columns = [
        pa.array(places[:, 0]), pa.array(places[:, 1].astype(np.int32)), pa.array(rows.errors, type=pa.string()),
        pa.FixedSizeListArray.from_arrays(pa.array(rows.values.ravel()), width),
    ]  # fmt: skip
    table = pa.Table.from_arrays(columns, schema=_schema(width).with_metadata({"chunk": chunk.name}))
    buffer = pa.BufferOutputStream()
    pq.write_table(table, buffer, compression="zstd", use_dictionary=False, write_statistics=False)
    content = buffer.getvalue()
    path = Path(chunk.folder) / FOLDER / f"{chunk.name}.{rows.failed}.{zlib.crc32(content):08x}.parquet"
    write_whole(path, content)
    return path


def _schema(width: int) -> Any:
    import pyarrow as pa

    fields = {"point": pa.int64(), "replication": pa.int32(), "error": pa.string(), "values": pa.list_(pa.float64(), width)}  # fmt: skip
    return pa.schema(fields.items())


def ends_well(path: Path) -> bool:
    """Whether a Parquet file has its beginning and its end."""
    try:
        handle = os.open(
            path, os.O_RDONLY | BINARY
        )  # not ``open``: a sweep may have a hundred thousand of them
    except OSError:
        return False
    try:
        size = os.fstat(handle).st_size
        if size < 8 or os.read(handle, 4) != b"PAR1":
            return False
        os.lseek(handle, -4, os.SEEK_END)
        return os.read(handle, 4) == b"PAR1"
    except OSError:
        return False
    finally:
        os.close(handle)


def intact(path: Path) -> bool:
    """Whether a chunk's file has the checksum that its name says."""
    try:
        return f"{zlib.crc32(path.read_bytes()):08x}" == path.name.split(".")[2]
    except OSError:
        return False


def read(path: Path) -> Rows:
    """Read a chunk's file. Raises ``OSError``, or ``DamagedError`` if it is not what was written under this name."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    content = path.read_bytes()
    name, failed, checksum, _ = path.name.split(".")
    if f"{zlib.crc32(content):08x}" != checksum:
        raise DamagedError(said("damaged.name"))
    try:
        # ParquetFile, not read_table: that would load the datasets of pyarrow, a tenth of a second in every worker.
        with pq.ParquetFile(pa.BufferReader(content)) as file:
            schema = file.schema_arrow
            width = getattr(schema.field("values").type, "list_size", 0)
            if not schema.equals(_schema(width)) or (schema.metadata or {}).get(b"chunk") != name.encode():
                raise DamagedError(said("damaged.chunk"))
            table = file.read()
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        raise DamagedError(str(error)) from None
    values = table["values"].combine_chunks().flatten().to_numpy(zero_copy_only=False).reshape(-1, width)
    rows = Rows(np.array(values), table["error"].to_pylist())
    if rows.failed != int(failed):
        raise DamagedError(said("damaged.failed"))
    return rows


def chunk_name(
    identity_of_sweep: str, batch: int, index: int, points: tuple[int, int], numbers: tuple[int, int]
) -> str:
    """The name of a chunk: its place, and the hash of all that its results depend on.

    ``points``: start and stop; ``numbers`` of replications: first and how many.
    """
    (start, stop), (first, count) = points, numbers
    text = f"{identity_of_sweep}:{first}+{count}:{start}-{stop}"
    return f"{batch}-{index:07d}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
