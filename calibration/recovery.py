"""Known truth comes back: provinces simulated at known parameters, printed as a court prints, calibrated, compared.

One province: parameters from the prior, a reading by its weight; the simulator (not the closed forms that calibration
is made of) runs every window; its measures are rounded as the targets file's figures are; the calibration is told the
reading and the printed figures, nothing else. Print decides whether a province is kept (``LIKE``): given print, a
posterior holds whatever made us look at that print, so coverage stays exact, which choosing by parameters would spoil.

Looked at are: z of the truth and its distance, a chi-square (are the moments' means, errors and correlations right?), the
set of wave 1, and the posterior: over many provinces the rank of the truth among its draws is uniform, and its intervals cover as they say
(Cook, Gelman & Rubin 2006; Talts et al. 2018). The posterior is wave 2's. Its long walks are too slow for fifty provinces,
so a population is brought to it from wave 1's set by tempering (Del Moral, Doucet & Jasra 2006), and walks there.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from calibration import history, policy, steps
from calibration.coordinates import Coordinates, coordinates
from calibration.distance import Objective, minimise, objective
from calibration.evaluate import panel, standardised
from calibration.exposure import Exposure
from calibration.inference import inverse
from calibration.likelihood import log_likelihood
from calibration.parameters import space
from calibration.printed import Printed
from calibration.readings import COUNTS, RATIOS, Reading
from calibration.targets import Figure, Targets
from calibration.world import World, grid_of
from sim.measures.tables import MeasureTable
from sim.scenario.load import Sheet

Floats = npt.NDArray[np.float64]

PROVINCE: Final = 10_000  # replication number of a province: none that listing times are taken from
LIKE: Final = (0.1, 0.9, 50)  # lowest and highest printed sale rate of a window, fewest sold
TRIES: Final = 2000
LEVELS: Final = (0.5, 0.95)
STRIDES: Final = (
    4.0,
    2.4,
    1.2,
    1.2,
)  # of walks, over sqrt(2 p): what is best for a normal law, and what follows a bend


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is done for a province."""

    draws: int = 32
    listings: int = 32  # runs for listing times, shared by all provinces: with 4 their spread is hardly known
    design: int = 256
    starts: int = 2
    budget: int = 5  # evaluations a parameter, start and step
    population: int = 96  # walkers
    moves: int = 4  # at each temperature
    walk: int = 22  # steps at the posterior; the second half is kept
    answered: int = 320  # draws of the posterior that policy questions are asked of


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
    step = figure.printed.step
    if step == 0.0:
        return Printed(f"{x:.0f}" if figure.name in COUNTS else f"{x:g}", float(x), 0.0, "exact")
    value = round(x / step) * step
    return Printed(f"{value:.10g}", value, step, "rounded")


