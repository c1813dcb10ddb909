"""The commission an auction house could have charged the buyer (佣金): a cap by bands of the hammer price.

Supreme People's Court, rules on auction and sale in civil enforcement, 法释〔2004〕16号, Art 32 (Art 29 since the revision of 2020).
Court sales online charge none, so courts report what it would have been as "saved". Each rate applies only
to the part of the price inside its band. Some courts print a flat 5 % of turnover instead.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

BANDS: Final[tuple[tuple[float, float], ...]] = (  # (upper end of the band, yuan; rate inside it, share)
    (2e6, 0.05),
    (1e7, 0.03),
    (5e7, 0.02),
    (1e8, 0.01),
    (np.inf, 0.005),
)
FLAT: Final = 0.05  # share of turnover, as e.g. Zhongshan (to 2015-01) and Henan (2014) reckoned


def commission(price: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Commission in yuan on each hammer price in yuan, by the schedule of 2004; nan stays nan.

    The result has the shape of ``price``. Raises ``ValueError`` for a negative price.
    """
    prices = np.asarray(price, dtype=np.float64)
    if (prices < 0.0).any():
        raise ValueError("a hammer price is never negative")
    total = np.zeros_like(prices)
    lower = 0.0
    for upper, rate in BANDS:
        total += rate * np.maximum(np.minimum(prices, upper) - lower, 0.0)
        lower = upper
    return total
