"""SimPy by its textbook: bidders signal their bids by events, the lot waits for the close or a bid, whichever is first.

As ``plain_simpy``, but nobody shares an object's state behind the other's back: a bidder succeeds an event of the
lot's, and the lot waits for ``timeout | bid`` again and again.
"""

from __future__ import annotations

import random
from collections.abc import Generator
from typing import Any

import simpy
from _peer import (
    CUT,
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
    Tally,
    main,
    poisson,
)  # fmt: skip
from plain_simpy import Auction

Process = Generator[simpy.Event, Any, None]


class Hall:
    """Where a lot hears its bidders: the event that the next of them succeeds with their value."""

    def __init__(self, env: simpy.Environment) -> None:
        self.env = env
        self.waiting: list[float] = []
        self.next_bid = env.event()

    def say(self, value: float) -> None:
        self.waiting.append(value)
        if not self.next_bid.triggered:
            self.next_bid.succeed()


def run(n_lots: int, seed: int) -> Figures:
    env, rng, tally = simpy.Environment(), random.Random(seed), Tally()
    env.process(source(env, n_lots, rng, tally))
    env.run()
    return tally.figures(n_lots)


def source(env: simpy.Environment, n_lots: int, rng: random.Random, tally: Tally) -> Process:
    for _ in range(n_lots):
        yield env.timeout(rng.expovariate(n_lots / YEAR))
        env.process(lot(env, rng, tally))


def lot(env: simpy.Environment, rng: random.Random, tally: Tally) -> Process:
    listed = env.now
    market = rng.lognormvariate(MARKET_MEAN, MARKET_SD)
    start = RATIO * market * rng.lognormvariate(REFERENCE_MEAN, REFERENCE_SD)
    for position, (notice, window) in enumerate(zip(NOTICE, WINDOW, strict=True)):
        yield env.timeout(notice)
        auction, hall = Auction(start, env.now + window), Hall(env)
        for _ in range(poisson(rng, INTEREST)):
            tally.bidders += 1
            env.process(bidder(env, hall, market, window, rng))
        close = env.timeout(window)
        while env.now < auction.closes:
            yield close | hall.next_bid
            if not hall.waiting:
                continue
            extensions = auction.extensions
            for value in hall.waiting:
                auction.bid(value, env.now)
            hall.waiting, hall.next_bid = [], env.event()
            if auction.extensions > extensions:
                close = env.timeout(auction.closes - env.now)
        tally.rounds += 1
        tally.bids += len(auction.bids)
        tally.extensions += auction.extensions
        if auction.bids:
            tally.sold += 1
            tally.first += position == 0
            tally.premium += auction.price / start - 1.0
            tally.days += env.now - listed
            return
        start *= CUT


def bidder(env: simpy.Environment, hall: Hall, market: float, window: float, rng: random.Random) -> Process:
    value = market * rng.lognormvariate(WORTH_MEAN, WORTH_SD)
    yield env.timeout((window + MINUTES_5) * rng.random() ** (1.0 / LATE))
    hall.say(value)


if __name__ == "__main__":
    main("anyof_simpy", run)
