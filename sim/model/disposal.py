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

from sim.model.auction import NEVER, NOBODY, EmptyRoom, LadderRoom, OnceRoom, ProxyRoom, bidding
from sim.model.behaviour.switches import NOBODY_WAITS, ORDINARY, Reactions
from sim.model.bidders import DRAWN, Comer, Unserved, coming_back, timed
from sim.model.clock import Alarm
from sim.model.lots import Lot
from sim.model.random_streams import Purpose
from sim.model.recorder import Book
from sim.model.records import Outcome, RoundOutcome, pack_round
from sim.model.rules import Stage, Terms

if TYPE_CHECKING:
    from sim.model.behaviour.creditors import Creditors

Way = Generator[Any, Any, None]
EMPTY = EmptyRoom()
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
    alarm: Alarm,
    lot: Lot,
    term: Terms,
    book: Book,
    react: Sequence[Reactions] = (ORDINARY,),
    work: Callable[[Alarm, float], Way] | None = None,
) -> Way:
    """A lot's way from its first notice to its end; ``alarm`` is what it sleeps by.

    ``term``: the rules on the day of listing; where rules change at dates, what befalls the lot goes by these, a round by
    those of its notice, who comes by those of its opening. ``react``: what people do that the base model does not know,
    by period; ``work``: a clerk's time, where clerks are modelled.
    """
    env = alarm.env
    own = term
    people = react[own.period]
    _, _, creditors, market = people
    if creditors is not None and not _worth_selling(creditors, lot):
        return _end(book, lot, WITHDRAWN, env.now)
    now = lot.listed = env.now
    lot.outcome = OPEN
    leaves = now + lot.leaves_after
    start = lot.start
    defaults = looked = 0
    left: list[Unserved] = []
    for position in range(len(own.stages)):
        stage = term.stages[position]
        if not stage.held:
            continue
        opener, due = not lot.rounds, now
        if lot.rounds:
            due, term, stage = _due(term, position, now)
        before = start
        start = _offered(lot, before, looked, stage, term, creditors)
        if start == NEVER:
            return _end(book, lot, WITHDRAWN, now)
        again, repeated = True, False
        while again:
            notice = due
            if term.notice_again and lot.rounds and work is not None:
                yield from work(alarm, term.notice_again)
                now = env.now
                notice = max(notice, now)
                if notice >= term.until:  # rules changed while clerks had no time
                    term = term.on(notice)
                    stage = term.stages[position]
                    if not repeated:
                        start = _offered(lot, before, looked, stage, term, creditors)
                    if start == NEVER:
                        return _end(book, lot, WITHDRAWN, now)
            opens = term.openings(notice + (stage.notice_movable if lot.movable else stage.notice_immovable))
            if market is not None:
                opens = market.opening(lot, opens)
            if lot.halts_after < opens - lot.listed:
                opens = term.openings(opens + _suspended(lot))
            if leaves <= opens:
                now = max(now, leaves)  # whoever leaves while a winner's payment is awaited leaves after it
                yield alarm.at(now)
                return _end(book, lot, WITHDRAWN, now)
            there = term
            if lot.crossing is not None:
                there, stage = lot.crossing.opening(lot, own, term, opens, position)
                people = react[there.period]
            if left:
                left = coming_back(left, there.persistence)
            # At the opening itself nothing happens, so nobody wakes for it (a quarter of all events): who will come
            # is asked now, and the lot sleeps until the first of them is there.
            if market is None:
                looked, able = _comers(lot, stage, start, defaults, left)
            else:
                yield alarm.at(opens)
                comers = market.lookers(lot, stage, opens)
                looked, able = len(comers), [one for one in comers if one[1] >= start]
            closes = opens + stage.window
            if lot.halts_after < closes - lot.listed:
                able, closes = _interrupted(lot, able, opens, closes)
                if market is not None:
                    able = market.still_here(able, opens)
            room: ProxyRoom | EmptyRoom = EMPTY
            registered = 0
            waits = NOBODY_WAITS
            if people is not ORDINARY and able:
                first = stage if opener and not defaults else None
                able, waits = people.taking_part(lot, start, start * term.deposit, able, first)
            if able:
                room = _room(term, book, lot, stage, start, closes)
                if market is None:
                    registered = yield from bidding(alarm, room, able, opens, leaves, book.registrations)
                else:
                    registered = yield from market.hold(
                        alarm, lot, room, able, waits, opens, leaves, book.registrations
                    )
                closes = room.closes
            else:  # nobody will register, so nothing happens: half of all rounds
                yield alarm.at(closes if closes < leaves else leaves)
            now = env.now

            if now < closes:
                result = STOPPED
            elif room.leader == NOBODY:
                result = FAILED
            elif _pays(lot, own, defaults):
                result = SOLD
            else:
                result = DEFAULTED
            price = room.hammer()
            book.rounds.append(pack_round(
                lot.lot, lot.rounds, stage.position, notice, opens, now, start, start * term.deposit,
                looked, registered, room.bidders, room.placed, room.extensions, price, room.leader, result,
            ))  # fmt: skip
            lot.rounds += 1
            if market is not None:
                market.ended(lot, result)

            if result == SOLD:
                lot.sold_round, lot.price, lot.start_sold, lot.winner = (
                    stage.position,
                    price,
                    start,
                    room.leader,
                )
                return _end(book, lot, END_SOLD, now)
            if result == STOPPED:
                return _end(book, lot, WITHDRAWN, now)
            if term.returning:
                if people.foresight is not None and opener:
                    left += people.foresight.patient(_gone(lot, stage, defaults, room.leader, 1.0))
                else:
                    left += _gone(lot, stage, defaults, room.leader, term.highest_persistence)
            again = result == DEFAULTED and defaults < MOST_DEFAULTS
            if result == DEFAULTED:
                # Art 24: the deposit is forfeited, the defaulter may not bid again, the lot is auctioned again.
                lot.forfeited += start * term.deposit
                defaults += 1
                left = [one for one in left if one[2] != room.leader]
                now += term.on(now).payment
                yield alarm.at(now)
                due, term, stage = _due(term, position, now)
                repeated = True
        if now >= term.until:
            term = term.on(now)
        if position == term.last_auction and _wanted_in_kind(
            lot, start, lot.u_in_kind_second < own.in_kind_second, creditors
        ):
            now = yield from _booked(alarm, lot, own, term, now)
            return _taken_in_kind(book, lot, start, now)
    in_kind = _wanted_in_kind(lot, start, lot.u_in_kind_last < own.in_kind_last, creditors)
    now = yield from _booked(alarm, lot, own, term, now)
    if in_kind:
        return _taken_in_kind(book, lot, start, now)
    return _end(book, lot, RETURNED, now)


