"""How people bid, from files of bids: when they come, how fast they answer, in which steps; by maximum likelihood.

Of those who can pay a share comes evenly over the window and
the others close to its end,

    P(come by the share t of the window) = e t + (1 - e) t^a

(the model has the second part, ``rounds.*.late_shape``), and a file has them only if they were *heard*: if they could beat what the others would pay at that moment. Of so many who came
before them that is less likely late than early (``sim.theory.counts.heard``), which the likelihood counts; how many came
follows from the mean number heard. Somebody's first bid after the set end is counted as coming in the last minutes.

Whoever is outbid in these minutes, or after the set end, answers within the extension that every bid opens: after an exponential
time that is cut off there, or later than a newcomer's bid if that came first (who had given up by then counts as slow). Steps are counted in increments of the lot, the
least rise that it has seen.

Intervals hold the parameters whose likelihood, the others at their best, is within half the 95 % point of chi-square with one
degree of freedom (profile likelihood); of a share of bids, Wilson's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq, minimize, minimize_scalar

from calibration.lots.histories import Bids
from sim.theory.counts import heard, mean_heard

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

LEVEL: Final = 1.920729  # half the 95 % point of chi-square with one degree of freedom
NORMAL: Final = 1.959964
SECONDS: Final = (0.01, 3600.0)  # in which mean times to answer are looked for: what a scenario may have
SHAPES: Final = (0.1, 10_000.0)  # the same for the exponent of coming late
LOG_SHAPES: Final = (float(np.log(SHAPES[0])), float(np.log(SHAPES[1])))
CROWD: Final = 1e4  # no more are taken to have come
GRID: Final = 15  # points of a range, the best of which is made better
WHOLE: Final = 0.05  # a rise is so many increments if it differs from a whole number by less


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval, and the observations that it rests on; nan where there are none."""

    value: float
    low: float
    high: float
    number: int


NONE: Final = Estimate(np.nan, np.nan, np.nan, 0)


@dataclass(frozen=True, slots=True)
class Tempo:
    """What files of bids say. ``early_share``, ``late_shape``: e and a; ``reply``, ``reply_extension``: mean seconds to answer in
    the last minutes before the set end, and after it; ``single``: share of bids one increment above the one before; ``furthest``:
    increments below the last price from which somebody went on by one.
    """

    early_share: Estimate
    late_shape: Estimate
    reply: Estimate
    reply_extension: Estimate
    single: Estimate
    furthest: int


def tempo(bids: Bids, window_days: float = 1.0, soft_close_minutes: float = 5.0) -> Tempo:
    """The tempo of bidding in lots whose windows were so long, and whose late bids extended them by so much.

    When people come is taken from lots in which nobody bid before the window, nor in its first second: in a sell-off the first bid
    starts the day at whose end bidding closes.
    """
    window, gap = window_days * 86_400.0, soft_close_minutes * 60.0
    at = ~np.isnat(bids.scheduled)[bids.lot]
    after = np.where(at, (bids.time - bids.scheduled[bids.lot]) / np.timedelta64(1, "s"), np.nan)
    earlier = np.zeros(len(bids.scheduled), dtype=np.bool_)
    earlier[bids.lot[at & (after <= 1.0 - window)]] = True
    first = _first_bids(bids)
    early_share, late_shape = _coming(first & at & ~earlier[bids.lot], bids, after, window, gap)
    wait, timed, answered, extension = _gaps(bids, after, first, gap)
    rises, left = _steps(bids)
    single = np.abs(rises - 1.0) < WHOLE
    return Tempo(
        early_share=early_share,
        late_shape=late_shape,
        reply=_mean_time(wait[timed & ~extension], answered[timed & ~extension], gap),
        reply_extension=_mean_time(wait[timed & extension], answered[timed & extension], gap),
        single=share_of(single),
        furthest=int(left[single].max(initial=0)),
    )


