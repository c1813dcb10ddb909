"""The picture of a sweep, drawn from its ledger."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sim.experiments.sweep.results import headlines, layout, moments, points_a_block
from sim.experiments.sweep.run_store import Ledger
from sim.measures.rounding import levelled
from sim.reporting.figures.sweep import Seen, Varied, names_of, sweep_figure
from sim.reporting.save import save
from sim.reporting.style import Foot
from sim.scenario.validate import field_of

MOST_POINTS = 50_000  # drawn
MOST_PARAMETERS = 8


def draw_sweep(ledger: Ledger, lang: str, window: str = "all") -> list[Path]:
    """Draw the headline measures over the varied parameters; nothing for a sweep too large to be looked at."""
    paths = ledger.sweep["paths"]
    if ledger.points > MOST_POINTS or len(paths) > MOST_PARAMETERS or ledger.points < 2:
        return []
    seen = observed(ledger, window)
    values = ledger.design.values(0, ledger.points)
    keys = ledger.sweep["work"]["arguments"].get("keys", {})
    varied = [Varied(p, names_of(field_of(tuple(keys.get(p, ())))), values[p]) for p in paths]
    manifest = ledger.manifest
    foot = Foot(*titles(manifest["scenario"]), manifest["seed"], ledger.replications)
    grid = manifest["design"]["method"] == "grid"
    return save(sweep_figure(varied, seen, lang, window, foot, grid), ledger.folder / "pictures" / "sweep")


def observed(ledger: Ledger, window: str) -> list[Seen]:
    """Means and half-widths of the headline measures at every point."""
    shape = layout(ledger.columns)
    measures = headlines(shape)
    columns = [shape.column(measure, window) for measure in measures]
    means, halves = [], []
    for block in ledger.blocks(points_a_block(ledger)):
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
