"""Auctions whose reserve hangs on a noisy appraisal.

Market value V, appraisal A = V e^eta with eta normal(bias, noise^2), independent of V; the reserve is ``ratio`` A.
Given eta the lot is one English auction with reserve ratio e^eta in units of V; over eta the results are averaged
by the trapezoid rule on the line, which is accurate to rounding for such integrands.
Source: auctions with heterogeneity the bidders see (Krasnokutskaya 2011, REStud 78); quadrature: own derivation,
checked against adaptive quadrature in the tests.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.theory.english import english
from sim.theory.values import Floats, ValueLaw

STEPS = 193  # 1e-7 or better for noise up to six times a lognormal law's spread; 97 will do up to twice
REACH = 8.0  # standard deviations


def standard_errors(steps: int, reach: float = REACH) -> tuple[Floats, Floats]:
    """Points and weights for averages over a standard normal law: the trapezoid rule up to ``reach`` deviations."""
    z = np.linspace(-reach, reach, steps)
    weight = np.exp(-z * z / 2.0)
    return z, weight / weight.sum()


def valuation_errors(bias: npt.ArrayLike, noise: npt.ArrayLike, steps: int = STEPS) -> tuple[Floats, Floats]:
    """Points eta and weights for averages over ln(appraisal / value) ~ normal(bias, noise^2).

    eta has the shape of the arguments and one more axis of ``steps`` at the end, weights have shape (steps,).
    """
    b, tau = np.broadcast_arrays(np.asarray(bias, dtype=np.float64), np.asarray(noise, dtype=np.float64))
    z, weight = standard_errors(steps)
    return b[..., None] + tau[..., None] * z, weight


@dataclass(frozen=True, slots=True)
class Appraised:
    """Averages over lots, sold or not, in units of market value: ``sale``, ``alone``, ``active`` and ``bidding`` as in
    ``English``; ``revenue``: E[price; sale]; ``starts``: E[start; sale]; ``ratios``: E[price / start; sale].
    """

    sale: Floats
    alone: Floats
    active: Floats
    bidding: Floats
    revenue: Floats
    starts: Floats
    ratios: Floats

    @property
    def premium_turnover(self) -> Floats:
        """Sum of prices / sum of starts - 1, for values independent of the valuation errors."""
        return self.revenue / self.starts - 1.0

    @property
    def premium_mean(self) -> Floats:
        """Mean of price / start - 1 over sold lots."""
        return self.ratios / self.sale - 1.0

    @property
    def price(self) -> Floats:
        """E[price / market value | sale]."""
        return self.revenue / self.sale

    @property
    def alone_per_sale(self) -> Floats:
        """Share of sold lots with exactly one active bidder: sold at the start."""
        return self.alone / self.sale

    @property
    def active_per_sale(self) -> Floats:
        """Mean number of active bidders in the auctions that sold."""
        return self.active / self.sale


def appraised(
    lam: npt.ArrayLike,
    law: ValueLaw,
    ratio: npt.ArrayLike,
    bias: npt.ArrayLike = 0.0,
    noise: npt.ArrayLike = 0.0,
    k: npt.ArrayLike = np.inf,
) -> Appraised:
    """Auctions with reserve ``ratio`` x appraisal; ``bias`` and ``noise`` in log points; all broadcast.

    For uniform values, whose survival function has a kink, the result is good to about 1e-5.
    """
    eta, weight = valuation_errors(bias, noise)
    lam_, rho, k_ = (np.asarray(a, dtype=np.float64)[..., None] for a in (lam, ratio, k))
    inner = ValueLaw(law.kind, np.asarray(law.location)[..., None], np.asarray(law.spread)[..., None])
    one = english(lam_, inner, rho * np.exp(eta), k_)

    def mean(x: Floats) -> Floats:
        return np.asarray((x * weight).sum(axis=-1))

    return Appraised(
        sale=mean(one.sale),
        alone=mean(one.alone),
        active=mean(one.active),
        bidding=mean(one.bidding),
        revenue=mean(one.revenue),
        starts=mean(one.start * one.sale),
        ratios=mean(one.revenue / one.start),
    )
