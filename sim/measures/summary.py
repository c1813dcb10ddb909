"""The measures of one replication as an array, and of many as tidy columns with intervals."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sim.locale.language import said
from sim.measures.quantiles import interpolated

Floats = npt.NDArray[np.float64]
EVENT, COHORT = 0, 1
BASES: Final = ("event", "cohort")
Axes = tuple[tuple[str, ...], ...]
KEYS: Final = ("window", "segment", "basis", "measure")


@dataclass(frozen=True, slots=True)
class WindowSpan:
    """A reporting window: [first, last) in model days, ``last`` being 00:00 of the day after its last day."""

    name: str
    first: float
    last: float

    def __post_init__(self) -> None:
        if not self.first < self.last:
            raise ValueError(f"window {self.name}: [{self.first:g}, {self.last:g}) holds no time")


@dataclass(frozen=True, slots=True, eq=False)
class MeasureTable:
    """Measures of one replication. ``values``: (window, segment, basis, measure); nan where undefined."""

    windows: tuple[str, ...]
    segments: tuple[str, ...]
    bases: tuple[str, ...]
    measures: tuple[str, ...]
    values: Floats

    @property
    def axes(self) -> tuple[tuple[str, ...], ...]:
        return self.windows, self.segments, self.bases, self.measures

    def value(self, measure: str, window: str, segment: str = "all", basis: str = "event") -> float:
        """One number by its names. Raises ``KeyError`` naming what is unknown."""
        where = []
        for axis, name in zip(self.axes, (window, segment, basis, measure), strict=True):
            if name not in axis:
                raise KeyError(f"{name!r} is not among {', '.join(axis)}")
            where.append(axis.index(name))
        return float(self.values[tuple(where)])


class NothingSharedError(Exception):
    """Tables that have no window, segment, basis or measure in common; the message says which."""


def shared(tables: Sequence[MeasureTable]) -> Axes:
    """The windows, segments, bases and measures that all tables have, in the first one's order.

    Raises ``NothingSharedError`` if there is nothing in common on one of the axes.
    """
    axes = tuple(
        tuple(name for name in tables[0].axes[i] if all(name in table.axes[i] for table in tables))
        for i in range(len(KEYS))
    )
    for names, what in zip(axes, KEYS, strict=True):
        if not names:
            raise NothingSharedError(said(f"shared.{what}"))
    return axes


def differing(one: MeasureTable, other: MeasureTable) -> set[str]:
    """Names on any axis that only one of the two has."""
    return {name for a, b in zip(one.axes, other.axes, strict=True) for name in set(a) ^ set(b)}


def places(table: MeasureTable, axes: Axes) -> list[list[int]]:
    """Where the names of ``axes`` stand on those of the table."""
    return [[axis.index(name) for name in names] for axis, names in zip(table.axes, axes, strict=True)]


def restricted(table: MeasureTable, axes: Axes) -> MeasureTable:
    """The table on some of its windows, segments, bases and measures."""
    if table.axes == axes:
        return table
    windows, segments, bases, measures = axes
    return MeasureTable(windows, segments, bases, measures, table.values[np.ix_(*places(table, axes))])


class Gathered:
    """Tables of many replications: their numbers one after another in one block of memory, their names once."""

    def __init__(self, tables: Sequence[MeasureTable] = ()) -> None:
        self.first: MeasureTable | None = None
        self._numbers = array("d")
        for table in tables:
            self.add(table)

    def add(self, table: MeasureTable) -> None:
        """Raises ``ValueError`` if it has other windows, segments or measures than the first one."""
        self.first = self.first or table
        if table.axes != self.first.axes:
            raise ValueError("the replications do not have the same windows, segments and measures")
        self._numbers.frombytes(np.ascontiguousarray(table.values, dtype=np.float64).tobytes())

    def add_shared(self, table: MeasureTable) -> set[str]:
        """Add a table that may have other names: what it has in common with all others stays, and nothing else.

        Returns the names that do not stay for it. Raises ``NothingSharedError`` if there would be none on one of the axes.
        """
        if self.first is None or table.axes == self.first.axes:
            self.add(table)
            return set()
        axes, left_out = shared([self.first, table]), differing(self.first, table)
        if axes != self.first.axes:
            at = np.ix_(range(len(self)), *places(self.first, axes))
            self._numbers = array("d", np.ascontiguousarray(self.values[at]).tobytes())
            self.first = restricted(self.first, axes)
        self.add(restricted(table, axes))
        return left_out

    def __len__(self) -> int:
        return len(self._numbers) // self.first.values.size if self.first else 0

    @property
    def values(self) -> Floats:
        """(replication, window, segment, basis, measure); no copy, so nothing can be added while it is held."""
        if self.first is None:
            raise ValueError("no replications to summarise")
        return np.frombuffer(self._numbers).reshape(-1, *self.first.values.shape)


def summarise(tables: Sequence[MeasureTable] | Gathered, level: float = 0.95) -> dict[str, list[Any]]:
    """Tidy columns, one row for each window, segment, basis and measure.

    ``mean``, ``sd``: over the replications in which the measure is defined; ``replications``: how many.
    ``ci_low``, ``ci_high``: Student's t interval for the mean. ``low``, ``high``: the central ``level`` of the
    replications themselves (quantiles, interpolated): where one replication falls.
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"level: {level:g} is not between 0 and 1")
    gathered = tables if isinstance(tables, Gathered) else Gathered(tables)
    values = gathered.values
    assert gathered.first is not None
    columns: dict[str, list[Any]] = {}
    for i, window in enumerate(
        gathered.first.windows
    ):  # one after another: what is needed beside the values is a copy
        names = [np.array(axis, dtype=object) for axis in gathered.first.axes[1:]]
        found = _summary(values[:, i], level)
        keys = [
            np.broadcast_to(a.reshape([-1 if j == k else 1 for k in range(3)]), values.shape[2:])
            for j, a in enumerate(names)
        ]
        block = {"window": np.full(values.shape[2:], window, dtype=object)}
        block |= dict(zip(("segment", "basis", "measure"), keys, strict=True)) | found
        for name, column in block.items():
            columns.setdefault(name, []).extend(column.ravel().tolist())
    return columns


def _summary(values: Floats, level: float) -> dict[str, npt.NDArray[Any]]:
    """Of (replication, ...): what ``summarise`` says of every cell."""
    from scipy.special import stdtrit

    values = np.sort(values, axis=0)  # undefined ones last
    known = np.isfinite(values)
    n = known.sum(axis=0)
    tail = (1.0 - level) / 2.0
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, values, 0.0).sum(axis=0) / n
        spread = np.where(known, values - mean, 0.0)
        sd = np.sqrt((spread * spread).sum(axis=0) / np.where(n > 1, n - 1.0, np.nan))
        half = stdtrit(np.where(n > 1, n - 1.0, np.nan), 1.0 - tail) * sd / np.sqrt(n)
    return {
        "mean": mean,
        "sd": sd,
        "ci_low": mean - half,
        "ci_high": mean + half,
        "low": interpolated(values, n, tail),
        "high": interpolated(values, n, 1.0 - tail),
        "replications": n,
    }
