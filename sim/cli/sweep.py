"""``sim sweep`` and its verbs: make or continue a sweep, inspect it, add replications, join its results."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.shared.checks import check_measures, check_running, note_unlawful
from sim.cli.shared.draws import note_over
from sim.cli.shared.ending import Checks, fail, refusing, trouble
from sim.cli.shared.engine import ready
from sim.cli.shared.executor import executor_for, finished, go, kept, opened, overruled, usable
from sim.cli.shared.listing import Json, show_json
from sim.cli.shared.options import (
    Chunk,
    DaskAt,
    DrawsFile,
    Folder,
    ForceOnly,
    Heads,
    Jobs,
    Lang,
    Measures,
    ModelEngine,
    Out,
    Overrides,
    Pictures,
    Replications,
    Scenario,
    Seed,
    Shard,
    Xlsx,
    command,
    declared,
    load_scenario,
    named,
    with_seed,
)  # fmt: skip
from sim.locale.foreign import reason
from sim.locale.language import said

if TYPE_CHECKING:
    from sim.experiments.execution.executors import Executor
    from sim.experiments.over_draws import Over
    from sim.experiments.sweep.design import Design
    from sim.experiments.sweep.run_store import RunStore
    from sim.scenario import Loaded

MOST_FILES = 10  # as many numbers as so many files hold are joined by default
REASONS = 5  # kinds of failure that status reports

FailFast = Annotated[bool, typer.Option("--fail-fast")]


@declared
class New:
    scenario: Scenario
    vary: Annotated[list[str] | None, typer.Option("--vary")] = None
    design: Annotated[str, typer.Option()] = "grid"
    samples: Annotated[int | None, typer.Option()] = None
    replications: Replications = None
    measures: Measures = None
    seed: Seed = None
    overrides: Overrides = None
    draws: DrawsFile = None
    out: Out = None
    jobs: Jobs = 0
    engine: ModelEngine = "auto"
    dask: DaskAt = None
    shard: Shard = None
    chunk: Chunk = None
    fail_fast: FailFast = False
    pictures: Pictures = True
    xlsx: Xlsx = False
    heads: Heads = None
    force: ForceOnly = False
    lang: Lang


@dataclass(frozen=True, slots=True)
class Planned:
    """A sweep that is to be made: the options understood."""

    loaded: Loaded
    over: Over
    draws: list[str]
    design: Design
    replications: int
    measures: list[str]
    part: tuple[int, int] | None


@command
def new(options: New) -> None:
    """Make the sweep, or open it if it is there; run what is missing."""
    from sim.experiments.sweep.sweep import open_sweep

    planned, lang = _planned(options), options.lang
    folder = options.out or Path("out") / f"sweep-{Path(str(planned.loaded.path)).stem}"
    note_unlawful(planned.loaded, lang)
    note_over(planned.over, planned.loaded, planned.replications, lang)
    ready([planned.loaded.scenario], planned.design.points * planned.replications)
    on = executor_for(options.jobs, options.dask)
    try:
        with usable(folder):
            _made(folder, planned, on, options.chunk, lang)
            store = open_sweep(folder, options.force, lambda what: overruled(what, lang))
    except typer.Exit:
        on.close(now=True)
        raise
    _run(store, on, planned.part, options)


def _planned(options: New) -> Planned:
    """The options, checked; everything that is wrong is said at once."""
    from sim.experiments.over_draws import over
    from sim.experiments.sweep.axes import Ground
    from sim.experiments.sweep.design import design
    from sim.scenario import ScenarioError

    checks, overrides = Checks(), with_seed(options.overrides, options.seed)
    measures = named(options.measures)
    mine = check_running(checks, options.jobs, options.chunk, options.replications, options.shard)
    with checks:
        loaded = load_scenario(options.scenario, overrides)
        with checks:
            check_measures(loaded, measures)
        count = loaded.scenario.run.replications if options.replications is None else options.replications
        with refusing(ScenarioError):
            under = over(loaded, options.draws, options.scenario, overrides)
        with checks, refusing(ScenarioError):
            laid = under.laid(count)
        with refusing(ScenarioError):
            ground = Ground(options.scenario, overrides, loaded, under.claims)
            plan = design(options.vary or [], options.design, options.samples, ground)
    checks.end()
    return Planned(loaded, under, laid, plan, count, measures, mine)


def _made(folder: Path, planned: Planned, on: Executor, chunk: int | None, lang: str) -> None:
    """Make the sweep's folder, or find the same sweep in it."""
    from sim.experiments.sweep.sweep import new_sweep
    from sim.reporting.text_explore import e

    there = folder.is_dir() and any(folder.iterdir())
    parts, count = planned.part[1] if planned.part else 1, planned.replications
    store = new_sweep(
        folder, planned.loaded, planned.over.given, planned.design, count, planned.measures, on, chunk, parts,
        draws=planned.draws,
    )  # fmt: skip
    if there and store.replications != count:
        wrong = said("sweep.replications", folder=folder, n=f"{store.replications:,}", count=count)
        more = count - store.replications
        fail(said("sweep.more", said=wrong, folder=folder, n=more) if more > 0 else wrong)
    if there:
        typer.echo(e("sweep.opened", lang, folder=str(folder)), err=True)
    chunks = sum(store.chunks_of(batch) for batch in store.batches)
    typer.echo(
        e(
            "sweep.made", lang, points=f"{store.points:,}", replications=f"{store.replications:,}",
            runs=f"{store.runs:,}", chunks=f"{chunks:,}", size=f"{store.batches[0].chunk:,}",
        )
    )  # fmt: skip


