"""Known truth comes back: provinces simulated at known parameters, printed as a court prints, calibrated, compared.

One province: parameters from the prior, a reading by its weight; the simulator (not the closed forms that calibration
is made of) runs every window; its measures are rounded as the targets file's figures are; the calibration is told the
reading and the printed figures, nothing else. Print decides whether a province is kept (``LIKE``): given print, a
posterior holds whatever made us look at that print, so coverage stays exact, which choosing by parameters would spoil.

Looked at are: z of the truth and its distance, a chi-square (are the moments' means, errors and correlations right?), and
wave 2's posterior: over many provinces the rank of the truth among its draws is uniform, and its intervals cover as they
say (Cook, Gelman & Rubin 2006; Talts et al. 2018). Wave 2's long walks are too slow for fifty provinces, and walks may
stay on one side of a ridge that has two: here the same posterior is drawn by importance sampling.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from calibration import history, steps
from calibration.answers import policy
from calibration.coordinates import coordinates
from calibration.dispersion import dispersion
from calibration.distance import Objective, objective
from calibration.evaluate import panel, standardised
from calibration.expected import Sums
from calibration.exposure import Exposure
from calibration.inference import inverse
from calibration.likelihood import DRAWS, log_likelihood, of_prediction
from calibration.moments import Prediction, count
from calibration.parameters import space
from calibration.printed import Printed
from calibration.proposal import smoothed
from calibration.readings import BASES, COUNTS, RATIOS, Reading
from calibration.sample import density
from calibration.targets import Figure, Targets
from calibration.weights import effective, resampled
from calibration.world import BATCH, Outcome, World, grid_of
from sim.measures.tables import MeasureTable
from sim.scenario.load import Sheet

Floats = npt.NDArray[np.float64]

PROVINCE: Final = 10_000  # replication number of a province: none that listing times are taken from
LIKE: Final = (0.1, 0.9, 50)  # lowest and highest printed sale rate of a window, fewest sold
TRIES: Final = 2000
LEVELS: Final = (0.5, 0.95)


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is done for a province."""

    draws: int = 32  # S, as calibration has it: of moments, and of the first round
    many: int = DRAWS  # S of the likelihood that the posterior is made of
    listings: int = 32  # runs for listing times, shared by all provinces: with 4 their spread is hardly known
    bank: int = 32768  # draws of the prior whose counts are kept, shared by all provinces
    first: int = 384  # vectors of the bank that are looked at
    proposed: int = 512  # of each round
    rounds: int = 1  # kept, at least
    most: int = 4  # rounds, while draws are worth less than ``enough``
    enough: float = 200.0
    longest: int = 10  # rounds at most, while draws are worth less than ``least``
    least: float = 60.0
    answered: int = 512  # draws of the posterior that policy questions are asked of


@dataclass(frozen=True, slots=True)
class Province:
    """A simulated province: what nobody would know (``theta``), and what is printed (``targets``)."""

    theta: Floats
    reading: Reading
    targets: Targets
    tried: int  # provinces simulated until one was kept


def seeded(targets: Targets, number: int) -> Targets:
    """The same targets with luck of their own, in the simulator and in calibration."""
    seed = targets.seed + number
    run = {**targets.loaded.tree["run"], "seed": seed}
    scenario = steps.over(targets, [Sheet("seed", {"run": run})])
    loaded = replace(targets.loaded, scenario=scenario, tree={**targets.loaded.tree, "run": run})
    return replace(targets, loaded=loaded, seed=seed)


def exact(targets: Targets) -> Targets:
    """The same targets where the model is held to be right: no discrepancy."""
    return replace(targets, discrepancy=dict.fromkeys(targets.discrepancy, 0.0))


def timing(targets: Targets, effort: Effort) -> list[Exposure]:
    """Listing times by the simulator, under luck that no province has."""
    points = grid_of(space(targets.free, list(targets.windows))).points
    return [steps.expose(None, targets, point, effort.listings) for point in points]


def province(world: World, readings: Sequence[Reading], number: int) -> Province:
    """The first province, of parameters drawn from the prior, whose print is like that of a court (``LIKE``)."""
    rng = np.random.default_rng((world.targets.seed, number, 101))
    weights = np.array([one.weight for one in readings])
    tried = 0
    for _ in range(TRIES):
        theta = world.space.from_unit(rng.random((1, len(world.space.slots))))[0]
        reading = readings[int(rng.choice(len(readings), p=weights / weights.sum()))]
        if not _possible(world, theta):
            continue
        tried += 1
        targets = printed(world, theta, reading, PROVINCE + tried)
        if targets is not None and like_a_court(targets):
            return Province(theta, reading, targets, tried)
    raise ValueError(f"none of {TRIES} draws of the prior gives figures like a court's")


