"""Plain SimPy: what one writes first. A process a lot, a process a bidder, one draw at a time, objects.

Nothing is done for speed and nothing on purpose against it: no log, no queue of messages, no conditions.
"""

from __future__ import annotations

import random
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import simpy
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
    Tally,
    main,
    poisson,
)  # fmt: skip

Process = Generator[simpy.Event, Any, None]


@dataclass
class Auction:
    """One round of a lot."""

    start: float
    closes: float
    price: float = 0.0
    best: float = 0.0
    bids: list[tuple[float, float]] = field(default_factory=list)  # (when, price)
    extensions: int = 0
    over: bool = False

    def bid(self, value: float, now: float) -> None:
        """A bidder with ``value`` bids, if they can pay the price."""
        asking = self.price + INCREMENT * self.start if self.bids else self.start
        if value < asking:
            return
        if not self.bids:
            self.price, self.best = self.start, value
        elif value > self.best:
            self.price, self.best = self.best, value
        else:
            self.price = value
        self.bids.append((now, self.price))
        if self.closes - now < MINUTES_5:
            self.closes = now + MINUTES_5
            self.extensions += 1


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
        auction = Auction(start, env.now + window)
        for _ in range(poisson(rng, INTEREST)):
            tally.bidders += 1
            env.process(bidder(env, auction, market, window, rng))
        while env.now < auction.closes:
            yield env.timeout(auction.closes - env.now)
        auction.over = True
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


def bidder(
    env: simpy.Environment, auction: Auction, market: float, window: float, rng: random.Random
) -> Process:
    value = market * rng.lognormvariate(WORTH_MEAN, WORTH_SD)
    yield env.timeout((window + MINUTES_5) * rng.random() ** (1.0 / LATE))
    if not auction.over:
        auction.bid(value, env.now)


if __name__ == "__main__":
    main("plain_simpy", run)
