"""One lot's way: priced, listed, offered round by round, and what becomes of it (财产处置).

Read it as the law reads: 2016 rules Arts 12 (notice), 20 (bidding), 24 (default), 26 (failed auction, second
auction, sell-off), 28 (suspension); 2004 rules Arts 19 (taking in kind; now 16), 20 (withdrawal; now 17), 27 and 28
(return; now 24 and 25); 2017 notice (sell-off).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import count
from math import exp
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.model.auction import NEVER, NOBODY, EmptyAuction, LadderAuction, OnceAuction, ProxyAuction, bidding
from sim.model.behaviour.switches import NOBODY_WAITS, ORDINARY, Reactions
from sim.model.bidders import DRAWN, Departing, PotentialBidder, returning, timed
from sim.model.clock import Timer
from sim.model.lots import Lot
from sim.model.random_streams import Purpose
from sim.model.recorder import Recorder
from sim.model.records import Outcome, RoundOutcome, pack_round
from sim.model.rules import Rules, Stage

if TYPE_CHECKING:
    from sim.model.behaviour.creditors import Creditors

Way = Generator[Any, Any, None]
EMPTY = EmptyAuction()
MOST_DEFAULTS = (
    20  # a lot that nobody pays for so often is treated as failed; keeps a default rate of 1 finite
)
ANSWERS = 32  # drawn at once; a war takes some dozens
OPEN, WITHDRAWN, RETURNED, IN_KIND = map(
    int, (Outcome.OPEN, Outcome.WITHDRAWN, Outcome.RETURNED, Outcome.IN_KIND)
)
END_SOLD = int(Outcome.SOLD)
SOLD, FAILED, DEFAULTED, STOPPED = map(int, RoundOutcome)


def dispose(
    timer: Timer,
    lot: Lot,
    rules: Rules,
    recorder: Recorder,
    react: Sequence[Reactions] = (ORDINARY,),
    work: Callable[[Timer, float], Way] | None = None,
) -> Way:
    """A lot's way from its first notice to its end; ``timer`` is what it sleeps by.

    ``rules``: the rules on the day of listing; where rules change at dates, what befalls the lot goes by these, a round by
    those of its notice, who comes by those of its opening. ``react``: what people do that the base model does not know,
    by period; ``work``: a clerk's time, where clerks are modelled.
    """
    env = timer.env
    own = rules
    people = react[own.period]
    _, _, creditors, market = people
    if creditors is not None and not _worth_selling(creditors, lot):
        return _end(recorder, lot, WITHDRAWN, env.now)
    now = lot.listed = env.now
    lot.outcome = OPEN
    leaves = now + lot.leaves_after
    start = lot.start
    defaults = interested = 0
    left: list[Departing] = []
    for position in range(len(own.stages)):
        stage = rules.stages[position]
        if not stage.held:
            continue
        opener, due = not lot.rounds, now
        if lot.rounds:
            due, rules, stage = _due(rules, position, now)
        before = start
        start = _offered(lot, before, interested, stage, rules, creditors)
        if start == NEVER:
            return _end(recorder, lot, WITHDRAWN, now)
        again, repeated = True, False
        while again:
            notice = due
            if rules.notice_again and lot.rounds and work is not None:
                yield from work(timer, rules.notice_again)
                now = env.now
                notice = max(notice, now)
                if notice >= rules.until:  # rules changed while clerks had no time
                    rules = rules.on(notice)
                    stage = rules.stages[position]
                    if not repeated:
                        start = _offered(lot, before, interested, stage, rules, creditors)
                    if start == NEVER:
                        return _end(recorder, lot, WITHDRAWN, now)
            opens = rules.openings(notice + (stage.notice_movable if lot.movable else stage.notice_immovable))
            if market is not None:
                opens = market.opening(lot, opens)
            if lot.halts_after < opens - lot.listed:
                opens = rules.openings(opens + _suspended(lot))
            if leaves <= opens:
                now = max(now, leaves)  # whoever leaves while a winner's payment is awaited leaves after it
                yield timer.at(now)
                return _end(recorder, lot, WITHDRAWN, now)
            there = rules
            if lot.crossing is not None:
                there, stage = lot.crossing.opening(lot, own, rules, opens, position)
                people = react[there.period]
            if left:
                left = returning(left, there.persistence)
            # At the opening itself nothing happens, so nobody wakes for it (a quarter of all events): who will come
            # is asked now, and the lot sleeps until the first of them is there.
            if market is None:
                interested, eligible = _comers(lot, stage, start, defaults, left)
            else:
                yield timer.at(opens)
                comers = market.interested(lot, stage, opens)
                interested, eligible = len(comers), [one for one in comers if one[1] >= start]
            closes = opens + stage.window
            if lot.halts_after < closes - lot.listed:
                eligible, closes = _interrupted(lot, eligible, opens, closes)
                if market is not None:
                    eligible = market.still_here(eligible, opens)
            auction: ProxyAuction | EmptyAuction = EMPTY
            registered = 0
            waits = NOBODY_WAITS
            if people is not ORDINARY and eligible:
                first = stage if opener and not defaults else None
                eligible, waits = people.taking_part(lot, start, start * rules.deposit, eligible, first)
            if eligible:
                auction = _room(rules, recorder, lot, stage, start, closes)
                if market is None:
                    registered = yield from bidding(
                        timer, auction, eligible, opens, leaves, recorder.registrations
                    )
                else:
                    registered = yield from market.hold(
                        timer, lot, auction, eligible, waits, opens, leaves, recorder.registrations
                    )
                closes = auction.closes
            else:  # nobody will register, so nothing happens: half of all rounds
                yield timer.at(closes if closes < leaves else leaves)
            now = env.now

            if now < closes:
                result = STOPPED
            elif auction.leader == NOBODY:
                result = FAILED
            elif _pays(lot, own, defaults):
                result = SOLD
            else:
                result = DEFAULTED
            price = auction.hammer()
            recorder.rounds.append(pack_round(
                lot.lot, lot.rounds, stage.position, notice, opens, now, start, start * rules.deposit,
                interested, registered, auction.bidders, auction.placed, auction.extensions, price, auction.leader, result,
            ))  # fmt: skip
            lot.rounds += 1
            if market is not None:
                market.ended(lot, result)

            if result == SOLD:
                lot.sold_round, lot.price, lot.start_sold, lot.winner = (
                    stage.position,
                    price,
                    start,
                    auction.leader,
                )
                return _end(recorder, lot, END_SOLD, now)
            if result == STOPPED:
                return _end(recorder, lot, WITHDRAWN, now)
            if rules.returning:
                if people.foresight is not None and opener:
                    left += people.foresight.patient(_gone(lot, stage, defaults, auction.leader, 1.0))
                else:
                    left += _gone(lot, stage, defaults, auction.leader, rules.highest_persistence)
            again = result == DEFAULTED and defaults < MOST_DEFAULTS
            if result == DEFAULTED:
                # Art 24: the deposit is forfeited, the defaulter may not bid again, the lot is auctioned again.
                lot.forfeited += start * rules.deposit
                defaults += 1
                left = [one for one in left if one[2] != auction.leader]
                now += rules.on(now).payment
                yield timer.at(now)
                due, rules, stage = _due(rules, position, now)
                repeated = True
        if now >= rules.until:
            rules = rules.on(now)
        if position == rules.last_auction and _wanted_in_kind(
            lot, start, lot.u_in_kind_second < own.in_kind_second, creditors
        ):
            now = yield from _booked(timer, lot, own, rules, now)
            return _taken_in_kind(recorder, lot, start, now)
    in_kind = _wanted_in_kind(lot, start, lot.u_in_kind_last < own.in_kind_last, creditors)
    now = yield from _booked(timer, lot, own, rules, now)
    if in_kind:
        return _taken_in_kind(recorder, lot, start, now)
    return _end(recorder, lot, RETURNED, now)


def _due(rules: Rules, position: int, now: float) -> tuple[float, Rules, Stage]:
    """When a round's notice is due by the rules of today, the rules of that day, and the round by these."""
    if now >= rules.until:
        rules = rules.on(now)
    due = now + rules.stages[position].relist
    if due >= rules.until:
        rules = rules.on(due)
    return due, rules, rules.stages[position]


