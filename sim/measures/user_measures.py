"""Measures that users give: a number of a group of lots, for every window, segment and basis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from sim.measures.summary import BASES, Floats, WindowSpan
from sim.model.records import Outcome, Records


class Measure:
    """A measure of lots: derive from it, and give an object of it to ``Scenario.extend``.

    Attributes
    ----------
    name : str
        What it is called in tables; no other measure may be called so.
    of : {"sold", "ended", "listed"}
        Whose lots it is: those that were sold in the window, that ended in it, or that were listed in it. On the basis
        ``cohort`` they were also listed in it.

    Examples
    --------
    >>> import sim
    >>> class Dearest(sim.Measure):
    ...     "The highest price."
    ...     name = "highest_price"
    ...     def value(self, lots):
    ...         return max(lots["price"], default=0.0)
    """

    name: ClassVar[str]
    of: ClassVar[Literal["sold", "ended", "listed"]] = "sold"

    def value(self, lots: Mapping[str, npt.NDArray[Any]]) -> float:
        """The number, of lots given as columns (``RunResult.codebook("lots")``); nan where it is undefined."""
        raise NotImplementedError


class Picked(Mapping[str, npt.NDArray[Any]]):
    """Some rows of a table, each column taken when it is asked for."""

    def __init__(self, columns: Mapping[str, npt.NDArray[Any]], rows: npt.NDArray[np.intp]) -> None:
        self.columns, self.rows = columns, rows

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        return self.columns[name][self.rows]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)


def values_of(
    measure: Measure,
    records: Records,
    windows: Sequence[WindowSpan],
    segments: Sequence[npt.NDArray[np.bool_]],
) -> Floats:
    """(window, segment, basis); ``segments``: which lots are in each."""
    lots = records.lots
    listed: Any = lots["listed"]
    time: Any = listed if measure.of == "listed" else lots["ended"]
    wanted = lots["outcome"] == Outcome.SOLD if measure.of == "sold" else np.isfinite(time)
    out = np.empty((len(windows), len(segments), len(BASES)))
    for w, window in enumerate(windows):
        event = wanted & (time >= window.first) & (time < window.last)
        for b, basis in enumerate((event, event & (listed >= window.first))):
            for s, segment in enumerate(segments):
                out[w, s, b] = measure.value(Picked(lots, np.flatnonzero(basis & segment)))
    return out
