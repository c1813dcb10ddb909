"""What the answer becomes if the province cut otherwise than is assumed: the same targets on another scenario."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from calibration import steps
from calibration.answers.policy import second_auction
from calibration.parameters import put
from calibration.targets import Targets
from sim.scenario.load import Sheet

CUTS: Final = (0.1, 0.0)  # beside the scenario's own


def historic(targets: Targets, cut: float) -> Targets:
    """The same targets where starts fell by ``cut`` after the first failed auction, at all times; which policies are asked about
    does not change. Raises ``ValueError`` where no second auction is held.
    """
    name = second_auction(targets.loaded.scenario)
    if name is None:
        raise ValueError("no second auction is held")
    laid = Sheet("historic", {})
    put(laid.tree, f"rounds.{name}.cut", cut)
    scenario, tree = steps.resolved(targets, [laid])
    return replace(targets, loaded=replace(targets.loaded, scenario=scenario, tree=tree))


def name(cut: float) -> str:
    """Of the variant that is sampled under it."""
    return f"historic-{round(100 * cut):02d}"
