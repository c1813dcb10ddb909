"""Who comes to a round: ``sim.model.behaviour.baseline`` and ``sim.model.bidders`` over arrays.

Those who come in order stand side by side in ``people``: those drawn together with their lot's block, or, where others join
them or the window is moved, a copy at the end.
"""

from __future__ import annotations

from math import inf

from sim.model.bidders import CERTAIN, DRAWN
from sim.model.compiled.behaviour import ahead
from sim.model.compiled.state import FRESH, GO, MORE_PEOPLE, NOBODY, CourtArrays
from sim.theory.coming import coming


def group(w: CourtArrays, i: int) -> tuple[int, int]:
    """Where the fresh people of the round at hand stand."""
    d = w.disposals[i]
    if by_itself(w, i):
        return d.again, d.again + d.agains
    at = _at(w, i)
    return w.groups[at, 0], w.groups[at, 1]


def by_itself(w: CourtArrays, i: int) -> bool:
    """Whether who comes to the round at hand is drawn for it alone: it is held again, or a late one, or its start draws people."""
    d = w.disposals[i]
    return d.defaults > 0 or d.position >= DRAWN or bool(d.responds)


def _at(w: CourtArrays, i: int) -> int:
    lot, d = w.lots[i], w.disposals[i]
    return w.together[lot.interested].first[d.position] + lot.place  # type: ignore[no-any-return]


def lacking(w: CourtArrays, i: int) -> int:
    """What must be there before people are copied: room, and draws that are made only when they are needed."""
    d, c = w.disposals[i], w.court[0]
    if d.agains < 0 and (by_itself(w, i) or _to_be_drawn(w, i)):
        return FRESH
    a, b = group(w, i)
    return GO if c.people + (b - a) + d.backs <= len(w.people) else MORE_PEOPLE


def _to_be_drawn(w: CourtArrays, i: int) -> bool:
    """Whether nobody has asked yet who comes to this round of lots, or its start may draw people: at the reference price it does not."""
    lot, d = w.lots[i], w.disposals[i]
    draws = bool(w.rules[d.there].responds) and d.start != lot.reference
    return draws or bool(w.together[lot.interested].first[d.position] == NOBODY)


def come(w: CourtArrays, i: int) -> None:
    """Sets ``interested``, and who is eligible: ``next`` to ``last`` in order of coming."""
    lot, d, c = w.lots[i], w.disposals[i], w.court[0]
    _return(w, i)
    a, b = group(w, i)
    d.interested = b - a + d.backs
    drawn = not by_itself(w, i)
    if drawn and d.backs == 0:
        d.next, d.last, d.copied = a, b, 0
        if w.keenest[_at(w, i)] < d.start:
            d.last = a
    else:
        d.next, d.copied = c.people, 1
        for k in range(a, b):
            if w.people[k].value >= d.start:
                copy(w, k)
                if not drawn:
                    _time(w, i, c.people - 1)
        for k in range(d.back, d.back + d.backs):
            if w.people[k].value >= d.start:
                copy(w, k)
                _time(w, i, c.people - 1)
        d.last = c.people
        in_order(w, d.next, d.last)
    d.closes = d.opens + w.stages[d.rules, d.position].window
    if lot.halts_after < d.closes - lot.listed:
        _interrupt(w, i)


def copy(w: CourtArrays, k: int) -> None:
    """One more at the end, as ``k`` is."""
    c = w.court[0]
    w.people[c.people] = w.people[k]
    c.people += 1


def rows_of_its_own(w: CourtArrays, i: int) -> None:
    """Those who are eligible, where they may be changed: those of the block stay as they are drawn."""
    d, c = w.disposals[i], w.court[0]
    if d.copied:
        return
    first = c.people
    for k in range(d.next, d.last):
        if w.people[k].value >= d.start:
            copy(w, k)
    d.next, d.last, d.copied = first, c.people, 1


