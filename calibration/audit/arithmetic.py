"""Arithmetic on published numbers: whole numbers behind a rate, what two windows imply, bounds from a commission."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from calibration.targets.published_numbers import PublishedNumber, Rounding
from sim.law.commission import BANDS

MOST: Final = 10**18  # where denominators are cut off: those of a rate that may be 0 have no end
FEW: Final = 100_000  # denominators that are looked through one by one


def denominators(count: int, rate: PublishedNumber, rounding: Rounding | None = None) -> range:
    """All whole n for which ``count`` / n would be reported as ``rate``: a range, for n lies between two bounds, and of
    any length at no cost.
    """
    low, high = rate.bounds(rounding)
    if count <= 0 or high <= 0:
        return range(0)
    if low == high:
        n = count / low
        return range(int(n), int(n) + 1) if n.denominator == 1 and n >= count else range(0)
    first = math.floor(count / high) + 1  # count / n < high
    last = min(math.floor(count / low), MOST) if low > 0 else MOST
    return range(max(first, count), max(last, first) + 1) if last >= max(first, count) else range(0)


def numerators(count: int, rate: PublishedNumber, rounding: Rounding | None = None) -> range:
    """All whole x for which x / ``count`` would be reported as ``rate``; none of nothing."""
    if count <= 0:
        return range(0)
    low, high = (count * end for end in rate.bounds(rounding))
    if low == high:
        return range(int(low), int(low) + 1) if low.denominator == 1 else range(0)
    return range(max(math.ceil(low), 0), min(math.ceil(high), count + 1))


def chance_of_fitting(count: int, rate: PublishedNumber) -> float:
    """P(some whole denominator fits a rate near this one whose last digits are random), rounding assumed.

    The rates that ``count`` / n can be reported as, among all that can be within a factor of 1.1: how much the fit of a
    whole denominator is worth as evidence.
    """
    if rate.step <= 0.0 or rate.value <= 0.0 or count == 0:
        return 1.0
    low, high = rate.value / 1.1, min(rate.value * 1.1, 1.0)
    first, last = math.ceil(count / high), math.floor(count / low)
    every = max(round((high - low) / rate.step), 1)
    if last - first <= FEW:
        ticks = len({math.floor(count / n / rate.step + 0.5) for n in range(first, last + 1)})
    else:  # up to n = sqrt(count / step) each has a rate of its own, from there on every rate is had
        own = min(max(math.sqrt(count / rate.step), first), last)
        ticks = round(own - first + (count / own - low) / rate.step)
    return min(ticks / every, 1.0)


def two_sample_z(x: int, n: int, y: int, m: int) -> float:
    """z of the difference of two shares, x / n and y / m, with pooled variance."""
    pooled = (x + y) / (n + m)
    spread = math.sqrt(pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m))
    return (y / m - x / n) / spread if spread > 0.0 else 0.0


@dataclass(frozen=True, slots=True)
class Stationary:
    """One unchanging process that gives two windows' counts when each counts the lots listed inside it.

    ``sold``, ``failed``: share of lots that ever do; ``days_to_sale``, ``days_to_failure``: mean lags; ``rate``: the
    sale rate in the long run; ``possible``: whether these numbers can be.
    """

    sold: float
    days_to_sale: float
    failed: float
    days_to_failure: float
    rate: float
    possible: bool


def stationary(a: Sequence[int], b: Sequence[int]) -> Stationary:
    """Solve for it. ``a``, ``b``: (sold, sold + unsold in the rate's denominator, lots listed, days) of a window.

    Lots are listed evenly; of those with a lag L from listing to the end the window of T days sees the share
    1 - L / T (L below T), so share sold = P (1 - L_sale / T) in each window: two equations, two unknowns; the same
    for failures.
    """
    (x, n, lots_a, days_a), (y, m, lots_b, days_b) = a, b
    sold, to_sale = _solve(x / lots_a, days_a, y / lots_b, days_b)
    failed, to_failure = _solve((n - x) / lots_a, days_a, (m - y) / lots_b, days_b)
    shortest = min(days_a, days_b)
    possible = (
        0.0 < sold <= 1.0
        and 0.0 <= failed <= 1.0
        and sold + failed <= 1.0 + 1e-9
        and 0.0 <= to_sale <= shortest
        and 0.0 <= to_failure <= shortest
    )
    rate = sold / (sold + failed) if sold + failed else math.nan
    return Stationary(sold, to_sale, failed, to_failure, rate, possible)


def _solve(share_a: float, days_a: float, share_b: float, days_b: float) -> tuple[float, float]:
    """P and L of share = P (1 - L / T) at two T."""
    product = (share_a - share_b) / (1.0 / days_b - 1.0 / days_a)  # P L
    ever = share_a + product / days_a
    return ever, product / ever if ever else math.nan


def commission_bounds(turnover: float, saved: float) -> tuple[tuple[float, float], float]:
    """Share of turnover that lies above the first band's end in lots above it, and the largest possible lot.

    Without any distribution of prices: on the part of a price above that end (2 million yuan) the shortfall from the first
    rate, 5 %, is between 2 and 4.5 % (the bands above pay 3 to 0.5 %). The largest lot: all of the shortfall in it.
    """
    first, rate = BANDS[0]
    shortfall = rate * turnover - saved
    least, most = rate - BANDS[1][1], rate - BANDS[-1][1]
    above = (shortfall / most / turnover, min(shortfall / least / turnover, 1.0))
    # Shortfall of one lot of price p is convex and rising in p; solve for the p that takes all of it.
    low, high = first, first + shortfall / least
    for _ in range(200):
        middle = (low + high) / 2.0
        low, high = (middle, high) if _shortfall(middle) < shortfall else (low, middle)
    return above, min(low, turnover)


def _shortfall(price: float) -> float:
    from sim.law.commission import commission

    return BANDS[0][1] * price - float(commission(np.array([price]))[0])
