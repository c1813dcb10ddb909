"""What people do in a round besides coming: ``sim.model.behaviour`` over arrays. What takes more than a few lines, the cutoff of those who
wait, is the readable model's own, which the loop asks for."""

from __future__ import annotations

from sim.model.compiled.counter_draws import U, uniform
from sim.model.compiled.state import CUTOFF, GO, CourtArrays


def ahead(w: CourtArrays, i: int, who: int) -> bool:
    """Whether somebody who comes to the round at hand looks ahead."""
    return uniform(U(w.setup[0].foresight), who) < w.rules[w.disposals[i].there].ahead  # type: ignore[no-any-return]


def react(w: CourtArrays, i: int) -> bool:
    """Whether who comes to the round at hand may stay away."""
    return w.rules[w.disposals[i].there].ahead > 0.0 and w.lots[i].rounds == 0  # type: ignore[no-any-return]


def look_ahead(w: CourtArrays, i: int) -> int:
    """Marks who of a lot's first round looks ahead; whether they wait is for the readable model to say."""
    d = w.disposals[i]
    asked = GO
    for k in range(d.next, d.last):
        w.people[k].waits = ahead(w, i, w.people[k].who)
        if w.people[k].waits:
            asked = CUTOFF
    return asked


def without_waiters(w: CourtArrays, i: int) -> None:
    """Those who bid in a lot's first round, or join in once it is open, in order of coming."""
    d = w.disposals[i]
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
