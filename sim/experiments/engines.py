"""Engines: who does the work. Any ``concurrent.futures.Executor`` will do, or none: this process itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import TypeVar

Task = TypeVar("Task")
Answer = TypeVar("Answer")


def in_order(
    executor: Executor | None, work: Callable[[Task], Answer], tasks: Iterable[Task], ahead: int
) -> Iterator[Answer]:
    """Answers in the order of the tasks; at most ``ahead`` are under way or waiting to be taken."""
    if executor is None:
        yield from map(work, tasks)
        return
    waiting: deque[Future[Answer]] = deque()
    try:
        for task in tasks:
            waiting.append(executor.submit(work, task))
            if len(waiting) >= ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
