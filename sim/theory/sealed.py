"""Sealed first-price bids: what a bidder bids, and how often the highest bid lies above a price.

Bidders know the lot and how likely rivals are, not who came. In the symmetric equilibrium whoever values the lot at v bids the
mean of the highest rival value, or the start, given that all rivals lie below v:

    b(v) = v - integral from r to v of H(x) dx / H(v),    H(x) = E[G e^{-G (a + M(x))}]

H is the chance, for somebody who is there, that no rival values the lot above x (they weigh popularity by their own presence).
Source: Vickrey (1961), Krishna, *Auction Theory*, ch. 2; a random number of rivals: Harstad, Kagel & Levin (1990, Economics
Letters 33). The mean price is that of the ascending auction (revenue equivalence), which the tests check.
"""

from __future__ import annotations

import numpy as np

from sim.theory.counts import first_after, weighted_none
from sim.theory.round_of_lots import LotRound
from sim.theory.values import FAR, Floats, ValueLaw

LEAST = 1e-300  # where so many rivals come that nobody wins with less, H is rounding
POINTS = 200  # of the grid of values; revenue agrees with the ascending auction's to 1 in 10,000


def winning_bids(one: LotRound, law: ValueLaw) -> tuple[Floats, Floats]:
    """Grids (..., POINTS): bids, and P(sold in the round, the winning bid at or above it).

    For rounds of one term: a first round in which waiters join is an ascending auction.
    """
    wide = one.widened()
    (term,) = wide.terms
    location, spread = (np.asarray(x)[..., None] for x in (law.location, law.spread))
    low = np.clip((np.log(wide.start) - location) / spread, -FAR, FAR)
    z = low + (FAR - low) * np.linspace(0.0, 1.0, POINTS) + np.zeros(np.shape(wide.past))
    x = np.exp(location + spread * z)
    m = term.active(ValueLaw(spread=1.0).sf(np.exp(z)))
    past, size = wide.past, wide.size
    h = np.maximum(weighted_none(m / (1.0 + past / size), size), LEAST)  # up to a factor: none came before
    steps = (h[..., 1:] + h[..., :-1]) / 2.0 * np.diff(x, axis=-1)
    area = np.concatenate([np.zeros_like(h[..., :1]), np.cumsum(steps, axis=-1)], axis=-1)
    bids = x - (x[..., :1] - wide.start) * h[..., :1] / h - area / h
    higher = first_after(m, size, past)
    return np.asarray(bids), np.asarray(higher)


def above(price: float, bids: Floats, higher: Floats) -> Floats:
    """P(sold in the round, the winning bid at or above ``price``)."""
    rows = [
        np.interp(price, b, h)
        for b, h in zip(bids.reshape(-1, bids.shape[-1]), higher.reshape(-1, higher.shape[-1]), strict=True)
    ]
    return np.array(rows).reshape(bids.shape[:-1])


def mean_bid(bids: Floats, higher: Floats, power: int = 1) -> Floats:
    """E[winning bid^power; sold in the round]."""
    steps = (bids[..., 1:] ** power + bids[..., :-1] ** power) / 2.0 * -np.diff(higher, axis=-1)
    return np.asarray(steps.sum(axis=-1))
