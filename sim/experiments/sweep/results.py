"""Results of a sweep: all runs in one tidy table, and means with intervals, in the order of the design.

Tables are made from the chunks in blocks of points whose size depends on nothing but the shape of the sweep, so
their bytes do not depend on who ran what, when, or in which pieces.
"""

from __future__ import annotations

import io
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from sim.experiments.storage.atomic import writing
from sim.experiments.storage.parquet import parquet_writer
from sim.experiments.storage.spreadsheet import ENCODING, Writer
from sim.experiments.sweep.chunks import Floats
from sim.experiments.sweep.observation import Column
from sim.experiments.sweep.run_store import Batch, Block, RunStore
from sim.locale.language import said

RESULTS, SUMMARY = "results.parquet", "summary.csv"
CELLS = 2_000_000  # numbers held at a time
MOST_ROWS = 1_000_000  # of the summary
HEADLINES = (
    "sale_rate_final", "lots_sold", "days_to_sale_mean", "recovery", "premium_turnover", "turnover",
)  # fmt: skip


class Points(Protocol):
    """The points of a design."""

    def values(self, first: int, stop: int) -> dict[str, list[Any]]:
        """Values of points [first, stop), a column a parameter."""


class Runs(Protocol):
    """All runs of a sweep: on disk (a store), or in memory."""

    @property
    def manifest(self) -> Mapping[str, Any]: ...
    @property
    def sweep(self) -> Mapping[str, Any]: ...
    @property
    def columns(self) -> Sequence[Column]: ...
    @property
    def batches(self) -> Sequence[Batch]: ...
    @property
    def points(self) -> int: ...
    @property
    def replications(self) -> int: ...
    @property
    def design(self) -> Points: ...

    def blocks(self, points: int = 1024) -> Iterator[Block]:
        """All runs in order of the design, ``points`` at a time."""


class DesignHeld:
    """The points of a design in memory."""

    def __init__(self, columns: Mapping[str, Sequence[Any]]) -> None:
        self._columns = columns

    def values(self, first: int, stop: int) -> dict[str, list[Any]]:
        """Values of points [first, stop), a column a parameter."""
        return {path: list(column[first:stop]) for path, column in self._columns.items()}


@dataclass(frozen=True, slots=True)
class RunsHeld:
    """All runs of a sweep in memory."""

    manifest: Mapping[str, Any]
    sweep: Mapping[str, Any]
    columns: Sequence[Column]
    batches: Sequence[Batch]
    points: int
    replications: int
    design: DesignHeld
    values: Floats = field(repr=False)  # (points, replications, columns)
    errors: Mapping[tuple[int, int], str]  # (point, replication) -> traceback

    def blocks(self, points: int = 1024) -> Iterator[Block]:
        """All runs in order of the design, ``points`` at a time."""
        for first in range(0, self.points, points):
            last = min(first + points, self.points)
            errors = {at: error for at, error in self.errors.items() if first <= at[0] < last}
            yield Block(first, self.values[first:last], errors)


