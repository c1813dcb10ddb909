"""What people do in a round besides coming: ``sim.model.behaviour`` over arrays. What takes more than a few lines, the cutoff of those who
wait, is the readable model's own, which the loop asks for."""

from __future__ import annotations

from math import inf

from sim.model.behaviour.creditors import (
    BIDS,
    COMPARES,
    HAS_PRIOR,
    INSISTS,
    PRIOR,
    RESALE,
    prior_claims,
    sale_of_their_own,
    start_above,
)
from sim.model.behaviour.liquidity import ready_money
from sim.model.bidders import LOT_STRIDE
from sim.model.compiled.counter_draws import U, mixed, normal, uniform
from sim.model.compiled.state import CUTOFF, GO, CourtArrays


def ahead(w: CourtArrays, i: int, who: int) -> bool:
    """Whether somebody who comes to the round at hand looks ahead."""
    return uniform(U(w.setup[0].foresight), who) < w.rules[w.disposals[i].there].ahead  # type: ignore[no-any-return]


def react(w: CourtArrays, i: int) -> bool:
    """Whether some of those who come to the round at hand may stay away."""
    return w.rules[w.disposals[i].there].short > 0.0 or some_may_wait(w, i)


def some_may_wait(w: CourtArrays, i: int) -> bool:
    """Whether the round at hand is a lot's first, at which some look ahead."""
    return w.rules[w.disposals[i].there].ahead > 0.0 and w.lots[i].rounds == 0  # type: ignore[no-any-return]


def without_the_short(w: CourtArrays, i: int) -> None:
    """Those who can pay the deposit."""
    d = w.disposals[i]
    if w.rules[d.there].short == 0.0:
        return
    needed = d.start * w.rules[d.rules].deposit / w.lots[i].value
    last = d.next
    for k in range(d.next, d.last):
        if _money(w, i, w.people[k].who) >= needed:
            w.people[last] = w.people[k]
            last += 1
    d.last = last


def _money(w: CourtArrays, i: int, who: int) -> float:
    """Somebody's ready money; inf if they are not short of it, or come as the lot's creditor, who needs none."""
    rules, s = w.rules[w.disposals[i].there], w.setup[0]
    creditor = rules.exempt > 0.0 and who % LOT_STRIDE == 0
    if creditor and uniform(mixed(U(s.claims), who // LOT_STRIDE), BIDS) < rules.exempt:
        return inf
    mine = mixed(U(s.cash), who)
    if uniform(mine, 0) >= rules.short:
        return inf
    return ready_money(rules.ready, rules.ready_sd, normal(mine, 1))


def look_ahead(w: CourtArrays, i: int) -> int:
    """Marks who of a lot's first round looks ahead; whether they wait is for the readable model to say."""
    d = w.disposals[i]
    asked = GO
    if not some_may_wait(w, i):
        return asked
    for k in range(d.next, d.last):
        w.people[k].waits = ahead(w, i, w.people[k].who)
        if w.people[k].waits:
            asked = CUTOFF
    return asked


def without_waiters(w: CourtArrays, i: int) -> None:
    """Those who bid in a lot's first round, or join in once it is open, in order of coming."""
    d = w.disposals[i]
    if not some_may_wait(w, i):
        return
    waiting = 0
    for k in range(d.next, d.last):
        waiting += w.people[k].waits
    if waiting == 0:
        return
    if w.rules[d.there].joins:
        _join_the_first(w, i)
        return
    last = d.next
    for k in range(d.next, d.last):
        if not w.people[k].waits:
            w.people[last] = w.people[k]
            last += 1
    d.last = last


def _join_the_first(w: CourtArrays, i: int) -> None:
    """Who stands by joins as soon as somebody has bid."""
    d = w.disposals[i]
    opens = d.next
    while opens < d.last and w.people[opens].waits:
        opens += 1
    if opens == d.last or w.people[opens].after >= w.stages[d.rules, d.position].window:
        d.last = d.next
        return
    one = w.people[opens]
    when, value, who = one.after, one.value, one.who
    for k in range(opens, d.next, -1):
        one, before = w.people[k], w.people[k - 1]
        one.after, one.value, one.who = when, before.value, before.who
    one = w.people[d.next]
    one.after, one.value, one.who = when, value, who


def reserve(w: CourtArrays, i: int, start: float, before: float) -> float:
    """The start, raised if nothing would be left for a creditor who insists (no-surplus rule); inf: the lot is not sold."""
    lot, rules = w.lots[i], w.rules[w.disposals[i].own]
    if rules.prior_share == 0.0:
        return start
    state = mixed(U(w.setup[0].claims), lot.lot)
    if uniform(state, HAS_PRIOR) >= rules.prior_share:
        return start
    first = prior_claims(lot.reference, rules.prior, rules.prior_log_sd * normal(state, PRIOR)) + lot.cost
    if start > first or uniform(state, INSISTS) < rules.insist_share:
        return start_above(first, start, before, rules.increment)
    return inf


def takes(w: CourtArrays, i: int, by_chance: bool) -> bool:
    """Whether the creditor takes an unsold lot in kind; one who compares decides by that."""
    lot, d = w.lots[i], w.disposals[i]
    rules = w.rules[d.own]
    if lot.barred:
        return False
    if rules.compare_share == 0.0:
        return by_chance
    state = mixed(U(w.setup[0].claims), lot.lot)
    if uniform(state, COMPARES) >= rules.compare_share:
        return by_chance
    error = rules.resale_noise * normal(state, RESALE)
    own = sale_of_their_own(lot.value, rules.resale, error, rules.discount_yearly, rules.resale_days)
    return own >= d.start  # type: ignore[no-any-return]