def _due(term: Terms, position: int, now: float) -> tuple[float, Terms, Stage]:
    """When a round's notice is due by the rules of today, the rules of that day, and the round by these."""
    if now >= term.until:
        term = term.on(now)
    due = now + term.stages[position].relist
    if due >= term.until:
        term = term.on(due)
    return due, term, term.stages[position]


def _offered(
    lot: Lot, before: float, looked: int, stage: Stage, term: Terms, creditors: Creditors | None
) -> float:
    """A round's start after that of the round before, to which so many came; ``NEVER``: nothing would be left."""
    start = before * (stage.keep if not term.cut_relief else _kept(stage.keep, term.cut_relief, looked))
    return start if creditors is None else creditors.reserve(lot, start, before)


def _booked(alarm: Alarm, lot: Lot, own: Terms, term: Terms, now: float) -> Generator[Any, Any, float]:
    """When a lot that stayed unsold counts as ended: at once, or when its file is closed, by a day of the year.

    No rule says so: a hypothesis about how courts count, off in the base model.
    """
    if not own.booking_days:
        return now
    closed = min([now + lot.booked_after, *(end for end in term.booking_ends if end >= now)])
    yield alarm.at(closed)
    return closed


def _end(book: Book, lot: Lot, outcome: int, now: float) -> None:
    lot.outcome, lot.ended = outcome, now
    book.close(lot)


