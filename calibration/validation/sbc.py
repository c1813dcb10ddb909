"""Simulation-based calibration: provinces of known parameters, published as a court publishes, calibrated as they are shipped.

A province is drawn from all that the estimate assumes: parameters from the prior in the full dimension, an interpretation by
its prior weight, figures from one replication of the simulator (not of the closed forms that the estimate is made of) and the
discrepancy that the likelihood allows, rounded as the court rounds; facts around their measures at the truth, with both errors.
Then over many provinces the rank of the truth among the posterior's draws is uniform (Cook, Gelman & Rubin 2006; Talts et al.
2018), whatever rule on the *figures* says which provinces are kept (``like_a_court``): given figures, a posterior holds
whatever made us look at them. No polish enters.

The interpretation is given. With it ranks are just as uniform; with the mixture every province would cost eight samplers. So no
marginal likelihood is asked for.
The sampler is the shipped one, with a quarter of the draws that an answer needs (``settings.FEWER``) and its rules measured by that;
posteriors that are refused are counted, and their ranks are not.

Listing times are those of the calibration, shared by all provinces; a province's own have random numbers of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.stats import binom
from threadpoolctl import threadpool_limits

from calibration import steps
from calibration.answers import policy
from calibration.estimation.density import density
from calibration.estimation.posterior import Effort, posterior, run
from calibration.forward_model import overlays
from calibration.forward_model.forward_model import ForwardModel
from calibration.forward_model.inflow import Inflow
from calibration.random_streams import Purpose, stream
from calibration.settings import FEWER
from calibration.targets.evidence import chosen, drawn, restated
from calibration.targets.interpretations import COUNTS, RATIOS, Interpretation
from calibration.targets.published_numbers import PublishedNumber
from calibration.targets.targets import Figure, Targets
from sim.experiments.replications import measures_of
from sim.measures.summary import MeasureTable
from sim.model.simulate import simulate
from sim.scenario.load import Overlay

Floats = npt.NDArray[np.float64]

PROVINCE: Final = 10_000  # replication number of a province: none that listing times are taken from
LIKE: Final = (0.1, 0.9, 50)  # lowest and highest published sale rate of a window, fewest sold
TRIES: Final = 2000
DRAWS: Final = 299  # of the posterior, among which the truth is ranked
LEVELS: Final = (0.5, 0.8, 0.95)


@dataclass(frozen=True, slots=True)
class Province:
    """What nobody would know (``theta``), and what is published (``targets``, with the facts), under an interpretation."""

    theta: Floats
    interpretation: Interpretation
    targets: Targets
    tried: int  # provinces simulated until one was kept


def province(model: ForwardModel, number: int) -> Province:
    """The first province of this number whose figures are like a court's."""
    rng = stream(model.targets.seed, number, Purpose.PROVINCE)
    interpretations = model.targets.interpretations()
    weights = np.array([one.weight for one in interpretations])
    tried = 0
    for _ in range(TRIES):
        theta = model.space.from_unit(rng.random((1, len(model.space.slots))))[0]
        interpretation = interpretations[int(rng.choice(len(interpretations), p=weights / weights.sum()))]
        if not _possible(model, theta):
            continue
        tried += 1
        targets = published(model, theta, interpretation, number, PROVINCE + tried)
        if targets is not None and like_a_court(targets):
            return Province(
                theta, interpretation, with_facts(ForwardModel(targets, model.every, 1), theta, rng), tried
            )
    raise ValueError(f"none of {TRIES} draws of the prior gives figures like a court's")


def _possible(model: ForwardModel, theta: Floats) -> bool:
    """Whether figures could be like a court's: far wider than ``LIKE``, so that it spares runs and chooses nothing."""
    sums = model.sums(theta[None, :])
    sold, failed = (x[0, 0].min(axis=-1) for x in (sums.lots_sold, sums.lots_failed))
    rate = sold / np.maximum(sold + failed, 1e-9)
    return bool((sold > LIKE[2] / 3.0).all() and (rate > 0.02).all())


def like_a_court(targets: Targets) -> bool:
    """Whether every window has sold enough, at a rate that is neither next to nothing nor nearly all."""
    low, high, sold = LIKE
    rates = [f.value for f in targets.figures() if f.name == "sale_rate"]
    return all(low <= x <= high for x in rates) and all(
        w.value("sold") >= sold for w in targets.windows.values()
    )


