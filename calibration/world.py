"""The world of a targets file: its scenario, when its lots are listed, and what a batch of parameters makes of them.

Parameters of the market (interest, values, valuation errors, starts, cuts, what becomes of unsold lots) are followed by
closed forms. Parameters of the inflow (when cases come in, how many clerks, how long pricing takes) decide when lots are
listed: there the simulator is run on a small grid and exposures are blended between its points.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.expected import Expected, Mix, Sums, blend
from calibration.exposure import Exposure
from calibration.parameters import INFLOW, Space, space
from calibration.sheet import AGGREGATES, Luck, luck, sheet
from calibration.targets import Targets
from sim.scenario.load import Sheet

Floats = npt.NDArray[np.float64]

NODES: Final = {0: 1, 1: 5, 2: 4}  # points of the grid a dimension
BATCH: Final = 16  # draws evaluated together: what fits a processor's cache


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the simulator is run for listing times: slots of the vector, and their values on each axis."""

    slots: tuple[int, ...]
    axes: tuple[Floats, ...]

    @property
    def points(self) -> list[tuple[float, ...]]:
        return [tuple(float(x) for x in point) for point in product(*self.axes)]

    def weights(self, theta: Floats) -> Floats:
        """(n, points) weights of multilinear interpolation."""
        found = np.ones((len(theta), 1))
        for slot, axis in zip(self.slots, self.axes, strict=True):
            at = np.clip(np.interp(theta[:, slot], axis, np.arange(len(axis))), 0, len(axis) - 1)
            hat = np.maximum(1.0 - np.abs(at[:, None] - np.arange(len(axis))), 0.0)
            found = (found[:, :, None] * hat[:, None, :]).reshape(len(theta), -1)
        return found


def grid_of(parameters: Space) -> Grid:
    """The grid over the inflow's parameters."""
    slots = tuple(i for i, slot in enumerate(parameters.slots) if INFLOW.fullmatch(slot.free.paths[0]))
    number = NODES[len(slots)]
    axes = tuple(np.linspace(parameters.low[i], parameters.high[i], number) for i in slots)
    return Grid(slots, axes)


