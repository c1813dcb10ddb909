"""A court's reported totals, simulated many times: what chance alone does to turnover, commission and premium.

A handful of large lots carry turnover, so its distribution at a court's sample sizes is far from normal and changes with
the parameters. Given how many lots were sold in a window, the sold lots are drawn (kind, token start, method, round, value,
start, price excess) from ``expected_counts.Mix`` and added up. The draws are common random numbers: the same for
every parameter value, so that what is compared differs by the parameters alone, and the sums move smoothly with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from calibration.forward_model.expected_counts import Mix
from sim.law.commission import BANDS
from sim.theory.compiled import compiled

Floats = npt.NDArray[np.float64]

AGGREGATES: Final = (
    "turnover", "starts", "ratios", "firsts", "commission_saved", "premium_median",
)  # fmt: skip
GRID: Final = 240  # points at which the distribution of values is tabulated
NEGLIGIBLE: Final = 1e-6  # share of the sold lots below which a kind is left out
_LIMITS: Final = np.array([limit for limit, _ in BANDS[:-1]])
_RATES: Final = np.array([rate for _, rate in BANDS])
LEAST: Final = 1e-300
LARGEST: Final = 20_000  # lots drawn a window; of more, so many stand for all


@dataclass(frozen=True, slots=True)
class RandomDraws:
    """The random draws for one window's sold lots in all simulations of its totals, in order of ``value``; each (draws x lots,)."""

    value: Floats  # uniform, ascending: how valuable the lot is among those sold
    draw: npt.NDArray[np.intp]
    kind: Floats  # uniform
    token: Floats  # uniform
    alone: Floats  # uniform
    start: Floats  # normal
    price_excess: Floats  # normal
    lots: int
    draws: int


def random_draws(seed: int, lots: Sequence[int], draws: int) -> list[RandomDraws]:
    """Random draws for windows that sold so many lots; the first draws are the same however many are asked for."""
    found = []
    for w, sold in enumerate(lots):
        n = min(max(sold, 1), LARGEST)
        streams = [np.random.Generator(np.random.Philox(key=[seed, (w << 20) + s])) for s in range(draws)]
        uniform = np.concatenate([rng.random((4, n)) for rng in streams], axis=1)
        normal = np.concatenate([rng.standard_normal((2, n)) for rng in streams], axis=1)
        order = np.argsort(uniform[0])
        value, kind, token, alone = uniform[:, order]
        draw = np.repeat(np.arange(draws), n)[order]
        found.append(
            RandomDraws(value, draw, kind, token, alone, normal[0, order], normal[1, order], n, draws)
        )
    return found


@dataclass(frozen=True, slots=True)
class _Cells:
    """What the lots sold in a window are like, for each of n vectors: the distribution of their values, tabulated at ``grid``,
    and by cell (kind x period of listing, without those that nowhere sell more than next to nothing) how many there are at a value.
    """

    grid: Floats  # (n, point) of log values
    below: Floats  # (n, point)
    height: Floats  # (n, point, cell)
    token: Floats  # (n, cell)
    by_token: Floats  # (n, cell, token, what): alone, log of the excess and its sd, ln start and its sd, start / first start


