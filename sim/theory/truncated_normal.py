"""The normal law cut off at two ends: what priors are made of."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from sim.theory.values import Floats


@dataclass(frozen=True, slots=True)
class TruncatedNormal:
    """Normal with this ``mean`` and ``sd`` before it is cut off at ``low`` and ``high``; arrays broadcast."""

    mean: npt.ArrayLike
    sd: npt.ArrayLike
    low: npt.ArrayLike
    high: npt.ArrayLike
    below: Floats = field(init=False)  # probability of lying below ``low``, and
    inside: Floats = field(init=False)  # between the ends, before they are cut off

    def __post_init__(self) -> None:
        below = ndtr(self._standard(self.low))
        object.__setattr__(self, "below", below)
        object.__setattr__(self, "inside", ndtr(self._standard(self.high)) - below)

    def _standard(self, x: npt.ArrayLike) -> Floats:
        return np.asarray((np.asarray(x, dtype=np.float64) - np.asarray(self.mean)) / np.asarray(self.sd))

    def quantile(self, p: npt.ArrayLike) -> Floats:
        """The point below which a share ``p`` lies."""
        normal = ndtri(self.below + self.inside * np.asarray(p, dtype=np.float64))
        return np.clip(np.asarray(self.mean) + np.asarray(self.sd) * normal, self.low, self.high)

    def cdf(self, x: npt.ArrayLike) -> Floats:
        """The share below a point: the inverse of ``quantile``."""
        return np.asarray((ndtr(self._standard(x)) - self.below) / self.inside)

    def log_density(self, x: npt.ArrayLike) -> Floats:
        """Between the ends, up to a constant."""
        return -0.5 * self._standard(x) ** 2
