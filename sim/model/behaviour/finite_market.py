"""A finite market (竞买人市场): the same people are interested in one lot after another, and their money is tied up meanwhile.

Bidders enter a segment (a kind of lot in an area) at a rate, stay for a patience, and look at every lot of the segment
that suits them; who stays long enough to see a lot's second round sees it again. A bidder wants one lot, some want
several, and they bid for no more at a time than they still want. Whoever is outbid goes on to the next lot that suits
them, at once if one is open. Deposits tie up ready money (``sim.model.behaviour.liquidity``) until losers have them back. Who has got what
they wanted leaves, who is tired leaves too.

Without those limits (nobody busy, served or short of money) the number of people who look at a round is Poisson with
the base model's mean, and they come at the base model's times: a person looks at a random moment of the window if they
are in the market then, and those in it are Poisson(rate x patience) at any moment. So with short patience and choosy
people (small ``fit``) the base model comes back; what a finite market adds follows from supply and demand alone.

Draws: entry and stay belong to the person; whether a lot suits them, and what it is worth to them, to the pair.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

from sim.model.auction import NEVER, NOBODY, ProxyAuction
from sim.model.behaviour.baseline import Behaviour, Reaction
from sim.model.behaviour.liquidity import Liquidity
from sim.model.behaviour.population import FIRST, SEGMENT_STRIDE, Segment, segment
from sim.model.bidders import Departing, PotentialBidder
from sim.model.clock import Begun, Clock, Timer
from sim.model.counter_streams import key, uniform
from sim.model.lots import Lot
from sim.model.random_streams import Purpose
from sim.model.records import RoundOutcome, pack_registration
from sim.model.rules import Rules, Stage
from sim.scenario.schema import Scenario

SOLD = int(RoundOutcome.SOLD)
HOUR = 1.0 / 24.0


@dataclass(slots=True, eq=False)
class Contest:
    """One round under way: its auction, and who has to do with it besides those who have bid."""

    auction: ProxyAuction
    timer: Timer  # what the lot sleeps by
    leaves: float  # when the lot is withdrawn, if ever
    deposit: float  # in units of the lot's market value
    waits: frozenset[int]  # join in only when somebody has bid
    values: dict[int, float]
    standing_by: list[int] = field(default_factory=list)
    registered: dict[int, None] = field(default_factory=dict)
    over: bool = False

    def shut(self) -> float:
        """When the last newcomer may come, as things stand."""
        return min(self.auction.entry_deadline, self.auction.closes, self.leaves)


class Market:
    """All segments of one replication, and what everybody in them is busy with."""

    def __init__(
        self, env: Clock, scenario: Scenario, rules: Rules, replication: int, liquidity: Liquidity | None
    ) -> None:
        self.env, self.scenario, self.replication = env, scenario, replication
        self.liquidity = liquidity
        self.openings = rules.openings
        self.deposit = rules.deposit
        self.refund = scenario.liquidity.refund_hours * HOUR
        self.stagger = scenario.finite_market.stagger_days
        self.wanting = key(scenario.run.seed, replication, Purpose.WANTS)
        self.segments: dict[tuple[int, int], Segment] = {}
        self.under_way: dict[int, Contest] = {}  # by lot
        self.leading: Counter[int] = Counter()
        self.served: Counter[int] = Counter()
        self.tied: defaultdict[int, float] = defaultdict(
            float
        )  # deposits paid and not back, in units of value
        self.watching: defaultdict[int, dict[Contest, None]] = defaultdict(dict)
        self.barred: set[tuple[int, int]] = set()  # (lot, defaulter)

    def of(self, lot: Lot) -> Segment:
        """The segment in which the lot is sold."""
        at = lot.kind, lot.court % self.scenario.finite_market.areas
        if at not in self.segments:
            self.segments[at] = segment(self.scenario, self.replication, *at)
        return self.segments[at]

    def opening(self, lot: Lot, opens: float) -> float:
        """When a first round may open that could open at ``opens``: similar lots are kept apart."""
        if self.stagger == 0.0 or lot.rounds:
            return opens
        segment = self.of(lot)
        opens = self.openings(max(opens, segment.opens_next))
        segment.opens_next = opens + self.stagger
        return opens

    def interested(self, lot: Lot, stage: Stage, opens: float) -> list[PotentialBidder]:
        """Who will look at the round, in order of coming; one of a first round's is the priority purchaser, if any."""
        found = self.of(lot).interested(lot, stage, opens)
        if self.barred:
            found = [one for one in found if (lot.lot, one[2]) not in self.barred]
        if lot.priority != NOBODY and lot.priority < FIRST and found:
            lot.priority = min(who for _, _, who in found)
        return found

    def still_here(self, opens: float, eligible: list[PotentialBidder]) -> list[PotentialBidder]:
        """Those who are still in the market when they come: a suspension may have outlasted somebody's patience."""
        found = []
        for one in eligible:
            _, segment, place = self._whereabouts(one[2])
            if opens + one[0] < segment.exit[place]:
                found.append(one)
        return found

    def hold(
        self, lot: Lot, contest: Contest, eligible: list[PotentialBidder], opens: float
    ) -> Generator[Any, Any, int]:
        """From the opening to the end, as ``auction.bidding``; returns how many registered."""
        auction, timer = contest.auction, contest.timer
        self.under_way[lot.lot] = contest
        for offset, _, who in eligible:
            when = opens + offset
            while self.env.now < (until := min(when, contest.shut())):
                yield timer.at(until)
            self._answers(contest)
            if when >= contest.shut():
                break
            self._come(contest, who)
        while True:  # those who come from other auctions, and answers, may still move the end
            self._answers(contest)
            ends = auction.closes if auction.answers_at == NEVER else max(auction.closes, auction.answers_at)
            until = min(ends, contest.leaves)
            if self.env.now >= until:
                return len(contest.registered)
            yield timer.at(until)

    def ended(self, lot: Lot, outcome: int) -> None:
        """What a round's end means for those who took part: a winner is served, losers get their money back."""
        contest = self.under_way.pop(lot.lot, None)
        if contest is None:
            return
        contest.over = True
        leader = contest.auction.leader if outcome != RoundOutcome.STOPPED else NOBODY
        if contest.auction.leader != NOBODY:
            self.leading[contest.auction.leader] -= 1
        if outcome == SOLD:
            self.served[leader] += 1
            if self.served[leader] >= self._wants(leader):
                _, segment, place = self._whereabouts(leader)
                segment.departed[place] = True
        elif outcome == RoundOutcome.DEFAULTED:
            self.barred.add((lot.lot, leader))
        if self.liquidity is not None:
            losers = [who for who in contest.registered if who != leader]
            if losers:
                Begun(self.env, self._refunded(losers, contest.deposit))
        if outcome != SOLD and contest.auction.leader != NOBODY:
            self._go_on(contest.auction.leader)

    def _answers(self, contest: Contest) -> None:
        """Answers of the outbid up to now. They change neither who leads nor what they would pay."""
        auction, now = contest.auction, self.env.now
        while auction.answers_at <= now and auction.answers_at < contest.leaves:
            auction.answer()

    def _come(self, contest: Contest, who: int) -> None:
        """Somebody who can pay the start looks at a round that is open now."""
        auction = contest.auction
        if who in contest.waits and auction.leader == NOBODY:
            contest.standing_by.append(who)
            return
        if not self._may_bid(contest, who):
            self.watching[who][contest] = None
            return
        now, value = self.env.now, contest.values[who]
        if who not in contest.registered:
            contest.registered[who] = None
            if self.liquidity is not None:
                self.tied[who] += contest.deposit
            auction.registrations.append(
                pack_registration(auction.lot, auction.attempt, who, now, value, who == auction.priority)
            )
        before = auction.leader
        if value >= auction.asking or (who == auction.priority and value >= auction.price):
            auction.enter(who, value, now)
        if auction.leader != before:
            self.leading[auction.leader] += 1
            if before != NOBODY:
                self.leading[before] -= 1
                self._go_on(before)
        if before == NOBODY:
            standing_by, contest.standing_by = contest.standing_by, []
            for one in standing_by:
                self._come(contest, one)

    def _may_bid(self, contest: Contest, who: int) -> bool:
        """Whether they still want a lot and have the money for one more deposit."""
        if self.leading[who] + self.served[who] >= self._wants(who):
            return False
        if self.liquidity is None or who in contest.registered:
            return True
        return self.tied[who] + contest.deposit <= self.liquidity.of(who)

    def _go_on(self, who: int) -> None:
        """Somebody is free again, or has money again: they turn to what they have been watching."""
        watched = self.watching.pop(who, None)
        if not watched:
            return
        _, segment, place = self._whereabouts(who)
        for contest in watched:
            if contest.over or self.env.now >= contest.shut() or segment.exit[place] <= self.env.now:
                continue
            self._answers(contest)
            if self.env.now < contest.shut():
                self._come(contest, who)
                if (
                    contest.auction.closes < contest.timer.when
                ):  # a sell-off's first bid, while the lot sleeps
                    contest.timer.earlier(contest.auction.closes)

    def _refunded(self, losers: list[int], deposit: float) -> Generator[Any, Any, None]:
        """Deposits go back some hours after the end (2016 rules Art 23)."""
        yield Timer(self.env).at(self.env.now + self.refund)
        for who in losers:
            self.tied[who] -= deposit
            self._go_on(who)

    def _wants(self, who: int) -> int:
        market = self.scenario.finite_market
        return market.several if uniform(self.wanting, who) < market.several_share else 1

    def _whereabouts(self, who: int) -> tuple[int, Segment, int]:
        """A bidder's segment number, segment and place in it."""
        number, place = divmod(who - FIRST, SEGMENT_STRIDE)
        return number, self.segments[divmod(number, self.scenario.finite_market.areas)], place


