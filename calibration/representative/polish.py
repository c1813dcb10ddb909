"""A vector polished in the simulator until it gives the published figures.

Closed forms say how figures change with parameters, the simulator where they are: a few replications at a time, each time
at the vector that all of them together recommend (stochastic approximation, Robbins & Monro 1951, with averaging). Moved are
who comes and what lots are worth, period by period, how late unsold lots are booked, and when inflow begins, each by as little as
its spread in the posterior allows; everything else stays as it was drawn. The arrivals' numbers are corrected alongside, so that
cases and lots listed are met. Whether figures are met is judged on replications that nothing was polished with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.answers.simulated import figure
from calibration.estimation.density import Density
from calibration.forward_model.forward_model import ForwardModel
from calibration.forward_model.inflow import Arrivals
from calibration.forward_model.listing_times import spans_of
from calibration.forward_model.lot_outcomes import rules
from calibration.forward_model.overlays import over
from calibration.targets.interpretations import RATIOS
from calibration.targets.schema import Standing
from sim.measures import MeasureTable, compute
from sim.model.simulate import simulate
from sim.reporting.compare import is_inside
from sim.scenario.published import cannot_fail

Floats = npt.NDArray[np.float64]
Play = Callable[
    [Floats, Arrivals, Sequence[int]], list[MeasureTable]
]  # replications at a vector and its arrivals

MOVED: Final = re.compile(
    r"interest\.mean|kinds\.[^.]+\.value_median|disposal\.booking_days|arrivals\.periods\.[^.]+\.first"
)
STEPS: Final = (4, 4, 6, 6, 6, 6, 6)  # replications; the first two only lead there
LEADING: Final = 2
SHOWN: Final = (
    60  # replications in which figures are compared in the end: those of ``sim run`` and as many more twice
)
APART: Final = 1000  # number of the first replication that is polished with: none of those that are shown
TIGHT: Final = 4.0  # how much more the figures weigh than in the posterior
FARTHEST: Final = 2.0  # standard deviations of the posterior that one step moves at most
STEP: Final = 0.05  # of numerical derivatives, in straight coordinates
BAND: Final = (0.025, 0.975)
WELL: Final = (
    0.05,
    0.95,
)  # share of replications below a figure that is met, so that it is met under other random numbers too


@dataclass(frozen=True, slots=True)
class FigureReproduced:
    """A published figure and what replications give: their median and 95 % band, and the share of them below the figure."""

    window: str
    figure: str
    measure: str
    published: float
    low: float
    median: float
    high: float
    below: float
    role: Standing

    @property
    def must(self) -> bool:
        """Whether it is to be met."""
        return self.role != "held_out"

    @property
    def counts(self) -> bool:
        """Whether the model must produce it, an input it is not, and can miss it."""
        return self.role == "fit" and not cannot_fail(self.published, self.low, self.high)

    @property
    def well(self) -> bool:
        """Whether it is met with room to spare; one that rounding makes equal in all replications is."""
        return self.inside and WELL[0] <= self.below <= WELL[1]

    @property
    def inside(self) -> bool:
        return is_inside({"published": self.published, "low": self.low, "high": self.high})


@dataclass(frozen=True, slots=True)
class Polished:
    """Where polishing ends: straight coordinates, the arrivals, and published figures there."""

    y: Floats
    arrivals: Arrivals
    figures: tuple[FigureReproduced, ...]


@dataclass(frozen=True, slots=True)
class _Look:
    """What some replications gave. ``off``: (moments,) less what was published; ``listed``: (cases and lots, period) log ratios."""

    y: Floats
    coming: Floats  # (cases and lots, period) logs, above those that were solved for the vector
    off: Floats
    listed: Floats
    number: int


def reported(model: ForwardModel, theta: Floats, arrivals: Arrivals, number: int) -> MeasureTable:
    """Every measure of one replication at a vector: a step of the pipeline."""
    scenario = over(model.targets, [model.overlay(theta, "polished", arrivals)])
    rounds = [stage.name for stage in rules(scenario).stages]
    return compute(
        simulate(scenario, number), spans_of(scenario, model.windows), list(scenario.kinds), rounds
    )


def moved(one: Density) -> npt.NDArray[np.intp]:
    """Places of the parameters that are moved; all but those of the inflow where none of the usual ones is free."""
    slots = one.model.space.slots
    usual = [i for i, slot in enumerate(slots) if all(MOVED.fullmatch(path) for path in slot.free.paths)]
    return np.array(usual or [i for i in range(len(slots)) if i not in one.model.grid.slots], dtype=np.intp)


def polished(one: Density, y: Floats, covariance: Floats, arrivals: Arrivals, play: Play) -> Polished:
    """``covariance``: (p, p) of the posterior in straight coordinates; ``y``: where it begins."""
    free = moved(one)
    root = np.linalg.inv(np.linalg.cholesky(covariance[np.ix_(free, free)]))
    begin, looks, seen = y, list[_Look](), APART
    for number in STEPS:
        tables = play(one.straight.back(y[None])[0][0], arrivals, range(seen, seen + number))
        seen += number
        looks.append(_look(one, y, arrivals, tables))
        kept = looks[min(len(looks) - 1, LEADING) :]
        y = _next(one, begin, y, free, root, kept)
        arrivals = _arrivals(kept, one.model.arrivals(one.straight.back(y[None])[0][0]))
    tables = play(one.straight.back(y[None])[0][0], arrivals, range(SHOWN))
    return Polished(y, arrivals, tuple(figures(one, tables)))


def _look(one: Density, y: Floats, arrivals: Arrivals, tables: Sequence[MeasureTable]) -> _Look:
    basis = one.interpretation.basis
    found = np.array([[figure(table, m, basis) for m in one.moments] for table in tables])
    off = np.nanmean(np.where(np.isfinite(found), found, np.nan), axis=0) - [m.observed for m in one.moments]
    listed = np.zeros((2, len(arrivals.periods)))
    for i, (name, measure) in enumerate((("cases", "cases"), ("lots", "lots_listed"))):
        for w, window in enumerate(arrivals.periods):
            published = one.model.targets.windows[window].value(name)
            mean = np.mean([table.value(measure, window) for table in tables])
            listed[i, w] = np.log(mean / published) if published > 0 and mean > 0 else 0.0
    above = _logs(arrivals) - _logs(one.model.arrivals(one.straight.back(y[None])[0][0]))
    return _Look(y, above, np.nan_to_num(off), listed, len(tables))


def _logs(arrivals: Arrivals) -> Floats:
    return np.log(np.stack([arrivals.cases, arrivals.lots]))


def _arrivals(looks: Sequence[_Look], solved: Arrivals) -> Arrivals:
    """The arrivals that all looks recommend where these were solved for: as much more comes in as was missing."""
    above = np.average(
        [look.coming - look.listed for look in looks], axis=0, weights=[x.number for x in looks]
    )
    cases, lots = np.exp(_logs(solved) + above)
    return Arrivals(solved.periods, cases, np.maximum(lots, cases), solved.unmet)


def _next(
    one: Density, begin: Floats, y: Floats, free: npt.NDArray[np.intp], root: Floats, looks: Sequence[_Look]
) -> Floats:
    """The vector that all looks recommend: figures met, not far from where it began."""
    slopes, sd = _slopes(one, y, free)
    number = [look.number for look in looks]
    off = np.average([look.off + slopes @ (y - look.y)[free] for look in looks], axis=0, weights=number)
    weight = np.sqrt(TIGHT) / sd
    a = np.concatenate([weight[:, None] * slopes, root])
    b = np.concatenate([-weight * off, root @ (begin - y)[free]])
    change = np.linalg.lstsq(a, b, rcond=None)[0]
    length = float(np.linalg.norm(root @ change))
    found = y.copy()
    found[free] += change * min(1.0, FARTHEST / max(length, 1e-12))
    return found


def _slopes(one: Density, y: Floats, free: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
    """(moments, free) derivatives of what closed forms expect, and (moments,) sd of a figure by chance and rounding."""
    points = np.repeat(y[None], 2 * len(free) + 1, axis=0)
    for i, slot in enumerate(free):
        points[2 * i, slot] += STEP
        points[2 * i + 1, slot] -= STEP
    space = one.model.space
    prediction = one.predict(np.clip(one.straight.back(points)[0], space.low, space.high))
    slopes = (prediction.mean[:-1:2] - prediction.mean[1:-1:2]).T / (2.0 * STEP)
    own = np.array([m.rounding**2 for m in one.moments])
    return np.asarray(slopes), np.sqrt(prediction.cov[-1].diagonal() + own)


def figures(one: Density, tables: Sequence[MeasureTable]) -> list[FigureReproduced]:
    """Every figure that was published, at some replications."""
    found = []
    for published in one.model.targets.figures("fit", "input", "held_out"):
        measure = one.interpretation.measure(published.name, next(iter(published.measures)))
        plain = RATIOS.get(measure, measure)
        shift = 1.0 if measure in RATIOS else 0.0
        values = (
            np.array(
                [table.value(plain, published.window, basis=one.interpretation.basis) for table in tables]
            )
            + shift
        )
        low, median, high = np.nanquantile(values, (BAND[0], 0.5, BAND[1]))
        below = float((values < published.value).mean() + 0.5 * (values == published.value).mean())
        found.append(
            FigureReproduced(
                published.window, published.name, measure, published.value, float(low), float(median), float(high),
                below, published.role,
            )
        )  # fmt: skip
    return found
