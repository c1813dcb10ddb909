"""What commands that run many runs share: choosing an engine, showing progress, saying why it stopped."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NoReturn, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bars

from sim.cli.checks import check_jobs
from sim.cli.ending import stopping
from sim.cli.options import fail
from sim.experiments.execution.executors import Dask, Engine, EngineError
from sim.experiments.execution.worker_pool import TRIES, WorkerDiedError, WorkerPool
from sim.experiments.sweep.run_store import Ledger, LedgerError
from sim.experiments.sweep.scheduler import Progress, StoppedError
from sim.experiments.sweep.sweep import open_sweep
from sim.reporting.text_explore import e

Seen = TypeVar("Seen")
EVERY = 30.0  # seconds between two lines where there is no terminal
TROUBLE = 1  # exit code: stopped before the end, or runs failed; what is finished is kept


def trouble(told: object) -> NoReturn:
    """Say what went wrong and exit with 1."""
    typer.echo(str(told), err=True)
    raise typer.Exit(TROUBLE)


@contextmanager
def usable(folder: Path) -> Iterator[None]:
    """A sweep's folder that cannot be used as it is, or no workers: say why, and exit with 2."""
    try:
        yield
    except (LedgerError, EngineError) as error:
        fail(error)
    except OSError as error:
        fail(f"{folder} cannot be written to: {error.strerror or error}")


def engine(jobs: int, dask: str | None) -> Engine:
    """The engine asked for; one that cannot be had ends with exit code 2."""
    check_jobs(jobs)
    if dask is None:
        return WorkerPool(jobs or os.cpu_count() or 1)
    try:
        return Dask(dask)
    except EngineError as error:
        fail(error)


@contextmanager
def shown(lang: str) -> Iterator[Callable[[Progress], None]]:
    """Progress: a bar on a terminal, a line every 30 s elsewhere."""
    console = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    if not console.is_terminal:
        yield lines(console, lambda progress: _line(progress, lang))
        return
    with Bars(
        BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), console=console, transient=True
    ) as bars:
        task = bars.add_task("", total=None)

        def tick(progress: Progress) -> None:
            bars.update(task, completed=progress.done, total=progress.runs, description=_line(progress, lang))

        yield tick


def lines(console: Console, line: Callable[[Seen], str]) -> Callable[[Seen], None]:
    """Something to be told of progress as often as one likes; it prints a line every 30 s."""
    last = time.monotonic()

    def tick(seen: Seen) -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY:
            last = time.monotonic()
            console.print(line(seen))

    return tick


def _line(progress: Progress, lang: str) -> str:
    return e(
        "sweep.progress", lang,
        done=f"{progress.done:,}", runs=f"{progress.runs:,}", failed=f"{progress.failed:,}", left=clock(progress.left),
    )  # fmt: skip


def clock(seconds: float) -> str:
    """75 -> 1:15, 7322 -> 2:02:02."""
    if not math.isfinite(seconds):
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def overruled(what: list[str], lang: str) -> None:
    """Say what --force has overruled, a line each."""
    for line in what:
        typer.echo(e("sweep.force", lang, what=line), err=True)


def opened(folder: Path, force: bool, lang: str) -> Ledger:
    """The sweep that is in a folder; one that cannot be gone on with ends with exit code 2."""
    with usable(folder):
        return open_sweep(folder, force, lambda what: overruled(what, lang))


def kept(folder: Path, again: str, lang: str) -> AbstractContextManager[None]:
    """Where a stop loses nothing but what is being drawn or searched: say so, and how to go on."""
    return stopping(lambda why: e("stopped.kept", lang, why=why, folder=str(folder), again=again))


def go(
    ledger: Ledger,
    on: Engine,
    lang: str,
    work: Callable[[Callable[[Progress], None]], Progress],
    again: str | None = None,
) -> Progress:
    """Run ``work`` (given what shows progress) on an engine. If anything stops it, the engine ends and the user is told.

    ``again`` is how to go on, in words; None: by resuming the ledger.
    """
    again = again or f"sim sweep resume {ledger.folder}"

    def words(why: str) -> str:
        done = f"{finished(ledger):,}"
        return e("sweep.stopped", lang, why=why, done=done, runs=f"{ledger.runs:,}", again=again)

    with stopping(words), _trouble(words):
        well = False
        try:
            with shown(lang) as tick:
                progress = work(tick)
            well = True
        finally:
            if not well:
                on.close(now=True)
    if progress.damaged:
        typer.echo(e("sweep.aside", lang, n=progress.damaged, folder=str(ledger.folder)), err=True)
    say_deaths(progress.deaths, lang)
    return progress


def say_deaths(number: int, lang: str) -> None:
    """Say how often work was done again, if it was."""
    if number:
        typer.echo(e("workers.deaths", lang, n=number), err=True)


def lost(error: EngineError, lang: str) -> str:
    """Why there are no workers, and what to do."""
    if isinstance(error, WorkerDiedError):
        how = error.how + (e("workers.memory", lang) if error.how == "SIGKILL" else "")
        return e("workers.lost", lang, n=TRIES, how=how)
    return str(error)


@contextmanager
def _trouble(words: Callable[[str], str]) -> Iterator[None]:
    """What stops runs, in ``words``; what is wrong with their folder, in its own."""
    try:
        yield
    except LedgerError as error:
        told = str(error)
    except StoppedError as error:
        told = words(str(error))
    except OSError as error:
        told = words(f"{error.strerror or error}" + (f": {error.filename}" if error.filename else ""))
    else:
        return
    trouble(told)


def finished(ledger: Ledger) -> int:
    """Runs that need not be run again, failed ones included."""
    state = ledger.state()
    missing = sum(stop - start for stop, start in (
        reversed(ledger.bounds(ledger.batches[number], index)) for number, index in ledger.missing(state)
    ))  # fmt: skip
    return ledger.runs - missing
