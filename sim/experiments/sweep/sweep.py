"""``sim sweep``: a scenario at the points of a design, with replications; each run is done once, whatever happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.experiments.execution.executors import Executor
from sim.experiments.provenance import SWEEP, provenance
from sim.experiments.storage.checksum import digest
from sim.experiments.storage.folders import command_line, manifest
from sim.experiments.storage.leftovers import clear
from sim.experiments.storage.manifest import MANIFEST
from sim.experiments.sweep.axes import Axis
from sim.experiments.sweep.chunks import FOLDER, Chunk, perform
from sim.experiments.sweep.design import Plan
from sim.experiments.sweep.design_file import plain
from sim.experiments.sweep.run_store import (
    DESIGN,
    Batch,
    OtherSweepError,
    RunStore,
    RunStoreError,
    State,
    create,
)
from sim.experiments.sweep.scheduler import Progress, Tick, schedule
from sim.experiments.sweep.tasks import EXTENSIONS, Recipe, WorkError, made, recipe
from sim.law.verdict import breaches
from sim.locale.language import ENGLISH, said, speaking
from sim.scenario import Loaded, ScenarioError, load
from sim.scenario.extensions import NONE, Extensions
from sim.scenario.files import leaves
from sim.scenario.keys import Key, write_key
from sim.scenario.values import type_of

SECONDS = 2.0  # a chunk should take: long beside what it costs to send and to write, short beside a coffee
LARGEST = 5_000  # runs in a chunk
SHARE = 8  # chunks a worker should get at least, so that all end at about the same time


def observation(
    loaded: Loaded, axes: Sequence[Axis], measures: Sequence[str] = (), draws: Sequence[str] = ()
) -> dict[str, Any]:
    """The definition of the work: the model at points of a scenario, under draws of its parameters."""
    keys = {axis.path: list(axis.key) for axis in axes}
    arguments: dict[str, Any] = {
        "scenario": loaded.toml(),
        "keys": keys,
        "measures": list(measures),
        "draws": list(draws),
    }
    if about := loaded.scenario.extensions.about:
        arguments[EXTENSIONS] = about
    return {"work": "observation", "arguments": arguments}


def new_sweep(
    folder: Path,
    loaded: Loaded,
    given: Mapping[str, Any],
    plan: Plan,
    replications: int,
    measures: Sequence[str],
    executor: Executor,
    chunk: int | None = None,
    parts: int = 1,
    first: int = 0,
    draws: Sequence[str] = (),
) -> RunStore:
    """Put a sweep on disk; the same sweep that is there already is opened. Raises ``RunStoreError``, ``OSError``.

    ``given``: what the user named (scenario, overrides, file of draws), to find out later whether it has changed. ``chunk``:
    runs a file; left out, one run is timed. ``parts``: in how many shards it will be run. ``first``: number of the first
    replication. ``draws``: of the parameters, one for each replication, as ``Draws.laid`` has them; none: the scenario's own.
    """
    work, extensions = observation(loaded, plan.axes, measures, draws), loaded.scenario.extensions
    paths = [axis.path for axis in plan.axes]
    there = folder.exists() and any(folder.iterdir())
    if chunk is None and not there:
        values = {path: column[:1] for path, column in zip(paths, next(plan.blocks(1)), strict=True)}
        seconds = timed(recipe(work, extensions), values, replications, executor)
        chunk = chunk_size(seconds, plan.points * replications, parts * max(executor.slots // 2, 1))
    content = manifest(
        command_line(), loaded.toml(), kind="sweep", given=dict(given), files_of_scenario=[str(f) for f in loaded.files],
        seed=loaded.scenario.run.seed, design=plan.described(), axes=[described(axis) for axis in plan.axes],
        unlawful=[breach.brief for breach in breaches(loaded.scenario)],
    )  # fmt: skip
    try:
        create(
            folder, work, made(recipe(work, extensions)).columns, paths, [axis.path for axis in plan.axes if not plain(axis.levels)],
            plan.blocks(), Batch(first, replications, chunk or 1), loaded.toml(), content,
        )  # fmt: skip
    except OtherSweepError as error:
        raise OtherSweepError(
            error.there, _differences(error.there, loaded, {**content, "work": work})
        ) from None
    return RunStore(folder, extensions)


def _differences(there: RunStore, loaded: Loaded, wanted: Mapping[str, Any]) -> list[str]:
    """In what a sweep differs from the one that is wanted, a line each."""
    lines = scenario_changes(there.manifest, loaded)
    pairs = {
        "varied": [content.get("axes") for content in (there.manifest, wanted)],
        "design": [_apart_from_seed(content.get("design")) for content in (there.manifest, wanted)],
        "measures": [work["arguments"].get("measures") for work in (there.sweep["work"], wanted["work"])],
        "draws": [_drawn(there.manifest, there.sweep["work"]), _drawn(wanted, wanted["work"])],
    }
    for name, (then, now) in pairs.items():
        if then != now:
            without = "none" if name == "draws" else "all"
            lines.append(
                f"{name}: {_as_text(then or '') or without} then, {_as_text(now or '') or without} now"
            )
    return lines


def _drawn(manifest: Mapping[str, Any], work: Mapping[str, Any]) -> dict[str, Any] | None:
    """The file of draws and how many of them are used; None where there are none."""
    about = manifest["given"].get("draws")
    return about and {"number": len(work["arguments"].get("draws", [])), **about}


def _apart_from_seed(design: Any) -> Any:
    return {key: value for key, value in design.items() if key != "seed"} if design else design


def _as_text(value: Any) -> str:
    """What a manifest says of a design, on a line."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_as_text(one)}" for key, one in value.items())
    if isinstance(value, list):
        return "; ".join(map(_as_text, value))
    return str(value)


