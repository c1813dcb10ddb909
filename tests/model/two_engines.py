"""The two engines side by side: the loop as Python runs it, scenarios that it covers, and where records differ."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from random_scenarios import BASE, overlay

from sim.model.compiled.coverage import OFF
from sim.model.compiled.loop import drive
from sim.model.compiled.state import CourtArrays
from sim.model.engine import using
from sim.model.records import SCHEMAS, Records, join
from sim.model.simulate import _compiled, simulate
from sim.scenario import ScenarioError, load
from sim.scenario.keys import FROM
from sim.scenario.load import Overlay
from sim.scenario.schema import Scenario


def in_python(w: CourtArrays) -> int:
    """The loop, uncompiled: slow, and every line can be changed."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return drive(CourtArrays(*(x.view(np.recarray) if x.dtype.names else x for x in w)))


def by_loop(scenario: Scenario, replication: int = 0, loop: Any = in_python) -> Records:
    """The records of all courts, by the loop."""
    return join(records for _, records in _compiled(scenario, replication, None, loop))


def by_simpy(scenario: Scenario, replication: int = 0) -> Records:
    with using("simpy"):
        return simulate(scenario, replication)


def differences(a: Records, b: Records) -> list[str]:
    """Columns that are not the same bytes."""
    return [
        f"{name}.{column}"
        for name in SCHEMAS
        for column in a[name]
        if a[name][column].dtype != b[name][column].dtype
        or a[name][column].tobytes() != b[name][column].tobytes()
    ]


def covered(seed: int, volume: float = 1.0, most: float = 1e9) -> Scenario | None:
    """A scenario drawn over every parameter, behaviours off; None where what was drawn is refused, or would take too long."""
    tree = overlay(np.random.default_rng(seed))
    for over in (tree, *tree.get(FROM, {}).values()):
        _off(over)
    tree[FROM] = {day: over for day, over in tree.get(FROM, {}).items() if over}
    arrivals = tree["arrivals"]
    if arrivals.get("volume", 1.0) <= 3.0:
        arrivals["volume"] = arrivals.get("volume", 1.0) * volume
    try:
        found = load(BASE, overlays=[Overlay("drawn", tree)]).scenario
    except ScenarioError:
        return None
    lots = found.arrivals.volume * sum(period.lots for period in found.arrivals.periods.values())
    interested = max(
        one.interest.mean
        * sum(kind.interest for kind in one.kinds.values())
        * sum(r.interest for r in one.rounds.values())
        for _, one in found.periods
    )
    return found if lots <= most and lots * interested <= 40_000.0 * volume else None


def _off(tree: dict[str, Any]) -> None:
    for table, name in (*OFF, ("finite_market", "stagger_days")):
        if table in tree:
            tree[table].pop(name, None)
            if not tree[table]:
                del tree[table]
