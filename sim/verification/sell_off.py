"""Family c2: the sell-off, whose first bid starts a clock."""

from __future__ import annotations

import numpy as np

from sim.experiments.replications import Replication
from sim.model.records import Outcome
from sim.model.rules import rules_of
from sim.scenario.schema import WHOLE, Scenario
from sim.theory.sell_off import sell_off
from sim.verification.assumptions import NotCoveredError, market
from sim.verification.evidence import Evidence, Quantity, disagreements, either, floats, gather


def evidence(scenario: Scenario, replication: Replication) -> Evidence:
    """Sale, day of the first bid, price, and how many join."""
    m = market(scenario)
    if len(m.rounds) != 1 or m.rounds[0].late_shape != 1.0 or m.noise > 0.0 or np.isfinite(m.k):
        raise NotCoveredError("a sell-off is solved alone, with bidders who come evenly, and without noise")
    (stage,) = rules_of(scenario).stages
    law_of_start = m.ratio * m.keep[0] * float(np.exp(m.bias))
    exact = sell_off(m.interest() / stage.span, stage.window, m.law, law_of_start)
    lots, rounds, bids = (replication.records[name] for name in ("lots", "rounds", "bids"))
    n = len(lots["lot"])
    sold = lots["outcome"] == Outcome.SOLD
    first = np.zeros(n)
    whose, row = np.unique(bids["lot"], return_index=True)  # bids are in order of time within a lot
    at = np.searchsorted(lots["lot"], whose)
    first[at] = floats(bids["time"][row]) - floats(rounds["opens"][at])
    joined = float(exact.sale * (1.0 - np.exp(1.0 - exact.active)))  # share of lots with a second bidder
    found = [
        Quantity(
            "sale", float(exact.sale), sold, rests_on=either(float(exact.sale)), measure="sale_rate_final"
        ),
        Quantity("trigger", float(exact.trigger), np.where(sold, first, 0.0), sold),
        Quantity(
            "price",
            float(exact.price),
            np.where(sold, lots["price"], 0.0) / lots["value"],
            sold,
            rests_on=joined,
        ),
        Quantity(
            "active",
            float(exact.active),
            rounds["registered"],
            sold,
            rests_on=joined,
            measure="participants_per_sale",
        ),
    ]
    return gather(found, n, disagreements(found, replication.measures, WHOLE))
