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
        methods = list(scenario.pricing.values())
        since = [day_of(method.since, scenario.time.start) for method in methods]
        self.changes = sorted({0.0, *(day for day in since if day > 0.0)})
        # For each stretch between two changes: methods available, and where in [0, 1) each gives way to the next.
        self.menus = []
        for day in self.changes:
            menu = [i for i, first in enumerate(since) if first <= day]
            edges = list(accumulate(methods[i].share for i in menu))
            self.menus.append((menu, [edge / edges[-1] for edge in edges[:-1]]))
        # Plain tuples: the fields of a validated scenario take ten times as long to read (3 % of a run).
        self.days = [(method.days_low, method.days_high - method.days_low) for method in methods]
        self.costs = [(method.bias, method.noise, method.cost_base, method.cost_rate) for method in methods]
        self.ratio, self.token_ratio = scenario.start.ratio, scenario.start.token_ratio

    def choose(self, lot: Lot, day: float) -> float:
        """Pick the method for ``lot``; returns how long it takes, in days."""
        menu, edges = self.menus[bisect_right(self.changes, day) - 1]
        lot.method = method = menu[bisect_right(edges, lot.u_method)]
        shortest, more = self.days[method]
        return shortest + more * lot.u_duration

    def price(self, lot: Lot) -> None:
        """Set reference price, its cost and the first starting price."""
        bias, noise, base, rate = self.costs[lot.method]
        lot.reference = reference = lot.value * exp(bias + noise * lot.z_noise)
        lot.cost = base + rate * reference
        lot.start = reference * (self.token_ratio if lot.token else self.ratio)
