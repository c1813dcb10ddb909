"""The model: courts in one SimPy environment (``Clock``), run to the horizon, records out.

It takes a Scenario and a replication number and knows nothing of files, tables or reports.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sim.alarm import Clock
from sim.court import Court
from sim.docket import CourtDocket, inflow
from sim.pricing import Pricing
from sim.records import Records, join
from sim.scenario.schema import Scenario
from sim.terms import horizon, terms


def simulate(scenario: Scenario, replication: int = 0, courts: Sequence[int] | None = None) -> Records:
    """One replication: the records of all courts, or of those named.

    Nothing couples courts in the base model, so they run one after another; the records are the same as from
    ``undivided`` because draws belong to lots, and a small population of pending events is what makes SimPy fast.
    """
    return join(list(by_court(scenario, replication, courts)))


def by_court(
    scenario: Scenario, replication: int = 0, courts: Sequence[int] | None = None
) -> Iterator[Records]:
    """The records court by court, in order, each as soon as it has run: for runs too large to hold."""
    dockets = inflow(scenario, replication)
    with patient_collector():
        for docket in dockets if courts is None else [dockets[court] for court in courts]:
            yield _run(scenario, replication, [docket])


def undivided(scenario: Scenario, replication: int = 0) -> Records:
    """One replication with all courts in one environment: what a coupled market needs."""
    with patient_collector():
        return _run(scenario, replication, inflow(scenario, replication))


def _run(scenario: Scenario, replication: int, dockets: Sequence[CourtDocket]) -> Records:
    term, pricing = terms(scenario), Pricing(scenario)
    env = Clock()
    courts = [Court(env, scenario, term, pricing, docket, replication) for docket in dockets]
    env.run(until=horizon(scenario))
    env.close()
    return join([court.book.records() for court in courts])


@contextmanager
def patient_collector() -> Iterator[None]:
    """Python's cycle collector, told to wait: what a run makes lives to its end or dies by reference count.

    Left alone it walks the growing heap again and again: a quarter of the time at 40,000 lots.
    """
    was = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(200_000, 50, 1000)
    try:
        yield
    finally:
        gc.set_threshold(*was)
        gc.unfreeze()
