"""Engines: who does the work. Any ``concurrent.futures.Executor`` will do.

What a sweep asks of one: take a task, say when it is done, and tell a task that failed from a worker that died.
The ledger remembers what is done, so an engine need not.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from typing import Any, Protocol, TypeVar

Task = TypeVar("Task")
Answer = TypeVar("Answer")
PATIENCE = 5.0  # seconds to wait for a scheduler
GATHERING = 6.0  # times that for its first worker


class EngineError(Exception):
    """An engine that cannot be had, or is lost; the message says why and what to do."""


class Submits(Protocol):
    """Whatever takes a task: an engine, an executor."""

    def submit(self, work: Callable[[Task], Answer], task: Task, /) -> Future[Answer]:
        """Start a task."""


class Engine(Submits, Protocol):
    """Where tasks go."""

    shared_fate: bool  # one worker's death loses everything that is under way

    @property
    def slots(self) -> int:
        """Tasks to keep under way."""

    def alone(self, work: Callable[[Task], Answer], task: Task) -> Answer:
        """Do a task such that if a worker dies, it died of this one. Raises as the task does, or as ``died`` knows."""

    def died(self, error: BaseException) -> bool:
        """Whether the error says that a worker died, and not that the task failed."""

    def renew(self) -> None:
        """After a death: be ready for tasks again."""

    def close(self, now: bool = False) -> None:
        """End; ``now``: without waiting for what is under way."""


class Given:
    """An executor that somebody else made and will shut down."""

    shared_fate = True

    def __init__(self, executor: Executor, slots: int) -> None:
        self._executor, self.slots = executor, slots

    def submit(self, work: Callable[[Task], Answer], task: Task) -> Future[Answer]:
        return self._executor.submit(work, task)

    def alone(self, work: Callable[[Task], Answer], task: Task) -> Answer:
        return self._executor.submit(work, task).result()

    def died(self, error: BaseException) -> bool:
        return isinstance(error, BrokenExecutor)

    def renew(self) -> None:
        raise EngineError("a worker process died, and the executor that was given cannot be made again")

    def close(self, now: bool = False) -> None:
        pass


class Processes:
    """Processes on this machine. A pool with a dead worker is broken for good, so a new one takes its place."""

    shared_fate = True

    def __init__(self, number: int) -> None:
        self.number = number
        self.slots = 2 * number
        self._pool: ProcessPoolExecutor | None = None
        self._lone: ProcessPoolExecutor | None = None

    def submit(self, work: Callable[[Task], Answer], task: Task) -> Future[Answer]:
        if self._pool is None:
            self._pool = _pool(self.number)
        return self._pool.submit(work, task)

    def alone(self, work: Callable[[Task], Answer], task: Task) -> Answer:
        self._lone = self._lone or _pool(1)
        try:
            return self._lone.submit(work, task).result()
        except BrokenExecutor:
            _end(self._lone, now=True)
            self._lone = None
            raise

    def died(self, error: BaseException) -> bool:
        return isinstance(error, BrokenExecutor)

    def renew(self) -> None:
        _end(self._pool, now=True)
        self._pool = None

    def close(self, now: bool = False) -> None:
        for pool in (self._pool, self._lone):
            _end(pool, now)
        self._pool = self._lone = None


def _end(pool: ProcessPoolExecutor | None, now: bool) -> None:
    if pool is None:
        return
    children = list((getattr(pool, "_processes", None) or {}).values()) if now else []
    pool.shutdown(wait=not now, cancel_futures=True)
    for child in children:
        child.kill()  # what it was writing has no name yet


def _pool(number: int) -> ProcessPoolExecutor:
    # Not fork: the parent has threads (progress, pools before this one), and a lock held at the fork stays held.
    ways = multiprocessing.get_all_start_methods()
    context: Any = multiprocessing.get_context("forkserver" if "forkserver" in ways else "spawn")
    if "forkserver" in ways:
        context.set_forkserver_preload(["sim.experiments.preload"])
    return ProcessPoolExecutor(number, mp_context=context, initializer=_begin, initargs=(os.getpid(),))


def _begin(parent: int) -> None:
    """A worker leaves interrupts to its parent, and ends with it, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while _alive(parent):
        time.sleep(1.0)
    os._exit(1)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


class Dask:
    """Workers of a dask cluster, which hands the tasks of a dead one to another by itself."""

    shared_fate = False

    def __init__(self, address: str, patience: float = PATIENCE) -> None:
        """Raises ``EngineError`` if dask is not installed, nobody answers, or there are no workers."""
        try:
            import distributed
        except ImportError:
            raise EngineError("--dask needs dask: pip install 'judicial-auction-sim[distributed]'") from None
        self.address = address
        for name in ("distributed", "distributed.client"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong is told once, by us
        client: Any = distributed.Client  # it has no types
        self._client = _within(
            patience, address, lambda: client(address, timeout=patience, set_as_default=False)
        )
        try:
            self._client.wait_for_workers(1, timeout=GATHERING * patience)
        except (OSError, TimeoutError):
            self._client.close(timeout=1)
            raise EngineError(f"the dask scheduler at {address} has no workers") from None
        self._executor: Executor = self._client.get_executor(pure=False)

    @property
    def slots(self) -> int:
        """Twice the threads of the workers there are now."""
        threads: int = sum(self._client.nthreads().values())
        return 2 * max(threads, 1)

    def submit(self, work: Callable[[Task], Answer], task: Task) -> Future[Answer]:
        future: Future[Answer] = self._executor.submit(work, task)
        return future

    def alone(self, work: Callable[[Task], Answer], task: Task) -> Answer:
        answer: Answer = self._executor.submit(work, task).result()
        return answer

    def died(self, error: BaseException) -> bool:
        from distributed import KilledWorker

        return isinstance(error, KilledWorker)

    def renew(self) -> None:
        pass

    def close(self, now: bool = False) -> None:
        self._executor.shutdown(wait=not now)
        self._client.close(timeout=5)


def _within(patience: float, address: str, connect: Callable[[], Any]) -> Any:
    """A connection, or ``EngineError``. Dask waits for ever for a port that is open and says nothing; we do not."""
    answer: list[Any] = []

    def ask() -> None:
        try:
            answer.append(connect())
        except Exception as error:
            answer.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(1.5 * patience + 1.0)
    if not answer or isinstance(answer[0], Exception):
        why = f" ({answer[0]})" if answer else ""
        raise EngineError(f"no dask scheduler answers at {address}{why}")
    return answer[0]


def in_order(
    workers: Submits | None, work: Callable[[Task], Answer], tasks: Iterable[Task], ahead: int
) -> Iterator[Answer]:
    """Answers in the order of the tasks, from ``workers`` or, without, from here; at most ``ahead`` are under way or waiting to be taken."""
    if workers is None:
        yield from map(work, tasks)
        return
    waiting: deque[Future[Answer]] = deque()
    try:
        for task in tasks:
            waiting.append(workers.submit(work, task))
            if len(waiting) >= ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
