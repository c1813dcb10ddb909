"""No library at all: a heap of (when, lot, generator) and a loop of four lines.

Same draws, same events and same bidding as ``tuned_simpy``; what differs is the engine. A lot is a generator
that yields the absolute time at which it wants to go on, so an event is one ``heapreplace`` and one ``next``.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from heapq import heappop, heappush, heapreplace

from _peer import CUT, INCREMENT, MINUTES_5, NOTICE, WINDOW, Figures, Lot, Tally, lots, main

Way = Generator[float, None, None]
NEVER = float("inf")
STAGES = tuple(zip(NOTICE, WINDOW, strict=True))


def run(n_lots: int, seed: int) -> Figures:
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(200_000, 50, 1000)
    try:
        return simulate(n_lots, seed)
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def simulate(n_lots: int, seed: int) -> Figures:
    tally = Tally()
    pending: list[tuple[float, int, Way]] = []  # one entry a lot, so the number of the lot breaks ties
    coming = lots(n_lots, seed)
    lot = next(coming, None)
    listed, number = (lot.listed if lot else NEVER), 0
    while pending or lot:
        if lot and (not pending or listed <= pending[0][0]):
            way = dispose(lot, tally)
            heappush(pending, (next(way), number, way))
            number += 1
            lot = next(coming, None)
            listed = lot.listed if lot else NEVER
        else:
            _, which, way = pending[0]
            when = next(way, None)
            if when is None:
                heappop(pending)
            else:
                heapreplace(pending, (when, which, way))
    return tally.figures(n_lots)


def dispose(lot: Lot, tally: Tally) -> Way:
    now = lot.listed
    start = lot.start
    for (notice, window), drawn, bidders in zip(STAGES, lot.drawn, lot.serious, strict=True):
        opens = now + notice
        yield opens
        closes = opens + window
        increment = INCREMENT * start
        price = best = asking = 0.0
        bids = 0
        for after, value in bidders:
            when = opens + after
            if when >= closes:
                break
            if value >= asking:
                yield when
                if not bids:
                    price, best = start, value
                elif value > best:
                    price, best = best, value
                else:
                    price = value
                bids += 1
                asking = price + increment
                if closes - when < MINUTES_5:
                    closes = when + MINUTES_5
                    tally.extensions += 1
        yield closes
        now = closes
        tally.rounds += 1
        tally.bidders += drawn
        if bids:
            tally.bids += bids
            tally.sold += 1
            tally.first += lot.start == start
            tally.premium += price / start - 1.0
            tally.days += now - lot.listed
            return
        start *= CUT


if __name__ == "__main__":
    main("bare_heapq", run)
