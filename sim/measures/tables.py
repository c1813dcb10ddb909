"""The measures of one replication as an array, and of many as tidy columns with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
EVENT, COHORT = 0, 1
BASES: Final = ("event", "cohort")


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


def stack(tables: Sequence[MeasureTable]) -> Floats:
    """Values of all replications: (replication, window, segment, basis, measure)."""
    if not tables:
        raise ValueError("no replications to summarise")
    if any(table.axes != tables[0].axes for table in tables):
        raise ValueError("the replications do not have the same windows, segments and measures")
    return np.stack([table.values for table in tables])


def summarise(tables: Sequence[MeasureTable], level: float = 0.95) -> dict[str, list[Any]]:
    """Tidy columns, one row for each window, segment, basis and measure.

    ``mean``, ``sd``: over the replications in which the measure is defined; ``replications``: how many.
    ``ci_low``, ``ci_high``: Student's t interval for the mean. ``low``, ``high``: the central ``level`` of the
    replications themselves (quantiles, interpolated): where one replication falls.
    """
    from scipy.special import stdtrit

    if not 0.0 < level < 1.0:
        raise ValueError(f"level: {level:g} is not between 0 and 1")
    values = np.sort(stack(tables), axis=0)  # undefined ones last
    first = tables[0]
    n = np.isfinite(values).sum(axis=0)
    tail = (1.0 - level) / 2.0
    with np.errstate(invalid="ignore", divide="ignore"):
        known = np.isfinite(values)
        mean = np.where(known, values, 0.0).sum(axis=0) / n
        spread = np.where(known, values - mean, 0.0)
        sd = np.sqrt((spread * spread).sum(axis=0) / np.where(n > 1, n - 1.0, np.nan))
        half = stdtrit(np.where(n > 1, n - 1.0, np.nan), 1.0 - tail) * sd / np.sqrt(n)
    shape = mean.shape
    names = [np.array(axis, dtype=object) for axis in first.axes]
    keys = [
        np.broadcast_to(a.reshape([-1 if i == j else 1 for j in range(4)]), shape)
        for i, a in enumerate(names)
    ]
    columns = dict(zip(("window", "segment", "basis", "measure"), keys, strict=True)) | {
        "mean": mean,
        "sd": sd,
        "ci_low": mean - half,
        "ci_high": mean + half,
        "low": _quantile(values, n, tail),
        "high": _quantile(values, n, 1.0 - tail),
        "replications": n,
    }
    return {name: column.ravel().tolist() for name, column in columns.items()}


def _quantile(values: Floats, n: npt.NDArray[np.intp], share: float) -> Floats:
    """Interpolated quantile of the first ``n`` of the sorted values along axis 0; nan where ``n`` is 0."""
    position = share * np.maximum(n - 1, 0)
    below = position.astype(np.intp)
    above = np.minimum(below + 1, np.maximum(n - 1, 0))
    low = np.take_along_axis(values, below[None], axis=0)[0]
    high = np.take_along_axis(values, above[None], axis=0)[0]
    quantile: Floats = low + (position - below) * (high - low)
    return quantile