def published(
    model: ForwardModel, theta: Floats, interpretation: Interpretation, seed: int, number: int
) -> Targets | None:
    """The figures of replication ``number`` at ``theta`` under an interpretation, as published; None where one is undefined.

    ``seed``: added to the scenario's, so that provinces share no random numbers with each other nor with listing times.
    """
    base = model.targets
    own = Overlay("province", {"run": {"seed": base.loaded.scenario.run.seed + 1 + seed}})
    scenario = overlays.over(base, [model.overlay(theta, "truth"), own])
    table = measures_of(scenario, number, simulate(scenario, number))
    rng = stream(base.seed, seed, number, Purpose.PROVINCE_ERRORS)
    windows = {}
    for name, window in base.windows.items():
        plain = {f.name: _measured(table, f, interpretation) for f in window.figures.values()}
        said = off(plain, base, interpretation, rng)
        fitted = [f.name for f in window.figures.values() if f.role == "fit"]
        if not all(np.isfinite(said[f]) and said[f] >= 0.0 for f in fitted):
            return None
        figures = {f.name: replace(f, published=as_the_court(said[f.name], f)) for f in window.figures.values() if np.isfinite(said[f.name])}  # fmt: skip
        windows[name] = replace(window, figures=figures)
    return replace(base, windows=windows)


def _measured(table: MeasureTable, figure: Figure, interpretation: Interpretation) -> float:
    measure = interpretation.measure(figure.name, next(iter(figure.measures)))
    value = table.value(RATIOS.get(measure, measure), figure.window, basis=interpretation.basis)
    return value + 1.0 if measure in RATIOS else value


def off(plain: Mapping[str, float], targets: Targets, interpretation: Interpretation, rng: np.random.Generator) -> dict[str, float]:  # fmt: skip
    """One window's figures with the discrepancy that the likelihood allows between the model and reality, each on the scale
    of its moment: of the rate, and of how many lots ended; of price a sale, of commission's share, of price / start.
    """
    said = dict(plain)

    def error(name: str) -> float:
        return targets.discrepancy.get(name, targets.discrepancy.get("other", 0.1)) * rng.standard_normal()

    if said.get("sale_rate", 0.0) > 0.0 and said.get("sold", 0.0) > 0.0:
        listed = interpretation.measure("sale_rate", "") == "sale_rate_listed"
        ended = said["sold"] / said["sale_rate"] * np.exp(0.0 if listed else error("sold"))
        ended = max(round(ended), 1)
        rate = np.clip(said["sale_rate"] + error("sale_rate"), 0.0, 1.0)
        said["sold"] = float(round(rate * ended))
        said["sale_rate"] = said["sold"] / ended
    each = said["sold"] / plain["sold"] if plain.get("sold", 0.0) > 0.0 else 1.0
    if "turnover" in said:
        said["turnover"] *= each * np.exp(error("turnover"))
        if "commission" in said:
            said["commission"] *= (
                said["turnover"] / max(plain["turnover"], 1e-300) * np.exp(error("commission"))
            )
    if "premium" in said:
        shift = 0.0 if interpretation.measure("premium", "") in RATIOS else 1.0
        said["premium"] = (said["premium"] + shift) * np.exp(error("premium")) - shift
    return said


def as_the_court(x: float, figure: Figure) -> PublishedNumber:
    """A number with the digits that the court publishes of the figure, rounded."""
    digit = figure.published.digit
    if not digit:
        return PublishedNumber(f"{x:.0f}" if figure.name in COUNTS else f"{x:g}", Fraction(x), digit, "exact")
    exact = round(Fraction(x) / digit) * digit
    return PublishedNumber(f"{float(exact):.10g}", exact, digit, "rounded")


def with_facts(model: ForwardModel, theta: Floats, rng: np.random.Generator) -> Targets:
    """The targets of ``model``, the facts that are fitted drawn around their measures at ``theta``, with both their errors."""
    facts = chosen(model.targets.evidence, "fit")
    if not facts:
        return model.targets
    measures = model.measured(theta[None, :], facts)
    return replace(model.targets, evidence=restated(facts, drawn(measures, facts, rng)[0]))


