"""What is sold: the lots of a court, made of their draws some at a time.

A ``Lot`` is at the same time what is recorded (``records.LOTS``): its way through the model fills in the
columns. The draws that belong to it are fixed when it is made.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import repeat
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sim.model.arrivals import CourtArrivals
from sim.model.bidders import Interested, Offered
from sim.model.demand import interest_of
from sim.model.random_streams import BLOCK, KeptDraws, Piece, Purpose, RandomDraws
from sim.model.records import Cause, Outcome, pack_lot
from sim.model.rules import Rules
from sim.model.traits import INF, METHOD, NOBODY, draws_of, traits_of
from sim.scenario.schema import Scenario

if TYPE_CHECKING:  # asked for only where values change at dates
    from sim.model.dated_lots import Crossing

NAN = float("nan")
PREPARING, OTHER = int(Outcome.PREPARING), int(Cause.OTHER)
SOME = 256  # lots made at once from a block of draws


# What is drawn for every lot: number, case, court, kind, movable, token start, value, interest, day seized, draw of the
# method, draw of the valuation error, row among the lots drawn together.
Drawn = tuple[int, int, int, int, bool, bool, float, float, float, float, float, int]
DRAWN_NAMES = (
    "lot", "case", "court", "kind", "movable", "token", "value", "interest", "seized", "u_method", "z_noise", "row",
)  # fmt: skip


class Lot:
    """One 标的物: what is drawn for it, and what becomes of it."""

    __slots__ = (
        "barred", "before_days", "before_sold", "booked_after", "case", "cost", "court", "crossing", "ended", "forfeited", "halt_cause", "halt_days", "halts_after", "interest", "interested", "kind",
        "leaves_after", "listed", "lot", "method", "movable", "objected", "outcome", "period", "place", "price", "price_response", "priced", "priority",
        "reference", "rounds", "row", "seized", "sold_round", "start", "start_sold", "suspended", "suspended_by", "token", "u_duration", "u_in_kind_last",
        "u_in_kind_second", "u_method", "u_own_sale", "u_own_when", "u_payment", "value", "winner", "z_again", "z_noise",
    )  # fmt: skip

    def __init__(self, interested: Interested, drawn: Drawn) -> None:
        self.interested = interested
        (
            self.lot, self.case, self.court, self.kind, self.movable, self.token,
            self.value, self.interest, self.seized, self.u_method, self.z_noise, self.row,
        ) = drawn  # fmt: skip
        self.place = self.row  # among those drawn for who comes to it; ``row``: among those drawn for it
        self.period = 0  # of those between dates on which values change: which one's parameters hold for it
        self.crossing: Crossing | None = None  # None: nothing changes at a date
        # Draws that most scenarios use for few lots; drawn only where the scenario asks for it.
        self.u_duration = 0.5
        self.leaves_after = INF  # days from listing to withdrawal
        self.halts_after = INF  # days from listing to suspension
        self.halt_days = 0.0
        self.halt_cause = OTHER
        self.u_in_kind_second = self.u_in_kind_last = 1.0
        self.u_own_sale, self.u_own_when = 1.0, 0.0  # whether its debtor sells it, and when
        self.before_days = (
            INF  # for which its debtor tries to sell it before the first auction; inf: does not
        )
        self.before_sold = False  # whether the debtor does
        self.booked_after = 0.0  # days from its last failure until it is booked as unsold
        self.objected = False  # to its reference price
        self.barred = False  # its creditor may not take it in kind
        self.z_again = 0.0  # valuation error where it is priced again
        self.priority = NOBODY  # bidder number of a priority purchaser
        self.price_response = 1.0  # factor on its interest that the start of the round at hand makes
        self.u_payment: Sequence[float] = (1.0,)
        # What is true until something happens.
        self.reference = self.start = self.cost = NAN
        self.method = NOBODY
        self.priced = self.listed = self.ended = NAN
        self.outcome = PREPARING
        self.rounds = 0
        self.sold_round = NOBODY
        self.price = self.start_sold = NAN
        self.winner = NOBODY
        self.forfeited = self.suspended = 0.0
        self.suspended_by = 0

    def packed(self) -> bytes:
        """The row of ``records.LOTS`` as things stand."""
        return pack_lot(
            self.lot, self.case, self.court, self.kind, self.movable, self.token, self.value, self.reference, self.start,
            self.method, self.interest, self.cost, self.seized, self.listed, self.ended, self.outcome, self.rounds,
            self.sold_round, self.price, self.start_sold, self.winner, self.forfeited, self.suspended, self.priced,
            self.suspended_by,
        )  # fmt: skip


def lots_of(
    scenario: Scenario, rules: Rules, replication: int, courts: Sequence[CourtArrivals]
) -> Iterator[Iterator[list[Lot]]]:
    """Each court's lots in order, some at a time.

    Draws are made for a block of lots, so that a large court never holds all its draws and small neighbours are
    drawn together; lots are made of them shortly before they are needed, so that those that wait stay few.
    """
    for group in neighbours(courts):
        if len(group) == 1:
            yield _large(scenario, rules, replication, group[0])
            continue
        if not any(court.number for court in group):
            yield from (iter(()) for _ in group)
            continue
        block = Block(scenario, rules, replication, [(court, 0) for court in group])
        ends = np.cumsum([court.number for court in group]).tolist()
        for court, end in zip(group, ends, strict=True):
            yield block.lots(end - court.number, end)


def neighbours(courts: Sequence[CourtArrivals]) -> Iterator[list[CourtArrivals]]:
    """Courts that stand side by side in the numbering of lots, as many as a block holds."""
    group: list[CourtArrivals] = []
    total = 0
    for court in courts:
        beside = not group or court.first_lot == group[-1].first_lot + group[-1].number
        if group and (not beside or total + court.number > BLOCK):
            yield group
            group, total = [], 0
        group.append(court)
        total += court.number
    if group:
        yield group


def _large(
    scenario: Scenario, rules: Rules, replication: int, arrivals: CourtArrivals
) -> Iterator[list[Lot]]:
    """The lots of a court that has its blocks to itself."""
    for number in range(-(-arrivals.number // BLOCK)):
        block = Block(scenario, rules, replication, [(arrivals, number)])
        yield from block.lots(0, len(block.columns[0]))


class Block:
    """The random draws of some lots: of one block of a court, or of several whole courts."""

    def __init__(
        self, scenario: Scenario, rules: Rules, replication: int, of: Sequence[tuple[CourtArrivals, int]]
    ) -> None:
        parts = [slice(block * BLOCK, (block + 1) * BLOCK) for _, block in of]
        seized = np.concatenate([np.repeat(d.days, d.lots)[p] for (d, _), p in zip(of, parts, strict=True)])
        case = np.concatenate([
            np.repeat(d.first_case + np.arange(len(d.days)), d.lots)[p] for (d, _), p in zip(of, parts, strict=True)
        ])  # fmt: skip
        sizes = [min(d.number - block * BLOCK, BLOCK) for d, block in of]
        n = len(seized)
        responds = scenario.price_response.elasticity > 0.0 or scenario.extensions.reaction is not None
        random = (KeptDraws if scenario.from_ or rules.kinds or responds else RandomDraws)(
            scenario.run.seed, replication,
            [Piece(d.court, block, size) for (d, block), size in zip(of, sizes, strict=True)],
        )  # fmt: skip
        number = of[0][0].first_lot + parts[0].start + np.arange(n)
        draws = draws_of(random, number, case)
        first = scenario.periods[0][1]
        traits = traits_of(scenario, first, draws)
        k = first.interest.dispersion
        popularity = random.gamma(Purpose.POPULARITY, k) if isfinite(k) else np.ones(1)
        interest = interest_of(first, rules.attention, traits.kind, popularity)
        # Where something changes at a date, ``crossing`` says who comes.
        some = slice(0) if scenario.from_ else slice(None)
        self.interested = Interested(first, rules, random, Offered(number, traits.value, interest), some)
        self.own: dict[int, tuple[Interested, list[int]]] = {}  # by kind with rules of its own; places by row
        for kind, own in () if scenario.from_ else rules.kinds.items():
            mine = traits.kind == kind
            offered = Offered(number, traits.value, interest)
            people = Interested(first, own, random, offered, np.flatnonzero(mine))
            self.own[kind] = people, (np.cumsum(mine) - 1).tolist()
        self.columns = (
            number, case, np.repeat([d.court for d, _ in of], sizes), traits.kind, traits.movable, traits.token,
            traits.value, interest, seized, draws.uniform[:, METHOD], draws.normal[:, 1], np.arange(n),
        )  # fmt: skip
        self.size, self.pieces = n, random.pieces
        self.chances = traits.chances
        self.crossing: Crossing | None = None
        if scenario.from_:
            from sim.model.dated_lots import Crossing

            self.crossing = Crossing(scenario, rules, draws, seized)

    @property
    def named(self) -> dict[str, npt.NDArray[Any]]:
        """What is drawn for every lot, by name in ``Lot``."""
        return dict(zip(DRAWN_NAMES, self.columns, strict=True))

    def streams(self) -> npt.NDArray[np.int64]:
        """Where each lot's own streams lie (``RandomDraws.alone``)."""
        parts = [(piece.court << 20 | piece.block) << 12 | np.arange(piece.lots) for piece in self.pieces]
        return np.concatenate(parts)

    def lots(self, first: int, end: int) -> Iterator[list[Lot]]:
        """Rows ``first`` to ``end`` (exclusive) as lots."""
        for a in range(first, end, SOME):
            some = slice(a, min(a + SOME, end))
            columns = [column[some].tolist() for column in self.columns]
            lots = [Lot(self.interested, row) for row in zip(*columns, strict=True)]
            for name, drawn in self.chances.items():
                deque(map(setattr, lots, repeat(name), drawn[some].tolist()), maxlen=0)
            if self.crossing is not None:
                self.crossing.begin(lots)
            for lot in lots if self.own else ():
                if lot.kind in self.own:
                    lot.interested, places = self.own[lot.kind]
                    lot.place = places[lot.row]
            yield lots
