"""The model: courts in one SimPy environment (``Clock``), run to the horizon, records out.

It takes a Scenario and a replication number and knows nothing of files, tables or reports.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.model.arrivals import CourtArrivals, inflow
from sim.model.behaviour.baseline import Behaviour, stood_on
from sim.model.behaviour.switches import behaviours, coupled
from sim.model.clock import Clock
from sim.model.court import Court
from sim.model.engine import compiled_loop, has_simulated
from sim.model.lots import Lot, lots_of
from sim.model.pricing import Pricing, pricing_of
from sim.model.recorder import Recorder
from sim.model.records import Records, join, of_court, of_lots
from sim.model.rules import Rules, horizon, rules_of
from sim.scenario.schema import Scenario

if TYPE_CHECKING:  # what is not used is not even imported
    from sim.model.compiled.courts import Drive


@dataclass(frozen=True, slots=True)
class Shared:
    """What all courts go by: made once a replication, not once a court (4 % of a run of Shanxi)."""

    rules: Rules
    pricing: Pricing


def simulate(scenario: Scenario, replication: int = 0, courts: Sequence[int] | None = None) -> Records:
    """One replication: the records of all courts, or of those named.

    Nothing couples courts in the base model, so they run one after another; the records are the same as from
    ``undivided`` because draws belong to lots, and a small population of pending events is what makes SimPy fast.
    Where courts share their bidders (``sim.model.behaviour.finite_market``), those asked for run together.
    Which engine runs them is ``sim.model.engine``'s to say; the records are the same.
    """
    loop = compiled_loop(scenario)
    if loop is not None:
        parts = _compiled(scenario, replication, courts, loop)
        in_order = sorted(parts, key=lambda part: part[0][0].first_lot)
        return join(records for _, records in in_order)
    recorder, shared = Recorder(), _shared(scenario)
    with patient_collector():
        wanted = _courts(scenario, replication, courts, shared)
        for together in [wanted] if coupled(scenario) else ([court] for court in wanted):
            _run(scenario, replication, together, recorder, shared)
        return _done(recorder.records(horizon(scenario)))


def by_court(
    scenario: Scenario, replication: int = 0, courts: Sequence[int] | None = None
) -> Iterator[Records]:
    """The records court by court, in order, each as soon as it has run: for runs too large to hold.

    Courts that share their bidders run together all the same, and are held until all have run.
    """
    if coupled(scenario):
        records = simulate(scenario, replication, courts)
        number = scenario.courts.number
        yield from (of_court(records, court) for court in (range(number) if courts is None else courts))
        return
    loop = compiled_loop(scenario)
    if loop is not None:
        for group, records in _compiled(scenario, replication, courts, loop):
            yield from (of_lots(records, court.first_lot, court.number) for court in group)
        return
    shared = _shared(scenario)
    with patient_collector():
        for court in _courts(scenario, replication, courts, shared):
            recorder = Recorder()
            _run(scenario, replication, [court], recorder, shared)
            yield _done(recorder.records(horizon(scenario)))


def undivided(scenario: Scenario, replication: int = 0) -> Records:
    """One replication with all courts in one environment: what a coupled market needs."""
    recorder, shared = Recorder(), _shared(scenario)
    with patient_collector():
        _run(scenario, replication, _courts(scenario, replication, None, shared), recorder, shared)
        return recorder.records(horizon(scenario))


def _shared(scenario: Scenario) -> Shared:
    return Shared(rules_of(scenario), pricing_of(scenario))


def _done(records: Records) -> Records:
    """Records that SimPy has made."""
    has_simulated(len(records.lots["lot"]))
    return records


def _compiled(
    scenario: Scenario, replication: int, courts: Sequence[int] | None, loop: Drive
) -> Iterator[tuple[list[CourtArrivals], Records]]:
    """The records of courts that are drawn together, by the compiled loop; those that it cannot run, by SimPy."""
    from sim.model.compiled.courts import run

    shared = _shared(scenario)
    wanted = _arrivals(scenario, replication, courts)
    for group, found in run(scenario, replication, (shared.rules, shared.pricing), wanted, loop):
        if found is None:
            recorder = Recorder()
            with patient_collector():
                for court in lots_of(scenario, shared.rules, replication, group):
                    _run(scenario, replication, [court], recorder, shared)
                found = _done(recorder.records(horizon(scenario)))
        yield group, found


def _courts(
    scenario: Scenario, replication: int, courts: Sequence[int] | None, shared: Shared
) -> Iterator[Iterator[list[Lot]]]:
    """What comes in at each court."""
    return lots_of(scenario, shared.rules, replication, _arrivals(scenario, replication, courts))


def _arrivals(scenario: Scenario, replication: int, courts: Sequence[int] | None) -> list[CourtArrivals]:
    arrivals = inflow(scenario, replication)
    return arrivals if courts is None else [arrivals[court] for court in courts]


def _run(
    scenario: Scenario,
    replication: int,
    courts: Iterable[Iterator[list[Lot]]],
    recorder: Recorder,
    shared: Shared,
) -> None:
    """Run courts together in one environment up to the horizon."""
    env, rules = Clock(), shared.rules
    people = _people(env, scenario, rules, replication)
    own = {kind: _people(env, scenario, one, replication) for kind, one in rules.kinds.items()}
    here = [Court(env, rules, shared.pricing, arrivals, recorder, people, own=own) for arrivals in courts]
    env.run(until=horizon(scenario))
    env.close()
    for court in here:
        court.close()


def _people(env: Clock, scenario: Scenario, rules: Rules, replication: int) -> list[Behaviour]:
    """What people do in each period under these rules, with the reaction that was given."""
    people = behaviours(env, scenario, rules, replication)
    if scenario.extensions.reaction is None:
        return people
    return [stood_on(scenario.extensions.reaction, one) for one in people]


@contextmanager
def patient_collector() -> Iterator[None]:
    """Python's cycle collector, made to wait: what a run makes lives to its end or dies by reference count.

    Left alone it walks the growing heap again and again: a quarter of the time at 40,000 lots.
    """
    was = gc.get_threshold()
    gc.set_threshold(200_000, 50, 1000)
    try:
        yield
    finally:
        gc.set_threshold(*was)
