"""The folder of a search for policies read back: what was searched, and what was found, computed from its runs as they are."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sim.experiments.optimise.decision_variables import Lawful, standing
from sim.experiments.optimise.front_table import columns
from sim.experiments.optimise.pareto_front import Floats, Goal, Limit
from sim.experiments.optimise.search import NoPolicyError, Outcome, Point, Search, settle
from sim.experiments.optimise.search_folder import SEARCH, searched
from sim.experiments.paired import paired
from sim.experiments.sweep.observation import NotAllowedError
from sim.experiments.sweep.results import layout_of, points_a_block
from sim.experiments.sweep.run_store import RunStore, RunStoreError
from sim.experiments.sweep.sweep import read_axis
from sim.law.verdict import FORBIDDEN, NOT_CHECKED, Breach, judged
from sim.locale.language import said
from sim.reporting.pages.run_folder import scenario_of
from sim.reporting.pages.shell import PageError
from sim.reporting.pages.sweep_data import Axis
from sim.scenario import Loaded
from sim.scenario.schema import Scenario

FINAL = "final"


@dataclass(frozen=True)
class ParetoFolder:
    """What ``sim optimise`` left."""

    manifest: Mapping[str, Any]
    scenario: Scenario
    search: Search
    outcome: Outcome
    law: Lawful
    window: str
    draws: int  # of the parameters, over which all points are run

    @cached_property
    def axes(self) -> list[Axis]:
        """The decision variables as pages name them."""
        return [Axis.of(one, self.scenario.kinds) for one in self.search.axes]

    @cached_property
    def broken(self) -> list[list[Breach] | str]:
        """For each settled point what of it the law does not allow, or why it is no scenario."""
        found: list[list[Breach] | str] = []
        for point in self.outcome.points:
            try:
                found.append(self.law.broken(point))
            except NotAllowedError as error:
                found.append(str(error))
        return found

    @property
    def unlawful(self) -> list[int]:
        """The settled points that the law does not allow, or on a condition only."""
        return [i for i, one in enumerate(self.broken) if one]

    def verdict(self, i: int) -> str:
        """What the law says of a settled point, in a word."""
        found = self.broken[i]
        if not found and not self.law.known:
            return NOT_CHECKED
        return FORBIDDEN if isinstance(found, str) else judged(found)

    @property
    def rows(self) -> dict[str, list[Any]]:
        """The same columns as in front.csv."""
        return columns(self.search, self.outcome, self.law)

    def between(self, a: int, b: int) -> list[dict[str, float]]:
        """For each measure the paired difference of point ``b`` from point ``a``, with its interval."""
        found = paired(self.outcome.values[a : a + 1], self.outcome.values[b : b + 1])
        names = ("difference", "ci_low", "ci_high", "base", "policy")
        return [{name: float(found[name][m]) for name in names} for m in range(len(self.search.measures))]


def read_pareto(path: Path, manifest: Mapping[str, Any]) -> ParetoFolder:
    """Read what ``sim optimise`` wrote. Raises ``PageError`` with what is missing or damaged."""
    scenario = scenario_of(dict(manifest), path)
    try:
        asked = searched(path / SEARCH)
        final = RunStore(path / FINAL)
        search = _search(asked, final, scenario)
        steps = [RunStore(step) for step in _steps(path)]
        settled = _runs(final, search, str(asked["window"]))
        seen = [_runs(step, search, str(asked["window"])) for step in steps]
        tried = [point for points, _ in seen for point in points]
        law = Lawful(_loaded(scenario, manifest, path), search.axes, _day(asked["law_of"]))
        values = np.concatenate([found for _, found in seen])
        outcome = settle(search, law.possible if asked["unlawful"] else law, settled, (tried, values))
    except (RunStoreError, NoPolicyError) as error:
        raise PageError(str(error)) from None
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise PageError(said("search.damaged", file=path / SEARCH, why=error)) from None
    draws = len(final.sweep["work"]["arguments"]["draws"])
    return ParetoFolder(manifest, scenario, search, outcome, law, str(asked["window"]), draws)


def _loaded(scenario: Scenario, manifest: Mapping[str, Any], path: Path) -> Loaded:
    """The scenario as resolved, from the manifest's text."""
    return Loaded(scenario, path / SEARCH, [], tomllib.loads(str(manifest["scenario"])), {}, {})


def _day(text: Any) -> date | None:
    return date.fromisoformat(str(text)) if text else None


def _steps(path: Path) -> list[Path]:
    """The folders of the steps of the search, in order."""
    found: list[Path] = []
    while (step := path / f"search-{len(found)}").is_dir():
        found.append(step)
    return found


def _search(asked: Mapping[str, Any], store: RunStore, scenario: Scenario) -> Search:
    """What was searched; the variables as the manifest of the settlement describes them."""
    keys = store.sweep["work"]["arguments"]["keys"]
    axes = tuple(read_axis(one, tuple(keys[one["path"]])) for one in store.manifest["axes"])
    goals = tuple(Goal(str(measure), int(sign)) for measure, sign in asked["goals"])
    limits = tuple(Limit(str(measure), float(low), float(high)) for measure, low, high in asked["limits"])
    points, replications, final, seed = (int(x) for x in asked["numbers"])
    loaded = Loaded(scenario, store.folder, [], {}, {}, {})
    return Search(axes, goals, limits, standing(loaded, axes), points, replications, final, seed)


def _runs(store: RunStore, search: Search, window: str) -> tuple[list[Point], Floats]:
    """The points of a step and their values: (points, replications, measures)."""
    shape = layout_of(store)
    at = [shape.column(measure, window) for measure in search.measures]
    blocks: Sequence[Floats] = [block.values[:, :, at] for block in store.blocks(points_a_block(store))]
    points: list[Point] = list(zip(*store.design.values(0, store.points).values(), strict=True))
    return points, np.concatenate(blocks)
