"""What the records say against an exact value: sums that can be added over replications, and z-scores.

A quantity is a mean over lots, or a ratio of two (price given a sale = sum of prices / number sold), or a count of
lots whose mean number is known. Under the exact value R every lot's *score* above - R below has mean zero (a
count: above, less its mean number at the end), so

    z = (sum of scores) / sqrt(sum of squared scores)

is standard normal for many lots, and the matrix of cross products of the scores is the covariance between the
quantities of a case. For lots listed by a Poisson process the same sums are right for counts as well. Where lots hang
together (in a clerk's queue) scores are of whole groups of lots that do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.measures import MeasureTable

Floats = npt.NDArray[np.float64]

FEW = 50.0  # expected lots that a quantity rests on: with fewer its estimate is not nearly normal, and is not judged
SAME = 1e-9  # relative difference up to which a measure equals what the records give
DEPENDENT = 0.02  # eigenvalue of a correlation matrix below which a direction is a repetition of the others


@dataclass(frozen=True, slots=True)
class Quantity:
    """One exact value and the lots' contributions to its estimate.

    ``above``, ``below``: (lots,); without ``below`` every lot counts one. ``expected``: for a count of lots, the
    number that ``exact`` is a share of. ``rests_on``: share of all lots by which the estimate differs from a
    constant (those with a second bidder, for a price); judged only where it means ``FEW`` lots or more.
    ``measure``: name of the measure that estimates the same quantity, or ``one/other``.
    """

    name: str
    exact: float
    above: npt.NDArray[np.generic]
    below: npt.NDArray[np.generic] | None = None
    expected: float | None = None
    rests_on: float = 1.0
    measure: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Sums over the lots of one case. ``broken``: what must never happen and did, in words."""

    names: tuple[str, ...]
    exact: Floats  # (q,)
    rests_on: Floats  # (q,) share of the lots
    total: Floats  # (q,) sum of scores
    cross: Floats  # (q, q) sum of products of scores
    weight: Floats  # (q,) what the total is a multiple of
    lots: int
    broken: tuple[str, ...] = ()

    def __add__(self, other: Evidence) -> Evidence:
        if self.names != other.names or not np.array_equal(self.exact, other.exact):
            raise ValueError("evidence of different cases cannot be added")
        return Evidence(
            self.names,
            self.exact,
            self.rests_on,
            self.total + other.total,
            self.cross + other.cross,
            self.weight + other.weight,
            self.lots + other.lots,
            tuple(dict.fromkeys(self.broken + other.broken)),
        )

    @property
    def simulated(self) -> Floats:
        """(q,) the estimates."""
        return self.exact + self.total / self.weight

    @property
    def error(self) -> Floats:
        """(q,) standard errors of the estimates, at the exact value."""
        return np.asarray(np.sqrt(np.diag(self.cross)) / np.abs(self.weight))

    @property
    def judged(self) -> npt.NDArray[np.bool_]:
        """(q,) whether enough lots are expected for a normal distribution."""
        return self.lots * self.rests_on >= FEW

    @property
    def z(self) -> Floats:
        """(q,) z-scores; nan where not judged. Without any spread: 0 if exactly right, else infinite."""
        sd = np.sqrt(np.diag(self.cross))
        still = sd <= 1e-8 * np.abs(self.weight * self.exact) / np.sqrt(self.lots)
        off = np.abs(self.total) > 1e-6 * np.abs(self.weight * self.exact)
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.where(still, np.where(off, np.sign(self.total) * np.inf, 0.0), self.total / sd)
        return np.where(self.judged, z, np.nan)

    def independent(self) -> Floats:
        """Combinations of the z-scores that do not depend on each other: standard normal up to their signs,
        and no more of them than quantities."""
        z = self.z
        use = np.isfinite(z) & (z != 0.0)
        if not use.any():
            return np.empty(0)
        sd = np.sqrt(np.diag(self.cross)[use])
        values, vectors = np.linalg.eigh(self.cross[np.ix_(use, use)] / np.outer(sd, sd))
        keep = values > DEPENDENT
        return np.asarray((vectors.T @ z[use])[keep] / np.sqrt(values[keep]))


def floats(column: npt.NDArray[np.generic]) -> Floats:
    """A column of the records as numbers for computing."""
    return column.astype(np.float64)


def either(share: float, of: float = 1.0) -> float:
    """What a share rests on: the rarer of the lots that have it and those that have it not, ``of`` these lots."""
    return of * min(share, 1.0 - share)


def gather(quantities: Sequence[Quantity], lots: int, broken: Sequence[str] = ()) -> Evidence:
    """The evidence in one replication's records."""
    columns, totals, weights = [], [], []
    for q in quantities:
        above = np.asarray(q.above, dtype=np.float64)
        if q.expected is not None:
            score, extra, weight = above, -q.exact * q.expected, q.expected
        else:
            below = np.ones(lots) if q.below is None else np.asarray(q.below, dtype=np.float64)
            score, extra, weight = above - q.exact * below, 0.0, float(below.sum())
        columns.append(score)
        totals.append(float(score.sum()) + extra)
        weights.append(weight)
    scores = np.array(columns)
    return Evidence(
        tuple(q.name for q in quantities),
        np.array([q.exact for q in quantities]),
        np.array([q.rests_on for q in quantities]),
        np.array(totals),
        scores @ scores.T,
        np.array(weights),
        lots,
        tuple(broken),
    )


def disagreements(
    quantities: Sequence[Quantity], measures: MeasureTable, window: str, basis: str = "event"
) -> list[str]:
    """Quantities whose estimate differs from that of ``sim.measures`` for the same records."""
    wrong = []
    for q in quantities:
        if not q.measure:
            continue
        above = float(np.asarray(q.above, dtype=np.float64).sum())
        if q.expected is not None:
            below = 1.0
        else:
            below = float(len(q.above) if q.below is None else np.asarray(q.below, dtype=np.float64).sum())
        published = _measure(measures, window, basis, q.measure)
        if abs(published - above / below) > SAME * max(1.0, abs(published)):
            wrong.append(f"{q.measure} is {published:.6g}, the records give {above / below:.6g}")
    return wrong


def _measure(measures: MeasureTable, window: str, basis: str, name: str) -> float:
    one, _, other = name.partition("/")
    at = measures.windows.index(window), measures.segments.index("all"), measures.bases.index(basis)
    value = measures.values[(*at, measures.measures.index(one))]
    return float(value / measures.values[(*at, measures.measures.index(other))] if other else value)
