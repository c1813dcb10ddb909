"""Published figures and model, on one scale: what is compared, its sampling variance, and what is assumed.

A *moment* is one independent piece of what a window's figures say:

    sale_rate      sold / (sold + unsold as interpreted)               of the rate
    ended          ln((sold + unsold) / lots): from sold and sale rate together      log points
    sold           ln(sold / lots), where no sale rate is fitted                     log points
    turnover       ln(turnover / sold)                                              log points
    commission     ln(commission / turnover)                                        log points
    premium        ln(1 + premium)                                                  log points
    participants   ln(participants / sold)                                          log points
    other counts   ln(count / lots)                                                 log points

Given its denominator a sale rate is binomial, and independent of how large the denominator is: so ``ended`` stands
beside ``sale_rate``, and sold is not counted twice. Turnover a lot, commission share and premium of one window are
three views of the same few large lots: their covariance is simulated at the parameters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.forward_model.expected_counts import Sums
from calibration.forward_model.forward_model import Outcome
from calibration.forward_model.simulated_totals import AGGREGATES
from calibration.targets.interpretations import RATIOS, UNSOLD, Interpretation
from calibration.targets.targets import Figure, Targets, Window
from sim.law.commission import FLAT

Floats = npt.NDArray[np.float64]

PRICE, START, RATIO, FIRST, SAVED, MEDIAN = range(len(AGGREGATES))
AGGREGATED: Final = ("turnover", "commission", "premium")
ENDED: Final = "ended"
LEAST: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment. ``observed``: on the moment's scale; ``rounding``: sd of what the published digits leave open;
    ``discrepancy``: sd of the model's own error (model discrepancy); ``number``: published count behind it.
    """

    window: int
    window_name: str
    name: str
    figure: str
    measure: str
    observed: float
    rounding: float
    discrepancy: float
    number: float = math.nan
    log_jacobian: float = 0.0  # ln |d observed / d published number|: densities are of the published numbers

    @property
    def key(self) -> str:
        return f"{self.name}@{self.window_name}"

    @property
    def aggregate(self) -> bool:
        return self.figure in AGGREGATED


def moments(
    targets: Targets, interpretation: Interpretation, figures: Sequence[Figure] | None = None
) -> list[Moment]:
    """The moments that the fitted figures (or those given) make under an interpretation, window by window."""
    wanted = list(targets.figures("fit")) if figures is None else list(figures)
    found: list[Moment] = []
    for w, window in enumerate(targets.windows.values()):
        mine = {f.name: f for f in wanted if f.window == window.name}
        for figure in mine.values():
            one = _moment(targets, w, figure, mine.get("sale_rate"), interpretation)
            if one is not None:
                found.append(one)
    return found


def _moment(
    targets: Targets, w: int, figure: Figure, rate: Figure | None, interpretation: Interpretation
) -> Moment | None:
    """The moment of a figure of window ``w``, where the sale rate is ``rate``, if it is fitted."""
    name, x, sd = figure.name, figure.value, figure.published.sd
    measure = interpretation.measure(name, next(iter(figure.measures)))
    discrepancy = targets.discrepancy.get(name, targets.discrepancy.get("other", 0.1))
    window = targets.windows[figure.window]
    sold, lots, turnover = (window.value(n) for n in ("sold", "lots", "turnover"))

    def made(
        observed: float,
        rounding: float,
        moment: str = name,
        number: float = math.nan,
        of: str = measure,
        per: float = 1.0,
    ) -> Moment:
        return Moment(
            w, window.name, moment, name, of, observed, rounding, discrepancy, number, -math.log(per)
        )

    if name == "sale_rate":
        number = round(sold / x) if sold > 0 and x > 0 else math.nan
        low, high = figure.published.interval()
        # Of lots listed, sold alone is a chance: the rate follows from it, to within the digits that are published.
        follows = measure == "sale_rate_listed" and lots > 0 and sold > 0 and high > low
        return made(x, 0.0 if sold > 0 else sd, number=number, per=high - low if follows else 1.0)
    if name == "sold":
        if rate is not None and rate.value > 0 and lots > 0 and sold > 0:
            spread, of = rate.published.sd / rate.value, rate_measure(interpretation, rate)
            if of != "sale_rate_listed":
                # Published is the rate, and not how many lots ended: |d ln(sold / rate) / d rate| = 1 / rate.
                return made(math.log(sold / rate.value / lots), spread, ENDED, sold, of, rate.value)
            return None
        return made(math.log(max(sold, 0.5) / (lots if lots > 0 else 1.0)), 0.0, number=sold)
    if name == "turnover":
        return made(math.log(x / (sold if sold > 0 else 1.0)), sd / x, per=x) if x > 0 else None
    if name == "commission":
        return made(math.log(x / turnover), sd / x, per=x) if x > 0 and turnover > 0 else None
    if name == "premium":
        shift = 0.0 if measure in RATIOS else 1.0
        return made(math.log(shift + x), sd / (shift + x), per=shift + x) if shift + x > 0 else None
    if name == "participants":
        return made(math.log(max(x, 0.5) / (sold if sold > 0 else 1.0)), sd / max(x, 0.5), number=x)
    return made(math.log(max(x, 0.5) / (lots if lots > 0 else 1.0)), sd / max(x, 0.5), number=x)


def rate_measure(interpretation: Interpretation, rate: Figure) -> str:
    """Which sale rate an interpretation takes the published one for."""
    return interpretation.measure("sale_rate", next(iter(rate.measures)))


