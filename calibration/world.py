"""The world of a targets file: its scenario, when its lots are listed, and what a batch of parameters makes of them.

Parameters of the market (interest, values, valuation errors, starts, cuts, what becomes of unsold lots) are followed by
closed forms. Parameters of the inflow (when cases come in, how many clerks, how long pricing takes) decide when lots are
listed: there the simulator is run on a small grid and exposures are blended between its points.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.expected import Expected, Sums, blend
from calibration.exposure import Exposure
from calibration.parameters import Space, space
from calibration.sheet import AGGREGATES, Luck, luck, sheet
from calibration.targets import Targets
from sim.scenario.load import Sheet

Floats = npt.NDArray[np.float64]

MARKET: Final = re.compile(
    r"interest\.(mean|dispersion|persistence|location|spread)|pricing\.[^.]+\.(bias|noise)"
    r"|start\.(ratio|token_share|token_ratio)|kinds\.[^.]+\.(share|value_median|value_log_sd|interest)"
    r"|rounds\.[^.]+\.(cut|interest)|disposal\.(withdrawal_rate|default_rate|in_kind_second|in_kind_last)"
)
INFLOW: Final = re.compile(
    r"docket\..+|courts\..+|pricing\.[^.]+\.(share|days_low|days_high|since)"
    r"|rounds\.[^.]+\.(relist_days|notice_days_movable|notice_days_immovable|window_days)|disposal\.(suspension_share|suspension_days|payment_days)"
)
MOST_INFLOW: Final = 2
NODES: Final = {0: 1, 1: 5, 2: 4}  # points of the grid a dimension
BATCH: Final = 32  # draws evaluated together: what fits a processor's cache


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
        self.lots = self._lots()
        self.luck: list[Luck] = luck(self.seed, self.lots, draws)
        self.medians = any("premium_median" in f.measures for f in targets.figures("fit", "held_out"))
        self.per_window = any(slot.window for slot in self.space.slots)

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

    def _lots(self) -> list[int]:
        """Sold lots of each window: as printed, else as the scenario's own values give."""
        printed = [self.targets.windows[w].value("sold") for w in self.windows]
        if not any(np.isnan(x) for x in printed):
            return [int(x) for x in printed]
        own = self.sums(self.space.base[None, :]).lots_sold.mean(axis=1)[0, :, 0]
        return [round(b) if np.isnan(a) else int(a) for a, b in zip(printed, own, strict=True)]

    def _each(self, theta: Floats) -> list[tuple[Expected, list[int]]]:
        """Expectations, and the windows each holds for: one for all, or one a window where parameters differ by it."""
        exposure = blend(self.exposures, self.grid.weights(theta))
        if not self.per_window:
            return [
                (Expected(self.scenario, self.space.values(theta), exposure), list(range(len(self.windows))))
            ]
        return [
            (Expected(self.scenario, self.space.values(theta, name), exposure), [w])
            for w, name in enumerate(self.windows)
        ]

    def sums(self, theta: Floats) -> Sums:
        """Expected counts of a batch."""
        return _joined([(one.sums(), windows) for one, windows in self._each(theta)])

    def outcome(self, theta: Floats, bases: Sequence[int] = (0, 1)) -> Outcome:
        """Expected counts and sheets of a batch (at most ``BATCH`` at a time is fastest)."""
        sheets = np.full((len(theta), len(self.windows), 2, self.draws, len(AGGREGATES)), np.nan)
        parts = []
        for one, windows in self._each(theta):
            parts.append((one.sums(), windows))
            mix = one.mix()
            for i in range(len(theta)):
                for w in windows:
                    for b in bases:
                        sheets[i, w, b] = sheet(mix, i, w, b, self.luck[w], self.medians)
        return Outcome(_joined(parts), sheets)


def _joined(parts: Sequence[tuple[Sums, list[int]]]) -> Sums:
    """Sums whose windows come from different parts."""
    if len(parts) == 1:
        return parts[0][0]
    from dataclasses import fields

    return Sums(
        **{
            f.name: np.concatenate([getattr(s, f.name)[:, :, w] for s, w in parts], axis=2)
            for f in fields(Sums)
        }
    )


def problems(targets: Targets) -> list[tuple[str, str]]:
    """Free parameters that cannot be calibrated, as (name, why)."""
    found = []
    inflow = 0
    for one in targets.free:
        kinds = {
            "market" if MARKET.fullmatch(p) else "inflow" if INFLOW.fullmatch(p) else "none"
            for p in one.paths
        }
        if kinds == {"market"}:
            continue
        if kinds == {"inflow"}:
            inflow += 1
            if one.per_window:
                found.append((one.name, "decides when lots are listed, so it cannot differ by window"))
            continue
        odd = next(
            (p for p in one.paths if not MARKET.fullmatch(p) and not INFLOW.fullmatch(p)), one.paths[0]
        )
        found.append(
            (one.name, f"{odd} cannot be calibrated: neither a parameter of the market nor of the inflow")
        )
    if inflow > MOST_INFLOW:
        found.append(("free", f"{inflow} parameters of the inflow; at most {MOST_INFLOW} can be free"))
    return found


def as_date(ordinal: float) -> date:
    """A day from the transformed scale of dates."""
    return date.fromordinal(round(ordinal))
