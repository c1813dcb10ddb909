"""What people do that they do not do in the base model, put together once a run.

Each part is None where the scenario has it off; with all off there is no ``Reactions`` at all, and nothing in a run
asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sim.model.bidders import PotentialBidder
from sim.model.calendar import day_of
from sim.model.clock import Clock
from sim.model.lots import Lot
from sim.model.rules import Rules, Stage
from sim.scenario.schema import Scenario

if TYPE_CHECKING:  # what is off is not even imported
    from sim.model.behaviour.creditors import Creditors
    from sim.model.behaviour.finite_market import Market
    from sim.model.behaviour.liquidity import Liquidity
    from sim.model.behaviour.strategic_waiting import Foresight

NOBODY_WAITS: frozenset[int] = frozenset()


class Reactions(NamedTuple):
    """Ready money, looking ahead, creditors who reckon, a finite market."""

    liquidity: Liquidity | None = None
    foresight: Foresight | None = None
    creditors: Creditors | None = None
    market: Market | None = None

    def taking_part(
        self, lot: Lot, start: float, deposit: float, eligible: list[PotentialBidder], first: Stage | None
    ) -> tuple[list[PotentialBidder], frozenset[int]]:
        """Of those who value a lot at its start or more, those who take part, and who of them waits for an opener.

        ``deposit`` in yuan; ``first``: the round, if it is a lot's first one, not held again.
        """
        if self.liquidity is not None:
            eligible = self.liquidity.eligible(lot, deposit, eligible)
        if first is None or self.foresight is None:
            return eligible, NOBODY_WAITS
        if self.market is None:
            return self.foresight.take_part(lot, start, eligible, first.window), NOBODY_WAITS
        waits = self.foresight.waits(lot, start, eligible)
        if self.foresight.form == "open":
            return eligible, frozenset(waits)
        return [one for one in eligible if one[2] not in waits], NOBODY_WAITS


ORDINARY = Reactions()


def reactions(env: Clock, scenario: Scenario, rules: Rules, replication: int) -> Reactions:
    """What the scenario has on; ``ORDINARY`` where nothing is."""
    liquidity = foresight = creditors = market = None
    if scenario.liquidity.short_share:
        from sim.model.behaviour.liquidity import liquidity_of

        liquidity = liquidity_of(scenario, replication)
    if scenario.strategic_waiting.share:
        from sim.model.behaviour.strategic_waiting import foresight_of

        foresight = foresight_of(scenario, rules, replication, liquidity)
    if scenario.creditors.compare_share or scenario.creditors.prior_share:
        from sim.model.behaviour.creditors import creditors_of

        creditors = creditors_of(scenario, replication)
    if coupled(scenario):
        from sim.model.behaviour.finite_market import Market

        market = Market(env, scenario, rules, replication, liquidity)
    found = Reactions(liquidity, foresight, creditors, market)
    return ORDINARY if found == ORDINARY else found


def by_period(env: Clock, scenario: Scenario, rules: Rules, replication: int) -> list[Reactions]:
    """What each period has on. A finite market is one for all of them."""
    found = [reactions(env, one, rules.on(day), replication) for day, one in _days(scenario)]
    return [one if found[0].market is None else one._replace(market=found[0].market) for one in found]


def _days(scenario: Scenario) -> list[tuple[float, Scenario]]:
    return [(day_of(begins, scenario.time.start), one) for begins, one in scenario.periods]


def coupled(scenario: Scenario) -> bool:
    """Whether courts share their bidders, so that they must run together."""
    return scenario.finite_market.patience_days > 0.0
