"""What the model says each printed figure should have been: the set's spread and chance together, in printed units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.evaluate import prediction
from calibration.moments import Moment, moments
from calibration.policy import interval
from calibration.readings import BASES, RATIOS, Reading
from calibration.targets import Figure, Targets
from calibration.world import World

Floats = npt.NDArray[np.float64]

PER_VECTOR: Final = 8  # draws of chance for each vector of the set


@dataclass(frozen=True, slots=True)
class Fit:
    """One figure under one reading. ``printed``, ``low``, ``median``, ``high``: in the figure's unit; ``z``: (model's mean -
    print) / sd at the best vector, all errors counted; ``inside``: print lies in the central 95 %.
    """

    reading: str
    window: str
    figure: str
    measure: str
    basis: str
    role: str
    printed: float
    low: float
    median: float
    high: float
    z: float

    @property
    def inside(self) -> bool:
        return self.low <= self.printed <= self.high


def fits(
    world: World, reading: Reading, sample: Floats, best: Floats, figures: Sequence[Figure], seed: int
) -> list[Fit]:
    """The figures as the set predicts them; ``best``: the vector at which z is told."""
    found = []
    rng = np.random.default_rng((seed, 11))
    for figure in figures:
        for measure in (
            [reading.measure(figure.name, "")] if reading.measure(figure.name, "") else list(figure.measures)
        ):
            one = _alone(world.targets, reading, figure, measure)
            if one is not None:
                found.append(_fit(world, reading, sample, best, figure, one, rng))
    return found


def _alone(targets: Targets, reading: Reading, figure: Figure, measure: str) -> Moment | None:
    """The moment that a figure makes by itself, under a measure."""
    said = Reading(reading.basis, ((figure.name, measure),), 1.0)
    made = moments(targets, said, [figure])
    return made[0] if made else None


def _fit(
    world: World, reading: Reading, sample: Floats, best: Floats, figure: Figure, one: Moment, rng: np.random.Generator
) -> Fit:  # fmt: skip
    basis = BASES.index(reading.basis)
    told = prediction(world, [one], np.concatenate([best[None, :], sample]), basis)
    sd = math.sqrt(float(told.cov[0, 0, 0]) + one.rounding**2 + one.discrepancy**2)
    z = (float(told.mean[0, 0]) - one.observed) / sd if sd > 0 else math.nan
    n = len(sample)
    if one.aggregate:
        draws = told.draws[1:, rng.integers(told.draws.shape[1], size=PER_VECTOR), 0]
    else:
        spread = np.sqrt(told.cov[1:, 0, 0])[:, None]
        draws = told.mean[1:, :1] + spread * rng.standard_normal((n, PER_VECTOR))
    x = in_units(world.targets, figure, one, draws.ravel())
    low, median, high = (interval(x).low, interval(x).median, interval(x).high) if n else (math.nan,) * 3
    return Fit(
        reading.key,
        figure.window,
        figure.name,
        one.measure,
        reading.basis,
        figure.role,
        figure.value,
        low,
        median,
        high,
        z,
    )


def in_units(targets: Targets, figure: Figure, one: Moment, x: Floats) -> Floats:
    """A moment's values as the figure would be printed."""
    window = targets.windows[figure.window]
    sold, lots, turnover = (window.value(n) for n in ("sold", "lots", "turnover"))
    if one.name == "sale_rate":
        return x
    if one.name == "premium":
        return np.asarray(np.exp(x) - (0.0 if one.measure in RATIOS else 1.0))
    unit = {
        "turnover": sold if sold > 0 else 1.0,
        "commission": turnover,
        "participants": sold if sold > 0 else 1.0,
    }.get(one.name, lots if lots > 0 else 1.0)
    return np.asarray(np.exp(x) * unit)
