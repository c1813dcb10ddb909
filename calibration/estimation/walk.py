"""Walkers: several ensembles that walk side by side, each by differences of its own (ter Braak 2006).

Arrays of walkers are (ensembles, walkers, p). Half of an ensemble moves while the other half stands still and lends its
differences (Goodman & Weare 2010), so the density stays invariant. Ensembles share a surrogate and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from calibration.estimation.density import Terms, joined

Floats = npt.NDArray[np.float64]

FULL: Final = 0.1  # share of steps that take a whole difference, between modes
USUAL: Final = 2.38  # over sqrt(2 p): the best scale for a normal distribution (Roberts & Rosenthal 2001)
JITTER: Final = 1e-5


class Height(Protocol):
    """Anything with a log density."""

    def log_density(self, y: Floats) -> Floats: ...


class Truth(Protocol):
    """Anything that evaluates the exact posterior."""

    def terms(self, y: Floats) -> Terms: ...


def heights(of: Height, y: Floats) -> Floats:
    """(ensembles, walkers) log densities."""
    return np.asarray(of.log_density(y.reshape(-1, y.shape[2])).reshape(y.shape[:2]))


def walked(of: Height, y: Floats, steps: int, rng: np.random.Generator) -> Floats:
    """Where walkers are after so many steps that leave the density of ``of`` invariant."""
    y, height = y.copy(), heights(of, y)
    for _ in range(steps):
        for mine, other in _halves(y.shape[1]):
            y[:, mine], height[:, mine] = _moved(of, y[:, mine], height[:, mine], y[:, other], 1, rng)
    return y


@dataclass(slots=True)
class Stand:
    """Where walkers stand. ``true``, ``height``: (ensembles, walkers) log densities, the posterior's and the surrogate's."""

    y: Floats
    true: Floats
    height: Floats


def corrected(
    of: Height, truth: Truth, stand: Stand, between: int, rng: np.random.Generator
) -> tuple[Floats, Terms]:
    """One step of every walker that leaves the posterior invariant: delayed acceptance (Christen & Fox 2005).

    A walker takes ``between`` steps that leave the surrogate's density invariant; where they lead is accepted by true over
    surrogate density. So the exact posterior is evaluated once for a proposal that is far away, and where the surrogate is
    wrong proposals are rejected. ``stand`` is changed; returned are the vectors evaluated, (proposals, p), and their terms.
    """
    seen, found = [], []
    for mine, other in _halves(stand.y.shape[1]):
        y, height = _moved(of, stand.y[:, mine], stand.height[:, mine], stand.y[:, other], between, rng)
        seen.append(y.reshape(-1, y.shape[2]))
        found.append(truth.terms(seen[-1]))
        true = found[-1].log_posterior.reshape(height.shape)
        with np.errstate(invalid="ignore"):  # from one place of density 0 to another
            log_ratio = (true - height) - (stand.true[:, mine] - stand.height[:, mine])
        taken = np.log(rng.random(height.shape)) < log_ratio
        stand.y[:, mine] = np.where(taken[..., None], y, stand.y[:, mine])
        stand.true[:, mine] = np.where(taken, true, stand.true[:, mine])
        stand.height[:, mine] = np.where(taken, height, stand.height[:, mine])
    return np.concatenate(seen), joined(found)


def _halves(walkers: int) -> Iterator[tuple[slice, slice]]:
    first, second = slice(0, walkers // 2), slice(walkers // 2, None)
    yield first, second
    yield second, first


def _moved(
    of: Height, y: Floats, height: Floats, others: Floats, steps: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Metropolis steps by differences of ``others``, which stand still: places and log densities."""
    ensembles, n, p = y.shape
    each = np.arange(ensembles)[:, None]
    for _ in range(steps):
        first = rng.integers(0, others.shape[1], (ensembles, n))
        second = (first + rng.integers(1, others.shape[1], (ensembles, n))) % others.shape[1]
        usual = USUAL / np.sqrt(2.0 * p) * np.exp(0.3 * rng.standard_normal((ensembles, n)))
        scale = np.where(rng.random((ensembles, n)) < FULL, 1.0, usual)
        there = y + scale[..., None] * (others[each, first] - others[each, second])
        there = there + JITTER * rng.standard_normal(y.shape)
        found = heights(of, there)
        with np.errstate(invalid="ignore"):
            taken = np.log(rng.random((ensembles, n))) < found - height
        y, height = np.where(taken[..., None], there, y), np.where(taken, found, height)
    return y, height
