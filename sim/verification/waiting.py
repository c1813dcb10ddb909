"""Family d: forward-looking bidders. What is sold in which round, at which price, and whether waiting pays.

The last is a check of the equilibrium by simulation alone. A bidder who values the lot exactly at the cutoff is put to
every simulated lot: a bidder sees as many rivals as there are people interested (Poisson), so the lot's are their rivals.
What bidding and what waiting would bring them follow from the rows of those who registered; on average they must
bring the same. And lot by lot nobody may stand on the wrong side of the cutoff.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.experiments.replications import Replication
from sim.model.bidders import LOT_STRIDE, ROUND_STRIDE
from sim.model.counter_streams import key, mixed_all, uniforms
from sim.model.random_streams import Purpose
from sim.model.records import Outcome, Table
from sim.scenario.schema import WHOLE, Scenario
from sim.theory.waiting import Prospect, waiting
from sim.verification.assumptions import NotCoveredError, market
from sim.verification.evidence import Evidence, Floats, Quantity, disagreements, either, floats, gather

CLOSE = 1e-9  # of a value to the cutoff, in units of market value: rounding


def prospect(scenario: Scenario) -> Prospect:
    """What a bidder of the scenario expects, in units of market value. Raises ``NotCoveredError``."""
    m, w = market(scenario, waits=True), scenario.strategic_waiting
    if len(m.rounds) != 2 or np.isfinite(m.k) or m.noise or not w.announced:
        raise NotCoveredError("waiting is solved for two rounds, announced, of lots that are all alike")
    second = m.rounds[1]
    start = m.ratio * float(np.exp(m.bias))
    return Prospect(
        lam=m.interest(0), law=m.law, start=start, again=start * (1.0 - second.cut),
        worth=w.reoffer * w.discount, share=w.share, fresh=m.interest(1), back=m.persistence,
        form=w.first_round,
    )  # fmt: skip


def evidence(scenario: Scenario, replication: Replication) -> Evidence:
    """Sold by round, alone by round, prices by round, and bidding against waiting at the cutoff."""
    p = prospect(scenario)
    exact = waiting(p)
    lots, rounds = replication.records.lots, replication.records.rounds
    n = len(lots["lot"])
    sold = lots["outcome"] == Outcome.SOLD
    at = np.where(sold, lots["sold_round"], -1)
    value = np.where(sold, lots["price"], 0.0) / lots["value"]
    alone = np.zeros(n, dtype=np.bool_)
    alone[np.searchsorted(lots["lot"], rounds["lot"][rounds["registered"] == 1])] = True
    first, by_second = exact.sold[0], exact.sold_by
    found = [
        Quantity("sold_1", first, at == 0, rests_on=either(first)),
        Quantity("sold_by_2", by_second, sold, rests_on=either(by_second), measure="sale_rate_final"),
    ]
    for i, (share, revenue, lone) in enumerate(zip(exact.sold, exact.revenue, exact.alone, strict=True)):
        here = at == i
        if share > 1e-9:
            more = share - lone
            found += [
                Quantity(f"price_{i + 1}", revenue / share, np.where(here, value, 0.0), here, rests_on=more),
                Quantity(
                    f"alone_{i + 1}", lone / share, here & alone, here, rests_on=either(lone / share, share)
                ),
            ]
    gain, rests_on = gains(p, exact.cutoff, lots, replication.records.registrations)
    found.append(Quantity("bidding_less_waiting", 0.0, gain, rests_on=rests_on))
    broken = disagreements(found, replication.measures, WHOLE) + wrong_side(
        scenario, replication.number, p.form, exact.cutoff, lots, replication.records.registrations
    )
    return gather(found, n, broken)


def wrong_side(
    scenario: Scenario, replication: int, form: str, cutoff: float, lots: Table, registrations: Table
) -> list[str]:
    """Whoever looks ahead and opened a first round below the cutoff, or at it or above waited for the second.

    In a sealed first round all who bid are openers, in an open one the first.
    """
    bidder = registrations["bidder"].astype(np.int64)
    state = np.full(len(bidder), key(scenario.run.seed, replication, Purpose.FORESIGHT), dtype=np.uint64)
    ahead = uniforms(mixed_all(state, bidder)) < scenario.strategic_waiting.share
    value = _to_market(lots, registrations, slice(None))
    first = registrations["attempt"] == 0
    opens = first & ahead
    if form == "open":
        rows = np.flatnonzero(first)
        opener = np.zeros(len(bidder), dtype=np.bool_)
        opener[rows[np.unique(registrations["lot"][rows], return_index=True)[1]]] = True
        opens &= opener
    waits = ~first & ahead & (bidder % LOT_STRIDE < ROUND_STRIDE)
    wrong = [f"opened at {v:.6g}, cutoff {cutoff:.6g}" for v in value[opens & (value < cutoff - CLOSE)]]
    wrong += [f"waited at {v:.6g}, cutoff {cutoff:.6g}" for v in value[waits & (value > cutoff + CLOSE)]]
    return wrong[:1]


def gains(p: Prospect, cutoff: float, lots: Table, registrations: Table) -> tuple[Floats, float]:
    """(lots,) what bidding brings a bidder at the cutoff less what waiting does; share of lots where they differ."""
    here = registrations["attempt"] == 0
    bidder = registrations["bidder"].astype(np.int64)
    from_first = bidder % LOT_STRIDE < ROUND_STRIDE
    rival, again = _best(lots, registrations, here), _best(lots, registrations, ~here)
    opened = rival > 0.0
    if p.form == "open":  # once they open, those who wait join in: they are seen in the second round
        rival = np.where(opened, rival, _best(lots, registrations, ~here & from_first))
    bid = np.maximum(cutoff - np.maximum(p.start, rival), 0.0)
    wait = np.where(opened, 0.0, p.worth * np.maximum(cutoff - np.maximum(p.again, again), 0.0))
    if p.form == "open":
        wait = np.where(opened, bid, wait)
    gain = bid - wait
    return gain, float((gain != 0.0).mean())


def _best(lots: Table, registrations: Table, rows: np.typing.NDArray[np.bool_]) -> Floats:
    """(lots,) the highest value of those registered in ``rows``, in units of the lot's market value; 0: nobody."""
    best = np.zeros(len(lots["lot"]))
    np.maximum.at(
        best, np.searchsorted(lots["lot"], registrations["lot"][rows]), _to_market(lots, registrations, rows)
    )
    return best


def _to_market(lots: Table, registrations: Table, rows: Any) -> Floats:
    """(rows,) what the lot is worth to each registered bidder, in units of its market value."""
    place = np.searchsorted(lots["lot"], registrations["lot"][rows])
    return floats(registrations["value"][rows]) / floats(lots["value"][place])
