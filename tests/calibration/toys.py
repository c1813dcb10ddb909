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
        mean=None, sd=None, scale=False, per_window=False, explains=None, source="toy",
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
    slope: np.ndarray, sampling: np.ndarray, observed: np.ndarray, draws: int, figure: str = "turnover", reach: float = 20.0
) -> Toy:  # fmt: skip
    """A toy whose print is ``observed``; figures are aggregates (simulated) unless ``figure`` is a count."""
    parameters = Space(tuple(Slot(free(f"p{i}", reach), None) for i in range(slope.shape[1])))
    world = SimpleNamespace(space=parameters, draws=draws)
    moments = tuple(Moment(0, "w", f"m{i}", figure, "m", float(x), 0.0, 0.0) for i, x in enumerate(observed))
    return Toy(world, None, moments, slope, sampling)
