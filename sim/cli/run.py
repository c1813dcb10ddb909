"""``sim run``: progress, then what was published beside what the model gives."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from sim.cli.shared.checks import check_jobs, note_unlawful
from sim.cli.shared.draws import note_draws
from sim.cli.shared.ending import fail, refusing, trouble, writing
from sim.cli.shared.engine import ready
from sim.cli.shared.executor import lost, say_deaths
from sim.cli.shared.listing import Json, rows_of, show_json
from sim.cli.shared.options import (
    CountOrAuto,
    Force,
    Full,
    Heads,
    Jobs,
    Lang,
    LawOf,
    ModelEngine,
    Out,
    Overrides,
    Pictures,
    Scenario,
    Seed,
    Xlsx,
    as_count,
    as_day,
    command,
    declared,
    load_scenario,
)  # fmt: skip
from sim.cli.shared.progress import ProgressBar, tables
from sim.cli.shared.signals import stopping
from sim.locale.language import said
from sim.reporting.progress_bar import notes

if TYPE_CHECKING:
    from sim.experiments.run import Result
    from sim.scenario import Loaded

FEW = 10  # replications that are made at least, where it is not known how many
WIDTH = 100  # columns where there is no terminal to ask


@declared
class Options:
    scenario: Scenario
    replications: CountOrAuto = None
    seed: Seed = None
    jobs: Jobs = 0
    engine: ModelEngine = "auto"
    out: Out = None
    overrides: Overrides = None
    records: Annotated[str, typer.Option()] = "all"
    date: LawOf = None
    pictures: Pictures = True
    xlsx: Xlsx = False
    heads: Heads = None
    force: Force = False
    full: Full = False
    json: Json = False
    lang: Lang


@command
def run(options: Options) -> None:
    """Run, print, leave the folder; bad input ends with exit code 2 before anything runs."""
    from sim.reporting.text import t

    loaded = load_scenario(options.scenario, options.overrides, options.seed)
    count = as_count(options.replications)
    if options.records not in ("none", "lots", "all"):
        fail(said("option.records", value=options.records))
    check_jobs(options.jobs)
    law_of = as_day(options.date)
    scenario, lang = loaded.scenario, options.lang
    count = scenario.run.replications if count is None else count
    ready([scenario], count or FEW)
    target = options.out or Path("out") / Path(str(loaded.path)).stem
    result = _result(loaded, count, target, options)
    say_deaths(result.deaths, lang)
    if not result.precise:
        notes().print(t("stopped_at_limit", lang, n=result.replications), style="yellow")
    if options.json:
        _json(loaded, result, target, options)
    else:
        _report(loaded, result, options.full, lang)
    note_unlawful(loaded, lang, law_of)
    note_draws(loaded, lang)
    said_last = t("written", lang, folder=str(target), n=result.replications, seconds=f"{result.seconds:.1f}")
    typer.echo(said_last, err=options.json)


def _result(loaded: Loaded, count: int, target: Path, options: Options) -> Result:
    """Run with progress, and leave the folder."""
    from sim.experiments import run as experiment
    from sim.experiments.execution.executors import ExecutorError
    from sim.experiments.execution.memory import TooLargeError
    from sim.experiments.replications import MOST, Keep
    from sim.experiments.run import AUTO
    from sim.experiments.storage.folders import FolderError
    from sim.reporting.headed_copies import leave_copies
    from sim.reporting.pictures import leave_run
    from sim.reporting.text import t

    lang = options.lang
    jobs = min(options.jobs or os.cpu_count() or 1, count or MOST)

    def also(folder: Path, result: Result) -> None:
        leave_run(folder, loaded, result, lang, options.pictures)
        if options.xlsx:
            from sim.reporting.workbooks.run import run_workbook

            run_workbook(folder, loaded, result, lang)
        leave_copies(folder, options.heads)

    with stopping(lambda why: t("stopped", lang, why=why)), ProgressBar() as bar:

        def tick(done: int) -> None:
            bar.show(t("replications", lang), done, count if count != AUTO else None)

        tick(0)
        try:
            with writing(target), refusing(FolderError, TooLargeError):
                records = cast(Keep, options.records)
                return experiment.run(
                    loaded,
                    target,
                    count,
                    jobs,
                    records,
                    options.force,
                    also,
                    tick,
                    law_of=as_day(options.date),
                )
        except ExecutorError as error:
            trouble(lost(error, lang))


def _json(loaded: Loaded, result: Result, target: Path, options: Options) -> None:
    """The rows of the table under the names of comparison.csv: under the scenario's interpretation, with --full under all."""
    from sim.reporting.compare import comparison_columns
    from sim.reporting.fit import fit_of
    from sim.reporting.fit import rows_of as compared

    rows = compared(loaded.scenario, result.summary)
    shown = fit_of(loaded, result.summary).rows
    figures = rows_of(comparison_columns(rows if options.full else shown, shown, options.lang))
    show_json({"folder": target, "replications": result.replications, "figures": figures})


def _report(loaded: Loaded, result: Result, full: bool, lang: str) -> None:
    """The table and the words under it."""
    from sim.reporting.fit import fit_of, rows_of
    from sim.reporting.tables import comparison_notes, comparison_table, headline_notes, headline_table

    console = tables(WIDTH)
    scenario, rows = loaded.scenario, rows_of(loaded.scenario, result.summary)
    shown = fit_of(loaded, result.summary)
    console.print(scenario.title_zh if lang == "zh" else scenario.title, style="bold", markup=False)
    if full:
        console.print(comparison_table(rows, lang))
        lines = comparison_notes(rows, lang)
    else:
        console.print(headline_table(shown.rows, result.replications, lang))
        lines = []
    for line in [*lines, *headline_notes(shown, rows, result.replications, lang)]:
        console.print(line, markup=False)
