"""A sell-off (变卖): the first bidder who can pay starts a clock, on which others may join.

Bidders come at a constant rate nu a day while the window of W days is open; the first with a value of at least r
starts a clock of c days. With h = nu P(v > r), m(x) = nu c P(v > x) the mean number of later bidders above x, and
q(x) = P(v > x)/P(v > r):

    P(sale) = 1 - e^{-hW}
    E[day of the first bid | sale] = 1/h - W e^{-hW}/(1 - e^{-hW})
    E[price | sale] = r + integral from r of 1 - e^{-m}(1 + m - q m)

(the first bidder is above x with probability q, the others are Poisson, and the price exceeds x if two are).
Source: own derivation; rules: 2017 notice on sell-offs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.theory.values import Floats, ValueLaw


@dataclass(frozen=True, slots=True)
class SellOff:
    """``sale``: P(sale); ``trigger``: mean day of the first bid, given a sale; ``price``: E[price | sale], units of
    market value; ``active``: mean number of bidders who can pay, the first included, given a sale.
    """

    sale: Floats
    trigger: Floats
    price: Floats
    active: Floats


def sell_off(
    nu: npt.ArrayLike,
    window: npt.ArrayLike,
    law: ValueLaw,
    reserve: npt.ArrayLike,
    clock: npt.ArrayLike = 1.0,
) -> SellOff:
    """A sell-off; ``nu`` bidders a day, ``window`` and ``clock`` in days; everything broadcasts."""
    rate, w_days, r, c = (np.asarray(a, dtype=np.float64) for a in (nu, window, reserve, clock))
    able = law.sf(r)
    h = rate * able
    sale = -np.expm1(-h * w_days)
    _, w, sf = law.beyond(r)
    m = (rate * c)[..., None] * sf
    q = sf / able[..., None]
    two = 1.0 - np.exp(-m) * (1.0 + m - q * m)
    price = r + (w * two).sum(axis=-1)
    return SellOff(sale, 1.0 / h - w_days * np.exp(-h * w_days) / sale, price, 1.0 + h * c)
