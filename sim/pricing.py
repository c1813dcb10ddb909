"""Reference price and starting price (处置参考价, 起拍价): 2018 rules; 2016 rules Art 10.

The reference price is the court's estimate: market value x exp(bias + noise), by one of four methods. Which
methods exist depends on the day: before 2018-09-01 appraisal was the only general one.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from math import exp

from sim.calendar import day_of
from sim.lots import Lot
from sim.scenario.schema import Scenario


class Pricing:
    """Prices lots as the rules of the day allow."""

    def __init__(self, scenario: Scenario) -> None:
        self.methods = list(scenario.pricing.values())
        since = [day_of(method.since, scenario.time.start) for method in self.methods]
        self.changes = sorted({0.0, *(day for day in since if day > 0.0)})
        # For each stretch between two changes: methods available, and their cumulative shares.
        self.menus = []
        for day in self.changes:
            menu = [i for i, first in enumerate(since) if first <= day]
            edges = list(accumulate(self.methods[i].share for i in menu))
            self.menus.append((menu, [edge / edges[-1] for edge in edges]))
        self.start = scenario.start

    def choose(self, lot: Lot, day: float) -> float:
        """Pick the method for ``lot``; returns how long it takes, in days."""
        menu, edges = self.menus[bisect_right(self.changes, day) - 1]
        lot.method = menu[min(bisect_right(edges, lot.u_method), len(menu) - 1)]
        method = self.methods[lot.method]
        return method.days_low + (method.days_high - method.days_low) * lot.u_duration

    def price(self, lot: Lot) -> None:
        """Set reference price, its cost and the first starting price."""
        method = self.methods[lot.method]
        lot.reference = lot.value * exp(method.bias + method.noise * lot.z_noise)
        lot.cost = method.cost_base + method.cost_rate * lot.reference
        lot.start = lot.reference * (self.start.token_ratio if lot.token else self.start.ratio)
