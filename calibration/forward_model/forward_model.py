"""The forward model of a targets file: its scenario, when its lots are listed, and what a batch of parameters gives.

Parameters of the market (interest, values, valuation errors, starts, cuts, what becomes of unsold lots) are followed by
closed forms. Parameters of the inflow (when cases come in, how many clerks, how long pricing takes) decide when lots are
listed: there the simulator is run on a small grid and listing times are blended between its points.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.forward_model.evidence_measures import predicted
from calibration.forward_model.expected_counts import Dated, ExpectedCounts, Mix, Sums, blend
from calibration.forward_model.inflow import Arrivals, Inflow, between
from calibration.forward_model.listing_times import ListingTimes, Periods, periods
from calibration.forward_model.lot_outcomes import rules
from calibration.forward_model.simulated_totals import AGGREGATES, RandomDraws, random_draws, simulated_totals
from calibration.targets.evidence import Fact
from calibration.targets.interpretations import BASES
from calibration.targets.own_rows import touched
from calibration.targets.parameter_space import INFLOW, Space, put, space
from calibration.targets.targets import Targets
from sim.model.calendar import day_of
from sim.scenario.load import Overlay
from sim.scenario.schema import Scenario

Floats = npt.NDArray[np.float64]

NODES: Final = {0: 1, 1: 5, 2: 4}  # points of the grid a dimension
BATCH: Final = 64  # draws evaluated together: of more, what is between leaves a processor's cache


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


def overlay_at(parameters: Space, grid: Grid, point: Sequence[float]) -> Overlay:
    """The scenario values of one point of the grid."""
    if not grid.slots:
        return Overlay("inflow", {})
    only = Space(tuple(parameters.slots[i] for i in grid.slots))
    return only.overlay(np.array(point), {"": date.min}, "inflow")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a batch of n parameter vectors gives. ``sums``: (n, 1, window, basis) each; ``totals``: (n, window, basis, draw,
    AGGREGATES), None without totals; ``runs``: (grid point, replication, window, basis), sums at the scenario's own values for
    each run of listing times, from which the variance of timing is known.
    """

    sums: Sums
    totals: Floats | None
    runs: Sums


