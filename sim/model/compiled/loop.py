"""The loop: a court is one small heap of lots that sleep, its clerks a queue. The order of events is SimPy's, ties included.

It stops where something is needed that only Python can give (the next lots, rare draws, room), and goes on where it was.
"""

from __future__ import annotations

from sim.model.compiled import bidding, disposal
from sim.model.compiled.state import (
    ANSWERS,
    BIDDING,
    BOOKED,
    DECIDED,
    DONE,
    END,
    ENTERS,
    FAILED_FOR_GOOD,
    GO,
    LEAVES,
    MORE_BIDS,
    MORE_LOTS,
    MORE_ROUNDS,
    NEXT_ROUND,
    NOBODY,
    NOTICED,
    NOTICED_AGAIN,
    OBJECTED,
    OFFERED,
    OPENED,
    OWN_SALE,
    PAYMENT_DUE,
    PRICED,
    PRICED_AGAIN,
    SCHEDULED,
    SEIZED,
    SETTLED,
    SLEEP,
    SOLD_BEFORE,
    SURVEYED,
    TURN,
    WAIT,
    WHO_COMES,
    WORKED,
    CourtArrays,
)  # fmt: skip
from sim.model.disposal import WITHDRAWN

ARRIVALS = -1  # what the heap holds for the next case that comes in


def drive(w: CourtArrays) -> int:
    """Run until all courts are done or something is needed; says what."""
    c = w.court[0]
    while c.which + 1 < len(w.bounds):
        if not c.running:
            c.running, c.arriving, c.now = 1, 1, 0.0
            c.next, c.end = w.bounds[c.which], w.bounds[c.which + 1]
            c.busy = c.waiting = c.first_waiting = c.pending = c.events = 0
            c.lot = NOBODY
        needed = run_court(w)
        if needed != DONE:
            return needed
        c.running = 0
        c.which += 1
    return DONE


def run_court(w: CourtArrays) -> int:
    """One court up to the horizon."""
    c, s = w.court[0], w.setup[0]
    alone = s.clerks == 0  # nothing couples lots: each goes its way to the end before the next
    while True:
        if c.lot == NOBODY:
            needed = next_lot(w, alone)
            if needed != GO:
                return DONE if needed == END else needed
        if c.rounds == len(w.rounds):
            return MORE_ROUNDS
        if c.bids == len(w.bids):
            return MORE_BIDS
        asked = proceed(w, c.lot, c.now)
        if asked == SLEEP:
            wake = w.disposals[c.lot].wake
            if wake < s.until:
                if alone or (not c.arriving and (c.pending == 0 or wake < w.heap_time[0])):
                    c.now = wake
                    continue
                push(w, wake, c.lot)
            c.lot = NOBODY
        elif asked in (WAIT, END):
            c.lot = NOBODY
        else:
            return asked


def next_lot(w: CourtArrays, alone: bool) -> int:
    """Whose turn it is, as ``court.lot``: of a lot that comes in, or of whoever wakes first."""
    c, s = w.court[0], w.setup[0]
    while True:
        if c.arriving:
            if c.next == c.end:
                c.arriving = 0
                continue
            if c.next == c.loaded:
                return MORE_LOTS
            seized = w.lots[c.next].seized
            if alone or seized <= c.now:
                if alone:
                    c.now = max(seized, 0.0)
                    if seized >= s.until:
                        return END
                c.lot = c.next
                w.disposals[c.lot].state = SEIZED
                c.next += 1
                return GO
            c.arriving = 0
            push(w, seized, ARRIVALS)
        if c.pending == 0 or w.heap_time[0] >= s.until:
            return END
        c.now = w.heap_time[0]
        lot = pop(w)
        if lot != ARRIVALS:
            c.lot = lot
            return GO
        c.arriving = 1


def proceed(w: CourtArrays, i: int, now: float) -> int:
    """A lot goes on until it sleeps, waits, ends or needs something."""
    d = w.disposals[i]
    while True:
        state = d.state
        if WHO_COMES <= state <= SETTLED:
            asked = proceed_round(w, i, now, state)
        elif NEXT_ROUND <= state <= OPENED:
            asked = proceed_notice(w, i, now, state)
        else:
            asked = proceed_court(w, i, now, state)
        if asked != GO:
            return asked