def _run(
    store: RunStore, on: Executor, part: tuple[int, int] | None, options: New | Resume | Retry | Expand
) -> None:
    """Run what is missing; at the end tables, pictures, and how many failed."""
    from sim.experiments.sweep.sweep import run_missing

    lang, fail_fast = options.lang, options.fail_fast
    with kept(store.folder, f"sim sweep resume {store.folder}", lang):
        go(store, on, lang, lambda tick: run_missing(store, on, part, fail_fast, tick))
        on.close()
        _finish(store, options)


def _finish(store: RunStore, options: Made) -> None:
    """Say what is done; join the results unless they are many."""
    from sim.experiments.sweep.results import CELLS
    from sim.reporting.text_explore import e

    lang = options.lang
    with usable(store.folder):
        state = store.state()
    if state.missing:  # of other parts
        typer.echo(e("sweep.part", lang, missing=f"{state.missing:,}", folder=str(store.folder)))
        return
    typer.echo(e("sweep.done", lang, runs=f"{store.runs:,}", folder=str(store.folder)))
    if store.runs * len(store.columns) <= MOST_FILES * CELLS:
        _join(store, options)
    else:
        typer.echo(e("sweep.large", lang, folder=str(store.folder)))
    if state.failed_runs:
        trouble(e("sweep.failed", lang, n=f"{state.failed_runs:,}", folder=str(store.folder)))


def _join(store: RunStore, options: Made) -> None:
    """The results as tables and pictures."""
    from sim.experiments.sweep.results import write_results
    from sim.experiments.sweep.run_store import RunStoreError
    from sim.reporting.headed_copies import leave_copies

    lang = options.lang
    try:
        with kept(store.folder, f"sim sweep compact {store.folder}", lang):
            for path in write_results(store):
                typer.echo(str(path))
            for path in leave_copies(store.folder, options.heads):
                typer.echo(str(path))
            if options.xlsx:
                _workbook(store, lang)
            if options.pictures:
                from sim.reporting.sweep_pictures import draw_sweep

                for path in draw_sweep(store, lang):
                    if path.suffix == ".png":
                        typer.echo(str(path))
    except RunStoreError as error:
        trouble(error)
    except OSError as error:
        trouble(said("out.kept", name=store.folder, why=reason(error)))


def _workbook(store: RunStore, lang: str) -> None:
    """The means as an Excel workbook, unless they are too many."""
    from sim.reporting.text_explore import e
    from sim.reporting.workbooks.sweep import MOST, sweep_workbook

    path = sweep_workbook(store, lang)
    typer.echo(str(path) if path else e("sweep.no_workbook", lang, most=f"{MOST:,}"), err=path is None)


@declared
class Status:
    folder: Folder
    json: Json = False
    lang: Lang


@command
def status(options: Status) -> None:
    """What is done, what failed and why, what is missing."""
    from sim.experiments.sweep.run_store import RunStore
    from sim.reporting.text_explore import e

    folder, lang = options.folder, options.lang
    with usable(folder):
        store = RunStore(folder)
        state = store.state()
        if options.json:
            reasons = [
                {"runs": n, "what": what, "first": where} for what, (n, where) in _reasons(store).items()
            ]
            counts = {"missing_chunks": state.missing, "damaged_chunks": state.damaged}
            size = {"points": store.points, "replications": store.replications, "runs": store.runs}
            done = {"done": finished(store), "failed": state.failed_runs}
            show_json({"folder": folder, **size, **done, **counts, "failures": reasons})
            return
        typer.echo(
            e(
                "sweep.status", lang, folder=str(folder), points=f"{store.points:,}", replications=f"{store.replications:,}",
                done=f"{finished(store):,}", runs=f"{store.runs:,}", failed=f"{state.failed_runs:,}",
                missing=f"{state.missing:,}", damaged=f"{state.damaged:,}",
            )
        )  # fmt: skip
        for what, (n, where) in _reasons(store).items():
            typer.echo("  " + e("sweep.reason", lang, n=f"{n:,}", what=what, where=where))


