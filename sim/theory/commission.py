"""Expected commission on lognormal prices, and the spread of prices that a reported share implies.

The schedule is the one of ``sim.law.commission``: rate c_j on the part of the price inside band j, so with the bands'
upper ends b_j C(p) = c_last p + sum_j (c_j - c_{j+1}) min(p, b_j). For P lognormal with mean m and log-sd s

    E[min(P, b)] = m Phi(d - s) + b Phi(-d),   d = (ln(b/m) + s^2/2)/s

Source of the schedule: 法释〔2004〕16号 Art 32; of the expectation: limited expected value of the lognormal law
(Klugman, Panjer & Willmot, *Loss Models*, appendix A).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import ndtr

from sim.law.commission import BANDS
from sim.theory.values import Floats


def limited_mean(limit: float, mean: npt.ArrayLike, log_sd: npt.ArrayLike) -> Floats:
    """E[min(P, limit)], yuan, for lognormal prices with this ``mean`` (yuan) and sd of the log."""
    m, s = np.asarray(mean, dtype=np.float64), np.asarray(log_sd, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        d = (np.log(limit / m) + s * s / 2.0) / s
    spread = m * ndtr(d - s) + limit * ndtr(-d)
    return np.asarray(np.where(s > 0.0, spread, np.minimum(m, limit)))


def lognormal_commission(mean: npt.ArrayLike, log_sd: npt.ArrayLike) -> Floats:
    """E[commission] a lot, yuan, for lognormal prices with this ``mean`` (yuan) and sd of the log; broadcasts."""
    last = BANDS[-1][1]
    total = last * np.asarray(mean, dtype=np.float64)
    for (limit, rate), (_, following) in pairwise(BANDS):
        total = total + (rate - following) * limited_mean(limit, mean, log_sd)
    return np.asarray(total)


def commission_share(mean: npt.ArrayLike, log_sd: npt.ArrayLike) -> Floats:
    """E[commission] / E[price]."""
    return lognormal_commission(mean, log_sd) / np.asarray(mean, dtype=np.float64)


MOST_SPREAD: Final = 6.0  # sd of log prices beyond which nothing is looked for


def spread_of_prices(mean: float, share: float) -> float:
    """The sd of log prices at which lognormal prices of this ``mean`` (yuan) pay ``share`` of turnover in commission.

    The share falls as prices spread. Raises ``ValueError`` if no spread in (0, 6) gives it.
    """
    low, high = 1e-6, MOST_SPREAD
    top, bottom = float(commission_share(mean, low)), float(commission_share(mean, high))
    if not bottom <= share <= top:
        raise ValueError(
            f"share {share:.4%} of a mean price of {mean:,.0f}: possible are {bottom:.4%} to {top:.4%}"
        )
    return float(brentq(lambda s: float(commission_share(mean, s)) - share, low, high, xtol=1e-12))


def spreads_of_prices(mean: npt.ArrayLike, share: npt.ArrayLike) -> Floats:
    """The same for arrays, to 1e-6; where no spread gives the share, the end of (0, 6) that comes nearest to it."""
    m, c = np.broadcast_arrays(np.asarray(mean, dtype=np.float64), np.asarray(share, dtype=np.float64))
    low, high = np.zeros(m.shape), np.full(m.shape, MOST_SPREAD)
    while np.max(high - low, initial=0.0) > 1e-6:
        middle = (low + high) / 2.0
        above = commission_share(m, middle) > c
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.asarray((low + high) / 2.0)