class FiniteMarket(Reaction):
    """Bidders are those of a market that lots and courts share."""

    known_at_opening = True  # who is busy is seen when the round opens

    def __init__(self, otherwise: Behaviour, market: Market) -> None:
        super().__init__(otherwise)
        self.market = market

    def opening(self, lot: Lot, opens: float) -> float:
        """Similar lots are kept apart."""
        return self.market.opening(lot, self.otherwise.opening(lot, opens))

    def potential_bidders(
        self, lot: Lot, stage: Stage, start: float, opens: float, held_again: int, returning: list[Departing]
    ) -> tuple[int, list[PotentialBidder]]:
        """Those in the market whom the lot suits and who have not got what they wanted."""
        found = self.market.interested(lot, stage, opens)
        return len(found), [one for one in found if one[1] >= start]

    def after_suspension(
        self, lot: Lot, opens: float, eligible: list[PotentialBidder]
    ) -> list[PotentialBidder]:
        """Those who are still in the market."""
        return self.market.still_here(opens, self.otherwise.after_suspension(lot, opens, eligible))

    def hold(
        self,
        timer: Timer,
        lot: Lot,
        auction: ProxyAuction,
        eligible: list[PotentialBidder],
        opens: float,
        leaves: float,
    ) -> Generator[Any, Any, int]:
        """Bidders go from one auction to another while it is held."""
        deposit = auction.start * self.market.deposit / lot.value
        waits = self.otherwise.standing_by(lot, auction.start, eligible)
        values = {who: value for _, value, who in eligible}
        contest = Contest(auction, timer, leaves, deposit, waits, values)
        return self.market.hold(lot, contest, eligible, opens)

    def round_ended(self, lot: Lot, result: int) -> None:
        """A winner is served, losers get their money back."""
        self.otherwise.round_ended(lot, result)
        self.market.ended(lot, result)
