"""SimPy, tuned: one process a lot, block draws, counters instead of records, a patient cycle collector.

A lot sleeps from bid to bid: who cannot pay the price changes nothing and is no event. Everything is public
SimPy (``Timeout``, ``Process``); nothing reaches into the queue.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from typing import Any

import simpy
from _peer import CUT, INCREMENT, MINUTES_5, NOTICE, WINDOW, Figures, Lot, Tally, lots, main

Process = Generator[simpy.Event, Any, None]
STAGES = tuple(zip(NOTICE, WINDOW, strict=True))


def run(n_lots: int, seed: int) -> Figures:
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(200_000, 50, 1000)
    try:
        env, tally = simpy.Environment(), Tally()
        env.process(listing(env, n_lots, seed, tally))
        env.run()
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
    return tally.figures(n_lots)


def listing(env: simpy.Environment, n_lots: int, seed: int, tally: Tally) -> Process:
    for lot in lots(n_lots, seed):
        yield env.timeout(lot.listed - env.now)
        env.process(dispose(env, lot, tally))


def dispose(env: simpy.Environment, lot: Lot, tally: Tally) -> Process:
    timeout = env.timeout
    now = lot.listed
    start = lot.start
    for (notice, window), drawn, bidders in zip(STAGES, lot.drawn, lot.serious, strict=True):
        yield timeout(notice)
        opens = now + notice
        now, closes = opens, opens + window
        increment = INCREMENT * start
        price = best = asking = 0.0
        bids = 0
        for after, value in bidders:
            when = opens + after
            if when >= closes:
                break
            if value >= asking:
                yield timeout(when - now)
                now = when
                if not bids:
                    price, best = start, value
                elif value > best:
                    price, best = best, value
                else:
                    price = value
                bids += 1
                asking = price + increment
                if closes - now < MINUTES_5:
                    closes = now + MINUTES_5
                    tally.extensions += 1
        yield timeout(closes - now)
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
    main("tuned_simpy", run)
