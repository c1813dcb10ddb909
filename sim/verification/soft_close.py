"""Family e: the soft close under bids at a constant rate."""

from __future__ import annotations

import numpy as np

from sim.experiments.replications import Replication
from sim.model.calendar import MINUTE
from sim.scenario.schema import WHOLE, Scenario
from sim.theory.soft_close import soft_close
from sim.verification.assumptions import NotCoveredError, market
from sim.verification.evidence import Evidence, Quantity, disagreements, either, floats, gather


def evidence(scenario: Scenario, replication: Replication) -> Evidence:
    """Overtime and extensions of auctions in which everybody who comes bids once."""
    m, auction = market(scenario), scenario.auction
    (only,) = m.rounds
    if auction.bidding != "once" or only.late_shape != 1.0 or np.isfinite(m.k):
        raise NotCoveredError(
            "the soft close is solved for bids at a constant rate: bidding once, late_shape 1"
        )
    span = only.window_days / MINUTE + only.overhang_minutes
    eligible = float(m.law.sf(m.ratio * np.exp(m.bias)))
    exact = soft_close(m.interest() * eligible / span, auction.soft_close_minutes)
    rounds = replication.records.rounds
    overtime = (floats(rounds["closes"]) - floats(rounds["opens"]) - only.window_days) / MINUTE
    extensions = floats(rounds["extensions"])
    late = 1.0 - float(exact.quiet)
    found = [
        Quantity("overtime", float(exact.overtime), overtime, rests_on=late),
        Quantity(
            "overtime_variance", float(exact.variance), (overtime - float(exact.overtime)) ** 2, rests_on=late
        ),
        Quantity(
            "extensions", float(exact.extensions), extensions, rests_on=late, measure="extensions_per_round"
        ),
        Quantity("no_extension", float(exact.quiet), extensions == 0, rests_on=either(late)),
        Quantity(
            "three_extensions",
            float(exact.at_least(3)),
            extensions >= 3,
            rests_on=either(float(exact.at_least(3))),
        ),
    ]
    return gather(found, len(overtime), disagreements(found, replication.measures, WHOLE))
