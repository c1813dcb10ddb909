"""Reference price and starting price (处置参考价, 起拍价): 2018 rules; 2016 rules Art 10.

The reference price is the court's estimate: market value x exp(bias + noise), by one of four methods. Which
methods exist depends on the day: before 2018-09-01 appraisal was the only general one. The method and how long it takes
go by the day on which the court asks for a price, the estimate and the start by the day on which it is found.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from math import exp, inf

from sim.locale.language import said
from sim.model.calendar import day_of
from sim.model.lots import Lot
from sim.scenario.extensions import ExtensionError
from sim.scenario.schema import Method, Scenario

LEAST = 1e-6  # yuan: a reference price is more than nothing


class Pricing:
    """Prices lots as the rules of the day allow."""

    def __init__(self, scenario: Scenario) -> None:
        start = scenario.time.start
        begins = [day_of(day, start) for day, _ in scenario.periods]
        methods = [list(one.pricing.values()) for _, one in scenario.periods]
        since = [day_of(method.since, start) for some in methods for method in some]
        self.changes = sorted({0.0, *(day for day in (*since, *begins) if day > 0.0)})
        # For each stretch between two changes: what is used then.
        self.menus = [_menu(methods[bisect_right(begins, day) - 1], day, scenario) for day in self.changes]
        # Plain tuples: the fields of a validated scenario take ten times as long to read (3 % of a run).
        self.costs = [[(m.bias, m.noise, m.cost_base, m.cost_rate) for m in some] for some in methods]
        self.starts = [(one.start.ratio, one.start.token_ratio) for _, one in scenario.periods]
        self.own = [_own_starts(one) for _, one in scenario.periods]

    def choose(self, lot: Lot, day: float) -> float:
        """Pick the method for ``lot``; returns how long it takes, in days."""
        menu, edges, days = self.menus[bisect_right(self.changes, day) - 1]
        lot.method = method = menu[bisect_right(edges, lot.u_method)]
        shortest, more = days[method]
        return shortest + more * lot.u_duration

    def price(self, lot: Lot, period: int = 0) -> None:
        """Set reference price, its cost and the first starting price by the rules of a period."""
        bias, noise, base, rate = self.costs[period][lot.method]
        ratio, token_ratio = self.own[period].get(lot.kind, self.starts[period])
        lot.reference = reference = lot.value * exp(bias + noise * lot.z_noise)
        lot.cost = base + rate * reference
        lot.start = reference * (token_ratio if lot.token else ratio)

    def price_again(self, lot: Lot, period: int) -> None:
        """The report has run out: another one, with an error of its own, that costs as much again."""
        before, lot.z_noise = lot.cost, lot.z_again
        self.price(lot, period)
        lot.cost += before


def _own_starts(scenario: Scenario) -> dict[int, tuple[float, float]]:
    """Ratios of the starts of kinds that have rules of their own, by kind."""
    own = (
        (number, scenario.of_kind(name).start)
        for number, name in enumerate(scenario.kinds)
        if scenario.kinds[name].own
    )
    return {number: (start.ratio, start.token_ratio) for number, start in own}


class PricingMethod:
    """How courts find the reference price of a lot: derive from it, and give an object of it to ``Scenario.extend``.

    All lots are then priced by it; the methods of the scenario, their shares and their days are left out. What is random must
    come from the lot: ``z_noise`` (standard normal), ``u_method`` and ``u_duration`` (uniform) are drawn for it, so that
    policies meet the same lots.

    Examples
    --------
    >>> import math, sim
    >>> class Exact(sim.PricingMethod):
    ...     "Off by 5 %."
    ...     def reference(self, lot):
    ...         return lot.value * math.exp(0.05 * lot.z_noise)
    """

    def days(self, lot: Lot, day: float) -> float:
        """How long it takes when it is requested on a day of the run; not called where lots come with their listing dates."""
        return 0.0

    def reference(self, lot: Lot) -> float:
        """The reference price in yuan; ``lot.value``, the market value, is what nobody knows for sure."""
        raise NotImplementedError

    def cost(self, lot: Lot) -> float:
        """What finding it costs, in yuan; ``lot.reference`` is known by then."""
        return 0.0


class OwnPricing(Pricing):
    """Prices all lots by a method that was given as an object; no method of the scenario is written down for them."""

    def __init__(self, scenario: Scenario, method: PricingMethod) -> None:
        super().__init__(scenario)
        self.method = method

    def choose(self, lot: Lot, day: float) -> float:
        return self._number("days", self.method.days(lot, day), 0.0)

    def price(self, lot: Lot, period: int = 0) -> None:
        ratio, token_ratio = self.own[period].get(lot.kind, self.starts[period])
        lot.reference = self._number("reference", self.method.reference(lot), LEAST)
        lot.cost = self._number("cost", self.method.cost(lot), 0.0)
        lot.start = lot.reference * (token_ratio if lot.token else ratio)

    def _number(self, what: str, value: float, least: float) -> float:
        if not least <= value < inf:
            of = f"{type(self.method).__qualname__}.{what}"
            raise ExtensionError(said("part.number", of=of, value=repr(value), least=f"{least:g}"))
        return float(value)


def pricing_of(scenario: Scenario) -> Pricing:
    """How courts price under a scenario."""
    method = scenario.extensions.pricing
    return Pricing(scenario) if method is None else OwnPricing(scenario, method)


Menu = tuple[list[int], list[float], list[tuple[float, float]]]


def _menu(methods: list[Method], day: float, scenario: Scenario) -> Menu:
    """Methods available on a day, where in [0, 1) each gives way to the next, and the days that all methods take."""
    menu = [i for i, method in enumerate(methods) if day_of(method.since, scenario.time.start) <= day]
    edges = list(accumulate(methods[i].share for i in menu))
    durations = [(method.days_low, method.days_high - method.days_low) for method in methods]
    return menu, [edge / edges[-1] for edge in edges[:-1]], durations