def described(axis: Axis) -> dict[str, Any]:
    """What a manifest says of an axis."""
    levels = [x if isinstance(x, int | float | str | bool) else str(x) for x in axis.levels]
    if len(levels) > 1000:
        return {"path": axis.path, "first": levels[0], "last": levels[-1], "levels": len(levels)}
    return (
        {"path": axis.path, "levels": levels}
        if levels
        else {"path": axis.path, "low": axis.low, "high": axis.high}
    )


def read_axis(one: Mapping[str, Any], key: Key) -> Axis:
    """The axis that ``described`` has put into a manifest; of very many levels the stretch from the first to the last."""
    levels = one.get("levels")
    if isinstance(levels, list):
        return Axis(one["path"], key, tuple(levels))
    ends = (one["low"], one["high"]) if levels is None else (one["first"], one["last"])
    return Axis(one["path"], key, (), float(ends[0]), float(ends[1]), type_of(key) is int)


def timed(work: Recipe, values: Mapping[str, Sequence[Any]], replications: int, executor: Executor) -> float:
    """Seconds that one run takes, tried in a worker; infinite if it died of it."""
    chunk = Chunk("", "", work, provenance(SWEEP), 0, 1, 0, max(replications, 1), values, only=(0,))
    try:
        return executor.submit(_clocked, chunk).result()
    except Exception as error:
        if not executor.died(error):
            raise
        return float("inf")


def _clocked(chunk: Chunk) -> float:
    """Seconds of the second run, the first having imported what it needs; of the first if that was long."""
    for _ in range(2):
        began = time.perf_counter()
        perform(chunk)
        seconds = time.perf_counter() - began
        if seconds > SECONDS:
            break
    return seconds


