"""salabim, plain: ``plain_simpy`` in salabim's words, a component a lot and a component a bidder.

salabim keeps monitors of every component's status and mode by itself; that is what its reports are made of, and
most of what it costs. ``--style lot`` is the frugal way: one component a lot, which draws its bidders and holds
from one arrival to the next.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Generator
from typing import Any

import salabim as sim  # type: ignore[import-untyped]
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
    WARM_UP,
    WINDOW,
    WORTH_MEAN,
    WORTH_SD,
    YEAR,
    Figures,
    Tally,
    Watch,
    arguments,
    poisson,
    report,
)  # fmt: skip
from plain_simpy import Auction

Process = Generator[Any, Any, None]
sim.yieldless(False)


class Source(sim.Component):  # type: ignore[misc]
    def setup(self, n_lots: int, rng: random.Random, tally: Tally, style: str) -> None:
        self.n_lots, self.rng, self.tally, self.style = n_lots, rng, tally, style

    def process(self) -> Process:
        for _ in range(self.n_lots):
            yield self.hold(self.rng.expovariate(self.n_lots / YEAR))
            Lot(rng=self.rng, tally=self.tally, style=self.style)


class Lot(sim.Component):  # type: ignore[misc]
    def setup(self, rng: random.Random, tally: Tally, style: str) -> None:
        self.rng, self.tally, self.style = rng, tally, style

    def process(self) -> Process:
        env, rng, tally = self.env, self.rng, self.tally
        listed = env.now()
        market = rng.lognormvariate(MARKET_MEAN, MARKET_SD)
        start = RATIO * market * rng.lognormvariate(REFERENCE_MEAN, REFERENCE_SD)
        for position, (notice, window) in enumerate(zip(NOTICE, WINDOW, strict=True)):
            yield self.hold(notice)
            auction = Auction(start, env.now() + window)
            number = poisson(rng, INTEREST)
            tally.bidders += number
            if self.style == "lot":
                yield from self.hear(auction, number, market, window)
            else:
                for _ in range(number):
                    Bidder(auction=auction, market=market, window=window, rng=rng)
            while env.now() < auction.closes:
                yield self.hold(till=auction.closes)
            auction.over = True
            tally.rounds += 1
            tally.bids += len(auction.bids)
            tally.extensions += auction.extensions
            if auction.bids:
                tally.sold += 1
                tally.first += position == 0
                tally.premium += auction.price / start - 1.0
                tally.days += env.now() - listed
                return
            start *= CUT

    def hear(self, auction: Auction, number: int, market: float, window: float) -> Process:
        """The bidders of a round without components of their own."""
        opens, rng = self.env.now(), self.rng
        arrivals = sorted(
            (
                opens + (window + MINUTES_5) * rng.random() ** (1.0 / LATE),
                rng.lognormvariate(WORTH_MEAN, WORTH_SD),
            )
            for _ in range(number)
        )
        for when, worth in arrivals:
            if when >= auction.closes:
                break
            yield self.hold(till=when)
            auction.bid(market * worth, when)


class Bidder(sim.Component):  # type: ignore[misc]
    def setup(self, auction: Auction, market: float, window: float, rng: random.Random) -> None:
        self.auction, self.market, self.window, self.rng = auction, market, window, rng

    def process(self) -> Process:
        value = self.market * self.rng.lognormvariate(WORTH_MEAN, WORTH_SD)
        yield self.hold((self.window + MINUTES_5) * self.rng.random() ** (1.0 / LATE))
        if not self.auction.over:
            self.auction.bid(value, self.env.now())


def run(n_lots: int, seed: int, style: str = "plain") -> Figures:
    env, tally = sim.Environment(random_seed=seed), Tally()
    Source(n_lots=n_lots, rng=random.Random(seed), tally=tally, style=style)
    env.run()
    return tally.figures(n_lots)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--style", choices=("plain", "lot"), default="plain")
    given = arguments(parser)
    run(WARM_UP, 0, given.style)
    with Watch() as watch:
        figures = run(given.n, given.seed, given.style)
    report(f"salabim_{given.style}", given.n, given.seed, figures, watch)


if __name__ == "__main__":
    main()
