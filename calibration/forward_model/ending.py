"""Windows in which no lot can come to an end: their figures cannot be met, whatever the parameters; the reason is given."""

from __future__ import annotations

from collections.abc import Sequence

from calibration.forward_model.inflow import Inflow
from calibration.forward_model.lot_outcomes import rules
from calibration.targets.targets import Targets, Window
from sim.locale.language import said, spoken
from sim.locale.signs import listed as listed_of
from sim.scenario import Defect


def without_end(targets: Targets, inflows: Sequence[Inflow]) -> list[Defect]:
    """Defects of windows with a figure to be fitted, in which no auction closes at any point of the inflow's grid."""
    found = []
    for w, (name, window) in enumerate(targets.windows.items()):
        fitted = [one.name for one in window.figures.values() if one.role == "fit"]
        if fitted and not any(one.listing_times.failed[..., w, :].any() for one in inflows):
            listed = max(float(one.listing_times.listed[..., w].sum(axis=(1, 3)).mean()) for one in inflows)
            hint = said("target.longer", figures=listed_of(fitted, spoken()))
            found.append(Defect(str(targets.path), f"windows.{name}", _why(targets, window, listed), hint))
    return found


def _why(targets: Targets, window: Window, listed: float) -> str:
    scenario = targets.loaded.scenario
    term = rules(scenario)
    stage = term.stages[0]
    notice = min(stage.notice_movable, stage.notice_immovable)
    return said(
        "target.no_end", begins=scenario.time.start, ends=window.last, listed=f"{listed:.0f}", days=f"{notice + stage.window:.0f}",
        notice=f"{notice:.0f}", pricing="" if term.listing else said("target.pricing_first"),
    )  # fmt: skip
