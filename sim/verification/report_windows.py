"""Family f: what a reporting window sees of lots listed at random times."""

from __future__ import annotations

import numpy as np

from sim.experiments.replications import Replication
from sim.model.calendar import day_of
from sim.model.records import Outcome
from sim.scenario.schema import Scenario
from sim.theory.windows import Inflow, listed_between, resolved_any, resolved_own, sold_among_resolved
from sim.verification.assumptions import NotCoveredError, market
from sim.verification.evidence import Evidence, Floats, Quantity, disagreements, either, floats, gather
from sim.verification.rounds import by_round, lags, off_schedule


def shares_by_lag(scenario: Scenario) -> tuple[Floats, Floats, Floats]:
    """Lags in days, and the shares of all lots sold and ended (one way or the other) at each."""
    m = market(scenario)
    total = sum(kind.share for kind in scenario.kinds.values())
    when: list[float] = []
    sold: list[float] = []
    ended: list[float] = []
    for kind in scenario.kinds.values():
        exact = by_round(m, kind.interest)
        days, share = lags(m, kind.movable), kind.share / total
        when += [*days, days[-1]]
        sold += [*(share * exact.sold), 0.0]
        ended += [*(share * exact.sold), share * (1.0 - exact.sold_by[-1])]
    return np.array(when), np.array(sold), np.array(ended)


def inflow(scenario: Scenario) -> Inflow:
    """Mean number listed in each period."""
    start, volume = scenario.time.start, scenario.arrivals.volume
    if scenario.arrivals.exact or any(p.lots > p.cases for p in scenario.arrivals.periods.values()):
        raise NotCoveredError(
            "windows are solved for lots listed one by one at Poisson times: arrivals.exact = false"
        )
    return [
        (day_of(p.first, start), day_of(p.last, start) + 1.0, p.lots * volume)
        for p in scenario.arrivals.periods.values()
    ]


def evidence(scenario: Scenario, replication: Replication) -> Evidence:
    """Listed, resolved and sold in the scenario's one window, by cohort and by event."""
    ((name, window),) = scenario.time.windows.items()
    first = day_of(window.first, scenario.time.start)
    last = day_of(window.last, scenario.time.start) + 1.0
    listings, (days, sold, ended) = inflow(scenario), shares_by_lag(scenario)
    lots = replication.records.lots
    listed, end = floats(lots["listed"]), floats(lots["ended"])
    mine, over = (listed >= first) & (listed < last), (end >= first) & (end < last)
    gone = over & (lots["outcome"] == Outcome.SOLD)
    base = float(listed_between(listings, first, last))
    own = resolved_own(listings, (first, last), days, ended) / base
    any_ = resolved_any(listings, (first, last), days, ended) / base
    where = (listings, (first, last), days, sold, ended)
    rate, rate_own = sold_among_resolved(*where, own=False), sold_among_resolved(*where)
    part = base / sum(number for _, _, number in listings)  # of all lots that are listed in the window
    event = [
        Quantity("listed", 1.0, mine, expected=base, measure="lots_listed"),
        Quantity("resolved_any", any_, over, expected=base),
        Quantity("sale_any", rate, gone, over, rests_on=either(rate, any_ * part), measure="sale_rate_final"),
    ]
    cohort = [
        Quantity("resolved_own", own, mine & over, expected=base),
        Quantity(
            "sale_own",
            rate_own,
            mine & gone,
            mine & over,
            rests_on=either(rate_own, own * part),
            measure="sale_rate_final",
        ),
    ]
    broken = disagreements(event, replication.measures, name)
    broken += off_schedule(replication.records, market(scenario))
    broken += disagreements(cohort, replication.measures, name, "cohort")
    return gather([*event, *cohort], len(mine), broken)
