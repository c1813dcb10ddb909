"""One English auction with independent private values and a random number of bidders.

The number of bidders who can pay the reserve r is Poisson (or negative binomial) with mean m(r) = lam P(value > r);
the highest value wins and pays the larger of r and the second highest. Increments are taken as vanishing.
Sources: Myerson (1998, IJGT 27) and McAfee & McMillan (1987, JET 43) on a Poisson number of bidders; Vickrey
(1961) and Krishna, *Auction Theory*, ch. 2, on the price.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.theory.counts import at_least_two, mean_heard, none, weighted_none
from sim.theory.values import Floats, ValueLaw


@dataclass(frozen=True, slots=True)
class English:
    """What one auction gives, on average over all auctions, sold or not. Prices in units of the market value.

    ``start``: reserve; ``sale``: P(sale); ``alone``: P(exactly one active bidder); ``active``: mean number of
    bidders who can pay the start; ``bidding``: mean number who do bid when the active come in random order and
    bid only if they beat the standing price; ``revenue``: E[price; sale] (0 if unsold); ``square``:
    E[price^2; sale], nan unless asked for.
    """

    start: Floats
    sale: Floats
    alone: Floats
    active: Floats
    bidding: Floats
    revenue: Floats
    square: Floats

    @property
    def price(self) -> Floats:
        """E[price | sale]."""
        return self.revenue / self.sale

    @property
    def premium(self) -> Floats:
        """E[price / start | sale] - 1; turnover and mean-of-ratios premium agree when all lots open alike."""
        return self.price / self.start - 1.0

    @property
    def alone_per_sale(self) -> Floats:
        """P(exactly one active bidder | sale): the share sold at the start."""
        return self.alone / self.sale

    @property
    def active_per_sale(self) -> Floats:
        """E[active bidders | sale]."""
        return self.active / self.sale


def english(
    lam: npt.ArrayLike,
    law: ValueLaw,
    reserve: npt.ArrayLike,
    k: npt.ArrayLike = np.inf,
    square: bool = False,
) -> English:
    """One auction: mean number of interested ``lam``, reserve in units of market value, dispersion ``k``.

    All arguments and the parameters of ``law`` broadcast; ``k`` = inf is Poisson.

    * P(sale) = 1 - e^{-m(r)}, P(one active) = m e^{-m}; negative binomial: (1 + m/k)^{-k} for e^{-m}.
    * E[price; sale] = r P(sale) + integral from r of P(at least two values above x) dx.
    * Bidders who bid: the i-th to come is among the best two with probability min(1, 2/i), so given K active
      2 H_K - 1 bid; see ``mean_heard``.
    """
    r = np.asarray(reserve, dtype=np.float64)
    lam_, k_ = np.asarray(lam, dtype=np.float64), np.asarray(k, dtype=np.float64)
    x, w, sf = law.beyond(r)
    two = at_least_two(lam_[..., None] * sf, k_[..., None])
    m = lam_ * law.sf(r)
    sale = 1.0 - none(m, k_)
    shape = np.broadcast_shapes(sale.shape, two.shape[:-1])
    return English(
        start=np.broadcast_to(r, shape),
        sale=np.broadcast_to(sale, shape),
        alone=np.broadcast_to(m * weighted_none(m, k_), shape),
        active=np.broadcast_to(m, shape),
        bidding=np.broadcast_to(mean_heard(m, k_), shape),
        revenue=r * sale + (w * two).sum(axis=-1),
        square=r * r * sale + (w * 2.0 * x * two).sum(axis=-1) if square else np.full(shape, np.nan),
    )
