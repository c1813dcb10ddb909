"""NumPy, no events: lots are independent, so the k-th arrival of every lot is dealt with at once.

Exact, not an approximation: within a lot arrivals come in order, and between lots nothing happens. Sorted
arrival times are drawn one by one as order statistics (the next of m uniform times left is a minimum of m), so
nothing is sorted except lots by their number of bidders, which makes whoever still has a k-th arrival a prefix.
It ends where lots begin to matter to each other (shared bidders, clerks, a market).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from _peer import (
    CUT,
    INCREMENT,
    INTEREST,
    LATE,
    MARKET_MEAN,
    MARKET_SD,
    MINUTES_5,
    NOTICE,
    RATIO,
    REFERENCE_MEAN,
    REFERENCE_SD,
    WINDOW,
    WORTH_MEAN,
    WORTH_SD,
    YEAR,
    Figures,
    Floats,
    main,
)

Indices = npt.NDArray[np.int64]
Watch = Callable[[str, Indices, Floats], None]  # what happens, to which lots, when: for ``floor``


def run(n_lots: int, seed: int, watch: Watch | None = None) -> Figures:
    rng = np.random.default_rng(seed)
    listed = np.sort(rng.uniform(0.0, YEAR, n_lots))
    market = rng.lognormal(MARKET_MEAN, MARKET_SD, n_lots)
    start = RATIO * market * rng.lognormal(REFERENCE_MEAN, REFERENCE_SD, n_lots)
    left = np.arange(n_lots)  # lots not yet sold
    now = listed.copy()
    sold = [0, 0, 0]
    premium = days = 0.0
    rounds = bidders = bids = extensions = 0
    if watch:
        watch("listing", left, listed)
    for stage, (notice, window) in enumerate(zip(NOTICE, WINDOW, strict=True)):
        opens = now[left] + notice
        drawn = rng.poisson(INTEREST, len(left))
        most = np.argsort(-drawn)
        left, opens, drawn = left[most], opens[most], drawn[most]
        if watch:
            watch("opening", left, opens)
        price, placed, moved, closes = _round(
            rng, left, market[left], start[left], drawn, opens, window, watch
        )
        now[left] = closes
        if watch:
            watch("close", left, closes)
        rounds += len(left)
        bidders += int(drawn.sum())
        bids += int(placed.sum())
        extensions += moved
        won = placed > 0
        winners = left[won]
        sold[stage] = len(winners)
        premium += float((price[won] / start[winners] - 1.0).sum())
        days += float((closes[won] - listed[winners]).sum())
        left = left[~won]
        start[left] *= CUT
    total = max(sum(sold), 1)
    return {
        "sale_rate": sum(sold) / n_lots,
        "sold_first": sold[0] / n_lots,
        "premium": premium / total,
        "days_to_sale": days / total,
        "rounds": rounds / n_lots,
        "bidders": bidders / n_lots,
        "bids": bids / n_lots,
        "extensions": extensions / n_lots,
    }


def _round(
    rng: np.random.Generator,
    lot: Indices,
    market: Floats,
    start: Floats,
    drawn: Indices,
    opens: Floats,
    window: float,
    watch: Watch | None,
) -> tuple[Floats, Indices, int, Floats]:
    """One round of many lots, those with most bidders first: price, bids, extensions in all, closes."""
    n = len(start)
    closes = opens + window
    increment = INCREMENT * start
    price, best, asking = start.copy(), np.zeros(n), start.copy()
    placed = np.zeros(n, dtype=np.int64)
    log_late = np.zeros(n)  # log of the share of the window's (uniform) time that is still to come
    moved = 0
    for k in range(int(drawn[0]) if n else 0):
        m = int(np.searchsorted(-drawn, -k, side="left"))  # lots with more than k arrivals
        log_late[:m] -= rng.standard_exponential(m) / (drawn[:m] - k)
        when = opens[:m] + (window + MINUTES_5) * (-np.expm1(log_late[:m])) ** (1.0 / LATE)
        value = market[:m] * rng.lognormal(WORTH_MEAN, WORTH_SD, m)
        in_time = when < closes[:m]
        bid = np.flatnonzero(in_time & (value >= asking[:m]))
        if watch:
            silent = in_time.copy()
            silent[bid] = False
            watch("silence", lot[:m][silent], when[silent])
            watch("bid", lot[bid], when[bid])
        offer, when = value[bid], when[bid]
        price[bid] = np.where(placed[bid] > 0, np.minimum(offer, best[bid]), start[bid])
        best[bid] = np.maximum(offer, best[bid])
        asking[bid] = price[bid] + increment[bid]
        placed[bid] += 1
        late = closes[bid] - when < MINUTES_5
        closes[bid[late]] = when[late] + MINUTES_5
        moved += int(late.sum())
    return price, placed, moved, closes


if __name__ == "__main__":
    main("vector_numpy", run)
