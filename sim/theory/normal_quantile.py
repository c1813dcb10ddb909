"""Quantile of the standard normal law (Wichura 1988, Algorithm AS 241, Applied Statistics 37): good to 1e-15, in plain arithmetic.

People's draws are made with it in both engines, in the compiled loop too. Python's ``statistics`` has the same, where nobody else can call it.
"""

from __future__ import annotations

from math import log, sqrt
from typing import TypeVar

import numpy as np

from sim.theory.values import Floats

Number = TypeVar("Number", float, Floats)
CENTRE = 0.425  # of a probability, from one half
# Coefficients of numerator and denominator, highest power first: within CENTRE, in tails down to e^-25, beyond.
MIDDLE_A = (
    2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4, 4.5921953931549871457e+4,
    1.3731693765509461125e+4, 1.9715909503065514427e+3, 1.3314166789178437745e+2, 3.3871328727963666080e+0,
)  # fmt: skip
MIDDLE_B = (
    5.2264952788528545610e+3, 2.8729085735721942674e+4, 3.9307895800092710610e+4, 2.1213794301586595867e+4,
    5.3941960214247511077e+3, 6.8718700749205790830e+2, 4.2313330701600911252e+1, 1.0,
)  # fmt: skip
TAIL_A = (
    7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e+0,
    3.64784832476320460504e+0, 5.76949722146069140550e+0, 4.63033784615654529590e+0, 1.42343711074968357734e+0,
)  # fmt: skip
TAIL_B = (
    1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
    6.89767334985100004550e-1, 1.67638483018380384940e+0, 2.05319162663775882187e+0, 1.0,
)  # fmt: skip
FAR_A = (
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
    2.96560571828504891230e-1, 1.78482653991729133580e+0, 5.46378491116411436990e+0, 6.65790464350110377720e+0,
)  # fmt: skip
FAR_B = (
    2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
    1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0,
)  # fmt: skip


def normal_quantile(p: float) -> float:
    """The value below which a share ``p`` lies, 0 < p < 1.

    >>> normal_quantile(0.5), round(normal_quantile(0.975), 6)
    (0.0, 1.959964)
    """
    q = p - 0.5
    if abs(q) <= CENTRE:
        return middle(q)
    r = sqrt(-log(p if q <= 0.0 else 1.0 - p))
    if r <= 5.0:
        x = polynomial(TAIL_A, r - 1.6) / polynomial(TAIL_B, r - 1.6)
    else:
        x = polynomial(FAR_A, r - 5.0) / polynomial(FAR_B, r - 5.0)
    return -x if q < 0.0 else x


def normal_quantiles(p: Floats) -> Floats:
    """The same of many, to the last bit."""
    q = p - 0.5
    found = np.asarray(middle(q))
    for i in np.flatnonzero(np.abs(q) > CENTRE):
        found[i] = normal_quantile(float(p[i]))
    return found


def middle(q: Number) -> Number:
    """So far from the median in probability."""
    r = 0.180625 - q * q
    return polynomial(MIDDLE_A, r) * q / polynomial(MIDDLE_B, r)


def polynomial(coefficients: tuple[float, ...], x: Number) -> Number:
    """By Horner's rule."""
    found = 0.0 * x
    for one in coefficients:
        found = found * x + one
    return found
