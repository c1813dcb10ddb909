"""Which interpretation of the published figures the shipped calibrated scenario states: what benchmarks of the estimate take."""

from __future__ import annotations

from calibration.targets.interpretations import Interpretation
from calibration.targets.targets import Targets
from sim.scenario.load import load


def shipped_interpretation(targets: Targets, name: str = "shanxi") -> Interpretation:
    """The interpretation among those of the targets that ``scenarios/NAME.toml`` states.

    Raises ValueError where the scenario states none of them.
    """
    stated = load(name).scenario.interpretation
    for one in targets.interpretations():
        if (
            stated is not None
            and stated.basis == one.basis
            and all(stated.measure(figure) == measure for figure, measure in one.measures)
        ):
            return one
    raise ValueError(f"scenario {name} states no interpretation of these targets")
