"""The recorder: rows as they happen, columns at the end.

Rows are packed bytes from the beginning, so that memory stays flat and what the processor touches stays small.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.model.lots import Lot
from sim.model.records import SCHEMAS, Records, unpacked

CHUNK = 8192  # rounds kept as single rows before they are put together


class Recorder:
    """What is written down, by one court or by several."""

    def __init__(self) -> None:
        self.lots: list[bytes] = []
        self.rounds: list[bytes] = []
        self.registrations: list[bytes] = []
        self.bids: list[bytes] = []
        self._under_way: dict[int, Lot] = {}
        self._written: dict[str, list[bytes]] = {name: [] for name in SCHEMAS}

    def open(self, lot: Lot) -> None:
        """A lot has come in."""
        self._under_way[lot.lot] = lot

    def close(self, lot: Lot, outcome: int, now: float) -> None:
        """A lot has ended, one way or another."""
        lot.outcome, lot.ended = outcome, now
        del self._under_way[lot.lot]
        self.lots.append(lot.packed())
        if len(self.rounds) > CHUNK:
            self._put_together()

    def records(self, until: float) -> Records:
        """Everything that happened before ``until``; lots under way are entered as they stand.

        Rows are ordered by lot, then time. A registration is written when the lot looks ahead to it, so some lie
        beyond the end.
        """
        self.lots.extend(lot.packed() for lot in self._under_way.values())
        self._put_together()
        tables = {name: unpacked(SCHEMAS[name], b"".join(parts)) for name, parts in self._written.items()}
        came: npt.NDArray[np.bool_] = tables["registrations"]["time"] < until  # type: ignore[operator]
        if not came.all():
            tables["registrations"] = {name: x[came] for name, x in tables["registrations"].items()}
        return Records(**tables)

    def _put_together(self) -> None:
        for name, parts in self._written.items():
            rows: list[bytes] = getattr(self, name)
            parts.append(b"".join(rows))
            rows.clear()
