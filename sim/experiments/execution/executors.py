"""Executors: who does the work. The worker pool (``pool``) is one; any ``concurrent.futures.Executor`` will do.

What one must do: take a task, give it to another worker when its worker dies, and distinguish a task that failed from one
whose workers died again and again. The store remembers what is done, so an executor need not.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from sim.locale.language import said
from sim.model.engine import carried
from sim.scenario.errors import SimError

Task = TypeVar("Task")
Answer = TypeVar("Answer")
PATIENCE = 5.0  # seconds to wait for a scheduler
GATHERING = 6.0  # times that for its first worker


class ExecutorError(SimError):
    """An executor that cannot be had, or is lost; the message says why and what to do."""


class Submits(Protocol):
    """Whatever takes a task: an executor of ours, or one of ``concurrent.futures``."""

    def submit(self, work: Callable[[Task], Answer], task: Task, /) -> Future[Answer]:
        """Start a task."""


class Executor(Submits, Protocol):
    """Where tasks go."""

    deaths: int  # of workers so far

    @property
    def slots(self) -> int:
        """Tasks to keep under way."""

    def died(self, error: BaseException) -> bool:
        """Whether the error says that workers died of the task, and not that it failed."""

    def close(self, now: bool = False) -> None:
        """End; ``now``: without waiting for what is under way."""


class Given:
    """An executor that somebody else made and will shut down. If it breaks there is no other."""

    deaths = 0

    def __init__(self, executor: futures.Executor, slots: int) -> None:
        self._executor, self.slots = executor, slots

    def submit(self, work: Callable[[Task], Answer], task: Task) -> Future[Answer]:
        return self._executor.submit(carried(work), task)

    def died(self, error: BaseException) -> bool:
        return False

    def close(self, now: bool = False) -> None:
        pass


class Here:
    """This process: a task is done when it is submitted, so that nothing is started and nothing is pickled."""

    deaths = 0
    slots = 1

    def submit(self, work: Callable[[Task], Answer], task: Task) -> Future[Answer]:
        future: Future[Answer] = Future()
        try:
            future.set_result(work(task))
        except Exception as error:
            future.set_exception(error)
        return future

    def died(self, error: BaseException) -> bool:
        return False

    def close(self, now: bool = False) -> None:
        pass


class Dask:
    """Workers of a dask cluster, which hands the tasks of a dead one to another by itself."""

    def __init__(self, address: str, patience: float = PATIENCE) -> None:
        """Raises ``ExecutorError`` if dask is not installed, nobody answers, or there are no workers."""
        try:
            import distributed
        except ImportError:
            raise ExecutorError(said("executor.install")) from None
        self.address, self.deaths = address, 0
        for name in ("distributed", "distributed.client"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong is reported once, by us
        client: Any = distributed.Client  # it has no types
        self._client = _within(
            patience, address, lambda: client(address, timeout=patience, set_as_default=False)
        )
        try:
            self._client.wait_for_workers(1, timeout=GATHERING * patience)
        except (OSError, TimeoutError):
            self._client.close(timeout=1)
            raise ExecutorError(said("executor.no_workers", address=address)) from None
        self._executor: futures.Executor = self._client.get_executor(pure=False)

    @property
    def slots(self) -> int:
        """Twice the threads of the workers there are now."""
        threads: int = sum(self._client.nthreads().values())
        return 2 * max(threads, 1)

    def submit(self, work: Callable[[Task], Answer], task: Task) -> Future[Answer]:
        future: Future[Answer] = self._executor.submit(carried(work), task)
        future.add_done_callback(self._count)
        return future

    def _count(self, future: Future[Any]) -> None:
        error = None if future.cancelled() else future.exception()
        self.deaths += error is not None and self.died(error)

    def died(self, error: BaseException) -> bool:
        from distributed import KilledWorker

        return isinstance(error, KilledWorker)

    def close(self, now: bool = False) -> None:
        self._executor.shutdown(wait=not now)
        self._client.close(timeout=5)


def _within(patience: float, address: str, connect: Callable[[], Any]) -> Any:
    """A connection, or ``ExecutorError``. Dask waits for ever for a port that is open and says nothing; we do not."""
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
        if answer:
            raise ExecutorError(said("executor.no_answer_why", address=address, why=answer[0]))
        raise ExecutorError(said("executor.no_answer", address=address))
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
