"""What a calibration has found: one reading and what was found under it, everything a report needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from calibration.audit import Finding
from calibration.distance import Estimate
from calibration.history import History
from calibration.identify import Profile
from calibration.predictive import Fit
from calibration.readings import Reading
from calibration.sample import Posterior
from calibration.settings import Settings
from calibration.steps import Evidence
from calibration.targets import Targets
from calibration.validate import Validation
from calibration.world import World
from sim.measures.tables import MeasureTable

Floats = npt.NDArray[np.float64]


@dataclass(slots=True)
class Case:
    """One reading and what was found under it."""

    reading: Reading
    estimate: Estimate
    history: History
    evidence: Evidence | None = None
    posterior: Posterior | None = None
    profiles: list[Profile] = field(default_factory=list)
    fits: list[Fit] = field(default_factory=list)
    sample: Floats = field(default_factory=lambda: np.empty((0, 0)))  # the set
    answers: Floats = field(default_factory=lambda: np.empty((0, 0, 0)))  # of policies, over the set
    spread: Floats = field(default_factory=lambda: np.empty(0))  # of prices (``dispersion``), over the set
    likely: Floats = field(default_factory=lambda: np.empty((0, 0)))  # the posterior's draws, if any
    likely_answers: Floats = field(default_factory=lambda: np.empty((0, 0, 0)))
    noise: npt.NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=np.bool_))
    weight: float = 0.0  # among readings that are not ruled out

    @property
    def ruled_out(self) -> bool:
        return self.history.ruled_out

    @property
    def sampled(self) -> bool:
        """Whether there is a posterior that is not refused."""
        return self.posterior is not None and not self.posterior.refused


@dataclass(slots=True)
class Result:
    """Everything a report needs."""

    targets: Targets
    world: World
    settings: Settings
    findings: list[Finding]
    excluded: dict[str, set[str]]  # figure -> measures that print rules out
    cases: list[Case]  # likelier readings first
    window: str  # the window whose parameters answer policy questions
    own: list[MeasureTable]  # the scenario as it stands, by the simulator
    simulated: dict[str, list[MeasureTable]]  # window -> the best vector by the simulator
    played: dict[str, Floats]  # policy -> (replications, OUTCOMES) by the simulator, at the best vector
    waiting: dict[str, Floats]  # "share/policy" -> the same where some bidders wait (full)
    validation: Validation | None
    before: tuple[Floats, Floats] = field(default_factory=lambda: (np.empty((0, 0, 0)), np.empty(0)))
    """Answers and spread of prices over draws of the prior."""
    seconds: dict[str, float] = field(default_factory=dict)  # step -> time

    @property
    def leading(self) -> Case | None:
        """The likeliest reading that is not ruled out."""
        return next((case for case in self.cases if not case.ruled_out), None)

    @property
    def alive(self) -> list[Case]:
        return [case for case in self.cases if not case.ruled_out]


def policy_window(world: World) -> str:
    """The longest window, the later of equals: most of what is known is about it."""
    windows = list(world.targets.windows.values())
    return max(windows, key=lambda w: (w.days, w.first or date.min)).name
