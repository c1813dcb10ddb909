"""The measures again, one lot at a time, straight from the sentences of the vocabulary: slow, and hard to get wrong.

An oracle for ``sim.measures.compute``: no arrays, no cells, no shared sums.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sim.model.records import Outcome, Records, RoundOutcome, Table

Row = dict[str, Any]
NAN = math.nan


def rows(table: Table) -> list[Row]:
    """Columns to dictionaries."""
    return [
        dict(zip(table, values, strict=True))
        for values in zip(*(c.tolist() for c in table.values()), strict=True)
    ]


def ratio(above: float, below: float) -> float:
    return above / below if below > 0 else NAN


def quantile(values: Iterable[float], share: float) -> float:
    ordered = sorted(values)
    if not ordered:
        return NAN
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def commission(price: float) -> float:
    """The schedule of 2004, a band at a time."""
    total, lower = 0.0, 0.0
    for upper, rate in ((2e6, 0.05), (1e7, 0.03), (5e7, 0.02), (1e8, 0.01), (math.inf, 0.005)):
        if price > lower:
            total += rate * (min(price, upper) - lower)
        lower = upper
    return total


def measures(
    records: Records,
    first: float,
    last: float,
    cohort: bool,
    keep: Callable[[Row], bool],
    names: Sequence[str],
    proceeds: Table | None = None,
) -> dict[str, float]:
    """Every measure of one window [first, last), one basis and one segment of lots."""
    lots = {lot["lot"]: lot for lot in rows(records.lots) if keep(lot)}

    def inside(time: float, lot: Row) -> bool:
        return first <= time < last and (not cohort or lot["listed"] >= first)

    listed = [lot for lot in lots.values() if first <= lot["listed"] < last]
    ended = [lot for lot in lots.values() if inside(lot["ended"], lot)]
    sold = [lot for lot in ended if lot["outcome"] == Outcome.SOLD]
    failed = [lot for lot in ended if lot["outcome"] in (Outcome.IN_KIND, Outcome.RETURNED)]
    held = [
        r for r in rows(records.rounds)
        if r["lot"] in lots and r["outcome"] != RoundOutcome.STOPPED and inside(r["closes"], lots[r["lot"]])
    ]  # fmt: skip
    which = {(r["lot"], r["attempt"]) for r in held}
    unlucky = {r["lot"] for r in held if r["outcome"] == RoundOutcome.FAILED}

    def sold_by_the_end(lot: Row) -> bool:
        return bool(lot["outcome"] == Outcome.SOLD and lot["ended"] < last)

    open_lots = [
        lot for lot in lots.values()
        if lot["listed"] < last and not lot["ended"] < last and (not cohort or lot["listed"] >= first)
    ]  # fmt: skip
    waiting = [
        lot for lot in lots.values()
        if lot["seized"] < last and not lot["listed"] < last and not lot["ended"] < last
    ]  # fmt: skip
    out: dict[str, float] = {
        "cases": len({lot["case"] for lot in listed}),
        "lots_listed": len(listed),
        "rounds_held": len(held),
        "lots_sold": len(sold),
        "lots_failed": len(failed),
        "lots_in_kind": sum(lot["outcome"] == Outcome.IN_KIND for lot in ended),
        "lots_returned": sum(lot["outcome"] == Outcome.RETURNED for lot in ended),
        "lots_withdrawn": sum(lot["outcome"] == Outcome.WITHDRAWN for lot in ended),
        "lots_open": len(open_lots),
        "lots_ended": len(sold) + sum(not sold_by_the_end(lots[lot]) for lot in unlucky),
        "backlog_preparing": NAN if cohort else len(waiting),
        "defaults": sum(r["outcome"] == RoundOutcome.DEFAULTED for r in held),
        "turnover": sum(lot["price"] for lot in sold),
        "commission_saved": sum(commission(lot["price"]) for lot in sold),
        "commission_saved_flat": sum(0.05 * lot["price"] for lot in sold),
        "participants": sum(r["registered"] for r in held),
        "participants_distinct": len({r["bidder"] for r in rows(records.registrations) if (r["lot"], r["attempt"]) in which}),
    }  # fmt: skip
    withdrawn = [lot for lot in ended if lot["outcome"] == Outcome.WITHDRAWN and math.isfinite(lot["listed"])]
    n = len(sold)
    premiums = [lot["price"] / lot["start_sold"] - 1 for lot in sold]
    days = [lot["ended"] - lot["listed"] for lot in sold]
    out |= {
        "sale_rate_final": ratio(n, n + len(failed)),
        "sale_rate_ended": ratio(n, out["lots_ended"]),
        "sale_rate_listed": ratio(n, len(listed)),
        "sale_rate_round": ratio(n, len(held)),
        "premium_turnover": ratio(out["turnover"], sum(lot["start_sold"] for lot in sold)) - 1,
        "premium_mean": ratio(sum(premiums), n),
        "premium_median": quantile(premiums, 0.5),
        "premium_first_start_mean": ratio(sum(lot["price"] / lot["start"] - 1 for lot in sold), n),
        "sold_at_start": ratio(sum(lot["price"] <= lot["start_sold"] for lot in sold), n),
        "mean_price": ratio(out["turnover"], n),
        "participants_per_sale": ratio(out["participants"], n),
        "bidders_per_sale": ratio(sum(r["bidders"] for r in held if r["outcome"] == RoundOutcome.SOLD), n),
        "eligible_per_sale": ratio(
            sum(r["registered"] for r in held if r["outcome"] == RoundOutcome.SOLD), n
        ),
        "rounds_per_lot": ratio(len(held), out["lots_ended"]),
        "extensions_per_round": ratio(sum(r["extensions"] for r in held), len(held)),
        "days_to_sale_mean": ratio(sum(days), n),
        "days_to_sale_median": quantile(days, 0.5),
        "days_to_sale_p90": quantile(days, 0.9),
        "days_to_list_mean": ratio(sum(lot["listed"] - lot["seized"] for lot in listed), len(listed)),
        "recovery": ratio(out["turnover"], sum(lot["reference"] for lot in sold)),
        "recovery_all": ratio(out["turnover"], sum(lot["reference"] for lot in sold + failed + withdrawn)),
        "price_to_value": ratio(out["turnover"], sum(lot["value"] for lot in sold)),
        "start_to_reference": ratio(sum(lot["start"] / lot["reference"] for lot in listed), len(listed)),
        "lots_per_case": ratio(len(listed), out["cases"]),
    }

    def outlived(lot: Row, late: list[float]) -> float:
        """When the lot first outlived its report; inf if it did not."""
        return min([lot["listed"]] * (lot["listed"] - lot["priced"] > 365) + late, default=math.inf)

    late: dict[int, list[float]] = {}
    for r in rows(records.rounds):
        if r["lot"] in lots and r["opens"] - lots[r["lot"]]["priced"] > 548:
            late.setdefault(r["lot"], []).append(r["opens"])
    own = [lot for lot in ended if lot["outcome"] == Outcome.WITHDRAWN and math.isfinite(lot["price"])]
    out |= {"debtor_sales": len(own), "debtor_sales_turnover": sum(lot["price"] for lot in own)}
    out["reports_outlived"] = sum(
        inside(outlived(lot, late.get(lot["lot"], [])), lot) for lot in lots.values()
    )
    final = sold + failed

    def brought(what: str) -> float:
        if proceeds is None:
            return NAN
        by_lot = dict(zip(records.lots["lot"].tolist(), proceeds[what].tolist(), strict=True))
        return float(sum(by_lot[lot["lot"]] for lot in final + own))

    back = sum(lot["reference"] for lot in final if lot["outcome"] == Outcome.RETURNED)
    out |= {
        "creditors_receive": brought("creditor"),
        "creditor_recovery": ratio(brought("creditor"), brought("claim")),
        "creditor_recovery_then": ratio(brought("creditor_then"), brought("claim")),
        "debtors_surplus": brought("debtor"),
        "debtors_keep": ratio(brought("debtor") + back, sum(lot["reference"] for lot in final)),
    }
    for i, name in enumerate(names):
        here = [r for r in held if r["round"] == i]
        out[f"sold_{name}"] = ratio(sum(lot["sold_round"] == i for lot in sold), n)
        out[f"hazard_{name}"] = ratio(sum(lot["sold_round"] == i for lot in sold), len(here))
        out[f"failed_{name}"] = ratio(sum(r["outcome"] == RoundOutcome.FAILED for r in here), len(here))
    return out