def _reasons(store: RunStore) -> dict[str, tuple[int, str]]:
    """Last line of the tracebacks -> how many, and the values of the first run that has it."""
    from sim.experiments.sweep.scheduler import last_line

    found: dict[str, tuple[int, str]] = {}
    for chunk in store.failures(store.state()):
        number, index = (int(part) for part in chunk.name.split("-")[:2])
        rows = store.read_chunk(number, index)
        for run in chunk.only:
            what = last_line(rows.errors[run - chunk.start])
            point, replication = chunk.place(run)
            values = said("join").join(f"{path}={value}" for path, value in chunk.values(point).items())
            n, where = found.get(what, (0, said("sweep.run", values=values, n=replication)))
            found[what] = n + 1, where
    return dict(sorted(found.items(), key=lambda item: -item[1][0])[:REASONS])


@declared
class Resume:
    folder: Folder
    jobs: Jobs = 0
    engine: ModelEngine = "auto"
    dask: DaskAt = None
    shard: Shard = None
    fail_fast: FailFast = False
    pictures: Pictures = True
    xlsx: Xlsx = False
    heads: Heads = None
    force: ForceOnly = False
    lang: Lang


@command
def resume(options: Resume) -> None:
    """Run what is missing."""
    from sim.reporting.text_explore import e

    checks, lang = Checks(), options.lang
    mine = check_running(checks, options.jobs, part=options.shard)
    with checks:
        store = opened(options.folder, options.force, lang)
    checks.end()
    with usable(options.folder):
        missing = store.state(thorough=mine is None).missing
    if not missing and mine is None:
        typer.echo(e("sweep.nothing", lang))
        _finish(store, options)
        return
    _run(store, executor_for(options.jobs, options.dask), mine, options)


@declared
class Retry:
    folder: Folder
    jobs: Jobs = 0
    engine: ModelEngine = "auto"
    dask: DaskAt = None
    fail_fast: FailFast = False
    pictures: Pictures = True
    xlsx: Xlsx = False
    heads: Heads = None
    force: ForceOnly = False
    lang: Lang


@command
def retry_failed(options: Retry) -> None:
    """Run failed runs again."""
    from sim.experiments.sweep.run_store import FAILED
    from sim.experiments.sweep.sweep import run_failed
    from sim.reporting.text_explore import e

    folder, lang = options.folder, options.lang
    store = opened(folder, options.force, lang)
    with usable(folder):
        state = store.state()
    if not any(FAILED in chunks for chunks in state.chunks):
        typer.echo(e("sweep.no_failures", lang))
        return
    on = executor_for(options.jobs, options.dask)
    with kept(folder, f"sim sweep resume {folder}", lang):
        go(store, on, lang, lambda tick: run_failed(store, on, options.fail_fast, tick))
        on.close()
        _finish(store, options)


@declared
class Expand:
    folder: Folder
    replications: Annotated[str, typer.Option("--replications", "-n")]
    jobs: Jobs = 0
    engine: ModelEngine = "auto"
    dask: DaskAt = None
    fail_fast: FailFast = False
    pictures: Pictures = True
    xlsx: Xlsx = False
    heads: Heads = None
    force: ForceOnly = False
    lang: Lang


@command
def expand(options: Expand) -> None:
    """More replications of every point."""
    more, number = options.replications, options.replications.removeprefix("+")
    checks = Checks()
    check_running(checks, options.jobs)
    with checks:
        if not more.startswith("+") or not number.isdecimal() or not 1 <= int(number) <= 1_000_000:
            fail(said("option.more", value=more))
    with checks:
        store = opened(options.folder, options.force, options.lang)
        drawn = len(store.sweep["work"]["arguments"].get("draws", []))
        if drawn and number.isdecimal() and int(number) % drawn:
            fail(said("sweep.alike", value=more, n=drawn, twice=2 * drawn))
    checks.end()
    on = executor_for(options.jobs, options.dask)  # before the sweep records that there will be more
    with usable(options.folder):
        store.expand(int(number))
    _run(store, on, None, options)


@declared
class Compact:
    folder: Folder
    pictures: Pictures = True
    xlsx: Xlsx = False
    heads: Heads = None
    lang: Lang


@command
def compact(options: Compact) -> None:
    """Join the chunks into one table."""
    from sim.experiments.sweep.run_store import RunStore

    folder = options.folder
    with usable(folder):
        store = RunStore(folder)
        missing = store.state().missing
    if missing:
        fail(said("sweep.missing", folder=folder, n=f"{missing:,}"))
    _join(store, options)


Made = New | Resume | Retry | Expand | Compact
