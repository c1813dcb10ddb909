"""Where lots end up, counted from the records: a flow from the listing through the rounds to an end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from sim.model.records import Outcome, Records, RoundOutcome

Link = tuple[str, str, float]
LISTED = "listed"
SOLD = "sold:"  # an end is named "sold:<round>"
ENDS = {
    Outcome.RETURNED: "returned",
    Outcome.IN_KIND: "in_kind",
    Outcome.WITHDRAWN: "withdrawn",
    Outcome.OPEN: "open",
}


def flow_links(records: Records, rounds: Sequence[str]) -> list[Link]:
    """Links (from, to, number of lots), in order: listed -> round -> next round, or an end.

    ``rounds`` are the names of the scenario's rounds that are held. A lot is in a round from the end of the
    round before (or its listing) until the round's own end, notice included; a lot auctioned again after a
    default is still in that round. Lots not listed yet are left out. What flows into a round flows out of it.
    """
    lots = records.lots
    listed = ~np.isnan(lots["listed"])
    total = int(listed.sum())
    if total == 0 or not rounds:
        return []
    outcome = lots["outcome"][listed]
    last = _reached(records, lots["lot"][listed], outcome, len(rounds))

    links: list[Link] = [(LISTED, rounds[0], total)]
    for i, name in enumerate(rounds):
        here = last == i
        leaving: list[Link] = [(name, SOLD + name, float(np.sum(here & (outcome == Outcome.SOLD))))]
        if i + 1 < len(rounds):
            leaving.append((name, rounds[i + 1], float(np.sum(last > i))))
        leaving += [(name, end, float(np.sum(here & (outcome == code)))) for code, end in ENDS.items()]
        links += [link for link in leaving if link[2]]
    return links


def _reached(
    records: Records, lots: npt.NDArray[np.generic], outcome: npt.NDArray[np.generic], rounds: int
) -> npt.NDArray[np.int64]:
    """Position of the last round each lot was in."""
    table = records.rounds
    order = np.lexsort((table["attempt"], table["lot"]))
    ids = table["lot"][order]
    row = np.searchsorted(ids, lots, side="right") - 1
    has = (row >= 0) & (ids[np.maximum(row, 0)] == lots) if len(ids) else np.zeros(len(lots), dtype=bool)
    last = np.zeros(len(lots), dtype=np.int64)
    if not has.any():
        return last
    final = order[row[has]]
    last[has] = table["round"][final]
    failed = table["outcome"][final] == RoundOutcome.FAILED
    on_its_way = np.isin(outcome[has], (Outcome.OPEN, Outcome.WITHDRAWN))
    last[has] = np.minimum(last[has] + (failed & on_its_way), rounds - 1)
    return last


def mean_links(replications: Iterable[Sequence[Link]]) -> list[Link]:
    """Links averaged over replications; a link that one of them lacks counts as zero there."""
    sums: dict[tuple[str, str], float] = {}
    n = 0
    for n, links in enumerate(replications, start=1):  # noqa: B007
        for a, b, number in links:
            sums[a, b] = sums.get((a, b), 0.0) + number
    return [(a, b, number / n) for (a, b), number in sums.items()]
