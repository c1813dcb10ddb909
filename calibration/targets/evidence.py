"""Facts from outside the court, and how likely they are beside the model's measures: the evidence term of a likelihood.

A fact is a measure reported elsewhere. On its scale (logit for shares, log for ratios) it is the model's measure plus
two errors: its own, and one of carrying it over to this place, shared by all facts of a measure. The own errors are
independent, the shared one is a standard normal number a measure times each fact's ``transport_sd``:

    y = measure(parameters) + e,   e ~ N(0, diag(sd^2) + sum over measures of t t')

which is the predictive distribution of a random-effects meta-analysis (Higgins, Thompson & Spiegelhalter 2009).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from calibration.targets.schema import Use

Floats = npt.NDArray[np.float64]
Scale = Literal["logit", "log"]

EDGE: Final = 1e-9  # shares are kept off 0 and 1 by this
ASSUMED: Final[Mapping[Scale, float]] = {"logit": 0.5, "log": 0.25}  # transport_sd where it is not known


@dataclass(frozen=True, slots=True)
class Range:
    """What values a measure can take, ends excluded, and on which scale they are compared."""

    scale: Scale
    low: float
    high: float


SHARE: Final = Range("logit", 0.0, 1.0)
MEASURES: Final[
    Mapping[str, Range]
] = {  # of sim measures, those that facts are compared on; and two of each round
    "sold_at_start": SHARE,
    "sale_rate_final": SHARE,
    "rounds_per_lot": Range("log", 1.0, math.inf),
    "price_to_value": Range("log", 0.0, math.inf),
    "recovery": Range("log", 0.0, math.inf),
}
OF_ROUNDS: Final = ("sold", "hazard")


def askable(rounds: Iterable[str]) -> dict[str, Range]:
    """The measures that facts can be compared on, in a scenario that holds these rounds."""
    return {**MEASURES, **{f"{name}_{one}": SHARE for one in rounds for name in OF_ROUNDS}}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. ``value``: as reported; ``sd``, ``transport_sd``: on the scale of comparison; ``at``: the conditions under
    which it was observed, path -> (low, high), alike where the value is known and else uniform between; ``kinds``: of lots
    that it speaks of, empty for all. A fact that is a condition only names a parameter as its measure.
    """

    name: str
    en: str
    zh: str
    measure: str
    scale: Scale
    value: float
    sd: float
    sd_source: str
    transport_sd: float
    transport_source: str
    use: Use
    kinds: tuple[str, ...]
    at: Mapping[str, tuple[float, float]]
    place: str
    place_zh: str
    years: str
    source: str
    file: str
    days: tuple[date, date] | None = None

    def inner(self, plain: npt.ArrayLike) -> Floats:
        """Values of the measure on the scale of comparison."""
        return inner(self.scale, plain)

    def plain(self, y: npt.ArrayLike) -> Floats:
        """Back from the scale of comparison."""
        x = np.asarray(y, dtype=np.float64)
        return np.asarray(np.exp(x) if self.scale == "log" else 1.0 / (1.0 + np.exp(-x)))

    @property
    def y(self) -> float:
        """The value on the scale of comparison."""
        return float(self.inner(self.value))

    def word(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en


def inner(scale: Scale, plain: npt.ArrayLike) -> Floats:
    """Values on a scale of comparison; shares of 0 and 1 are moved off their walls."""
    x = np.asarray(plain, dtype=np.float64)
    if scale == "log":
        return np.asarray(np.log(np.maximum(x, EDGE)))
    x = np.clip(x, EDGE, 1.0 - EDGE)
    return np.asarray(np.log(x / (1.0 - x)))


def chosen(facts: Sequence[Fact], *uses: Use) -> tuple[Fact, ...]:
    """Facts of these uses."""
    return tuple(fact for fact in facts if fact.use in uses)


def restated(facts: Sequence[Fact], y: Floats) -> tuple[Fact, ...]:
    """The same facts with other values, (facts,) on their scales: as drawn, for simulation-based calibration."""
    return tuple(replace(fact, value=float(fact.plain(value))) for fact, value in zip(facts, y, strict=True))


def covariance(facts: Sequence[Fact], widen: float = 1.0) -> Floats:
    """(facts, facts): own variances, and the errors that facts of one measure share. ``widen`` multiplies both sds."""
    own = np.array([fact.sd for fact in facts]) * widen
    carried = np.array([fact.transport_sd for fact in facts]) * widen
    measures = np.array([fact.measure for fact in facts])
    alike = measures[:, None] == measures[None, :]
    return np.asarray(np.diag(own**2) + np.where(alike, np.outer(carried, carried), 0.0))


def log_likelihood(predicted: Floats, facts: Sequence[Fact], widen: float = 1.0) -> Floats:
    """(n,) log density of the facts' values given the model's measures, (n, facts), all constants in it; -inf where a
    measure is undefined, for nothing is sold.
    """
    if not facts:
        return np.zeros(len(predicted))
    lower = np.linalg.cholesky(covariance(facts, widen))
    off = np.array([fact.y for fact in facts]) - predicted
    z = np.linalg.solve(lower, off.T)
    constant = np.log(np.diag(lower)).sum() + 0.5 * len(facts) * np.log(2.0 * np.pi)
    density = -0.5 * (z * z).sum(axis=0) - constant
    return np.where(np.isnan(density), -np.inf, density)


def drawn(predicted: Floats, facts: Sequence[Fact], rng: np.random.Generator, widen: float = 1.0) -> Floats:
    """(n, facts) values of the facts around the model's measures, with both errors."""
    lower = np.linalg.cholesky(covariance(facts, widen))
    return np.asarray(predicted + rng.standard_normal(predicted.shape) @ lower.T)


@dataclass(frozen=True, slots=True)
class Scores:
    """Where facts lie in what all that was fitted, but for the fact itself, predicts of them; (facts,) each.

    ``quantile`` of the predictive distribution, ``z`` its normal score; ``low``, ``median``, ``high``: plain, 95 %;
    ``draws``: effective number behind it (of a fitted fact, which is taken out by weights, it may be low).
    """

    quantile: Floats
    z: Floats
    low: Floats
    median: Floats
    high: Floats
    draws: Floats


def scores(
    predicted: Floats, facts: Sequence[Fact], weights: Floats | None = None, widen: float = 1.0
) -> Scores:
    """Scores of held-out facts and of fitted ones from posterior draws of the model's measures, (n, facts).

    A fact's predictive distribution is normal given a draw and the fitted facts beside it, whose shared error it has. A fitted fact
    is taken out of the draws by weights 1 / p(fact | draw, other facts), as in leave-one-out cross-validation by importance
    sampling (Gelfand, Dey & Chang 1992).
    """
    whole, y = covariance(facts, widen), np.array([fact.y for fact in facts])
    fitted = np.array([fact.use == "fit" for fact in facts])
    weights = np.ones(len(predicted)) if weights is None else weights
    known = (weights > 0.0) & np.isfinite(predicted).all(axis=1)
    predicted, start = predicted[known], np.log(weights[known])
    rows = []
    for i, fact in enumerate(facts):
        others = np.flatnonzero(fitted & (np.arange(len(facts)) != i))
        slope = np.linalg.solve(whole[np.ix_(others, others)], whole[others, i])
        mean = predicted[:, i] + (y[others] - predicted[:, others]) @ slope
        sd = np.sqrt(whole[i, i] - whole[others, i] @ slope)
        t = (y[i] - mean) / sd
        w = start + (0.5 * t * t if fact.use == "fit" else 0.0)
        w = np.exp(w - w.max())
        w /= w.sum()
        quantile = float(w @ ndtr(t))
        ends = [_quantile(mean, sd, w, q) for q in (0.025, 0.5, 0.975)]
        rows.append(
            [quantile, float(ndtri(np.clip(quantile, EDGE, 1.0 - EDGE))), *fact.plain(ends), 1.0 / (w @ w)]
        )
    return Scores(*np.array(rows).reshape(len(facts), 6).T)


def _quantile(mean: Floats, sd: float, weights: Floats, q: float) -> float:
    """Quantile of a mixture of normal distributions of one width."""
    low, high = float(mean.min() - 8.0 * sd), float(mean.max() + 8.0 * sd)
    return float(brentq(lambda x: float(weights @ ndtr((x - mean) / sd)) - q, low, high))