def share_of(yes: Bools) -> Estimate:
    """A share with Wilson's interval."""
    n = len(yes)
    if not n:
        return NONE
    p, z = float(yes.mean()), NORMAL**2 / n
    middle, half = p + z / 2.0, NORMAL * np.sqrt(p * (1.0 - p) / n + z / (4.0 * n))
    return Estimate(p, float(middle - half) / (1.0 + z), float(middle + half) / (1.0 + z), n)


def _first_bids(bids: Bids) -> Bools:
    """Which bids are their bidder's first."""
    _, first = np.unique(np.stack([bids.lot, bids.bidder]), axis=1, return_index=True)
    found = np.zeros(len(bids), dtype=np.bool_)
    found[first] = True
    return found


# --- when they come ---------------------------------------------------------------------------------------------------


def _coming(chosen: Bools, bids: Bids, after: Floats, window: float, gap: float) -> tuple[Estimate, Estimate]:
    """The share who come evenly, and the exponent of the others, from first bids."""
    number = int(chosen.sum())
    if number < 2:
        return NONE, NONE
    came = number / len(np.unique(bids.lot[chosen]))
    over = after[chosen] >= 0.0
    at = np.clip(1.0 + after[chosen][~over] / window, 1e-9, 1.0)
    last = 1.0 - min(gap, window) / window
    law = _Coming(at, int(over.sum()), last, _number_who_came(came))
    best = law.best()
    most = law.log_likelihood(*best)
    share = _profile(best[0], (0.0, 1.0), lambda e: law.profile(early=e), most)
    shape = _profile(float(np.log(best[1])), LOG_SHAPES, lambda a: law.profile(shape=float(np.exp(a))), most)
    return (
        Estimate(best[0], *share, number),
        Estimate(best[1], float(np.exp(shape[0])), float(np.exp(shape[1])), number),
    )


def _number_who_came(heard_of: float) -> float:
    """Mean number who came to a lot, if so many of them are heard on average where anybody is."""

    def excess(m: float) -> float:
        return float(mean_heard(m) / -np.expm1(-m)) - heard_of

    return float(brentq(excess, 1e-6, CROWD)) if excess(1e-6) < 0.0 < excess(CROWD) else 0.0


@dataclass(frozen=True, slots=True)
class _Coming:
    """The likelihood of first bids at these shares of the window, and of ``over`` more that came after ``last``."""

    at: Floats
    over: int
    last: float
    m: float  # mean number who came

    def log_likelihood(self, early: float, shape: float) -> float:
        """Up to a constant."""
        t = np.append(self.at, self.last)
        by = early * t + (1.0 - early) * t**shape
        density = early + (1.0 - early) * shape * self.at ** (shape - 1.0)
        if self.m == 0.0:
            total, tail = 1.0, 1.0 - by[-1]
        else:
            density = density * self.m * heard(self.m * by[:-1])
            total = float(mean_heard(self.m))
            tail = total - float(mean_heard(self.m * by[-1]))
        with np.errstate(divide="ignore"):
            found = np.log(density / total).sum() + (self.over * np.log(tail / total) if self.over else 0.0)
        return float(found) if np.isfinite(found) else -1e12

    def _less(self, x: Floats) -> float:
        return -self.log_likelihood(float(x[0]), float(np.exp(x[1])))

    def best(self) -> tuple[float, float]:
        """The share and the exponent of the greatest likelihood, from several beginnings: it may have two tops."""
        bounds = ((0.0, 1.0), LOG_SHAPES)
        beginnings = [
            np.array((early, np.log(shape))) for early in (0.05, 0.5) for shape in (2.0, 30.0, 500.0)
        ]
        found = [minimize(self._less, x, method="L-BFGS-B", bounds=bounds) for x in beginnings]
        best = min(found, key=lambda one: float(one.fun))
        return float(best.x[0]), float(np.exp(best.x[1]))

    def profile(self, early: float | None = None, shape: float | None = None) -> float:
        """The greatest likelihood with one of the two given."""
        if shape is not None:
            return _greatest(lambda e: self.log_likelihood(e, shape), (0.0, 1.0))
        assert early is not None
        return _greatest(lambda a: self.log_likelihood(early, float(np.exp(a))), LOG_SHAPES)


