"""The scheduler of a sweep: chunks to an executor until none is missing, whatever dies on the way.

A worker that dies takes its chunk with it; the executor gives that to another. A chunk of which workers die repeatedly
comes back, and is run one run at a time; a run that kills its workers becomes a row that says so, like any other
failure.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from sim.experiments.execution.executors import Executor, ExecutorError
from sim.experiments.sweep.chunks import Chunk, Done, OtherCodeError, Rows, leave, make, single
from sim.experiments.sweep.tasks import made
from sim.locale.foreign import reason, translated
from sim.locale.language import said

DIED: Final = "WorkerDied"  # stored in place of a traceback; ``last_line`` puts it in words
BREATH = 1.0  # seconds between two looks at the clock
LOOK = 5.0  # seconds between two looks at how many workers there are


class StoppedError(Exception):
    """The sweep stopped before its end; what is finished is kept. The message says why."""


@dataclass(slots=True)
class Progress:
    """How far a sweep is."""

    runs: int  # to be done in this go
    done: int = 0
    failed: int = 0
    deaths: int = 0  # of workers
    damaged: int = 0  # files that were set aside, whose runs are among those to be done
    began: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Seconds that the rest will take at the pace so far; nan before the first chunk."""
        passed = time.monotonic() - self.began
        return passed / self.done * (self.runs - self.done) if self.done else float("nan")


Tick = Callable[[Progress], None]


def schedule(
    todo: Iterator[Chunk],
    executor: Executor,
    progress: Progress,
    fail_fast: bool = False,
    tick: Tick = lambda progress: None,
) -> None:
    """Run chunks until there are no more. Raises ``StoppedError``; whatever happens, finished chunks stay."""
    try:
        _Scheduler(todo, executor, progress, fail_fast, tick).run()
    except OSError as error:
        raise StoppedError(reason(error) + (f": {error.filename}" if error.filename else "")) from error
    except CancelledError as error:
        raise StoppedError(said("executor.gone")) from error
    except BrokenExecutor as error:
        raise StoppedError(said("executor.broken")) from error
    except (ExecutorError, OtherCodeError) as error:
        raise StoppedError(translated(error)) from error


@dataclass(slots=True)
class _Scheduler:
    todo: Iterator[Chunk]
    executor: Executor
    progress: Progress
    fail_fast: bool
    tick: Tick
    under_way: dict[Future[Done], Chunk] = field(default_factory=dict)
    before: int = 0  # deaths that others have seen

    def run(self) -> None:
        self.before = self.executor.deaths
        slots, looked = self.executor.slots, time.monotonic()
        while True:
            self.fill(slots)
            if not self.under_way:
                return
            self.take()
            if time.monotonic() - looked > LOOK:
                slots, looked = self.executor.slots, time.monotonic()

    def fill(self, slots: int) -> None:
        """Keep ``slots`` tasks under way."""
        while len(self.under_way) < slots:
            chunk = next(self.todo, None)
            if chunk is None:
                return
            self.under_way[self.executor.submit(make, chunk)] = chunk

    def take(self) -> None:
        """Wait for something to end, and see how."""
        for future in wait(self.under_way, timeout=BREATH, return_when=FIRST_COMPLETED).done:
            chunk = self.under_way.pop(future)
            try:
                self.count(future.result())
            except Exception as error:
                if not self.executor.died(error):
                    raise
                self.count(run_by_run(chunk, self.executor))
        self.progress.deaths = self.executor.deaths - self.before
        self.tick(self.progress)

    def count(self, done: Done) -> None:
        self.progress.done += done.runs
        self.progress.failed += done.failed
        if self.fail_fast and done.failed:
            self.tick(self.progress)
            raise StoppedError(said("executor.fail_fast"))


def run_by_run(chunk: Chunk, executor: Executor) -> Done:
    """A chunk of which workers die: each run by itself. Written here, since its rows come from several processes."""
    runs = chunk.only or tuple(range(chunk.start, chunk.stop))
    each = [executor.submit(single, replace(chunk, only=(run,))) for run in runs]
    rows = [_rows(chunk, executor, future) for future in each]
    whole = Rows(np.concatenate([one.values for one in rows]), [one.errors[0] for one in rows])
    leave(chunk, whole)
    return Done(chunk.name, len(runs), whole.failed, 0.0)


def last_line(error: str | None) -> str:
    """What people read of why a run failed: the last line of its traceback, or that workers died of it."""
    lines = [line for line in (error or "").strip().splitlines() if line]
    if not lines:
        return "?"
    return said("sweep.died") if lines[-1] == DIED else lines[-1]


def _rows(chunk: Chunk, executor: Executor, future: Future[Rows]) -> Rows:
    """What a run came to; if workers died of it too, it has failed."""
    try:
        return future.result()
    except Exception as error:
        if not executor.died(error):
            raise
    width = len(made(chunk.work).columns)
    return Rows(np.full((1, width), np.nan), [DIED])
