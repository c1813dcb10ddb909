"""Family h: lots that wait for a court's one clerk."""

from __future__ import annotations

from math import isfinite

import numpy as np

from sim.experiments.replications import Replication
from sim.model.calendar import day_of
from sim.scenario.schema import WHOLE, Scenario
from sim.theory.queue import queue
from sim.verification.assumptions import NotCoveredError, only_method
from sim.verification.evidence import Evidence, Floats, Quantity, disagreements, floats, gather

FOLLOWED = 0.9  # of the period: busy periods that begin later may not have ended when the last case comes in
SECOND = 1.0 / 86_400.0  # of a day
CALM = 0.5  # load of the clerk above which the squares of waits are too skew for a normal distribution


def visit(scenario: Scenario) -> tuple[float, float]:
    """Days of the clerk's work on a lot, all at once, and days it spends before its listing besides that."""
    courts, method = scenario.courts, only_method(scenario)
    notice = courts.notice_days + courts.pricing_days + courts.objection_share * courts.objection_days
    others = {
        "from (values that change at a date)": bool(scenario.from_),
        "arrivals.mode (arrivals)": scenario.arrivals.mode != "arrivals",
        "arrivals.exact": scenario.arrivals.exact,
        "courts.clerks (1)": courts.clerks != 1,
        "courts.size_log_sd": courts.size_log_sd > 0.0,
        "courts.adoption (all from the start)": min(courts.adoption.values()) < 1.0,
        "survey and notice": courts.survey_days > 0.0 and notice > 0.0,
        "courts.handover_days": courts.handover_days > 0.0,
        "courts.notice_again_days": courts.notice_again_days > 0.0,
        "courts.objection_wait_days": courts.objection_wait_days > 0.0,
        "courts.report_valid_days": isfinite(courts.report_valid_days),
        "courts.objection_share (0 or 1)": 0.0 < courts.objection_share < 1.0,
        "pricing of varying length": method.days_low < method.days_high,
        "creditors.prior_share": scenario.creditors.prior_share > 0.0,
        "cases of several lots": any(p.lots > p.cases for p in scenario.arrivals.periods.values()),
    }
    left = [name for name, found in others.items() if found]
    if left:
        raise NotCoveredError(f"no closed form with {', '.join(left)}")
    return courts.survey_days + notice, method.days_low


def served_in_turn(seized: Floats, work: float) -> Floats:
    """Wait of each lot of a court, first come first served (Lindley's recursion): 0 where it finds the clerk free."""
    ahead = work * np.arange(len(seized)) - seized
    return ahead - np.minimum.accumulate(ahead)


def evidence(scenario: Scenario, replication: Replication) -> Evidence:
    """Days a lot waits for the clerk, their variance, and how many lots do not wait.

    Waits hang together as long as the clerk is busy, and not beyond: what is independent is a busy period, from a
    lot that found the clerk free to the last before the next such lot. Those that begin in the first nine tenths of
    the period are followed to their end, which by Wald's identity leaves no bias.
    """
    work, pricing = visit(scenario)
    (period,) = scenario.arrivals.periods.values()
    first = day_of(period.first, scenario.time.start)
    days = day_of(period.last, scenario.time.start) + 1.0 - first
    exact = queue(period.lots * scenario.arrivals.volume / (scenario.courts.number * days), work)
    lots = replication.records.lots
    order = np.lexsort((lots["seized"], lots["court"]))
    seized, listed = floats(lots["seized"])[order], floats(lots["listed"])[order]
    wait = listed - seized - work - pricing
    courts = np.split(seized, np.flatnonzero(np.diff(lots["court"][order])) + 1)
    due = np.concatenate([served_in_turn(one, work) for one in courts])
    wrong = int((~(np.abs(wait - due) < SECOND)).sum())
    begins = np.flatnonzero(due == 0.0)
    kept = seized[begins] < first + FOLLOWED * days
    number = np.diff(begins, append=len(wait))[kept]
    total = np.add.reduceat(wait, begins)[kept]
    wait_mean, free = float(exact.wait), float(exact.idle)
    found = [
        Quantity("wait", wait_mean, total, number, rests_on=free),
        Quantity(
            "no_wait", free, np.add.reduceat(wait < SECOND, begins, dtype=float)[kept], number, rests_on=free
        ),
    ]
    if free >= CALM:
        squares = np.add.reduceat((wait - wait_mean) ** 2, begins)[kept]
        found.append(Quantity("wait_variance", float(exact.variance), squares, number, rests_on=free))
    listing = Quantity("days", 0.0, listed - seized, measure="days_to_list_mean")
    broken = disagreements([listing], replication.measures, WHOLE)
    broken += [f"lots not served in their turn: {wrong}"] if wrong else []
    return gather(found, int(number.sum()), broken)
