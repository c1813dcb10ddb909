"""A calibration from end to end: listing times, audit, posteriors of all interpretations, answers over their draws.

Steps are pure functions whose results are cached (``cache``), so that a calibration that was stopped continues where it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration import steps
from calibration.answers import historic_cut, let_in, policy, predictive, seeds, value_of_information
from calibration.answers.scores import scored
from calibration.audit import Finding, audit, ruled_out
from calibration.cache import Cache
from calibration.estimation.density import density
from calibration.estimation.mixture import effective, mixture, weights
from calibration.estimation.posterior import Effort, Posterior, posterior
from calibration.forward_model.ending import without_end
from calibration.forward_model.forward_model import BATCH, ForwardModel, grid_of
from calibration.forward_model.inflow import STEPS, Arrivals, Inflow
from calibration.random_streams import Purpose, stream
from calibration.representative.medoid import Representative, representative
from calibration.representative.polish import reported
from calibration.result import Result, Sampled
from calibration.settings import HOPELESS, WEAK, Settings
from calibration.targets.evidence import Fact, chosen
from calibration.targets.interpretations import Interpretation
from calibration.targets.own_rows import beside_rows, own, without_figures
from calibration.targets.parameter_space import ranges_times, space
from calibration.targets.reader.defects import TargetsError
from calibration.targets.targets import Targets
from calibration.workers import Tick, Workers
from sim.locale.language import said
from sim.measures.summary import MeasureTable
from sim.model.engine import make_ready
from sim.scenario import Defect

Floats = npt.NDArray[np.float64]

COUNTS: Final = (
    0.05  # weight of an interpretation from which on its draws must pass every diagnostic, of the full effort
)
PRIOR: Final = 256  # draws of the prior at which policies are evaluated
MAIN: Final = "evidence"
RANGES: Final = {"narrow": 0.5, "wide": 2.0}  # variants in which the priors' ranges are so many times as wide


def followed(targets: Targets, findings: Sequence[Finding]) -> list[Interpretation]:
    """Interpretations that the published figures do not rule out by themselves, their prior weights adding up to 1. Raises
    ``TargetsError`` where none is left.
    """
    excluded = ruled_out(findings)
    left = [
        interpretation
        for interpretation in targets.interpretations()
        if not any(measure in excluded.get(figure, ()) for figure, measure in interpretation.measures)
    ]
    if not left:
        raise TargetsError(_none_left(targets, excluded))
    total = sum(interpretation.weight for interpretation in left)
    return [Interpretation(r.basis, r.measures, r.weight / total) for r in left]


def _none_left(targets: Targets, excluded: Mapping[str, set[str]]) -> list[Defect]:
    """A defect for each figure that can stand for nothing."""
    allowed: dict[str, set[str]] = {}
    for one in targets.interpretations():
        for figure, measure in one.measures:
            allowed.setdefault(figure, set()).add(measure)
    return [
        Defect(
            str(targets.path), f"definitions.{figure}", said("target.ruled_out", measures=", ".join(sorted(measures))), said("target.see_audit"),
        )
        for figure, measures in allowed.items() if measures <= excluded.get(figure, set())
    ]  # fmt: skip


def inflows(targets: Targets, settings: Settings, jobs: int, cache: Cache, tick: Tick) -> list[Inflow]:
    """Arrivals and listing times at every point of the inflow's grid, by the compiled engine where that is ready or pays."""
    points = grid_of(space(targets.free, list(targets.windows))).points
    make_ready([targets.loaded.scenario], len(points) * (sum(STEPS) + settings.listings))
    tasks = [((point, settings.listings), (targets, point, settings.listings)) for point in points]
    with Workers(None, jobs, cache, tick) as workers:
        return workers.do("listings", steps.expose, tasks)


def run(
    targets: Targets, settings: Settings, jobs: int, cache: Cache, tick: Tick, variants: bool = True
) -> Result:
    """Everything, step by step; what is in the cache is not done again. ``variants``: also the answers without the facts, with
    their errors doubled, and under narrower and wider priors. Raises ``TargetsError`` where the figures rule out every
    interpretation, where nothing can end in a window, and where the court's own rows leave no figure to be met.
    """
    clock = _Clock()
    findings, whole, targets = audit(targets), targets, beside_rows(targets)
    asked = followed(targets, findings)
    coming = inflows(targets, settings, jobs, cache, tick)
    if defects := without_end(targets, coming):
        raise TargetsError(defects)
    model = ForwardModel(targets, coming, settings.effort.totals)
    clock.note("listings")
    with Workers(model, jobs, cache, tick) as workers:
        main, moved, point = _main(workers, clock, asked, settings)
        others = _other_facts(workers, clock, asked, settings) if variants else {}
        prior = _prior(workers)
        clock.note("prior")
    if variants and own(targets.evidence):
        others |= _apart(whole, model, findings, settings, (jobs, cache, tick), clock)
    for name, changed in _changed(targets).items() if variants else ():
        other = ForwardModel(changed, model.every, settings.effort.totals)
        with Workers(other, jobs, cache, tick) as workers:
            others[name] = _sampled(workers, name, asked, targets.evidence, 1.0, settings.beside)
        clock.note(name)
    questions = policy.questions(model)
    result = Result(
        targets, model, settings, findings, ruled_out(findings), questions, main, others,
        policy.effects(model, prior, questions), seconds=clock.seconds, point=point, moved=moved,
    )  # fmt: skip
    _predict(result)
    clock.note("predictions")
    return result


