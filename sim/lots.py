"""What is sold: a lot's kind, its true value, how popular it is, and what may happen to it.

A ``Lot`` is at the same time the row that is recorded (``records.LOTS``): its way through the model fills in
the columns. Its luck (the draws that belong to it) is fixed when it is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sim.docket import CourtDocket
from sim.records import Outcome
from sim.scenario.schema import Scenario
from sim.streams import BLOCK, Purpose, stream
from sim.terms import Terms

if TYPE_CHECKING:
    from sim.bidders import Interested

NAN, INF = float("nan"), float("inf")
NOBODY = -1
SUSPENDED_WITHIN = 45.0  # a suspension starts within this many days of the listing (assumption)

# Columns of the uniform draws about a lot; append, never renumber.
KIND, TOKEN, METHOD, DURATION, LEAVES, HALTS, HALT_WHEN, HALT_DAYS, KIND_SECOND, KIND_LAST, PRIORITY = range(
    11
)
TRAITS = 16
PAYMENTS = 4  # draws for the first sales of a lot; a fifth default reuses the last


class Lot:
    """One 标的物. Class attributes are what is true until something happens."""

    reference = start = cost = NAN
    method = NOBODY
    listed = ended = NAN
    outcome = int(Outcome.PREPARING)
    rounds = 0
    sold_round = NOBODY
    price = start_sold = NAN
    winner = NOBODY
    forfeited = suspended = 0.0

    def __init__(
        self,
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
        interested: Interested,
    ) -> None:
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
        self.interested = interested

    # Luck that most scenarios use for few lots; set per lot only where the scenario asks for it.
    u_duration = 0.5
    leaves_after = INF  # days from listing to withdrawal
    halts_after = INF  # days from listing to suspension
    halt_days = 0.0
    u_in_kind_second = u_in_kind_last = 1.0
    priority = NOBODY  # bidder number of a priority purchaser
    u_payment: tuple[float, ...] = (1.0,)


def blocks(scenario: Scenario, term: Terms, replication: int, docket: CourtDocket) -> Iterator[list[Lot]]:
    """The court's lots in order, a block at a time, so that a large court never holds all its draws."""
    seized = np.repeat(docket.days, docket.lots)
    case = np.repeat(docket.first_case + np.arange(len(docket.days)), docket.lots)
    for block, lo in enumerate(range(0, len(seized), BLOCK)):
        hi = min(lo + BLOCK, len(seized))
        yield _block(scenario, term, replication, docket, block, lo, seized[lo:hi], case[lo:hi])


def _block(
    scenario: Scenario,
    term: Terms,
    replication: int,
    docket: CourtDocket,
    block: int,
    lo: int,
    seized: npt.NDArray[np.float64],
    case: npt.NDArray[np.int64],
) -> list[Lot]:
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
    lots = [
        Lot(*row)
        for row in zip(
            number.tolist(),
            case.tolist(),
            repeat(court, n),
            kind.tolist(),
            movable.tolist(),
            (u[:, TOKEN] < scenario.start.token_share).tolist(),
            value.tolist(),
            interest.tolist(),
            seized.tolist(),
            u[:, METHOD].tolist(),
            z[:, 1].tolist(),
            range(n),
            repeat(interested, n),
            strict=True,
        )
    ]
    _chances(scenario, replication, court, block, lots, u)
    return lots


def _chances(
    scenario: Scenario, replication: int, court: int, block: int, lots: list[Lot], u: npt.NDArray[np.float64]
) -> None:
    """Set the luck of the lots to which something rarer happens."""
    disposal = scenario.disposal
    if disposal.withdrawal_rate > 0.0:
        after = -np.log1p(-u[:, LEAVES]) / disposal.withdrawal_rate
        for lot, days in zip(lots, after.tolist(), strict=True):
            lot.leaves_after = days
    for i in np.flatnonzero(u[:, HALTS] < disposal.suspension_share).tolist():
        lots[i].halts_after = SUSPENDED_WITHIN * float(u[i, HALT_WHEN])
        lots[i].halt_days = -disposal.suspension_days * float(np.log1p(-u[i, HALT_DAYS]))
    for i in np.flatnonzero(u[:, PRIORITY] < scenario.auction.priority_share).tolist():
        lots[i].priority = lots[i].interested.bidder(i, 0, 0)
    if disposal.in_kind_second > 0.0 or disposal.in_kind_last > 0.0:
        for lot, second, last in zip(lots, u[:, KIND_SECOND].tolist(), u[:, KIND_LAST].tolist(), strict=True):
            lot.u_in_kind_second, lot.u_in_kind_last = second, last
    if disposal.default_rate > 0.0:
        draws = stream(scenario.run.seed, replication, Purpose.PAYMENT, court, block).random(
            (len(lots), PAYMENTS)
        )
        for lot, pays in zip(lots, draws.tolist(), strict=True):
            lot.u_payment = pays
    if scenario.docket.mode == "arrivals":
        for lot, duration in zip(lots, u[:, DURATION].tolist(), strict=True):
            lot.u_duration = duration


def _pick(u: npt.NDArray[np.float64], weights: list[float]) -> npt.NDArray[np.int64]:
    """Index drawn in proportion to ``weights`` by each uniform of ``u``."""
    edges = np.cumsum(weights)
    return np.minimum(np.searchsorted(edges, u * edges[-1], side="right"), len(weights) - 1)
