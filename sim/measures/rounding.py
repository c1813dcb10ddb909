"""What is only rounding error: too small, beside the size of the quantity that it belongs to, to be anything else.

A measure is a sum over lots, or a ratio of two. Where a policy leaves it alone, its two values may still differ in the
last digits, for the terms are others: premiums of 8,000 lots after all values are multiplied by 3, by 6e-14 of
themselves. A difference that means something is many times larger: one lot in a million, one yuan in a billion.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

RELATIVE = 1e-10


def negligible(x: npt.ArrayLike, size: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Whether ``x`` is nothing beside ``size``, the size of the quantities it is a difference or a spread of."""
    small: npt.NDArray[np.bool_] = np.abs(x) <= RELATIVE * np.abs(size)
    return small


def without_rounding(x: npt.ArrayLike, size: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """``x``, zero where it is negligible beside ``size``; nan stays."""
    return np.where(negligible(x, size), 0.0, x)


def extent(x: npt.ArrayLike) -> float:
    """Largest less smallest finite value; zero where they differ by rounding, or where there is none."""
    values = np.asarray(x, dtype=np.float64)
    known = values[np.isfinite(values)]
    if not known.size:
        return 0.0
    return float(without_rounding(known.max() - known.min(), np.abs(known).max()))


def levelled(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """``x``; where all its finite values differ by rounding only, one of them in place of all."""
    known = np.isfinite(x)
    return np.where(known, x[known][0], x) if known.any() and extent(x) == 0.0 else x
