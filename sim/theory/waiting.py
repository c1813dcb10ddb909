"""Strategic waiting: who bids in a first auction if they know that the lot comes again cheaper.

Two rounds. Interested people are Poisson(lam) and see as many rivals (Myerson 1998); a share phi looks ahead, the
others bid whenever they can pay the start r1. If nobody bids, the lot is offered again at r2 < r1; a gain made then
is worth D = (probability of being offered again) x (discount) of one made now. Forward-looking bidders bid in the
first round if they value the lot at c or more. At c bidding and waiting are worth the same:

sealed   nobody learns of the others' bids before the end: waiters have no part in a first round that sells.

    int_{r1}^{c} e^{-lm S(x)} dx = D e^{-lm S(r1)} W(c)

open     an ascending auction everybody watches: once somebody has opened, the lot is certain to be sold, and every
         waiter who can pay the start joins.

    int_{r1}^{c} e^{-ls [S(x) - S(c)]} dx = D W(c)

    W(c) = int_{r2}^{c} exp{-stay ls [S(x) - S(c)] - back lm [S(x) - S(r1)]^+ - lam2 S(x)} dx

S is the survival function of values, ls = phi lam, lm = (1 - phi) lam; lam2 are fresh rivals of the second round,
``back`` is the share of unserved others who come again, ``stay`` that of those who look ahead (1 unless people leave the
market meanwhile). For phi = 1, stay = 1: c - r1 = D int_{r2}^{c} e^{-lam [F(c) - F(x)]} dx
(sealed), both integrals with the same kernel (open). Sources: McAfee & Vincent (1997, Games Econ. Behav. 18) on the
indifference; the open type follows by letting waiters join. Money is in units of the lot's market value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from sim.theory.counts import at_least_two
from sim.theory.values import FAR, T01, W01, Floats, ValueLaw, on_unit

Form = Literal["sealed", "open"]
FURTHEST = 45.0  # means of an exponential law beyond which 5,000 people have thinned out
STEEP = 700.0  # exponents are cut off here: beyond it a bidder is certain to have a rival
EXACT = 1e-12  # of a cutoff, absolute
T48, W48 = on_unit(48)  # where many cutoffs are wanted, good to 1e-5


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a forward-looking bidder reckons with. All numbers are plain floats.

    ``lam``: mean number of rivals, ``share``: of them forward-looking (phi); ``fresh``: mean number of new rivals in
    the second round (lam2); ``back``: probability that a rival who does not look ahead comes again, ``stay``: that one
    who does comes again; ``start``, ``again``: starting prices of the two rounds; ``worth``: D, 0 to 1. Raises
    ``ValueError`` for a second start above the first or shares outside 0 to 1.
    """

    lam: float
    law: ValueLaw
    start: float
    again: float
    worth: float
    share: float = 1.0
    fresh: float = 0.0
    back: float = 1.0
    form: Form = "sealed"
    stay: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.again <= self.start:
            raise ValueError(f"second start {self.again:g}: allowed are 0 to the first one ({self.start:g})")
        for name in ("worth", "share", "back", "stay"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} {getattr(self, name):g}: allowed are 0 to 1")
        if self.form not in ("sealed", "open"):
            raise ValueError(f"form {self.form!r}: allowed are sealed, open")

    @property
    def waiting(self) -> float:
        """Mean number of forward-looking rivals, ls."""
        return self.share * self.lam

    @property
    def myopic(self) -> float:
        """Mean number of rivals who do not wait, lm."""
        return (1.0 - self.share) * self.lam


@dataclass(frozen=True, slots=True)
class Prospects:
    """``Prospect`` of many lots at once, their values lognormal: arrays that broadcast."""

    lam: Floats
    location: Floats
    spread: Floats
    start: Floats
    again: Floats
    worth: Floats
    share: Floats
    fresh: Floats
    back: Floats
    stay: Floats

    @property
    def waiting(self) -> Floats:
        return self.share * self.lam

    @property
    def myopic(self) -> Floats:
        return (1.0 - self.share) * self.lam


@lru_cache(maxsize=65_536)
def cutoff(prospect: Prospect) -> float:
    """The value from which a forward-looking bidder bids in the first round; inf if nobody ever does.

    The difference of the two sides rises through its only root, and is a straight line beyond the highest value.
    """
    from scipy.optimize import brentq

    p = prospect
    if p.again == p.start or p.worth == 0.0:
        return p.start
    difference = _Difference(p)
    top = max(difference.top, p.start)
    at_top = difference(top)
    if at_top >= 0.0:
        return float(brentq(difference, p.start, top, xtol=EXACT, rtol=4 * np.finfo(float).eps))
    slope = difference.slope
    return top - at_top / slope if slope > 0.0 else float("inf")


