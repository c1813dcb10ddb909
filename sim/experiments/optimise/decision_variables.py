"""Decision variables of a scenario: what the law says of a point, the values of the scenario itself, a policy file for each.

``RunStores`` runs the steps of a search as sweeps, each in a folder of its own, so that nothing of it is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from sim.experiments.execution.executors import Executor
from sim.experiments.optimise.pareto_front import Floats
from sim.experiments.optimise.search import Point
from sim.experiments.sweep.axes import Axis
from sim.experiments.sweep.design import Given
from sim.experiments.sweep.observation import NotAllowedError, Observation
from sim.experiments.sweep.results import layout_of, points_a_block
from sim.experiments.sweep.run_store import RunStore, RunStoreError
from sim.experiments.sweep.scheduler import Progress
from sim.experiments.sweep.sweep import new_sweep, open_sweep, run_missing
from sim.law.verdict import Breach, beyond, breaches, first_known
from sim.locale.language import said
from sim.scenario import Loaded
from sim.scenario.keys import lay_in, tree_of

Run = Callable[[RunStore, Callable[[Callable[[Progress], None]], Progress]], Progress]


def standing(loaded: Loaded, axes: Sequence[Axis]) -> Point:
    """Values of the decision variables in the scenario as it is."""
    values = []
    for axis in axes:
        value = loaded.scenario.value(axis.key)
        values.append(
            float(value)
            if isinstance(value, int) and not isinstance(value, bool) and not axis.whole
            else value
        )
    return tuple(values)


class Lawful:
    """Whether a point breaks the law no worse than the scenario itself does, and through no value that it sets (``beyond``)."""

    def __init__(self, loaded: Loaded, axes: Sequence[Axis], day: date | None = None) -> None:
        """``day``: whose law it is; None: that of the days simulated."""
        self._paths = [axis.path for axis in axes]
        self.day = day
        self._work = Observation(loaded.toml(), {axis.path: axis.key for axis in axes})
        self._before = breaches(loaded.scenario, day)
        self.kinds = loaded.scenario.kinds
        self.known = first_known(loaded.scenario, day) is None  # whether some law of that day is

    def __call__(self, point: Point) -> bool:
        try:
            return not beyond(
                self.broken(point), self._before, lambda one: any(map(one.brought_by, self._paths))
            )
        except NotAllowedError:
            return False

    def against(self, point: Point) -> list[str]:
        """The articles that a point offends or that allow it on a condition only, as may be so of the scenario itself, and values
        that no scenario may have.
        """
        try:
            return [one.brief for one in self.broken(point)]
        except NotAllowedError as error:
            return [str(error)]

    def mark(self, point: Point) -> str:
        """What stands beside a point's name: a star where the law does not allow it, or on a condition only; a question mark
        where no law of the day is known.
        """
        return " *" if self.against(point) else "" if self.known else " ?"

    def broken(self, point: Point) -> list[Breach]:
        """What of a point the law does not allow, as of the scenario itself. Raises ``NotAllowedError`` for values that no
        scenario may have.
        """
        return breaches(self._work.prepare(dict(zip(self._paths, point, strict=True)))(0), self.day)

    def possible(self, point: Point) -> bool:
        """Whether the point is a scenario at all."""
        try:
            self._work.prepare(dict(zip(self._paths, point, strict=True)))(0)
        except NotAllowedError:
            return False
        return True


@dataclass
class RunStores:
    """The steps of a search as sweeps in ``folder``. ``run`` runs a store's missing runs and shows progress."""

    folder: Path
    loaded: Loaded
    given: Mapping[str, Any]
    axes: tuple[Axis, ...]
    measures: Sequence[str]
    window: str
    executor: Executor
    chunk: int | None
    force: bool
    warn: Callable[[list[str]], None]
    run: Run
    under: Callable[[int], list[str]]  # so many draws of the parameters, as ``new_sweep`` takes them
    failed: int = 0

    def points(self, name: str) -> list[Point] | None:
        """The points of a step that is on disk."""
        if not (self.folder / name).is_dir():
            return None
        store = RunStore(self.folder / name)
        if store.sweep["paths"] != [axis.path for axis in self.axes]:
            raise RunStoreError(said("search.step", folder=store.folder))
        return list(zip(*store.design.values(0, store.points).values(), strict=True))

    def evaluate(self, name: str, points: list[Point], first: int, count: int) -> Floats:
        """Run a step, or what is missing of it."""
        plan = Given(
            self.axes,
            [list(column) for column in zip(*points, strict=True)],
            {"method": "search", "step": name},
        )
        folder = self.folder / name
        if folder.is_dir():
            store = open_sweep(folder, self.force, self.warn, self.loaded.scenario.extensions)
            if self.points(name) != points or (store.batches[0].first, store.replications) != (
                first,
                count,
            ):
                raise RunStoreError(said("search.step", folder=folder))
        else:
            store = new_sweep(
                folder, self.loaded, self.given, plan, count, [], self.executor, self.chunk, first=first,
                draws=self.under(count),
            )  # fmt: skip
        self.run(store, lambda tick: run_missing(store, self.executor, tick=tick))
        self.failed += store.state().failed_runs
        shape = layout_of(store)
        columns = [shape.column(measure, self.window) for measure in self.measures]
        values: Floats = np.concatenate(
            [block.values[:, :, columns] for block in store.blocks(points_a_block(store))]
        )
        return values


def policy_text(loaded: Loaded, axes: Sequence[Axis], point: Point, title: str, title_zh: str) -> str:
    """A policy file with the values of a point, to be compared, run, or changed by hand."""
    import tomli_w

    tree: dict[str, Any] = {"extends": str(loaded.path.absolute()), "title": title, "title_zh": title_zh}
    for axis, value in zip(axes, point, strict=True):
        lay_in(tree, tree_of(axis.key, value))
    tree["sources"] = {"": "policy: found by sim optimise"}
    return tomli_w.dumps(tree)