def sheet_at(parameters: Space, grid: Grid, point: Sequence[float]) -> Sheet:
    """The scenario values of one point of the grid."""
    theta = parameters.base.copy()
    theta[list(grid.slots)] = point
    only = Space(tuple(parameters.slots[i] for i in grid.slots))
    return only.sheet(theta[list(grid.slots)], None, "inflow") if grid.slots else Sheet("inflow", {})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a batch of n parameter vectors gives. ``sums``: (n, replication, window, basis) each;
    ``sheets``: (n, window, basis, draw, AGGREGATES), nan on bases not asked for, None without sheets.
    """

    sums: Sums
    sheets: Floats | None


class World:
    """Everything that stays the same while parameters change."""

    def __init__(
        self, targets: Targets, exposures: Sequence[Exposure], draws: int, seed: int | None = None
    ) -> None:
        """``exposures``: one for each point of the grid; ``draws``: sheets drawn for each parameter vector."""
        self.targets = targets
        self.windows = list(targets.windows)
        self.space = space(targets.free, self.windows)
        self.grid = grid_of(self.space)
        self.scenario = targets.loaded.scenario
        self.exposures = list(exposures)
        self.draws = draws
        self.seed = targets.seed if seed is None else seed
        self.per_window = any(slot.window for slot in self.space.slots)
        self.lots = self._lots()
        self.luck: list[Luck] = luck(self.seed, self.lots, draws)
        self.medians = any("premium_median" in f.measures for f in targets.figures("fit", "held_out"))

    def holding_out(self, window: str) -> World:
        """The same world with one window's figures not fitted."""
        other = copy.copy(self)
        windows = dict(self.targets.windows)
        held = {
            name: replace(figure, role="held_out") if figure.role == "fit" else figure
            for name, figure in windows[window].figures.items()
        }
        windows[window] = replace(windows[window], figures=held)
        other.targets = replace(self.targets, windows=windows)
        return other

    def drawing(self, draws: int) -> World:
        """The same world with so many sheets a vector; the first of them are the same sheets."""
        other = copy.copy(self)
        other.draws = draws
        other.luck = luck(self.seed, self.lots, draws)
        return other

    def _lots(self) -> list[int]:
        """Sold lots of each window: as printed, else as the scenario's own values give."""
        printed = [self.targets.windows[w].value("sold") for w in self.windows]
        if not any(np.isnan(x) for x in printed):
            return [int(x) for x in printed]
        own = self.sums(self.space.base[None, :]).lots_sold.mean(axis=1)[0, :, 0]
        return [round(b) if np.isnan(a) else int(a) for a, b in zip(printed, own, strict=True)]

    def _expected(self, theta: Floats) -> Expected:
        """Expectations of a batch: a row a vector; where parameters differ by window, a row a window and vector."""
        exposure = blend(self.exposures, self.grid.weights(theta))
        if not self.per_window:
            return Expected(self.scenario, self.space.values(theta), exposure)
        by_window = [self.space.values(theta, name) for name in self.windows]
        values = {path: np.concatenate([one[path] for one in by_window]) for path in by_window[0]}
        return Expected(self.scenario, values, _one_window_each(exposure))

    def _sums(self, expected: Expected, number: int) -> Sums:
        found = expected.sums()
        if not self.per_window:
            return found
        names = [f.name for f in fields(Sums)]
        return Sums(**{name: _windows_back(getattr(found, name), number) for name in names})

    def sums(self, theta: Floats) -> Sums:
        """Expected counts of a batch."""
        return self._sums(self._expected(theta), len(theta))

    def mix(self, theta: Floats, window: int) -> Mix:
        """What the lots sold in one window are like, its axis of windows of length 1."""
        found, n = self._expected(theta).mix(), len(theta)
        one: tuple[slice, ...] = (slice(None), slice(window, window + 1))
        if self.per_window:
            one = (slice(window * n, (window + 1) * n), slice(None))
        parts = {f.name: getattr(found, f.name) for f in fields(Mix)}
        return Mix(**{name: x[one[0]] if x.ndim == 2 else x[one] for name, x in parts.items()})

    def outcome(self, theta: Floats, bases: Sequence[int] = (0, 1)) -> Outcome:
        """Expected counts and sheets of a batch (at most ``BATCH`` at a time is fastest)."""
        n = len(theta)
        expected = self._expected(theta)
        sheets = np.full((n, len(self.windows), 2, self.draws, len(AGGREGATES)), np.nan)
        if len(bases):
            mix = expected.mix()
            for w in range(len(self.windows)):
                row, window = (w * n, 0) if self.per_window else (0, w)
                for i in range(n):
                    for b in bases:
                        sheets[i, w, b] = sheet(mix, row + i, window, b, self.luck[w], self.medians)
        return Outcome(self._sums(expected, n), sheets)


def _one_window_each(exposure: Exposure) -> Exposure:
    """An exposure of n draws and W windows as one of W n draws, window by window, of one window each."""
    parts = {}
    for f in fields(Exposure):
        x = getattr(exposure, f.name)
        axis = -1 if f.name in ("listed", "cases") else -2
        moved = np.moveaxis(x, axis, 0)  # (W, n, ...)
        flat = moved.reshape(-1, *moved.shape[2:])
        parts[f.name] = np.expand_dims(flat, axis)
    return Exposure(**parts)


def _windows_back(x: Floats, number: int) -> Floats:
    """(W n, replication, 1, basis) to (n, replication, W, basis)."""
    return np.asarray(np.moveaxis(x[:, :, 0].reshape(-1, number, *x.shape[1:2], x.shape[3]), 0, 2))


def as_date(ordinal: float) -> date:
    """A day from the transformed scale of dates."""
    return date.fromordinal(round(ordinal))