def calibrate(one: Province, exposures: Sequence[Exposure], effort: Effort) -> dict[str, Any]:
    """Calibrate a province on its print, and say where its truth lies in what is found."""
    began = time.perf_counter()
    seed = one.targets.seed
    world = World(one.targets, exposures, effort.draws)
    every = panel(world, [one.reading])
    theta = history.design(world, effort.design, seed % 2**31)
    z = standardised(world, every, theta, cut=2.0 * history.CUT)
    seen = history.Seen(theta, z)
    goal = objective(world, one.reading)
    estimate = minimise(goal, list(history.starts(world, seen, every, 0, effort.starts)), effort.budget)
    wave = history.match(world, one.reading, estimate.ends, seen, seed)
    truth_z = standardised(world, every, one.theta[None, :])[0]
    distance = goal.distance(one.theta, inverse(goal.covariance(one.theta)))
    told = {
        "reading": one.reading.key,
        "tried": one.tried,
        "z": dict(zip((c.moment.key for c in every.columns), map(float, truth_z), strict=True)),
        "distance": {"value": distance, "freedom": len(every.columns)},
        "ruled_out": wave.ruled_out,
        "printed": {f"{f.name}@{f.window}": f.value for f in one.targets.figures()},
    }
    if wave.ruled_out:
        return told | {"seconds": time.perf_counter() - began}
    chain, moved = posterior(goal, wave.sample, effort, seed)
    straight = coordinates(world)
    flat = chain.reshape(-1, chain.shape[-1])
    draws = straight.back(flat[np.random.default_rng((seed, 9)).permutation(len(flat))[: effort.answered]])[0]
    return told | {
        "accepted": moved,
        "quantities": compared(
            world, one.theta, draws, wave.sample[: effort.design // 2], theta[: effort.design // 2]
        ),
        "seconds": time.perf_counter() - began,
    }


@dataclass(slots=True)
class Walkers:
    """A population: places (n, p) in straight coordinates, log prior there, log likelihood of counts and of aggregates."""

    y: Floats
    prior: Floats
    counts: Floats
    aggregates: Floats

    @property
    def likely(self) -> Floats:
        return self.counts + self.aggregates

    def take(self, chosen: npt.NDArray[np.intp]) -> Walkers:
        return Walkers(self.y[chosen], self.prior[chosen], self.counts[chosen], self.aggregates[chosen])


class Density:
    """The posterior in straight coordinates, in two parts: what counts say, which is cheap, and what aggregates say."""

    def __init__(self, one: Objective, straight: Coordinates) -> None:
        self.straight, self.space = straight, one.world.space
        self.counts = replace(one, moments=tuple(m for m in one.moments if not m.aggregate))
        self.aggregates = replace(one, moments=tuple(m for m in one.moments if m.aggregate))

    def of_counts(self, y: Floats) -> tuple[Floats, Floats, Floats]:
        """Vectors, log prior and log likelihood of the counts, -inf outside the prior."""
        theta, log_jacobian = self.straight.back(y)
        prior = self.space.log_prior(theta) + log_jacobian
        return theta, prior, self._where(np.isfinite(prior), self.counts, theta)

    def of_aggregates(self, theta: Floats, wanted: npt.NDArray[np.bool_]) -> Floats:
        """Log likelihood of the aggregates where wanted, else -inf."""
        return self._where(wanted, self.aggregates, theta)

    @staticmethod
    def _where(wanted: npt.NDArray[np.bool_], one: Objective, theta: Floats) -> Floats:
        found = np.full(len(theta), -np.inf)
        if wanted.any():
            found[wanted] = log_likelihood(one, theta[wanted]) if one.moments else 0.0
        return found

    def at(self, y: Floats) -> Walkers:
        theta, prior, counts = self.of_counts(y)
        return Walkers(y, prior, counts, self.of_aggregates(theta, np.isfinite(prior)))


def posterior(one: Objective, start: Floats, effort: Effort, seed: int) -> tuple[Floats, float]:
    """Draws (step, walker, p) in straight coordinates, and the share of moves taken."""
    straight = coordinates(one.world)
    density = Density(one, straight)
    rng = np.random.default_rng((seed, 7))
    walkers = density.at(
        straight.forward(
            start[rng.choice(len(start), effort.population, replace=len(start) < effort.population)]
        )
    )
    walkers = temper(density, walkers, effort.moves, rng)
    way, taken = walk(density, walkers, effort.walk, rng)
    return way[effort.walk // 2 :], taken


def temper(density: Density, now: Walkers, moves: int, rng: np.random.Generator) -> Walkers:
    """A population of the prior taken to the posterior: the likelihood to a power that rises to 1, at each step as far as
    half of the population's effective size allows; resampled, then moved.
    """
    power = 0.0
    while power < 1.0:
        step = _step(now.likely, 1.0 - power)
        power += step
        weight = np.exp(step * (now.likely - now.likely.max()))
        at = (np.arange(len(weight)) + rng.random()) / len(weight)
        now = now.take(np.searchsorted(np.cumsum(weight) / weight.sum(), at).clip(max=len(weight) - 1))
        for _ in range(moves):
            move(density, now, power, rng)
    return now


def walk(density: Density, now: Walkers, steps_: int, rng: np.random.Generator) -> tuple[Floats, float]:
    """(step, walker, p) of a walk at the posterior, and the share of moves taken."""
    way, taken = np.empty((steps_, *now.y.shape)), 0
    for i in range(steps_):
        taken += move(density, now, 1.0, rng)
        way[i] = now.y
    return way, taken / (steps_ * len(now.y))


def _step(likely: Floats, most: float) -> float:
    """How far the power may rise: to where the weights are worth half of the population."""

    def worth(step: float) -> float:
        w = np.exp(step * (likely - likely.max()))
        return float(w.sum() ** 2 / (w**2).sum())

    if worth(most) >= len(likely) / 2.0:
        return most
    low, high = 0.0, most
    for _ in range(40):
        middle = (low + high) / 2.0
        low, high = (middle, high) if worth(middle) >= len(likely) / 2.0 else (low, middle)
    return max(low, 1e-4)


def move(density: Density, now: Walkers, power: float, rng: np.random.Generator) -> int:
    """Every walker tried once, in place, by a difference of two of the other half (ter Braak 2006), a little blurred; how
    many moved. Counts are asked first, and aggregates only of what counts let pass (delayed acceptance: Christen & Fox 2005).
    """
    order = rng.permutation(len(now.y))
    p = now.y.shape[1]
    moved = 0
    for mine, others in ((order[::2], order[1::2]), (order[1::2], order[::2])):
        a, b = rng.choice(others, len(mine)), rng.choice(others, len(mine))
        stride = rng.choice(STRIDES, (len(mine), 1)) / np.sqrt(2.0 * p)
        tried = now.y[mine] + stride * (now.y[a] - now.y[b]) + 0.01 * rng.standard_normal((len(mine), p))
        theta, prior, counts = density.of_counts(tried)
        passed = _taken(prior - now.prior[mine] + power * (counts - now.counts[mine]), rng)
        aggregates = density.of_aggregates(theta, passed)
        taken = passed & _taken(power * (aggregates - now.aggregates[mine]), rng)
        at = mine[taken]
        now.y[at], now.prior[at] = tried[taken], prior[taken]
        now.counts[at], now.aggregates[at] = counts[taken], aggregates[taken]
        moved += len(at)
    return moved


def _taken(rise: Floats, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Metropolis: whether each change of the log density is accepted; undefined ones are not."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.log(rng.random(len(rise))) < rise)


def quantities(world: World, theta: Floats) -> dict[str, Floats]:
    """What a calibration is asked for, (n,) each: parameters (transformed), what is sold and recovered as things are, and
    what the deepest cut and the lowest start would change.
    """
    families = {
        one.family: one for one in reversed(policy.questions(world))
    }  # the first of each, which are references
    last = {one.family: one for one in policy.questions(world)}
    asked = [one for family in last for one in (families[family], last[family])]
    found = policy.answers(world, theta, world.windows[-1], asked)
    against = policy.effects(world, found, asked)
    out = {name: theta[:, i] for i, name in enumerate(world.space.names)}
    for o, outcome in enumerate(policy.OUTCOMES):
        out[f"{outcome} {asked[0].key}"] = found[:, 0, o]
        for q in range(1, len(asked), 2):
            out[f"{outcome} {asked[q].key} less {asked[q - 1].key}"] = against[:, q, o]
    return out


def compared(
    world: World, truth: Floats, draws: Floats, chosen: Floats, prior: Floats
) -> dict[str, dict[str, float]]:
    """For each quantity: its true value, its rank and intervals in the posterior and in the set, and what was learnt."""
    true, found, wave, before = (quantities(world, x) for x in (truth[None, :], draws, chosen, prior))
    told = {}
    for name, value in true.items():
        x, t = found[name], float(value[0])
        low95, low50, median, high50, high95 = np.quantile(x, [0.025, 0.25, 0.5, 0.75, 0.975])
        set95, set50, set50_high, set95_high = np.quantile(wave[name], [0.025, 0.25, 0.75, 0.975])
        told[name] = {
            "truth": t,
            "rank": float(((x < t).sum() + 0.5 * (x == t).sum()) / len(x)),
            "low95": low95, "low50": low50, "median": median, "high50": high50, "high95": high95,
            "set_low95": set95, "set_low50": set50, "set_high50": set50_high, "set_high95": set95_high,
            "learnt": float(np.clip(1.0 - x.var() / max(before[name].var(), 1e-300), 0.0, 1.0)),
        }  # fmt: skip
    return {name: {k: float(v) for k, v in row.items()} for name, row in told.items()}