def _cells(mix: Mix, window: int, basis: int) -> _Cells:
    """The cells of a window; rows that sell nothing are meaningless."""
    at = (slice(None), window, basis)
    n = len(mix.weight)
    weight = mix.weight[at].reshape(n, -1, 2)
    both = weight.sum(axis=2)
    share = both / np.maximum(both.sum(axis=1, keepdims=True), LEAST)
    some = np.flatnonzero((share > NEGLIGIBLE).any(axis=0))
    weight, both, share = weight[:, some], both[:, some], share[:, some]
    used = share > NEGLIGIBLE
    share = np.where(used, share, 0.0)
    share /= np.maximum(share.sum(axis=1, keepdims=True), LEAST)
    centre, spread = np.log(mix.median[:, some]), np.maximum(mix.log_sd[:, some], 1e-6)
    low, high = (np.where(used, centre + x * spread, np.nan) for x in (-5.5, 5.5))
    grid = np.linspace(np.nanmin(low, axis=1), np.nanmax(high, axis=1), GRID, axis=1)
    t = (grid[:, :, None] - centre[:, None]) / spread[:, None]
    excess, sd, alone, log_start, start_sd, first = (
        getattr(mix, name)[at].reshape(n, -1, 2)[:, some]
        for name in ("excess", "excess_sd", "alone", "log_start", "start_sd", "first")
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        squared = np.log1p(np.where(excess > 0, np.minimum(sd / excess, 1e6) ** 2, 0.0))
        middle = np.where(excess > 0, np.log(excess) - squared / 2.0, -50.0)
    return _Cells(
        grid=grid,
        below=np.matmul(ndtr(t), share[:, :, None])[:, :, 0],
        height=(share / spread)[:, None] * np.exp(-0.5 * t * t),
        token=weight[:, :, 1] / np.maximum(both, LEAST),
        by_token=np.stack([alone, middle, np.sqrt(squared), log_start, start_sd, first], axis=-1),
    )


def simulated_totals(mix: Mix, window: int, basis: int, draws: RandomDraws, median: bool = False) -> Floats:
    """Aggregates a sold lot, (n, draws, AGGREGATES): means over the window's sold lots of price, start, price / start,
    price / first start, commission; and the median premium (nan unless asked for).

    A lot's market value is a quantile of the values of all sold lots, its kind is drawn given the value, its token start
    given the kind: so that values move smoothly when the mix of kinds does.
    """
    means = np.full((len(mix.weight), draws.draws, len(AGGREGATES)), np.nan)
    sells = mix.weight[:, window, basis].sum(axis=1) > 1e-12
    if not sells.any():
        return means
    some = Mix(**{f.name: getattr(mix, f.name)[sells] for f in fields(Mix)})
    cells = _cells(some, window, basis)
    cell = np.empty(len(draws.value), dtype=np.int64)
    log_value, log_excess, first = np.empty((3, len(cell)))
    for i, row in enumerate(np.flatnonzero(sells)):
        _value(cells.grid[i], cells.below[i], cells.height[i], draws.value, draws.kind, log_value, cell)
        _start(
            cells.by_token[i], cells.token[i], cell, draws.token, draws.alone, draws.start, draws.price_excess,
            log_value, log_excess, first,
        )  # fmt: skip
        # NumPy has eight exponentials at a time, which a compiled loop has not.
        start, ratio = np.exp(log_value, out=log_value), np.exp(log_excess, out=log_excess)
        ratio += 1.0
        sums = _sums(start, ratio, first, draws.draw, draws.draws, _LIMITS, _RATES)
        means[row, :, : len(AGGREGATES) - 1] = sums / draws.lots
        if median:
            means[row, :, -1] = _medians(ratio - 1.0, draws)
    return means


# Three passes over the lots, without a branch that a processor would have to guess: twice as fast as one.


@compiled
def _value(
    grid: Floats, below: Floats, height: Floats, value: Floats, kind: Floats, log_value: Floats, cell: npt.NDArray[np.int64]
) -> None:  # fmt: skip
    """Writes each lot's ln value, and the cell that it is from. Lots are in order of value, so those between two points follow
    each other.
    """
    last, cells = len(grid) - 1, height.shape[1]
    edge = np.searchsorted(value, below, side="right")
    edge[0], edge[last] = 0, len(value)
    chance = np.empty(cells)
    for g in range(last):
        at, of_kind = log_value[edge[g] : edge[g + 1]], kind[edge[g] : edge[g + 1]]
        if len(at) == 0:
            continue
        own, u = cell[edge[g] : edge[g + 1]], value[edge[g] : edge[g + 1]]
        total = 0.0
        for k in range(cells):
            total += height[g, k] + height[g + 1, k]
            chance[k] = total
        least, most = np.inf, -np.inf
        for j in range(len(at)):
            least = of_kind[j] if of_kind[j] < least else least
            most = of_kind[j] if of_kind[j] > most else most
        first = 0  # cells before it are none of these lots'
        for k in range(cells - 1):
            chance[k] /= max(total, 1e-300)
            first += chance[k] < least
        slope = (grid[g + 1] - grid[g]) / max(below[g + 1] - below[g], 1e-300)
        low, high = grid[g], grid[g + 1]
        for j in range(len(at)):
            x = low + slope * (u[j] - below[g])
            x = x if x < high else high
            at[j] = x if x > low else low
            own[j] = first
        for k in range(first, cells - 1):
            if chance[k] >= most:
                break
            for j in range(len(at)):
                own[j] += 1 if of_kind[j] > chance[k] else 0


@compiled
def _start(
    by_token: Floats, token_share: Floats, cell: npt.NDArray[np.int64], token: Floats, alone: Floats, start: Floats, excess: Floats,
    log_value: Floats, log_excess: Floats, first: Floats,
) -> None:  # fmt: skip
    """Makes each lot's ln start of its ln value, and writes ln (price / start - 1), start / first start."""
    for j in range(len(cell)):
        k = cell[j]
        i = 1 if token[j] < token_share[k] else 0
        log_value[j] += by_token[k, i, 3] + by_token[k, i, 4] * start[j]
        above = by_token[k, i, 1] + by_token[k, i, 2] * excess[j]
        log_excess[j] = above if alone[j] >= by_token[k, i, 0] else -np.inf
        first[j] = by_token[k, i, 5]


@compiled
def _sums(
    start: Floats,
    ratio: Floats,
    first: Floats,
    draw: npt.NDArray[np.intp],
    draws: int,
    limits: Floats,
    rates: Floats,
) -> Floats:
    """Sums over each draw's lots, (draws, 5)."""
    out = np.zeros((draws, 5))
    for j in range(len(start)):
        price = start[j] * ratio[j]
        # ``sim.law.commission``, written out: called for each price it would cost a tenth of the loop.
        commission = rates[-1] * price
        for b in range(len(limits)):
            commission += (rates[b] - rates[b + 1]) * min(price, limits[b])
        d = draw[j]
        out[d, 0] += price
        out[d, 1] += start[j]
        out[d, 2] += ratio[j]
        out[d, 3] += ratio[j] * first[j]
        out[d, 4] += commission
    return out


def _medians(x: Floats, random_draws: RandomDraws) -> Floats:
    order = np.lexsort((x, random_draws.draw))
    return np.median(x[order].reshape(random_draws.draws, random_draws.lots), axis=1)
