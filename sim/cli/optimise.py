"""``sim optimise``: the best policies under several goals."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.shared.checks import check_measures, check_running, check_window, refuse
from sim.cli.shared.draws import note_over
from sim.cli.shared.ending import Checks, fail, refusing, writing
from sim.cli.shared.engine import ready
from sim.cli.shared.executor import executor_for, go, kept, overruled
from sim.cli.shared.listing import Json, rows_of, show_json
from sim.cli.shared.options import (
    Chunk,
    DaskAt,
    DrawsFile,
    ForceOnly,
    Heads,
    Jobs,
    Lang,
    LawOf,
    ModelEngine,
    Out,
    Overrides,
    Pictures,
    Replications,
    Scenario,
    Seed,
    Window,
    as_day,
    command,
    declared,
    load_scenario,
    with_seed,
)  # fmt: skip
from sim.cli.shared.progress import tables
from sim.locale.language import said

if TYPE_CHECKING:
    from rich.table import Table

    from sim.experiments.execution.executors import Executor
    from sim.experiments.optimise.decision_variables import Lawful
    from sim.experiments.optimise.pareto_front import Limit
    from sim.experiments.optimise.search import Outcome, Search
    from sim.experiments.over_draws import Over
    from sim.scenario import Loaded

WIDTH = 120  # columns where there is no terminal to ask


@declared
class Options:
    scenario: Scenario
    variables: Annotated[list[str] | None, typer.Option("--variable")] = None
    maximise: Annotated[list[str] | None, typer.Option()] = None
    minimise: Annotated[list[str] | None, typer.Option()] = None
    subject_to: Annotated[list[str] | None, typer.Option()] = None
    points: Annotated[int, typer.Option()] = 48
    replications: Replications = None
    final: Annotated[int | None, typer.Option()] = None
    window: Window = "all"
    unlawful: Annotated[bool, typer.Option("--unlawful")] = False
    date: LawOf = None
    seed: Seed = None
    overrides: Overrides = None
    draws: DrawsFile = None
    out: Out = None
    jobs: Jobs = 0
    engine: ModelEngine = "auto"
    dask: DaskAt = None
    chunk: Chunk = None
    pictures: Pictures = True
    heads: Heads = None
    force: ForceOnly = False
    json: Json = False
    lang: Lang

    @property
    def values(self) -> list[str]:
        """What is set for every policy."""
        return with_seed(self.overrides, self.seed)


@dataclass(frozen=True, slots=True)
class Planned:
    """What is searched: the options understood."""

    loaded: Loaded
    over: Over
    search: Search
    law: Lawful
    folder: Path


@command
def optimise(options: Options) -> None:
    """Search and settle, or go on where an earlier run stopped; report the front."""
    from sim.experiments.execution.executors import ExecutorError
    from sim.experiments.optimise.search import NoPolicyError
    from sim.experiments.optimise.search_folder import leave
    from sim.experiments.sweep.run_store import RunStoreError
    from sim.reporting.text_explore import e

    planned, lang = _planned(options), options.lang
    folder = planned.folder
    note_over(planned.over, planned.loaded, planned.search.final, lang)
    ready([planned.loaded.scenario], options.points * planned.search.final)
    on = executor_for(options.jobs, options.dask)
    try:
        with (
            writing(folder, "out.unwritable"),
            refusing(RunStoreError, NoPolicyError, ExecutorError),
        ):
            outcome, failed = _search(planned, on, options)
    except typer.Exit:
        on.close(now=True)
        raise
    on.close()
    if failed:
        typer.echo(e("optimise.failed", lang, n=f"{failed:,}", folder=str(folder)), err=True)
    with writing(folder, "out.kept"), kept(folder, e("stopped.same", lang), lang):
        leave(
            folder,
            planned.loaded,
            planned.search,
            outcome,
            planned.law,
            lambda: _also(planned, outcome, options),
        )
    if options.json:
        from sim.experiments.optimise.front_table import columns

        policies = rows_of(columns(planned.search, outcome, planned.law))
        show_json({"folder": folder, "runs": outcome.runs, "policies": policies})
    else:
        _report(planned, outcome, lang)


def _planned(options: Options) -> Planned:
    """The options, checked; everything that is wrong is said at once."""
    from sim.experiments.optimise.decision_variables import Lawful, standing
    from sim.experiments.optimise.front_table import (
        FINAL,
        MOST_VARIABLES,
        OVER_DRAWS,
        REPLICATIONS,
        limits_of,
        unfit,
    )
    from sim.experiments.optimise.pareto_front import Goal
    from sim.experiments.optimise.search import Search
    from sim.experiments.over_draws import over
    from sim.experiments.sweep.axes import Ground
    from sim.experiments.sweep.design import stretches
    from sim.scenario import ScenarioError

    checks = Checks()
    usual = (REPLICATIONS, FINAL) if options.draws is None else OVER_DRAWS
    replications = usual[0] if options.replications is None else options.replications
    final = usual[1] if options.final is None else options.final
    goals = [Goal(m, 1) for m in options.maximise or ()] + [Goal(m, -1) for m in options.minimise or ()]
    limits: list[Limit] = []
    with checks, refusing(ScenarioError):
        limits = limits_of(options.subject_to or ())
    with checks:
        refuse(unfit(goals, options.points, replications, final))
    check_running(checks, options.jobs, options.chunk)
    with checks:
        loaded = load_scenario(options.scenario, options.values)
        with checks:
            check_measures(loaded, [*(goal.measure for goal in goals), *(limit.measure for limit in limits)])
        with checks:
            check_window(loaded, options.window)
        with refusing(ScenarioError):
            under = over(loaded, options.draws, options.scenario, options.values)
        with checks, refusing(ScenarioError):
            under.laid(max(replications, final))
        with refusing(ScenarioError):
            ground = Ground(options.scenario, options.values, loaded, under.claims)
            axes = stretches("--variable", options.variables or [], ground)
        if len(axes) > MOST_VARIABLES:
            fail(said("option.variables", n=len(axes), most=MOST_VARIABLES))
    checks.end()
    search = Search(
        axes, tuple(goals), tuple(limits), standing(loaded, axes), options.points, replications, final,
        loaded.scenario.run.seed,
    )  # fmt: skip
    folder = options.out or Path("out") / f"optimise-{Path(str(loaded.path)).stem}"
    return Planned(loaded, under, search, Lawful(loaded, axes, as_day(options.date)), folder)


def _search(planned: Planned, on: Executor, options: Options) -> tuple[Outcome, int]:
    """Search and settle; how many runs failed."""
    from sim.experiments.optimise import search as searching
    from sim.experiments.optimise.decision_variables import RunStores
    from sim.experiments.optimise.search_folder import remember
    from sim.reporting.law import unknown_law
    from sim.reporting.text_explore import e

    folder, search, law, lang = planned.folder, planned.search, planned.law, options.lang
    if unknown := unknown_law(planned.loaded.scenario, law.day, lang):
        typer.echo(unknown, err=True)
    remember(
        folder, planned.loaded, search, planned.over, options.window, options.unlawful, options.force,
        lambda what: overruled(what, lang), law_of=law.day,
    )  # fmt: skip
    steps = RunStores(
        folder, planned.loaded, planned.over.given, search.axes, search.measures, options.window, on, options.chunk,
        options.force, lambda what: overruled(what, lang), lambda store, work: _step(store, on, work, lang), planned.over.laid,
    )  # fmt: skip
    with kept(folder, e("stopped.same", lang), lang):
        outcome = searching.optimise(search, law.possible if options.unlawful else law, steps)
    return outcome, steps.failed


def _step(store: Any, on: Executor, work: Any, lang: str) -> Any:
    from sim.reporting.text_explore import e

    name = store.folder.name
    typer.echo(
        e("optimise.step", lang, name=name, points=f"{store.points:,}", runs=f"{store.runs:,}"), err=True
    )
    return go(store, on, lang, work, e("stopped.same", lang))


def _also(planned: Planned, outcome: Outcome, options: Options) -> None:
    """What people look at: a copy of the table, the picture."""
    from sim.reporting.headed_copies import leave_copies

    leave_copies(planned.folder, options.heads)
    _draw(planned, outcome, options)


def _draw(planned: Planned, outcome: Outcome, options: Options) -> None:
    from sim.reporting.save import save
    from sim.reporting.sweep_pictures import front_picture

    if options.pictures:
        scenario, window = planned.loaded.scenario, options.window
        figure = front_picture(planned.search, outcome, scenario, window, options.lang, law=planned.law)
        save(figure, planned.folder / "pictures" / "front")


def _report(planned: Planned, outcome: Outcome, lang: str) -> None:
    """The front as a table, and how to go on."""
    from sim.experiments.optimise.front_table import name_of_point
    from sim.reporting.sweep_rows import front_sentences
    from sim.reporting.text_explore import e

    under, search, law, folder = planned.over, planned.search, planned.law, planned.folder
    console = tables(WIDTH)
    answer, *rest = front_sentences(search, outcome, lang)
    console.print(answer, markup=False, style="bold")
    console.print(_table(search, outcome, law, lang))
    for line in rest if law.known else [*rest, e("optimise.not_checked", lang)]:
        console.print(line, markup=False)
    if under.draws:
        console.print(e("optimise.over", lang, n=search.final, first=search.replications), markup=False)
    found = [i for i in outcome.on_front if i]
    if found:
        file = folder / "policies" / f"{name_of_point(found[0])}.toml"
        sets = [
            part for text in under.overrides for part in ("--set", text)
        ]  # what the policy file does not hold
        typer.echo(e("optimise.try", lang, base=under.scenario, file=shlex.join([str(file), *sets])))
    typer.echo(str(folder / "front.csv"))


def _table(search: Search, outcome: Outcome, law: Lawful, lang: str) -> Table:
    """The base, then the front, by the first goal."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    from sim.reporting.sweep_rows import front_cells

    cells = front_cells(search, outcome, law, lang)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for i, head in enumerate(cells.heads):
        if 1 <= i <= len(search.axes):
            table.add_column(head.replace(".", ".\n"), justify="right", overflow="fold")
        else:
            table.add_column(head, justify="right" if i else "left", no_wrap=not i)
    for row in cells.rows:
        table.add_row(*map(escape, row))
    return table
