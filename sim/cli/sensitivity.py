"""``sim sensitivity``: which parameters move a measure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from sim.cli.shared.checks import check_measures, check_running, check_window
from sim.cli.shared.draws import note_over
from sim.cli.shared.ending import Checks, fail, refusing, writing
from sim.cli.shared.engine import ready
from sim.cli.shared.executor import executor_for, go, kept, opened, overruled, usable
from sim.cli.shared.listing import Json, rows_of, show_json
from sim.cli.shared.options import (
    Chunk,
    DaskAt,
    DrawsFile,
    ForceOnly,
    Heads,
    Jobs,
    Lang,
    ModelEngine,
    Out,
    Overrides,
    Pictures,
    Replications,
    Scenario,
    Seed,
    Shard,
    Window,
    command,
    declared,
    load_scenario,
    named,
    with_seed,
)  # fmt: skip
from sim.cli.shared.progress import tables
from sim.locale.language import said

if TYPE_CHECKING:
    from rich.table import Table as RichTable

    from sim.experiments.over_draws import Over
    from sim.experiments.sensitivity import Index
    from sim.experiments.sweep.design import Given
    from sim.experiments.sweep.run_store import RunStore
    from sim.reporting.sweep_rows import Cells
    from sim.scenario import Loaded

WIDTH = 120  # columns where there is no terminal to ask


@declared
class Options:
    scenario: Scenario
    parameters: Annotated[list[str] | None, typer.Option("--parameters", "-p")] = None
    method: Annotated[str, typer.Option()] = "morris"
    samples: Annotated[int | None, typer.Option()] = None
    replications: Replications = None
    measures: Annotated[str | None, typer.Option("--measure")] = None
    window: Window = "all"
    seed: Seed = None
    overrides: Overrides = None
    draws: DrawsFile = None
    out: Out = None
    jobs: Jobs = 0
    engine: ModelEngine = "auto"
    dask: DaskAt = None
    shard: Shard = None
    chunk: Chunk = None
    pictures: Pictures = True
    heads: Heads = None
    force: ForceOnly = False
    json: Json = False
    lang: Lang

    @property
    def values(self) -> list[str]:
        """What is set for every point."""
        return with_seed(self.overrides, self.seed)


@dataclass(frozen=True, slots=True)
class Planned:
    """A design that is to be run: the options understood."""

    loaded: Loaded
    over: Over
    draws: list[str]
    points: Given
    replications: int
    part: tuple[int, int] | None


@command
def sensitivity(options: Options) -> None:
    """Make the design and run it, or take one that has been run (SCENARIO is its folder); report the indices."""
    from sim.reporting.text_explore import e

    scenario, lang = options.scenario, options.lang
    if Path(scenario).is_dir() and not options.parameters:
        fixed = (options.samples, options.replications, options.draws)
        if options.values or any(one is not None for one in fixed):
            fail(said("sensitivity.fixed", folder=scenario))
        store = opened(Path(scenario), options.force, lang)
    else:
        store = _run(options)
        missing = f"{store.state().missing:,}" if options.shard is not None else "0"
        if missing != "0":
            typer.echo(e("sweep.part", lang, missing=missing, folder=str(store.folder)), err=options.json)
            return
    with kept(store.folder, e("stopped.same", lang), lang):
        _report(store, options)


def _run(options: Options) -> RunStore:
    """Make the design, or open it if it is there; run what is missing."""
    from sim.experiments.sweep.run_store import RunStoreError
    from sim.experiments.sweep.sweep import new_sweep, open_sweep, run_missing
    from sim.reporting.text_explore import e

    planned, lang = _planned(options), options.lang
    count = planned.replications
    note_over(planned.over, planned.loaded, count, lang)
    folder = options.out or Path("out") / f"sensitivity-{Path(str(planned.loaded.path)).stem}"
    ready([planned.loaded.scenario], planned.points.points * count)
    on = executor_for(options.jobs, options.dask)
    try:
        with usable(folder):
            store = new_sweep(
                folder, planned.loaded, planned.over.given, planned.points, count, [], on, options.chunk,
                planned.part[1] if planned.part else 1, draws=planned.draws,
            )  # fmt: skip
            if store.replications != count:
                raise RunStoreError(
                    said("sensitivity.replications", folder=folder, n=f"{store.replications:,}", count=count)
                )
            store = open_sweep(folder, options.force, lambda what: overruled(what, lang))
    except typer.Exit:
        on.close(now=True)
        raise
    typer.echo(
        e("sensitivity.made", lang, points=f"{store.points:,}", runs=f"{store.runs:,}"), err=options.json
    )
    again = e("stopped.same", lang)
    with kept(folder, again, lang):
        go(store, on, lang, lambda tick: run_missing(store, on, planned.part, False, tick), again)
        on.close()
    return store


def _planned(options: Options) -> Planned:
    """The options, checked; everything that is wrong is said at once."""
    from sim.experiments.over_draws import over
    from sim.experiments.sensitivity import USUAL, Method, check_samples, plan
    from sim.experiments.sweep.axes import Ground
    from sim.experiments.sweep.design import stretches
    from sim.scenario import ScenarioError

    checks, parameters = Checks(), options.parameters or []
    mine = check_running(checks, options.jobs, options.chunk, options.replications, options.shard)
    method = options.method
    number = USUAL.get(method, 0) if options.samples is None else options.samples
    with checks:
        if method not in USUAL:
            fail(said("option.method", value=method))
        wrong = check_samples(method, number, len(parameters))
        if wrong:
            fail(f"--samples {wrong}")
    with checks:
        loaded = load_scenario(options.scenario, options.values)
        with checks:
            check_measures(loaded, named(options.measures))
        with checks:
            check_window(loaded, options.window)
        count = loaded.scenario.run.replications if options.replications is None else options.replications
        with refusing(ScenarioError):
            under = over(loaded, options.draws, options.scenario, options.values)
        with checks, refusing(ScenarioError):
            laid = under.laid(count)
        with refusing(ScenarioError):
            ground = Ground(options.scenario, options.values, loaded, under.claims)
            axes = stretches("--parameters", parameters, ground)
    checks.end()
    points = plan(axes, cast(Method, method), number, loaded.scenario.run.seed)
    return Planned(loaded, under, laid, points, count, mine)


def _report(store: RunStore, options: Options) -> None:
    """A sentence and a table for each measure, the table as a file, the picture."""
    from sim.experiments.sensitivity import MEASURES, PURPOSE, TABLE, columns, indices, observed
    from sim.experiments.storage.tables import write_csv
    from sim.reporting.headed_copies import leave_copies
    from sim.reporting.sweep_pictures import labels_of
    from sim.reporting.sweep_rows import sensitivity_cells, sensitivity_sentence
    from sim.reporting.text_explore import e

    lang, window = options.lang, options.window
    design = store.manifest.get("design", {})
    method = design.get("method")
    if design.get("purpose") != PURPOSE:
        fail(said("sensitivity.other", folder=store.folder, method=method))
    found: dict[str, list[Index]] = {}
    with usable(store.folder):
        for measure in named(options.measures) or MEASURES:
            values = observed(store, measure, window)
            found[measure] = indices(store, values)
    table = columns(found, method, window)
    if options.json:
        about = {"folder": store.folder, "method": method, "replications": store.replications}
        show_json({**about, "indices": rows_of(table)})
    else:
        labels, console = labels_of(store), tables(WIDTH)
        for measure, rows in found.items():
            console.print(sensitivity_sentence(measure, rows, labels, lang), markup=False)
            console.print(_table(sensitivity_cells(measure, rows, labels, method, lang)))
        console.print(e(f"sensitivity.{method}.note", lang, n=store.replications), markup=False)
    with writing(store.folder, "out.kept"):
        write_csv(store.folder / TABLE, table)
        for path in (store.folder / TABLE, *leave_copies(store.folder, options.heads)):
            typer.echo(str(path), err=options.json)
        if options.pictures:
            from sim.reporting.save import save
            from sim.reporting.sweep_pictures import sensitivity_picture

            figure = sensitivity_picture(store, found, window, lang)
            picture = save(figure, store.folder / "pictures" / "sensitivity")[0]
            typer.echo(str(picture), err=options.json)


def _table(cells: Cells) -> RichTable:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for i, head in enumerate(cells.heads):
        table.add_column(head, justify="right" if i else "left", no_wrap=True)
    for row in cells.rows:
        table.add_row(*map(escape, row))
    return table
