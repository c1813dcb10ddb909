"""Several rounds with falling reserves, fresh and returning bidders.

Round j brings Poisson(lam_j) fresh bidders; who goes away empty-handed comes back for the next round with
probability pi; nobody waits on purpose. Given that rounds 1..k-1 failed, whoever came in round j < k values the
lot below r_{k-1} (or they would have bought it), so those active in round k are independent Poisson sets:

    M_k(x) = lam_k P(v > x) + sum_{j<k} lam_j pi^{k-j} P(x < v <= r_{k-1}),   Lam_k = M_k(r_k)

    P(sold by k) = 1 - exp(-(Lam_1 + ... + Lam_k))
    E[price; sold in k] = S_{k-1} { r_k (1 - e^{-Lam_k}) + integral from r_k of 1 - e^{-M_k}(1 + M_k) }

with S_{k-1} = exp(-(Lam_1 + ... + Lam_{k-1})). With a lot's own popularity G (negative binomial counts) every
exponential is averaged over the same G. Source: disjoint subsets of a Poisson process are independent (Kingman,
*Poisson Processes*, 1993).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.theory.counts import at_least_two, none, weighted_none
from sim.theory.values import T01, W01, Floats, ValueLaw


@dataclass(frozen=True, slots=True)
class Rounds:
    """By round (first axis), averages over all lots; further axes are those of the arguments.

    ``starts``: reserves; ``sold``: P(sold in round k); ``revenue``: E[price; sold in round k], units of market value;
    ``alone``: P(sold in round k to the only active bidder); ``mean_active``: mean number of active bidders Lam_k given
    that the rounds before failed, at popularity 1.
    """

    starts: Floats
    sold: Floats
    revenue: Floats
    alone: Floats
    mean_active: Floats

    @property
    def sold_by(self) -> Floats:
        """P(sold by round k)."""
        return np.cumsum(self.sold, axis=0)

    @property
    def hazard(self) -> Floats:
        """P(sold in round k | not before)."""
        before = np.concatenate([np.zeros_like(self.sold[:1]), self.sold_by[:-1]])
        return self.sold / (1.0 - before)

    @property
    def held(self) -> Floats:
        """Mean number of rounds held a lot."""
        return np.asarray(len(self.sold) - self.sold_by[:-1].sum(axis=0))

    @property
    def premium(self) -> Floats:
        """E[price / start of its round | sale] - 1."""
        return np.asarray((self.revenue / self.starts).sum(axis=0) / self.sold.sum(axis=0) - 1.0)

    def days(self, ends: Sequence[float]) -> Floats:
        """Mean days from listing to sale, given a sale, when round k ends on day ``ends[k]``."""
        return np.asarray(np.tensordot(np.asarray(ends), self.sold, axes=(0, 0)) / self.sold.sum(axis=0))

    def discounted(self, ends: Sequence[float], yearly: float) -> Floats:
        """E[e^{-yearly t / 365} price], 0 if never sold."""
        return np.tensordot(np.exp(-yearly * np.asarray(ends) / 365.0), self.revenue, axes=(0, 0))


def active(fresh: Floats, back: Floats, above: Floats, above_before: Floats) -> Floats:
    """M_k(x): mean number of those in a round who value the lot above x: ``fresh`` ones, and of those who are ``back`` the
    ones who could not pay the reserve before; P(value > x), P(value > that reserve).
    """
    return fresh * above + back * (above - above_before)


def returning(fresh: Floats, back: Floats, persistence: Floats | float) -> Floats:
    """Mean number of those who are back in the next round, whatever the lot is worth to them."""
    return (fresh + back) * persistence


def rounds(
    lam: Sequence[npt.ArrayLike],
    law: ValueLaw,
    reserves: Sequence[npt.ArrayLike],
    persistence: float = 0.0,
    k: npt.ArrayLike = np.inf,
) -> Rounds:
    """Rounds with ``lam[j]`` fresh interested and reserve ``reserves[j]`` (units of market value, never rising).

    Entries may be arrays; they broadcast with the parameters of ``law`` and with ``k``. Raises ``ValueError`` for
    lists of different length or rising reserves.
    """
    if len(lam) != len(reserves) or not lam:
        raise ValueError(
            f"{len(lam)} means and {len(reserves)} reserves: there must be one of each for a round"
        )
    size = np.asarray(k, dtype=np.float64)
    sold, revenue, alone, mean_active = [], [], [], []
    for one in _held(lam, law, reserves, persistence):
        here = none(one.before, size) - none(one.before + one.active, size)
        sold.append(here)
        reserves_of = one.reserve, one.previous
        revenue.append(one.reserve * here + _beyond(law, reserves_of, one.fresh, one.back, one.before, size))
        alone.append(one.active * weighted_none(one.before + one.active, size))
        mean_active.append(one.active)
    start = [np.asarray(a, dtype=np.float64) for a in reserves]
    return Rounds(
        *(np.array(np.broadcast_arrays(*part)) for part in (start, sold, revenue, alone, mean_active))
    )


def sold_by_round(
    lam: Sequence[npt.ArrayLike],
    law: ValueLaw,
    reserves: Sequence[npt.ArrayLike],
    persistence: Floats | float = 0.0,
    k: npt.ArrayLike = np.inf,
) -> Floats:
    """``rounds(...).sold`` alone, without the prices that take nearly all its time; ``persistence`` may be an array here."""
    size = np.asarray(k, dtype=np.float64)
    found = [
        none(one.before, size) - none(one.before + one.active, size)
        for one in _held(lam, law, reserves, persistence)
    ]
    return np.array(np.broadcast_arrays(*found))


class _Held(NamedTuple):
    """A round given that those before it have failed: mean numbers of fresh people, of those who are back, of active ones
    before and in it; its reserve, and the one before it.
    """

    fresh: Floats
    back: Floats
    before: Floats
    active: Floats
    reserve: Floats
    previous: Floats


def _held(
    lam: Sequence[npt.ArrayLike],
    law: ValueLaw,
    reserves: Sequence[npt.ArrayLike],
    persistence: Floats | float,
) -> Iterator[_Held]:
    """Round after round. Raises ``ValueError`` for rising reserves."""
    fresh = [np.asarray(a, dtype=np.float64) for a in lam]
    start = [np.asarray(a, dtype=np.float64) for a in reserves]
    if any((b > a * (1.0 + 1e-12)).any() for a, b in pairwise(start)):
        raise ValueError("a reserve rises from one round to the next")
    before, back = np.zeros(()), np.zeros(())
    for i, r in enumerate(start):
        previous = start[i - 1] if i and np.any(persistence) else r
        m = active(fresh[i], back, law.sf(r), law.sf(previous))
        yield _Held(fresh[i], back, before, m, r, previous)
        before = before + m
        back = returning(fresh[i], back, persistence)


def _beyond(
    law: ValueLaw, reserves: tuple[Floats, Floats], fresh: Floats, back: Floats, before: Floats, size: Floats
) -> Floats:
    """Integral from this reserve of P(no sale before, two or more active above x); ``reserves``: this and the previous one.

    Returners count between r and ``previous`` only: the two stretches are taken apart, for there is a kink.
    """
    r, previous = reserves
    past, size = before[..., None], size[..., None]
    _, w, sf = law.beyond(previous)
    far = (w * at_least_two(fresh[..., None] * sf, size, past)).sum(axis=-1)
    if (previous == r).all():
        return np.asarray(far)
    low, high = r[..., None], previous[..., None]
    x, w = low + (high - low) * T01, (high - low) * W01
    one = ValueLaw(law.kind, np.asarray(law.location)[..., None], np.asarray(law.spread)[..., None])
    near = active(fresh[..., None], back[..., None], one.sf(x), one.sf(high))
    return np.asarray(far + (w * at_least_two(near, size, past)).sum(axis=-1))
