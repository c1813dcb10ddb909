"""Objectives whose answers are known: moments linear in the parameters, normal errors of known covariance."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from calibration.distance import Objective
from calibration.moments import Moment, Prediction
from calibration.parameters import Free, Slot, Space


def free(name: str, reach: float) -> Free:
    """A parameter with a flat prior from -reach to reach."""
    return Free(
        name=name, en=name, zh=name, paths=(name,), base=(0.0,), transform="identity", low=-reach, high=reach,
        mean=None, sd=None, scale=False, by_period=False, explains=None, source="toy",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Toy(Objective):
    """Moments ``slope`` theta, of a province with covariance ``sampling``."""

    slope: np.ndarray
    sampling: np.ndarray

    def predict(self, theta):
        mean = theta @ self.slope.T
        cov = np.broadcast_to(self.sampling, (len(theta), *self.sampling.shape))
        return Prediction(mean, cov, np.empty((len(theta), 0, 0)), np.full_like(mean, np.nan))


def toy(
    slope: np.ndarray, sampling: np.ndarray, observed: np.ndarray, draws: int, reach: float = 20.0
) -> Toy:
    """A toy whose print is ``observed``; its figures are aggregates, so they are simulated, with ``draws`` draws."""
    parameters = Space(tuple(Slot(free(name, reach), None) for name in ("p0", "p1")))
    world = SimpleNamespace(space=parameters, draws=draws)
    world.drawing = lambda number: SimpleNamespace(**{**vars(world), "draws": number})
    moments = tuple(
        Moment(0, "w", f"m{i}", "turnover", "m", float(x), 0.0, 0.0) for i, x in enumerate(observed)
    )
    return Toy(world, None, moments, slope, sampling)
