"""What is sold: a lot's kind, its true value, how popular it is, and what may happen to it.

A ``Lot`` is at the same time what is recorded (``records.LOTS``): its way through the model fills in the
columns. Its luck (the draws that belong to it) is fixed when it is made.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.bidders import Interested
from sim.docket import CourtDocket
from sim.records import Outcome, pack_lot
from sim.scenario.schema import Scenario
from sim.streams import BLOCK, Luck, Piece, Purpose
from sim.terms import Terms

NAN, INF = float("nan"), float("inf")
NOBODY = -1
PREPARING = int(Outcome.PREPARING)
SOME = 256  # lots made at once from a block of draws
SUSPENDED_WITHIN = 45.0  # a suspension starts within this many days of the listing (assumption)

# Columns of the uniform draws about a lot; append, never renumber.
(
    KIND, TOKEN, METHOD, DURATION, LEAVES, HALTS, HALT_WHEN, HALT_DAYS, KIND_SECOND, KIND_LAST, PRIORITY, OBJECTION,
    BOOKING,
) = range(13)  # fmt: skip
TRAITS = 16
PAYMENTS = 4  # draws for the first sales of a lot; a fifth default reuses the last


class Lot:
    """One 标的物: what is drawn for it, and what becomes of it."""

    __slots__ = (
        "booked_after", "case", "cost", "court", "ended", "forfeited", "halt_days", "halts_after", "interest", "interested", "kind",
        "leaves_after", "listed", "lot", "method", "movable", "objected", "outcome", "price", "priority", "reference", "rounds",
        "row", "seized", "sold_round", "start", "start_sold", "suspended", "token", "u_duration", "u_in_kind_last",
        "u_in_kind_second", "u_method", "u_payment", "value", "winner", "z_noise",
    )  # fmt: skip

    def __init__(
        self,
        interested: Interested,
        number: int,
        case: int,
        court: int,
        kind: int,
        movable: bool,
        token: bool,
        value: float,
        interest: float,
        seized: float,
        u_method: float,
        z_noise: float,
        row: int,
    ) -> None:
        self.interested = interested
        self.lot = number
        self.case = case
        self.court = court
        self.kind = kind
        self.movable = movable
        self.token = token
        self.value = value
        self.interest = interest
        self.seized = seized
        self.u_method = u_method
        self.z_noise = z_noise
        self.row = row
        # Luck that most scenarios use for few lots; drawn only where the scenario asks for it.
        self.u_duration = 0.5
        self.leaves_after = INF  # days from listing to withdrawal
        self.halts_after = INF  # days from listing to suspension
        self.halt_days = 0.0
        self.u_in_kind_second = self.u_in_kind_last = 1.0
        self.booked_after = 0.0  # days from its last failure until it is booked as unsold
        self.objected = False  # to its reference price
        self.priority = NOBODY  # bidder number of a priority purchaser
        self.u_payment: Sequence[float] = (1.0,)
        # What is true until something happens.
        self.reference = self.start = self.cost = NAN
        self.method = NOBODY
        self.listed = self.ended = NAN
        self.outcome = PREPARING
        self.rounds = 0
        self.sold_round = NOBODY
        self.price = self.start_sold = NAN
        self.winner = NOBODY
        self.forfeited = self.suspended = 0.0

    def packed(self) -> bytes:
        """The row of ``records.LOTS`` as things stand."""
        return pack_lot(
            self.lot, self.case, self.court, self.kind, self.movable, self.token, self.value, self.reference, self.start,
            self.method, self.interest, self.cost, self.seized, self.listed, self.ended, self.outcome, self.rounds,
            self.sold_round, self.price, self.start_sold, self.winner, self.forfeited, self.suspended,
        )  # fmt: skip


def lots_of(
    scenario: Scenario, term: Terms, replication: int, dockets: Sequence[CourtDocket]
) -> Iterator[Iterator[list[Lot]]]:
    """Each court's lots in order, some at a time.

    Draws are made for a block of lots, so that a large court never holds all its draws and small neighbours are
    drawn together; lots are made of them shortly before they are needed, so that those that wait stay few.
    """
    for group in _neighbours(dockets):
        if len(group) == 1:
            yield _large(scenario, term, replication, group[0])
            continue
        if not any(docket.number for docket in group):
            yield from (iter(()) for _ in group)
            continue
        block = _Block(scenario, term, replication, [(docket, 0) for docket in group])
        ends = np.cumsum([docket.number for docket in group]).tolist()
        for docket, end in zip(group, ends, strict=True):
            yield block.lots(end - docket.number, end)


def _neighbours(dockets: Sequence[CourtDocket]) -> Iterator[list[CourtDocket]]:
    """Courts that stand side by side in the numbering of lots, as many as a block holds."""
    group: list[CourtDocket] = []
    total = 0
    for docket in dockets:
        beside = not group or docket.first_lot == group[-1].first_lot + group[-1].number
        if group and (not beside or total + docket.number > BLOCK):
            yield group
            group, total = [], 0
        group.append(docket)
        total += docket.number
    if group:
        yield group


def _large(scenario: Scenario, term: Terms, replication: int, docket: CourtDocket) -> Iterator[list[Lot]]:
    """The lots of a court that has its blocks to itself."""
    for number in range(-(-docket.number // BLOCK)):
        block = _Block(scenario, term, replication, [(docket, number)])
        yield from block.lots(0, len(block.columns[0]))


class _Block:
    """The luck of some lots: of one block of a court, or of several whole courts."""

    def __init__(
        self, scenario: Scenario, term: Terms, replication: int, of: Sequence[tuple[CourtDocket, int]]
    ) -> None:
        parts = [slice(block * BLOCK, (block + 1) * BLOCK) for _, block in of]
        seized = np.concatenate([np.repeat(d.days, d.lots)[p] for (d, _), p in zip(of, parts, strict=True)])
        case = np.concatenate([
            np.repeat(d.first_case + np.arange(len(d.days)), d.lots)[p] for (d, _), p in zip(of, parts, strict=True)
        ])  # fmt: skip
        sizes = [min(d.number - block * BLOCK, BLOCK) for d, block in of]
        n = len(seized)
        luck = Luck(
            scenario.run.seed, replication,
            [Piece(d.court, block, size) for (d, block), size in zip(of, sizes, strict=True)],
        )  # fmt: skip
        u, z = luck.uniform(Purpose.TRAITS, TRAITS), luck.normal(Purpose.VALUES, 2)
        # A case's lots are priced together: one method, one duration.
        whole_case = np.searchsorted(case, case)
        u[:, [METHOD, DURATION]] = u[whole_case][:, [METHOD, DURATION]]
        kinds = list(scenario.kinds.values())
        kind = _pick(u[:, KIND], [k.share for k in kinds])
        value = np.array([k.value_median for k in kinds])[kind] * np.exp(
            np.array([k.value_log_sd for k in kinds])[kind] * z[:, 0]
        )
        movable = np.array([k.movable for k in kinds])[kind]
        interest = scenario.interest.mean * term.attention * np.array([k.interest for k in kinds])[kind]
        k = scenario.interest.dispersion
        if np.isfinite(k):
            interest = interest * luck.gamma(Purpose.POPULARITY, k) / k
        number = of[0][0].first_lot + parts[0].start + np.arange(n)
        self.interested = Interested(scenario, term, luck, number, value, interest)
        self.columns = (
            number, case, np.repeat([d.court for d, _ in of], sizes), kind, movable,
            u[:, TOKEN] < scenario.start.token_share, value, interest, seized, u[:, METHOD], z[:, 1], np.arange(n),
        )  # fmt: skip
        self.chances = _chances(scenario, luck, self.interested, u)

    def lots(self, first: int, end: int) -> Iterator[list[Lot]]:
        """Rows ``first`` to ``end`` (exclusive) as lots."""
        for a in range(first, end, SOME):
            some = slice(a, min(a + SOME, end))
            columns = [column[some].tolist() for column in self.columns]
            lots = [Lot(self.interested, *row) for row in zip(*columns, strict=True)]
            for name, luck in self.chances.items():
                deque(map(setattr, lots, repeat(name), luck[some].tolist()), maxlen=0)
            yield lots


def _chances(
    scenario: Scenario, luck: Luck, interested: Interested, u: npt.NDArray[np.float64]
) -> dict[str, npt.NDArray[Any]]:
    """Luck that not every scenario asks for, by its name in ``Lot``; one row a lot."""
    disposal, n = scenario.disposal, len(u)
    found: dict[str, npt.NDArray[Any]] = {}
    if disposal.withdrawal_rate > 0.0:
        with np.errstate(over="ignore"):  # at hardly any rate: never
            found["leaves_after"] = -np.log1p(-u[:, LEAVES]) / disposal.withdrawal_rate
    if disposal.suspension_share > 0.0:
        halts = u[:, HALTS] < disposal.suspension_share
        found["halts_after"] = np.where(halts, SUSPENDED_WITHIN * u[:, HALT_WHEN], INF)
        found["halt_days"] = -disposal.suspension_days * np.log1p(-u[:, HALT_DAYS])
    if scenario.auction.priority_share > 0.0:
        has = u[:, PRIORITY] < scenario.auction.priority_share
        found["priority"] = np.where(has, interested.bidder(np.arange(n), 0, 0), NOBODY)
    if disposal.in_kind_second > 0.0 or disposal.in_kind_last > 0.0:
        found["u_in_kind_second"], found["u_in_kind_last"] = u[:, KIND_SECOND], u[:, KIND_LAST]
    if disposal.booking_days > 0.0:
        found["booked_after"] = -disposal.booking_days * np.log1p(-u[:, BOOKING])
    if disposal.default_rate > 0.0:
        found["u_payment"] = luck.uniform(Purpose.PAYMENT, PAYMENTS)
    if scenario.docket.mode == "arrivals":
        found["u_duration"] = u[:, DURATION]
        if scenario.courts.objection_share > 0.0:
            found["objected"] = u[:, OBJECTION] < scenario.courts.objection_share
    return found


def _pick(u: npt.NDArray[np.float64], weights: list[float]) -> npt.NDArray[np.int64]:
    """Index drawn in proportion to ``weights`` by each uniform of ``u``."""
    edges = np.cumsum(weights)
    picked: npt.NDArray[np.int64] = np.searchsorted(edges, u * edges[-1], side="right")
    return np.minimum(picked, len(weights) - 1)
