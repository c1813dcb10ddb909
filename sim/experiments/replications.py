"""Replications: the same scenario repeatedly, on one processor or several, with the same result.

A replication is a pure function of (scenario, replication number); workers are given numbers and return
what was requested, and results are taken in order, so nothing depends on which worker ran what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import numpy.typing as npt

from sim.experiments.execution.executors import Submits, in_order
from sim.measures import Gathered, MeasureTable, WindowSpan, compute
from sim.measures.curves import open_lots_curve
from sim.measures.flows import Link, flow_links
from sim.measures.months import by_month, month_edges
from sim.model.behaviour.creditors import proceeds
from sim.model.calendar import day_of
from sim.model.records import SCHEMAS, Outcome, Records, table
from sim.model.rules import horizon
from sim.model.simulate import simulate
from sim.scenario.schema import WHOLE, Scenario

Keep = Literal["none", "lots", "all"]
CURVE_DAYS = 7.0  # spacing of the curve of open lots


@dataclass(frozen=True, slots=True)
class Replication:
    """What is kept of one replication."""

    number: int
    measures: MeasureTable
    records: Records  # emptied down to what was asked for
    flow: list[Link]  # lots from stage to stage
    open_lots: dict[str, npt.NDArray[np.float64]]  # (days,) each: listed, open, sold by ``curve_days``
    days_to_sale: npt.NDArray[np.float64]  # (sold,)
    premiums: npt.NDArray[np.float64]  # (sold, 2): hammer price, starting price of its round
    months: dict[str, npt.NDArray[np.float64]]  # (months,) each; empty unless something changes at a date


def spans(scenario: Scenario) -> list[WindowSpan]:
    """The scenario's reporting windows in model days, and the whole period."""
    start = scenario.time.start
    windows = [
        WindowSpan(name, day_of(w.first, start), day_of(w.last, start) + 1.0)
        for name, w in scenario.time.windows.items()
    ]
    return [*windows, WindowSpan(WHOLE, 0.0, horizon(scenario))]


def curve_days(scenario: Scenario) -> npt.NDArray[np.float64]:
    """Days at which open lots are counted, the end of the last day among them."""
    end = horizon(scenario)
    return np.append(np.arange(0.0, end, CURVE_DAYS), end)


def replicate(scenario: Scenario, number: int, keep: Keep = "none") -> Replication:
    """Run one replication and keep what was asked for."""
    records = simulate(scenario, number)
    lots = records.lots
    sold = lots["outcome"] == Outcome.SOLD
    ended, listed, price, start = (
        lots[name][sold].astype(np.float64) for name in ("ended", "listed", "price", "start_sold")
    )
    return Replication(
        number=number,
        measures=measures_of(scenario, number, records),
        records=kept(records, keep),
        flow=flow_links(records, scenario.held),
        open_lots=open_lots_curve(records, curve_days(scenario)),
        days_to_sale=ended - listed,
        premiums=np.column_stack([price, start]),
        months=by_month(records, month_edges(scenario.time.start, scenario.time.end))
        if scenario.from_
        else {},
    )


def measures_of(scenario: Scenario, number: int, records: Records) -> MeasureTable:
    """Every measure of one replication, on the scenario's windows."""
    return compute(
        records,
        spans(scenario),
        kinds=list(scenario.offered),
        rounds=scenario.held,
        proceeds=proceeds(scenario, number, records.lots),
        own=scenario.extensions.measures,
    )


def kept(records: Records, keep: Keep) -> Records:
    """The tables asked for; the others empty."""
    names = {"none": (), "lots": ("lots",), "all": tuple(SCHEMAS)}[keep]
    return Records(**{name: records[name] if name in names else table(SCHEMAS[name], []) for name in SCHEMAS})


def replications(
    scenario: Scenario, numbers: range, keep: Keep = "none", workers: Submits | None = None, ahead: int = 4
) -> Iterator[Replication]:
    """Replications in order of their numbers; at most ``ahead`` are under way or waiting to be taken."""
    return in_order(workers, partial(replicate, scenario, keep=keep), numbers, ahead)


# Half-widths of the 95 % interval at which ``--replications auto`` is content, by headline measure.
HEADLINES: dict[str, float] = {
    "sale_rate_final": 0.005,
    "sale_rate_ended": 0.005,
    "sale_rate_listed": 0.005,
    "premium_median": 0.005,
    "days_to_sale_mean": 0.5,
    "recovery": 0.01,
}
FEWEST, MOST = 10, 1000


def precise(tables: Sequence[MeasureTable] | Gathered, windows: list[str], basis: str) -> bool:
    """Whether every headline measure of every window is known well enough on the basis on which it is shown."""
    if len(tables) < FEWEST:
        return False
    from sim.measures import summarise

    rows = summarise(tables)
    for window, segment, on, measure, low, high in zip(
        *(rows[c] for c in ("window", "segment", "basis", "measure", "ci_low", "ci_high")), strict=True
    ):
        if segment == "all" and on == basis and window in windows and measure in HEADLINES:
            half = (high - low) / 2.0
            if np.isfinite(half) and half > HEADLINES[measure]:
                return False
    return True


def until_precise(
    source: Callable[[range], Iterator[Replication]], windows: list[str], basis: str
) -> Iterator[Replication]:
    """Batches of ten until the headline measures are known well enough, or ``MOST`` have run."""
    tables: list[MeasureTable] = []
    first = 0
    while first < MOST and not precise(tables, windows, basis):
        for one in source(range(first, first + FEWEST)):
            tables.append(one.measures)
            yield one
        first += FEWEST
