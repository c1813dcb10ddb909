"""The work: every case's replications, on one processor or several, added up in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from sim.experiments.execution.executors import Submits, in_order
from sim.experiments.replications import Replication, replicate
from sim.scenario import load
from sim.scenario.files import HOME
from sim.scenario.schema import Scenario
from sim.verification import (
    auctions,
    clerks,
    commissions,
    report_windows,
    rounds,
    sell_off,
    soft_close,
    waiting,
)
from sim.verification.evidence import Evidence
from sim.verification.listed_cases import Case

QUICK, FULL = 20_000, 200_000  # lots a case
CHUNK = 20_000  # lots a replication: a second or so, and what memory holds easily
CROWDED = 5_000  # the same for the soft close, where hundreds come to a lot
QUEUED = 3  # times as many lots for waits, which hang together

WITNESSES: dict[str, Callable[[Scenario, Replication], Evidence]] = {
    "a": auctions.evidence,
    "a2": auctions.evidence,
    "b": auctions.evidence,
    "c": rounds.evidence,
    "c2": sell_off.evidence,
    "d": waiting.evidence,
    "e": soft_close.evidence,
    "f": report_windows.evidence,
    "g": commissions.evidence,
    "h": clerks.evidence,
    "i": rounds.evidence,
    "j": rounds.of_homes,
}


class Task(NamedTuple):
    """One replication of one case."""

    case: Case
    lots: int
    number: int


def tasks_of(case: Case, lots: int) -> list[Task]:
    """Replications that hold ``lots`` lots in all (on average, where the number is drawn)."""
    chunk = min(lots, CROWDED if case.family == "e" else CHUNK)
    number = -(-lots // chunk) * (QUEUED if case.family == "h" else 1)
    return [Task(case, chunk, i) for i in range(number)]


def witness(task: Task) -> Evidence:
    """Run one replication the way ``sim run`` does and compare it with theory."""
    scenario = scenario_of(task.case, task.lots)
    return WITNESSES[task.case.family](scenario, replicate(scenario, task.number, "all"))


@lru_cache(maxsize=4)
def scenario_of(case: Case, lots: int) -> Scenario:
    """The case as a scenario: its file, and what is set over it."""
    return load(HOME / "verify" / f"{case.file}.toml", case.overrides(lots)).scenario


def verify(
    cases: list[Case],
    lots: int,
    workers: Submits | None = None,
    ahead: int = 4,
    tick: Callable[[int], None] = lambda done: None,
) -> Iterator[tuple[Case, Evidence]]:
    """Each case with its evidence, in order."""
    todo = [task for case in cases for task in tasks_of(case, lots)]
    found = in_order(workers, witness, todo, ahead)
    done = 0
    for case in cases:
        total: Evidence | None = None
        for _ in tasks_of(case, lots):
            one = next(found)
            total = one if total is None else total + one
            done += 1
            tick(done)
        assert total is not None
        yield case, total
