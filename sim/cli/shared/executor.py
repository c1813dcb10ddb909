"""What commands that run many runs share: who runs them, what is shown meanwhile, what is said when it stops."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sim.cli.shared.checks import check_jobs
from sim.cli.shared.ending import refusing, trouble, writing
from sim.cli.shared.progress import ProgressBar, clock
from sim.cli.shared.signals import stopping
from sim.locale.foreign import reason

if TYPE_CHECKING:
    from sim.experiments.execution.executors import Executor, ExecutorError
    from sim.experiments.sweep.run_store import RunStore
    from sim.experiments.sweep.scheduler import Progress


@contextmanager
def usable(folder: Path) -> Iterator[None]:
    """A sweep's folder that cannot be used as it is, or no workers: say why, and exit with 2."""
    from sim.experiments.execution.executors import ExecutorError
    from sim.experiments.sweep.run_store import RunStoreError

    with writing(folder, "out.unwritable"), refusing(RunStoreError, ExecutorError):
        yield


def executor_for(jobs: int, dask: str | None) -> Executor:
    """The executor chosen; one that cannot be had ends with exit code 2."""
    from sim.experiments.execution.executors import Dask, ExecutorError
    from sim.experiments.execution.worker_pool import WorkerPool

    check_jobs(jobs)
    if dask is None:
        return WorkerPool(jobs or os.cpu_count() or 1)
    with refusing(ExecutorError):
        return Dask(dask)


def _show(bar: ProgressBar, progress: Progress, lang: str) -> None:
    from sim.reporting.text_explore import e

    failed = f"{progress.failed:,}"

    def line() -> str:
        return e(
            "sweep.progress", lang,
            done=f"{progress.done:,}", runs=f"{progress.runs:,}", failed=failed, left=clock(progress.left),
        )  # fmt: skip

    words = e("sweep.progress.bar", lang, failed=failed)
    bar.show(words, progress.done, progress.runs, line=line)


def overruled(what: list[str], lang: str) -> None:
    """Say what --force has overruled, a line each."""
    from sim.reporting.text_explore import e

    for line in what:
        typer.echo(e("sweep.force", lang, what=line), err=True)


def opened(folder: Path, force: bool, lang: str) -> RunStore:
    """The sweep that is in a folder; one that cannot be continued ends with exit code 2."""
    from sim.experiments.sweep.sweep import open_sweep

    with usable(folder):
        return open_sweep(folder, force, lambda what: overruled(what, lang))


def kept(folder: Path, again: str, lang: str) -> AbstractContextManager[None]:
    """Where a stop loses nothing but what is being drawn or searched: say so, and how to go on."""
    from sim.reporting.text_explore import e

    return stopping(lambda why: e("stopped.kept", lang, why=why, folder=str(folder), again=again))


def go(
    store: RunStore,
    on: Executor,
    lang: str,
    work: Callable[[Callable[[Progress], None]], Progress],
    again: str | None = None,
) -> Progress:
    """Run ``work`` (given what shows progress) on an executor. If anything stops it, the executor ends and the user is informed.

    ``again`` is how to go on, in words; None: by resuming the store.
    """
    from sim.reporting.text_explore import e

    again = again or f"sim sweep resume {store.folder}"

    def words(why: str) -> str:
        done = f"{finished(store):,}"
        return e("sweep.stopped", lang, why=why, done=done, runs=f"{store.runs:,}", again=again)

    with stopping(words), _trouble(words):
        well = False
        try:
            with ProgressBar() as bar:
                progress = work(lambda progress: _show(bar, progress, lang))
            well = True
        finally:
            if not well:
                on.close(now=True)
    if progress.damaged:
        typer.echo(e("sweep.aside", lang, n=progress.damaged, folder=str(store.folder)), err=True)
    say_deaths(progress.deaths, lang)
    return progress


def say_deaths(number: int, lang: str) -> None:
    """Say how often work was done again, if it was."""
    from sim.reporting.text_explore import e

    if number:
        typer.echo(e("workers.deaths", lang, n=number), err=True)


def lost(error: ExecutorError, lang: str) -> str:
    """Why there are no workers, and what to do."""
    from sim.experiments.execution.worker_pool import TRIES, WorkerDiedError
    from sim.reporting.text_explore import e

    if isinstance(error, WorkerDiedError):
        how = error.how + (e("workers.memory", lang) if error.how == "SIGKILL" else "")
        return e("workers.lost", lang, n=TRIES, how=how)
    return str(error)


@contextmanager
def _trouble(words: Callable[[str], str]) -> Iterator[None]:
    """What stops runs, in ``words``; what is wrong with their folder, in its own."""
    from sim.experiments.sweep.run_store import RunStoreError
    from sim.experiments.sweep.scheduler import StoppedError

    try:
        yield
    except RunStoreError as error:
        message = str(error)
    except StoppedError as error:
        message = words(str(error))
    except OSError as error:
        message = words(reason(error) + (f": {error.filename}" if error.filename else ""))
    else:
        return
    trouble(message)


def finished(store: RunStore) -> int:
    """Runs that need not be run again, failed ones included."""
    state = store.state()
    missing = sum(stop - start for stop, start in (
        reversed(store.bounds(store.batches[number], index)) for number, index in store.missing(state)
    ))  # fmt: skip
    return store.runs - missing
