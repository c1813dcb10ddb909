"""How much a calibration does. There is one honest way; ``quick`` and ``full`` differ in the number of draws only, ``small`` does
less of everything, which is enough for two or three free parameters.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from calibration.estimation.posterior import Effort

# Log points that an interpretation's best may lie below the best of all: e^-9 is one in eight thousand.
HOPELESS: Final = 9.0
WEAK: Final = 4.0  # the same, of one that is sampled with the lesser effort until it turns out to weigh
FEWER: Final = Effort(walkers=48, least=12, most=96, share=0.25)


@dataclass(frozen=True, slots=True)
class Settings:
    """``listings``: simulator runs a point of the inflow's grid; ``lesser``: effort of all answers beside the main one, and of
    interpretations that next to nothing is drawn from; ``draws``: of the answer; ``exported``: in the file of draws.
    """

    name: str
    effort: Effort = field(default_factory=Effort)
    lesser: Effort = FEWER
    listings: int = 4
    draws: int = 2000
    exported: int = 200

    @property
    def beside(self) -> Settings:
        """Settings of the answers beside the main one."""
        return replace(self, effort=self.lesser)


FULL: Final = Settings("full")
QUICK: Final = Settings("quick", FEWER, draws=500)
LEAST: Final = Effort(
    ensembles=2,
    members=32,
    totals=32,
    rounds=3,
    steps=20,
    walkers=24,
    relaid=1,
    settling=40,
    learning=4,
    between=20,
    least=16,
    most=48,
    share=0.2,
)
SMALL: Final = Settings("small", LEAST, LEAST, listings=2, draws=1000)
BY_NAME: Final = {one.name: one for one in (FULL, QUICK, SMALL)}
