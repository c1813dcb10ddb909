"""Families c, i and j: several rounds with fresh and returning bidders; the same where a lower start draws people, and of homes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.experiments.replications import Replication
from sim.model.records import Outcome, Records, sold_by_debtor
from sim.scenario.schema import WHOLE, Scenario
from sim.theory.appraisal import valuation_errors
from sim.theory.rounds import Rounds, rounds
from sim.verification.assumptions import Market, NotCoveredError, market
from sim.verification.evidence import Evidence, Quantity, disagreements, either, floats, gather

SECOND = 1.0 / 86_400.0  # of a day
DISCOUNT = 0.08  # a year: what a creditor might count for waiting; any rate would do for the test


def lags(m: Market, movable: bool = False) -> list[float]:
    """Days from the listing to the end of each round."""
    day, out = 0.0, []
    for i, one in enumerate(m.rounds):
        if one.format != "auction":
            raise NotCoveredError("the day on which a sell-off ends is not given")
        notice = one.notice_days_movable if movable else one.notice_days_immovable
        day += (one.relist_days if i else 0.0) + notice + one.window_days
        out.append(day)
    return out


def by_round(m: Market, interest: float = 1.0) -> Rounds:
    """The closed form, averaged over valuation errors; prices in units of market value."""
    eta, weight = valuation_errors(m.bias, m.noise)
    each = rounds(
        [m.interest(i, interest) for i in range(len(m.rounds))],
        m.law,
        [m.ratio * keep * np.exp(eta) for keep in m.keep],
        m.persistence,
        m.k,
    )
    mean = {
        name: getattr(each, name) @ weight for name in ("starts", "sold", "revenue", "alone", "mean_active")
    }
    return Rounds(**mean)


def off_schedule(records: Records, m: Market) -> list[str]:
    """Whether a round ended on another day than the notices and windows say: to the second, lot by lot."""
    rounds, lots = records.rounds, records.lots
    at = np.searchsorted(lots["lot"], rounds["lot"])
    days = np.array([lags(m), lags(m, movable=True)])
    due = days[lots["movable"][at].astype(np.intp), rounds["round"].astype(np.intp)]
    late = floats(rounds["closes"]) - floats(lots["listed"])[at] - due
    wrong = int((np.abs(late) > SECOND).sum())
    return [f"rounds that did not end on their day: {wrong}"] if wrong else []


def evidence(scenario: Scenario, replication: Replication) -> Evidence:
    """Sold by round, rounds held, days, recovery, prices by round."""
    m = market(scenario)
    found = quantities(m, replication.records)
    broken = disagreements(found, replication.measures, WHOLE) + off_schedule(replication.records, m)
    return gather(found, len(replication.records.lots["lot"]), broken)


def of_homes(scenario: Scenario, replication: Replication) -> Evidence:
    """The same of homes, some of which their debtors sell when the last auction has failed: each with the same probability,
    at an even moment of the time given.
    """
    m, debtors, lots = market(scenario, homes=True), scenario.debtor_sale, replication.records.lots
    p, own = debtors.share * debtors.success, sold_by_debtor(lots)
    found = quantities(m, replication.records)
    if p:
        days = np.where(own, floats(lots["ended"]) - floats(lots["listed"]) - lags(m)[-1], 0.0)
        share = p * (1.0 - float(by_round(m).sold_by[-1]))
        found += [
            Quantity("own_sale", share, own, rests_on=either(share), measure="debtor_sales/lots_listed"),
            Quantity("own_days", debtors.days / 2.0, days, own, rests_on=share),
        ]
        found = [replace(one, measure="") if one.measure == "sale_rate_final" else one for one in found]
    broken = disagreements(found, replication.measures, WHOLE) + off_schedule(replication.records, m)
    return gather(found, len(lots["lot"]), broken)


def quantities(m: Market, records: Records) -> list[Quantity]:
    """Sold by round, rounds held, days, recovery, prices by round."""
    exact, ends, lots = by_round(m), lags(m), records.lots
    sold = lots["outcome"] == Outcome.SOLD
    at = np.where(sold, lots["sold_round"], len(ends))
    days = np.where(sold, floats(lots["ended"]) - floats(lots["listed"]), 0.0)
    value = np.where(sold, lots["price"], 0.0) / lots["value"]
    ever = float(exact.sold_by[-1])
    found = [
        Quantity(f"sold_by_{i + 1}", float(share), at <= i, rests_on=either(float(share)), measure="sale_rate_final" if i + 1 == len(ends) else "")
        for i, share in enumerate(exact.sold_by)
    ]  # fmt: skip
    found += [
        Quantity("rounds_held", float(exact.held), lots["rounds"], rests_on=either(float(exact.sold[0]))),
        Quantity(
            "sale_per_round",
            ever / float(exact.held),
            sold,
            lots["rounds"],
            rests_on=either(ever),
            measure="sale_rate_round",
        ),
        Quantity(
            "days",
            float(exact.days(ends)),
            days,
            sold,
            rests_on=either(float(exact.sold[0]) / ever, ever),
            measure="days_to_sale_mean",
        ),
        Quantity(
            "discounted",
            float(exact.discounted(ends, DISCOUNT)),
            np.where(sold, np.exp(-DISCOUNT * days / 365.0) * value, 0.0),
        ),
    ]
    found += [
        Quantity(
            f"price_{i + 1}",
            float(revenue / share),
            np.where(at == i, value, 0.0),
            at == i,
            rests_on=float(share - alone),
        )
        for i, (revenue, share, alone) in enumerate(zip(exact.revenue, exact.sold, exact.alone, strict=True))
        if share > 1e-9
    ]
    return found