def held(store: RunStore) -> RunsHeld:
    """What a store holds, in memory. Raises ``RunStoreError`` while runs are missing."""
    blocks = list(store.blocks(points_a_block(store)))
    return RunsHeld(
        manifest=store.manifest, sweep=store.sweep, columns=store.columns, batches=list(store.batches),
        points=store.points, replications=store.replications,
        design=DesignHeld(store.design.values(0, store.points)),
        values=np.concatenate([block.values for block in blocks]),
        errors={at: error for block in blocks for at, error in block.errors.items()},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns (window, basis, measure) as a row for each window and basis; columns of one name as they are."""

    groups: list[tuple[str, ...]]  # (window, basis) of each row that a run gives
    measures: list[str]
    basis: str = "event"  # on which a measure is shown where one number stands

    @property
    def keys(self) -> tuple[str, ...]:
        return ("window", "basis") if self.groups[0] else ()

    def column(self, measure: str, window: str = "all", basis: str = "") -> int:
        """Where a measure stands among the columns, on its own basis if none is given. Raises ``KeyError`` naming what is unknown."""
        group = (window, basis or self.basis) if self.groups[0] else ()
        if measure not in self.measures:
            raise KeyError(said("column.measure", measure=measure, names=said("join").join(self.measures)))
        if group not in self.groups:
            there = "; ".join(", ".join(g) for g in self.groups)
            raise KeyError(said("column.group", group=", ".join(group), names=there))
        return self.groups.index(group) * len(self.measures) + self.measures.index(measure)


def layout_of(runs: Runs) -> Layout:
    """The rows and columns of a sweep's runs, its scenario's basis the one that is shown."""
    return layout(runs.columns, basis_of(runs))


def basis_of(runs: Runs) -> str:
    """The basis of the scenario from which a sweep starts."""
    tree = tomllib.loads(runs.manifest["scenario"])
    return str(tree.get("interpretation", {}).get("basis", "event"))


def layout(columns: Sequence[Column], basis: str = "event") -> Layout:
    """The rows and columns of a table of runs. Raises ``ValueError`` for columns that make no table."""
    parts = [(column,) if isinstance(column, str) else column for column in columns]
    groups = list(dict.fromkeys(part[:-1] for part in parts))
    measures = list(dict.fromkeys(part[-1] for part in parts))
    if parts != [(*group, measure) for group in groups for measure in measures]:
        raise ValueError("the columns are not those of every measure for every window and basis")
    return Layout(groups, measures, basis)


def points_a_block(store: Runs) -> int:
    return max(1, CELLS // max(1, store.replications * len(store.columns)))


def headlines(shape: Layout) -> list[str]:
    """The measures that are summarised and drawn: those of the headlines that there are, or all."""
    return [m for m in HEADLINES if m in shape.measures] or shape.measures


def write_results(store: RunStore, tick: Callable[[int], None] = lambda points: None) -> list[Path]:
    """Write results.parquet and, unless it would be too long, summary.csv; each whole or not at all.

    Raises ``RunStoreError`` while runs are missing, and ``OSError``.
    """
    shape = layout_of(store)
    wanted = [RESULTS, SUMMARY] if _length(store, shape) <= MOST_ROWS else [RESULTS]
    with ExitStack() as stack:
        paths = {name: stack.enter_context(writing(store.folder / name)) for name in wanted}
        summary = None
        if SUMMARY in paths:
            file = stack.enter_context(paths[SUMMARY].open("w", newline="", encoding=ENCODING))
            summary = Writer(file)
            summary.row(summary_head(store, shape))
        writer = None
        for block in store.blocks(points_a_block(store)):
            table = table_of(store, shape, block)
            if writer is None:
                writer = stack.enter_context(parquet_writer(paths[RESULTS], table.schema))
            writer.write_table(table, row_group_size=len(table))
            if summary:
                for line in summary_lines(store, shape, block):
                    summary.row(line)
            tick(block.first + len(block.values))
    return [store.folder / name for name in wanted]


def summary_of(store: RunStore) -> bytes | None:
    """What summary.csv holds, from the runs themselves; None while any is missing, or if it would be too long."""
    shape = layout_of(store)
    if store.state().missing or _length(store, shape) > MOST_ROWS:
        return None
    text = io.StringIO()
    lines = Writer(text)
    lines.row(summary_head(store, shape))
    for block in store.blocks(points_a_block(store)):
        for line in summary_lines(store, shape, block):
            lines.row(line)
    return text.getvalue().encode(ENCODING)


def _length(store: Runs, shape: Layout) -> int:
    """Rows of the summary."""
    return store.points * len(_shown(shape)) * len(headlines(shape))


def summary_head(store: Runs, shape: Layout) -> list[str]:
    varied = store.sweep["paths"]
    return ["point", *varied, *shape.keys, "measure", "mean", "sd", "ci_low", "ci_high", "replications"]


def table_of(store: Runs, shape: Layout, block: Block) -> Any:
    """All runs of a block: point, replication, varied parameters, window, basis, measures, error."""
    import pyarrow as pa

    points, replications, _ = block.values.shape
    groups = len(shape.groups)
    values = block.values.reshape(-1, len(shape.measures))
    where = np.repeat(np.arange(points), replications * groups)
    zero = store.batches[0].first
    turn = np.tile(np.repeat(np.arange(zero, zero + replications, dtype=np.int32), groups), points)
    columns = {"point": pa.array(block.first + where), "replication": pa.array(turn)}
    for path, column in store.design.values(block.first, block.first + points).items():
        cells = [str(x) for x in column] if path in store.sweep["coded"] else column
        columns[path] = pa.array(cells).take(pa.array(where))
    for i, key in enumerate(shape.keys):
        names = pa.array([group[i] for group in shape.groups])
        columns[key] = names.take(pa.array(np.tile(np.arange(groups), points * replications)))
    columns |= {name: pa.array(np.ascontiguousarray(values[:, i])) for i, name in enumerate(shape.measures)}
    errors: list[str | None] = [None] * len(where)
    for (point, replication), error in block.errors.items():
        first = ((point - block.first) * replications + replication - zero) * groups
        errors[first : first + groups] = [error] * groups
    columns["error"] = pa.array(errors, type=pa.string())
    return pa.table(columns)


def _shown(shape: Layout) -> list[int]:
    """Groups that the summary covers: the windows on the basis that is shown."""
    return [i for i, group in enumerate(shape.groups) if not group or group[1] == shape.basis]


def summary_lines(store: Runs, shape: Layout, block: Block) -> Iterator[list[Any]]:
    mean, sd, half, n = moments(block.values)
    points = len(block.values)
    varied = list(zip(*store.design.values(block.first, block.first + points).values(), strict=True))
    for p in range(points):
        for g in _shown(shape):
            for measure in headlines(shape):
                c = g * len(shape.measures) + shape.measures.index(measure)
                m, h = mean[p, c], half[p, c]
                numbers = [float(x) for x in (m, sd[p, c], m - h, m + h)]
                yield [block.first + p, *varied[p], *shape.groups[g], measure, *numbers, int(n[p, c])]


def moments(values: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean, standard deviation, half-width of the 95 % interval of the mean and number, over axis 1, without nan."""
    from scipy.special import stdtrit

    known = np.isfinite(values)
    n = known.sum(axis=1).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, values, 0.0).sum(axis=1) / n
        apart = np.where(known, values - mean[:, None], 0.0)
        sd = np.sqrt((apart * apart).sum(axis=1) / np.where(n > 1, n - 1.0, np.nan))
        half = stdtrit(np.where(n > 1, n - 1.0, np.nan), 0.975) * sd / np.sqrt(n)
    return mean, sd, half, n
