"""What other commands use: the calibrated scenario, and draws of the posterior beside it.

The scenario extends the one that calibration began with, never itself, so that a second calibration gives the same bytes. It
says how its figures are to be understood, where its values come from, and when they were found.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from calibration.forward_model.forward_model import ForwardModel
from calibration.forward_model.overlays import resolved
from calibration.representative.medoid import Representative
from calibration.targets.interpretations import Interpretation
from calibration.targets.parameter_space import put
from calibration.targets.targets import Targets
from sim.experiments.draws import LABEL
from sim.experiments.storage.checksum import digest
from sim.locale.words import Words
from sim.measures.definitions import INTERPRETATIONS
from sim.scenario import load
from sim.scenario.files import Tree, leaves
from sim.scenario.keys import undated, write_key
from sim.scenario.load import Overlay
from sim.scenario.published import FIGURES, INPUTS

Floats = npt.NDArray[np.float64]

LEAST: Final = 0.005  # a probability from which on an interpretation is named
DIGITS: Final = 6  # significant, of values: more than is known, fewer than differ between processors
CALIBRATED: Final = re.compile(r"^# Calibrated on (\d{4}-\d\d-\d\d)", re.MULTILINE)


def scenario_text(
    model: ForwardModel,
    point: Representative,
    path: Path,
    draws: str,
    weights: Mapping[str, float],
    today: date,
) -> str:
    """The calibrated scenario as a file at ``path``; ``draws``: name of the file of draws beside it, empty for none;
    ``weights``: interpretation -> its posterior probability.

    A file that is there and says the same keeps its date: that on which these values were first found.
    """
    text = _scenario(model, point, path, draws, weights, today)
    try:
        held = CALIBRATED.search(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return text
    if held is None:
        return text
    same = _scenario(model, point, path, draws, weights, date.fromisoformat(held[1]))
    return same if same == path.read_text(encoding="utf-8") else text


def _scenario(
    model: ForwardModel,
    point: Representative,
    path: Path,
    draws: str,
    weights: Mapping[str, float],
    today: date,
) -> str:
    import tomli_w

    targets = model.targets
    values = rounded(model.overlay(point.theta, "calibrated", point.arrivals).tree)
    own: Tree = {**titles(targets), "interpretation": interpretation(targets, point.interpretation)}
    published = _not_yet_published(targets)
    if published:
        own["published"] = published
    base = targets.loaded.path
    if base.resolve().parent == path.resolve().parent and _as_it_stands(targets):
        tree: Tree = {"extends": base.name, **own, **values}
        sources: dict[str, str] = {}
    else:  # the targets file itself has made or changed the scenario
        tree = resolved(targets, [Overlay("calibrated", {**values, **own})])[1]
        sources = {key: said for one in targets.loaded.sources.values() for key, said in one.items()}
    if draws:
        tree["draws"] = draws
    tree["sources"] = {**sources, **_sources(targets, values)}
    first: Tree = {key: tree.pop(key) for key in ("extends", "title", "title_zh", "draws") if key in tree}
    return _heading(targets, point, draws, weights, today) + tomli_w.dumps({**first, **tree})


def _as_it_stands(targets: Targets) -> bool:
    """Whether the scenario is the one of its file, nothing made or changed by the targets."""
    return load(targets.loaded.path).tree == targets.loaded.tree


def titles(targets: Targets) -> dict[str, str]:
    """Titles of the calibrated scenario: those of the one it began with, up to what these say of its values; those of the
    targets file where that has made or changed the scenario.
    """
    of = targets.loaded.scenario if _as_it_stands(targets) else targets
    before, before_zh = (re.split("[:：]", one)[0] for one in (of.title, of.title_zh))
    return {
        "title": Words("scenario")("calibrated", "en", title=before),
        "title_zh": Words("scenario")("calibrated", "zh", title=before_zh),
    }


def interpretation(targets: Targets, interpretation: Interpretation) -> dict[str, Any]:
    """The table ``[interpretation]``: basis, measures, inputs, and what is not meant to be met."""
    table: dict[str, Any] = {"basis": interpretation.basis}
    figures = [f for f in targets.figures("fit", "input", "held_out", "unused") if f.name in FIGURES]
    for figure in figures:
        measure = interpretation.measure(figure.name, next(iter(figure.measures)))
        if len(INTERPRETATIONS[figure.name]) > 1 and measure in INTERPRETATIONS[figure.name]:
            table[figure.name] = measure
    inputs = [name for name in FIGURES if any(f.name == name and f.role == "input" for f in figures)]
    if inputs != [name for name in INPUTS if any(f.name == name for f in figures)]:
        table["inputs"] = inputs
    for figure in figures:
        if figure.role in ("held_out", "unused"):
            reasons = table.setdefault("unmet", {}).setdefault(figure.window, {})
            reasons[figure.name] = figure.reason or "not fitted"
            if figure.reason_zh:
                reasons[f"{figure.name}_zh"] = figure.reason_zh
    return table


def _not_yet_published(targets: Targets) -> dict[str, dict[str, float]]:
    """Published figures that the scenario does not hold."""
    known = targets.loaded.scenario.published
    found: dict[str, dict[str, float]] = {}
    for figure in targets.figures("fit", "input", "held_out", "unused"):
        held = known.get(figure.window)
        if figure.name in FIGURES and (held is None or getattr(held, figure.name) is None):
            found.setdefault(figure.window, {})[figure.name] = figure.value
    return found


def _sources(targets: Targets, values: Tree) -> dict[str, str]:
    """Where each value comes from, by the key of its parameter."""
    name = targets.path.stem
    found = {}
    for key in leaves(values):
        of = undated(key)
        solved = of[:2] == ("arrivals", "periods") and of[-1] in ("cases", "lots")
        said = "solved so that listings meet" if solved else "calibrated to"
        found[write_key(of)] = f"{said} {targets.source} (calibrate run {name})"
        if of != key:  # a value from a date on: its own key is looked up, then the tables that it stands in
            found["from"] = f"calibrated to {targets.source} (calibrate run {name})"
    return found


def _heading(
    targets: Targets, point: Representative, draws: str, weights: Mapping[str, float], today: date
) -> str:
    evidence = ", ".join(
        f"{Path(one).name} ({digest(Path(one))[:12]})"
        for one in dict.fromkeys(f.file for f in targets.evidence)
    )
    met = [one.inside for one in point.figures if one.counts]
    lines = [
        f"Calibrated on {today.isoformat()} by: calibrate run {targets.path.stem} --scenario FILE. Not to be edited: run it again.",
        f"Published figures: {targets.source}. Evidence from elsewhere: {evidence or 'none'}.",
        f"Interpretation: {named(point.interpretation.key)}.",
        f"Posterior probabilities of interpretations: {_weighed(weights)}.",
        "One vector that stands for a posterior: the medoid of its draws, then polished in the simulator until it meets the",
        f"published figures ({sum(met)} of {len(met)} that the model must produce and can miss); that is construction, not evidence.",
    ]
    if draws:
        lines.append(
            f"What is known of the parameters is in {draws}: draws of the posterior, all interpretations by their probabilities."
        )
    return "".join(f"# {line}\n" for line in lines)


def named(interpretation: str) -> str:
    """An interpretation's key as files show it."""
    return interpretation.replace("+", ", ")


