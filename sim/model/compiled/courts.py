"""Courts run by the compiled loop: what they need is given to it when it asks, and their records are made of what it leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from sim.model.arrivals import CourtArrivals
from sim.model.behaviour.baseline import Behaviour
from sim.model.behaviour.strategic_waiting import StrategicWaiting
from sim.model.bidders import DRAWN, Interested
from sim.model.compiled.inputs import calendar_of, chains_of, menus_of, part_of, people_of, setup_of
from sim.model.compiled.state import (
    AUCTION,
    COURT,
    CUTOFF,
    DATED,
    DISPOSAL,
    DONE,
    FRESH,
    LOT,
    MORE_BIDS,
    MORE_LOTS,
    MORE_PEOPLE,
    MORE_REGISTRATIONS,
    MORE_ROUNDS,
    OPENING,
    PERSON,
    TOGETHER,
    UNFIT,
    CourtArrays,
    record_rows,
    rows,
)  # fmt: skip
from sim.model.demand import of_round
from sim.model.lots import NAN, PREPARING, Block, neighbours
from sim.model.pricing import Pricing, pricing_of
from sim.model.random_streams import BLOCK
from sim.model.records import LOTS, Cause, Records, Table
from sim.model.rules import Rules, Stage, horizon, rules_of
from sim.model.traits import INF, NOBODY
from sim.scenario.schema import Scenario
from sim.theory.interest import price_multiple

Drive = Callable[[CourtArrays], int]
SPARE = 64  # rows and people more than are needed
ROOM = {
    "rounds": 2,
    "registrations": 2,
    "bids": 8,
}  # rows a lot at first; twice as many when that is not enough
DRAWN_BIDDER = np.dtype([("after", "f8"), ("value", "f8"), ("who", "i8")])
NEEDED = {
    MORE_ROUNDS: "rounds", MORE_REGISTRATIONS: "registrations", MORE_BIDS: "bids", MORE_PEOPLE: "people",
}  # fmt: skip
# What a lot is until something happens, or where the scenario does not ask for a draw.
BLANK = {
    "u_duration": 0.5, "leaves_after": INF, "halts_after": INF, "u_in_kind_second": 1.0, "u_in_kind_last": 1.0, "u_own_sale": 1.0, "before_days": INF, "halt_cause": Cause.OTHER, "u_payment": 1.0,
    "priority": NOBODY, "method": NOBODY, "sold_round": NOBODY, "winner": NOBODY, "outcome": PREPARING,
    **dict.fromkeys(("reference", "start", "cost", "priced", "listed", "ended", "price", "start_sold"), NAN),
}  # fmt: skip


class Seen(NamedTuple):
    """What people see of a lot."""

    value: float
    interest: float
    reference: float


class UnfitError(Exception):
    """These courts need numbers that the loop does not have; SimPy runs them."""


def run(
    scenario: Scenario,
    replication: int,
    shared: tuple[Rules, Pricing],
    courts: Sequence[CourtArrivals],
    drive: Drive,
) -> Iterator[tuple[list[CourtArrivals], Records | None]]:
    """The records of courts that are drawn together; None where SimPy must run them."""
    people = people_of(scenario, shared[0], replication)
    common = _common(scenario, replication, *shared, people)
    for group in neighbours(courts):
        try:
            yield group, _Batch(scenario, shared[0], replication, group, common, people).run(drive)
        except UnfitError:
            yield group, None


def warm_up(scenario: Scenario, drive: Drive) -> None:
    """Call the loop once with nothing to do, which compiles it."""
    nothing = CourtArrivals(0, 0, 0, np.empty(0), np.empty(0, dtype=np.int64), 0)
    for _ in run(scenario, 0, (rules_of(scenario), pricing_of(scenario)), [nothing], drive):
        pass


def _common(
    scenario: Scenario, replication: int, rules: Rules, pricing: Pricing, people: list[Behaviour]
) -> dict[str, Any]:
    return (
        {"setup": setup_of(scenario, rules, replication)}
        | calendar_of(scenario, rules, people)
        | menus_of(pricing, len(scenario.kinds))
    )


class _Batch:
    """Courts whose lots are drawn together, or one court, block after block."""

    def __init__(
        self,
        scenario: Scenario,
        rules: Rules,
        replication: int,
        group: list[CourtArrivals],
        common: dict[str, Any],
        people: list[Behaviour],
    ) -> None:
        self.scenario, self.rules, self.replication, self.group = scenario, rules, replication, group
        self.chains, self.people = chains_of(rules), people
        self.flat = [one for chain in self.chains for one in chain]
        number = sum(court.number for court in group)
        bounds = np.cumsum([0, *(court.number for court in group)])
        lots = rows(LOT, number)
        for name, value in BLANK.items():
            lots[name] = value
        periods = len(scenario.periods)
        # Columns of what is asked for round by round: of a row each name is looked up anew, a fifth of the time where starts draw people.
        self.row = {
            name: lots[name] for name in ("interested", "interest", "place", "reference", "row", "value")
        }
        self.blocks: list[Block] = []
        self.of: list[tuple[Interested, Block]] = []  # those drawn together, and the block of their lots
        self.stages: list[tuple[Stage, ...]] = []  # at their openings
        self.chunks: list[tuple[Block, int]] = []
        self.w = CourtArrays(
            court=rows(COURT, 1), bounds=bounds, lots=lots, disposals=rows(DISPOSAL, number), auctions=rows(AUCTION, number),
            heap_time=np.zeros(number + 1), heap_number=np.zeros(number + 1, np.int64), heap_lot=np.zeros(number + 1, np.int64),
            queue=np.zeros(number + 1, np.int64), people=rows(PERSON, SPARE), together=rows(TOGETHER, 0), groups=np.zeros((0, 2), np.int64),
            keenest=np.zeros(0), dated=rows(DATED, (periods, number if scenario.from_ else 0)),
            opened=np.full((0, len(self.chains), periods, periods, periods), -1, np.int64), interest=np.zeros(0),
            **{name: record_rows(name, most * number + SPARE) for name, most in ROOM.items()}, **common,
        )  # fmt: skip
        asked = ("agains", "again", "defaults", "position", "responds", "start", "there")
        self.disposal = {name: self.w.disposals[name] for name in asked}

    def run(self, drive: Drive) -> Records:
        """To the horizon."""
        while (needed := drive(self.w)) != DONE:
            if needed == UNFIT:
                raise UnfitError
            self._give(needed)
        return self._records()

    def _give(self, needed: int) -> None:
        """What the loop has asked for."""
        if needed == MORE_LOTS:
            self._load()
        elif needed == FRESH:
            self._draw_again(int(self.w.court["lot"][0]))
        elif needed == OPENING:
            self._open(int(self.w.court["lot"][0]))
        elif needed == CUTOFF:
            self._decide(int(self.w.court["lot"][0]))
        else:
            self._grow(NEEDED[needed], 0)

    def _grow(self, name: str, more: int) -> None:
        """Twice the room, or what is needed."""
        old = getattr(self.w, name)
        used = int(self.w.court[name][0])
        new = np.empty(max(2 * len(old), used + more + SPARE), dtype=old.dtype)
        new[:used] = old[:used]
        self.w = self.w._replace(**{name: new})

    def _load(self) -> None:
        """The next lots that come in."""
        number = len(self.blocks)
        of = [(court, 0) for court in self.group] if len(self.group) > 1 else [(self.group[0], number)]
        block = Block(self.scenario, self.rules, self.replication, of)
        self.blocks.append(block)
        first = number * BLOCK
        lots = self.w.lots[first : first + block.size]
        for name, column in block.named.items():
            lots[name] = column
        lots["place"] = lots["row"]
        for name, column in block.chances.items():
            lots[name] = column
        lots["stream"] = block.streams()
        self.w.court["loaded"] = first + block.size
        if block.crossing is None:
            lots["interested"] = len(self.of)
            self._add(block.interested, block, self.rules.stages, np.zeros(0))
            for kind, (people, places) in block.own.items():
                mine = lots["kind"] == kind
                lots["interested"][mine] = len(self.of)
                lots["place"][mine] = np.array(places)[mine]
                self._add(people, block, self.rules.kinds[kind].stages, np.zeros(0))
        else:
            self._load_dated(block, first)

    def _load_dated(self, block: Block, first: int) -> None:
        """What lots are in each period; at first, what they are on the day they come in."""
        crossing = block.crossing
        assert crossing is not None
        end = first + block.size
        lots = self.w.lots[first:end]
        lots["place"] = crossing.places
        changes = [name for name, *_ in DATED]
        for period in range(len(self.scenario.periods)):
            its = self.w.dated[period, first:end]
            for name in changes:
                its[name] = lots[name]
            for name, column in crossing.arrays(period).items():
                if name in changes:
                    its[name] = column
        begins = [one.until for one in self.chains[0][:-1]]
        seized_in = np.searchsorted(begins, lots["seized"], side="right")
        lots["period"] = seized_in
        for name in changes:
            lots[name] = self.w.dated[name][seized_in, np.arange(first, end)]
        for chunk, mine in crossing.chunks.items():
            lots["chunk"][mine] = len(self.chunks)
            self.chunks.append((block, chunk))
        shape = (len(self.chunks) - len(self.w.opened), *self.w.opened.shape[1:])
        self.w = self.w._replace(opened=np.concatenate([self.w.opened, np.full(shape, -1, np.int64)]))

    def _open(self, lot: int) -> None:
        """Who comes to rounds that open in another period than they were noticed in."""
        row, d = self.w.lots[lot], self.w.disposals[lot]
        block, chunk = self.chunks[int(row["chunk"])]
        own, noticed, there = (self.flat[int(d[name])] for name in ("own", "rules", "there"))
        assert block.crossing is not None
        found = block.crossing.drawn(chunk, own.period, noticed, there)
        chain = int(d["own"]) // len(self.scenario.periods)
        self.w.opened[int(row["chunk"]), chain, own.period, noticed.period, there.period] = len(self.of)
        self._add(found.interested, block, found.stages, np.array(found.interest))

    def _add(self, interested: Interested, block: Block, stages: tuple[Stage, ...], interest: Any) -> None:
        """People who are drawn together, round by round, when the first of their lots comes to it."""
        w, together = self.w, rows(TOGETHER, 1)
        together["first"], together["interest"] = NOBODY, len(w.interest)
        self.w = w._replace(
            together=np.concatenate([w.together, together]), interest=np.concatenate([w.interest, interest])
        )
        self.of.append((interested, block))
        self.stages.append(stages)

    def _draw_round(self, which: int, position: int) -> None:
        """Who comes to one round of those who are drawn together."""
        interested = self.of[which][0]
        found = interested.everyone_in(position)
        drawn = np.frombuffer(found.packed, dtype=DRAWN_BIDDER)
        used = int(self.w.court["people"][0])
        if used + len(drawn) + SPARE > len(self.w.people):
            self._grow("people", 2 * len(drawn) + SPARE)
        w = self.w
        people = w.people[used : used + len(drawn)]
        for name in ("after", "value", "who"):
            people[name] = drawn[name]
        if interested.persistent:
            people["arrival"], people["back"] = found.arrival, found.returns
        w.court["people"] = used + len(drawn)
        bounds = used + np.array(found.bounds, dtype=np.int64)
        w.together["first"][which, position] = len(w.groups)
        self.w = w._replace(
            groups=np.concatenate([w.groups, np.column_stack([bounds[:-1], bounds[1:]])]),
            keenest=np.concatenate([w.keenest, found.keenest]),
        )

    def _draw_again(self, lot: int) -> None:
        """Fresh people of a round: beyond the third, held again after a default, drawn by its start; else of all lots drawn together."""
        row, d = self.row, self.disposal
        which, position, defaults = (
            int(row["interested"][lot]),
            int(d["position"][lot]),
            int(d["defaults"][lot]),
        )
        stage, interested = self.stages[which][position], self.of[which][0]
        share = float(d["start"][lot] / row["reference"][lot])
        response = self._response(self.flat[d["there"][lot]], share)
        found: tuple[Any, ...] = ()
        if defaults or position >= DRAWN:
            mean = of_round(float(row["interest"][lot]), stage.interest, response)
            again = interested.again(int(row["row"][lot]), float(row["value"][lot]), mean, stage, defaults)
            found = tuple(zip(*again, strict=True))
        elif response != 1.0:
            d["responds"][lot] = True
            found = (*interested.responding_columns(int(row["place"][lot]), stage, response), 1.0)
        elif self.w.together["first"][which, position] == NOBODY:
            self._draw_round(which, position)
        used, number = int(self.w.court["people"][0]), len(found[0]) if found else 0
        if used + number > len(self.w.people):
            self._grow("people", number)
        people = self.w.people[used : used + number]
        for name, column in zip(("arrival", "value", "who", "back", "so_far"), found, strict=False):
            people[name] = column
        d["again"][lot], d["agains"][lot] = used, number
        self.w.court["people"] = used + number

    def _decide(self, lot: int) -> None:
        """Of those who look ahead at a lot's first round, who waits."""
        row, d = self.w.lots[lot], self.w.disposals[lot]
        waiting = part_of(self.people[int(d["there"])], StrategicWaiting)
        assert waiting is not None
        seen: Any = Seen(*(float(row[name]) for name in Seen._fields))
        here = self.w.people[int(d["next"]) : int(d["last"])]
        those = np.flatnonzero(here["waits"])
        eligible = list(zip(*(here[name][those].tolist() for name in ("after", "value", "who")), strict=True))
        waits = waiting.waits(seen, float(d["start"]), eligible)
        here["waits"][those] = [who in waits for *_, who in eligible]

    def _response(self, there: Rules, share: float) -> float:
        """Factor on interest that a start makes, by the rules of the opening."""
        assumed = self.scenario.periods[there.period][1].price_response
        return price_multiple(share, assumed.elasticity, assumed.ceiling) if assumed.elasticity else 1.0

    def _records(self) -> Records:
        """Rows ordered by lot, then time; of registrations those before the end."""
        w = self.w
        came = w.disposals["state"] > 0
        lots = {name: w.lots[name][came].astype(code) for name, code in LOTS.items()}
        tables = {name: _ordered(getattr(w, name)[: int(w.court[name][0])]) for name in ROOM}
        registered = tables["registrations"]
        before = registered["time"] < horizon(self.scenario)  # type: ignore[operator]
        if not before.all():
            tables["registrations"] = {name: x[before] for name, x in registered.items()}
        return Records(lots=lots, **tables)


def _ordered(table: Any) -> Table:
    """Columns, ordered by lot and otherwise as written."""
    lots = table["lot"]
    if (lots[1:] < lots[:-1]).any():
        table = table.take(np.argsort(lots, kind="stable"))
    return {name: np.ascontiguousarray(table[name]) for name in table.dtype.names}
