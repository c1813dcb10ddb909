"""How much a calibration does. There is one honest way; ``quick`` and ``full`` differ in the number of draws only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from calibration.estimation.posterior import Effort


@dataclass(frozen=True, slots=True)
class Settings:
    """``listings``: simulator runs a point of the inflow's grid; ``draws``: of the answer; ``exported``: in the file of draws."""

    name: str
    effort: Effort = field(default_factory=Effort)
    listings: int = 4
    draws: int = 2000
    exported: int = 200


FULL: Final = Settings("full")
QUICK: Final = Settings("quick", Effort(least=16, most=16), draws=500)
