"""How much a calibration does: quickly, or in full."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from calibration import history


@dataclass(frozen=True, slots=True)
class Settings:
    """How much is done. ``draws``: sheets a vector (S); ``listings``: simulator runs a point of the inflow's grid."""

    full: bool
    draws: int = 20
    listings: int = 2
    design: int = 512
    wave_one: history.Effort = history.USUAL
    starts: int = 2  # of every reading
    more_starts: int = 1  # of readings that are not far off
    budget: int = 10  # steps of a fit, from each start and for each weighting
    most_readings: int = 24
    simulated: int = 2  # replications at the best vector
    played: int = 2  # replications of each policy there
    steps: int = 0  # of each ensemble at most, wave 2
    sampled: int = 2  # readings that wave 2 samples
    weighed: int = 1024  # draws of each that many sheets weigh (``likelihood.DRAWS``)


QUICK: Final = Settings(full=False)
FULL: Final = Settings(
    full=True,
    draws=32,
    listings=4,
    design=1024,
    wave_one=history.Effort(proposed=768, rounds=4, walkers=192, steps=24, keep=512),
    starts=3,
    more_starts=3,
    budget=25,
    simulated=8,
    played=8,
    steps=1200,
    sampled=2,
)
