"""When people come to a round: some evenly over its window, the others close to its end.

    P(come by the share t of the window) = early t + (1 - early) t^a

Late bidding is what studies of auctions with a fixed end find (Roth & Ockenfels 2002); that some come evenly over the day is what the bids of
two judicial auctions show. One uniform number decides both who somebody is and when they come, so it is one number a bidder.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def coming(u: float, early: float, late: float) -> float:
    """The share of the window after which somebody comes. ``u``: uniform; ``late``: 1 / a.

    >>> coming(0.25, 0.0, 0.5), coming(0.05, 0.1, 0.5), coming(0.325, 0.1, 0.5)
    (0.5, 0.5, 0.5)
    """
    if early == 0.0:
        return u**late  # type: ignore[no-any-return]
    return u / early if u < early else ((u - early) / (1.0 - early)) ** late


def comings(u: Floats, early: Floats | float, late: Floats | float) -> Floats:
    """The same of many, each with shares of its own or all with one."""
    if not np.any(early):
        return np.asarray(u**late)
    rest = np.maximum(u - early, 0.0) / np.maximum(1.0 - np.asarray(early), np.finfo(float).tiny)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.asarray(np.where(u < early, u / early, rest**late))
