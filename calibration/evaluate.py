"""Many parameter vectors at once: every moment under every reading.

A *column* is a moment on a basis; readings share columns, so each is computed once. Counts come first: a vector that the
counts rule out needs no sheets, which are what costs. After the columns stands, for each reading, how far all its moments
*together* are from print: a vector that misses fifteen figures by two standard deviations each is no likelier than one that
misses one by many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtri

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
    def width(self) -> int:
        """Columns, and one more for each reading: all its moments together."""
        return len(self.columns) + len(self.readings)

    def whole(self, reading: int) -> list[int]:
        """Where the moments of a reading stand, and after them their togetherness."""
        return [*self.of[reading], len(self.columns) + reading]

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
    """(n, width): (model - print) / sd, sd of sampling, Monte Carlo, rounding and discrepancy together; and for each reading
    all its moments together, correlations counted, as the size of a normal deviate that is as rare as their chi-square.

    Where ``cut`` is given and every reading has a count further off than that, aggregates are left out (nan).
    """
    z = np.full((len(theta), panel.width), np.nan)
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
    """Fill in the columns that need sheets, and then those of readings."""
    bases = sorted({c.basis for c in panel.columns if c.moment.aggregate})
    outcome = world.outcome(theta[rows], bases) if bases else None
    size = np.nansum(z[rows][:, None, :] ** 2 * _counts_of(panel), axis=2)  # (rows, readings) of counts
    for basis in bases:
        assert outcome is not None
        mine = [i for i, c in enumerate(panel.columns) if c.basis == basis and c.moment.aggregate]
        told = predict(outcome, [panel.columns[i].moment for i in mine], world.targets, basis)
        cov = told.cov * (1.0 + 1.0 / world.draws) + np.diag(fixed[mine])
        off = told.mean - observed[mine]
        z[rows[:, None], mine] = off / np.sqrt(np.einsum("nii->ni", cov))
        for r, of in enumerate(panel.of):
            some = [at for at, i in enumerate(mine) if i in of]
            if some:
                size[:, r] += _quadratic(off[:, some], cov[np.ix_(range(len(cov)), some, some)])
    number = np.array([len(of) for of in panel.of])
    z[rows, len(panel.columns) :] = as_deviate(size, number)


def _counts_of(panel: Panel) -> Floats:
    """(readings, width): 1 where a column is a count of the reading."""
    chosen = np.zeros((len(panel.readings), panel.width))
    for r, of in enumerate(panel.of):
        chosen[r, [i for i in of if not panel.columns[i].moment.aggregate]] = 1.0
    return chosen


def _quadratic(x: Floats, cov: Floats) -> Floats:
    """(n,) x' cov^-1 x; inf where x is not defined."""
    fine = np.isfinite(x).all(axis=1) & np.isfinite(cov).all(axis=(1, 2))
    found = np.full(len(x), np.inf)
    found[fine] = np.einsum("ni,ni->n", x[fine], np.linalg.solve(cov[fine], x[fine][:, :, None])[:, :, 0])
    return found


def as_deviate(size: Floats, freedom: npt.ArrayLike) -> Floats:
    """The normal deviate that is as rare as a chi-square of this size. Where it is too rare for the table of numbers, its root."""
    tail = chdtrc(np.asarray(freedom, dtype=np.float64), size)
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(tail > 1e-300, -ndtri(np.maximum(tail, 1e-300) / 2.0), np.sqrt(size)))


def implausible(panel: Panel, z: Floats, counts_only: bool = False) -> Floats:
    """(n, readings): largest |z| among a reading's moments and of all of them together; inf where one is not defined."""
    size = np.abs(z)
    if counts_only:
        counts = np.zeros(panel.width, dtype=np.bool_)
        counts[: len(panel.columns)] = [not c.moment.aggregate for c in panel.columns]
        size = np.where(counts, size, 0.0)
    size = np.where(np.isfinite(size), size, np.inf)
    return np.stack([size[:, panel.whole(r)].max(axis=1) for r in range(len(panel.readings))], axis=1)


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
