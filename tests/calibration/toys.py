"""Posteriors that are known exactly, in the shape of ``estimation.density.Density``: what the sampler is tried on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from calibration.estimation.density import Terms

Floats = npt.NDArray[np.float64]


class Straight:
    """Parameters that are their own straight coordinates; the prior is standard normal, normalised."""

    def __init__(self, dimensions: int) -> None:
        self.slots = tuple(range(dimensions))

    def from_unit(self, unit: Floats) -> Floats:
        return np.asarray(ndtri(unit))

    def log_prior(self, theta: Floats) -> Floats:
        return np.asarray(-0.5 * (theta**2).sum(axis=1) - 0.5 * theta.shape[1] * np.log(2.0 * np.pi))

    def forward(self, theta: Floats) -> Floats:
        return theta

    def back(self, y: Floats) -> tuple[Floats, Floats]:
        return y, np.zeros(len(y))


@dataclass
class Toy:
    """Data 0 = f(y) + e, e ~ N(0, sd^2), independent; ``f``: (n, p) to (n, data)."""

    dimensions: int
    f: Callable[[Floats], Floats]
    sd: Floats
    facts: tuple[()] = ()
    moments: tuple[()] = ()
    aggregates: tuple[int, ...] = ()
    widen: float = 1.0
    straight: Straight = field(init=False)
    model: SimpleNamespace = field(init=False)

    def __post_init__(self) -> None:
        self.straight = Straight(self.dimensions)
        self.model = SimpleNamespace(space=self.straight)

    def drawing(self, draws: int) -> Toy:
        """No totals are simulated here, so their number is all the same."""
        return self

    def terms(self, y: Floats) -> Terms:
        residuals = self.f(y) / self.sd
        none = np.empty((len(y), 0))
        counts = -0.5 * residuals**2 - np.log(self.sd) - 0.5 * np.log(2.0 * np.pi)
        return Terms(
            prior=self.straight.log_prior(y), counts=counts, residuals=residuals, totals=none, off=none,
            draws=none[:, None], facts=none, evidence=np.zeros(len(y)),
        )  # fmt: skip


SLOPES = np.array([[1.0, 0.5, 0.0, -0.7, 0.2], [0.0, 1.0, 1.0, 0.3, 0.0], [0.6, 0.0, -1.0, 0.0, 1.0]])
SEEN = np.array([0.8, -1.1, 0.5])
ERRORS = np.array([0.15, 0.3, 0.2])


def linear() -> Toy:
    """Five parameters, three measurements that are linear in them: a ridge of two dimensions."""
    return Toy(5, lambda y: y @ SLOPES.T - SEEN, ERRORS)


def linear_answer() -> tuple[Floats, Floats, float]:
    """Posterior mean, covariance and log marginal likelihood of ``linear``."""
    whole = SLOPES @ SLOPES.T + np.diag(ERRORS**2)
    gain = SLOPES.T @ np.linalg.inv(whole)
    marginal = -0.5 * SEEN @ np.linalg.solve(whole, SEEN) - 0.5 * np.linalg.slogdet(2.0 * np.pi * whole)[1]
    return gain @ SEEN, np.eye(5) - gain @ SLOPES, float(marginal)


BEND, NARROW, ASIDE = 0.7, 0.15, 1.0


def banana() -> Toy:
    """A bent ridge, y1 near BEND (y0^2 - 1), and y2 known to lie near ASIDE; y3 and y4 are not known at all."""
    return Toy(
        5,
        lambda y: np.stack([y[:, 1] - BEND * (y[:, 0] ** 2 - 1.0), y[:, 2] - ASIDE], axis=1),
        np.array([NARROW, 0.4]),
    )


def banana_answer() -> tuple[Floats, Floats, float]:
    """Posterior mean, standard deviation and log marginal likelihood of ``banana``, by a sum over a fine grid of y0."""
    y0 = np.linspace(-8.0, 8.0, 20_001)
    middle, whole = BEND * (y0**2 - 1.0), 1.0 + NARROW**2
    height = np.exp(-0.5 * y0**2 - 0.5 * middle**2 / whole) / (2.0 * np.pi * np.sqrt(whole))
    share = height / height.sum()
    marginal = height.sum() * (y0[1] - y0[0])
    mean1 = share @ (middle / whole)
    second1 = share @ ((middle / whole) ** 2 + NARROW**2 / whole)
    of2 = 1.0 + 0.4**2
    mean = np.array([0.0, mean1, ASIDE / of2, 0.0, 0.0])
    sd = np.sqrt(np.array([share @ y0**2, second1 - mean1**2, 0.4**2 / of2, 1.0, 1.0]))
    aside = -0.5 * ASIDE**2 / of2 - 0.5 * np.log(2.0 * np.pi * of2)
    return mean, sd, float(np.log(marginal) + aside)


def two_sided() -> Toy:
    """y0 is 1.5 or -1.5, both equally likely."""
    return Toy(3, lambda y: y[:, :1] ** 2 - 2.25, np.array([0.5]))
