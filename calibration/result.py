"""What a calibration has found: everything that the report, the scenario and the file of draws are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from calibration.answers.policy import Question
from calibration.answers.seeds import NOTHING, Moved
from calibration.audit import Finding
from calibration.estimation.mixture import Mixture
from calibration.estimation.posterior import Posterior
from calibration.estimation.refusal import Refusal
from calibration.forward_model.forward_model import ForwardModel
from calibration.settings import Settings
from calibration.targets.targets import Targets

if TYPE_CHECKING:
    from calibration.answers.predictive import Forecast, Tension
    from calibration.answers.scores import FactScores
    from calibration.answers.value_of_information import ObservationValue, Trial
    from calibration.representative.medoid import Representative

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sampled:
    """One posterior over all interpretations: given the figures alone, with the facts, with the facts' errors doubled, ...

    ``posteriors``: likelier interpretations first; ``answers``: (draws, questions, policy.OUTCOMES) at the mixture's draws;
    ``effects``: the same as differences from the first policy of each family; ``refused``: why it must not be used, empty if it may.
    """

    name: str  # "figures", "evidence", "doubled", "narrow" (prior ranges halved), "wide" (doubled)
    posteriors: tuple[Posterior, ...]
    mixture: Mixture
    answers: Floats = field(repr=False)
    effects: Floats = field(repr=False)
    refused: tuple[Refusal, ...]


@dataclass(slots=True)
class Result:
    """Everything that was found. ``main``: with the evidence; ``variants``: the other answers by name. ``forecasts`` of the
    published figures, ``tensions`` between facts and figures, ``scored`` facts, ``observation_values`` and ``trials``: what would settle
    the answer; all from the draws of ``main``.
    """

    targets: Targets
    model: ForwardModel
    settings: Settings
    findings: list[Finding]
    excluded: Mapping[str, set[str]]  # figure -> measures that the published figures rule out by themselves
    questions: list[Question]
    main: Sampled
    variants: dict[str, Sampled]
    prior: Floats  # effects over draws of the prior, (n, questions, outcomes)
    seconds: dict[str, float] = field(default_factory=dict)
    forecasts: list[Forecast] = field(default_factory=list)
    tensions: list[Tension] = field(default_factory=list)
    scored: FactScores | None = None
    observation_values: dict[str, list[ObservationValue]] = field(
        default_factory=dict
    )  # by policy, the headline first
    trials: list[Trial] = field(default_factory=list)
    let_in: Floats | None = (
        None  # (draws, policy.OUTCOMES) effect of the main policy if the lower start drew nobody
    )
    moved: Moved = NOTHING  # ends of the answer under other seeds of the totals
    point: Representative | None = None  # of the likeliest interpretation
