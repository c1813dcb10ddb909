"""What lots are, from the draws that belong to them: kind, value, popularity, and what may happen on the way.

The draws do not depend on parameters. So a lot can be had again under the parameters of another period.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.model.bidders import LOT_STRIDE
from sim.model.random_streams import Purpose, RandomDraws
from sim.model.records import Cause
from sim.scenario.schema import EQUITY, HOME, Scenario

Floats = npt.NDArray[np.float64]
INF = float("inf")
NOBODY = -1
SUSPENDED_WITHIN = 45.0  # a suspension starts within this many days of the listing (assumption)

# Columns of the uniform draws about a lot; append, never renumber.
(
    KIND, TOKEN, METHOD, DURATION, LEAVES, HALTS, HALT_WHEN, HALT_DAYS, KIND_SECOND, KIND_LAST, PRIORITY, OBJECTION,
    BOOKING, RESTRICTED, OWN_SALE, OWN_WHEN,
) = range(16)  # fmt: skip
TRAITS = 16
PAYMENTS = 4  # draws for the first sales of a lot; a fifth default reuses the last


@dataclass(frozen=True, slots=True)
class Draws:
    """What is drawn for a block of lots; one row a lot."""

    random: RandomDraws
    number: npt.NDArray[np.int64]
    case: npt.NDArray[np.int64]
    uniform: Floats  # (lots, TRAITS)
    normal: Floats  # (lots, 2): true value, valuation error


@dataclass(frozen=True, slots=True)
class Traits:
    """What the lots of a block are under the parameters of one period; one row a lot."""

    kind: npt.NDArray[np.int64]
    movable: npt.NDArray[np.bool_]
    token: npt.NDArray[np.bool_]
    value: Floats
    chances: dict[str, npt.NDArray[Any]]  # by name in ``Lot``: what not every scenario asks for


def draws_of(random: RandomDraws, number: npt.NDArray[np.int64], case: npt.NDArray[np.int64]) -> Draws:
    """The draws of lots with these numbers, of these cases."""
    u = random.uniform(Purpose.TRAITS, TRAITS).copy()
    # A case's lots are priced together: one method, one duration.
    whole_case = np.searchsorted(case, case)
    u[:, [METHOD, DURATION]] = u[whole_case][:, [METHOD, DURATION]]
    return Draws(random, number, case, u, random.normal(Purpose.VALUES, 2))


def traits_of(whole: Scenario, scenario: Scenario, draws: Draws) -> Traits:
    """What lots are under ``scenario``, one period of ``whole``."""
    u = draws.uniform
    kinds = list(scenario.kinds.values())
    kind = _pick(u[:, KIND], [k.share for k in kinds])
    spread = np.array([k.value_log_sd for k in kinds])[kind]
    return Traits(
        kind=kind,
        movable=np.array([k.movable for k in kinds])[kind],
        token=u[:, TOKEN] < _token_share(scenario, kind),
        value=np.array([k.value_median for k in kinds])[kind] * np.exp(spread * draws.normal[:, 0]),
        chances=_chances(whole, scenario, draws, kind),
    )


def _chances(
    whole: Scenario, scenario: Scenario, draws: Draws, kind: npt.NDArray[np.int64]
) -> dict[str, npt.NDArray[Any]]:
    """What can happen to lots, as far as it can in any period."""
    periods, disposal, u = [one for _, one in whole.periods], scenario.disposal, draws.uniform
    found: dict[str, npt.NDArray[Any]] = {}
    if any(one.disposal.withdrawal_rate > 0.0 for one in periods):
        with np.errstate(over="ignore"):  # at hardly any rate: never
            rate = disposal.withdrawal_rate
            found["leaves_after"] = -np.log1p(-u[:, LEAVES]) / rate if rate else np.full(len(u), INF)
    objects = any(one.disposal.third_party_share > 0.0 for one in periods)
    if objects or any(one.disposal.suspension_share > 0.0 for one in periods):
        found |= _suspensions(scenario, draws, objects)
    if any(one.auction.priority_share > 0.0 for one in periods):
        has = u[:, PRIORITY] < scenario.auction.priority_share
        found["priority"] = np.where(has, draws.number * LOT_STRIDE, NOBODY)  # the first who may come
    if any(one.disposal.in_kind_second > 0.0 or one.disposal.in_kind_last > 0.0 for one in periods):
        found["u_in_kind_second"], found["u_in_kind_last"] = u[:, KIND_SECOND], u[:, KIND_LAST]
    if any(one.eligibility.restricted_creditors > 0.0 for one in periods):
        home = np.array([one.asset == HOME for one in scenario.kinds.values()])[kind]
        found["barred"] = home & (u[:, RESTRICTED] < scenario.eligibility.restricted_creditors)
    if any(one.debtor_sale.share > 0.0 for one in periods):
        found["u_own_sale"], found["u_own_when"] = u[:, OWN_SALE], u[:, OWN_WHEN]
    if any(one.disposal.booking_days > 0.0 for one in periods):
        found["booked_after"] = -disposal.booking_days * np.log1p(-u[:, BOOKING])
    if any(one.disposal.default_rate > 0.0 for one in periods):
        found["u_payment"] = draws.random.uniform(Purpose.PAYMENT, PAYMENTS)
    if whole.arrivals.mode == "arrivals":
        found["u_duration"] = u[:, DURATION]
        if any(one.courts.objection_share > 0.0 for one in periods):
            found["objected"] = u[:, OBJECTION] < scenario.courts.objection_share
        if any(one.debtor_sale.before_share > 0.0 for one in periods):
            found["before_days"], found["before_sold"] = _sold_before(scenario, draws, kind)
        if any(isfinite(one.courts.report_valid_days) for one in periods):
            found["z_again"] = draws.random.normal(Purpose.PRICED_AGAIN, 1)[:, 0]
    return found


def _suspensions(scenario: Scenario, draws: Draws, objects: bool) -> dict[str, npt.NDArray[Any]]:
    """When lots are suspended, for how long, and why. Of a lot that meets both causes, the second begins when the first has ended."""
    disposal, u = scenario.disposal, draws.uniform
    halts = u[:, HALTS] < disposal.suspension_share
    after = np.where(halts, SUSPENDED_WITHIN * u[:, HALT_WHEN], INF)
    days = -disposal.suspension_days * np.log1p(-u[:, HALT_DAYS]) + disposal.resume_days
    if not objects:
        return {"halts_after": after, "halt_days": days}
    u = draws.random.uniform(Purpose.THIRD_PARTY, 3)
    objected = u[:, 0] < disposal.third_party_share
    decided = -disposal.third_party_days * np.log1p(-u[:, 2]) + disposal.resume_days
    return {
        "halts_after": np.minimum(after, np.where(objected, SUSPENDED_WITHIN * u[:, 1], INF)),
        "halt_days": np.where(halts, days, 0.0) + np.where(objected, decided, 0.0),
        "halt_cause": Cause.OTHER * halts + Cause.THIRD_PARTY * objected,
    }


def _sold_before(
    scenario: Scenario, draws: Draws, kind: npt.NDArray[np.int64]
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Days that pass until the debtor has sold equity before its first auction, or has had time enough (inf: is given none), and
    which of the two it is.
    """
    debtor = scenario.debtor_sale
    equity = np.array([one.asset == EQUITY for one in scenario.kinds.values()])[kind]
    u = draws.random.uniform(Purpose.SOLD_BEFORE, 2)
    sold = equity & (u[:, 0] < debtor.before_share * debtor.success)
    tries = equity & (u[:, 0] < debtor.before_share)
    return np.where(tries, debtor.days * np.where(sold, u[:, 1], 1.0), INF), sold


def _token_share(scenario: Scenario, kind: npt.NDArray[np.int64]) -> Floats | float:
    """Share of lots with a token start, of lots of these kinds."""
    if not any(one.own for one in scenario.kinds.values()):
        return scenario.start.token_share
    return np.array([scenario.of_kind(name).start.token_share for name in scenario.kinds])[kind]


def _pick(u: Floats, weights: list[float]) -> npt.NDArray[np.int64]:
    """Index drawn in proportion to ``weights`` by each uniform of ``u``."""
    edges = np.cumsum(weights)
    picked: npt.NDArray[np.int64] = np.searchsorted(edges, u * edges[-1], side="right")
    return np.minimum(picked, len(weights) - 1)
