"""A lot's way, step by step: ``sim.model.court`` and ``sim.model.disposal`` as a loop sees them.

Each function is what happens between two sleeps, or a part of it; it says where the lot stands then (``state``) and what the loop
is to do. Names and order are those of the readable model, where the law stands.
"""

from __future__ import annotations

from math import ceil, exp, inf

from sim.model.compiled import behaviour, bidding, who_comes
from sim.model.compiled.state import (
    BOOKED,
    DECIDED,
    END,
    ENDED,
    FAILED_FOR_GOOD,
    GO,
    HANDED_OVER,
    LEAVES,
    MORE_PEOPLE,
    NEXT_ROUND,
    NOBODY,
    NOTICED,
    NOTICED_AGAIN,
    OBJECTED,
    OFFERED,
    OPENED,
    OPENING,
    OWN_SALE,
    PAYMENT_DUE,
    PRICED_AGAIN,
    SCHEDULED,
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
from sim.model.disposal import (
    DEFAULTED,
    FAILED,
    IN_KIND,
    MOST_DEFAULTS,
    OPEN,
    RETURNED,
    SOLD,
    STOPPED,
    WITHDRAWN,
)
from sim.model.records import Outcome
from sim.model.rules import cut_of
from sim.model.traits import PAYMENTS

LOT_SOLD = int(Outcome.SOLD)


def on(w: CourtArrays, period: int, day: float) -> int:
    """The period of a day of this one or a later one."""
    while day >= w.rules[period].until and period + 1 < len(w.rules):
        period += 1
    return period


def past(values, first: int, last: int, x: float) -> int:  # type: ignore[no-untyped-def]
    """``bisect_right`` within a part of an array, counted from its beginning."""
    a, b = first, last
    while a < b:
        middle = (a + b) // 2
        if x < values[middle]:
            b = middle
        else:
            a = middle + 1
    return a - first


def opening(w: CourtArrays, period: int, earliest: float) -> float:
    """The first permitted time, not before ``earliest``, at which bidding may open."""
    rules = w.rules[period]
    if rules.any_time:
        while rules.festival and _closed(w, int(earliest)):
            earliest = float(int(earliest) + 1)
        return earliest
    day = int(ceil(earliest - rules.clock))  # noqa: RUF046  (numba: a float)
    while rules.festival and _closed(w, day):
        day += 1
    return day + rules.clock  # type: ignore[no-any-return]


def _closed(w: CourtArrays, day: int) -> bool:
    return 0 <= day < len(w.closed) and bool(w.closed[day])


def arrive(w: CourtArrays, i: int, now: float) -> int:
    """A case has come in: a survey by a clerk, or, where listing dates are given, the first notice on the spot."""
    d = w.disposals[i]
    d.court = on(w, 0, now)
    if w.setup[0].listing:
        choose(w, i, now)
        price(w, i, d.court)
        w.lots[i].priced = now
        return to(w, i, NOTICED)
    return work(w, i, now, w.rules[d.court].survey, SURVEYED)


def to(w: CourtArrays, i: int, state: int) -> int:
    """Go on at once."""
    w.disposals[i].state = state
    return GO


def sleep(w: CourtArrays, i: int, until: float, state: int) -> int:
    d = w.disposals[i]
    d.wake, d.state = until, state
    return SLEEP


def work(w: CourtArrays, i: int, now: float, days: float, then: int) -> int:
    """``days`` of a clerk's time, after waiting for one if all are busy; who needs none waits for nobody."""
    d, c = w.disposals[i], w.court[0]
    clerks = w.setup[0].clerks
    if days == 0.0:
        return to(w, i, then)
    d.work, d.then = days, then
    if clerks == 0 or c.busy < clerks:
        c.busy += 1
        return sleep(w, i, now + days, WORKED)
    d.state = TURN
    w.queue[(c.first_waiting + c.waiting) % len(w.queue)] = i
    c.waiting += 1
    return WAIT


def choose(w: CourtArrays, i: int, now: float) -> float:
    """Pick the method for the lot; returns how long it takes."""
    lot = w.lots[i]
    which = past(w.changes, 0, len(w.changes), now) - 1
    first, end = w.menus[which], w.menus[which + 1]
    lot.method = w.menu[first + past(w.edges, first, end - 1, lot.u_method)]
    return (  # type: ignore[no-any-return]
        w.durations[which, lot.method, 0] + w.durations[which, lot.method, 1] * lot.u_duration
    )


def price(w: CourtArrays, i: int, period: int) -> None:
    """Reference price, its cost and the first starting price by the rules of a period."""
    lot = w.lots[i]
    costs = w.costs[period, lot.method]
    lot.reference = lot.value * exp(costs[0] + costs[1] * lot.z_noise)
    lot.cost = costs[2] + costs[3] * lot.reference
    lot.start = lot.reference * w.starts[period, lot.kind, 1 if lot.token else 0]


def renew(w: CourtArrays, i: int, period: int) -> None:
    """Make of a lot what it is in a period."""
    lot = w.lots[i]
    if not w.setup[0].dated or lot.period == period:
        return
    new = w.dated[period, i]
    lot.period = period
    lot.kind, lot.movable, lot.token, lot.value, lot.interest = (
        new.kind,
        new.movable,
        new.token,
        new.value,
        new.interest,
    )
    lot.leaves_after, lot.halts_after, lot.halt_days = new.leaves_after, new.halts_after, new.halt_days
    lot.halt_cause = new.halt_cause
    lot.priority, lot.booked_after, lot.objected = new.priority, new.booked_after, new.objected
    lot.barred, lot.before_days, lot.before_sold = new.barred, new.before_days, new.before_sold


def find_price(w: CourtArrays, i: int, now: float) -> int:
    """The report on the price is in; an objection to it may have to be settled."""
    lot, d = w.lots[i], w.disposals[i]
    d.court = on(w, d.court, now)
    renew(w, i, d.court)
    price(w, i, d.court)
    d.there = d.court  # of the day on which the price was found, until it is listed
    wait = w.rules[d.court].objection_wait
    if lot.objected and wait != 0.0:
        return sleep(w, i, now + wait, OBJECTED)
    return settle_price(w, i, now)


def settle_price(w: CourtArrays, i: int, now: float) -> int:
    """The price stands; the debtor of equity may try to sell it before the first auction."""
    lot, d = w.lots[i], w.disposals[i]
    lot.priced = now
    d.court = on(w, d.court, now)
    if lot.before_days < inf:
        return sleep(w, i, now + lot.before_days, SOLD_BEFORE)
    return write_notice(w, i, now)


def sold_before(w: CourtArrays, i: int, now: float) -> int:
    """The debtor has sold the equity, or has had time enough."""
    lot, d = w.lots[i], w.disposals[i]
    d.court = on(w, d.court, now)
    if lot.before_sold:
        lot.price = lot.reference * w.rules[d.court].sold_before_price
        return end(w, i, WITHDRAWN, now)
    return write_notice(w, i, now)


def write_notice(w: CourtArrays, i: int, now: float) -> int:
    """A clerk makes the first notice."""
    lot = w.lots[i]
    rules = w.rules[w.disposals[i].court]
    objection = rules.objection_work if lot.objected else 0.0
    return work(w, i, now, rules.notice_work + rules.pricing_work + objection, NOTICED)


def find_price_again(w: CourtArrays, i: int, now: float) -> int:
    """The report that takes the place of one that has run out is in: the notice follows at once."""
    lot, d = w.lots[i], w.disposals[i]
    d.court = on(w, d.court, now)
    renew(w, i, d.court)
    before, lot.z_noise = lot.cost, lot.z_again
    price(w, i, d.court)
    lot.cost += before
    lot.priced = now
    d.there = d.court
    return to(w, i, NOTICED)


def list_lot(w: CourtArrays, i: int, now: float) -> int:
    """The first notice is published, unless the report has run out."""
    lot, d = w.lots[i], w.disposals[i]
    if now - lot.priced > w.rules[on(w, d.court, now)].report_valid:
        return sleep(w, i, now + choose(w, i, now), PRICED_AGAIN)
    if not w.setup[0].listing:
        priced = d.there
        d.court = on(w, d.court, now)
        if d.court != priced and w.setup[0].dated:
            renew(w, i, d.court)
            price(w, i, priced)
    chain = w.chains[lot.kind]  # its kind's own rules, where it has such
    d.own = on(w, chain, now) if chain > 0 else d.court
    d.rules = d.own
    start = behaviour.reserve(w, i, lot.start, inf)
    if start == inf:
        return end(w, i, WITHDRAWN, now)
    lot.start = start
    lot.listed = now
    lot.outcome = OPEN
    d.notice = now
    d.leaves = now + lot.leaves_after
    d.start = lot.start
    d.defaults = d.interested = d.backs = 0
    d.position = -1
    return to(w, i, NEXT_ROUND)


def next_round(w: CourtArrays, i: int, now: float) -> int:
    """The next round that is held; after the last the lot is taken in kind or goes back."""
    lot, d = w.lots[i], w.disposals[i]
    for position in range(d.position + 1, w.stages.shape[1]):
        if w.stages[d.rules, position].held:
            d.position, d.before, d.repeated = position, d.start, 0
            if lot.rounds > 0:
                relist(w, i, now)
            reduce_start(w, i)
            return to(w, i, OFFERED) if d.start != inf else end(w, i, WITHDRAWN, now)
    taken = behaviour.takes(w, i, lot.u_in_kind_last < w.rules[d.own].in_kind_last)
    return unsold(w, i, now, IN_KIND if taken else RETURNED)


def relist(w: CourtArrays, i: int, now: float) -> None:
    """When the notice of a round after another is due."""
    d = w.disposals[i]
    rules = on(w, d.rules, now)
    due = now + w.stages[rules, d.position].relist
    d.notice = due
    d.rules = on(w, rules, due)


def reduce_start(w: CourtArrays, i: int) -> None:
    """The start after the cut."""
    d = w.disposals[i]
    keep, relief = w.stages[d.rules, d.position].keep, w.rules[d.rules].cut_relief
    if relief != 0.0:
        keep = 1.0 - cut_of(1.0 - keep, relief, d.interested)
    d.start = behaviour.reserve(w, i, d.before * keep, d.before)
    if w.lots[i].rounds == 0 and d.start != inf:
        w.lots[i].start = d.start  # at which it is first offered


def offer(w: CourtArrays, i: int, now: float) -> int:
    """A later round's notice is made by a clerk again."""
    again = w.rules[w.disposals[i].rules].notice_again
    if w.setup[0].listing or w.lots[i].rounds == 0:
        again = 0.0
    return work(w, i, now, again, NOTICED_AGAIN) if again != 0.0 else to(w, i, SCHEDULED)


def notice_later(w: CourtArrays, i: int, now: float) -> int:
    """Clerks had no time for the notice until now, when other rules may hold."""
    d = w.disposals[i]
    d.notice = max(d.notice, now)
    if d.notice >= w.rules[d.rules].until:
        d.rules = on(w, d.rules, d.notice)
        if not d.repeated:
            reduce_start(w, i)
    return to(w, i, SCHEDULED) if d.start != inf else end(w, i, WITHDRAWN, now)


def schedule(w: CourtArrays, i: int, now: float) -> int:
    """When the round opens: after its notice, and after a suspension before it."""
    lot, d = w.lots[i], w.disposals[i]
    stage = w.stages[d.rules, d.position]
    opens = opening(w, d.rules, d.notice + (stage.notice_movable if lot.movable else stage.notice_immovable))
    if lot.halts_after < opens - lot.listed:
        lot.suspended, lot.suspended_by, lot.halts_after = lot.halt_days, lot.halt_cause, inf
        opens = opening(w, d.rules, opens + lot.halt_days)
    d.opens, d.there, d.agains, d.responds = opens, d.rules, -1, 0
    if d.leaves <= opens:
        return sleep(w, i, max(now, d.leaves), LEAVES)
    return to(w, i, OPENED if w.setup[0].dated else WHO_COMES)


def open_by_rules_of_the_day(w: CourtArrays, i: int) -> int:
    """Who comes goes by the day of the opening."""
    lot, d = w.lots[i], w.disposals[i]
    there = on(w, d.rules, d.opens)
    own, noticed, opened = w.rules[d.own].period, w.rules[d.rules].period, w.rules[there].period
    together = w.opened[lot.chunk, d.own // w.setup[0].periods, own, noticed, opened]
    if together < 0:
        d.there = there
        return OPENING
    d.there = there
    lot.interested = together
    lot.interest = w.interest[w.together[together].interest + lot.place]
    return to(w, i, WHO_COMES)


def gather(w: CourtArrays, i: int) -> int:
    """Who comes; of them who can pay the deposit, and who may wait."""
    d = w.disposals[i]
    lacking = who_comes.lacking(w, i)
    if lacking != GO:
        return lacking
    who_comes.come(w, i)
    if d.last > d.next and behaviour.react(w, i):
        who_comes.rows_of_its_own(w, i)
        behaviour.without_the_short(w, i)
        d.state = DECIDED
        return behaviour.look_ahead(w, i)
    return hold(w, i)


def decide(w: CourtArrays, i: int) -> int:
    """Whoever looks ahead has made up their mind."""
    behaviour.without_waiters(w, i)
    return hold(w, i)


def hold(w: CourtArrays, i: int) -> int:
    """Who takes part is known: the first bid; a round to which nobody comes ends when it closes."""
    d = w.disposals[i]
    d.registered = 0
    d.held = d.last > d.next
    if d.held:
        return bidding.begin(w, i)
    return sleep(w, i, min(d.closes, d.leaves), SETTLED)


def settle(w: CourtArrays, i: int, now: float) -> int:
    """How the round ended, which is written down, and who may come back for the next one."""
    lot, d, a, c = w.lots[i], w.disposals[i], w.auctions[i], w.court[0]
    if c.people + d.backs + max(d.interested, 0) > len(w.people):
        return MORE_PEOPLE
    leader = a.leader if d.held else NOBODY
    sum_bid = bidding.hammer(w, i)
    if now < (a.closes if d.held else d.closes):
        result = STOPPED
    elif leader == NOBODY:
        result = FAILED
    else:
        result = SOLD if _pays(w, i) else DEFAULTED
    row = w.rounds[c.rounds]
    c.rounds += 1
    row.lot, row.attempt, row.round, row.notice, row.opens, row.closes = (
        lot.lot,
        lot.rounds,
        d.position,
        d.notice,
        d.opens,
        now,
    )
    row.start, row.deposit = d.start, d.start * w.rules[d.rules].deposit
    row.interested, row.registered = d.interested, d.registered
    row.bidders, row.bids, row.extensions = 0, 0, 0
    if d.held:
        row.bidders, row.bids, row.extensions = a.bidders, a.placed, a.extensions
    row.price, row.winner, row.outcome = sum_bid, leader, result
    if result == SOLD:
        lot.sold_round, lot.price, lot.start_sold, lot.winner = d.position, sum_bid, d.start, leader
    elif w.setup[0].returning and result != STOPPED:
        who_comes.leave(w, i, leader)
    lot.rounds += 1
    if result == SOLD:
        end(w, i, LOT_SOLD, now)
        if w.setup[0].listing:
            return END
        return work(w, i, now, w.rules[on(w, d.court, now)].handover, HANDED_OVER)
    if result == STOPPED:
        return end(w, i, WITHDRAWN, now)
    return to(w, i, FAILED_FOR_GOOD) if result == FAILED else default(w, i, now, leader)


def _pays(w: CourtArrays, i: int) -> bool:
    """Whether the winner pays the price."""
    d = w.disposals[i]
    rate = w.rules[d.own].default_rate
    return rate == 0.0 or bool(w.lots[i].u_payment[min(d.defaults, PAYMENTS - 1)] >= rate)


def default(w: CourtArrays, i: int, now: float, winner: int) -> int:
    """The deposit is forfeited and the defaulter may not bid again; the same round again, once payment was due."""
    lot, d = w.lots[i], w.disposals[i]
    lot.forfeited += d.start * w.rules[d.rules].deposit
    d.defaults += 1
    d.repeated = 1
    who_comes.forget(w, i, winner)
    return sleep(w, i, now + w.rules[on(w, d.rules, now)].payment, PAYMENT_DUE)


def offer_again(w: CourtArrays, i: int, now: float) -> int:
    """Nobody has paid: the same round again, unless it was too often."""
    relist(w, i, now)
    return to(w, i, FAILED_FOR_GOOD if w.disposals[i].defaults > MOST_DEFAULTS else OFFERED)


def fail(w: CourtArrays, i: int, now: float) -> int:
    """A round has failed: the debtor's own sale, the question of taking in kind, or the next round."""
    lot, d = w.lots[i], w.disposals[i]
    d.rules = on(w, d.rules, now)
    if d.position != w.rules[d.rules].last_auction:
        return to(w, i, NEXT_ROUND)
    own = w.rules[d.own]
    if lot.u_own_sale >= own.own_sale:
        return ask_in_kind(w, i, now)
    found = lot.u_own_sale < own.own_sale_found
    until = now + own.own_sale_days * (lot.u_own_when if found else 1.0)
    if d.leaves <= until:
        return sleep(w, i, max(now, d.leaves), LEAVES)
    return sleep(w, i, until, OWN_SALE)


def debtor_sold(w: CourtArrays, i: int, now: float) -> int:
    """The debtor has found a buyer above the failed start, or has had time enough."""
    lot, d = w.lots[i], w.disposals[i]
    if lot.u_own_sale < w.rules[d.own].own_sale_found:
        lot.price = d.start * w.rules[d.own].own_sale_price
        return end(w, i, WITHDRAWN, now)
    return ask_in_kind(w, i, now)


def ask_in_kind(w: CourtArrays, i: int, now: float) -> int:
    """Whether the creditor takes the lot after the last auction, before a sell-off."""
    lot, d = w.lots[i], w.disposals[i]
    if behaviour.takes(w, i, lot.u_in_kind_second < w.rules[d.own].in_kind_second):
        return unsold(w, i, now, IN_KIND)
    return to(w, i, NEXT_ROUND)


def unsold(w: CourtArrays, i: int, now: float, outcome: int) -> int:
    """The lot is taken in kind, or goes back: at once, or when it is booked."""
    lot, d = w.lots[i], w.disposals[i]
    d.then = outcome
    if w.rules[d.own].booking_days == 0.0:
        return to(w, i, BOOKED)
    rules = w.rules[d.rules]
    when = now + lot.booked_after
    for k in range(rules.ends_from, rules.ends_to):
        if w.ends[k] >= now:
            when = min(when, w.ends[k])
    return sleep(w, i, when, BOOKED)


def book(w: CourtArrays, i: int, now: float) -> int:
    lot, d = w.lots[i], w.disposals[i]
    if d.then == IN_KIND:
        lot.price = d.start
    return end(w, i, d.then, now)


def end(w: CourtArrays, i: int, outcome: int, now: float) -> int:
    """The lot has come to its end."""
    lot = w.lots[i]
    lot.outcome, lot.ended = outcome, now
    w.disposals[i].state = ENDED
    return END