def _taken_in_kind(book: Book, lot: Lot, start: float, now: float) -> None:
    """The creditor takes the lot at the last failed start (2004 rules Art 19, now 16)."""
    lot.price = start
    _end(book, lot, IN_KIND, now)


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


def _kept(keep: float, relief: float, looked: int) -> float:
    """What is left of the start after a cut that is smaller where more people looked."""
    return 1.0 - (1.0 - keep) / (1.0 + relief * looked)


def _pays(lot: Lot, term: Terms, defaults: int) -> bool:
    return not term.default_rate or lot.u_payment[min(defaults, len(lot.u_payment) - 1)] >= term.default_rate


def _suspended(lot: Lot) -> float:
    """Days by which a suspension before the opening delays it (Art 28)."""
    lot.suspended, lot.halts_after = lot.halt_days, NEVER
    return lot.halt_days


def _interrupted(lot: Lot, comers: list[Comer], opens: float, closes: float) -> tuple[list[Comer], float]:
    """A suspension while bidding is open: the rest of the window happens after it is lifted (Art 28)."""
    halts = lot.listed + lot.halts_after - opens
    lot.suspended, lot.halts_after = lot.halt_days, NEVER
    moved = [(when + lot.suspended if when >= halts else when, value, who) for when, value, who in comers]
    return moved, closes + lot.suspended


def _comers(
    lot: Lot, stage: Stage, start: float, holding: int, left: list[Unserved]
) -> tuple[int, list[Comer]]:
    """How many come to a round, fresh or back from another, and those to whom the lot is worth the start."""
    if not holding and stage.position < DRAWN:
        looked, able = lot.interested.looking(lot.place, stage, start)
        if not left:
            return looked, able
    else:
        fresh = timed(_again(lot, stage, holding), stage)
        looked, able = len(fresh), [one for one in fresh if one[1] >= start]
    return looked + len(left), sorted(able + timed([one for one in left if one[1] >= start], stage))


def _again(lot: Lot, stage: Stage, holding: int) -> list[Unserved]:
    return lot.interested.again(lot.row, lot.value, lot.interest * stage.interest, stage, holding)


def _gone(lot: Lot, stage: Stage, holding: int, winner: int, persistence: float) -> list[Unserved]:
    """This round's fresh comers who went away empty-handed and may come back."""
    if holding or stage.position >= DRAWN:
        return _again(lot, stage, holding)
    return lot.interested.unserved(lot.place, stage, winner, persistence)


def _room(term: Terms, book: Book, lot: Lot, stage: Stage, start: float, closes: float) -> ProxyRoom:
    """The room for a round, in the scenario's style of bidding."""
    where = (term, book.bids, lot.lot, lot.rounds, start, closes, stage.sell_off, lot.priority)
    if term.bidding == "proxy":
        return ProxyRoom(*where)
    if term.bidding == "once":
        return OnceRoom(*where)
    return LadderRoom(*where, jump=term.jump, delays=_delays(term, lot, lot.rounds).__next__)


def _delays(term: Terms, lot: Lot, attempt: int) -> Iterator[float]:
    """How long the outbid take to answer: exponential, cut off where the soft close would run out on them.

    A generator, so that a round without a contest (four of five) makes no stream.
    """
    longest = term.soft_close if term.soft_close > 0.0 else term.reply * 5.0
    within = 1.0 - exp(-longest / term.reply)
    for some in count():
        rng = lot.interested.luck.alone(Purpose.REPLIES, lot.row, attempt, some)
        yield from (-term.reply * np.log1p(-within * rng.random(ANSWERS))).tolist()
