"""Who does the work: steps in order, on one processor or several, each result kept as soon as it is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import partial
from typing import Any

from calibration.cache import Store
from calibration.forward_model.forward_model import World
from sim.experiments.execution.worker_pool import WorkerPool

Step = Callable[..., Any]  # of (world, *arguments)
Tick = Callable[[str, int, int], None]  # step, done, all

_WORLD: World | None = None


def _hold(world: World | None) -> None:
    """A worker holds the world."""
    global _WORLD
    _WORLD = world


def _do(step: Step, arguments: tuple[Any, ...]) -> Any:
    return step(_WORLD, *arguments)


class Crew:
    """Workers that hold one world. Results do not depend on how many there are."""

    def __init__(
        self, world: World | None, jobs: int, store: Store, tick: Tick = lambda step, done, all_: None
    ) -> None:
        self.world, self.jobs, self.store, self.tick = world, jobs, store, tick
        self._pool = WorkerPool(jobs, partial(_hold, world))

    def do(self, name: str, step: Step, tasks: Sequence[tuple[object, tuple[Any, ...]]]) -> list[Any]:
        """Results of ``step(world, *arguments)`` for each (key, arguments), in order; what is in the store is not done."""
        found = [self.store.get(name, key) for key, _ in tasks]
        missing = [i for i, result in enumerate(found) if result is None]
        done = len(tasks) - len(missing)
        self.tick(name, done, len(tasks))
        if self.jobs < 2 or len(missing) < 2:
            for i in missing:
                found[i] = step(self.world, *tasks[i][1])
                self.store.put(name, tasks[i][0], found[i])
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
                self.store.put(name, tasks[i][0], found[i])
                done += 1
                self.tick(name, done, len(tasks))
        return found

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._pool.close(now=kind is not None)
