"""How much a calibration does. There is one honest way; ``quick`` and ``full`` differ in the number of draws only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from calibration.estimation.posterior import Effort


@dataclass(frozen=True, slots=True)
class Settings:
    """``listings``: simulator runs a point of the inflow's grid; ``runs``: independent runs of the sampler for each
    interpretation; ``draws``: of the answer; ``exported``: in the file of draws; ``negligible``: weight of an
    interpretation after its first run below which it is not sampled further.
    """

    name: str
    effort: Effort = field(default_factory=Effort)
    listings: int = 4
    runs: int = 4
    draws: int = 2000
    exported: int = 200
    negligible: float = 0.01


FULL: Final = Settings("full")
QUICK: Final = Settings("quick", Effort(totals=24, rounds=8, each=200, states=4), draws=500)
