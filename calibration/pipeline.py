"""``calibrate run``: audit, listing times, first look, fits, wave 1, and in full mode wave 2, profiles and validation."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from calibration import history, policy, search, steps
from calibration.audit import Finding, audit, ruled_out
from calibration.crew import Crew, Tick
from calibration.distance import Estimate
from calibration.evaluate import panel, standardised
from calibration.exposure import Exposure
from calibration.parameters import space
from calibration.predictive import fits
from calibration.readings import Reading
from calibration.result import Case, Result, policy_window
from calibration.sample import BLOCK, ENSEMBLES, Stretch, posterior, weighed
from calibration.settings import Settings
from calibration.store import Store
from calibration.targets import Targets
from calibration.validate import validate
from calibration.weights import resampled
from calibration.world import BATCH, World, grid_of
from sim.measures.tables import MeasureTable

Floats = npt.NDArray[np.float64]

PRIOR: Final = 128  # draws of the prior of which is asked what is asked of the set
WAITING: Final = (0.25, 0.5)  # shares of bidders who wait


def followed(targets: Targets, findings: Sequence[Finding], most: int) -> list[Reading]:
    """Readings that print does not rule out by itself, their weights adding up to 1."""
    excluded = ruled_out(findings)
    left = [
        reading
        for reading in targets.readings()
        if not any(measure in excluded.get(figure, ()) for figure, measure in reading.measures)
    ][:most]
    total = sum(reading.weight for reading in left)
    return [Reading(r.basis, r.measures, r.weight / total) for r in left]


def exposures(targets: Targets, settings: Settings, jobs: int, store: Store, tick: Tick) -> list[Exposure]:
    """Listing times at every point of the inflow's grid."""
    points = grid_of(space(targets.free, list(targets.windows))).points
    tasks = [((point, settings.listings), (targets, point, settings.listings)) for point in points]
    with Crew(None, jobs, store, tick) as crew:
        return crew.do("listings", steps.expose, tasks)


def run(targets: Targets, settings: Settings, jobs: int, store: Store, tick: Tick) -> Result:
    """Everything, step by step; what is in the store is not done again."""
    began = time.perf_counter()
    seconds: dict[str, float] = {}

    def note(step: str) -> None:
        seconds[step] = time.perf_counter() - began - sum(seconds.values())

    findings = audit(targets)
    readings = followed(targets, findings, settings.most_readings)
    world = World(targets, exposures(targets, settings, jobs, store, tick), settings.draws)
    note("listings")
    window = policy_window(world)
    # What is done in this world is of no use in one with other draws or listing times.
    about = f"{store.about}\n{settings.draws} draws, {settings.listings} listings"
    mine = Store(store.folder, about, store.damaged)
    with Crew(world, jobs, mine, tick) as crew:
        own = crew.do("own", steps.own, [(n, (n,)) for n in range(settings.simulated)])
        note("verification")
        cases = sorted(_wave_one(crew, readings, settings), key=_behind)
        note("wave 1")
        alive = [case for case in cases if not case.ruled_out]
        for case in alive:
            case.weight = case.reading.weight / sum(c.reading.weight for c in alive)
        _evidence(crew, cases, window)
        note("inference")
        if settings.full:
            _wave_two(crew, alive[: settings.sampled], settings)
            note("wave 2")
            _profiles(crew, alive[:1])
            note("profiles")
        _answers(crew, alive, window)
        before = _asked(crew, history.design(world, PRIOR, targets.seed % 2**31), window, "event")
        for case in cases:
            some = case.sample if len(case.sample) else case.estimate.theta[None, :]
            case.fits = fits(
                world,
                case.reading,
                some[:64],
                case.estimate.theta,
                list(targets.figures("fit", "held_out")),
                targets.seed,
            )
        note("answers")
        lead = next(iter(alive), cases[0] if cases else None)
        simulated: dict[str, list[MeasureTable]] = {}
        played: dict[str, Floats] = {}
        waiting: dict[str, Floats] = {}
        if lead is not None:
            simulated = _simulated(crew, lead, settings.simulated)
            played, waiting = _played(crew, lead, window, settings)
        note("simulator")
        validation = validate(crew, lead, window, jobs) if settings.full and lead is not None else None
        note("validation")
    return Result(
        targets,
        world,
        settings,
        findings,
        ruled_out(findings),
        cases,
        window,
        own,
        simulated,
        played,
        waiting,
        validation,
        before,
        seconds,
    )


def _behind(case: Case) -> tuple[bool, float]:
    """The order in which readings are told: ruled out last, else by -ln(prior weight) + distance / 2. What answers are
    weighted by is the prior weight alone, for the distance depends on the discrepancies that were assumed.
    """
    return case.ruled_out, case.estimate.distance / 2.0 - math.log(case.reading.weight)