def _greatest(f: Callable[[float], float], ends: tuple[float, float]) -> float:
    """The greatest value of a function between two ends: the best of a grid, made better nearby."""
    grid = np.linspace(ends[0], ends[1], GRID)
    at = int(np.argmax([f(float(x)) for x in grid]))
    bounds = float(grid[max(at - 1, 0)]), float(grid[min(at + 1, GRID - 1)])
    return max(
        f(float(grid[at])), -float(minimize_scalar(lambda x: -f(x), bounds=bounds, method="bounded").fun)
    )


def _profile(
    best: float, ends: tuple[float, float], f: Callable[[float], float], most: float
) -> tuple[float, float]:
    """Where the profile likelihood has fallen by ``LEVEL`` on either side; an end where it has not."""

    def fallen(x: float) -> float:
        return f(x) - most + LEVEL

    low, high = ends
    return (
        float(brentq(fallen, low, best, xtol=1e-4)) if best > low and fallen(low) < 0.0 else low,
        float(brentq(fallen, best, high, xtol=1e-4)) if best < high and fallen(high) < 0.0 else high,
    )


# --- how fast they answer ---------------------------------------------------------------------------------------------


def _gaps(bids: Bids, after: Floats, first: Bools, gap: float) -> tuple[Floats, Bools, Bools, Bools]:
    """Of each bid that another bidder's follows: seconds until then, whether it falls into the last minutes or later and is followed
    within the extension, whether an answer ended it (a newcomer else), and whether it came after the set end."""
    pair = (bids.lot[1:] == bids.lot[:-1]) & (bids.bidder[1:] != bids.bidder[:-1])
    wait = np.diff(bids.time) / np.timedelta64(1, "s")
    before = after[:-1]
    timed = pair & (before >= -gap) & (wait <= gap)
    return wait, timed, ~first[1:], before >= 0.0


def _mean_time(wait: Floats, answered: Bools, gap: float) -> Estimate:
    """The mean of an exponential law cut off at ``gap``; where a newcomer came first the answer would have come later."""
    if not answered.any():
        return NONE

    def log_likelihood(log_mean: float) -> float:
        rate = float(np.exp(-log_mean))
        lost = np.exp(-rate * gap)
        total = -np.expm1(-rate * gap)
        later = np.maximum(np.exp(-rate * wait[~answered]) - lost, 1e-300)
        return float(
            answered.sum() * np.log(rate / total) - rate * wait[answered].sum() + np.log(later / total).sum()
        )

    ends = float(np.log(SECONDS[0])), float(np.log(SECONDS[1]))
    found = minimize_scalar(
        lambda x: -log_likelihood(x), bounds=ends, method="bounded", options={"xatol": 1e-6}
    )
    best = float(found.x)
    low, high = _profile(best, ends, log_likelihood, -float(found.fun))
    return Estimate(float(np.exp(best)), float(np.exp(low)), float(np.exp(high)), int(answered.sum()))


# --- in which steps ---------------------------------------------------------------------------------------------------


def _steps(bids: Bids) -> tuple[Floats, Floats]:
    """Of each bid that goes beyond the one before: by how many increments, and how many the price still rose from there."""
    rises, left = [], []
    for lot in np.unique(bids.lot):
        price = bids.price[bids.lot == lot]
        rise = np.diff(price)
        if (rise > 0.0).any():
            increment = float(rise[rise > 0.0].min())
            rises.append(rise[rise > 0.0] / increment)
            left.append((price[-1] - price[:-1])[rise > 0.0] / increment)
    return np.concatenate(rises or [np.zeros(0)]), np.concatenate(left or [np.zeros(0)])
