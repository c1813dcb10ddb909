"""Ciw, the nearest it can express: lots are customers who pass six nodes with servers enough for all.

A queueing network has no bids. So a round is decided when its window opens, in the distribution of its "service
time", and how long it took (extensions included) is the service time; who is sold leaves. Ciw has three events a
round fewer than the others to deal with, and draws one number at a time like the plain peers.
"""

from __future__ import annotations

import random
from typing import Any

import ciw  # type: ignore[import-untyped]
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
    ROUNDS,
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

LONG_AFTER = YEAR + 200.0  # the last lot listed has ended


class Shared(ciw.dists.Distribution):  # type: ignore[misc]
    """Ciw copies what it is given; these share one generator of random numbers and one tally."""

    def __deepcopy__(self, memo: Any) -> Shared:
        return self


class Listings(Shared):
    """Exponential times between listings, of so many lots."""

    def __init__(self, n_lots: int, rng: random.Random) -> None:
        self.left, self.rate, self.rng = n_lots, n_lots / YEAR, rng

    def sample(self, t: Any = None, ind: Any = None) -> float:
        self.left -= 1
        return self.rng.expovariate(self.rate) if self.left >= 0 else float("inf")


class Notice(Shared):
    def __init__(self, position: int, rng: random.Random) -> None:
        self.position, self.rng = position, rng

    def sample(self, t: Any = None, ind: Any = None) -> float:
        if self.position == 0:
            ind.listed, ind.sold = t, False
            ind.market = self.rng.lognormvariate(MARKET_MEAN, MARKET_SD)
            ind.start = RATIO * ind.market * self.rng.lognormvariate(REFERENCE_MEAN, REFERENCE_SD)
        return NOTICE[self.position]


class Bidding(Shared):
    """The whole of a round, decided at its opening; its time is how long it took."""

    def __init__(self, position: int, rng: random.Random, tally: Tally) -> None:
        self.position, self.rng, self.tally = position, rng, tally

    def sample(self, t: Any = None, ind: Any = None) -> float:
        rng, tally, window = self.rng, self.tally, WINDOW[self.position]
        auction = Auction(ind.start, window)
        number = poisson(rng, INTEREST)
        arrivals = sorted(
            ((window + MINUTES_5) * rng.random() ** (1.0 / LATE), rng.lognormvariate(WORTH_MEAN, WORTH_SD))
            for _ in range(number)
        )
        for when, worth in arrivals:
            if when >= auction.closes:
                break
            auction.bid(ind.market * worth, when)
        tally.bidders += number
        tally.rounds += 1
        tally.bids += len(auction.bids)
        tally.extensions += auction.extensions
        if auction.bids:
            ind.sold = True
            tally.sold += 1
            tally.first += self.position == 0
            tally.premium += auction.price / ind.start - 1.0
            tally.days += t + auction.closes - ind.listed
        ind.start *= CUT
        return auction.closes


class Onward(ciw.routing.NodeRouting):  # type: ignore[misc]
    """From a notice to its window; from a window out, if sold or if it was the last, else to the next notice."""

    def next_node(self, ind: Any) -> Any:
        number = self.node.id_number
        out = number == 2 * ROUNDS or (number % 2 == 0 and ind.sold)
        return self.simulation.nodes[-1 if out else number + 1]


def run(n_lots: int, seed: int) -> Figures:
    rng, tally = random.Random(seed), Tally()
    services: list[Any] = []
    for position in range(ROUNDS):
        services += [Notice(position, rng), Bidding(position, rng, tally)]
    network = ciw.create_network(
        arrival_distributions=[Listings(n_lots, rng), *[None] * (2 * ROUNDS - 1)],
        service_distributions=services,
        number_of_servers=[float("inf")] * (2 * ROUNDS),
        routing=ciw.routing.NetworkRouting([Onward() for _ in services]),
    )
    ciw.seed(seed)
    ciw.Simulation(network).simulate_until_max_time(LONG_AFTER)
    return tally.figures(n_lots)


if __name__ == "__main__":
    main("ciw_nearest", run)
