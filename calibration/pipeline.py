"""A calibration from end to end: listing times, audit, posteriors of all interpretations, answers over their draws.

Steps are pure functions whose results are kept (``store``), so that a calibration that was stopped goes on where it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration import steps
from calibration.answers import historic, policy, predictive, seeds, settle
from calibration.answers.scored import scored
from calibration.audit import Finding, audit, ruled_out
from calibration.cache import Store
from calibration.estimation.density import density
from calibration.estimation.mixture import mixture, weights
from calibration.estimation.posterior import Posterior, posterior
from calibration.forward_model.ending import without_end
from calibration.forward_model.forward_model import BATCH, World, grid_of
from calibration.forward_model.inflow import Docket, Inflow
from calibration.representative.medoid import representative
from calibration.representative.polish import reported
from calibration.result import Result, Sampled
from calibration.settings import Settings
from calibration.targets.evidence import Fact, chosen
from calibration.targets.interpretations import Reading
from calibration.targets.parameter_space import ranges_times, space
from calibration.targets.reader.defects import TargetsError
from calibration.targets.targets import Targets
from calibration.workers import Crew, Tick
from sim.measures.summary import MeasureTable

Floats = npt.NDArray[np.float64]

COUNTS: Final = 0.05  # weight of an interpretation from which on its draws must pass every diagnostic
# Log points that an interpretation's best may lie below the best of all: e^-9 is one in eight thousand.
HOPELESS: Final = 9.0
PRIOR: Final = 256  # draws of the prior that policies are asked of
MAIN: Final = "evidence"
RANGES: Final = {"narrow": 0.5, "wide": 2.0}  # variants in which the priors' ranges are so many times as wide


def followed(targets: Targets, findings: Sequence[Finding]) -> list[Reading]:
    """Interpretations that the published figures do not rule out by themselves, their prior weights adding up to 1."""
    excluded = ruled_out(findings)
    left = [
        reading
        for reading in targets.readings()
        if not any(measure in excluded.get(figure, ()) for figure, measure in reading.measures)
    ]
    total = sum(reading.weight for reading in left)
    return [Reading(r.basis, r.measures, r.weight / total) for r in left]


def inflows(targets: Targets, settings: Settings, jobs: int, store: Store, tick: Tick) -> list[Inflow]:
    """Dockets and listing times at every point of the inflow's grid."""
    points = grid_of(space(targets.free, list(targets.windows))).points
    tasks = [((point, settings.listings), (targets, point, settings.listings)) for point in points]
    with Crew(None, jobs, store, tick) as crew:
        return crew.do("listings", steps.expose, tasks)


def run(
    targets: Targets, settings: Settings, jobs: int, store: Store, tick: Tick, variants: bool = True
) -> Result:
    """Everything, step by step; what is in the store is not done again. ``variants``: also the answers without the facts, with
    their errors doubled, and under narrower and wider priors. Raises ``TargetsError`` where nothing can end in a window.
    """
    clock = _Clock()
    findings = audit(targets)
    readings = followed(targets, findings)
    coming = inflows(targets, settings, jobs, store, tick)
    if defects := without_end(targets, coming):
        raise TargetsError(defects)
    world = World(targets, coming, settings.effort.totals)
    clock.note("listings")
    asked = policy.questions(world)
    with Crew(world, jobs, store, tick) as crew:
        main = _sampled(crew, MAIN, readings, targets.evidence, 1.0, settings)
        clock.note(MAIN)
        main, moved = _steady(crew, main, asked)
        clock.note("seeds")
        point = None
        if not main.refused:
            point = representative(main.posteriors[0], main.effects, targets.seed, partial(_played, crew))
            clock.note("representative")
        others: dict[str, Sampled] = {}
        if variants and chosen(targets.evidence, "fit"):  # without facts these are the main answer itself
            alive = [one.one.reading for one in main.posteriors]
            others["figures"] = _sampled(crew, "figures", alive, (), 1.0, settings)
            clock.note("figures")
            others["doubled"] = _sampled(crew, "doubled", alive, targets.evidence, 2.0, settings)
            clock.note("doubled")
        before = _asked(
            crew,
            world.space.from_unit(
                np.random.default_rng((targets.seed, 1)).random((PRIOR, len(world.space.slots)))
            ),
        )
        clock.note("prior")
    for name, changed in _changed(targets).items() if variants else ():
        other = World(changed, world.every, settings.effort.totals)
        with Crew(other, jobs, store, tick) as crew:
            lesser = replace(settings, effort=settings.lesser)
            others[name] = _sampled(crew, name, alive, targets.evidence, 1.0, lesser)
        clock.note(name)
    result = Result(
        targets, world, settings, findings, ruled_out(findings), asked, main, others,
        policy.effects(world, before, asked), seconds=clock.seconds, point=point, moved=moved,
    )  # fmt: skip
    _tell(result)
    clock.note("told")
    return result


def _tell(result: Result) -> None:
    """What the draws of the answer predict, and what would settle it."""
    main, world, seed = result.main, result.world, result.targets.seed % 2**31
    result.forecasts = predictive.forecasts(main.posteriors, main.mixture, result.targets, seed)
    result.scored = scored(world, result.targets.evidence, main.mixture.theta)
    question = policy.headline(result.questions)
    if question is None:
        return
    base = next(
        i for i, one in enumerate(result.questions) if one.family == result.questions[question].family
    )
    asked = result.questions[question], result.questions[base]
    result.tensions = predictive.tensions(main.posteriors[0], asked, seed)
    result.asks = settle.asks(world, main.mixture.theta, main.effects[:, question], seed)
    sold = main.answers[:, [question, base], policy.OUTCOMES.index(settle.ANSWER)]
    result.trials = settle.trials(world, sold, seed)


