"""``sim run``: progress, then what was printed beside what the model gives."""

from __future__ import annotations

import os
from pathlib import Path
from typing import cast

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sim.cli.checks import check_jobs, note_unlawful
from sim.cli.draws import note_draws
from sim.cli.ending import stopping
from sim.cli.engine import lost, say_deaths, trouble
from sim.cli.options import fail
from sim.experiments.execution.executors import EngineError
from sim.experiments.execution.memory import TooLargeError
from sim.experiments.replications import MOST, Keep
from sim.experiments.run import AUTO, Result, run
from sim.experiments.storage.folders import FolderError
from sim.experiments.storage.tables import write_csv
from sim.reporting.compare import Row, comparison_columns, comparison_rows
from sim.reporting.fit import fit, readings
from sim.reporting.tables import comparison_notes, comparison_table, headline_notes, headline_table
from sim.reporting.text import t
from sim.scenario import Loaded
from sim.scenario.schema import Scenario

WIDTH = 100  # columns where there is no terminal to ask


def run_command(
    loaded: Loaded,
    count: int | None,
    jobs: int,
    out: Path | None,
    records: str,
    pictures: bool,
    force: bool,
    full: bool,
    lang: str,
) -> None:
    """Run, print, leave the folder; bad input ends with exit code 2 before anything runs."""
    if records not in ("none", "lots", "all"):
        fail(f"--records {records}: allowed are none, lots and all")
    check_jobs(jobs)
    scenario = loaded.scenario
    count = scenario.run.replications if count is None else count
    jobs = min(jobs or os.cpu_count() or 1, count or MOST)
    target = out or Path("out") / Path(str(loaded.path)).stem
    notes = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)

    def also(folder: Path, result: Result) -> None:
        rows = rows_of(scenario, result)
        write_csv(
            folder / "comparison.csv", comparison_columns(rows, fit(rows, scenario.interpretation).rows, lang)
        )
        if pictures:
            from sim.reporting.pictures import draw_run

            draw_run(folder, scenario, result, lang)

    progress = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=notes, transient=True, disable=not notes.is_terminal,
    )  # fmt: skip
    with stopping(lambda why: t("stopped", lang, why=why)), progress:
        task = progress.add_task(t("replications", lang), total=count if count != AUTO else None)

        def tick(done: int) -> None:
            progress.update(task, completed=done)

        try:
            result = run(loaded, target, count, jobs, cast(Keep, records), force, also, tick)
        except (FolderError, TooLargeError) as error:
            fail(error)
        except EngineError as error:
            trouble(lost(error, lang))
        except OSError as error:
            fail(f"{target} could not be written: {error.strerror or error}")
    say_deaths(result.deaths, lang)
    if not result.precise:
        notes.print(t("stopped_at_limit", lang, n=result.replications), style="yellow")
    _tell(scenario, result, full, lang)
    note_unlawful(loaded, lang)
    note_draws(loaded, lang)
    typer.echo(t("written", lang, folder=str(target), n=result.replications, seconds=f"{result.seconds:.1f}"))


def rows_of(scenario: Scenario, result: Result) -> list[Row]:
    """Printed beside simulated, for the scenario's own windows."""
    return comparison_rows(
        scenario.published,
        result.summary,
        readings(scenario.interpretation),
        windows=list(scenario.time.windows),
    )


def _tell(scenario: Scenario, result: Result, full: bool, lang: str) -> None:
    """The table and the words under it."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    rows = rows_of(scenario, result)
    shown = fit(rows, scenario.interpretation)
    console.print(scenario.title_zh if lang == "zh" else scenario.title, style="bold", markup=False)
    if full:
        console.print(comparison_table(rows, lang))
        lines = comparison_notes(rows, lang)
    else:
        console.print(headline_table(shown.rows, result.replications, lang))
        lines = []
    for line in [*lines, *headline_notes(shown, rows, result.replications, lang)]:
        console.print(line, markup=False)
