"""``sim run``: progress, then the table."""

from __future__ import annotations

import os
from pathlib import Path
from typing import cast

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sim.cli import fail
from sim.experiments.folder import FolderError
from sim.experiments.replicate import MOST, Keep
from sim.experiments.run import AUTO, run
from sim.law import breaches
from sim.report.tables import comparison_rows, comparison_table, legend
from sim.report.text import t
from sim.scenario import Loaded


def run_command(
    loaded: Loaded,
    count: int | None,
    jobs: int,
    out: Path | None,
    records: str,
    pictures: bool,
    force: bool,
    lang: str,
) -> None:
    """Run, print, leave the folder; bad input ends with exit code 2 before anything runs."""
    if records not in ("none", "lots", "all"):
        fail(f"--records {records}: allowed are none, lots and all")
    if jobs < 0:
        fail(f"--jobs {jobs}: allowed are 0 (as many as processors) and whole numbers above")
    scenario = loaded.scenario
    count = scenario.run.replications if count is None else count
    jobs = min(jobs or os.cpu_count() or 1, count or 10)
    target = out or Path("out") / Path(str(loaded.path)).stem
    console, notes = Console(), Console(stderr=True)
    for breach in breaches(scenario):
        notes.print(breach.zh if lang == "zh" else breach.en, style="yellow", highlight=False, markup=False)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=notes, transient=True, disable=not notes.is_terminal,
    ) as progress:  # fmt: skip
        task = progress.add_task(t("replications", lang), total=count if count != AUTO else MOST)
        try:
            result = run(
                loaded, target, count, jobs, cast(Keep, records), force, lang, pictures,
                tick=lambda done: progress.update(task, completed=done),
            )  # fmt: skip
        except FolderError as error:
            fail(error)
    rows = comparison_rows(scenario.printed, result.summary)
    console.print(scenario.title_zh if lang == "zh" else scenario.title, style="bold")
    console.print(comparison_table(rows, lang))
    for line in legend(rows, lang):
        console.print(line, highlight=False)
    typer.echo(t("written", lang, folder=str(target), n=result.replications, seconds=f"{result.seconds:.1f}"))