@dataclass(frozen=True, slots=True)
class Prediction:
    """What n parameter vectors give for the moments of an interpretation. ``mean``: (n, m); ``cov``: (n, m, m), of one
    province's sampling; ``draws``: (n, draw, m), nan for counts; ``size``: (n, m) expected denominator of rates.
    """

    mean: Floats
    cov: Floats
    draws: Floats
    size: Floats


def predict(outcome: Outcome, of: Sequence[Moment], targets: Targets, basis: int) -> Prediction:
    """Means, sampling covariance and draws of moments on a basis."""
    assert outcome.totals is not None
    n, s = len(outcome.totals), outcome.totals.shape[3]
    mean, size = np.empty((n, len(of))), np.full((n, len(of)), np.nan)
    cov, draws = np.zeros((n, len(of), len(of))), np.full((n, s, len(of)), np.nan)
    windows = list(targets.windows.values())
    for i, one in enumerate(of):
        if one.aggregate:
            draws[:, :, i] = _aggregate(one, outcome, windows[one.window], basis)
            mean[:, i] = draws[:, :, i].mean(axis=1)
        else:
            mean[:, i], cov[:, i, i], size[:, i] = count(one, outcome, windows[one.window], basis)
    for w in range(len(windows)):
        mine = [i for i, one in enumerate(of) if one.window == w and one.aggregate]
        if mine:
            centred = draws[:, :, mine] - mean[:, None, mine]
            block = np.einsum("nsi,nsj->nij", centred, centred) / max(s - 1, 1)
            cov[np.ix_(range(n), mine, mine)] = block
    return Prediction(mean, cov, draws, size)


def _aggregate(one: Moment, outcome: Outcome, window: Window, basis: int) -> Floats:
    """Draws (n, draw) of an aggregate's moment."""
    assert outcome.totals is not None
    x = outcome.totals[:, one.window, basis]
    with np.errstate(invalid="ignore", divide="ignore"):
        if one.figure == "turnover":
            known = window.value("sold") > 0
            number = 1.0 if known else outcome.sums.lots_sold[:, :, one.window, basis].mean(axis=1)[:, None]
            return np.asarray(np.log(x[..., PRICE] * number))
        if one.figure == "commission":
            flat = one.measure == "commission_saved_flat"
            return (
                np.full(x.shape[:2], math.log(FLAT))
                if flat
                else np.asarray(np.log(x[..., SAVED] / x[..., PRICE]))
            )
        base = RATIOS.get(one.measure, one.measure)
        if base == "premium_turnover":
            return np.asarray(np.log(x[..., PRICE] / x[..., START]))
        column = {"premium_mean": RATIO, "premium_first_start_mean": FIRST}.get(base)
        return np.asarray(np.log1p(x[..., MEDIAN]) if column is None else np.log(x[..., column]))


def count(one: Moment, outcome: Outcome, window: Window, basis: int) -> tuple[Floats, Floats, Floats]:
    """Mean, sampling variance and expected denominator (n,) of a count's moment.

    Counts are scaled to the published number of lots, so that the model's own number listed does not matter.
    """

    def of(name: str) -> Floats:
        return np.asarray(getattr(outcome.sums, name)[:, :, one.window, basis].mean(axis=1))

    listed, sold = of("lots_listed"), of("lots_sold")
    lots = window.value("lots")
    scale = lots / listed if lots > 0 else np.ones(len(listed))
    top = _top(one, outcome.sums, basis).mean(axis=1)
    if one.name == "sale_rate":
        rate = sold / np.maximum(top, LEAST)
        number = np.maximum(top * scale, 1.0)
        return rate, np.maximum(rate * (1 - rate), LEAST) / number, number
    if one.name == "participants":
        known = window.value("sold") > 0
        mean = np.log(np.maximum(top, LEAST) / (np.maximum(sold, LEAST) if known else 1.0))
        return mean, of("participants2") / np.maximum(top, LEAST) ** 2 / scale, top * scale
    expected = np.maximum(top, LEAST)
    share = expected / np.maximum(listed, LEAST)
    chance = np.maximum(1.0 - share, 0.05) / (expected * scale)
    return (
        np.log(share if lots > 0 else expected),
        chance + _timing(one, outcome.runs, basis),
        expected * scale,
    )


def _top(one: Moment, sums: Sums, basis: int) -> Floats:
    """(n, replication) what a count's moment counts."""

    def of(name: str) -> Floats:
        return np.asarray(getattr(sums, name)[:, :, one.window, basis])

    if one.name in ("sale_rate", ENDED):
        return of("lots_sold") + unsold(of, one.measure)
    return _sum_of(one.figure, of)


def _timing(one: Moment, runs: Sums, basis: int) -> float:
    """Relative variance of a count that is due to when lots are listed: between runs, pooled over the grid."""
    if runs.lots_listed.shape[1] < 2:
        return 0.0
    share = _top(one, runs, basis) / np.maximum(runs.lots_listed[:, :, one.window, basis], LEAST)
    return float(np.mean(share.var(axis=1, ddof=1) / np.maximum(share.mean(axis=1), LEAST) ** 2))


def _sum_of(figure: str, by_run: Callable[[str], Floats]) -> Floats:
    if figure == "lots_ended":
        return by_run("lots_sold") + by_run("lots_failing")
    return by_run({"lots": "lots_listed", "sold": "lots_sold"}.get(figure, figure))


def unsold(of: Callable[[str], Floats], measure: str) -> Floats:
    """What a sale rate's denominator holds besides the sold. ``of``: sums by name."""
    kind = UNSOLD[measure]
    if kind == "lots_not_sold":
        return np.maximum(of("lots_listed") - of("lots_sold"), 0.0)
    if kind == "rounds_not_sold":
        return np.maximum(of("rounds_held") - of("lots_sold"), 0.0)
    return of(kind)