def _possible(world: World, theta: Floats) -> bool:
    """Whether print could be like a court's: far wider than ``LIKE``, so that it spares runs and chooses nothing."""
    sums = world.sums(theta[None, :])
    sold, failed = sums.lots_sold.mean(axis=1)[0].min(axis=-1), sums.lots_failed.mean(axis=1)[0].min(axis=-1)
    rate = sold / np.maximum(sold + failed, 1e-9)
    return bool((sold > LIKE[2] / 3.0).all() and (rate > 0.02).all())


def like_a_court(targets: Targets) -> bool:
    """Whether every window has sold enough and printed a rate that is neither next to nothing nor nearly all."""
    low, high, sold = LIKE
    rates = [f.value for f in targets.figures() if f.name == "sale_rate"]
    return all(low <= x <= high for x in rates) and all(
        w.value("sold") >= sold for w in targets.windows.values()
    )


def printed(world: World, theta: Floats, reading: Reading, number: int) -> Targets | None:
    """The figures that one replication at ``theta`` would print under a reading; None where one is undefined."""
    windows: dict[str, Any] = {}
    tables: dict[str, MeasureTable] = {}
    for name, window in world.targets.windows.items():
        one = name if world.per_window else world.windows[-1]
        if one not in tables:
            tables[one] = steps.simulated(world, theta, one, number)
        figures = {}
        for figure in window.figures.values():
            x = _measured(tables[one], figure, reading)
            if not np.isfinite(x):
                return None
            figures[figure.name] = replace(figure, printed=as_the_court(x, figure))
        windows[name] = replace(window, figures=figures)
    return replace(world.targets, windows=windows)


def _measured(table: MeasureTable, figure: Figure, reading: Reading) -> float:
    measure = reading.measure(figure.name, next(iter(figure.measures)))
    value = table.value(RATIOS.get(measure, measure), figure.window, basis=reading.basis)
    return value + 1.0 if measure in RATIOS else value


def as_the_court(x: float, figure: Figure) -> Printed:
    """A number with the digits that the court prints of the figure, rounded."""
    digit = figure.printed.digit
    if not digit:
        return Printed(f"{x:.0f}" if figure.name in COUNTS else f"{x:g}", Fraction(x), digit, "exact")
    exact = round(Fraction(x) / digit) * digit
    return Printed(f"{float(exact):.10g}", exact, digit, "rounded")


class Bank:
    """Draws of the prior and the counts that they give: what is printed has no part in them, so all provinces share one."""

    def __init__(self, world: World, size: int, seed: int) -> None:
        self.theta = history.design(world, size, seed % 2**31)
        parts = [world.sums(self.theta[i : i + BATCH]) for i in range(0, size, BATCH)]
        self.sums = {
            f.name: np.concatenate([getattr(part, f.name) for part in parts], dtype=np.float32)
            for f in fields(Sums)
        }

    def log_likelihood(self, one: Objective, chunk: int = 4096) -> Floats:
        """(size,) of the counts that a province printed."""
        counts = [m for m in one.moments if not m.aggregate]
        windows = list(one.world.targets.windows.values())
        basis = BASES.index(one.reading.basis)
        found = []
        for first in range(0, len(self.theta), chunk):
            part = {name: x[first : first + chunk].astype(np.float64) for name, x in self.sums.items()}
            outcome = Outcome(Sums(**part), None)
            told = [count(m, outcome, windows[m.window], basis) for m in counts]
            mean, variance, size = (np.stack([one[i] for one in told], axis=1) for i in range(3))
            cov = np.einsum("ni,ij->nij", variance, np.eye(len(counts)))
            found.append(of_prediction(counts, Prediction(mean, cov, np.empty((len(mean), 0, 0)), size)))
        return np.concatenate(found)


def calibrate(one: Province, exposures: Sequence[Exposure], bank: Bank, effort: Effort) -> dict[str, Any]:
    """Calibrate a province on its print, and say where its truth lies in what is found."""
    began = time.process_time()
    world = World(one.targets, exposures, effort.draws)
    goal = objective(world, one.reading)
    every = panel(world, [one.reading])
    z = standardised(world, every, one.theta[None, :])[0]
    draws, worth = posterior(goal, bank, effort, one.targets.seed)
    return {
        "reading": one.reading.key,
        "tried": one.tried,
        "printed": {f"{f.name}@{f.window}": f.value for f in one.targets.figures()},
        "z": dict(
            zip((c.moment.key for c in every.columns), map(float, z[: len(every.columns)]), strict=True)
        ),
        "distance": goal.distance(one.theta, inverse(goal.covariance(one.theta))),
        "worth": worth,
        "quantities": compared(world, one.theta, draws),
        "seconds": time.process_time() - began,
    }


