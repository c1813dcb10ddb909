"""The scenario of a targets file with values laid over it; what closed forms do not follow may not be laid over it either."""

from __future__ import annotations

from collections.abc import Sequence

from calibration.targets.reader.supported import held_to
from calibration.targets.targets import Targets
from sim.scenario import ScenarioError
from sim.scenario.errors import joined
from sim.scenario.files import Layers, Tree
from sim.scenario.load import Overlay
from sim.scenario.periods import validate
from sim.scenario.schema import Scenario


def over(targets: Targets, overlays: Sequence[Overlay]) -> Scenario:
    """The targets' scenario with values laid over it. Raises ``ScenarioError`` where closed forms do not follow what they turn on."""
    return resolved(targets, overlays)[0]


def resolved(targets: Targets, overlays: Sequence[Overlay]) -> tuple[Scenario, Tree]:
    """The same, and as plain values: what the targets' scenario takes out of its base stays out."""
    layers = Layers()
    for one in (Overlay(str(targets.path), targets.loaded.tree), *overlays):
        layers.add(one.tree, one.name)
    scenario, defects = validate(layers)
    if scenario is None or defects:
        raise ScenarioError(defects)
    held_to(scenario, joined([one.name for one in overlays]))
    return scenario, layers.tree