def chunk_size(seconds: float, runs: int, workers: int) -> int:
    """Runs a chunk: some seconds of work, and enough chunks for all workers."""
    fitting = int(SECONDS / max(seconds, SECONDS / LARGEST))
    return max(1, min(fitting, runs // (SHARE * workers)))


def run_missing(
    store: RunStore,
    executor: Executor,
    part: tuple[int, int] | None = None,
    fail_fast: bool = False,
    tick: Tick = lambda progress: None,
) -> Progress:
    """Run what is missing (of a part). Raises ``StoppedError``.

    Every finished chunk is read once to see whether it is what was written; not by parts, of which there may be very
    many: what is damaged is then found when the results are joined.
    """
    state = store.state(mend=True, thorough=part is None)
    for folder in (store.folder, store.folder / FOLDER):
        clear(folder)
    progress = Progress(_missing_runs(store, state, part), damaged=state.damaged)
    schedule(store.todo(state, part), executor, progress, fail_fast, tick)
    return progress


def run_failed(
    store: RunStore, executor: Executor, fail_fast: bool = False, tick: Tick = lambda progress: None
) -> Progress:
    """Run failed runs again. Raises ``StoppedError``, ``RunStoreError``."""
    state = store.state(mend=True)
    progress = Progress(state.failed_runs)
    schedule(store.failures(state), executor, progress, fail_fast, tick)
    return progress


def _missing_runs(store: RunStore, state: State, part: tuple[int, int] | None) -> int:
    total = 0
    for number, index in store.missing(state, part):
        start, stop = store.bounds(store.batches[number], index)
        total += stop - start
    return total


def differences(store: RunStore) -> list[str]:
    """What has changed since the sweep was made, a line each: the scenario, the code, the packages, its own files.

    Raises ``RunStoreError`` if the design itself has changed: there is nothing to go on with.
    """
    found = store.changed()
    if any(line.startswith(DESIGN) for line in found):
        raise RunStoreError(said("store.not_design", file=store.folder / DESIGN))
    return _scenario_changes(store.manifest) + found


def _scenario_changes(manifest: Mapping[str, Any]) -> list[str]:
    """What the scenario's files and that of its draws say now and did not then; nothing if they are no longer there."""
    given = manifest["given"]
    lines = []
    if draws := given.get("draws"):
        file = Path(draws["file"])
        if file.is_file() and digest(file) != draws["sha256"]:
            lines.append(said("changed.draws", file=file))
    files = [Path(name) for name in manifest["files_of_scenario"]]
    if not files or not all(file.is_file() for file in files):
        return lines
    try:
        now = load(given["scenario"], given["overrides"])
    except ScenarioError as error:
        return [*lines, said("changed.invalid", why=error)]
    return lines + scenario_changes(manifest, now)


def scenario_changes(manifest: Mapping[str, Any], now: Loaded) -> list[str]:
    """Values of a scenario that a manifest has otherwise, a line each."""
    if now.toml() == manifest["scenario"]:
        return []
    import tomllib

    return list(apart(tomllib.loads(manifest["scenario"]), now.tree))


def apart(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """In what two scenarios differ, a line each."""
    for key in dict.fromkeys((*leaves(then), *leaves(now))):
        old, new = _at(then, key), _at(now, key)
        if old != new:
            yield said("then_now.scenario", name=write_key(key), then=_plain(old), now=_plain(new))


def _plain(value: Any) -> Any:
    """20 for 20.0, as people write it."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


def _at(tree: Any, key: Sequence[str]) -> Any:
    for name in key:
        tree = tree.get(name, "none") if isinstance(tree, Mapping) else "none"
    return tree


def _check_work(store: RunStore) -> None:
    """Raises ``RunStoreError`` if the sweep's work cannot be made, or gives other numbers than those in its chunks."""
    try:
        columns = made(store.work).columns
    except WorkError as error:
        raise RunStoreError(said("place", where=store.folder / MANIFEST, said=error)) from None
    if list(columns) != store.columns:
        raise RunStoreError(said("store.measures", folder=store.folder))


def open_sweep(
    folder: Path, force: bool, warn: Callable[[list[str]], None], extensions: Extensions = NONE
) -> RunStore:
    """A sweep to continue, with the extensions it was made with. Raises ``RunStoreError`` where it has changed, unless ``force``, which is recorded."""
    store = RunStore(folder, extensions)
    _check_work(store)
    changed = differences(store)
    if changed and not force:
        lines = "".join(f"\n  {line}" for line in changed)
        raise RunStoreError(said("store.since", folder=folder, lines=lines))
    if changed:
        with speaking(ENGLISH):  # a record is the same whoever forced it
            store.overrule(differences(store))
        warn(changed)
    return store