def _offered(
    lot: Lot, before: float, interested: int, stage: Stage, rules: Rules, creditors: Creditors | None
) -> float:
    """A round's start after that of the round before, to which so many came; ``NEVER``: nothing would be left."""
    start = before * (stage.keep if not rules.cut_relief else _kept(stage.keep, rules.cut_relief, interested))
    return start if creditors is None else creditors.reserve(lot, start, before)


def _booked(timer: Timer, lot: Lot, own: Rules, rules: Rules, now: float) -> Generator[Any, Any, float]:
    """When a lot that stayed unsold counts as ended: at once, or when its file is closed, by a day of the year.

    No rule says so: a hypothesis about how courts count, off in the base model.
    """
    if not own.booking_days:
        return now
    closed = min([now + lot.booked_after, *(end for end in rules.booking_ends if end >= now)])
    yield timer.at(closed)
    return closed


def _end(recorder: Recorder, lot: Lot, outcome: int, now: float) -> None:
    lot.outcome, lot.ended = outcome, now
    recorder.close(lot)


def _taken_in_kind(recorder: Recorder, lot: Lot, start: float, now: float) -> None:
    """The creditor takes the lot at the last failed start (2004 rules Art 19, now 16)."""
    lot.price = start
    _end(recorder, lot, IN_KIND, now)


