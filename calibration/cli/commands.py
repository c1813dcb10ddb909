"""What the ``calibrate`` commands do, once their input is known to be sound."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer
from rich.console import Console

from calibration.audit import audit
from calibration.audit import report as audit_report
from calibration.targets.targets import Reported, Targets
from calibration.words import w
from sim.cli.ending import stopping
from sim.cli.options import fail
from sim.experiments.execution.executors import EngineError
from sim.experiments.storage.folders import FolderError, check_target, manifest, new_folder, write_manifest
from sim.scenario import ScenarioError

if TYPE_CHECKING:
    from calibration.result import Result
    from calibration.workers import Tick

WIDTH = 120  # columns where there is no terminal to ask


def console() -> Console:
    """Where tables are printed."""
    one = Console(highlight=False)
    if not one.is_terminal:
        one.width = WIDTH
    return one


def command_line() -> list[str]:
    """The command as the user gave it, without the path of the program."""
    return ["calibrate", *sys.argv[1:]]


def audit_command(targets: Reported, out: Path | None, force: bool, lang: str) -> None:
    """Print the audit; with ``out``, leave it as CSV and as a page."""
    if out is not None:
        try:
            check_target(out, force)
        except FolderError as error:
            fail(error)
    findings = audit(targets)
    to = console()
    to.print(audit_report.terminal(targets, findings, lang))
    to.print(audit_report.summary(findings, lang), markup=False)
    if out is None:
        return
    from sim.experiments.storage.tables import write_csv
    from sim.reporting.pages.shell import Page, render, write

    page = Page(
        lang=lang, kind=w("audit", lang), name=targets.title_zh if lang == "zh" else targets.title,
        headline=audit_report.summary(findings, lang), sections=[audit_report.section(findings, lang)],
        lead=[w("audit.lead", lang)],
    )  # fmt: skip
    try:
        with new_folder(out, force) as folder:
            write_csv(folder / "audit.csv", audit_report.columns(findings, lang))
            write(folder / "audit.html", render(page))
            (folder / "targets.toml").write_text(targets.text, encoding="utf-8")
            write_manifest(
                folder, manifest(command_line(), targets.scenario, kind="audit", targets=targets.text)
            )
    except FolderError as error:
        fail(error)
    typer.echo(w("audit.written", lang, files=f"{out / 'audit.csv'}, {out / 'audit.html'}"))


REFUSED: Final = 4  # exit code: done, but the draws fail their diagnostics or no representative may be used


@dataclass(frozen=True, slots=True)
class Run:
    """How a calibration is to be run, as the command line says. ``jobs``: 0 for as many as there are processors."""

    out: Path
    quick: bool
    variants: bool
    jobs: int
    scenario: Path | None
    force: bool


def run_command(targets: Targets, how: Run, lang: str) -> None:
    """Run every step, with progress; leave the folder; print the short answer."""
    import os
    import time

    from calibration import outputs, pipeline, settings
    from sim.cli.checks import check_jobs
    from sim.cli.engine import lost, trouble

    check_jobs(how.jobs)
    try:
        outputs.prepare(how.out, targets, how.force)
    except outputs.OutputError as error:
        fail(error)
    began = time.perf_counter()
    notes = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    jobs = how.jobs or os.cpu_count() or 1
    effort = settings.QUICK if how.quick else settings.FULL

    def damaged(path: Path) -> None:
        notes.print(w("step.damaged", lang, path=str(path)))

    def words(why: str) -> str:
        return w("stopped", lang, why=why, folder=str(how.out))

    with stopping(words):
        try:
            with _progress(notes, lang) as tick:
                store = pipeline.store_of(how.out, targets, damaged)
                result = pipeline.run(targets, effort, jobs, store, tick, how.variants)
                report = outputs.write(how.out, result, lang, command_line(), jobs, how.scenario)
        except ScenarioError as error:
            fail(error)
        except EngineError as error:
            trouble(words(lost(error, lang)))
        except OSError as error:
            trouble(words(f"{error.filename or how.out}: {error.strerror or error}"))
    _say(result, lang)
    seconds = f"{time.perf_counter() - began:.0f}"
    typer.echo(w("written", lang, report=str(report), folder=str(how.out), seconds=seconds))
    if result.main.refused or (result.point is not None and result.point.refused):
        raise typer.Exit(REFUSED)


@contextmanager
def _progress(notes: Console, lang: str) -> Iterator[Tick]:
    """A bar for each step, where somebody looks."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from calibration.report.names import step_name

    progress = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(elapsed_when_finished=True),
        console=notes, disable=not notes.is_terminal,
    )  # fmt: skip
    bars: dict[str, Any] = {}

    def tick(step: str, done: int, all_: int) -> None:
        if step not in bars:
            bars[step] = progress.add_task(step_name(step, lang), total=all_)
        progress.update(bars[step], completed=done, total=all_)

    with progress:
        yield tick


def _say(result: Result, lang: str) -> None:
    """The short answer."""
    from calibration.report.first_page import lines

    to = console()
    for i, line in enumerate(lines(result, lang)):
        to.print(line, style="bold" if i == 0 else "", markup=False)