class ForwardModel:
    """Everything that stays the same while parameters change."""

    def __init__(
        self, targets: Targets, inflows: Sequence[Inflow], draws: int, seed: int | None = None
    ) -> None:
        """``inflows``: one for each point of the grid; ``draws``: totals drawn for each parameter vector."""
        self.targets = targets
        self.windows = list(targets.windows)
        self.space = space(targets.free, self.windows)
        self.grid = grid_of(self.space)
        self.scenario = targets.loaded.scenario
        self.draws = draws
        self.seed = targets.seed if seed is None else seed
        self.since = since(targets)
        self.every = list(inflows)
        counted = [one.listing_times for one in inflows]
        self.listing_times, self.routes = _travelled(counted, self.space, self.since, self.scenario)
        self.runs = self._runs()
        self.listing_times = [one.averaged() for one in self.listing_times]
        self.lots = self._lots()
        self.random_draws: list[RandomDraws] = random_draws(self.seed, self.lots, draws)
        self.medians = any("premium_median" in f.measures for f in targets.figures("fit", "held_out"))

    def drawing(self, draws: int) -> ForwardModel:
        """The same model with so many totals a vector; the first of them are the same totals."""
        other = copy.copy(self)
        other.draws = draws
        other.random_draws = random_draws(self.seed, self.lots, draws)
        return other

    def seeded(self, seed: int) -> ForwardModel:
        """The same model, its totals drawn with other random numbers."""
        other = copy.copy(self)
        other.seed, other.random_draws = seed, random_draws(seed, self.lots, self.draws)
        return other

    def _lots(self) -> list[int]:
        """Sold lots of each window: as published, else as the scenario's own values give."""
        published = [self.targets.windows[w].value("sold") for w in self.windows]
        if not any(np.isnan(x) for x in published):
            return [int(x) for x in published]
        own = self.sums(self.space.base[None, :]).lots_sold.mean(axis=1)[0, :, 0]
        return [round(b) if np.isnan(a) else int(a) for a, b in zip(published, own, strict=True)]

    def expected(
        self,
        theta: Floats,
        laid: Mapping[str, float | Floats] | None = None,
        under: ListingTimes | None = None,
    ) -> ExpectedCounts:
        """Expectations of a batch, with other values (a policy's; one, or one a draw) laid over it in all periods, under listing times of its own or
        those given.
        """
        listing_times = (
            blend([under], np.ones((len(theta), 1)))
            if under
            else blend(self.listing_times, self.grid.weights(theta))
        )
        over = {path: np.full(len(theta), value) for path, value in (laid or {}).items()}
        values = {**self.space.values(theta, self.windows[0]), **over}
        if not self.space.dated:
            return ExpectedCounts(self.scenario, values, listing_times, Dated(self.routes, None, (values,)))
        by_period = tuple({**self.space.values(theta, name), **over} for name in self.windows)
        interest = None
        if any(slot.window and "interest.mean" in slot.free.paths for slot in self.space.slots):
            interest = np.stack([one["interest.mean"] for one in by_period], axis=1)
        return ExpectedCounts(self.scenario, values, listing_times, Dated(self.routes, interest, by_period))

    def typical(self, theta: Floats) -> dict[str, Floats]:
        """Scenario values by path, (n,) each: of what changes between periods the mean, on its own scale, weighted by the
        lots that each period reports.
        """
        space, weight = self.space, self.weight
        mean = theta.copy()
        for i, slot in enumerate(space.slots):
            if slot.window == self.windows[0]:
                same = [space.names.index(f"{slot.free.name}@{w}") for w in self.windows]
                mean[:, i] = theta[:, same] @ weight
        return space.values(mean, self.windows[0])

    def measured(self, theta: Floats, facts: Sequence[Fact]) -> Floats:
        """(n, facts): each fact's measure on its scale, under its own conditions: of rows of one window with that period's values, else
        with typical ones.
        """
        found = np.empty((len(theta), len(facts)))
        of: dict[str | None, list[int]] = {}
        for i, fact in enumerate(facts):
            windows = touched(self.targets, fact)
            of.setdefault(windows[0] if len(windows) == 1 else None, []).append(i)
        for window, mine in of.items():
            values = self.typical(theta) if window is None else self.space.values(theta, window)
            found[:, mine] = predicted(self.scenario, values, [facts[i] for i in mine])
        return found

    @property
    def weight(self) -> Floats:
        """(windows,) shares of the lots that the windows report; alike where some do not say."""
        lots = np.array([self.targets.windows[w].value("lots") for w in self.windows])
        return np.full(len(lots), 1.0 / len(lots)) if np.isnan(lots).any() else lots / lots.sum()

    @property
    def history(self) -> float:
        """Lots that the windows report, together; as listed in the simulator where some do not say."""
        lots = np.array([self.targets.windows[w].value("lots") for w in self.windows])
        listed = np.mean([one.listed.sum(axis=(1, 3, 4)).mean() for one in self.listing_times])
        return float(listed if np.isnan(lots).any() else lots.sum())

    def sums(self, theta: Floats) -> Sums:
        """Expected counts of a batch."""
        return self.expected(theta).sums()

    def mix(self, theta: Floats) -> Mix:
        """What the lots sold in each window are like."""
        return self.expected(theta).mix()

    def _runs(self) -> Sums:
        """Sums of every run of listing times, at the scenario's own values of the market."""
        every = [self.expected(self.space.base[None, :], under=one).sums() for one in self.listing_times]
        return Sums(**{f.name: np.concatenate([getattr(one, f.name) for one in every]) for f in fields(Sums)})

    def counting(self, basis: str) -> ForwardModel:
        """The same model that counts on one basis only: twice as fast."""
        b = BASES.index(basis)
        other = copy.copy(self)
        names = [f.name for f in fields(ListingTimes) if f.name not in ("cases", "listed")]
        other.listing_times = [
            replace(one, **{n: getattr(one, n)[..., b : b + 1] for n in names}) for one in self.listing_times
        ]
        other.runs = Sums(**{f.name: getattr(self.runs, f.name)[..., b : b + 1] for f in fields(Sums)})
        return other

    def outcome(self, theta: Floats) -> Outcome:
        """Expected counts and totals of a batch (at most ``BATCH`` at a time is fastest)."""
        expected = self.expected(theta)
        mix = expected.mix()
        n, windows, bases = mix.weight.shape[:3]
        totals = np.empty((n, windows, bases, self.draws, len(AGGREGATES)))
        for w, b in product(range(windows), range(bases)):
            totals[:, w, b] = simulated_totals(mix, w, b, self.random_draws[w], self.medians)
        return Outcome(expected.sums(), totals, self.runs)

    def arrivals(self, theta: Floats) -> Arrivals:
        """The arrivals under which windows list what was reported, between those that were solved."""
        return between([one.arrivals for one in self.every], self.grid.weights(theta[None, :])[0])

    def overlay(self, theta: Floats, name: str, arrivals: Arrivals | None = None) -> Overlay:
        """One vector as values to lay over the targets' scenario, with its arrivals or others."""
        tree = self.space.overlay(theta, self.since, name).tree
        for key, number in (arrivals or self.arrivals(theta)).values.items():
            put(tree, key, number)
        return Overlay(name, tree)


def since(targets: Targets) -> dict[str, date]:
    """The first day of the period that belongs to each window: the horizon's first, then the windows' own."""
    start = targets.loaded.scenario.time.start
    return {
        name: window.first if i and window.first else start
        for i, (name, window) in enumerate(targets.windows.items())
    }


def through(targets: Targets) -> Periods:
    """Between which days parameters may change, with the routes that lots can take."""
    scenario = targets.loaded.scenario
    parameters = space(targets.free, list(targets.windows))
    days = since(targets).values() if parameters.dated else [scenario.time.start]
    return periods([day_of(day, scenario.time.start) for day in days], len(rules(scenario).stages))


def _travelled(
    listing_times: Sequence[ListingTimes], parameters: Space, since: Mapping[str, date], scenario: Scenario
) -> tuple[list[ListingTimes], tuple[tuple[int, ...], ...]]:
    """Listing times without the routes that no lot takes, and the routes that are left."""
    number = len(since) if parameters.dated else 1
    routes = periods(range(number), len(rules(scenario).stages)).routes
    taken = [r for r in range(len(routes)) if any(one.listed[:, r].any() for one in listing_times)]
    names = [f.name for f in fields(ListingTimes) if f.name != "cases"]
    kept = [
        replace(
            one,
            **{n: np.take(getattr(one, n), taken, axis=2 if n.startswith("booked") else 1) for n in names},
        )
        for one in listing_times
    ]
    return kept, tuple(routes[r] for r in taken)