def _main(
    workers: Workers, clock: _Clock, interpretations: Sequence[Interpretation], settings: Settings
) -> tuple[Sampled, seeds.Moved, Representative | None]:
    """The answer; by how much it moves under other random numbers; and the vector that stands for it, if it may be used."""
    model = workers.model
    assert model is not None
    main = _sampled(workers, MAIN, interpretations, model.targets.evidence, 1.0, settings)
    clock.note(MAIN)
    main, moved = _steady(workers, main, policy.questions(model))
    clock.note("seeds")
    if main.refused:
        return main, moved, None
    play = partial(_played, workers)
    point = representative(main.posteriors[0], main.effects, model.targets.seed, play)
    clock.note("representative")
    return main, moved, point


def _other_facts(
    workers: Workers, clock: _Clock, asked: Sequence[Interpretation], settings: Settings
) -> dict[str, Sampled]:
    """The answers without the facts and with their errors doubled; without facts these are the main answer itself."""
    assert workers.model is not None
    evidence = workers.model.targets.evidence
    others: dict[str, Sampled] = {}
    if not chosen(evidence, "fit"):
        return others
    alone = (
        () if own(evidence) else (("figures", (), 1.0),)
    )  # beside rows, figures alone are all of them (``_apart``)
    for name, facts, widen in (*alone, ("doubled", evidence, 2.0)):
        others[name] = _sampled(workers, name, asked, facts, widen, settings.beside)
        clock.note(name)
    return others


def _apart(
    whole: Targets, model: ForwardModel, findings: Sequence[Finding], settings: Settings, how: tuple[int, Cache, Tick], clock: _Clock
) -> dict[str, Sampled]:  # fmt: skip
    """The answers from all published figures alone, and from the court's own rows alone."""
    rows = without_figures(whole)
    one = Interpretation(rows.interpretations()[0].basis, (), 1.0)
    parts = {"figures": (whole, followed(whole, findings), ()), "rows": (rows, [one], own(whole.evidence))}
    found = {}
    for name, (targets, asked, facts) in parts.items():
        other = ForwardModel(targets, model.every, settings.effort.totals)
        with Workers(other, *how) as workers:
            found[name] = _sampled(workers, name, asked, facts, 1.0, settings.beside)
        clock.note(name)
    return found


def _prior(workers: Workers) -> Floats:
    """What policies give over draws of the prior."""
    model = workers.model
    assert model is not None
    unit = stream(model.targets.seed, Purpose.PRIOR).random((PRIOR, len(model.space.slots)))
    return _policy_outcomes(workers, model.space.from_unit(unit))


def _predict(result: Result) -> None:
    """What the draws of the answer predict, and what would settle it."""
    main, model, seed = result.main, result.model, result.targets.seed % 2**31
    result.forecasts = predictive.forecasts(main.posteriors, main.mixture, result.targets, seed)
    result.scored = scored(model, result.targets.evidence, main.mixture.theta)
    question = policy.headline(result.questions)
    if question is None:
        return
    base = next(
        i for i, one in enumerate(result.questions) if one.family == result.questions[question].family
    )
    contrast = result.questions[question], result.questions[base]
    nobody = let_in.drawing_nobody(model, main.mixture.theta, contrast[0])
    if (
        nobody is not None and contrast[1].value == 0.0
    ):  # beside another cut, which draws people itself, it would be no part
        result.let_in = nobody - main.answers[:, base]
    result.tensions = predictive.tensions(main.posteriors[0], contrast, seed)
    effects = {
        one.key: main.effects[:, q] for q, one in enumerate(result.questions) if main.effects[:, q].any()
    }
    first = result.questions[question].key
    result.observation_values = value_of_information.observation_values(
        model, main.mixture.theta, {first: effects.pop(first), **effects}, seed
    )
    sold = main.answers[:, [question, base], policy.OUTCOMES.index(value_of_information.ANSWER)]
    result.trials = value_of_information.trials(model, sold, seed)


def _changed(targets: Targets) -> dict[str, Targets]:
    """The targets of the variants that stand on other priors, or on another historic cut."""
    found = {name: ranged(targets, factor) for name, factor in RANGES.items()}
    return found | historic_cut.variants(targets)


