"""Many parameter vectors at once: every moment under every reading.

A *column* is a moment on a basis; readings share columns, so each is computed once. Counts come first: a vector that the
counts rule out needs no sheets, which are what costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calibration.moments import Moment, Prediction, count, moments, predict
from calibration.readings import BASES, Reading
from calibration.world import BATCH, Outcome, World

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Column:
    """One moment on one basis."""

    basis: int
    moment: Moment


@dataclass(frozen=True, slots=True)
class Panel:
    """All columns of some readings; ``of``: the columns of each reading, in the order of its moments."""

    readings: tuple[Reading, ...]
    columns: tuple[Column, ...]
    of: tuple[tuple[int, ...], ...]

    @property
    def observed(self) -> Floats:
        return np.array([c.moment.observed for c in self.columns])

    @property
    def fixed(self) -> Floats:
        """(columns,) variance that does not depend on parameters: rounding and discrepancy."""
        return np.array([c.moment.rounding**2 + c.moment.discrepancy**2 for c in self.columns])


def panel(world: World, readings: Sequence[Reading]) -> Panel:
    """The columns of these readings."""
    columns: dict[tuple[int, str, str], Column] = {}
    of = []
    for reading in readings:
        basis = BASES.index(reading.basis)
        mine = []
        for moment in moments(world.targets, reading):
            key = (basis, moment.key, moment.measure)
            columns.setdefault(key, Column(basis, moment))
            mine.append(key)
        of.append(mine)
    place = {key: i for i, key in enumerate(columns)}
    return Panel(
        tuple(readings), tuple(columns.values()), tuple(tuple(place[k] for k in mine) for mine in of)
    )


def standardised(world: World, panel: Panel, theta: Floats, cut: float | None = None) -> Floats:
    """(n, columns): (model - print) / sd, sd of sampling, Monte Carlo, rounding and discrepancy together.

    Where ``cut`` is given and every reading has a count further off than that, aggregates are left out (nan).
    """
    z = np.full((len(theta), len(panel.columns)), np.nan)
    windows = list(world.targets.windows.values())
    observed, fixed = panel.observed, panel.fixed
    for first in range(0, len(theta), BATCH):
        rows = np.arange(first, min(first + BATCH, len(theta)))
        counts = Outcome(world.sums(theta[rows]), None)
        for i, column in enumerate(panel.columns):
            if not column.moment.aggregate:
                mean, variance, _ = count(column.moment, counts, windows[column.moment.window], column.basis)
                z[rows, i] = (mean - observed[i]) / np.sqrt(variance + fixed[i])
        if cut is not None:
            rows = rows[(implausible(panel, z[rows], counts_only=True) < cut).any(axis=1)]
        if len(rows):
            _aggregates(world, panel, theta, rows, z, observed, fixed)
    return z


def _aggregates(
    world: World, panel: Panel, theta: Floats, rows: npt.NDArray[np.intp], z: Floats, observed: Floats, fixed: Floats
) -> None:  # fmt: skip
    """Fill in the columns that need sheets."""
    bases = sorted({c.basis for c in panel.columns if c.moment.aggregate})
    if not bases:
        return
    outcome = world.outcome(theta[rows], bases)
    for basis in bases:
        mine = [i for i, c in enumerate(panel.columns) if c.basis == basis and c.moment.aggregate]
        told = predict(outcome, [panel.columns[i].moment for i in mine], world.targets, basis)
        variance = np.einsum("nii->ni", told.cov) * (1.0 + 1.0 / world.draws)
        z[rows[:, None], mine] = (told.mean - observed[mine]) / np.sqrt(variance + fixed[mine])


def implausible(panel: Panel, z: Floats, counts_only: bool = False) -> Floats:
    """(n, readings): largest |z| among a reading's moments; inf where one is not defined."""
    size = np.abs(z)
    if counts_only:
        counts = np.array([not c.moment.aggregate for c in panel.columns])
        size = np.where(counts, size, 0.0)
    size = np.where(np.isfinite(size), size, np.inf)
    return np.stack([size[:, list(mine)].max(axis=1) for mine in panel.of], axis=1)


def prediction(world: World, of: Sequence[Moment], theta: Floats, basis: int) -> Prediction:
    """Means, covariances and draws of the moments of one reading, batch by batch."""
    needed = [basis] if any(one.aggregate for one in of) else []
    parts = [
        predict(world.outcome(theta[i : i + BATCH], needed), of, world.targets, basis)
        for i in range(0, len(theta), BATCH)
    ]
    return Prediction(
        *(np.concatenate([getattr(p, name) for p in parts]) for name in ("mean", "cov", "draws", "size"))
    )