def calibrated(
    one: Province, inflows: Sequence[Inflow], number: int, effort: Effort = FEWER
) -> list[dict[str, Any]]:
    """Calibrate a province on what is published, and rank its truth: a row a quantity."""
    seed = one.targets.seed + 1 + number
    model = model_of(one, inflows, number, effort)
    with threadpool_limits(1):
        target = density(model, one.interpretation, one.targets.evidence)
        found = posterior(target, run(target, seed, effort, marginal=False))
        height = true_height(one, model)
    diagnostics = found.diagnostics
    about = {
        "number": number, "interpretation": one.interpretation.key, "tried": one.tried, "steps": len(found.run.y), "accepted": found.run.accepted,
        "rhat": float(diagnostics.rhat.max()), "size": diagnostics.effective, "refused": int(bool(diagnostics.refusal())),
        "seconds": found.run.seconds, "height": height,
    }  # fmt: skip
    rng = stream(seed, Purpose.RANKS)
    ranks = ranked(model, one.theta, found.draws(DRAWS, seed), diagnostics.effective, rng)
    return [{**about, "name": name, **row} for name, row in ranks.items()]


def true_height(one: Province, model: ForwardModel) -> float:
    """Log density of the truth, unnormalised: by it one knows whether a province and its posterior are still the same ones."""
    target = density(model, one.interpretation, one.targets.evidence)
    return float(target.log_posterior(target.straight.forward(one.theta[None, :]))[0])


def model_of(one: Province, inflows: Sequence[Inflow], number: int, effort: Effort = FEWER) -> ForwardModel:
    """What a province is calibrated with."""
    return ForwardModel(one.targets, inflows, effort.totals, one.targets.seed + 1 + number)


def quantities(model: ForwardModel, theta: Floats) -> dict[str, Floats]:
    """The quantities that are ranked, (n,) each: parameters (transformed), every outcome as things are, and every policy effect."""
    questions = policy.questions(model)
    found = steps.answer(model, theta)
    against = policy.effects(model, found, questions)
    out = {name: theta[:, i] for i, name in enumerate(model.space.names)}
    firsts = {one.family: q for q, one in reversed(list(enumerate(questions)))}
    for o, outcome in enumerate(policy.OUTCOMES):
        for q, one in enumerate(questions):
            first = firsts[one.family]
            if q == first:
                out[f"{outcome} {one.key}"] = found[:, q, o]
            else:
                out[f"{outcome} {one.key} less {questions[first].key}"] = against[:, q, o]
    return out


def ranked(model: ForwardModel, truth: Floats, draws: Floats, size: float, rng: np.random.Generator) -> dict[str, dict[str, float]]:  # fmt: skip
    """For each quantity: its true value, its rank in the posterior, and the posterior's middle and 95 % ends.

    Of n independent draws from the distribution of the truth, (number below + a uniform number) / (n + 1) is uniform; n is
    the effective sample size. With the number of draws in its place, correlated draws would give too many extreme ranks.
    """
    true, found = (quantities(model, x) for x in (truth[None, :], draws))
    rows = {}
    for name, value in true.items():
        x, t = found[name], float(value[0])
        low, median, high = (float(q) for q in np.quantile(x, [0.025, 0.5, 0.975]))
        below = ((x < t).sum() + rng.random() * (x == t).sum()) / len(x)
        rank = (size * below + rng.random()) / (size + 1.0)
        rows[name] = {"truth": t, "rank": float(rank), "low": low, "median": median, "high": high}
    return rows


def inside(ranks: Floats, level: float) -> tuple[int, int, int]:
    """How many truths lie in the central interval, and the central 95 % of how many may."""
    least, most = binom.interval(0.95, len(ranks), level)
    return int((np.abs(ranks - 0.5) <= level / 2.0).sum()), int(least), int(most)


@lru_cache(maxsize=4)
def band(number: int, level: float = 0.95, simulations: int = 4000) -> tuple[Floats, Floats, Floats]:
    """Where the ECDF of ``number`` uniform ranks stays, all along, with this probability: points, low, high.

    Säilynoja, Bürkner & Vehtari (2022): binomial intervals at each point, all of one level, which simulation finds.
    """
    at = np.arange(1, 100) / 100.0
    rng = stream(Purpose.BAND)
    below = np.stack([(rng.random(number)[:, None] <= at).sum(axis=0) for _ in range(simulations)])
    tail = 2.0 * np.minimum(binom.cdf(below, number, at), binom.sf(below - 1, number, at)).min(axis=1)
    each = float(np.quantile(tail, 1.0 - level))
    low, high = (np.asarray(x) / number for x in (binom.ppf(each / 2.0, number, at), binom.isf(each / 2.0, number, at)))  # fmt: skip
    return at, low, high


def strays(ranks: Floats) -> bool:
    """Whether the ranks' ECDF leaves the band somewhere."""
    at, low, high = band(len(ranks))
    ecdf = (ranks[:, None] <= at).mean(axis=0)
    return bool((ecdf < low - 1e-12).any() or (ecdf > high + 1e-12).any())