def proceed_round(w: CourtArrays, i: int, now: float, state: int) -> int:
    """From the opening to the end of a round."""
    if state == BIDDING:
        return bidding.wait(w, i)
    if state == ENTERS:
        return bidding.enter(w, i, now)
    if state == ANSWERS:
        return bidding.answer(w, i, now)
    if state == WHO_COMES:
        return disposal.gather(w, i)
    if state == DECIDED:
        return disposal.decide(w, i)
    return disposal.settle(w, i, now)


def proceed_notice(w: CourtArrays, i: int, now: float, state: int) -> int:
    """From one round to the next one's opening."""
    if state == NEXT_ROUND:
        return disposal.next_round(w, i, now)
    if state == OFFERED:
        return disposal.offer(w, i, now)
    if state == NOTICED_AGAIN:
        return disposal.notice_later(w, i, now)
    if state == SCHEDULED:
        return disposal.schedule(w, i, now)
    return disposal.open_by_rules_of_the_day(w, i)


def proceed_court(w: CourtArrays, i: int, now: float, state: int) -> int:
    """Before the first notice, after the last round, and whenever a clerk has worked."""
    d = w.disposals[i]
    if state == SEIZED:
        return disposal.arrive(w, i, now)
    if state == TURN:
        return disposal.sleep(w, i, now + d.work, WORKED)
    if state == WORKED:
        hand_over(w, now)
        return disposal.to(w, i, d.then)
    if state == SURVEYED:
        return disposal.sleep(w, i, now + disposal.choose(w, i, now), PRICED)
    if state == PRICED:
        return disposal.find_price(w, i, now)
    if state == OBJECTED:
        return disposal.settle_price(w, i, now)
    if state == SOLD_BEFORE:
        return disposal.sold_before(w, i, now)
    if state == PRICED_AGAIN:
        return disposal.find_price_again(w, i, now)
    if state == NOTICED:
        return disposal.list_lot(w, i, now)
    if state == PAYMENT_DUE:
        return disposal.offer_again(w, i, now)
    if state == FAILED_FOR_GOOD:
        return disposal.fail(w, i, now)
    if state == OWN_SALE:
        return disposal.debtor_sold(w, i, now)
    if state == BOOKED:
        return disposal.book(w, i, now)
    if state == LEAVES:
        return disposal.end(w, i, WITHDRAWN, now)
    return END  # handed over


def hand_over(w: CourtArrays, now: float) -> None:
    """A clerk is free: whoever waits longest has them now."""
    c = w.court[0]
    c.busy -= 1
    if c.waiting > 0:
        lot = w.queue[c.first_waiting]
        c.first_waiting = (c.first_waiting + 1) % len(w.queue)
        c.waiting -= 1
        c.busy += 1
        push(w, now, lot)


def push(w: CourtArrays, when: float, lot: int) -> None:
    """One more event; of two at one time the one that was set first comes first."""
    c = w.court[0]
    number = c.events
    c.events += 1
    at = c.pending
    c.pending += 1
    while at > 0:
        parent = (at - 1) // 2
        if w.heap_time[parent] < when or (w.heap_time[parent] == when and w.heap_number[parent] < number):
            break
        _move(w, parent, at)
        at = parent
    w.heap_time[at], w.heap_number[at], w.heap_lot[at] = when, number, lot


def pop(w: CourtArrays) -> int:
    """Take the first event away; returns its lot."""
    c = w.court[0]
    lot = w.heap_lot[0]
    c.pending -= 1
    n = c.pending
    when, number, last = w.heap_time[n], w.heap_number[n], w.heap_lot[n]
    at = 0
    while 2 * at + 1 < n:
        child = 2 * at + 1
        if child + 1 < n and _earlier(w, child + 1, child):
            child += 1
        if when < w.heap_time[child] or (when == w.heap_time[child] and number < w.heap_number[child]):
            break
        _move(w, child, at)
        at = child
    w.heap_time[at], w.heap_number[at], w.heap_lot[at] = when, number, last
    return lot  # type: ignore[no-any-return]


def _earlier(w: CourtArrays, a: int, b: int) -> bool:
    if w.heap_time[a] != w.heap_time[b]:
        return w.heap_time[a] < w.heap_time[b]  # type: ignore[no-any-return]
    return w.heap_number[a] < w.heap_number[b]  # type: ignore[no-any-return]


def _move(w: CourtArrays, a: int, b: int) -> None:
    w.heap_time[b], w.heap_number[b], w.heap_lot[b] = w.heap_time[a], w.heap_number[a], w.heap_lot[a]
