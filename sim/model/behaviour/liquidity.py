"""Ready money (资金约束): whether somebody can pay the deposit that lets them bid.

Some people are short of it. What they have is counted in units of the market value of the lots they look at (people
look at lots of their own size), so that the deposit ratio matters and the price level does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, exp, inf, log, sqrt

from sim.model.behaviour.baseline import BASELINE, Behaviour, Reaction
from sim.model.behaviour.creditors import BIDS
from sim.model.bidders import LOT_STRIDE, PotentialBidder
from sim.model.counter_streams import key, mixed, normal, uniform
from sim.model.lots import Lot
from sim.model.random_streams import Purpose
from sim.model.rules import Stage
from sim.scenario.schema import Scenario


def ready_money(held: float, log_sd: float, shock: float) -> float:
    """Of somebody short of it, in units of market value; ``shock``: standard normal. Both engines go by it."""
    return held * exp(log_sd * shock)


@dataclass(frozen=True, eq=False)
class Liquidity(Reaction):
    """Who is short of ready money, and of how much."""

    otherwise: Behaviour
    state: int
    short: float
    held: float  # median of those short of it
    log_sd: float
    creditors: int = 0  # what draws about creditors start from
    exempt: float = 0.0  # share of lots whose creditor, if they come, pays no deposit

    def of(self, who: int) -> float:
        """A bidder's ready money, all deposits together, in units of market value; inf if they are not short of it, or need none."""
        if self.exempt and self.bids_as_creditor(who):
            return inf
        mine = mixed(self.state, who)
        if uniform(mine, 0) >= self.short:
            return inf
        return ready_money(self.held, self.log_sd, normal(mine, 1))

    def bids_as_creditor(self, who: int) -> bool:
        """Whether somebody is the creditor of the lot to which they come (2016 rules Art 17): the first who may come, of some lots."""
        lot, later = divmod(who, LOT_STRIDE)
        return later == 0 and uniform(mixed(self.creditors, lot), BIDS) < self.exempt

    def share_able(self, deposit: float) -> float:
        """Share of people who can pay a deposit of so much of the market value, creditors not among them."""
        if self.log_sd == 0.0:
            return 1.0 - self.short * (self.held < deposit)
        ratio = deposit / self.held  # 0 also where the deposit is too small to divide
        z = log(ratio) / self.log_sd if ratio > 0.0 else -inf
        return 1.0 - self.short * 0.5 * (1.0 + erf(z / sqrt(2.0)))

    def taking_part(
        self, lot: Lot, stage: Stage, start: float, deposit: float, eligible: list[PotentialBidder]
    ) -> list[PotentialBidder]:
        """Those who can pay the deposit."""
        eligible = self.otherwise.taking_part(lot, stage, start, deposit, eligible)
        needed = deposit / lot.value
        return [one for one in eligible if self.of(one[2]) >= needed]


def liquidity_of(scenario: Scenario, replication: int, otherwise: Behaviour = BASELINE) -> Liquidity:
    """The ready money of one replication's bidders."""
    cash = scenario.liquidity
    state, claims = (key(scenario.run.seed, replication, of) for of in (Purpose.CASH, Purpose.CLAIMS))
    of_a_lot = (
        scenario.finite_market.patience_days == 0.0
    )  # else people belong to no lot, and none is its creditor
    exempt = scenario.creditors.bid_share if of_a_lot else 0.0
    return Liquidity(otherwise, state, cash.short_share, cash.held, cash.held_log_sd, claims, exempt)
