"""Shares with intervals, quantiles, and what became of lots over time: Kaplan-Meier and competing risks."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]
LEVEL: Final = 0.95
Z: Final = float(stats.norm.ppf((1 + LEVEL) / 2))


def share(n: int, of: int) -> dict[str, float]:
    """n / of with Wilson's interval; nan where there is nothing to divide by."""
    if of == 0:
        return {"share": np.nan, "low": np.nan, "high": np.nan}
    interval = stats.binomtest(n, of).proportion_ci(LEVEL, method="wilson")
    return {"share": n / of, "low": float(interval.low), "high": float(interval.high)}


def spread(values: Floats) -> dict[str, float]:
    """Mean and quantiles of what is known; nan where nothing is."""
    known = values[np.isfinite(values)]
    names = ("q10", "median", "q90")
    if not len(known):
        return {"n": 0, "mean": np.nan, **dict.fromkeys(names, np.nan)}
    quantiles = np.quantile(known, (0.1, 0.5, 0.9))
    return {
        "n": len(known),
        "mean": float(known.mean()),
        **dict(zip(names, map(float, quantiles), strict=True)),
    }


@dataclass(frozen=True, slots=True)
class Incidence:
    """Aalen and Johansen's estimate: by each time, the share of lots that each cause has ended. ``share``, ``sd``: (times, causes)."""

    times: Floats  # at which something ended, ascending
    at_risk: npt.NDArray[np.int64]
    share: Floats
    sd: Floats

    def at(self, time: float, cause: int) -> dict[str, float]:
        """Share by a time, with an interval on the scale of log(-log)."""
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        if place < 0:
            return {"share": 0.0, "low": 0.0, "high": 0.0}
        x, sd = float(self.share[place, cause]), float(self.sd[place, cause])
        if not 0.0 < x < 1.0 or sd == 0.0:
            return {"share": x, "low": x, "high": x}
        width = Z * sd / (x * abs(np.log(x)))
        return {"share": x, "low": float(x ** np.exp(width)), "high": float(x ** np.exp(-width))}


def incidence(days: Floats, cause: npt.NDArray[np.int64], causes: int) -> Incidence:
    """``cause``: 0 to causes - 1 for what ended a lot after so many days; -1: nothing has, censored.

    The variance is that of the delta method (Marubini and Valsecchi 1995, 10.12); with one cause it is Greenwood's.
    """
    times = np.unique(days[cause >= 0])
    at_risk = len(days) - np.searchsorted(np.sort(days), times, side="left")
    ended = np.stack(
        [np.searchsorted(np.sort(days[cause == c]), times, side="right") for c in range(causes)], axis=1
    )
    ended = np.diff(ended, axis=0, prepend=0)
    every = ended.sum(axis=1)
    survival = np.cumprod(1.0 - every / at_risk)
    before = np.concatenate([[1.0], survival[:-1]])
    found: Floats = np.cumsum(before[:, None] * ended / at_risk[:, None], axis=0)
    return Incidence(times, at_risk, found, _sd(found, ended, at_risk, before))


def _sd(
    found: Floats, ended: npt.NDArray[np.int64], at_risk: npt.NDArray[np.int64], before: Floats
) -> Floats:
    """Standard deviations; sums over earlier times are taken apart into running sums, so that they stay linear in them."""
    n, every = at_risk[:, None].astype(np.float64), ended.sum(axis=1)[:, None].astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        hazard = np.where(every < n, every / (n * (n - every)), 0.0)  # at the last time I(t) - I(t_j) is 0
    own = before[:, None] ** 2 * (n - ended) * ended / n**3
    cross = before[:, None] * ended / n**2

    def total(x: Floats) -> Floats:
        return np.cumsum(x, axis=0)

    variance = (
        found**2 * total(hazard) - 2 * found * total(hazard * found) + total(hazard * found**2) + total(own)
        - 2 * (found * total(cross) - total(cross * found))
    )  # fmt: skip
    return np.sqrt(np.maximum(variance, 0.0))


@dataclass(frozen=True, slots=True)
class Survival:
    """Kaplan and Meier's estimate of the share that has not ended, with an interval on the scale of log(-log)."""

    times: Floats
    share: Floats
    low: Floats
    high: Floats

    def at(self, time: float) -> dict[str, float]:
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        if place < 0:
            return {"share": 1.0, "low": 1.0, "high": 1.0}
        return {
            "share": float(self.share[place]),
            "low": float(self.low[place]),
            "high": float(self.high[place]),
        }


def survival(days: Floats, ended: npt.NDArray[np.bool_]) -> Survival:
    """Where ``ended`` is false a lot is censored."""
    found: Any = stats.ecdf(stats.CensoredData.right_censored(days, ~ended)).sf
    with warnings.catch_warnings():  # where the estimate is 0 or 1 there is no interval on that scale
        warnings.simplefilter("ignore", RuntimeWarning)
        interval = found.confidence_interval(LEVEL, method="log-log")
    low, high = interval.low.probabilities, interval.high.probabilities
    share = found.probabilities
    return Survival(
        found.quantiles, share, np.where(np.isnan(low), share, low), np.where(np.isnan(high), share, high)
    )


def days_between(one: npt.NDArray[np.datetime64], other: npt.NDArray[np.datetime64]) -> Floats:
    """From one time to another; nan where either is not known."""
    seconds: Floats = (other - one).astype("timedelta64[s]").astype(np.float64)
    seconds[np.isnat(one) | np.isnat(other)] = np.nan
    return seconds / 86_400.0


def coalesced(columns: Sequence[npt.NDArray[np.datetime64]]) -> npt.NDArray[np.datetime64]:
    """The first time that is known."""
    found = columns[0].copy()
    for one in columns[1:]:
        found = np.where(np.isnat(found), one, found)
    return found
