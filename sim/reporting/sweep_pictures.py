"""The pictures of a sweep, a sensitivity analysis and a search, drawn from what they found."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from sim.experiments.optimise.decision_variables import Lawful
from sim.experiments.optimise.front_table import name_of_point, reach
from sim.experiments.optimise.search import Outcome, Search
from sim.experiments.sensitivity import Index
from sim.experiments.sweep.results import Runs, basis_of, headlines, layout_of, moments, points_a_block
from sim.experiments.sweep.run_store import RunStore
from sim.measures.rounding import levelled
from sim.reporting.figures.pareto import Searched, Settled, pareto
from sim.reporting.figures.sweep import Seen, Varied, names_of, sweep_figure
from sim.reporting.figures.tornado import tornado
from sim.reporting.save import save
from sim.reporting.style import Foot
from sim.reporting.text import known
from sim.scenario.schema import WHOLE, Scenario
from sim.scenario.validate import field_of

MOST_POINTS = 50_000  # drawn
MOST_PARAMETERS = 8


def draw_sweep(store: RunStore, lang: str, window: str = "all") -> list[Path]:
    """Draw the headline measures over the varied parameters; nothing for a sweep too large to be looked at."""
    paths = store.sweep["paths"]
    if store.points > MOST_POINTS or len(paths) > MOST_PARAMETERS or store.points < 2:
        return []
    return save(sweep_picture(store, lang, window), store.folder / "pictures" / "sweep")


def sweep_picture(store: Runs, lang: str, window: str = "all", measures: Sequence[str] = ()) -> Figure:
    """Measures (the headline ones) over the varied parameters."""
    paths = store.sweep["paths"]
    seen = observed(store, window, measures)
    values = store.design.values(0, store.points)
    keys = store.sweep["work"]["arguments"].get("keys", {})
    varied = [Varied(p, names_of(field_of(tuple(keys.get(p, ())))), values[p]) for p in paths]
    manifest = store.manifest
    foot = Foot(*titles(manifest["scenario"]), manifest["seed"], store.replications)
    grid = manifest["design"]["method"] == "grid"
    return sweep_figure(varied, seen, lang, window_of(window, basis_of(store), lang), foot, grid)


def observed(store: Runs, window: str, measures: Sequence[str] = ()) -> list[Seen]:
    """Means and half-widths of measures (the headline ones) at every point."""
    shape = layout_of(store)
    measures = measures or headlines(shape)
    columns = [shape.column(measure, window) for measure in measures]
    means, halves = [], []
    for block in store.blocks(points_a_block(store)):
        mean, _, half, _ = moments(block.values[:, :, columns])
        means.append(mean)
        halves.append(half)
    mean, half = np.concatenate(means), np.concatenate(halves)
    return [Seen(measure, levelled(mean[:, i]), half[:, i]) for i, measure in enumerate(measures)]


def titles(scenario: str) -> tuple[str, str]:
    """English and Chinese title of a scenario given as TOML."""
    import tomllib

    tree = tomllib.loads(scenario)
    return str(tree.get("title", "")), str(tree.get("title_zh", ""))


def sensitivity_picture(store: Runs, found: Mapping[str, Sequence[Index]], window: str, lang: str) -> Figure:
    """Which parameters move each measure, the largest first."""
    foot = Foot(*titles(store.manifest["scenario"]), store.manifest["seed"], store.replications)
    where = window_of(window, basis_of(store), lang)
    return tornado(found, labels_of(store), store.manifest["design"]["method"], lang, where, foot)


def labels_of(store: Runs) -> dict[str, tuple[str, str]]:
    """What people call each varied parameter, in English and in Chinese."""
    keys: Mapping[str, Sequence[str]] = store.sweep["work"]["arguments"].get("keys", {})
    return {path: names_of(field_of(tuple(keys.get(path, ())))) for path in store.sweep["paths"]}


def front_picture(
    search: Search, outcome: Outcome, scenario: Scenario, window: str, lang: str, *, law: Lawful | None = None
) -> Figure:
    """The settled policies, each with its interval beside the base, and the points that the search left; with ``law`` those that
    it does not allow are marked."""
    foot = Foot(scenario.title, scenario.title_zh, scenario.run.seed, search.final)
    unlawful = [i for i, point in enumerate(outcome.points) if law and law.against(point)]
    return pareto(searched(search, outcome, unlawful), lang, window_of(window, scenario.basis, lang), foot)


def searched(search: Search, outcome: Outcome, unlawful: Collection[int] = ()) -> Searched:
    """What a search came to, as it is drawn. ``unlawful``: the settled points that the law does not allow."""
    mean, goals = moments(outcome.values)[0], len(search.goals)
    settled = [
        Settled(
            name_of_point(i),
            mean[i, :goals],
            reach(search, outcome, i),
            i in outcome.on_front,
            i == 0,
            i in unlawful,
        )
        for i in range(len(outcome.points))
    ]
    # The search had other random draws: the points it left stand where they stood beside the base.
    left = [i for i, point in enumerate(outcome.tried) if point not in outcome.points]
    tried = outcome.tried_values[left, :goals] - outcome.tried_values[0, :goals] + mean[0, :goals]
    goals_shown = [(goal.measure, goal.sign) for goal in search.goals]
    return Searched(goals_shown, settled, tried, len(outcome.tried))


def window_of(window: str, basis: str, lang: str) -> str:
    """A window with its basis, on which its numbers depend; those of the whole period do not."""
    return window if window == WHOLE else f"{window} · {known(f'basis.{basis}', lang, basis)}"