def _weighed(weights: Mapping[str, float]) -> str:
    """Interpretations with their probabilities, the likeliest first; those that round to nothing together."""
    shown = {key: w for key, w in sorted(weights.items(), key=lambda one: -one[1]) if w >= LEAST}
    words = [f"{w:.2f} {named(key)}" for key, w in shown.items()]
    if left := len(weights) - len(shown):
        words.append(f"below {LEAST:g} each of {left} more")
    return "; ".join(words)


def draws_columns(model: ForwardModel, theta: Floats, interpretations: Sequence[str]) -> dict[str, list[Any]]:
    """Draws of equal weight as columns, each with its arrivals and the interpretation that it is from; a column is a parameter,
    or its value from a date on.
    """
    rows = []
    for one, interpretation in zip(theta, interpretations, strict=True):
        tree = rounded(model.overlay(one, "draw").tree)
        values = {write_key(key): _cell(at_key(tree, key)) for key in leaves(tree)}
        rows.append({LABEL: named(interpretation)} | values)
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def _cell(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def at_key(tree: Mapping[str, Any], key: Sequence[str]) -> Any:
    """The value at a key."""
    value: Any = tree
    for part in key:
        value = value[part]
    return value


def rounded(tree: Tree) -> Tree:
    """The same values to ``DIGITS`` significant digits."""
    found: Tree = {}
    for key in leaves(tree):
        value = at_key(tree, key)
        if isinstance(value, float) and value and math.isfinite(value):
            value = float(f"{value:.{DIGITS}g}")
        put(found, key, value)
    return found