def _played(
    workers: Workers, theta: Floats, arrivals: Arrivals, numbers: Sequence[int]
) -> list[MeasureTable]:
    """Replications of the simulator at a vector and its arrivals."""
    tasks = [((theta.tobytes(), tuple(arrivals.values.items()), n), (theta, arrivals, n)) for n in numbers]
    return workers.do("representative", reported, tasks)


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
    workers: Workers,
    name: str,
    interpretations: Sequence[Interpretation],
    facts: Sequence[Fact],
    widen: float,
    settings: Settings,
) -> Sampled:
    """The posterior over all interpretations that can meet the figures.

    Those that come far less near than the best are sampled with the lesser effort first (55 s of a processor for 110): next to
    nothing is drawn from them. One that turns out to weigh is sampled again, like the others.
    """
    model = workers.model
    assert model is not None

    def drawn(some: Sequence[tuple[Interpretation, Effort]]) -> list[Posterior]:
        tasks = [((name, r.key, widen, effort), (r, facts, widen, model.targets.seed, effort)) for r, effort in some]  # fmt: skip
        runs = workers.do(name, steps.sampled, tasks)
        return [posterior(density(model, r, facts, widen), run) for (r, _), run in zip(some, runs, strict=True)]  # fmt: skip

    near = _near(workers, name, interpretations, facts, widen)
    every = drawn([(r, settings.lesser if below > WEAK else settings.effort) for r, below in near])
    if settings.lesser != settings.effort:
        again = [i for i, weight in enumerate(_weights(every)) if weight >= COUNTS and near[i][1] > WEAK]
        for i, found in zip(again, drawn([(near[i][0], settings.effort) for i in again]), strict=True):
            every[i] = found
    return _answered(workers, name, every, settings)


def _weights(posteriors: Sequence[Posterior]) -> Floats:
    """Posterior probabilities of interpretations."""
    return weights([p.one.interpretation.weight for p in posteriors], [p.log_marginal for p in posteriors])


def _near(
    workers: Workers,
    name: str,
    interpretations: Sequence[Interpretation],
    facts: Sequence[Fact],
    widen: float,
) -> list[tuple[Interpretation, float]]:
    """The interpretations under which the figures can be met nearly as well as under the best, and how many log points less well: of
    the others the weight would be nothing, whatever the volume of their posteriors.
    """
    model = workers.model
    assert model is not None
    tasks = [((name, r.key, widen), (r, facts, widen, model.targets.seed)) for r in interpretations]
    best = np.array(workers.do("nearest", steps.nearest, tasks))
    below = best.max() - best
    return [(r, float(x)) for r, x in zip(interpretations, below, strict=True) if x <= HOPELESS]


def _answered(workers: Workers, name: str, posteriors: Sequence[Posterior], settings: Settings) -> Sampled:
    """Policy answers over the draws of all interpretations, the likelier first."""
    model = workers.model
    assert model is not None
    ordered = tuple(posteriors[i] for i in np.argsort(-_weights(posteriors)))
    mixed = mixture(ordered, settings.draws, model.targets.seed % 2**31)
    answers = _policy_outcomes(workers, mixed.theta)
    refused = tuple(
        replace(why, interpretation=p.one.interpretation.key)
        for p, weight in zip(ordered, mixed.weights, strict=True)
        for why in p.diagnostics.refusal()
        if weight >= COUNTS
    )
    return Sampled(
        name,
        ordered,
        mixed,
        answers,
        policy.effects(model, answers, policy.questions(model)),
        refused,
    )


def _steady(
    workers: Workers, main: Sampled, questions: Sequence[policy.Question]
) -> tuple[Sampled, seeds.Moved]:
    """By how much the ends of the answers move under other random numbers of the totals; refused where by too much, or where
    the draws cannot say.
    """
    question = policy.headline(questions)
    if question is None:
        return main, seeds.NOTHING
    some = np.arange(len(main.mixture.theta))[:: max(len(main.mixture.theta) // seeds.MOST, 1)]
    weights = np.empty((1 + len(seeds.OTHERS), len(some)))
    for i, one in enumerate(main.posteriors):
        mine = main.mixture.which[some] == i
        if mine.any():
            theta, interpretation = main.mixture.theta[some[mine]], one.one.interpretation
            tasks = [
                ((interpretation.key, theta.tobytes(), other), (interpretation, theta, other))
                for other in (0, *seeds.OTHERS)
            ]
            weights[:, mine] = np.array(workers.do("seeds", seeds.totals, tasks))
    wanted = [policy.OUTCOMES.index(outcome) for outcome in seeds.ANSWERS]
    independent = effective(main.mixture.weights, [one.diagnostics.effective for one in main.posteriors])
    moved = seeds.moved(main.effects[some, question][:, wanted], weights[1:] - weights[0], independent)
    if (why := moved.refusal()) and not main.refused:
        main = replace(main, refused=why)
    return main, moved


def _policy_outcomes(workers: Workers, theta: Floats) -> Floats:
    """Policy outcomes (n, questions, outcomes) at vectors."""
    pieces = [theta[i : i + 4 * BATCH] for i in range(0, len(theta), 4 * BATCH)]
    return np.concatenate(
        workers.do("answers", steps.answer, [((piece.tobytes(),), (piece,)) for piece in pieces])
    )


def cache_of(folder: Path, targets: Targets, damaged: Callable[[Path], None] = lambda path: None) -> Cache:
    """Where the steps of these targets are kept; ``damaged`` is called with files that were set aside."""
    return Cache(folder / "steps", f"{targets.text}\n{targets.loaded.toml()}\n{targets.evidence!r}", damaged)
