"""Walks the records of a run event by event and says what the law of the day did not allow.

It knows nothing of sim/law: the limits stand here once more, from the texts. What it says is (article, kind of lot).
Days are those of the calendar; those of a suspension do not count. Bidding is to open at any hour. Until the sale begins a clerk's
days count, and of lots that are priced again it is not asked how long the first price had lain.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from sim.model.records import Outcome, Records, RoundOutcome
from sim.scenario.schema import Scenario

TINY = 1e-6
YEAR, HALF, MONTHS = 365, 183, 92  # a report, the six months after it, three months at the most
ONLINE, LINK, PRICES, EQUITY = date(2017, 1, 1), date(2017, 7, 18), date(2018, 9, 1), date(2022, 1, 1)
Finding = tuple[str, str]


@dataclass
class Held:
    """One round as it was held."""

    day: date  # of its notice
    notice: float
    opens: float
    closes: float
    start: float
    deposit: float
    failed: bool
    quiet: bool  # nobody bid, so that it closes when its window is over
    sell_off: bool
    suspended: float  # days for which the lot was, which no limit counts


def findings(scenario: Scenario, records: Records) -> set[Finding]:
    """All that the law of the day did not allow, over all lots."""
    found: set[Finding] = set()
    names = list(scenario.kinds)
    rounds = records.rounds
    for i in range(len(records.lots["lot"])):
        lot = {name: column[i] for name, column in records.lots.items()}
        name = names[lot["kind"]]
        found |= {(article, name) for article in _of_people(scenario, lot, name)}
        last = rounds["closes"][rounds["lot"] == lot["lot"]].max(initial=lot["priced"])
        found |= {(article, name) for article in _of_debtor(scenario, lot, name, last)}
        if np.isnan(lot["listed"]):
            continue
        rows = np.flatnonzero(rounds["lot"] == lot["lot"])
        held = [_held(scenario, name, lot, {key: column[j] for key, column in rounds.items()}) for j in rows]
        found |= {(article, name) for article in _of_lot(scenario, lot, name, held)}
    return found


def _held(scenario: Scenario, name: str, lot: dict[str, Any], row: dict[str, Any]) -> Held:
    day = scenario.time.start + timedelta(days=int(row["notice"]))
    stage = scenario.on(day).of_kind(name).rounds[scenario.held[row["round"]]]
    return Held(
        day=day, notice=row["notice"], opens=row["opens"], closes=row["closes"], start=row["start"], deposit=row["deposit"],
        failed=row["outcome"] == RoundOutcome.FAILED, quiet=row["bids"] == 0 and row["outcome"] == RoundOutcome.FAILED,
        sell_off=stage.format == "sell-off", suspended=float(np.ceil(lot["suspended"])),
    )  # fmt: skip


def _day(scenario: Scenario, when: float) -> date:
    return scenario.time.start + timedelta(days=int(when))


def _of_people(scenario: Scenario, lot: dict[str, Any], name: str) -> Iterator[str]:
    """A home that was sold, or taken in kind, where nobody of all those who come may have it."""
    if scenario.kinds[name].asset != "home" or not np.isfinite(lot["ended"]):
        return
    if lot["outcome"] == Outcome.SOLD and scenario.eligibility.restricted_bidders == 1.0:
        yield "2021 Art 1"
    if lot["outcome"] == Outcome.IN_KIND and scenario.eligibility.restricted_creditors == 1.0:
        yield "2021 Art 5"


def _of_debtor(scenario: Scenario, lot: dict[str, Any], name: str, began: float) -> Iterator[str]:
    """Equity that its debtor sold: three months from the last failure, or from the price."""
    sold = lot["outcome"] == Outcome.WITHDRAWN and np.isfinite(lot["price"])
    late = sold and int(lot["ended"]) - int(began) > MONTHS
    if late and scenario.kinds[name].asset == "equity" and _day(scenario, began) >= EQUITY:
        yield "2021 Art 10"


def _of_report(scenario: Scenario, lot: dict[str, Any], held: list[Held]) -> Iterator[str]:
    """How old the report is at the first notice, and at each auction; how soon after it the sale begins."""
    valid = scenario.on(_day(scenario, lot["listed"])).courts.report_valid_days
    if _day(scenario, lot["listed"]) >= PRICES:
        days = int(lot["listed"]) - int(lot["priced"])
        if days > YEAR:
            yield "2018 Art 27"
        debtors = (
            scenario.debtor_sale.before_share > 0.0
            and scenario.kinds[list(scenario.kinds)[lot["kind"]]].asset == "equity"
        )
        given = scenario.debtor_sale.days if debtors and _day(scenario, lot["listed"]) >= EQUITY else 0.0
        if days - given > 10:
            yield "2018 Art 30"
    for one in held:
        age = int(one.opens) - int(lot["priced"]) - one.suspended
        if not one.sell_off and one.day >= PRICES and age > min(valid, YEAR) + HALF:
            yield "2018 Art 27"


def _of_lot(scenario: Scenario, lot: dict[str, Any], name: str, held: list[Held]) -> Iterator[str]:
    asset, movable = scenario.kinds[name].asset, bool(lot["movable"])
    priced = scenario.time.start + timedelta(days=int(lot["priced"]))
    if priced < PRICES and list(scenario.pricing)[lot["method"]] != "appraisal":
        yield "law before 2018-09-01"
    free = asset == "equity" and bool(lot["token"])
    yield from _of_report(scenario, lot, held)
    auctions = failures = sold_off = 0
    for place, one in enumerate(held):
        before = held[place - 1] if place else None
        again = before is not None and not before.failed  # after a default the same round is held again
        limits = _sell_off if one.sell_off else _auction
        if not again:
            yield from limits(one, before, auctions, failures, movable, asset, float(lot["reference"]), free)
        judged = one.day >= ONLINE and not one.sell_off
        if judged and not 0.05 - TINY <= one.deposit / one.start <= 0.2 + TINY:
            yield "2021 Art 12" if free and one.day >= EQUITY else "2016 Art 17"
        sold_off += one.sell_off and not again
        if sold_off > 1 and one.sell_off and not again and (one.day >= LINK or one.day < ONLINE):
            yield "2017 notice" if one.day >= LINK else "2004 Art 27" if movable else "2004 Art 28"
        auctions += not one.sell_off and not again
        failures += one.failed and not one.sell_off
    returned = bool(held) and lot["outcome"] == Outcome.RETURNED and not any(one.sell_off for one in held)
    if returned and held[-1].day >= ONLINE and failures == 1:
        yield "2016 Art 26"
    if returned and held[-1].day < ONLINE and movable and failures == 1:
        yield "2004 Art 27"
    if returned and held[-1].day < ONLINE and not movable and asset != "shares":
        yield "2004 Art 28"


def _auction(
    one: Held, before: Held | None, auctions: int, failures: int, movable: bool, asset: str | None,
    reference: float, free: bool,
) -> Iterator[str]:  # fmt: skip
    days = np.floor(one.opens) - np.floor(one.notice)
    if auctions == 0:
        floor = 0.7 if one.day >= ONLINE else 0.8
        if one.start / reference < floor - TINY:
            on_condition = free and one.day >= EQUITY  # that no report can be had
            yield "2021 Art 12" if on_condition else "2016 Art 10" if one.day >= ONLINE else "2004 Art 8"
        if one.day >= ONLINE and days < (15 if movable else 30) - TINY:
            yield "2016 Art 12"
    else:
        assert before is not None
        cut = 1.0 - one.start / before.start
        if cut > 0.2 + TINY:
            yield "2016 Art 26" if one.day >= ONLINE else "2004 Art 8"
        if asset == "shares" and cut > 0.1 + TINY:
            yield "2001 Art 13"
        if one.day >= ONLINE and (
            days < (7 if movable else 15) - TINY or _between(before.closes, one.opens, one) > 30
        ):
            yield "2016 Art 26"
        most = 3 if asset == "shares" or (one.day < ONLINE and not movable) else 2
        if auctions + 1 > most:
            yield "2016 Art 26" if one.day >= ONLINE else "2004 Art 27" if movable else "2004 Art 28"
    if one.quiet and one.day >= ONLINE and one.closes - one.opens < 1.0 - TINY:
        yield "2016 Art 20"


def _sell_off(
    one: Held, before: Held | None, auctions: int, failures: int, movable: bool, asset: str | None,
    reference: float, free: bool,
) -> Iterator[str]:  # fmt: skip
    if one.day < ONLINE and movable:
        yield "2004 Art 27"
    if one.day < ONLINE and not movable and failures < 3:
        yield "2004 Art 28"
    if one.day >= ONLINE and failures < 2:
        yield "2016 Art 26"
    if ONLINE <= one.day < LINK or (one.day < ONLINE and movable):
        return
    late = before is not None and _between(before.closes, one.notice, one) > (7 if one.day < ONLINE else 15)
    cheap = before is not None and abs(one.start - before.start) > TINY * before.start
    short = np.floor(one.opens) - np.floor(one.notice) < (7 if movable else 15) - TINY
    odd = one.quiet and not one.suspended and abs(one.closes - one.opens - 60.0) > TINY
    if one.day < ONLINE and (late or cheap or odd):
        yield "2004 Art 28"
    if one.day >= LINK and (late or cheap or short or odd):
        yield "2017 notice"


def _between(first: float, last: float, one: Held) -> float:
    """Days of the calendar without those of a suspension."""
    return float(np.floor(last) - np.floor(first)) - one.suspended
