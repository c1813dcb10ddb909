"""Windows in which no lot can come to an end: their figures cannot be met, whatever the parameters; the reason is given."""

from __future__ import annotations

from collections.abc import Sequence

from calibration.forward_model.inflow import Inflow
from calibration.forward_model.lot_outcomes import rules
from calibration.targets.targets import Targets, Window
from sim.scenario import Defect


def without_end(targets: Targets, inflows: Sequence[Inflow]) -> list[Defect]:
    """Defects of windows with a figure to be fitted, in which no auction closes at any point of the inflow's grid."""
    found = []
    for w, (name, window) in enumerate(targets.windows.items()):
        fitted = [one.name for one in window.figures.values() if one.role == "fit"]
        if fitted and not any(one.listing_times.failed[..., w, :].any() for one in inflows):
            listed = max(float(one.listing_times.listed[..., w].sum(axis=(1, 3)).mean()) for one in inflows)
            hint = f"make the window longer, or leave out: {', '.join(fitted)}"
            found.append(Defect(str(targets.path), f"windows.{name}", _why(targets, window, listed), hint))
    return found


def _why(targets: Targets, window: Window, listed: float) -> str:
    scenario = targets.loaded.scenario
    term = rules(scenario)
    stage = term.stages[0]
    notice = min(stage.notice_movable, stage.notice_immovable)
    return (
        f"no lot can be sold or fail in it: the scenario begins on {scenario.time.start}, the window ends on {window.last},"
        f" and lists {listed:.0f} lots; a first auction closes {notice + stage.window:.0f} days after the listing at the"
        f" earliest ({notice:.0f} of notice)"
        + ("" if term.listing else ", and before the listing comes the pricing")
    )
