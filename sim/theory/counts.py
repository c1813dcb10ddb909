"""How many come: Poisson, or negative binomial when interest differs between lots.

Given a lot's popularity G the number of bidders with some property is Poisson(G m); G is Gamma(k, 1/k) over
lots, or 1 for all when ``k`` is infinite. Then E[exp(-G a)] and its like are what every formula needs.
Source: thinning of a Poisson number of bidders (Myerson 1998), Gamma mixture (negative binomial).
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy.special import exp1

from sim.theory.values import T01, W01

Floats = npt.NDArray[np.float64]
Number = TypeVar("Number", float, Floats)


def none_of(a: Number, k: Number) -> Number:
    """E[exp(-G a)] for a finite k: numbers or arrays, in one expression, so that a loop that is compiled can have it too."""
    return np.exp(-k * np.log1p(a / k))  # type: ignore[no-any-return]


def two_of(m: Number, k: Number) -> Number:
    """P(two or more come) for a finite k, in the same way; good to 1e-16 or so, absolute."""
    none = np.exp(-k * np.log1p(m / k))
    return 1.0 - none - m * none / (1.0 + m / k)  # type: ignore[no-any-return]


def none(a: npt.ArrayLike, k: npt.ArrayLike = np.inf) -> Floats:
    """E[exp(-G a)]: the probability that nobody comes when a is the mean number."""
    a, k = np.asarray(a, dtype=np.float64), np.asarray(k, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        mixed = none_of(a, k)
    return np.asarray(np.where(np.isinf(k), np.exp(-a), mixed))


def first_after(m: npt.ArrayLike, k: npt.ArrayLike = np.inf, past: npt.ArrayLike = 0.0) -> Floats:
    """P(one or more of mean number m come, and none of mean number ``past`` came before), however small it is."""
    m, k, past = (np.asarray(x, dtype=np.float64) for x in (m, k, past))
    with np.errstate(invalid="ignore"):
        mixed = k * np.log1p(m / (k + past))
    return np.asarray(none(past, k) * -np.expm1(-np.where(np.isinf(k), m, mixed)))


def weighted_none(a: npt.ArrayLike, k: npt.ArrayLike = np.inf, known: Floats | None = None) -> Floats:
    """E[G exp(-G a)]: minus the derivative of ``none``; m times it is P(exactly one) at a = m. ``known``: ``none`` at a."""
    a, k = np.asarray(a, dtype=np.float64), np.asarray(k, dtype=np.float64)
    return np.asarray((none(a, k) if known is None else known) / (1.0 + a / k))


def twice_weighted_none(a: npt.ArrayLike, k: npt.ArrayLike = np.inf) -> Floats:
    """E[G^2 exp(-G a)]: the second derivative of ``none``; densities of the second highest value are multiples of it."""
    a, k = np.asarray(a, dtype=np.float64), np.asarray(k, dtype=np.float64)
    return np.asarray(none(a, k) * (1.0 + 1.0 / k) / (1.0 + a / k) ** 2)


def at_least_two(m: npt.ArrayLike, k: npt.ArrayLike = np.inf, past: npt.ArrayLike = 0.0) -> Floats:
    """P(two or more come and, if ``past`` is given, that none of that mean number came before).

    E[e^{-G a} (1 - e^{-G m}(1 + G m))] with a = ``past``: with probability E[e^{-G a}] none came, and then G is
    Gamma(k, 1/(k + a)). Small m by series: the terms cancel, and prices multiply what is left of them.
    """
    m, k, past = (np.asarray(x, dtype=np.float64) for x in (m, k, past))
    m = m / (1.0 + past / k)
    inverse = 1.0 / k
    third = 1.0 + 2.0 * inverse
    fourth = third * (1.0 + 3.0 * inverse)
    fifth = fourth * (1.0 + 4.0 * inverse)
    series = (1.0 + inverse) * m * m * (0.5 - m * (third / 3.0 - m * (fourth / 8.0 - m * fifth / 30.0)))
    with np.errstate(invalid="ignore"):
        direct = np.where(np.isinf(k), 1.0 - np.exp(-m) * (1.0 + m), two_of(m, k))
    return np.asarray(none(past, k) * np.where(m < 0.004 * np.minimum(k, 1.0), series, direct))


def mean_harmonic(m: npt.ArrayLike, k: npt.ArrayLike = np.inf) -> Floats:
    """E[1 + 1/2 + ... + 1/K] for the number K of those who come, m its mean.

    Poisson: Ein(m) = E1(m) + ln m + gamma. Otherwise the integral of (1 - E[s^K])/(1 - s) over (0, 1), which
    with t = ln(1 + m u / k), u = 1 - s, is that of (1 - e^{-kt})/(1 - e^{-t}) over (0, ln(1 + m/k)).
    """
    m, k = np.broadcast_arrays(np.asarray(m, dtype=np.float64), np.asarray(k, dtype=np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        ein = np.where(m > 1e-6, exp1(m) + np.log(m) + np.euler_gamma, m - m * m / 4.0)
        upper = np.log1p(m / k)[..., None]
        t = upper * T01
        mixed = (upper * W01 * np.expm1(-k[..., None] * t) / np.expm1(-t)).sum(axis=-1)
    return np.asarray(np.where(np.isinf(k), ein, np.where(m > 0.0, mixed, 0.0)))


def heard(m: npt.ArrayLike) -> Floats:
    """P(a newcomer is heard | Poisson(m) who can pay came before them): they are if they are among the best two.

    E[min(1, 2 / (1 + K))] = 2 (1 - e^{-m}) / m - e^{-m}; its integral from 0 to m, ``mean_heard``, is the mean number
    of those who are heard.
    """
    m = np.asarray(m, dtype=np.float64)
    safe = np.maximum(m, 1e-9)
    return np.asarray(np.where(m > 1e-9, -2.0 * np.expm1(-safe) / safe - np.exp(-safe), 1.0))


def mean_heard(m: npt.ArrayLike, k: npt.ArrayLike = np.inf) -> Floats:
    """E[2 H_K - 1; K >= 1]: those who can pay come in random order, and bid if they beat the standing price."""
    return np.asarray(2.0 * mean_harmonic(m, k) - (1.0 - none(m, k)))
