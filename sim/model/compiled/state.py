"""What the loop works on: rows of arrays, one a lot, and what all lots go by.

Rows are read and written by name, as the objects of the readable model are.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.model.bidders import DRAWN
from sim.model.records import SCHEMAS
from sim.model.traits import PAYMENTS

Array = npt.NDArray[Any]

# Where a lot stands: what happens when it goes on.
(
    UNBORN, SEIZED, TURN, WORKED, SURVEYED, PRICED, NOTICED, NEXT_ROUND, OFFERED, NOTICED_AGAIN, SCHEDULED, OPENED, WHO_COMES,
    DECIDED, BIDDING, ENTERS, ANSWERS, SETTLED, PAYMENT_DUE, FAILED_FOR_GOOD, BOOKED, LEAVES, HANDED_OVER, ENDED, PRICED_AGAIN,
    OWN_SALE, OBJECTED, SOLD_BEFORE,
) = range(28)  # fmt: skip
# What a step asks for: to go on at once, to sleep until ``wake``, to wait for a clerk, nothing any more; or that the loop stops and
# is called again, when what it needs is there.
GO, SLEEP, WAIT, END = range(4)
MORE_LOTS, MORE_PEOPLE, MORE_ROUNDS, MORE_REGISTRATIONS, MORE_BIDS, FRESH, OPENING, CUTOFF, UNFIT = range(
    10, 19
)
DONE = 0
PROXY, LADDER, ONCE = range(3)
NOBODY = -1

Fields = list[tuple[Any, ...]]


def _fields(reals: str, integers: str = "", flags: str = "") -> Fields:
    return [
        (name, code)
        for names, code in ((reals, "f8"), (integers, "i8"), (flags, "i1"))
        for name in names.split()
    ]


LOT: Fields = [
    *_fields(
        "value interest seized u_method z_noise u_duration leaves_after halts_after halt_days u_in_kind_second u_in_kind_last "
        "u_own_sale u_own_when before_days booked_after reference start cost listed ended price start_sold forfeited suspended priced z_again",
        "lot case court kind row place period interested chunk stream priority method outcome rounds sold_round winner halt_cause suspended_by",
        "movable token objected barred before_sold",
    ),
    ("u_payment", "f8", (PAYMENTS,)),
]
DISPOSAL = _fields(
    "wake work leaves before start notice opens closes shut",
    "state then court own rules there position defaults interested back backs again agains next last registered",
    "repeated held responds copied",
)
AUCTION: Fields = [
    *_fields(
        "start price asking increment soft_close closes entry_deadline best answers_at jump single_steps set_end",
        "leader placed bidders extensions priority holder answerer challenger step answer_step target limit left some",
        "sell_off",
    ),
    ("high", "u8"),
    ("low", "u8"),
]
PERSON = _fields("after value arrival back so_far", "who", "waits")
RULES = _fields(
    "until increment soft_close deposit reply within reply_extended within_extended jump single_steps persistence cut_relief default_rate payment "
    "in_kind_second in_kind_last own_sale own_sale_found own_sale_days own_sale_price sold_before_price "
    "booking_days survey notice_work handover pricing_work objection_work objection_wait notice_again report_valid highest_persistence clock ahead short ready ready_sd exempt "
    "compare_share resale resale_noise resale_days discount_yearly prior_share prior prior_log_sd insist_share",
    "last_auction bidding ends_from ends_to period",
    "any_time festival responds joins",
)
STAGE = _fields("relist notice_movable notice_immovable window keep span late early", "", "held sell_off")
SETUP: Fields = [
    *_fields("until", "clerks periods stages drawn", "returning listing dated"),
    *((name, "u8") for name in ("high", "low", "step_high", "step_low", "foresight", "cash", "claims")),
]
COURT = _fields(
    "now",
    "which running lot arriving next end loaded busy waiting first_waiting pending events people rounds registrations bids",
)
# Of the interested who are drawn together: where each round's groups begin, a lot a group (NOBODY: not drawn yet), and where their
# lots' interest stands.
TOGETHER: Fields = [("first", "i8", (DRAWN,)), *_fields("", "interest")]
# What of a lot goes by the day's parameters.
DATED = _fields(
    "value interest leaves_after halts_after halt_days booked_after before_days",
    "kind priority halt_cause",
    "movable token objected barred before_sold",
)


class CourtArrays(NamedTuple):
    """All arrays of a run of some courts."""

    setup: Array  # (1,)
    court: Array  # (1,) where the loop stands
    bounds: Array  # (courts + 1,) each court's first lot
    lots: Array
    disposals: Array
    auctions: Array
    heap_time: Array
    heap_number: Array
    heap_lot: Array
    queue: Array  # of those who wait for a clerk
    chains: Array  # (kinds,) where the rules of each kind of lot begin, those of the first period
    rules: Array  # (chains x periods,) of all lots, then of kinds with rules of their own
    stages: Array  # (chains x periods, stages)
    closed: Array  # (days,) on which nothing opens
    ends: Array  # last moments of the years' days by which unsold lots are booked, period after period
    changes: Array  # days on which other methods of pricing hold
    menus: Array  # (changes + 1,) where each menu begins
    menu: Array
    edges: Array
    durations: Array  # (changes, methods, 2)
    costs: Array  # (periods, methods, 4)
    starts: Array  # (periods, kinds, 2)
    people: Array
    together: Array
    groups: Array  # (groups, 2) where each group's people begin, and end
    keenest: Array
    dated: Array  # (periods, lots) what lots are under each period's parameters
    opened: Array  # (chunks, chains, periods, periods, periods) who comes; -1: not drawn yet
    interest: Array  # mean interest of lots at openings that were drawn
    rounds: Array
    registrations: Array
    bids: Array


def rows(fields: Fields, shape: Any) -> Array:
    """Rows of zeros."""
    return np.zeros(shape, dtype=np.dtype(fields, align=True))


def record_rows(name: str, number: int) -> Array:
    """Room for rows of one table of the records, as the readable model packs them."""
    return np.empty(number, dtype=np.dtype(list(SCHEMAS[name].items())))
