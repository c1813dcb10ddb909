"""Of a cut's effect, how much is people let in who were interested already, and how much people drawn by the lower start.

A lower start does both: more of those who look at a lot can pay it, and more people look (``price_response``). Were nobody drawn, a round
after the cut would interest as many as at the start before it, so its interest is divided by what the cut multiplies it by. Lots at token
starts are taken along at the factor of the others; so few do not count.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from calibration.answers.policy import Lots, Question, outcomes
from calibration.forward_model.forward_model import BATCH, ForwardModel
from calibration.forward_model.lot_outcomes import Look, answers, rules
from sim.theory.interest import price_multiple

Floats = npt.NDArray[np.float64]


def drawing_nobody(model: ForwardModel, theta: Floats, cut: Question) -> Floats | None:
    """(n, OUTCOMES) under the cut if its lower start drew nobody; None where no start draws anybody at any vector."""
    if not answers(Look(model.scenario, model.typical(theta))):
        return None
    parts = []
    for first in range(0, len(theta), BATCH):
        part = theta[first : first + BATCH]
        expected = model.expected(part, _without(model, part, cut))
        parts.append(outcomes(expected, Lots.of(model, expected)))
    return np.concatenate(parts)


def _without(model: ForwardModel, theta: Floats, cut: Question) -> Mapping[str, Any]:
    """Values by path: those of the cut, and the interest of later rounds without those whom it draws."""
    look = Look(model.scenario, model.typical(theta))
    elasticity, ceiling = (look(f"price_response.{name}") for name in ("elasticity", "ceiling"))
    start, over = look("start.ratio"), dict.fromkeys(cut.paths, cut.value)
    response = price_multiple(start, elasticity, ceiling)
    found: dict[str, Any] = dict(over)
    for stage in rules(model.scenario).stages:
        start = start * (
            1.0 - np.asarray(over.get(f"rounds.{stage.name}.cut", look(f"rounds.{stage.name}.cut")))
        )
        own = look(f"rounds.{stage.name}.interest")
        found[f"rounds.{stage.name}.interest"] = own * response / price_multiple(start, elasticity, ceiling)
    return found
