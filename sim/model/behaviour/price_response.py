"""Price response (价格响应): how many look at a round depends on its start against the lot's reference price.

Pages show both, and people search by price: a cut then draws people, and does not only let those in who were there. The
factor on interest is min(ceiling, (start / reference)^-elasticity), on the first auction, the second and the sell-off alike;
``rounds.*.interest`` multiplies it. People who look for the first time are drawn anew for each round, as in the base model, from
the lot's own draws; who comes back has been drawn already. In a finite market the lot suits so many times as many of those who
are there, and all of them at most.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.model.behaviour.baseline import BASELINE, Behaviour, Reaction
from sim.model.lots import Lot
from sim.scenario.schema import Scenario
from sim.theory.interest import price_multiple


@dataclass(frozen=True, eq=False)
class PriceResponse(Reaction):
    """How interest answers to starts."""

    otherwise: Behaviour
    elasticity: float
    ceiling: float

    def price_response(self, lot: Lot, start: float) -> float:
        """More look where the start is low against the reference price."""
        otherwise = self.otherwise.price_response(lot, start)
        return otherwise * price_multiple(start / lot.reference, self.elasticity, self.ceiling)


def price_response_of(scenario: Scenario, otherwise: Behaviour = BASELINE) -> PriceResponse:
    """How interest answers to starts under a scenario."""
    response = scenario.price_response
    return PriceResponse(otherwise, response.elasticity, response.ceiling)