def _changed(targets: Targets) -> dict[str, Targets]:
    """The targets of the variants that stand on other priors, or on another historic cut."""
    found = {name: ranged(targets, factor) for name, factor in RANGES.items()}
    return found | historic.variants(targets)


def _played(crew: Crew, theta: Floats, docket: Docket, numbers: Sequence[int]) -> list[MeasureTable]:
    """Replications of the simulator at a vector and a docket."""
    tasks = [((theta.tobytes(), tuple(docket.values.items()), n), (theta, docket, n)) for n in numbers]
    return crew.do("representative", reported, tasks)


class _Clock:
    """Seconds that each step took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def note(self, step: str) -> None:
        now = time.perf_counter()
        self.seconds[step], self._last = now - self._last, now


def ranged(targets: Targets, factor: float) -> Targets:
    """The same targets, the priors' ranges so many times as wide."""
    return replace(targets, free=tuple(ranges_times(one, factor) for one in targets.free))


def _sampled(
    crew: Crew,
    name: str,
    readings: Sequence[Reading],
    facts: Sequence[Fact],
    widen: float,
    settings: Settings,
) -> Sampled:
    """The posterior over all interpretations that can meet the figures."""
    world = crew.world
    assert world is not None
    readings = _near(crew, name, readings, facts, widen)
    tasks = [
        ((name, r.key, widen, settings.effort), (r, facts, widen, world.targets.seed, settings.effort))
        for r in readings
    ]
    runs = crew.do(name, steps.sampled, tasks)
    every = [
        posterior(density(world, r, facts, widen), found) for r, found in zip(readings, runs, strict=True)
    ]
    return _answered(crew, name, every, settings)


def _near(
    crew: Crew, name: str, readings: Sequence[Reading], facts: Sequence[Fact], widen: float
) -> list[Reading]:
    """The interpretations under which the figures can be met nearly as well as under the best: of the others the weight would
    be nothing, whatever the volume of their posteriors.
    """
    world = crew.world
    assert world is not None
    tasks = [((name, r.key, widen), (r, facts, widen, world.targets.seed)) for r in readings]
    best = np.array(crew.do("nearest", steps.nearest, tasks))
    return [r for r, height in zip(readings, best, strict=True) if height >= best.max() - HOPELESS]


def _answered(crew: Crew, name: str, posteriors: Sequence[Posterior], settings: Settings) -> Sampled:
    """Policy answers over the draws of all interpretations, the likelier first."""
    world = crew.world
    assert world is not None
    found = weights([p.one.reading.weight for p in posteriors], [p.log_marginal for p in posteriors])
    ordered = tuple(posteriors[i] for i in np.argsort(-found))
    mixed = mixture(ordered, settings.draws, world.targets.seed % 2**31)
    answers = _asked(crew, mixed.theta)
    refused = [
        f"{p.one.reading.key}: {why}"
        for p, weight in zip(ordered, mixed.weights, strict=True)
        if weight >= COUNTS and (why := p.diagnostics.refusal())
    ]
    return Sampled(
        name,
        ordered,
        mixed,
        answers,
        policy.effects(world, answers, policy.questions(world)),
        "; ".join(refused),
    )


def _steady(crew: Crew, main: Sampled, asked: Sequence[policy.Question]) -> tuple[Sampled, Floats]:
    """By how much the ends of the answer move under other random numbers of the totals; refused where by too much."""
    question = policy.headline(asked)
    if question is None:
        return main, np.empty((0, 2))
    some = np.arange(len(main.mixture.theta))[:: max(len(main.mixture.theta) // seeds.MOST, 1)]
    effect = main.effects[some, question, policy.OUTCOMES.index(settle.ANSWER)]
    weights = np.empty((1 + len(seeds.OTHERS), len(some)))
    for i, one in enumerate(main.posteriors):
        mine = main.mixture.which[some] == i
        if mine.any():
            theta, reading = main.mixture.theta[some[mine]], one.one.reading
            tasks = [
                ((reading.key, theta.tobytes(), other), (reading, theta, other))
                for other in (0, *seeds.OTHERS)
            ]
            weights[:, mine] = np.array(crew.do("seeds", seeds.totals, tasks))
    moved = seeds.moved(effect, list(weights[1:] - weights[0]))
    if np.abs(moved).max() > seeds.GOOD and not main.refused:
        main = replace(main, refused=f"seeds: {np.abs(moved).max():.2f} sd > {seeds.GOOD:g}")
    return main, moved


def _asked(crew: Crew, theta: Floats) -> Floats:
    """Policy outcomes (n, questions, outcomes) at vectors."""
    pieces = [theta[i : i + 4 * BATCH] for i in range(0, len(theta), 4 * BATCH)]
    return np.concatenate(
        crew.do("answers", steps.answer, [((piece.tobytes(),), (piece,)) for piece in pieces])
    )


def store_of(folder: Path, targets: Targets, damaged: Callable[[Path], None] = lambda path: None) -> Store:
    """Where the steps of these targets are kept; ``damaged`` is told of files that were set aside."""
    return Store(folder / "steps", f"{targets.text}\n{targets.loaded.toml()}\n{targets.evidence!r}", damaged)
