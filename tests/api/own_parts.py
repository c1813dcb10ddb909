"""A toy of each part of the model that users can give, in a module of its own, as workers need it."""

from __future__ import annotations

import math

import numpy as np

import sim

SHARE = 0.05


def spread(share: float) -> float:
    return 2.0 * share


class Exact(sim.PricingMethod):
    """Off by a tenth."""

    def __init__(self, days: float = 3.0, error: float = 0.0) -> None:
        self.takes, self.error = days, error

    def days(self, lot, day):  # type: ignore[no-untyped-def]
        return self.takes

    def reference(self, lot):  # type: ignore[no-untyped-def]
        return lot.value * math.exp(spread(SHARE) * lot.z_noise + self.error)

    def cost(self, lot):  # type: ignore[no-untyped-def]
        return 0.001 * lot.reference


class Shaded(sim.BiddingStyle):
    """Nobody goes beyond a share of what the lot is worth to them."""

    def __init__(self, share: float = 0.95) -> None:
        self.share = share

    def limit(self, auction, who, value):  # type: ignore[no-untyped-def]
        return self.share * value


class Once(sim.BiddingStyle):
    """Everybody bids one increment above the standing price, as the model's style ``once``."""

    def contest(self, auction, who, limit):  # type: ignore[no-untyped-def]
        if auction.leader >= 0 and limit >= auction.asking:
            auction.price += auction.increment
        auction.leader, auction.best = who, limit
        auction.asking = auction.price + auction.increment


class Falling(sim.BiddingStyle):
    """Nonsense: the more bid, the lower the price."""

    def contest(self, auction, who, limit):  # type: ignore[no-untyped-def]
        auction.leader, auction.price = who, auction.price - 1.0


class Cautious(sim.Reaction):
    """Nobody takes part in a first round who values the lot at less than a tenth more than its start."""

    def taking_part(self, lot, stage, start, deposit, eligible):  # type: ignore[no-untyped-def]
        eligible = self.otherwise.taking_part(lot, stage, start, deposit, eligible)
        return [one for one in eligible if lot.rounds or one[1] >= 1.1 * start]


class MeanPrice(sim.Measure):
    """As the model's ``mean_price``."""

    name = "my_mean_price"

    def value(self, lots):  # type: ignore[no-untyped-def]
        return float(np.mean(lots["price"])) if len(lots["price"]) else math.nan


class Listed(sim.Measure):
    """As the model's ``lots_listed``."""

    name, of = "my_lots_listed", "listed"

    def value(self, lots):  # type: ignore[no-untyped-def]
        return len(lots["lot"])