def _wave_one(crew: Crew, readings: list[Reading], settings: Settings) -> list[Case]:
    """Design, fits and sets of all readings."""
    world = crew.world
    assert world is not None
    seed = world.targets.seed
    theta = history.design(world, settings.design, seed % 2**31)
    pieces = [theta[i : i + 4 * BATCH] for i in range(0, len(theta), 4 * BATCH)]
    keys = tuple(r.key for r in readings)
    z = np.concatenate(
        crew.do(
            "design",
            steps.look,
            [((keys, settings.design, i), (readings, piece)) for i, piece in enumerate(pieces)],
        )
    )
    every = panel(world, readings)
    seen = history.Seen(theta, z)
    begin = {
        r.key: history.starts(world, seen, every, i, settings.starts + settings.more_starts)
        for i, r in enumerate(readings)
    }
    estimates = _fits(crew, readings, begin, range(settings.starts), settings)
    near = [r for r in readings if _off(world, r, estimates[r.key]) < search.NEAR + 1.0]
    more = _fits(crew, near, begin, range(settings.starts, settings.starts + settings.more_starts), settings)
    for key, found in more.items():
        estimates[key] += found
    joined = {key: _joined(found) for key, found in estimates.items()}
    tasks = []
    for i, r in enumerate(readings):
        mine = z[:, every.whole(i)]
        tasks.append(
            (
                (r.key, settings.design, settings.starts, settings.budget, settings.wave_one),
                (r, joined[r.key].ends, theta, mine, seed, settings.wave_one),
            )
        )
    sets = crew.do("wave-1", steps.match, tasks)
    cases = [Case(r, joined[r.key], found) for r, found in zip(readings, sets, strict=True)]
    for case in cases:
        case.sample = case.history.sample
    return cases


def _fits(
    crew: Crew, readings: Sequence[Reading], begin: dict[str, Floats], numbers: range, settings: Settings
) -> dict[str, list[Estimate]]:
    """Fits of each reading from the starts of these numbers."""
    which = [(r, n) for r in readings for n in numbers]
    tasks = [
        ((r.key, n, settings.budget, settings.design), (r, begin[r.key][n], settings.budget))
        for r, n in which
    ]
    found: dict[str, list[Estimate]] = {r.key: [] for r in readings}
    for (r, _), estimate in zip(which, crew.do("fits", steps.fit, tasks), strict=True):
        found[r.key].append(estimate)
    return found


def _off(world: World, reading: Reading, estimates: Sequence[Estimate]) -> float:
    """How far the worst moment is off at the best of the fits."""
    best = min(estimates, key=lambda e: e.distance)
    z = standardised(world, panel(world, [reading]), best.theta[None, :])
    return float(np.nanmax(np.abs(z)))


def _joined(estimates: Sequence[Estimate]) -> Estimate:
    """Fits from several starts as one."""
    best = min(estimates, key=lambda e: e.distance)
    return Estimate(
        best.theta, best.distance, best.covariance,
        tuple(e.distance for e in estimates), np.concatenate([e.ends for e in estimates]), sum(e.evaluations for e in estimates),
    )  # fmt: skip


def _evidence(crew: Crew, cases: Sequence[Case], window: str) -> None:
    tasks = [
        ((case.reading.key, case.estimate.theta.tobytes(), window), (case.reading, case.estimate, window))
        for case in cases
    ]
    for case, evidence in zip(cases, crew.do("inference", steps.weigh, tasks), strict=True):
        case.evidence = evidence


