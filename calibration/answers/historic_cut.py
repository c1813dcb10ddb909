"""What the answer becomes if the province cut otherwise than is assumed: the same targets on another scenario."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from calibration.answers.policy import second_auction
from calibration.forward_model import overlays
from calibration.targets.parameter_space import put
from calibration.targets.targets import Targets
from sim.scenario.load import Overlay

CUTS: Final = (0.2, 0.1, 0.0)


def variants(targets: Targets) -> dict[str, Targets]:
    """Targets by name of the variant, one for each cut of ``CUTS`` that is not the scenario's own; none where no second auction is
    held, or where the cut is itself free.
    """
    scenario = targets.loaded.scenario
    second = second_auction(scenario)
    if second is None or any(f"rounds.{second}.cut" in one.paths for one in targets.free):
        return {}
    own = scenario.rounds[second].cut
    return {f"historic-{round(100 * cut):02d}": historic(targets, second, cut) for cut in CUTS if cut != own}


def historic(targets: Targets, second: str, cut: float) -> Targets:
    """The same targets where starts fell by ``cut`` at the second auction, at all times; which policies are evaluated does not
    change.
    """
    laid = Overlay("historic", {})
    put(laid.tree, f"rounds.{second}.cut", cut)
    scenario, tree = overlays.resolved(targets, [laid])
    return replace(targets, loaded=replace(targets.loaded, scenario=scenario, tree=tree))
