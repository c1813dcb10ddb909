"""Facts against a posterior: what the rest predicts of each, and how much the conditions of its observation matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.forward_model.evidence_measures import how_much_conditions_matter
from calibration.forward_model.forward_model import BATCH, ForwardModel
from calibration.targets.evidence import Fact, Scores, chosen, scores

Floats = npt.NDArray[np.float64]

MOST: Final = 500  # draws at which facts are predicted


@dataclass(frozen=True, slots=True)
class FactScores:
    """``facts``: those fitted and held out; ``scores``: (facts,) each; ``here``: (facts, 2) the measure's median at the fact's
    own conditions and at this place's starts and cuts.
    """

    facts: tuple[Fact, ...]
    scores: Scores
    here: Floats


def scored(
    model: ForwardModel, evidence: Sequence[Fact], theta: Floats, widen: float = 1.0
) -> FactScores | None:
    """Facts at draws of equal weight; None without facts."""
    facts = chosen(evidence, "fit", "held_out")
    if not facts:
        return None
    some = theta[:: max(len(theta) // MOST, 1)]
    measures, matter = [], []
    for first in range(0, len(some), BATCH):
        batch = some[first : first + BATCH]
        measures.append(model.measured(batch, facts))
        matter.append(how_much_conditions_matter(model.scenario, model.typical(batch), facts))
    return FactScores(
        facts, scores(np.concatenate(measures), facts, widen=widen), np.median(np.concatenate(matter), axis=0)
    )