def _wave_two(crew: Crew, cases: Sequence[Case], settings: Settings) -> None:
    """Ensembles of each reading, stretch by stretch until the diagnostics are good or time is up."""
    world = crew.world
    assert world is not None
    from calibration.distance import objective

    seed = world.targets.seed
    for case in cases:
        ways: list[list[Stretch]] = [[] for _ in range(ENSEMBLES)]
        r = case.reading
        for block in range(settings.steps // BLOCK):
            found = crew.do("wave-2", *_stretches(case, ways, block, settings, seed))
            for way, one in zip(ways, found, strict=True):
                way.append(one)
            case.posterior = posterior(objective(world, r), ways)
            if block >= 4 and not case.posterior.refused:
                break
        if case.sampled:
            _weighed(crew, case, settings)


def _weighed(crew: Crew, case: Case, settings: Settings) -> None:
    """The posterior's draws, resampled as the likelihood of many sheets has them."""
    assert crew.world is not None
    assert case.posterior is not None
    seed = crew.world.targets.seed
    theta = case.posterior.draws(settings.weighed, seed)
    tasks = [((case.reading.key, piece.tobytes()), (case.reading, piece)) for piece in _pieces(theta)]
    log_weight = np.concatenate(crew.do("weighing", steps.by_many_sheets, tasks))
    case.posterior = weighed(case.posterior, log_weight)
    if case.sampled:
        weight = np.exp(log_weight - log_weight.max())
        case.likely = theta[resampled(weight, 256, np.random.default_rng((seed, 8)))]


def _stretches(
    case: Case, ways: Sequence[Sequence[Stretch]], block: int, settings: Settings, seed: int
) -> tuple[Any, list[tuple[object, tuple[Any, ...]]]]:
    """The step that takes the ensembles further, and its tasks."""
    r = case.reading
    keys = [(r.key, e, block, settings.design, settings.budget) for e in range(ENSEMBLES)]
    if block == 0:
        return steps.first_stretch, [
            (k, (r, case.history.sample, BLOCK, seed, e)) for e, k in enumerate(keys)
        ]
    return steps.next_stretch, [
        (k, (r, ways[e][-1].y[-1], BLOCK, seed, e, block)) for e, k in enumerate(keys)
    ]


def _profiles(crew: Crew, cases: Sequence[Case]) -> None:
    assert crew.world is not None
    slots = range(len(crew.world.space.slots))
    for case in cases:
        tasks = [
            (
                (case.reading.key, case.estimate.theta.tobytes(), s),
                (case.reading, case.estimate, s, case.history.sample),
            )
            for s in slots
        ]
        case.profiles = crew.do("profiles", steps.profile, tasks)


def _answers(crew: Crew, cases: Sequence[Case], window: str) -> None:
    """Policy outcomes and the spread of prices over each reading's set, policy outcomes over its posterior, and what explains
    the lots that nobody bids for.
    """
    assert crew.world is not None
    for case in cases:
        case.answers, case.spread = _asked(crew, case.sample, window, case.reading.basis)
        case.noise = policy.explanation(crew.world, case.sample, window)
        if case.sampled:
            case.likely_answers, _ = _asked(crew, case.likely, window, case.reading.basis)


def _asked(crew: Crew, theta: Floats, window: str, basis: str) -> tuple[Floats, Floats]:
    """Policy outcomes (n, questions, outcomes) and spread of prices (n,) at vectors."""
    tasks = [((piece.tobytes(), window, basis), (piece, window, basis)) for piece in _pieces(theta)]
    found = crew.do("answers", steps.answer, tasks)
    return np.concatenate([one[0] for one in found]), np.concatenate([one[1] for one in found])


def _pieces(theta: Floats) -> list[Floats]:
    return [theta[i : i + 2 * BATCH] for i in range(0, len(theta), 2 * BATCH)]


def _simulated(crew: Crew, case: Case, replications: int) -> dict[str, list[MeasureTable]]:
    """The simulator at the best vector, each window under its own values."""
    assert crew.world is not None
    theta = case.estimate.theta
    windows = crew.world.windows if crew.world.per_window else crew.world.windows[-1:]
    which = [(w, n) for w in windows for n in range(replications)]
    tables = crew.do(
        "simulator", steps.simulated, [((w, n, theta.tobytes()), (theta, w, n)) for w, n in which]
    )
    found: dict[str, list[MeasureTable]] = {}
    for (w, _), table in zip(which, tables, strict=True):
        found.setdefault(w, []).append(table)
    return found if crew.world.per_window else dict.fromkeys(crew.world.windows, found[windows[0]])


def _played(
    crew: Crew, case: Case, window: str, settings: Settings
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Policies by the simulator at the best vector, and (full) with bidders who wait for the cut."""
    assert crew.world is not None
    theta = case.estimate.theta
    asked = policy.questions(crew.world)
    plain = {one.key: dict.fromkeys(one.paths, one.value) for one in asked}
    mixed: dict[str, dict[str, float]] = {}
    if settings.full:
        mixed = {
            f"{share:g}/{one.key}": {**plain[one.key], "waiting.share": share}
            for share in WAITING for one in asked if one.family == "cut"
        }  # fmt: skip
    replications = settings.played
    which = [(key, laid, n) for key, laid in {**plain, **mixed}.items() for n in range(replications)]
    tasks = [((key, n, theta.tobytes(), window), (theta, window, laid, n)) for key, laid, n in which]
    found: dict[str, list[Floats]] = {}
    for (key, _, _), one in zip(which, crew.do("policies", steps.played, tasks), strict=True):
        found.setdefault(key, []).append(one)
    stacked = {key: np.stack(values) for key, values in found.items()}
    return {k: v for k, v in stacked.items() if k in plain}, {k: v for k, v in stacked.items() if k in mixed}


def store_of(folder: Path, targets: Targets, damaged: Callable[[Path], None] = lambda path: None) -> Store:
    """Where the steps of these targets are kept; ``damaged`` is told of files that were set aside."""
    return Store(folder / "steps", f"{targets.text}\n{targets.loaded.toml()}", damaged)