def bidding_at_once(p: Prospects, form: Form) -> Floats:
    """P(value > cutoff) for each of many lots: 0 where nobody who looks ahead ever bids in the first round. Good to 1e-5."""
    from scipy.optimize import elementwise
    from scipy.special import ndtr

    fields = np.broadcast_arrays(*(getattr(p, name) for name in Prospects.__dataclass_fields__))
    shape, flat = fields[0].shape, [np.ravel(one)[..., None] for one in fields]
    p = Prospects(*flat)
    low = np.clip((np.log(p.start) - p.location) / p.spread, -FAR, FAR)
    _, w, sf = _stretch(p, np.clip((np.log(p.again) - p.location) / p.spread, -FAR, FAR), low)
    under = np.maximum(np.minimum(np.exp(p.location - FAR * p.spread), p.start) - p.again, 0.0)
    below = (w * _below_start(p, sf, ndtr(-low))).sum(axis=-1, keepdims=True)
    below = below + under * _below_start(p, np.ones(1), ndtr(-low))

    def gain(z: Floats, low: Floats, below: Floats, *fields: Floats) -> Floats:
        mine = Prospects(*(one[..., None] for one in fields))
        s1, sc = ndtr(-low)[..., None], ndtr(-z)[..., None]
        _, w, sf = _stretch(mine, low[..., None], z[..., None])
        sf, w = np.concatenate([np.ones_like(w[..., :1]), sf], -1), np.concatenate([flat_of(mine), w], -1)
        win, lose = _above_start(mine, form == "open", sf, sc, s1)
        late = np.exp(-mine.stay * mine.waiting * (s1 - sc)) * below[..., None]
        return np.asarray(((w * (win - lose)).sum(axis=-1, keepdims=True) - mine.worth * late)[..., 0])

    def flat_of(mine: Prospects) -> Floats:  # from a start below all values to the least of them
        return np.asarray(np.maximum(np.exp(mine.location - FAR * mine.spread) - mine.start, 0.0))

    arguments = tuple(one[:, 0] for one in (low, below, *flat))
    top = np.full(len(low), FAR)
    never = (gain(top, *arguments) < 0.0) | (arguments[0] >= FAR)
    at_once = (arguments[2] * arguments[7] == 0.0) | (below[:, 0] <= 0.0)
    found = elementwise.find_root(
        gain, (arguments[0], top), args=arguments, tolerances={"xatol": 1e-6, "fatol": 0.0}
    )
    z = np.where(never, np.inf, np.where(at_once, arguments[0], found.x))
    return np.asarray(ndtr(-z)).reshape(shape)


def _stretch(p: Prospects, low: Floats, high: Floats) -> tuple[Floats, Floats, Floats]:
    """Points, weights and P(value > x) between two values, given in standard deviations of a lognormal law."""
    from scipy.special import ndtr

    z = low + (high - low) * T48
    x = np.exp(p.location + p.spread * z)
    return x, (high - low) * W48 * p.spread * x, ndtr(-z)


def above(prospect: Prospect, value: float) -> bool:
    """Whether ``value`` is at or above the cutoff: one evaluation at most instead of the search for a root.

    What is known of a prospect is kept: every answer narrows the stretch in which the cutoff lies, so that of lots
    that are all alike only the first few people cost anything.
    """
    if value < prospect.start:
        return False
    known = _known(prospect)
    if value >= known.bids:
        return True
    if value <= known.waits:
        return False
    if known(value) >= 0.0:
        known.bids = value
        return True
    known.waits = value
    return False


class _Difference:
    """Gain from bidding less gain from waiting at a cutoff c, up to a positive factor."""

    def __init__(self, p: Prospect) -> None:
        self.p = p
        self.law = p.law
        self.top = _top(p.law)
        self.s1 = float(p.law.sf(p.start))
        self.open = p.form == "open"
        # Below the first start the integrand of W depends on c by a factor only.
        x, w = between(p.law, p.again, p.start)
        sf = p.law.sf(x)
        self.below = float(w @ _below_start(p, sf, self.s1))
        # The highest value known to lie below the cutoff, and the lowest known not to.
        self.waits, self.bids = -float("inf"), float("inf")

    @property
    def slope(self) -> float:
        """Of the difference beyond the highest value."""
        return (1.0 if self.open else float(np.exp(min(self.p.myopic * self.s1, STEEP)))) - self.p.worth

    def __call__(self, c: float) -> float:
        p = self.p
        x, w = between(p.law, p.start, c)
        sf, sc = p.law.sf(x), float(p.law.sf(c))
        win, lose = _above_start(p, self.open, sf, sc, self.s1)
        below = float(np.exp(-p.stay * p.waiting * (self.s1 - sc))) * self.below
        return float(w @ (win - lose)) - p.worth * below


def _above_start(p: Prospect | Prospects, opens: bool, sf: Floats, sc: Any, s1: Any) -> tuple[Floats, Floats]:
    """What a gain at a price between the first start and the cutoff is worth: bidding, waiting."""
    lose = p.worth * np.exp(-p.stay * p.waiting * (sf - sc) - p.fresh * sf)
    win = np.exp(-p.waiting * (sf - sc) if opens else np.minimum(p.myopic * (s1 - sf), STEEP))
    return win, lose


