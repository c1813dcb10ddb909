"""Families a, a2 and b: one auction a lot. Sale, price, premium, and who takes part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.experiments.replications import Replication
from sim.model.records import Column, Outcome, Records
from sim.scenario.schema import WHOLE, Scenario
from sim.theory.appraisal import Appraised, appraised
from sim.verification.assumptions import market
from sim.verification.evidence import Evidence, Floats, Quantity, disagreements, either, floats, gather

# Steps between the price and the second highest value, first end excluded, by style. A proxy's price stays below
# it by less than the step that the next bidder lacked; by hand the last step may fall short or carry on by one more.
REACH = {"proxy": (-1.0, 0.0), "ladder": (-2.0, 1.0)}


def evidence(scenario: Scenario, replication: Replication) -> Evidence:
    """One auction a lot, whatever the style of bidding.

    Price and premium are exact for proxies (steps too small to see) and where everybody bids once (the price then
    counts bids). By hand a price lies within a step or two of the second highest value, checked lot by lot.
    """
    m, style = market(scenario), scenario.auction.bidding
    exact = appraised(m.interest(), m.law, m.ratio, m.bias, m.noise, m.k)
    lots, rounds = replication.records.lots, replication.records.rounds
    if not np.array_equal(lots["lot"], rounds["lot"]):
        raise ValueError("a lot has not had its one auction by the end of the horizon")
    sold = lots["outcome"] == Outcome.SOLD
    seen = _Seen(
        sold=sold,
        price=np.where(sold, lots["price"], 0.0),
        start=np.where(sold, lots["start_sold"], 0.0),
        premium=np.where(sold, floats(lots["price"]) / floats(lots["start"]) - 1.0, 0.0),
        value=floats(lots["value"]),
        registered=rounds["registered"],
        bidders=np.where(sold, rounds["bidders"], 0),
        more=float(exact.sale) * (1.0 - float(exact.alone_per_sale)),
    )
    found = _takes_part(exact, seen)
    if style == "once":
        found += _by_number(exact, seen, scenario.auction.increment)
    if style == "proxy":
        found += _by_value(exact, seen, m.noise > 0.0)
    broken = disagreements(found, replication.measures, WHOLE)
    away = int((seen.price != seen.start)[sold & (seen.registered == 1)].sum())
    if away:
        broken.append(f"lots with one active bidder that did not go at their start: {away}")
    if style in REACH:
        broken += beyond(replication.records, scenario.auction.increment, *REACH[style])
    return gather(found, len(sold), broken)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the records say, a row a lot; 0 for what was not sold. ``more``: expected share of lots with a second bidder."""

    sold: npt.NDArray[np.bool_]
    price: Floats
    start: Floats
    premium: Floats
    value: Floats
    registered: Column
    bidders: Column
    more: float

    def quantity(self, name: str, expected: Floats | float, observed: Column, measure: str = "") -> Quantity:
        """A mean over the lots sold that rests on those with a second bidder."""
        return Quantity(name, float(expected), observed, self.sold, rests_on=self.more, measure=measure)


def _takes_part(exact: Appraised, seen: _Seen) -> list[Quantity]:
    """Whether a lot is sold, to an only bidder or not, and how many could pay."""
    sale, alone = float(exact.sale), float(exact.alone_per_sale)
    only = seen.sold & (seen.registered == 1)
    return [
        Quantity("sale", sale, seen.sold, rests_on=either(sale), measure="sale_rate_final"),
        Quantity("alone", alone, only, seen.sold, rests_on=either(alone, sale)),
        seen.quantity("active", exact.active_per_sale, seen.registered, "participants_per_sale"),
    ]


def _by_number(exact: Appraised, seen: _Seen, step: float) -> list[Quantity]:
    """Where everybody bids once, all who can pay bid, and the price counts them."""
    return [
        seen.quantity("premium", step * (exact.active_per_sale - 1.0), seen.premium, "premium_mean"),
        seen.quantity("bidding", exact.active_per_sale, seen.bidders, "bidders_per_sale"),
    ]


def _by_value(exact: Appraised, seen: _Seen, noisy: bool) -> list[Quantity]:
    """Where proxies bid, the price is the second highest value; the premium of the turnover only where starts differ."""
    found = [
        seen.quantity("price", exact.price, seen.price / seen.value),
        seen.quantity("premium", exact.premium_mean, seen.premium, "premium_mean"),
        seen.quantity("bidding", exact.bidding / exact.sale, seen.bidders, "bidders_per_sale"),
    ]
    if noisy:
        over, name = seen.price - seen.start, "premium_turnover"
        expected = float(exact.premium_turnover)
        found.append(Quantity(name, expected, over, seen.start, rests_on=seen.more, measure=name))
    return found


def second_values(records: Records) -> tuple[npt.NDArray[np.intp], Floats]:
    """Of each lot sold in its first auction: row of the lot, and the larger of its start and the second highest value."""
    lots, registrations = records.lots, records.registrations
    order = np.lexsort((-floats(registrations["value"]), registrations["lot"]))
    who, value = registrations["lot"][order], registrations["value"][order]
    second = np.zeros(len(who), dtype=np.bool_)
    second[1:] = who[1:] == who[:-1]
    second[2:] &= who[2:] != who[:-2]
    best = floats(lots["start"])
    at = np.searchsorted(lots["lot"], who[second])
    best[at] = np.maximum(best[at], value[second])
    rows = np.flatnonzero(lots["outcome"] == Outcome.SOLD)
    return rows, best[rows]


def beyond(records: Records, increment: float, low: float, high: float) -> list[str]:
    """Whether a price lies outside (low, high] steps from the second highest value."""
    rows, second = second_values(records)
    steps = (floats(records.lots["price"])[rows] - second) / (floats(records.lots["start"])[rows] * increment)
    slack = 1e-6 + 1e-14 / increment  # of a step: prices are rounded to 16 digits
    outside = int(((steps <= low - slack) | (steps > high + slack)).sum())
    if not outside:
        return []
    return [f"prices outside ({low:g}, {high:g}] steps from the second highest value: {outside}"]
