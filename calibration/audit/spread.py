"""Prices of several windows compared: the median and the spread that turnover, sales and commission imply.

Mean price and commission share of a window fix a lognormal distribution of prices. A digit wrong in one of the three moves its
median and spread far from those of the other windows, though each figure by itself looks plausible. How far apart
they lie by chance is simulated: the same number of prices, drawn from the distribution of the other windows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from calibration.audit.finding import FAR_APART, Finding, count, stands_for
from calibration.random_streams import Purpose, stream
from calibration.targets.targets import Reported, Window
from sim.law.commission import FLAT, commission
from sim.theory.commission import commission_share, spread_of_prices, spreads_of_prices

Floats = npt.NDArray[np.float64]

SAMPLES: Final = 1_000  # times that the windows are simulated
MOST_PRICES: Final = 5_000  # drawn for one window; of more lots the figures scatter less than is allowed for
MOST_DRAWN: Final = 30_000_000  # prices in all
BY_CHANCE: Final = (
    0.01  # how often a window lies outside though nothing is wrong, for its median and for its spread
)
LEAST: Final = (
    math.log(FAR_APART),
    0.25,
)  # of log median, of log sd: less than this is no matter of a wrong digit


@dataclass(frozen=True, slots=True)
class Prices:
    """What a window implies of its prices: median and spread of the lognormal distribution that fits."""

    window: str
    sold: int
    turnover: float
    log_sd: float

    @property
    def mean(self) -> float:
        return self.turnover / self.sold

    @property
    def log_moments(self) -> Floats:
        """(2,): log median, log sd."""
        return np.array([math.log(self.mean) - self.log_sd**2 / 2.0, self.log_sd])


@dataclass(frozen=True, slots=True)
class Judged:
    """A window beside the others. ``others``: the mean of theirs; ``low``, ``high``: bounds of its own under chance;
    ``outside``: whether it is not; ``off``: how far it lies from the middle of all windows, relative to these bounds.
    """

    own: Prices
    others: Floats
    low: Floats
    high: Floats
    outside: bool
    off: float


def prices_across(targets: Reported) -> Iterator[Finding]:
    """Each window's prices against those of all others. The most unusual is reported first, and left out when the others are judged."""
    left = [own for window in targets.windows.values() if (own := prices(window)) is not None]
    while len(left) > 1:
        judged = _judge(left)
        if not any(one.outside for one in judged):
            for one in judged:
                yield Finding("prices.alike", one.own.window, "turnover", "consistent", _facts(one))
            return
        worst = max((one for one in judged if one.outside), key=lambda one: one.off)
        if len(left) == 2:  # which of the two is wrong cannot be known
            yield Finding(
                "prices.two",
                worst.own.window,
                "turnover",
                "unusual",
                {**_facts(worst), "other": _other(left, worst)},
            )
            return
        yield Finding("prices.unusual", worst.own.window, "turnover", "unusual", _facts(worst))
        left.remove(worst.own)


def prices(window: Window) -> Prices | None:
    """What turnover, sales and commission of a window imply of its prices; None where they imply nothing."""
    saved, turnover, sold = window.value("commission"), window.value("turnover"), count(window, "sold")
    if not (sold and turnover > 0.0 and saved > 0.0 and stands_for(window, "commission", "commission_saved")):
        return None
    low, high = window.figures["commission"].published.interval()
    least, most = window.figures["turnover"].published.interval()
    if low / most <= FLAT <= high / least:
        return None  # reckoned at a flat rate
    try:
        return Prices(window.name, sold, turnover, spread_of_prices(turnover / sold, saved / turnover))
    except ValueError:
        return None


def _judge(windows: Sequence[Prices]) -> list[Judged]:
    """Every window beside the mean of the others, with what simulated windows of one common distribution do."""
    seen = np.array([one.log_moments for one in windows])
    common = np.median(seen, axis=0)
    made = simulated(tuple(one.sold for one in windows), *common)
    found = []
    for i, own in enumerate(windows):
        others = np.delete(seen, i, axis=0).mean(axis=0)
        by_chance = made[:, i] - np.delete(made, i, axis=1).mean(axis=1)
        low, high = np.quantile(by_chance, (BY_CHANCE / 2.0, 1.0 - BY_CHANCE / 2.0), axis=0)
        low, high = np.minimum(low, -np.array(LEAST)), np.maximum(high, LEAST)
        outside = bool(((seen[i] < others + low) | (seen[i] > others + high)).any())
        off = float(np.max(2.0 * np.abs(seen[i] - common) / (high - low)))
        found.append(Judged(own, others, others + low, others + high, outside, off))
    return found


@lru_cache(maxsize=8)
def simulated(sold: tuple[int, ...], log_median: float, log_sd: float) -> Floats:
    """(sample, window, 2): log median and log sd that each window implies when all prices have one distribution."""
    most = min(MOST_PRICES, MOST_DRAWN // (SAMPLES * len(sold)))
    found = np.empty((SAMPLES, len(sold), 2))
    for i, number in enumerate(sold):
        rng = stream(Purpose.PRICES, i)
        drawn = np.exp(log_median + log_sd * rng.standard_normal((SAMPLES, min(number, most))))
        mean = drawn.mean(axis=1)
        spread = spreads_of_prices(mean, commission(drawn).mean(axis=1) / mean)
        found[:, i] = np.stack([np.log(mean) - spread**2 / 2.0, spread], axis=1)
    return found


def _facts(one: Judged) -> dict[str, Any]:
    """In yuan and log points, with the commissions at which the window would not have been unusual."""
    mean = math.log(one.own.mean)
    spreads = [
        max(one.low[1], math.sqrt(max(2.0 * (mean - one.high[0]), 0.0))),
        min(one.high[1], math.sqrt(max(2.0 * (mean - one.low[0]), 0.0))),
    ]
    passing = commission_share(one.own.mean, np.maximum(spreads, 0.0)) * one.own.turnover
    return {
        "median": math.exp(one.own.log_moments[0]), "spread": one.own.log_sd, "others_median": math.exp(one.others[0]),
        "others_spread": float(one.others[1]), "median_low": math.exp(one.low[0]), "median_high": math.exp(one.high[0]),
        "spread_low": float(one.low[1]), "spread_high": float(one.high[1]), "pass_low": float(passing[1]), "pass_high": float(passing[0]),
    }  # fmt: skip


def _other(windows: Sequence[Prices], one: Judged) -> str:
    return next(other.window for other in windows if other is not one.own)
