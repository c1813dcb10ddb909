"""Expected shares of groups of lots in a total that a few large lots dominate.

Market values are lognormal, with a heavy tail: in a province of some thousands of lots the mean value of a kind lies
below its expectation more often than not, and the more so the heavier its tail. A ratio of totals (turnover over
reference prices) therefore is, in the mean over provinces, not the ratio of expectations: kinds with heavy tails weigh
less. With Poisson numbers of lots n_j, values v_j and

    L(t) = sum over j of n_j E[1 - exp(-t v_j)],    E[W_k / W] = integral of n_k E[v_k exp(-t v_k)] exp(-L(t)) dt

for W_k the total of group k and W of all (1 / W = integral of exp(-t W) dt; groups are independent): exact but for the
trapezoid rule, in ln t and in ln v.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

STEP: Final = 0.4  # of ln t; the integrand is smooth on a scale of 1
REACH: Final = 7.0  # standard deviations of ln v
POINTS: Final = 64  # of ln v
FAR: Final = 6.0  # how far beyond the largest and the typical total ln t reaches


def shares_of_total(number: Floats, median: Floats, log_sd: Floats) -> Floats:
    """(n, groups) expected shares of the total; all arguments (n, groups): expected lots, and the distribution of their values."""
    z = np.linspace(-REACH, REACH, POINTS)
    weight = np.exp(-0.5 * z * z)
    weight /= weight.sum()
    found = np.empty(number.shape)
    for i, (n, mu, sd) in enumerate(zip(number, np.log(median), log_sd, strict=True)):
        used = n > 0.0
        low = -np.max((mu + REACH * sd)[used] + np.log1p(n[used])) - 1.0
        high = -np.log((n[used] * np.exp(mu[used])).sum()) + FAR
        u = np.arange(low, high + STEP, STEP)
        tv = np.exp(u[:, None, None] + (mu[:, None] + sd[:, None] * z))  # (t, group, value)
        gone = np.exp(-tv)
        survives = np.exp(-((1.0 - gone) @ weight) @ n)
        each = n * (survives @ ((tv * gone) @ weight)) * STEP
        found[i] = each / each.sum()
    return found
