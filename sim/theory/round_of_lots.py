"""Who is in each of several rounds when some people wait for the second one: what is sold, at what price, and price densities.

As ``rounds`` (fresh people, and those who come back because they could not pay), and as ``waiting`` (a share of the first round's
people bid there only above a cutoff), for any number of rounds: nobody waits from the second round on. Sets of people are
independent Poisson given a lot's popularity G, and each is a stretch of the survival function s = P(value > x):

    M(x) = sum over sets of mean x length of [low, high] below s

    P(price above x, sold in this round) = E[e^{-G a} (1 - e^{-G M} (1 + G M))],   a = mean number of those of earlier rounds
    density of the price at x            = E[G^2 e^{-G (a + M)}] M dM/ds f(x)

An open first round, which waiters join once somebody has opened it, is a difference of two such terms. With nobody waiting
results are those of ``rounds``, with two rounds and one popularity those of ``waiting``; tests hold them against both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.theory.counts import at_least_two, first_after, none, twice_weighted_none, weighted_none
from sim.theory.rounds import returning
from sim.theory.values import FAR, Floats, ValueLaw, on_unit
from sim.theory.waiting import Form

T20, W20 = on_unit(20)


class Group(NamedTuple):
    """People whose s lies between ``low`` and ``high``; ``mean``: how many there would be from 0 to 1."""

    mean: Floats
    low: Floats | float
    high: Floats | float


class Term(NamedTuple):
    """``sign`` times the event that no one of mean number ``past`` came, and those in ``groups`` bid against each other."""

    sign: float
    past: Floats
    groups: tuple[Group, ...]

    def active(self, s: Floats) -> Floats:
        """M: mean number of those who value the lot above the point where the survival function is ``s``."""
        found = np.zeros(np.shape(s))
        for one in self.groups:
            found = found + one.mean * np.clip(s - one.low, 0.0, np.subtract(one.high, one.low))
        return np.asarray(found)

    def slope(self, s: Floats) -> Floats:
        """dM/ds."""
        found = np.zeros(np.shape(s))
        for one in self.groups:
            found = found + one.mean * ((s > one.low) & (s <= one.high))
        return np.asarray(found)


@dataclass(frozen=True, slots=True)
class LotRound:
    """One round of a lot. Arrays have the axes of the means; ``size``: dispersion of popularity (inf: G is 1).

    ``start``: in the unit of values; ``past``: mean number of those who would have bought it before; ``opening``: of those who
    would now, given that nobody has; ``lone``: P(sold to the only one who takes part).
    """

    start: npt.ArrayLike
    past: Floats
    opening: Floats
    lone: Floats
    terms: tuple[Term, ...]
    size: Floats | float

    @property
    def sold(self) -> Floats:
        """P(sold in this round)."""
        return first_after(self.opening, self.size, self.past)

    @property
    def unsold(self) -> Floats:
        """P(no sale up to and in this round)."""
        return none(self.past + self.opening, self.size)

    def above(self, s: Floats) -> Floats:
        """P(sold in this round, two or more of those who take part value the lot above the point where S is ``s``)."""
        found = [t.sign * at_least_two(t.active(s), self.size, t.past) for t in self.terms]
        return np.asarray(sum(found))

    def density(self, s: Floats) -> Floats:
        """Of the second highest value, on the scale of ``s``, and sold in this round."""
        found: Floats | float = 0.0
        for t in self.terms:
            m = t.active(s)
            found = found + t.sign * m * t.slope(s) * twice_weighted_none(t.past + m, self.size)
        return np.asarray(found)

    def revenue(self, law: ValueLaw, kink: npt.ArrayLike, power: int = 1) -> Floats:
        """E[price^power; sold in this round]; ``kink``: the start of the round before, where those who come back are no longer."""
        low, high = (np.log(np.maximum(x, 1e-300)) for x in (self.start, np.maximum(kink, self.start)))
        location, spread = (np.asarray(x)[..., None] for x in (law.location, law.spread))
        first, then = (
            np.clip((np.asarray(x)[..., None] - location) / spread, -FAR, FAR) for x in (low, high)
        )
        flat = np.maximum(
            np.exp(power * (location - FAR * spread)) - np.asarray(self.start)[..., None] ** power, 0.0
        )
        wide, law = self.widened(), ValueLaw(spread=1.0)
        over = flat * wide.above(np.ones(np.shape(wide.past)))
        for a, b in ((first, then), (then, np.full_like(then, FAR))):
            z = a + (b - a) * T20
            w = W20 * (b - a) * spread * power * np.exp(power * (location + spread * z))
            over = over + (w * wide.above(law.sf(np.exp(z)))).sum(axis=-1, keepdims=True)
        return np.asarray(np.asarray(self.start) ** power * self.sold + over[..., 0])

    def widened(self) -> LotRound:
        """The same with one more axis at the end of all arrays."""

        def wide(x: npt.ArrayLike) -> Floats:
            return np.asarray(x, dtype=np.float64)[..., None]

        terms = tuple(
            Term(
                t.sign, wide(t.past), tuple(Group(wide(g.mean), wide(g.low), wide(g.high)) for g in t.groups)
            )
            for t in self.terms
        )
        return LotRound(
            wide(self.start), wide(self.past), wide(self.opening), wide(self.lone), terms, wide(self.size)
        )


def lot_rounds(
    lam: Sequence[Floats], sf: Sequence[Floats], starts: Sequence[npt.ArrayLike], persistence: float, size: Floats | float,
    wait: tuple[float, Floats, Form] | None = None,
) -> list[LotRound]:  # fmt: skip
    """The rounds of a lot. ``lam``: mean numbers of fresh people by round, ``sf``: P(value > start) by round; ``wait``: the share
    who look ahead, P(value > cutoff) and the form of the first round, for which ``size`` must be infinite.
    """
    share, sc, form = wait if wait is not None else (0.0, np.zeros(()), "sealed")
    waiters, others = share * lam[0], (1.0 - share) * lam[0]
    past = np.zeros(np.shape(lam[0] * sf[0]))
    found = [_first(lam[0], (waiters, others), (sf[0], np.minimum(sc, sf[0])), form, starts[0], size)]
    back = returning(others, np.zeros(()), persistence)
    for i in range(1, len(starts)):
        past = past + found[-1].opening
        groups = [Group(lam[i], 0.0, np.inf), Group(back, sf[i - 1], np.inf)]
        if i == 1 and share:
            groups.append(Group(waiters, np.minimum(sc, sf[0]), np.inf))
        term = Term(1.0, past, tuple(groups))
        m = term.active(sf[i] + np.zeros(np.shape(past)))
        found.append(LotRound(starts[i], past, m, m * weighted_none(past + m, size), (term,), size))
        back = returning(lam[i], back + (waiters if i == 1 else 0.0), persistence)
    return found


def _first(
    lam: Floats, people: tuple[Floats, Floats], sf: tuple[Floats, Floats], form: Form, start: npt.ArrayLike, size: Floats | float
) -> LotRound:  # fmt: skip
    """The first round; ``people``: mean numbers of waiters and others, ``sf``: P(value > start), P(value > cutoff)."""
    (waiters, others), (s1, sc) = people, sf
    past = np.zeros(np.shape(lam * s1))
    m = others * s1 + waiters * sc
    if form == "sealed" or not np.any(waiters):
        groups = Group(others, 0.0, np.inf), Group(waiters, 0.0, sc)
        return LotRound(start, past, m, m * weighted_none(m, size), (Term(1.0, past, groups),), size)
    lone = (lam * s1 - waiters * (s1 - sc)) * weighted_none(lam * s1, size)
    joined = Term(1.0, past, (Group(lam, 0.0, np.inf),))
    unopened = Term(-1.0, m, (Group(waiters, sc, np.inf),))
    return LotRound(start, past, m, lone, (joined, unopened), size)
