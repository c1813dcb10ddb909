"""What the model says each printed figure should have been: the set's spread and chance together, in printed units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.evaluate import prediction
from calibration.moments import Moment, Prediction, moments
from calibration.policy import interval
from calibration.readings import BASES, RATIOS, Reading
from calibration.targets import Figure, Targets
from calibration.world import World
from sim.rounding import negligible

Floats = npt.NDArray[np.float64]

PER_VECTOR: Final = 8  # draws of chance for each vector of the set


@dataclass(frozen=True, slots=True)
class Fit:
    """One figure under one reading. ``printed``, ``low``, ``median``, ``high``, ``best``: in the figure's unit; ``best``: the
    model's mean at the nearest vector; ``z``: (that - print) / sd on the moment's scale, all errors counted; ``inside``: print lies
    in the central 95 % of the set.
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
    best: float
    z: float

    @property
    def inside(self) -> bool:
        return self.low <= self.printed <= self.high


def fits(
    world: World, reading: Reading, sample: Floats, best: Floats, figures: Sequence[Figure], seed: int
) -> list[Fit]:
    """The figures as the set predicts them; ``best``: the vector at which z is told."""
    rng = np.random.default_rng((seed, 11))
    asked: list[tuple[Figure, Moment]] = []
    for figure in figures:
        said = reading.measure(figure.name, "")
        for measure in [said] if said else figure.measures:
            one = _alone(world.targets, reading, figure, measure)
            if one is not None:
                asked.append((figure, one))
    if not asked:
        return []
    vectors = np.concatenate([best[None, :], sample])
    told = prediction(world, [one for _, one in asked], vectors, BASES.index(reading.basis))
    return [_fit(world, reading, told, i, *pair, rng) for i, pair in enumerate(asked)]


def _alone(targets: Targets, reading: Reading, figure: Figure, measure: str) -> Moment | None:
    """The moment that a figure makes by itself, under a measure."""
    said = Reading(reading.basis, ((figure.name, measure),), 1.0)
    made = moments(targets, said, [figure])
    return made[0] if made else None


def _fit(
    world: World, reading: Reading, told: Prediction, i: int, figure: Figure, one: Moment, rng: np.random.Generator
) -> Fit:  # fmt: skip
    """One figure, the ``i``-th of what was predicted: first row at the best vector, the others over the sample."""
    variance = told.cov[:, i, i]
    sd = math.sqrt(float(variance[0]) + one.rounding**2 + one.discrepancy**2)
    z = math.nan if negligible(sd, one.observed) else (float(told.mean[0, i]) - one.observed) / sd
    n = len(variance) - 1
    if one.aggregate:
        draws = told.draws[1:, rng.integers(told.draws.shape[1], size=PER_VECTOR), i]
    else:
        spread = np.sqrt(variance[1:])[:, None]
        draws = told.mean[1:, i, None] + spread * rng.standard_normal((n, PER_VECTOR))
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
        float(in_units(world.targets, figure, one, told.mean[:1, i])[0]),
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
