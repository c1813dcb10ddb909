"""``sim verify``: progress, the table, the verdict; exit code 1 when the simulator is not what theory says."""

from __future__ import annotations

import os
import time
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sim.cli.checks import check_jobs
from sim.cli.engine import lost, say_deaths, trouble
from sim.cli.options import fail
from sim.experiments.execution.executors import EngineError
from sim.experiments.execution.worker_pool import pool
from sim.experiments.storage.atomic import write_whole
from sim.experiments.storage.folders import (
    FolderError,
    check_target,
    check_writable,
    command_line,
    manifest,
    new_folder,
    write_manifest,
)
from sim.experiments.storage.tables import write_csv
from sim.verification.cases import cases
from sim.verification.listed import FAMILIES
from sim.verification.page import ours, page
from sim.verification.run import FULL, QUICK, tasks_of, verify
from sim.verification.tables import HEAD, SUMMARY, columns, reasons, rows_of, summary_rows, table
from sim.verification.verdict import Found, Verdict, verdict
from sim.verification.words import w

RED = 1
WIDTH = 110  # columns where there is no terminal to ask


def verify_command(
    full: bool,
    family: str | None,
    seed: int,
    jobs: int,
    out: Path | None,
    page_file: Path | None,
    force: bool,
    brief: bool,
    lang: str,
) -> None:
    """Run the cases, print, leave the folder and the page if they are named."""
    families = _families(family)
    check_jobs(jobs)
    if seed < 0:
        fail(f"--seed {seed}: allowed are 0 and whole numbers above")
    if out is not None:
        try:
            check_target(out, force)
        except FolderError as error:
            fail(error)
    if page_file is not None:
        if not os.path.isdir(page_file.absolute().parent):
            fail(w("no_folder", lang, path=page_file.parent))
        try:
            check_writable(page_file)
        except FolderError as error:
            fail(error)
        if not force and not ours(page_file):
            fail(w("foreign", lang, path=page_file))
    lots, began = FULL if full else QUICK, time.perf_counter()
    try:
        found = _found(families, seed, lots, jobs or os.cpu_count() or 1, lang)
    except EngineError as error:
        trouble(lost(error, lang))
    verdicts = [verdict(one, found) for one in families]
    seconds = time.perf_counter() - began
    _print(found, verdicts, lots, seed, seconds, brief, lang)
    if out is not None:
        with new_folder(out, force) as folder:
            write_csv(folder / "verification.csv", columns(found))
            write_manifest(
                folder,
                manifest(
                    command_line(),
                    "",
                    kind="verify",
                    seed=seed,
                    lots=lots,
                    seconds=round(seconds, 1),
                    jobs=jobs,
                ),
            )
    if page_file is not None:
        command = "sim verify" + (" --full" if full else "") + (f" --family {family}" if family else "")
        command += (f" --seed {seed}" if seed != 1 else "") + f" --markdown {page_file.name}"
        write_whole(page_file, page(found, verdicts, lots, seed, command).encode())
    if not all(v.passed for v in verdicts):
        raise typer.Exit(RED)


def _families(names: str | None) -> tuple[str, ...]:
    if names is None:
        return FAMILIES
    wanted = tuple(dict.fromkeys(name.strip() for name in names.split(",")))
    unknown = [name for name in wanted if name not in FAMILIES]
    if unknown:
        fail(f"--family {','.join(unknown)}: allowed are {', '.join(FAMILIES)}")
    return wanted


def _found(families: tuple[str, ...], seed: int, lots: int, jobs: int, lang: str) -> Found:
    """Every case with its evidence, a bar on the screen meanwhile."""
    todo = cases(families, seed)
    notes = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=notes, transient=True, disable=not notes.is_terminal,
    ) as progress, pool(jobs) as workers:  # fmt: skip
        task = progress.add_task(w("running", lang), total=sum(len(tasks_of(case, lots)) for case in todo))
        found = list(
            verify(todo, lots, workers, 2 * jobs, lambda done: progress.update(task, completed=done))
        )
    say_deaths(workers.deaths if workers else 0, lang)
    return found


def _print(
    found: Found, verdicts: list[Verdict], lots: int, seed: int, seconds: float, brief: bool, lang: str
) -> None:
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = WIDTH
    for v in [] if brief else verdicts:
        title = f"({v.family}) {w(f'family.{v.family}', lang)}"
        console.print(table(title, HEAD, rows_of(found, v.family, lang), lang))
    console.print(table(w("verdict", lang), SUMMARY, summary_rows(verdicts, lang), lang))
    for line in reasons(verdicts, lang):
        console.print(line, style="red", markup=False)
    if not brief:
        console.print(w("rare", lang), markup=False)
    console.print(
        w(
            "all", lang, cases=len(found), lots=f"{lots:,}", seed=seed, z=sum(v.quantities for v in verdicts),
            bad=sum(not v.passed for v in verdicts),
        ), markup=False,
    )  # fmt: skip
    console.print(w("took", lang, seconds=f"{seconds:.0f}"), markup=False)
    console.print(w("alarm", lang), markup=False)
