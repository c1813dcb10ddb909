"""Which behaviours a scenario has on, put together once a run; with none on, the base model's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.behaviour.baseline import BASELINE, Behaviour
from sim.model.calendar import day_of
from sim.model.clock import Clock
from sim.model.rules import Rules
from sim.scenario.schema import Scenario

if TYPE_CHECKING:  # what is off is not even imported
    from sim.model.behaviour.finite_market import Market
    from sim.model.behaviour.liquidity import Liquidity


def behaviours(env: Clock, scenario: Scenario, rules: Rules, replication: int) -> list[Behaviour]:
    """What people do in each period. A finite market is one for all of them."""
    market = _market(env, scenario, rules, replication) if coupled(scenario) else None
    days = [(day_of(begins, scenario.time.start), one) for begins, one in scenario.periods]
    if rules.kind >= 0:  # of lots whose kind has rules of its own
        name = list(scenario.kinds)[rules.kind]
        days = [(day, one.of_kind(name)) for day, one in days]
    return [behaviour_of(one, rules.on(day), replication, market) for day, one in days]


def behaviour_of(
    scenario: Scenario, rules: Rules, replication: int, market: Market | None = None
) -> Behaviour:
    """What people do under one scenario, without periods: each reaction stands on those before it."""
    found = BASELINE
    if scenario.price_response.elasticity:
        from sim.model.behaviour.price_response import price_response_of

        found = price_response_of(scenario, found)
    liquidity = _liquidity(scenario, replication, found)
    if liquidity is not None:
        found = liquidity
    if scenario.strategic_waiting.share:
        from sim.model.behaviour.strategic_waiting import waiting_of

        found = waiting_of(scenario, rules, replication, liquidity, found) or found
    if scenario.creditors.compare_share or scenario.creditors.prior_share:
        from sim.model.behaviour.creditors import creditors_of

        found = creditors_of(scenario, replication, found)
    if market is not None:
        from sim.model.behaviour.finite_market import FiniteMarket

        found = FiniteMarket(found, market)
    return found


def coupled(scenario: Scenario) -> bool:
    """Whether courts share their bidders, so that they must run together."""
    return scenario.finite_market.patience_days > 0.0


def _liquidity(scenario: Scenario, replication: int, otherwise: Behaviour = BASELINE) -> Liquidity | None:
    if not scenario.liquidity.short_share:
        return None
    from sim.model.behaviour.liquidity import liquidity_of

    return liquidity_of(scenario, replication, otherwise)


def _market(env: Clock, scenario: Scenario, rules: Rules, replication: int) -> Market:
    """The market of all periods, as the first of them has it."""
    from sim.model.behaviour.finite_market import Market

    first = scenario.periods[0][1]
    return Market(env, first, rules, replication, _liquidity(first, replication))
