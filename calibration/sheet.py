"""A court's sheet of aggregates, drawn many times: what chance alone does to turnover, commission and premium.

A handful of large lots carry turnover, so its law at the sample sizes of a court is far from normal and changes with
the parameters. Given how many lots were sold in a window, the sold lots are drawn (kind, token start, method, round, value,
start, contest) from ``expected.Mix`` and added up. The draws are common random numbers: the same luck for every parameter
value, so that what is compared differs by the parameters alone, and the sums move smoothly with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from calibration.expected import Mix
from sim.commission import BANDS

Floats = npt.NDArray[np.float64]

AGGREGATES: Final = (
    "turnover", "starts", "ratios", "firsts", "commission_saved", "premium_median",
)  # fmt: skip
GRID: Final = 240  # points at which the law of values is told
LARGEST: Final = 20_000  # lots drawn a window; of more, so many are drawn and told for all


@dataclass(frozen=True, slots=True)
class Luck:
    """The luck of one window's sold lots in all draws of the sheet, in order of ``value``; each (draws x lots,)."""

    value: Floats  # uniform, ascending: how valuable the lot is among those sold
    draw: npt.NDArray[np.intp]
    kind: Floats  # uniform
    token: Floats  # uniform
    alone: Floats  # uniform
    start: Floats  # normal
    contest: Floats  # normal
    lots: int
    draws: int


def luck(seed: int, lots: Sequence[int], draws: int) -> list[Luck]:
    """Luck for windows that sold so many lots; the first draws are the same however many are asked for."""
    found = []
    for w, sold in enumerate(lots):
        n = min(max(sold, 1), LARGEST)
        streams = [np.random.Generator(np.random.Philox(key=[seed, (w << 20) + s])) for s in range(draws)]
        uniform = np.concatenate([rng.random((4, n)) for rng in streams], axis=1)
        normal = np.concatenate([rng.standard_normal((2, n)) for rng in streams], axis=1)
        order = np.argsort(uniform[0])
        value, kind, token, alone = uniform[:, order]
        draw = np.repeat(np.arange(draws), n)[order]
        found.append(Luck(value, draw, kind, token, alone, normal[0, order], normal[1, order], n, draws))
    return found


def sheet(mix: Mix, draw: int, window: int, basis: int, luck: Luck, median: bool = False) -> Floats:
    """Aggregates a sold lot, (draws, AGGREGATES): means over the window's sold lots of price, start, price / start,
    price / first start, commission; and the median premium (nan unless asked for). ``draw``: row of the mix.

    A lot's market value is a quantile of the values of all sold lots, its kind is drawn given the value, its token start
    given the kind: so that values move smoothly when the mix of kinds does.
    """
    at = (draw, window, basis)
    weight = mix.weight[at].reshape(-1, 2)
    total = weight.sum()
    if not total > 1e-12:
        return np.full((luck.draws, len(AGGREGATES)), np.nan)
    log_value, kind = _values(weight.sum(axis=1) / total, np.log(mix.median[draw]), mix.log_sd[draw], luck)
    token = luck.token < (weight[:, 1] / np.maximum(weight.sum(axis=1), 1e-300))[kind]
    cell = 2 * kind + token
    excess, sd = mix.excess[at], mix.excess_sd[at]
    with np.errstate(divide="ignore", invalid="ignore"):
        squared = np.log1p(np.where(excess > 0, np.minimum(sd / excess, 1e6) ** 2, 0.0))
        centre = np.where(excess > 0, np.log(excess) - squared / 2.0, -50.0)
    contested = luck.alone >= mix.alone[at][cell]
    ratio = 1.0 + np.where(contested, np.exp(centre[cell] + np.sqrt(squared)[cell] * luck.contest), 0.0)
    start = np.exp(log_value + mix.log_start[at][cell] + mix.start_sd[at][cell] * luck.start)
    price = start * ratio
    columns = [price, start, ratio, ratio * mix.first[at][cell], _commission(price)]
    means = [np.bincount(luck.draw, column, minlength=luck.draws) / luck.lots for column in columns]
    means.append(_medians(ratio - 1.0, luck) if median else np.full(luck.draws, np.nan))
    return np.stack(means, axis=1)


def _values(share: Floats, centre: Floats, spread: Floats, luck: Luck) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Log market values and kinds of the sold lots. ``share``, ``centre``, ``spread``: (kind,)."""
    sd = np.maximum(spread, 1e-6)
    grid = np.linspace((centre - 5.5 * sd).min(), (centre + 5.5 * sd).max(), GRID)
    t = (grid[:, None] - centre) / sd
    below = ndtr(t) @ share
    bounds = np.searchsorted(luck.value, below)
    number = np.diff(bounds)  # lots between neighbouring points; the few beyond either end stand at it
    number[0] += bounds[0]
    number[-1] += len(luck.value) - bounds[-1]

    def spread_out(x: Floats) -> Floats:
        return np.repeat(x, number)

    width = np.maximum(np.diff(below), 1e-300)
    inside = np.clip((luck.value - spread_out(below[:-1])) / spread_out(width), 0.0, 1.0)
    log_value = spread_out(grid[:-1]) + (grid[1] - grid[0]) * inside
    height = share * np.exp(-0.5 * t * t) / sd  # (grid, kind)
    chance = np.cumsum(height[:-1] + height[1:], axis=1)
    chance /= np.maximum(chance[:, -1:], 1e-300)
    kind = np.zeros(len(log_value), dtype=np.intp)
    for k in np.flatnonzero(share[:-1] > 0.0):
        kind += luck.kind > spread_out(chance[:, k])
    return log_value, kind


def _commission(price: Floats) -> Floats:
    """``sim.commission.commission`` without its checks."""
    total = BANDS[-1][1] * price
    for (limit, rate), (_, following) in pairwise(BANDS):
        total += (rate - following) * np.minimum(price, limit)
    return total


def _medians(x: Floats, luck: Luck) -> Floats:
    order = np.lexsort((x, luck.draw))
    return np.median(x[order].reshape(luck.draws, luck.lots), axis=1)
