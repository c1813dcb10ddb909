"""One lot's way: priced, listed, offered round by round, and what becomes of it (财产处置).

Read it as the law reads: 2016 rules Arts 12 (notice), 20 (bidding), 24 (default), 26 (failed auction, second
auction, sell-off), 28 (suspension); 2004 rules Arts 9 (nothing left after prior claims; now 6), 19 (taking in kind; now
16), 20 (withdrawal; now 17), 27 and 28 (return; now 24 and 25); 2017 notice (sell-off).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any

from sim.model.auction import NEVER, NOBODY, EmptyAuction, ProxyAuction, auction_of
from sim.model.behaviour.baseline import BASELINE, Behaviour
from sim.model.bidders import Departing, PotentialBidder, returning
from sim.model.clock import Timer
from sim.model.lots import Lot
from sim.model.recorder import Recorder
from sim.model.records import Outcome, RoundOutcome, pack_round
from sim.model.rules import Rules, Stage, cut_of

Way = Generator[Any, Any, None]
Clerk = Callable[[Timer, float], Way]
EMPTY = EmptyAuction()
# A lot that nobody pays for so often is treated as failed; keeps a default rate of 1 finite.
MOST_DEFAULTS = 20
OPEN, WITHDRAWN, RETURNED, IN_KIND = map(
    int, (Outcome.OPEN, Outcome.WITHDRAWN, Outcome.RETURNED, Outcome.IN_KIND)
)
SOLD, FAILED, DEFAULTED, STOPPED = map(int, RoundOutcome)


def dispose(
    timer: Timer,
    lot: Lot,
    rules: Rules,
    recorder: Recorder,
    behaviours: Sequence[Behaviour] = (BASELINE,),
    clerk: Clerk | None = None,
) -> Way:
    """A lot's way from its first notice to its end; ``timer`` is what it sleeps by.

    ``rules``: of the day of listing; where rules change at dates, what befalls the lot goes by these, a round by those
    of its notice, who comes by those of its opening. ``behaviours``: what people do, by period; ``clerk``: a clerk's
    time, where clerks are modelled.
    """
    state = Disposal(timer, lot, rules, recorder, behaviours)
    behaviour, known_at_opening = state.behaviour, state.behaviour.known_at_opening
    if not behaviour.worth_selling(lot):  # 2004 rules Art 9
        return state.end(WITHDRAWN)
    state.list_lot()
    for position in range(len(rules.stages)):
        if not state.rules.stages[position].held:
            continue
        state.turn_to(position)
        state.reduce_start()  # Art 26
        while state.start != NEVER:
            if clerk is not None and lot.rounds and state.rules.notice_again:
                yield from clerk(timer, state.rules.notice_again)
                if state.noticed_later() == NEVER:
                    break
            state.schedule()  # Arts 12, 28
            if state.leaves <= state.opens:  # 2004 rules Art 20
                yield timer.at(max(state.env.now, state.leaves))
                return state.end(WITHDRAWN)
            if lot.crossing is not None:
                state.open_by_rules_of_the_day()
            if known_at_opening:
                yield timer.at(state.opens)
            # At the opening itself nothing happens, so nobody wakes for it (a quarter of all events): who will come
            # is asked now, and the lot sleeps until the first of them is there.
            eligible = state.who_takes_part()
            auction: ProxyAuction | EmptyAuction = EMPTY
            registered = 0
            if eligible:  # Art 20
                auction = state.auction()
                registered = yield from state.people.hold(
                    timer, lot, auction, eligible, state.opens, state.leaves
                )
            else:  # nobody will register, so nothing happens: half of all rounds
                yield timer.at(state.closes if state.closes < state.leaves else state.leaves)
            result = state.settle(auction, registered)
            if result == SOLD:
                return state.end(int(Outcome.SOLD))
            if result == STOPPED:
                return state.end(WITHDRAWN)
            if result == FAILED:
                break
            yield timer.at(state.default(auction.leader))  # Art 24: the same round again
            state.relist()
            if state.defaults > MOST_DEFAULTS:
                break
        if state.start == NEVER:  # 2004 rules Art 9
            return state.end(WITHDRAWN)
        if state.last_auction_failed() and (yield from state.sold_or_taken()):
            return None
    taken = state.taken_in_kind(lot.u_in_kind_last < rules.in_kind_last)  # 2004 rules Arts 27, 28
    return (yield from state.unsold(IN_KIND if taken else RETURNED))


class Disposal:
    """Where a lot's disposal stands: the round at hand, and what the rounds before have left."""

    __slots__ = (
        "before", "behaviour", "behaviours", "closes", "defaults", "env", "interested", "leaves", "lot", "notice", "opens", "own", "people",
        "position", "recorder", "repeated", "returning", "rules", "stage", "start", "there", "timer",
    )  # fmt: skip

    leaves: float  # when the lot is withdrawn, if ever
    position: int  # of the round at hand
    stage: Stage
    repeated: bool  # it is held again after a default
    before: float  # the start of the round before
    start: float
    notice: float  # when its notice is due, or published
    there: Rules  # of the opening
    opens: float
    closes: float

    def __init__(
        self, timer: Timer, lot: Lot, rules: Rules, recorder: Recorder, behaviours: Sequence[Behaviour]
    ) -> None:
        self.timer, self.env = timer, timer.env
        self.lot, self.recorder, self.behaviours = lot, recorder, behaviours
        self.own = self.rules = rules  # of the day of listing; of the last notice
        self.behaviour = self.people = behaviours[rules.period]  # of these days; ``people``: of the opening
        self.defaults = self.interested = 0  # of all rounds; of the last one
        self.returning: list[Departing] = []

    def list_lot(self) -> None:
        """The first notice is published."""
        lot = self.lot
        lot.listed = self.notice = now = self.env.now
        lot.outcome = OPEN
        self.leaves = now + lot.leaves_after
        self.start = lot.start

    def turn_to(self, position: int) -> None:
        """The next round: due by the rules of today, held by the rules of the day on which its notice is due."""
        self.position, self.before, self.repeated = position, self.start, False
        if self.lot.rounds:
            self.relist()
        self.stage = self.rules.stages[position]

    def relist(self) -> None:
        """When the notice of a round after another is due."""
        now, rules = self.env.now, self.rules
        if now >= rules.until:
            rules = rules.on(now)
        self.notice = due = now + rules.stages[self.position].relist
        if due >= rules.until:
            rules = rules.on(due)
        self.rules, self.stage = rules, rules.stages[self.position]

    def reduce_start(self) -> float:
        """The start after the cut, smaller where more people were interested in the round before (Art 26)."""
        keep, relief = self.stage.keep, self.rules.cut_relief
        if relief:
            keep = 1.0 - cut_of(1.0 - keep, relief, self.interested)
        self.start = start = self.behaviour.next_start(self.lot, self.before * keep, self.before)
        if not self.lot.rounds and start != NEVER:
            self.lot.start = start  # at which it is first offered, whatever the first round cuts
        return start

    def noticed_later(self) -> float:
        """Clerks had no time for the notice until now, when other rules may hold; the start by these."""
        self.notice = notice = max(self.notice, self.env.now)
        if notice >= self.rules.until:
            self.rules = self.rules.on(notice)
            self.stage = self.rules.stages[self.position]
            if not self.repeated:
                return self.reduce_start()
        return self.start

    def schedule(self) -> None:
        """When the round opens: after its notice (Art 12), and after a suspension before it (Art 28)."""
        lot, stage = self.lot, self.stage
        openings = self.rules.openings
        opens = openings(self.notice + (stage.notice_movable if lot.movable else stage.notice_immovable))
        opens = self.behaviour.opening(lot, opens)
        if lot.halts_after < opens - lot.listed:
            opens = openings(opens + self._suspended())
        self.opens, self.there = opens, self.rules

    def _suspended(self) -> float:
        """Days for which the lot is suspended, as it now is."""
        lot = self.lot
        lot.suspended, lot.suspended_by, lot.halts_after = lot.halt_days, lot.halt_cause, NEVER
        return lot.halt_days

    def open_by_rules_of_the_day(self) -> None:
        """Who comes, and what they do, goes by the day of the opening."""
        lot = self.lot
        assert lot.crossing is not None
        self.there, self.stage = lot.crossing.opening(lot, self.own, self.rules, self.opens, self.position)
        self.people = self.behaviours[self.there.period]

    def who_takes_part(self) -> list[PotentialBidder]:
        """Those who will take part in the round, in order of coming, and when it closes if nobody moves its end."""
        lot, stage, start, people, opens = self.lot, self.stage, self.start, self.people, self.opens
        lot.price_response = people.price_response(lot, start)
        if self.returning:
            self.returning = returning(self.returning, self.there.persistence)
        self.interested, eligible = people.potential_bidders(
            lot, stage, start, opens, self.defaults, self.returning
        )
        self.closes = opens + stage.window
        if lot.halts_after < self.closes - lot.listed:
            eligible = self._interrupted(eligible)
        if not eligible:
            return eligible
        return people.taking_part(lot, stage, start, start * self.rules.deposit, eligible)

    def _interrupted(self, eligible: list[PotentialBidder]) -> list[PotentialBidder]:
        """A suspension while bidding is open: the rest of the window happens after it is lifted (Art 28)."""
        halts = self.lot.listed + self.lot.halts_after - self.opens
        days = self._suspended()
        self.closes += days
        moved = [(when + days if when >= halts else when, value, who) for when, value, who in eligible]
        return self.people.after_suspension(self.lot, self.opens, moved)

    def auction(self) -> ProxyAuction:
        """The round's auction, in the scenario's style of bidding."""
        return auction_of(self.rules, self.recorder, self.lot, self.start, self.closes, self.stage.sell_off)

    def settle(self, auction: ProxyAuction | EmptyAuction, registered: int) -> int:
        """How the round ended, which is written down, and who may come back for the next one."""
        lot, stage, start, rules, people = self.lot, self.stage, self.start, self.rules, self.people
        now, leader, price = self.env.now, auction.leader, auction.hammer()
        if now < (self.closes if isinstance(auction, EmptyAuction) else auction.closes):
            result = STOPPED
        elif leader == NOBODY:
            result = FAILED
        else:
            result = SOLD if self._pays() else DEFAULTED
        self.recorder.rounds.append(pack_round(
            lot.lot, lot.rounds, stage.position, self.notice, self.opens, now, start, start * rules.deposit,
            self.interested, registered, auction.bidders, auction.placed, auction.extensions, price, leader, result,
        ))  # fmt: skip
        people.round_ended(lot, result)
        if result == SOLD:
            lot.sold_round, lot.price, lot.start_sold, lot.winner = stage.position, price, start, leader
        elif rules.returning and result != STOPPED:
            self.returning += people.departing(lot, stage, self.defaults, leader, rules.highest_persistence)
        lot.rounds += 1
        return result

    def _pays(self) -> bool:
        """Whether the winner pays the price."""
        rate, draws = self.own.default_rate, self.lot.u_payment
        return not rate or draws[min(self.defaults, len(draws) - 1)] >= rate

    def default(self, winner: int) -> float:
        """The deposit is forfeited and the defaulter may not bid again (Art 24); when the payment would have been due."""
        self.lot.forfeited += self.start * self.rules.deposit
        self.defaults += 1
        self.repeated = True
        self.returning = [one for one in self.returning if one[2] != winner]
        now = self.env.now
        return now + self.rules.on(now).payment

    def last_auction_failed(self) -> bool:
        """Whether what failed was the last round before a sell-off, by the rules of today."""
        now = self.env.now
        if now >= self.rules.until:
            self.rules = self.rules.on(now)
        return self.position == self.rules.last_auction

    def sold_or_taken(self) -> Generator[Any, Any, bool]:
        """The last auction has failed: the debtor may sell the lot, then the creditor may take it in kind; whether it has ended so."""
        lot, own = self.lot, self.own
        if lot.u_own_sale < own.own_sale and (yield from self.debtor_sells()):
            self.end(WITHDRAWN)
            return True
        if self.taken_in_kind(lot.u_in_kind_second < own.in_kind_second):  # 2004 rules Art 19
            yield from self.unsold(IN_KIND)
            return True
        return False

    def debtor_sells(self) -> Generator[Any, Any, bool]:
        """The debtor looks for a buyer above the failed start, which pauses the rest; whether the lot is withdrawn meanwhile.

        2021 equity rules Art 10; of other property guidance of 2024.
        """
        lot, own, now = self.lot, self.own, self.env.now
        found = lot.u_own_sale < own.own_sale_found
        until = now + own.own_sale_days * (lot.u_own_when if found else 1.0)
        if self.leaves <= until:
            yield self.timer.at(max(now, self.leaves))
            return True
        yield self.timer.at(until)
        if found:
            lot.price = self.start * own.own_sale_price
        return found

    def taken_in_kind(self, by_chance: bool) -> bool:
        """Whether the creditor takes the lot at the last start."""
        may = not self.lot.barred  # 2021 homes rules Art 5
        return may and self.behaviour.taken_in_kind(self.lot, self.start, by_chance)

    def unsold(self, outcome: int) -> Way:
        """The lot is taken in kind at the last failed start, or goes back to the debtor: at once, or when it is booked.

        When its file is closed, by a day of the year, is a hypothesis about how courts count, off in the base model.
        """
        lot, own, now = self.lot, self.own, self.env.now
        if own.booking_days:
            ends = (end for end in self.rules.booking_ends if end >= now)
            yield self.timer.at(min([now + lot.booked_after, *ends]))
        if outcome == IN_KIND:
            lot.price = self.start
        self.end(outcome)

    def end(self, outcome: int) -> None:
        """The lot has come to its end."""
        self.recorder.close(self.lot, outcome, self.env.now)
