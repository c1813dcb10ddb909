"""One round's bidding, from event to event: ``sim.model.auction`` as a loop sees it. The rules are the auction's own."""

from __future__ import annotations

from math import inf, nan

from sim.model.auction import DAY, ascend, move_end, next_step, step_up, steps
from sim.model.compiled.replies import delay
from sim.model.compiled.state import (
    ANSWERS,
    BIDDING,
    ENTERS,
    GO,
    LADDER,
    MORE_REGISTRATIONS,
    NOBODY,
    ONCE,
    SETTLED,
    SLEEP,
    UNFIT,
    CourtArrays,
)

MOST_STEPS = (
    1e15  # of a war, counted in whole numbers of 64 bits; beyond it SimPy runs, whose numbers have no end
)


def begin(w: CourtArrays, i: int) -> int:
    """The round's auction; the first who comes to it."""
    lot, d, a = w.lots[i], w.disposals[i], w.auctions[i]
    rules, stage = w.rules[d.rules], w.stages[d.rules, d.position]
    start = d.start
    a.start = start
    a.price = start
    a.asking = start
    a.increment = start * rules.increment
    a.soft_close = rules.soft_close
    a.closes = d.closes
    a.entry_deadline = d.closes
    a.sell_off = stage.sell_off
    a.priority = lot.priority
    a.jump, a.single_steps = rules.jump, rules.single_steps
    a.set_end = d.closes
    a.best, a.answers_at = 0.0, inf
    a.leader, a.holder, a.answerer, a.challenger = NOBODY, NOBODY, NOBODY, NOBODY
    a.placed, a.bidders, a.extensions, a.step = 0, 0, 0, -1
    a.answer_step, a.target, a.limit, a.left, a.some = 0, 0, 0, 0, 0
    d.shut = min(a.entry_deadline, d.leaves)
    d.state = BIDDING
    if a.increment <= 0.0:
        return UNFIT
    for k in range(d.next, d.last):
        if not (w.people[k].value - start) / a.increment < MOST_STEPS:
            return UNFIT
    return GO


def wait(w: CourtArrays, i: int) -> int:
    """Sleep until the next bid, or the end; who registers meanwhile is written down."""
    lot, d, a, c = w.lots[i], w.disposals[i], w.auctions[i], w.court[0]
    while d.next < d.last:
        one = w.people[d.next]
        if one.value < a.start:
            d.next += 1
            continue
        when = d.opens + one.after
        if a.answers_at <= when and a.answers_at < d.leaves:  # the war goes on until they come
            break
        if when >= d.shut or when >= a.closes:
            d.next = d.last
            break
        if c.registrations == len(w.registrations):
            return MORE_REGISTRATIONS
        row = w.registrations[c.registrations]
        row.lot, row.attempt, row.bidder, row.time = lot.lot, lot.rounds, one.who, when
        row.value, row.priority = one.value, one.who == a.priority
        c.registrations += 1
        d.registered += 1
        d.next += 1
        if one.value >= a.asking or (one.who == a.priority and one.value >= a.price):
            d.wake, d.state = when, ENTERS
            return SLEEP
    if a.answers_at < d.leaves and a.answers_at != inf:
        d.wake, d.state = a.answers_at, ANSWERS
    else:
        d.wake, d.state = min(a.closes, d.leaves), SETTLED
    return SLEEP


def enter(w: CourtArrays, i: int, now: float) -> int:
    """Who came last makes themselves heard."""
    d, a = w.disposals[i], w.auctions[i]
    one = w.people[d.next - 1]
    style = w.rules[d.rules].bidding
    if style == LADDER:
        _join(w, i, one.who, one.value, now)
    else:
        if style == ONCE:
            step_up(a, one.who, one.value)
        else:
            ascend(a, one.who, one.value)
        bid(w, i, one.who, a.price, now)
        a.bidders += 1
        a.entry_deadline = a.closes
    d.shut = min(a.entry_deadline, d.leaves)
    d.state = BIDDING
    return GO


def answer(w: CourtArrays, i: int, now: float) -> int:
    """The outbid one of the two keenest answers."""
    a = w.auctions[i]
    _raise(w, i, a.answerer, a.answer_step, now)
    w.disposals[i].state = BIDDING
    return GO


def hammer(w: CourtArrays, i: int) -> float:
    """The standing price; nan without a bid."""
    d, a = w.disposals[i], w.auctions[i]
    if not d.held or a.placed == 0:
        return nan
    if w.rules[d.rules].bidding == LADDER:
        return a.start + a.step * a.increment  # type: ignore[no-any-return]
    return a.price  # type: ignore[no-any-return]


def bid(w: CourtArrays, i: int, who: int, price: float, now: float) -> None:
    """Record a bid, which may move the end."""
    lot, c = w.lots[i], w.court[0]
    row = w.bids[c.bids]
    row.lot, row.attempt, row.bidder, row.time, row.price = lot.lot, lot.rounds, who, now, price
    c.bids += 1
    move_end(w.auctions[i], now)


def _join(w: CourtArrays, i: int, who: int, value: float, now: float) -> None:
    """A newcomer to a war by hand."""
    a = w.auctions[i]
    before = a.leader
    ascend(a, who, value)
    a.challenger = before if who == a.leader else who
    a.target = steps(a, a.price)
    a.limit = steps(a, a.best)
    if a.sell_off and before == NOBODY:
        a.entry_deadline = now + DAY
        a.set_end = a.entry_deadline
    elif a.entry_deadline - now < a.soft_close:
        a.entry_deadline = now + a.soft_close
    placed = a.placed
    _raise(w, i, who, next_step(a, who), now)
    if a.placed > placed:
        a.bidders += 1


def _raise(w: CourtArrays, i: int, who: int, step: int, now: float) -> None:
    """``who`` bids if the rules of the war let them; then the other one, if they can, prepares an answer."""
    a = w.auctions[i]
    leader = a.leader
    if step > a.step or (who == leader and leader == a.priority and a.priority != a.holder):
        a.step, a.holder = step, who
        bid(w, i, who, a.start + step * a.increment, now)
    answerer = leader if a.holder != leader else a.challenger
    a.answerer = answerer
    answers = inf
    if answerer != NOBODY:
        a.answer_step = next_step(a, answerer)
        if a.answer_step > a.step:
            answers = now + delay(w, i, now >= a.set_end)
            if answers >= a.closes:  # only without a soft close: the end is known, they hurry
                soon = now + (a.closes - now) / 2.0
                answers = soon if soon < a.closes else now
    a.answers_at = answers
