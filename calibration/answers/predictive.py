"""What the posterior predicts of each published figure, and what leaving one figure or fact out does to the answer.

A figure is drawn as one province would report it: parameters from the posterior, counts and simulated totals from their
sampling distributions, plus the stated discrepancy. The draws are the posterior's own, without polishing in the simulator, so
a figure's place among them is evidence for or against the model.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from calibration.answers.policy import OUTCOMES, Question, answers
from calibration.answers.summary import quantiles
from calibration.estimation.density import Density
from calibration.estimation.likelihood import by_moment
from calibration.estimation.mixture import Mixture
from calibration.estimation.posterior import Posterior
from calibration.estimation.weights import effective
from calibration.forward_model.forward_model import BATCH
from calibration.forward_model.moments import ENDED, Moment, Prediction, moments
from calibration.random_streams import Purpose, stream
from calibration.targets import evidence
from calibration.targets.interpretations import RATIOS
from calibration.targets.schema import Standing
from calibration.targets.targets import Targets
from sim.scenario.published import cannot_fail

Floats = npt.NDArray[np.float64]

MOST: Final = 512  # draws that figures are drawn at


@dataclass(frozen=True, slots=True)
class Forecast:
    """A published figure and what is predicted of it, 95 %, in plain units; ``quantile``: of the published one."""

    window: str
    figure: str
    measure: str
    role: Standing
    published: float
    low: float
    median: float
    high: float
    quantile: float

    @property
    def key(self) -> str:
        return f"{self.figure}@{self.window}"

    @property
    def cannot_fail(self) -> bool:
        return cannot_fail(self.published, self.low, self.high)


def forecasts(
    posteriors: Sequence[Posterior], mixture: Mixture, targets: Targets, seed: int
) -> list[Forecast]:
    """Every figure that is fitted or held out, over the draws of all interpretations. ``posteriors``: as the mixture has them."""
    figures = list(targets.figures("fit", "held_out"))
    rng = stream(seed, Purpose.FORECASTS)
    some = np.arange(len(mixture.theta))[:: max(len(mixture.theta) // MOST, 1)]
    drawn: dict[tuple[str, str], list[Floats]] = {}
    measures: dict[tuple[str, str], str] = {}
    for i in dict.fromkeys(mixture.which[some].tolist()):
        one = posteriors[i].one
        of = moments(targets, one.interpretation, figures)
        theta = mixture.theta[some[mixture.which[some] == i]]
        mine = _drawn(Density(one.model, one.interpretation, tuple(of), ()), theta, rng)
        for moment in of:
            measures.setdefault((moment.window_name, moment.figure), moment.measure)
        for key, x in mine.items():
            drawn.setdefault(key, []).append(x)
    return [
        _forecast(f.window, f.name, measures.get((f.window, f.name), next(iter(f.measures))), f.role, f.value, np.concatenate(drawn[f.window, f.name]))
        for f in figures if (f.window, f.name) in drawn
    ]  # fmt: skip


def _forecast(
    window: str, figure: str, measure: str, role: Standing, published: float, x: Floats
) -> Forecast:
    low, median, high = (float(q) for q in quantiles(x, (0.025, 0.5, 0.975)))
    known = x[np.isfinite(x)]
    quantile = float(((known < published).sum() + 0.5 * (known == published).sum()) / max(len(known), 1))
    return Forecast(window, figure, measure, role, published, low, median, high, quantile)


def _drawn(one: Density, theta: Floats, rng: np.random.Generator) -> dict[tuple[str, str], Floats]:
    """(window, figure) -> (n,) figures as provinces at these vectors would publish them."""
    parts = [one.predict(theta[i : i + BATCH]) for i in range(0, len(theta), BATCH)]
    prediction = Prediction(
        *(np.concatenate([getattr(p, name) for p in parts]) for name in Prediction.__slots__)
    )
    x = sampled(one.moments, prediction, rng)
    found: dict[tuple[str, str], Floats] = {}
    for window in one.model.targets.windows.values():
        mine = {m.name: x[:, i] for i, m in enumerate(one.moments) if m.window_name == window.name}
        measure = {m.name: m.measure for m in one.moments if m.window_name == window.name}
        plain = _plain(mine, measure, {name: window.value(name) for name in ("lots", "sold", "turnover")})
        found |= {(window.name, name): value for name, value in plain.items()}
    return found


def sampled(of: Sequence[Moment], prediction: Prediction, rng: np.random.Generator) -> Floats:
    """(n, moments): moments of one province each, from the distributions of the likelihood. Totals of a window are of the same lots."""
    n = len(prediction.mean)
    x = np.empty((n, len(of)))
    which = rng.integers(prediction.draws.shape[1], size=n)
    for i, one in enumerate(of):
        own = math.hypot(one.discrepancy, one.rounding) * rng.standard_normal(n)
        if one.aggregate:
            x[:, i] = prediction.draws[np.arange(n), which, i] + own
        elif one.name == "sale_rate":
            rate = np.clip(prediction.mean[:, i] + own, 1e-6, 1.0 - 1e-6)
            number = np.round(np.nan_to_num(prediction.size[:, i], nan=1.0)).astype(np.int64)
            x[:, i] = rng.binomial(np.maximum(number, 1), rate) / np.maximum(number, 1)
        else:
            x[:, i] = prediction.mean[:, i] + np.sqrt(prediction.cov[:, i, i]) * rng.standard_normal(n) + own
    return x


def _plain(
    x: Mapping[str, Floats], measure: Mapping[str, str], published: Mapping[str, float]
) -> dict[str, Floats]:
    """One window's moments as figures. A figure that a moment is relative to is drawn too, where it is predicted: turnover is
    that of the lots sold in the same draw.
    """
    found: dict[str, Floats] = {}
    lots = published["lots"] if published["lots"] > 0.0 else 1.0
    sold: Floats | float = published["sold"] if published["sold"] > 0.0 else 1.0
    if "sale_rate" in x:
        found["sale_rate"] = x["sale_rate"]
        if ENDED in x:
            found["sold"] = sold = x["sale_rate"] * np.exp(x[ENDED]) * lots
        elif measure["sale_rate"] == "sale_rate_listed":
            found["sold"] = sold = x["sale_rate"] * lots
    elif "sold" in x:
        found["sold"] = sold = np.exp(x["sold"]) * lots
    turnover: Floats | float = published["turnover"]
    if "turnover" in x:
        found["turnover"] = turnover = np.exp(x["turnover"]) * sold
    if "commission" in x:
        found["commission"] = np.exp(x["commission"]) * turnover
    if "premium" in x:
        found["premium"] = np.exp(x["premium"]) - (0.0 if measure["premium"] in RATIOS else 1.0)
    if "participants" in x:
        found["participants"] = np.exp(x["participants"]) * sold
    for name in set(x) - {"sale_rate", ENDED, "sold", "turnover", "commission", "premium", "participants"}:
        found[name] = np.exp(x[name]) * lots
    return found


@dataclass(frozen=True, slots=True)
class Tension:
    """One fact or figure against all the rest. ``pull``: what leaving it out does to the mean of the main effect;
    ``quantile``: where it lies in what the rest predicts; ``draws``: effective number behind both, which may be low.
    """

    name: str  # of the fact, or figure@window
    kind: Literal["figure", "fact"]
    pull: float
    quantile: float
    draws: float


def tensions(
    posterior: Posterior, contrast: tuple[Question, Question], seed: int, outcome: str = "sold_ever"
) -> list[Tension]:
    """Everything fitted under one interpretation, each left out by weights 1 / p(it | draw, the rest) (Gelfand, Dey & Chang
    1992). ``contrast``: the policy and what it is compared with.
    """
    one = posterior.one
    theta = posterior.draws(MOST, seed)
    terms = one.terms(one.straight.forward(theta))
    found = answers(one.model, theta, list(contrast))[:, :, OUTCOMES.index(outcome)]
    effect = found[:, 0] - found[:, 1]
    out = []
    for moment, density, below in _figures(one, theta):
        weight = _weights(-density)
        pull, draws = _pull(-density, effect)
        out.append(
            Tension(f"{moment.figure}@{moment.window_name}", "figure", pull, float(weight @ below), draws)
        )
    scored = evidence.scores(terms.facts, one.facts, widen=one.widen) if one.facts else None
    for i, fact in enumerate(one.facts):
        assert scored is not None
        rest = [j for j in range(len(one.facts)) if j != i]
        without = evidence.log_likelihood(terms.facts[:, rest], [one.facts[j] for j in rest], one.widen)
        pull, draws = _pull(without - terms.evidence, effect)
        out.append(Tension(fact.name, "fact", pull, float(scored.quantile[i]), draws))
    return out


def _figures(one: Density, theta: Floats) -> list[tuple[Moment, Floats, Floats]]:
    """Each moment, its log density given the others of its window (n,), and P(it is less than published) (n,)."""
    parts = [one.predict(theta[i : i + BATCH]) for i in range(0, len(theta), BATCH)]
    prediction = Prediction(
        *(np.concatenate([getattr(p, name) for p in parts]) for name in Prediction.__slots__)
    )

    def total(places: Sequence[int]) -> Floats:
        by = by_moment([one.moments[i] for i in places], _only(prediction, places))
        return np.asarray(by.counts.sum(axis=1) + by.totals.sum(axis=1))

    found = []
    for i, moment in enumerate(one.moments):
        beside = [
            j
            for j, other in enumerate(one.moments)
            if moment.aggregate and other.aggregate and other.window == moment.window
        ]
        given = [j for j in beside if j != i]
        density = total(beside or [i]) - (total(given) if given else 0.0)
        own = math.hypot(moment.discrepancy, moment.rounding)
        if moment.aggregate:
            t = (moment.observed - prediction.draws[:, :, i]) / max(own, 1e-9)
            below = ndtr(t).mean(axis=1)
        else:
            below = ndtr(
                (moment.observed - prediction.mean[:, i]) / np.sqrt(prediction.cov[:, i, i] + own**2)
            )
        found.append((moment, density, below))
    return found


def _only(prediction: Prediction, places: Sequence[int]) -> Prediction:
    """What is predicted of some of the moments."""
    p, at = prediction, list(places)
    return Prediction(p.mean[:, at], p.cov[:, at][:, :, at], p.draws[:, :, at], p.size[:, at])


def _pull(log_weight: Floats, effect: Floats) -> tuple[float, float]:
    """By how much the mean effect moves under weights, and their effective sample size."""
    return float(_weights(log_weight) @ effect - effect.mean()), effective(log_weight)


def _weights(log_weight: Floats) -> Floats:
    w = np.exp(log_weight - log_weight.max())
    return np.asarray(w / w.sum())
