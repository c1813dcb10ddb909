"""A kernel estimate of weighted draws: Student t distributions around some of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from calibration.estimation.weights import effective, resampled, tempering

Floats = npt.NDArray[np.float64]

FREEDOM: Final = 6.0  # of the components
CENTRES: Final = 256  # components of a smoothed sample
FEW: Final = 24.0  # effective draws to which weights are tempered


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mixture of Student t distributions in straight coordinates."""

    centres: Floats  # (k, p)
    roots: Floats  # (k, p, p) lower Cholesky factors of their shapes

    def draw(self, number: int, rng: np.random.Generator) -> Floats:
        """(number, p), components taken in turn."""
        k = np.arange(number) % len(self.centres)
        x = np.einsum("npq,nq->np", self.roots[k], rng.standard_normal((number, self.centres.shape[1])))
        return np.asarray(self.centres[k] + x * np.sqrt(FREEDOM / rng.chisquare(FREEDOM, number))[:, None])

    def _sizes(self, y: Floats) -> Floats:
        off = np.swapaxes(y - self.centres[:, None], 1, 2)  # (k, p, n)
        return np.asarray((np.linalg.solve(self.roots, off) ** 2).sum(axis=1))

    def size(self, y: Floats) -> Floats:
        """(n,) squared deviations from the nearest component."""
        return np.asarray(self._sizes(y).min(axis=0))

    def log_density(self, y: Floats) -> Floats:
        """(n,) of the mixture."""
        p, size = y.shape[1], self._sizes(y)
        height = -np.log(np.einsum("kpp->kp", self.roots)).sum(axis=1)
        parts = -0.5 * (FREEDOM + p) * np.log1p(size / FREEDOM) + height[:, None]
        whole = np.logaddexp.reduce(parts, axis=0) - np.log(len(parts))
        return np.asarray(
            whole + gammaln((FREEDOM + p) / 2) - gammaln(FREEDOM / 2) - 0.5 * p * np.log(FREEDOM * np.pi)
        )


def smoothed(y: Floats, log_weight: Floats, rng: np.random.Generator) -> Proposal:
    """A kernel estimate of weighted draws (n, p): components around some of them, as wide as Silverman's rule has it. Weights
    with a small effective sample size are tempered, so that a few draws do not dominate.
    """
    p = y.shape[1]
    power = tempering(log_weight, FEW)
    log_w = power * (log_weight - log_weight.max())
    w = np.exp(log_w) / np.exp(log_w).sum()
    off = y - w @ y
    width = (4.0 / (effective(log_w) * (p + 2.0))) ** (1.0 / (p + 4.0))
    root = width * np.linalg.cholesky((off.T * w) @ off + 1e-6 * np.eye(p))
    chosen = resampled(w, CENTRES, rng)
    return Proposal(y[chosen], np.repeat(root[None], CENTRES, axis=0))
