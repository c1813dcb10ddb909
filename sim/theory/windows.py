"""What a reporting window sees of a stream of lots: carry-in and right-censoring.

Lots are listed as a Poisson process; the lag from listing to the end of a lot is l_k days with probability p_k,
independent of when it was listed. Lots with a given lag and listing time are then independent Poisson sets, so
the number resolved in a window is Poisson with the mean

    own cohort:   sum_k p_k N(0, T - l_k)            any vintage:   sum_k p_k N(-l_k, T - l_k)

where N(a, b) is the mean number listed between a and b (window: [0, T), nothing listed outside the given periods).
Source: marked Poisson process (Kingman, *Poisson Processes*, 1993, ch. 5).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sim.theory.values import Floats

Inflow = Sequence[
    tuple[float, float, float]
]  # (first day, day after the last, mean number listed between them)


def listed_between(inflow: Inflow, a: npt.ArrayLike, b: npt.ArrayLike) -> Floats:
    """Mean number listed in [a, b), each period spread evenly; 0 where b <= a."""
    lower, upper = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    total = np.zeros(np.broadcast_shapes(lower.shape, upper.shape))
    for first, last, number in inflow:
        inside = np.minimum(upper, last) - np.maximum(lower, first)
        total = total + number * np.maximum(inside, 0.0) / (last - first)
    return total


def resolved_own(
    inflow: Inflow, window: tuple[float, float], lags: npt.ArrayLike, shares: npt.ArrayLike
) -> float:
    """Mean number of lots listed in ``window``, [first, last), that also ended there. ``lags`` in days, ``shares`` of all lots."""
    first, last = window
    lag = np.asarray(lags, dtype=np.float64)
    return float((np.asarray(shares) * listed_between(inflow, first, last - lag)).sum())


def resolved_any(
    inflow: Inflow, window: tuple[float, float], lags: npt.ArrayLike, shares: npt.ArrayLike
) -> float:
    """Mean number of lots that ended in ``window``, whenever they were listed."""
    first, last = window
    lag = np.asarray(lags, dtype=np.float64)
    return float((np.asarray(shares) * listed_between(inflow, first - lag, last - lag)).sum())


def sold_among_resolved(
    inflow: Inflow,
    window: tuple[float, float],
    lags: npt.ArrayLike,
    sold: npt.ArrayLike,
    ended: npt.ArrayLike,
    own: bool = True,
) -> float:
    """Mean number sold / mean number ended in the window; ``sold`` and ``ended`` are shares of all lots by lag.

    Sales come early and failures late, so a short window overstates the sale rate of its own cohort.
    """
    count = resolved_own if own else resolved_any
    return count(inflow, window, lags, sold) / count(inflow, window, lags, ended)
