"""Families a, a2 and b: one auction a lot. Sale, price, premium, and who takes part."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.experiments.replications import Replication
from sim.model.records import Outcome, Records
from sim.scenario.schema import WHOLE, Scenario
from sim.theory.appraisal import appraised
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
    exact = appraised(m.lam, m.law, m.ratio, m.bias, m.noise, m.k)
    lots, rounds = replication.records.lots, replication.records.rounds
    n = len(lots["lot"])
    if not np.array_equal(lots["lot"], rounds["lot"]):
        raise ValueError("a lot has not had its one auction by the end of the horizon")
    sold = lots["outcome"] == Outcome.SOLD
    price = np.where(sold, lots["price"], 0.0)
    start = np.where(sold, lots["start_sold"], 0.0)
    registered, bidders = rounds["registered"], np.where(sold, rounds["bidders"], 0)
    sale, alone = float(exact.sale), float(exact.alone_per_sale)
    more = sale * (1.0 - alone)  # share of lots with a second bidder
    found = [
        Quantity("sale", sale, sold, rests_on=either(sale), measure="sale_rate_final"),
        Quantity("alone", alone, sold & (registered == 1), sold, rests_on=either(alone, sale)),
        Quantity(
            "active",
            float(exact.active_per_sale),
            registered,
            sold,
            rests_on=more,
            measure="participants_per_sale",
        ),
    ]
    premium = np.where(sold, floats(lots["price"]) / floats(lots["start"]) - 1.0, 0.0)
    if style == "once":
        step = scenario.auction.increment
        found += [
            Quantity(
                "premium",
                step * (float(exact.active_per_sale) - 1.0),
                premium,
                sold,
                rests_on=more,
                measure="premium_mean",
            ),
            Quantity(
                "bidding",
                float(exact.active_per_sale),
                bidders,
                sold,
                rests_on=more,
                measure="bidders_per_sale",
            ),
        ]
    if style == "proxy":
        to_value = price / lots["value"]
        found += [
            Quantity("price", float(exact.price), to_value, sold, rests_on=more),
            Quantity(
                "premium", float(exact.premium_mean), premium, sold, rests_on=more, measure="premium_mean"
            ),
            Quantity(
                "bidding",
                float(exact.bidding / exact.sale),
                bidders,
                sold,
                rests_on=more,
                measure="bidders_per_sale",
            ),
        ]
    if style == "proxy" and m.noise > 0.0:
        found.append(
            Quantity(
                "premium_turnover",
                float(exact.premium_turnover),
                price - start,
                start,
                rests_on=more,
                measure="premium_turnover",
            )
        )
    broken = disagreements(found, replication.measures, WHOLE)
    away = int((price != start)[sold & (registered == 1)].sum())
    if away:
        broken.append(f"lots with one active bidder that did not go at their start: {away}")
    if style in REACH:
        broken += beyond(replication.records, scenario.auction.increment, *REACH[style])
    return gather(found, n, broken)


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
