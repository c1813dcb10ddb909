"""Strategic waiting (观望): bidders who look ahead know that a lot which fails comes again cheaper, and some wait for it.

Who looks ahead is a trait of the person. At a lot's first round they bid if the lot is worth at least the equilibrium
cutoff to them, which follows from the lot's start, its popularity (the number of people who look is shown on the
page) and the cut they expect; ``sim.theory.waiting`` has the game. Otherwise they come for the second round, for
certain. In a first round of the ``sealed`` type they stay away if they wait; in one of the ``open`` type they join as
soon as somebody has bid, for then the lot will be sold. In a round held again after a default nobody waits:
everybody has seen that somebody was willing to pay.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

from sim.model.behaviour.baseline import BASELINE, NOBODY_WAITS, Behaviour, Reaction
from sim.model.behaviour.liquidity import Liquidity
from sim.model.bidders import CERTAIN, Departing, PotentialBidder
from sim.model.counter_streams import key, uniform
from sim.model.demand import of_round
from sim.model.lots import Lot
from sim.model.random_streams import Purpose
from sim.model.rules import Rules, Stage, cut_of
from sim.scenario.schema import Scenario
from sim.theory.values import ValueLaw
from sim.theory.waiting import Form, Prospect, above


@dataclass(frozen=True, eq=False)
class StrategicWaiting(Reaction):
    """Who looks ahead, and what they make of a lot's first round."""

    otherwise: Behaviour
    state: int
    share: float
    form: Form
    law: ValueLaw
    first: Stage
    second: Stage
    cut: float  # expected, of the first start
    relief: float  # by which it shrinks for each who looks
    worth: float  # of a gain in the second round
    fresh: float  # people interested in the second round, by one of the first, were its start the same
    known: float  # share of those that were there in the first round already
    back: float  # probability that a rival who does not look ahead comes again
    stay: float  # probability that one who does comes again
    deposit: float
    liquidity: Liquidity | None
    live: bool  # in a finite market, where whoever waits watches and may join while bidding goes on

    def ahead(self, who: int) -> bool:
        """Whether the bidder looks ahead."""
        return uniform(self.state, who) < self.share

    def prospect(self, lot: Lot, start: float) -> Prospect:
        """What a bidder who looks ahead reckons with at the lot's first round."""
        response = self.otherwise.price_response(lot, start)
        interest = of_round(lot.interest, self.first.interest, response)
        cut = cut_of(self.cut, self.relief, 1.0 + interest)
        here, later = start / lot.value, start / lot.value * (1.0 - cut)
        new = self.otherwise.price_response(lot, start * (1.0 - cut)) - self.known * response
        eligible, able_later = 1.0, 1.0
        if self.liquidity is not None:
            eligible, able_later = (self.liquidity.share_able(self.deposit * r) for r in (here, later))
        return Prospect(
            lam=interest * eligible, law=self.law, start=here, again=later, worth=self.worth, share=self.share,
            fresh=of_round(lot.interest, self.fresh * new) * able_later, back=self.back, form=self.form,
            stay=self.stay,
        )  # fmt: skip

    def waits(self, lot: Lot, start: float, eligible: list[PotentialBidder]) -> set[int]:
        """Of those who can pay a first round's start, those who do not open it."""
        found: set[int] = set()
        prospect: Prospect | None = None
        for _, value, who in eligible:
            if self.ahead(who):
                prospect = prospect or self.prospect(lot, start)
                if not above(prospect, value / lot.value):
                    found.add(who)
        return found

    def taking_part(
        self, lot: Lot, stage: Stage, start: float, deposit: float, eligible: list[PotentialBidder]
    ) -> list[PotentialBidder]:
        """At a lot's first round, those who bid or join in."""
        eligible = self.otherwise.taking_part(lot, stage, start, deposit, eligible)
        if lot.rounds or (self.live and self.form == "open"):
            return eligible
        return self.first_round(lot, start, eligible, stage.window)

    def standing_by(self, lot: Lot, start: float, eligible: list[PotentialBidder]) -> frozenset[int]:
        """In a finite market, those who join an open first round as soon as somebody has bid."""
        if lot.rounds or self.form == "sealed":
            return NOBODY_WAITS
        return frozenset(self.waits(lot, start, eligible))

    def departing(
        self, lot: Lot, stage: Stage, held_again: int, winner: int, persistence: float
    ) -> list[Departing]:
        """Who looks ahead and went away from the lot's first round, held again or not, comes for the second without fail."""
        if lot.rounds > held_again:
            return self.otherwise.departing(lot, stage, held_again, winner, persistence)
        return self.patient(self.otherwise.departing(lot, stage, held_again, winner, 1.0))

    def first_round(
        self, lot: Lot, start: float, eligible: list[PotentialBidder], window: float
    ) -> list[PotentialBidder]:
        """Of those who can pay a first round's start, those who bid or join in, in order of coming."""
        waits = self.waits(lot, start, eligible)
        if not waits:
            return eligible
        if self.form == "sealed":
            return [one for one in eligible if one[2] not in waits]
        opens = next((i for i, one in enumerate(eligible) if one[2] not in waits), len(eligible))
        if opens == len(eligible) or eligible[opens][0] >= window:
            return []
        then = eligible[opens][0]
        stood_by = [(then, value, who) for _, value, who in eligible[:opens]]
        return [eligible[opens], *stood_by, *eligible[opens + 1 :]]

    def patient(self, departing: list[Departing]) -> list[Departing]:
        """Those who went away from a first round; whoever looks ahead comes back for the second without fail."""
        return [(*one[:4], CERTAIN) if self.ahead(one[2]) else one for one in departing]


def waiting_of(
    scenario: Scenario,
    rules: Rules,
    replication: int,
    liquidity: Liquidity | None = None,
    otherwise: Behaviour = BASELINE,
) -> StrategicWaiting | None:
    """How people look ahead in one replication; None if there is no second round to look ahead to."""
    waiting = scenario.strategic_waiting
    held = [stage for stage in rules.stages if stage.held]
    if len(held) < 2:
        return None
    first, second = held[:2]
    worth, known, back, stay = waiting.reoffer * waiting.discount, 0.0, rules.persistence, 1.0
    patience = scenario.finite_market.patience_days
    if patience:  # who comes again is who is still in the market, themselves included
        back = stay = exp(-(second.relist + second.notice_immovable + second.window) / patience)
        worth, known = worth * back, back
    return StrategicWaiting(
        otherwise=otherwise,
        state=key(scenario.run.seed, replication, Purpose.FORESIGHT),
        share=waiting.share,
        form=waiting.first_round,
        law=ValueLaw(scenario.interest.values, scenario.interest.location, scenario.interest.spread),
        first=first,
        second=second,
        cut=1.0 - second.keep if waiting.announced else waiting.expected_cut,
        relief=rules.cut_relief if waiting.announced else 0.0,
        worth=worth,
        fresh=second.interest,
        known=known,
        back=back,
        stay=stay,
        deposit=rules.deposit,
        liquidity=liquidity,
        live=patience > 0.0,
    )