def _wanted_in_kind(lot: Lot, start: float, by_chance: bool, creditors: Creditors | None) -> bool:
    """Whether the creditor takes the lot at the last start: by comparison if he is one who compares."""
    if creditors is None or not creditors.compares(lot):
        return by_chance
    return creditors.takes(lot, start)


def _worth_selling(creditors: Creditors, lot: Lot) -> bool:
    """Whether the lot is listed at all; its first start is raised if that is what it takes (no-surplus rule)."""
    start = creditors.reserve(lot, lot.start)
    if start == NEVER:
        return False
    lot.start = start
    return True


def _kept(keep: float, relief: float, interested: int) -> float:
    """What is left of the start after a cut that is smaller where more people interested."""
    return 1.0 - (1.0 - keep) / (1.0 + relief * interested)


def _pays(lot: Lot, rules: Rules, defaults: int) -> bool:
    return (
        not rules.default_rate or lot.u_payment[min(defaults, len(lot.u_payment) - 1)] >= rules.default_rate
    )


def _suspended(lot: Lot) -> float:
    """Days by which a suspension before the opening delays it (Art 28)."""
    lot.suspended, lot.halts_after = lot.halt_days, NEVER
    return lot.halt_days


def _interrupted(
    lot: Lot, comers: list[PotentialBidder], opens: float, closes: float
) -> tuple[list[PotentialBidder], float]:
    """A suspension while bidding is open: the rest of the window happens after it is lifted (Art 28)."""
    halts = lot.listed + lot.halts_after - opens
    lot.suspended, lot.halts_after = lot.halt_days, NEVER
    moved = [(when + lot.suspended if when >= halts else when, value, who) for when, value, who in comers]
    return moved, closes + lot.suspended


def _comers(
    lot: Lot, stage: Stage, start: float, holding: int, left: list[Departing]
) -> tuple[int, list[PotentialBidder]]:
    """How many come to a round, fresh or back from another, and those to whom the lot is worth the start."""
    if not holding and stage.position < DRAWN:
        interested, eligible = lot.interested.looking(lot.place, stage, start)
        if not left:
            return interested, eligible
    else:
        fresh = timed(_again(lot, stage, holding), stage)
        interested, eligible = len(fresh), [one for one in fresh if one[1] >= start]
    return interested + len(left), sorted(eligible + timed([one for one in left if one[1] >= start], stage))


def _again(lot: Lot, stage: Stage, holding: int) -> list[Departing]:
    return lot.interested.again(lot.row, lot.value, lot.interest * stage.interest, stage, holding)


def _gone(lot: Lot, stage: Stage, holding: int, winner: int, persistence: float) -> list[Departing]:
    """This round's fresh comers who went away empty-handed and may come back."""
    if holding or stage.position >= DRAWN:
        return _again(lot, stage, holding)
    return lot.interested.departing(lot.place, stage, winner, persistence)


def _room(
    rules: Rules, recorder: Recorder, lot: Lot, stage: Stage, start: float, closes: float
) -> ProxyAuction:
    """The auction for a round, in the scenario's style of bidding."""
    where = (rules, recorder.bids, lot.lot, lot.rounds, start, closes, stage.sell_off, lot.priority)
    if rules.bidding == "proxy":
        return ProxyAuction(*where)
    if rules.bidding == "once":
        return OnceAuction(*where)
    return LadderAuction(*where, jump=rules.jump, delays=_delays(rules, lot, lot.rounds).__next__)


def _delays(rules: Rules, lot: Lot, attempt: int) -> Iterator[float]:
    """How long the outbid take to answer: exponential, cut off where the soft close would run out on them.

    A generator, so that a round without a contest (four of five) makes no stream.
    """
    longest = rules.soft_close if rules.soft_close > 0.0 else rules.reply * 5.0
    within = 1.0 - exp(-longest / rules.reply)
    for some in count():
        rng = lot.interested.random.alone(Purpose.REPLIES, lot.row, attempt, some)
        yield from (-rules.reply * np.log1p(-within * rng.random(ANSWERS))).tolist()