def leave(w: CourtArrays, i: int, winner: int) -> None:
    """Those who go away without the lot and may come back, beside those of the rounds before."""
    d, c = w.disposals[i], w.court[0]
    # Who looks ahead and went away from a first round, held again or not, comes for the second without fail.
    patient = w.rules[d.there].ahead > 0.0 and w.lots[i].rounds <= d.defaults
    highest = 1.0 if patient else w.rules[d.rules].highest_persistence
    every = d.defaults > 0 or d.position >= DRAWN
    back = c.people
    for k in range(d.back, d.back + d.backs):
        copy(w, k)
    a, b = group(w, i)
    for k in range(a, b):
        one = w.people[k]
        if every or (one.back < highest and one.who != winner):
            copy(w, k)
            w.people[c.people - 1].so_far = CERTAIN if patient and ahead(w, i, one.who) else 1.0
    d.back, d.backs = back, c.people - back


def forget(w: CourtArrays, i: int, who: int) -> None:
    """Somebody may not come back."""
    d = w.disposals[i]
    kept = d.back
    for k in range(d.back, d.back + d.backs):
        if w.people[k].who != who:
            w.people[kept] = w.people[k]
            kept += 1
    d.backs = kept - d.back


def _return(w: CourtArrays, i: int) -> None:
    """Of those who may come back, those who do."""
    d = w.disposals[i]
    persistence = w.rules[d.there].persistence
    kept = d.back
    for k in range(d.back, d.back + d.backs):
        one = w.people[k]
        so_far = one.so_far
        if one.back < so_far * persistence or so_far == CERTAIN:
            one.so_far = so_far * persistence if so_far != 0.0 else 1.0
            w.people[kept] = one
            kept += 1
    d.backs = kept - d.back


def _time(w: CourtArrays, i: int, k: int) -> None:
    d, one = w.disposals[i], w.people[k]
    stage = w.stages[d.rules, d.position]
    one.after = stage.span * coming(one.arrival, stage.early, stage.late)


def _interrupt(w: CourtArrays, i: int) -> None:
    """A suspension while bidding is open: the rest of the window happens after it is lifted."""
    lot, d = w.lots[i], w.disposals[i]
    halts = lot.listed + lot.halts_after - d.opens
    days = lot.halt_days
    lot.suspended, lot.suspended_by, lot.halts_after = days, lot.halt_cause, inf
    d.closes += days
    rows_of_its_own(w, i)
    for k in range(d.next, d.last):
        if w.people[k].after >= halts:
            w.people[k].after += days


def before(w: CourtArrays, j: int, k: int) -> bool:
    """Whether one comes before another."""
    a, b = w.people[j], w.people[k]
    if a.after != b.after:
        return a.after < b.after  # type: ignore[no-any-return]
    if a.value != b.value:
        return a.value < b.value  # type: ignore[no-any-return]
    return a.who < b.who  # type: ignore[no-any-return]


def swap(w: CourtArrays, j: int, k: int) -> None:
    a, b = w.people[j], w.people[k]
    a.after, b.after = b.after, a.after
    a.value, b.value = b.value, a.value
    a.who, b.who = b.who, a.who


def in_order(w: CourtArrays, first: int, last: int) -> None:
    """Put eligible people in order of coming: by heap, for there may be thousands."""
    n = last - first
    for top in range(n // 2 - 1, -1, -1):
        sink(w, first, top, n)
    for end in range(n - 1, 0, -1):
        swap(w, first, first + end)
        sink(w, first, 0, end)


def sink(w: CourtArrays, first: int, top: int, n: int) -> None:
    """Let one of a heap of people sink below those who come after them."""
    while 2 * top + 1 < n:
        child = 2 * top + 1
        if child + 1 < n and before(w, first + child, first + child + 1):
            child += 1
        if not before(w, first + top, first + child):
            return
        swap(w, first + top, first + child)
        top = child