def _below_start(p: Prospect | Prospects, sf: Floats, s1: Any) -> Floats:
    """What waiting is worth at a price below the first start, but for a factor in which the cutoff stands, and ``worth``."""
    return np.asarray(np.exp(-(p.stay * p.waiting + p.back * p.myopic) * (sf - s1) - p.fresh * sf))


_known = lru_cache(maxsize=16_384)(_Difference)


def between(law: ValueLaw, a: float, b: float) -> tuple[Floats, Floats]:
    """Points and weights of the integral from a to b of a smooth function of the survival function.

    Where the law holds nothing (below and above its body) the function is flat, and one point is enough.
    """
    location, spread = float(np.asarray(law.location)), float(np.asarray(law.spread))
    bottom, top = (float(np.exp(location - FAR * spread)) if law.kind == "lognormal" else 0.0), _top(law)
    low, high = min(max(a, bottom), top), max(min(b, top), bottom)
    if law.kind == "lognormal":
        first, last = ((float(np.log(end)) - location) / spread for end in (low, high))
        x = np.exp(location + spread * (first + (last - first) * T01))
        w = (last - first) * W01 * spread * x
    else:
        x, w = low + (high - low) * T01, (high - low) * W01
    ends = [max(min(bottom, b) - a, 0.0), max(b - max(top, a), 0.0)]
    return np.concatenate(([a, b], x)), np.concatenate((ends, w))


def _top(law: ValueLaw) -> float:
    """A value above which lies nothing that counts."""
    spread = float(np.asarray(law.spread))
    if law.kind == "lognormal":
        return float(np.exp(float(np.asarray(law.location)) + FAR * spread))
    return spread * (1.0 if law.kind == "uniform" else FURTHEST)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What becomes of a lot. ``cutoff``: c; ``sold``: P(sold in round 1, in round 2); ``revenue``: E[price; sold in
    that round], in units of market value; ``alone``: P(sold in that round to the only one who takes part)."""

    cutoff: float
    sold: tuple[float, float]
    revenue: tuple[float, float]
    alone: tuple[float, float]

    @property
    def sold_by(self) -> float:
        """P(sold by the second round)."""
        return sum(self.sold)


def waiting(p: Prospect, offered: float = 1.0) -> Waiting:
    """The outcome in equilibrium if a lot that fails is offered again with probability ``offered``.

    P(sold in 1) = 1 - exp(-lm S(r1) - ls S(c)). Those of the second round are independent Poisson sets: waiters in
    [r2, c), others who come back in [r2, r1), fresh ones above r2. The price is the start or the second highest value
    of those who take part; in an open first round these are all who can pay, once somebody has opened.
    """
    c = cutoff(p)
    s1, sc = float(p.law.sf(p.start)), float(p.law.sf(c)) if np.isfinite(c) else 0.0
    failed = float(np.exp(-p.myopic * s1 - p.waiting * sc))

    def first(s: Floats) -> Floats:
        """P(sold, and two or more of those who take part value the lot above the point where S is s)."""
        if p.form == "sealed":
            return at_least_two(p.myopic * s + p.waiting * np.minimum(s, sc))
        return at_least_two(p.lam * s) - failed * at_least_two(p.waiting * np.maximum(s - sc, 0.0))

    def left(s: Floats) -> Floats:
        """Mean number of those in the second round above that point."""
        waiters, others = np.maximum(s - sc, 0.0), np.maximum(s - s1, 0.0)
        return np.asarray(p.stay * p.waiting * waiters + p.back * p.myopic * others + p.fresh * s)

    lone = -np.log(failed) * failed
    if p.form == "open":
        lone = (p.lam * s1 - p.waiting * (s1 - sc)) * np.exp(-p.lam * s1)
    held = failed * offered
    many = float(left(p.law.sf(p.again)))
    above = _integral(p.law, first, p.start, c)
    again = _integral(p.law, lambda s: at_least_two(left(s)), p.again, p.start, c)
    sold = 1.0 - failed, held * float(-np.expm1(-many))
    return Waiting(
        cutoff=c,
        sold=sold,
        revenue=(p.start * sold[0] + above, p.again * sold[1] + held * again),
        alone=(float(lone), held * many * float(np.exp(-many))),
    )


def _integral(law: ValueLaw, f: Callable[[Floats], Floats], a: float, *kinks: float) -> float:
    """Integral from ``a`` to infinity of f(S(x)), with kinks at the points given in rising order."""
    total, top = 0.0, _top(law)
    for b in (*kinks, top):
        b = min(b, top)
        if b > a:
            x, w = between(law, a, b)
            total += float(w @ f(law.sf(x)))
            a = b
    return total
