"""What the pictures of a run are drawn from, gathered in one pass over its histories."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.measures.curves import open_lots_curve
from sim.measures.flows import Link, flow_links, mean_links
from sim.measures.months import by_month, month_edges
from sim.model.records import Outcome, Records
from sim.model.rules import horizon
from sim.reporting.pages.run_folder import RunFolder

Floats = npt.NDArray[np.float64]
STEP = 7.0  # days between two points of the curve of open lots
MONTH = 365.25 / 12.0  # columns of the backlog by court


@dataclass(slots=True)
class RunData:
    """Sums over histories. Empty where the run kept no records."""

    days: Floats  # of the curves
    curves: dict[str, Floats] = field(default_factory=dict)  # listed, open, sold: (replications, days)
    flow: list[Link] = field(default_factory=list)
    days_to_sale: Floats = field(default_factory=lambda: np.empty(0))
    premiums: Floats = field(default_factory=lambda: np.empty(0))
    starts: Floats = field(default_factory=lambda: np.empty(0))
    backlog: Floats = field(default_factory=lambda: np.empty((0, 0)))  # (courts, months), mean lots
    months: dict[str, Floats] = field(
        default_factory=dict
    )  # (replications, months), if something changes at a date
    first: Records | None = None  # the first history, whole


def gather(folder: RunFolder) -> RunData:
    """Read every history once."""
    length = horizon(folder.scenario)
    grid = np.append(np.arange(0.0, length, STEP), length)
    data = RunData(grid)
    if not folder.has_lots:
        return data
    months = np.arange(MONTH, length + MONTH, MONTH)
    months = np.minimum(months[: max(1, int(np.ceil(length / MONTH)))], length)
    curves: dict[str, list[Floats]] = {}
    flows, days, prices, starts, backlogs, monthly = [], [], [], [], [], []
    edges = month_edges(folder.scenario.time.start, folder.scenario.time.end)
    names = ("lots", "rounds", "registrations", "bids") if folder.has_all else ("lots",)
    for i, records in enumerate(folder.histories(names)):
        if i == 0 and folder.has_all:
            data.first = records
        lots = records.lots
        for name, curve in open_lots_curve(records, grid).items():
            curves.setdefault(name, []).append(curve)
        if folder.has_all:
            flows.append(flow_links(records, folder.rounds))
            if folder.scenario.from_:
                monthly.append(by_month(records, edges))
        sold = lots["outcome"] == Outcome.SOLD
        days.append((lots["ended"] - lots["listed"])[sold])  # type: ignore[operator]
        prices.append(lots["price"][sold])
        starts.append(lots["start_sold"][sold])
        backlogs.append(_backlog(records, folder.scenario.courts.number, months))
    data.curves = {name: np.vstack(rows) for name, rows in curves.items()}
    data.flow = mean_links(flows) if flows else []
    data.months = {name: np.vstack([one[name] for one in monthly]) for name in monthly[0]} if monthly else {}
    data.days_to_sale = np.concatenate(days).astype(np.float64)
    data.starts = np.concatenate(starts).astype(np.float64)
    data.premiums = np.concatenate(prices).astype(np.float64) / data.starts - 1.0
    data.backlog = np.mean(backlogs, axis=0)
    return data


def _backlog(records: Records, courts: int, months: Floats) -> Floats:
    """Lots seized and not ended, by court, at the end of each month."""
    lots = records.lots
    size = len(months) + 1

    def entering(times: npt.NDArray[np.generic]) -> Floats:
        known = ~np.isnan(times.astype(np.float64))
        month = np.searchsorted(months, times[known].astype(np.float64))
        code = lots["court"][known].astype(np.intp) * size + month
        return np.bincount(code, minlength=courts * size).reshape(courts, size).astype(np.float64)

    here = entering(lots["seized"]) - entering(lots["ended"])
    return np.cumsum(here, axis=1)[:, :-1]
