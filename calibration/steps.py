"""The steps of a calibration: pure functions of a world and what they are given, so that any process can do them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calibration import history, identify, policy, search
from calibration.dispersion import dispersion
from calibration.distance import Estimate, Inference, infer, minimise, objective
from calibration.evaluate import panel, standardised
from calibration.exposure import Exposure, exposure, listings, spans_of
from calibration.likelihood import DRAWS, log_likelihood
from calibration.parameters import put, space
from calibration.readings import Reading
from calibration.sample import Stretch, begin, stretch
from calibration.targets import Targets
from calibration.world import World, grid_of, sheet_at
from sim.experiments.replicate import replicate
from sim.measures.tables import MeasureTable
from sim.model import simulate
from sim.records import Outcome
from sim.scenario import ScenarioError
from sim.scenario.dated import validate
from sim.scenario.files import Layers, Tree
from sim.scenario.load import Sheet
from sim.scenario.schema import Scenario
from sim.terms import horizon

Floats = npt.NDArray[np.float64]


def expose(world: None, targets: Targets, point: tuple[float, ...], replications: int) -> Exposure:
    """Listing times by the simulator at one point of the inflow's grid, counted."""
    parameters = space(targets.free, list(targets.windows))
    laid = sheet_at(parameters, grid_of(parameters), point)
    scenario = over(targets, [laid])
    lots = [listings(scenario, number) for number in range(replications)]
    return exposure(scenario, lots, spans_of(scenario, list(targets.windows)))


def over(targets: Targets, sheets: Sequence[Sheet]) -> Scenario:
    """The targets' scenario with values laid over it."""
    return resolved(targets, sheets)[0]


def resolved(targets: Targets, sheets: Sequence[Sheet]) -> tuple[Scenario, Tree]:
    """The same, and as plain values: what the targets' scenario takes out of its base stays out."""
    layers = Layers()
    for one in (Sheet(str(targets.path), targets.loaded.tree), *sheets):
        layers.add(one.tree, one.name)
    scenario, defects = validate(layers)
    if scenario is None or defects:
        raise ScenarioError(defects)
    return scenario, layers.tree


def look(world: World, readings: Sequence[Reading], theta: Floats) -> Floats:
    """Standardised columns of a piece of the design under all readings."""
    return standardised(world, panel(world, readings), theta)


def fit(world: World, reading: Reading, start: Floats, budget: int) -> Estimate:
    """Minimum distance from one start."""
    return minimise(objective(world, reading), [start], budget)


def match(
    world: World, reading: Reading, ends: Floats, theta: Floats, z: Floats, seed: int, effort: history.Effort
) -> history.History:
    """Wave 1 of one reading."""
    return search.match(world, reading, ends, history.Seen(theta, z), seed, effort=effort)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Inference and identification at a reading's minimum; ``policy``: sensitivity (questions, outcomes, moments) of the
    policy effects to each printed moment, a standard deviation of it.
    """

    inference: Inference
    directions: identify.Directions
    policy: Floats


def weigh(world: World, reading: Reading, estimate: Estimate, window: str) -> Evidence:
    """Standard errors, test, sensitivities at a minimum."""
    one = objective(world, reading)
    found = infer(one, estimate)
    asked = policy.questions(world)

    def effects(theta: Floats) -> Floats:
        return policy.effects(world, policy.answers(world, theta, window, asked), asked).reshape(
            len(theta), -1
        )

    slope = one.jacobian(estimate.theta, effects)  # (questions x outcomes, p)
    by_moment = (slope @ found.lambda_).reshape(len(asked), len(policy.OUTCOMES), -1)
    return Evidence(found, identify.directions(one, estimate), by_moment)


def profile(world: World, reading: Reading, estimate: Estimate, slot: int, known: Floats) -> identify.Profile:
    """Profile likelihood of one parameter."""
    return identify.profile(objective(world, reading), estimate, slot, known)


def first_stretch(
    world: World, reading: Reading, start: Floats, steps: int, seed: int, ensemble: int
) -> Stretch:
    """The beginning of an ensemble's way."""
    one = objective(world, reading)
    return stretch(one, begin(one, start, seed, ensemble), steps, seed, ensemble, 0)


def next_stretch(
    world: World, reading: Reading, y: Floats, steps: int, seed: int, ensemble: int, block: int
) -> Stretch:
    """An ensemble's way from where it stands."""
    return stretch(objective(world, reading), y, steps, seed, ensemble, block)


def by_many_sheets(world: World, reading: Reading, theta: Floats) -> Floats:
    """How much likelier print is by many sheets than by the few that walks were told by: (n,) log weights of their draws."""
    many = log_likelihood(objective(world.drawing(DRAWS), reading), theta)
    few = log_likelihood(objective(world, reading), theta)
    known = np.isfinite(many) & np.isfinite(few)
    return np.where(known, many - np.where(known, few, 0.0), -np.inf)


def answer(world: World, theta: Floats, window: str, basis: str) -> tuple[Floats, Floats]:
    """Policy outcomes (n, questions, outcomes) and the spread of prices (n,)."""
    return policy.answers(world, theta, window), dispersion(world, theta, window, basis)


def simulated(world: World, theta: Floats, window: str, number: int) -> MeasureTable:
    """Measures of one replication of the simulator at a vector, as it holds for a window."""
    scenario = over(world.targets, [world.space.sheet(theta, window, "calibrated")])
    return replicate(scenario, number).measures


def own(world: World, number: int) -> MeasureTable:
    """Measures of one replication of the targets' scenario as it stands."""
    return replicate(world.scenario, number).measures


DAYS_TO_END = 220.0  # days before the horizon's end in which a lot's way may still be open


def played(world: World, theta: Floats, window: str, laid: dict[str, float], number: int) -> Floats:
    """Policy outcomes by the simulator, (OUTCOMES,), of the lots listed early enough to have come to their end.

    What is asked is what a policy does from now on, so the pricing methods of the last day price all lots.
    """
    sheet = world.space.sheet(theta, window, "calibrated")
    time = world.scenario.time
    methods = {
        f"pricing.{name}.since": time.start
        for name, one in world.scenario.pricing.items()
        if one.since <= time.end
    }
    for path, value in {**laid, **methods}.items():
        put(sheet.tree, path, value)
    scenario = over(world.targets, [sheet])
    lots = simulate(scenario, number).lots
    early = np.isfinite(lots["listed"]) & (lots["listed"].astype(float) < horizon(scenario) - DAYS_TO_END)
    sold = early & (lots["outcome"] == Outcome.SOLD)
    n = max(int(early.sum()), 1)
    price, reference = lots["price"].astype(float), lots["reference"].astype(float)
    days = (lots["ended"].astype(float) - lots["listed"].astype(float))[sold]
    return np.array(
        [
            (sold & (lots["sold_round"] == 0)).sum() / n,
            sold.sum() / n,
            price[sold].sum() / reference[early].sum() if early.any() else np.nan,
            days.mean() if sold.any() else np.nan,
        ]
    )
