"""What is sold: a lot's kind, its true value, how popular it is, and what may happen to it.

A ``Lot`` is at the same time what is recorded (``records.LOTS``): its way through the model fills in the
columns. Its luck (the draws that belong to it) is fixed when it is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sim.docket import CourtDocket
from sim.records import Outcome, pack_lot
from sim.scenario.schema import Scenario
from sim.streams import BLOCK, Purpose, stream
from sim.terms import Terms

if TYPE_CHECKING:
    from sim.bidders import Interested

NAN, INF = float("nan"), float("inf")
NOBODY = -1
PREPARING = int(Outcome.PREPARING)
SOME = 256  # lots made at once from a block of draws
SUSPENDED_WITHIN = 45.0  # a suspension starts within this many days of the listing (assumption)

# Columns of the uniform draws about a lot; append, never renumber.
KIND, TOKEN, METHOD, DURATION, LEAVES, HALTS, HALT_WHEN, HALT_DAYS, KIND_SECOND, KIND_LAST, PRIORITY = range(
    11
)
TRAITS = 16
PAYMENTS = 4  # draws for the first sales of a lot; a fifth default reuses the last


class Lot:
    """One 标的物: what is drawn for it, and what becomes of it."""

    __slots__ = (
        "case", "cost", "court", "ended", "forfeited", "halt_days", "halts_after", "interest", "interested", "kind",
        "leaves_after", "listed", "lot", "method", "movable", "outcome", "price", "priority", "reference", "rounds",
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


def blocks(scenario: Scenario, term: Terms, replication: int, docket: CourtDocket) -> Iterator[list[Lot]]:
    """The court's lots in order, some at a time. Draws are made for a block of them, so that a large court never
    holds all its draws; lots are made of them shortly before they are needed, so that those that wait stay few."""
    seized = np.repeat(docket.days, docket.lots)
    case = np.repeat(docket.first_case + np.arange(len(docket.days)), docket.lots)
    for block, lo in enumerate(range(0, len(seized), BLOCK)):
        hi = min(lo + BLOCK, len(seized))
        yield from _block(scenario, term, replication, docket, block, lo, seized[lo:hi], case[lo:hi])


def _block(
    scenario: Scenario,
    term: Terms,
    replication: int,
    docket: CourtDocket,
    block: int,
    lo: int,
    seized: npt.NDArray[np.float64],
    case: npt.NDArray[np.int64],
) -> Iterator[list[Lot]]:
    from sim.bidders import Interested

    n = len(seized)
    seed, court = scenario.run.seed, docket.court
    u = stream(seed, replication, Purpose.TRAITS, court, block).random((n, TRAITS))
    z = stream(seed, replication, Purpose.VALUES, court, block).standard_normal((n, 2))
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
        interest = (
            interest * stream(seed, replication, Purpose.POPULARITY, court, block).standard_gamma(k, n) / k
        )
    number = docket.first_lot + lo + np.arange(n)
    interested = Interested(scenario, term, replication, court, block, number, value, interest)
    drawn = (
        number, case, np.full(n, court), kind, movable, u[:, TOKEN] < scenario.start.token_share, value, interest,
        seized, u[:, METHOD], z[:, 1], np.arange(n),
    )  # fmt: skip
    chances = _chances(scenario, replication, court, block, interested, u)
    for a in range(0, n, SOME):
        columns = [column[a : a + SOME].tolist() for column in drawn]
        lots = [Lot(interested, *row) for row in zip(*columns, strict=True)]
        for name, luck in chances.items():
            for lot, of_lot in zip(lots, luck[a : a + SOME].tolist(), strict=True):
                setattr(lot, name, of_lot)
        yield lots


def _chances(
    scenario: Scenario,
    replication: int,
    court: int,
    block: int,
    interested: Interested,
    u: npt.NDArray[np.float64],
) -> dict[str, npt.NDArray[Any]]:
    """Luck that not every scenario asks for, by its name in ``Lot``; one row a lot."""
    disposal, n = scenario.disposal, len(u)
    found: dict[str, npt.NDArray[Any]] = {}
    if disposal.withdrawal_rate > 0.0:
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
    if disposal.default_rate > 0.0:
        rng = stream(scenario.run.seed, replication, Purpose.PAYMENT, court, block)
        found["u_payment"] = rng.random((n, PAYMENTS))
    if scenario.docket.mode == "arrivals":
        found["u_duration"] = u[:, DURATION]
    return found


def _pick(u: npt.NDArray[np.float64], weights: list[float]) -> npt.NDArray[np.int64]:
    """Index drawn in proportion to ``weights`` by each uniform of ``u``."""
    edges = np.cumsum(weights)
    picked: npt.NDArray[np.int64] = np.searchsorted(edges, u * edges[-1], side="right")
    return np.minimum(picked, len(weights) - 1)
