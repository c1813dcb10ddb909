"""What rounds of one lot cannot be together. Each check marks the rounds at which a contradiction shows, as an array of bools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from calibration.lots.histories import Bools, Outcome

Rounds = dict[str, npt.NDArray[Any]]  # sorted by lot and time
SLACK: Final = 1e-6  # of a price, relative: rounding of prices in 万


def contradictions(rounds: Rounds) -> dict[str, tuple[str, Bools]]:
    """Reason -> the column that shows it, and the rounds where it does."""
    return {reason: (column, check(rounds)) for reason, (column, check) in CHECKS.items()}


def follows(rounds: Rounds) -> Bools:
    """Rounds before which another of the same lot stands."""
    lot = rounds["lot"]
    found = np.zeros(len(lot), np.bool_)
    found[1:] = lot[1:] == lot[:-1]
    return found


def followed(rounds: Rounds) -> Bools:
    """Rounds behind which another of the same lot stands."""
    lot = rounds["lot"]
    found = np.zeros(len(lot), np.bool_)
    found[:-1] = lot[1:] == lot[:-1]
    return found


def before(column: Any) -> Any:
    """The value of the round before; of the first, its own."""
    return np.concatenate([column[:1], column[:-1]])


def _untimed(r: Rounds) -> Any:
    """Rounds whose place in their lot nobody knows: without a time, in a lot with several rows."""
    lonely = np.isnat(r["time"]) & ~r["in_order"]
    several = np.bincount(r["lot"], minlength=1)[r["lot"]] > 1
    return lonely & several


def _order(r: Rounds) -> Any:
    """Rounds of one row that end before an earlier one does."""
    when, earlier = r["time"], before(r["time"])
    return follows(r) & r["in_order"] & (when < earlier)


def _at_once(r: Rounds) -> Any:
    """Two rounds of one lot that end at the same time, or two rows of one auction; copies have been taken out before."""
    return follows(r) & ~r["in_order"] & (r["listing"] | (r["time"] == before(r["time"])))


def _start_rises(r: Rounds) -> Any:
    """A start above that of the round before, which failed, under the same reference price."""
    same = (
        (r["reference"] == before(r["reference"]))
        | np.isnan(r["reference"])
        | np.isnan(before(r["reference"]))
    )
    failed = before(r["outcome"]) == Outcome.FAILED
    return follows(r) & failed & same & (r["start"] > before(r["start"]) * (1 + SLACK))


def _below_start(r: Rounds) -> Any:
    return (r["outcome"] == Outcome.SOLD) & (r["price"] < r["start"] * (1 - SLACK))


def _before_notice(r: Rounds) -> Any:
    """A round that opens, or ends, on a day before that of its notice."""
    notice = r["notice"].astype("datetime64[D]")
    return (r["opened"].astype("datetime64[D]") < notice) | (r["ended"].astype("datetime64[D]") < notice)


def _ends_first(r: Rounds) -> Any:
    return r["ended"].astype("datetime64[D]") < r["opened"].astype("datetime64[D]")


def _kept(r: Rounds) -> Any:
    """Wins that count as paid: not defaulted, as far as the file says."""
    return (r["outcome"] == Outcome.SOLD) & ~r["defaulted"]


def _two_winners(r: Rounds) -> Any:
    return follows(r) & before(_kept(r)) & (r["outcome"] == Outcome.SOLD)


def _after_sale(r: Rounds) -> Any:
    """A further round after a paid win, or after the creditor took the lot."""
    gone = before(_kept(r) | (r["outcome"] == Outcome.IN_KIND))
    return follows(r) & gone & ~_two_winners(r)


def _default_unsold(r: Rounds) -> Any:
    return r["defaulted"] & (r["outcome"] != Outcome.SOLD)


def _bids_unsold(r: Rounds) -> Any:
    return (r["outcome"] == Outcome.FAILED) & (r["bids"] > 0)


CHECKS: Final[dict[str, tuple[str, Callable[[Rounds], Any]]]] = {
    "outcome": ("outcome", lambda r: r["outcome"] < 0),
    "sold_or_not": ("sold", lambda r: r["against"]),
    "untimed": ("ended", _untimed),
    "order": ("ended", _order),
    "at_once": ("ended", _at_once),
    "start_rises": ("start", _start_rises),
    "below_start": ("price", _below_start),
    "before_notice": ("notice", _before_notice),
    "ends_first": ("ended", _ends_first),
    "two_winners": ("outcome", _two_winners),
    "after_sale": ("outcome", _after_sale),
    "default_unsold": ("defaulted", _default_unsold),
    "bids_unsold": ("bids", _bids_unsold),
}