def at_the_truth(
    targets: Targets, exposures: Sequence[Exposure], found: dict[str, Any], draws: int
) -> dict[str, float]:
    """z of the truth by moment, (model - print) / sd, with so many draws. ``found``: of ``calibrate``, ``number`` with it."""
    mine = seeded(targets, found["number"])
    windows = {
        name: replace(window, figures={
            f.name: replace(f, printed=as_the_court(found["printed"][f"{f.name}@{name}"], f))
            for f in window.figures.values()
        })
        for name, window in mine.windows.items()
    }  # fmt: skip
    world = World(replace(mine, windows=windows), exposures, draws)
    theta = np.array([[found["quantities"][name]["truth"] for name in world.space.names]])
    every = panel(world, [next(r for r in mine.readings() if r.key == found["reading"])])
    z = standardised(world, every, theta)[0]
    return dict(zip((c.moment.key for c in every.columns), map(float, z[: len(every.columns)]), strict=True))


def posterior(one: Objective, bank: Bank, effort: Effort, seed: int) -> tuple[Floats, float]:
    """Draws (n, p) of the posterior, and how many independent ones they are worth.

    Adaptive importance sampling: vectors of the bank are taken as often as counts have them, and aggregates say which of
    them matter; around those, in straight coordinates, laws propose, weights make up for where they propose more often, and
    around what weighs they propose again. It begins all over the prior, so it is less easily stuck than a walk on one side of
    a ridge that has two. A first round is drawn with few sheets, and not kept.
    """
    rng = np.random.default_rng((seed, 7))
    straight = coordinates(one.world)
    with_many = replace(one, world=one.world.drawing(effort.many))
    counts = bank.log_likelihood(one)
    chosen = resampled(np.exp(counts - counts.max()), effort.first, rng)
    law = smoothed(
        straight.forward(bank.theta[chosen]), log_likelihood(one, bank.theta[chosen]) - counts[chosen], rng
    )
    y = law.draw(effort.proposed, rng)
    law = smoothed(y, density(one, straight, y) - law.log_density(y), rng)
    y, weight = y[:0], np.empty(0)
    for number in range(effort.longest):
        wanted = effort.enough if number < effort.most else effort.least
        if number >= effort.rounds and effective(weight) >= wanted:
            break
        drawn = law.draw(effort.proposed, rng)
        y = np.concatenate([y, drawn])
        weight = np.concatenate([weight, density(with_many, straight, drawn) - law.log_density(drawn)])
        law = smoothed(y, weight, rng)
    theta, _ = straight.back(y)
    return theta[resampled(np.exp(weight - weight.max()), effort.answered, rng)], effective(weight)


def quantities(world: World, theta: Floats) -> dict[str, Floats]:
    """What a calibration is asked for, (n,) each: parameters (transformed), how prices are spread, what is sold and recovered
    as things are, and what the deepest cut and the lowest start would change.
    """
    families = {
        one.family: one for one in reversed(policy.questions(world))
    }  # the first of each, which are references
    last = {one.family: one for one in policy.questions(world)}
    asked = [one for family in last for one in (families[family], last[family])]
    found = policy.answers(world, theta, asked)
    against = policy.effects(world, found, asked)
    out = {name: theta[:, i] for i, name in enumerate(world.space.names)}
    out["price_dispersion"] = dispersion(world, theta, world.windows[-1], BASES[0])
    for o, outcome in enumerate(policy.OUTCOMES):
        out[f"{outcome} {asked[0].key}"] = found[:, 0, o]
        for q in range(1, len(asked), 2):
            out[f"{outcome} {asked[q].key} less {asked[q - 1].key}"] = against[:, q, o]
    return out


def compared(world: World, truth: Floats, draws: Floats) -> dict[str, dict[str, float]]:
    """For each quantity: its true value, its rank and intervals in the posterior, and what was learnt."""
    prior = world.space.from_unit(np.random.default_rng(1).random((128, len(truth))))
    true, found, before = (quantities(world, x) for x in (truth[None, :], draws, prior))
    told = {}
    for name, value in true.items():
        x, t = found[name], float(value[0])
        low95, low50, median, high50, high95 = (
            float(q) for q in np.quantile(x, [0.025, 0.25, 0.5, 0.75, 0.975])
        )
        told[name] = {
            "truth": t, "rank": float(((x < t).sum() + 0.5 * (x == t).sum()) / len(x)),
            "low95": low95, "low50": low50, "median": median, "high50": high50, "high95": high95,
            "learnt": float(np.clip(1.0 - x.var() / max(before[name].var(), 1e-300), 0.0, 1.0)),
        }  # fmt: skip
    return told
