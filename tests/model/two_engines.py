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


class Rows:
    """Rows of an array, read and written by name in the array's own memory; np.recarray does the same and takes four times as long."""

    def __init__(self, of: np.ndarray[Any, Any]) -> None:
        self.columns = {name: of[name] for name in of.dtype.names or ()}
        self.shape = of.shape

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, i: Any) -> Row:
        return Row(self.columns, i)

    def __setitem__(self, i: Any, row: Row) -> None:
        for name, column in self.columns.items():
            column[i] = row.columns[name][row.i]


class Row:
    """One of them."""

    __slots__ = ("columns", "i")

    def __init__(self, columns: dict[str, np.ndarray[Any, Any]], i: Any) -> None:
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "i", i)

    def __getattr__(self, name: str) -> Any:
        return self.columns[name][self.i]

    def __setattr__(self, name: str, value: Any) -> None:
        self.columns[name][self.i] = value


def in_python(w: CourtArrays) -> int:
    """The loop, uncompiled: slow, and every line can be changed."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return drive(CourtArrays(*(Rows(x) if x.dtype.names else x for x in w)))  # type: ignore[arg-type]


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


# What makes people react, and what meets them then: drawn so that it does happen, often several at once.
LIVELY: dict[tuple[str, str], Any] = {
    ("strategic_waiting", "share"): (0.0, 0.3, 0.8, 1.0),
    ("strategic_waiting", "reoffer"): (0.5, 0.95, 1.0),
    ("strategic_waiting", "discount"): (0.7, 0.98),
    ("strategic_waiting", "first_round"): ("open", "sealed"),
    ("liquidity", "short_share"): (0.0, 0.4, 1.0),
    ("liquidity", "held"): (0.02, 0.1),
    ("creditors", "bid_share"): (0.0, 0.5, 1.0),
    ("creditors", "compare_share"): (0.0, 0.5, 1.0),
    ("creditors", "resale"): (0.3, 0.6, 0.9),
    ("creditors", "prior_share"): (0.0, 0.4, 1.0),
    ("creditors", "prior"): (0.1, 0.5, 0.9),
    ("creditors", "insist_share"): (0.0, 0.5, 1.0),
    ("price_response", "elasticity"): (0.0, 0.0, 1.5),
    ("eligibility", "restricted_creditors"): (0.0, 0.5),
    ("eligibility", "restricted_bidders"): (0.0, 0.5),
    ("disposal", "third_party_share"): (0.0, 0.4),
    ("disposal", "in_kind_second"): (0.0, 0.3),
    ("disposal", "default_rate"): (0.0, 0.0, 0.3),
    ("debtor_sale", "share"): (0.0, 0.5),
    ("interest", "mean"): (1.0, 4.0, 15.0),
    ("interest", "persistence"): (0.0, 0.5),
}


def _lively(rng: np.random.Generator, base: dict[str, Any]) -> dict[str, Any]:
    """Some of that, from one day on or always."""
    for table, name in LIVELY:
        if rng.random() < 0.8:
            choice = LIVELY[table, name]
            base.setdefault(table, {})[name] = choice[int(rng.integers(len(choice)))]
    return base


def covered(seed: int, volume: float = 1.0, most: float = 1e9) -> Scenario | None:
    """A scenario drawn over every parameter, a finite market off; None where what was drawn is refused, or would take too long.

    In every second one people react.
    """
    rng = np.random.default_rng(seed)
    tree = overlay(rng)
    if rng.random() < 0.5:
        _lively(rng, tree)
        if rng.random() < 0.3:
            over = tree.setdefault(FROM, {})
            _lively(rng, over.setdefault("2017-05-01", {}))
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
