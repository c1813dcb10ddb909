"""Driving a sweep: chunks to an engine until none is missing, whatever dies on the way.

A worker that dies takes its chunk with it, and in a pool of processes everything else under way. All of that is
sent again. A chunk that was under way at ``SUSPECT`` deaths is then run on its own, run by run, each alone; a run
that kills its worker every time becomes a row that says so, like any other failure.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass, field, replace

import numpy as np

from sim.experiments.chunks import Chunk, Done, Rows, StrangerError, leave, make, single
from sim.experiments.engines import Engine, EngineError
from sim.experiments.works import made

SUSPECT = 2  # deaths at which a chunk was under way before it is run by itself
TRIES = 2  # deaths of a single run, alone, before it counts as failed
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
    began: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Seconds that the rest will take at the pace so far; nan before the first chunk."""
        passed = time.monotonic() - self.began
        return passed / self.done * (self.runs - self.done) if self.done else float("nan")


Tick = Callable[[Progress], None]


def drive(
    todo: Iterator[Chunk],
    engine: Engine,
    progress: Progress,
    fail_fast: bool = False,
    tick: Tick = lambda progress: None,
) -> None:
    """Run chunks until there are no more. Raises ``StoppedError``; whatever happens, finished chunks stay."""
    try:
        _Driver(todo, engine, progress, fail_fast, tick).run()
    except OSError as error:
        raise StoppedError(
            f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
        ) from error
    except CancelledError as error:
        raise StoppedError("the engine gave up its tasks: its scheduler may be gone") from error
    except (EngineError, StrangerError) as error:
        raise StoppedError(str(error)) from error


@dataclass(slots=True)
class _Driver:
    todo: Iterator[Chunk]
    engine: Engine
    progress: Progress
    fail_fast: bool
    tick: Tick
    under_way: dict[Future[Done], Chunk] = field(default_factory=dict)
    again: list[Chunk] = field(default_factory=list)
    deaths: dict[str, int] = field(default_factory=dict)  # chunk -> deaths at which it was under way

    def run(self) -> None:
        slots, looked = self.engine.slots, time.monotonic()
        while True:
            self.fill(slots)
            if not self.under_way and not self.again:
                return
            self.take()
            if time.monotonic() - looked > LOOK:
                slots, looked = self.engine.slots, time.monotonic()

    def fill(self, slots: int) -> None:
        """Keep ``slots`` tasks under way, those that are sent again first."""
        while len(self.under_way) < slots:
            chunk = self.again.pop() if self.again else next(self.todo, None)
            if chunk is None:
                return
            if self.deaths.get(chunk.name, 0) >= SUSPECT:
                self.count(run_by_run(chunk, self.engine))
                continue
            try:
                self.under_way[self.engine.submit(make, chunk)] = chunk
            except Exception as error:
                if not self.engine.died(error):
                    raise
                self.again.append(chunk)  # a worker died since the last look: those under way will tell
                if not self.under_way:
                    self.engine.renew()
                return

    def take(self) -> None:
        """Wait for something to end, and see how."""
        finished = wait(self.under_way, timeout=BREATH, return_when=FIRST_COMPLETED).done
        if any(self.dead(future) for future in finished) and self.engine.shared_fate:
            finished = wait(self.under_way).done
        died = False
        for future in finished:
            chunk = self.under_way.pop(future)
            if self.dead(future):
                died = True
                self.again.append(chunk)
                self.deaths[chunk.name] = self.deaths.get(chunk.name, 0) + 1
            else:
                self.count(future.result())
        if died:
            self.progress.deaths += 1
            self.engine.renew()
        self.tick(self.progress)

    def dead(self, future: Future[Done]) -> bool:
        """Whether the task ended because a worker died."""
        error = None if future.cancelled() else future.exception()
        return error is not None and self.engine.died(error)

    def count(self, done: Done) -> None:
        self.progress.done += done.runs
        self.progress.failed += done.failed
        if self.fail_fast and done.failed:
            self.tick(self.progress)
            raise StoppedError("a run failed, and --fail-fast was asked for")


def run_by_run(chunk: Chunk, engine: Engine) -> Done:
    """A chunk whose workers die: each run alone. Written here, since its rows come from several processes."""
    runs = chunk.only or tuple(range(chunk.start, chunk.stop))
    rows = [alone(replace(chunk, only=(run,)), engine) for run in runs]
    whole = Rows(np.concatenate([one.values for one in rows]), [one.errors[0] for one in rows])
    leave(chunk, whole)
    return Done(chunk.name, len(runs), whole.failed, 0.0)


def alone(chunk: Chunk, engine: Engine) -> Rows:
    """One run; after ``TRIES`` deaths of its worker it counts as failed."""
    for _ in range(TRIES):
        try:
            return engine.alone(single, chunk)
        except Exception as error:
            if not engine.died(error):
                raise
    width = len(made(chunk.work).columns)
    told = (
        f"the worker process died {TRIES} times while it ran this alone (killed for want of memory, perhaps)"
    )
    return Rows(np.full((1, width), np.nan), [told])
