"""Simulated lots as files of the kind that courts have: what proofs and guides read, where every parameter is known."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from calibration.lots.histories import Bools
from calibration.lots.mapping import Selection
from sim.experiments.storage.tables import write_csv
from sim.model.calendar import day_of, moment
from sim.model.records import Outcome, Records, RoundOutcome
from sim.scenario.schema import Scenario

NUMBER: Final = "标的编号"
SLOTS: Final = ("一拍", "二拍", "变卖")
CELLS: Final = ("公告时间", "开拍时间", "结束时间", "起拍价", "成交价", "结果", "报名人数", "出价次数")
RESULTS: Final = {
    RoundOutcome.SOLD: "成交", RoundOutcome.FAILED: "流拍", RoundOutcome.DEFAULTED: "悔拍", RoundOutcome.STOPPED: "撤回",
}  # fmt: skip
IN_KIND: Final = "抵偿"
GONE: Final = (Outcome.SOLD, Outcome.IN_KIND, Outcome.RETURNED, Outcome.WITHDRAWN)
Columns = dict[str, list[Any]]


def case_table(
    scenario: Scenario,
    records: Records,
    closes: date | None = None,
    selection: Selection = "all listed",
    since: date | None = None,
) -> Columns:
    """The lots of a run as a case table, a row a lot: what somebody sees who exports on the evening of ``closes`` (the last day of
    the run, unless it is given). ``selection``: all lots listed until then, those that were sold, or those that have ended, by a sale
    or otherwise, from ``since`` on.

    A lot that is auctioned again after a default goes on in a further row with the same number. Of a lot that was withdrawn between
    two rounds the table says no more than that the last one failed, for it has no column for that.
    """
    start = scenario.time.start
    end = day_of(closes or scenario.time.end, start) + 1.0
    kinds, slots = list(scenario.kinds), _slots(scenario)
    chosen = _chosen(records, end, selection, 0.0 if since is None else day_of(since, start))
    rounds, lots = records.rounds, records.lots
    owner = np.searchsorted(lots["lot"], rounds["lot"])
    of_lot = np.split(np.arange(len(owner)), np.searchsorted(owner, np.arange(1, len(lots["lot"]))))
    table: Columns = {
        name: []
        for name in (NUMBER, "财产类型", "参考价", *(slot + cell for slot in SLOTS for cell in CELLS))
    }
    for i in np.flatnonzero(chosen):
        about = [int(lots["lot"][i]), kinds[lots["kind"][i]], round(float(lots["reference"][i]), 2)]
        for row in _rows(records, i, [int(r) for r in of_lot[i]], slots, end, start):
            for name, cell in zip(table, [*about, *row], strict=True):
                table[name].append(cell)
    return table


def bid_table(scenario: Scenario, records: Records, lots: Collection[int] | None = None) -> Columns:
    """The bids of the rounds in which lots were won (of all lots, if none are named), newest first, as a platform shows them."""
    start, rounds, bids = scenario.time.start, records.rounds, records.bids
    held = [scenario.rounds[name] for name in scenario.held]
    windows = [
        one.window_days if one.format == "auction" else np.nan for one in held
    ]  # a first bid ends a sell-off
    won = {
        (int(rounds["lot"][i]), int(rounds["attempt"][i])): i
        for i in np.flatnonzero(np.isin(rounds["outcome"], (RoundOutcome.SOLD, RoundOutcome.DEFAULTED)))
        if lots is None or rounds["lot"][i] in lots
    }
    table: Columns = {name: [] for name in (NUMBER, "预定结束时间", "状态", "竞买号", "价格", "时间")}
    last = -1
    for b in range(len(bids["lot"]) - 1, -1, -1):
        of = won.get((int(bids["lot"][b]), int(bids["attempt"][b])))
        if of is None:
            continue
        scheduled = float(rounds["opens"][of] + windows[rounds["round"][of]])
        known = (
            rounds["closes"][of] - scheduled < 1.0
        )  # not of a sell-off, nor of a round that was suspended and went on
        row = [
            int(bids["lot"][b]), _written(scheduled, start) if known else "", "成交" if of != last else "出局", f"B{bids['bidder'][b]}",
            f"{bids['price'][b]:,.2f}", _written(float(bids["time"][b]), start),
        ]  # fmt: skip
        last = int(of)
        for name, cell in zip(table, row, strict=True):
            table[name].append(cell)
    return table


def write_table(path: Path, table: Columns) -> None:
    """A table as CSV, in UTF-8 with its mark, whole or not at all."""
    write_csv(path, table)


def _slots(scenario: Scenario) -> list[int]:
    """In which group of columns each held round stands: the first auction, any later one, the sell-off."""
    found, auctions = [], 0
    for name in scenario.held:
        sell_off = scenario.rounds[name].format == "sell-off"
        found.append(2 if sell_off else min(auctions, 1))
        auctions += not sell_off
    return found


def _chosen(records: Records, end: float, selection: Selection, since: float) -> Bools:
    """Which lots are in the file."""
    lots = records.lots
    listed, ended, outcome = (np.asarray(lots[name], np.float64) for name in ("listed", "ended", "outcome"))
    gone = np.isin(outcome, GONE) & (ended < end)
    seen: Bools = listed < end
    if selection == "all listed":
        return seen & (listed >= since)
    ends = gone & (outcome == Outcome.SOLD) if selection == "sold only" else gone
    return seen & ends & (ended >= since)


def _rows(
    records: Records, lot: np.intp, rounds: list[int], slots: list[int], end: float, start: date
) -> list[list[Any]]:
    """The rows of one lot: a new one wherever a round's group of columns is taken."""
    lots, table = records.lots, records.rounds
    rows: list[list[Any]] = [[""] * len(CELLS) * len(SLOTS)]
    taken = -1
    kind = lots["outcome"][lot]
    for r in rounds:
        if table["notice"][r] >= end:
            break
        slot = slots[table["round"][r]]
        if slot <= taken:
            rows.append([""] * len(CELLS) * len(SLOTS))
        taken = slot
        in_kind = kind == Outcome.IN_KIND and r == rounds[-1] and lots["ended"][lot] < end
        price = float(lots["price"][lot]) if in_kind else float(table["price"][r])
        rows[-1][slot * len(CELLS) : (slot + 1) * len(CELLS)] = _cells(records, r, end, start, in_kind, price)
    if not rounds:  # announced, and no round has ended
        rows[-1][:4] = [
            _written(float(lots["listed"][lot]), start),
            "",
            "",
            round(float(lots["start"][lot]), 2),
        ]
    return rows


def _cells(records: Records, r: int, end: float, start: date, in_kind: bool, price: float) -> list[Any]:
    """One round's group of columns; what has not happened by ``end`` is empty."""
    table = records.rounds
    times = [_written(float(table[name][r]), start) for name in ("notice", "opens", "closes")]
    first = round(float(table["start"][r]), 2)
    if table["closes"][r] >= end:
        return [*times[:2], "", first, "", "", "", ""]
    outcome = RoundOutcome(int(table["outcome"][r]))
    won = in_kind or outcome in (RoundOutcome.SOLD, RoundOutcome.DEFAULTED)
    people, bids = int(table["registered"][r]), int(table["bids"][r])
    return [
        *times,
        first,
        round(price, 2) if won else "",
        IN_KIND if in_kind else RESULTS[outcome],
        people,
        bids,
    ]


def _written(day: float, start: date) -> str:
    when: datetime = moment(day, start)
    return when.isoformat(" ", "seconds")
