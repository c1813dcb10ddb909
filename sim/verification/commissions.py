"""Family g: the commission on lognormal hammer prices."""

from __future__ import annotations

import numpy as np

from sim.experiments.replications import Replication
from sim.law.commission import BANDS, commission
from sim.model.records import Outcome
from sim.scenario.schema import WHOLE, Scenario
from sim.theory.commission import limited_mean, lognormal_commission
from sim.theory.english import english
from sim.verification.assumptions import NotCoveredError, market
from sim.verification.evidence import Evidence, Quantity, disagreements, either, gather

AGREE = 1e-6  # spread of values up to which bidders count as agreeing
SKEW = 0.25  # of a mean of lognormal prices, above which it is no longer nearly normal and is not judged


def evidence(scenario: Scenario, replication: Replication) -> Evidence:
    """Commission a sale and as a share of turnover, and the price up to the first limit.

    Bidders agree on the lot's value V (up to the law's tiny spread), so a lot with one bidder goes at its start,
    every other at V: two lognormal distributions, mixed as theory says.
    """
    m = market(scenario)
    (kind,) = scenario.kinds.values()
    if m.law.kind != "lognormal" or float(np.asarray(m.law.spread)) > AGREE or m.noise > 0.0:
        raise NotCoveredError("prices are lognormal where bidders agree on values: a lognormal spread near 0")
    exact = english(m.interest(), m.law, m.ratio * np.exp(m.bias), m.k)
    alone = float(exact.alone_per_sale)
    s = kind.value_log_sd
    means = (
        kind.value_median
        * np.exp(s * s / 2.0)
        * np.array([float(exact.start), np.exp(float(np.asarray(m.law.location)))])
    )
    mix = np.array([alone, 1.0 - alone])
    limit = BANDS[0][0]
    fee, turnover = float(mix @ lognormal_commission(means, s)), float(mix @ means)
    lots = replication.records.lots
    sold = lots["outcome"] == Outcome.SOLD
    price = np.where(sold, lots["price"], 0.0)
    fees = commission(price)
    found = [
        Quantity("commission", fee, fees, sold, measure="commission_saved/lots_sold"),
        Quantity("below_limit", float(mix @ limited_mean(limit, means, s)), np.minimum(price, limit), sold),
        Quantity(
            "alone",
            alone,
            sold & (replication.records.rounds["registered"] == 1),
            sold,
            rests_on=either(alone, float(exact.sale)),
        ),
    ]
    w = np.exp(s * s)
    if (w + 2.0) * np.sqrt(w - 1.0) / np.sqrt(len(price)) < SKEW:
        found.append(
            Quantity("commission_share", fee / turnover, fees, price, measure="commission_saved/turnover")
        )
    return gather(found, len(price), disagreements(found, replication.measures, WHOLE))
