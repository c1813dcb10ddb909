"""Quantiles of what was observed: of lots, and over replications."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def interpolated(ascending: Floats, n: npt.NDArray[np.intp], share: float) -> Floats:
    """The quantile of the first ``n`` of sorted values along axis 0, interpolated between neighbours.

    ``n`` has the shape of the other axes; where it is 0, what stands first (nan, if that is what fills the column).
    """
    last = np.maximum(n - 1, 0)
    position = share * last
    below = position.astype(np.intp)
    above = np.minimum(below + 1, last)
    low = np.take_along_axis(ascending, below[None], axis=0)[0]
    high = np.take_along_axis(ascending, above[None], axis=0)[0]
    return np.asarray(low + (position - below) * (high - low))
