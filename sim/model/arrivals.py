"""What comes in: cases by court and day, each with its lots (收案).

Inflow is an input of the model. It is drawn for the province as a whole, so that a court's cases are the
same whether the courts are simulated together, one after another or on several machines.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from sim.model.calendar import day_of
from sim.model.random_streams import Purpose, stream
from sim.scenario.schema import Scenario


@dataclass(frozen=True, slots=True)
class CourtArrivals:
    """One court's cases in order of their coming in."""

    court: int
    first_case: int  # number of its first case within the province
    first_lot: int  # number of its first lot within the province
    days: npt.NDArray[np.float64]  # (cases,) day on which each case comes in, or is listed
    lots: npt.NDArray[np.int64]  # (cases,) lots each case owns
    number: int  # lots in all


def going_online(
    scenario: Scenario, replication: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Each court's size (mean 1) and the day it goes online (inf: never); the order of courts is drawn."""
    courts = scenario.courts
    rng = stream(scenario.run.seed, replication, Purpose.COURTS)
    sizes = np.exp(courts.size_log_sd * rng.standard_normal(courts.number))
    rank = rng.permutation(courts.number)
    online = np.full(courts.number, np.inf)
    reached = 0
    steps = sorted((date.fromisoformat(when), share) for when, share in courts.adoption.items())
    for when, share in steps:
        upto = round(share * courts.number)
        online[(rank >= reached) & (rank < upto)] = day_of(when, scenario.time.start)
        reached = max(reached, upto)
    return sizes / sizes.mean(), online


def inflow(scenario: Scenario, replication: int) -> list[CourtArrivals]:
    """The arrivals of all courts, in court order.

    A case goes to a court in proportion to size among the courts online on its day; if none is online yet, to
    the first ones that will be. Its lots: one, plus an even share of what the period's lots leave.
    """
    sizes, online = going_online(scenario, replication)
    rng = stream(scenario.run.seed, replication, Purpose.CASES)
    days, owners, owned = [], [], []
    for period in scenario.arrivals.periods.values():
        cases, lots = period.cases * scenario.arrivals.volume, period.lots * scenario.arrivals.volume
        n = round(cases) if scenario.arrivals.exact else int(rng.poisson(cases))
        if n == 0:
            continue
        first = day_of(period.first, scenario.time.start)
        length = day_of(period.last, scenario.time.start) + 1.0 - first
        when = first + length * rng.random(n)
        days.append(when)
        owners.append(_courts_of(when, rng.random(n), sizes, online))
        beyond = max(lots - cases, 0.0)
        if scenario.arrivals.exact:
            owned.append(1 + rng.multinomial(max(round(lots) - n, 0), np.full(n, 1.0 / n)))
        else:
            owned.append(1 + rng.poisson(beyond / cases, n))
    if not days:
        return [
            CourtArrivals(c, 0, 0, np.empty(0), np.empty(0, dtype=np.int64), 0) for c in range(len(sizes))
        ]
    day, court, lots_of = np.concatenate(days), np.concatenate(owners), np.concatenate(owned)
    order = np.lexsort((day, court))
    day, court, lots_of = day[order], court[order], lots_of[order]
    bounds = np.searchsorted(court, np.arange(len(sizes) + 1))
    before = np.concatenate(([0], np.cumsum(lots_of)))
    return [
        CourtArrivals(c, int(a), int(before[a]), day[a:b], lots_of[a:b], int(before[b] - before[a]))
        for c, (a, b) in enumerate(itertools.pairwise(bounds))
    ]


def _courts_of(
    when: npt.NDArray[np.float64],
    u: npt.NDArray[np.float64],
    sizes: npt.NDArray[np.float64],
    online: npt.NDArray[np.float64],
) -> npt.NDArray[np.int64]:
    """The court of each case: ``u`` picks in proportion to size among those online by ``when``."""
    steps = np.unique(online[np.isfinite(online)])
    owner = np.empty(len(when), dtype=np.int64)
    step = np.maximum(np.searchsorted(steps, when, side="right") - 1, 0)
    for i, day in enumerate(steps):
        mine = step == i
        weights = np.cumsum(np.where(online <= day, sizes, 0.0))
        owner[mine] = np.searchsorted(weights, u[mine] * weights[-1], side="right")
    return owner
