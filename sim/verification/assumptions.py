"""From a scenario to the arguments of the closed forms; refuses what they do not cover."""

from __future__ import annotations

from dataclasses import dataclass

from sim.model.demand import attention, mean_interest, of_round
from sim.scenario.schema import HOME, Method, Round, Scenario
from sim.theory.interest import price_multiple
from sim.theory.values import ValueLaw


class NotCoveredError(ValueError):
    """The scenario has something that the closed form leaves out; the message says what."""


@dataclass(frozen=True, slots=True)
class Market:
    """What the closed forms need to know."""

    lam: float  # mean number of interested in a first round, kind's interest 1
    k: float
    law: ValueLaw
    ratio: float
    bias: float
    noise: float
    persistence: float
    rounds: list[Round]  # those held, in order
    elasticity: float  # of interest to the start
    ceiling: float

    @property
    def keep(self) -> list[float]:
        """Starting price of each round / that of the first."""
        kept, out = 1.0, []
        for one in self.rounds:
            kept *= 1.0 - one.cut
            out.append(kept)
        return out

    def interest(self, position: int = 0, kind: float = 1.0) -> float:
        """Mean number of fresh people interested in a round of a lot of a kind, at popularity 1."""
        response = price_multiple(self.ratio * self.keep[position], self.elasticity, self.ceiling)
        return of_round(self.lam * kind, self.rounds[position].interest, response)


def market(scenario: Scenario, waits: bool = False, homes: bool = False) -> Market:
    """The scenario's market. Raises ``NotCoveredError`` if something else can happen to a lot in it.

    ``waits``: bidders may look ahead; ``homes``: all lots are homes, of which some may not bid, and debtors may sell
    their own.
    """
    disposal, auction, interest = scenario.disposal, scenario.auction, scenario.interest
    method, restricted = only_method(scenario), scenario.eligibility.restricted_bidders
    if homes and any(kind.asset != HOME for kind in scenario.kinds.values()):
        raise NotCoveredError("no closed form with homes and other lots")
    others = {
        "disposal.withdrawal_rate": disposal.withdrawal_rate,
        "disposal.suspension_share": disposal.suspension_share,
        "disposal.third_party_share": disposal.third_party_share,
        "disposal.default_rate": disposal.default_rate,
        "disposal.in_kind_second": disposal.in_kind_second,
        "disposal.in_kind_last": disposal.in_kind_last,
        "auction.priority_share": auction.priority_share,
        "start.token_share": scenario.start.token_share,
        "auction.spring_festival_break": float(auction.spring_festival_break),
        "auction.opens_at (any)": float(auction.opens_at != "any"),
        "strategic_waiting.share": 0.0 if waits else scenario.strategic_waiting.share,
        "start.cut_relief": scenario.start.cut_relief,
        "liquidity.short_share": scenario.liquidity.short_share,
        "finite_market.patience_days": scenario.finite_market.patience_days,
        "creditors.compare_share": scenario.creditors.compare_share,
        "creditors.prior_share": scenario.creditors.prior_share,
        "debtor_sale.share": 0.0 if homes else scenario.debtor_sale.share,
        "debtor_sale.before_share": scenario.debtor_sale.before_share,
        "eligibility.restricted_bidders": 0.0 if homes else restricted,
        "from (values that change at a date)": float(len(scenario.from_)),
        "kinds (with rules of their own)": float(any(kind.own for kind in scenario.kinds.values())),
        "arrivals.mode (listing)": float(scenario.arrivals.mode != "listing"),
    }
    left = [name for name, value in others.items() if value]
    if left:
        raise NotCoveredError(f"no closed form with {', '.join(left)}")
    return Market(
        lam=mean_interest(interest.mean, attention(scenario))
        * (1.0 - restricted),  # a thinned Poisson number
        k=interest.dispersion,
        law=ValueLaw(interest.values, interest.location, interest.spread),
        ratio=scenario.start.ratio,
        bias=method.bias,
        noise=method.noise,
        persistence=interest.persistence,
        rounds=[one for one in scenario.rounds.values() if one.held],
        elasticity=scenario.price_response.elasticity,
        ceiling=scenario.price_response.ceiling,
    )


def only_method(scenario: Scenario) -> Method:
    """The one way in which prices are found. Raises ``NotCoveredError`` if there are several."""
    used = [m for m in scenario.pricing.values() if m.share > 0.0]
    if len(used) != 1:
        raise NotCoveredError("no closed form with several pricing methods")
    return used[0]
