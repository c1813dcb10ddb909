"""Who does the work: steps in order, on one processor or several, each result kept as soon as it is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import partial
from typing import Any

from calibration.cache import Cache
from calibration.forward_model.forward_model import ForwardModel
from sim.experiments.execution.worker_pool import WorkerPool

Step = Callable[..., Any]  # of (model, *arguments)
Tick = Callable[[str, int, int], None]  # step, done, all

_MODEL: ForwardModel | None = None


def _hold(model: ForwardModel | None) -> None:
    """A worker holds the forward model."""
    global _MODEL
    _MODEL = model


def _do(step: Step, arguments: tuple[Any, ...]) -> Any:
    return step(_MODEL, *arguments)


class Workers:
    """Workers that hold one forward model. Results do not depend on how many there are."""

    def __init__(
        self, model: ForwardModel | None, jobs: int, cache: Cache, tick: Tick = lambda step, done, all_: None
    ) -> None:
        self.model, self.jobs, self.cache, self.tick = model, jobs, cache, tick
        self._pool = WorkerPool(jobs, partial(_hold, model))

    def do(self, name: str, step: Step, tasks: Sequence[tuple[object, tuple[Any, ...]]]) -> list[Any]:
        """Results of ``step(model, *arguments)`` for each (key, arguments), in order; what is in the cache is not done."""
        found = [self.cache.get(name, key) for key, _ in tasks]
        missing = [i for i, result in enumerate(found) if result is None]
        done = len(tasks) - len(missing)
        self.tick(name, done, len(tasks))
        if self.jobs < 2 or len(missing) < 2:
            for i in missing:
                found[i] = step(self.model, *tasks[i][1])
                self.cache.put(name, tasks[i][0], found[i])
                done += 1
                self.tick(name, done, len(tasks))
            return found
        futures: dict[Future[Any], int] = {
            self._pool.submit(partial(_do, step), tasks[i][1]): i for i in missing
        }
        left = set(futures)
        while left:
            ready, left = wait(left, return_when=FIRST_COMPLETED)
            for future in ready:
                i = futures[future]
                found[i] = future.result()
                self.cache.put(name, tasks[i][0], found[i])
                done += 1
                self.tick(name, done, len(tasks))
        return found

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._pool.close(now=kind is not None)
