"""Records held against the law: every event of a run by the limits of the day on which it happened.

``sim.law.verdict`` judges a scenario by the least that it comes to; what queues, holidays and the hour of opening made of it
is seen here. Days between two events are those of the calendar, without days of a suspension (2016 rules Art 28).
When a valuation began is not recorded: it is taken to have begun as early as its method can have taken, so that what is called late
was late. Nor is it recorded which debtors of equity were given time to sell it before the first auction: of all of them the days are
taken to be so many fewer, where a scenario gives any that time; where the law of the day knows no such sale, they count. Of a lot that was priced again it is not recorded when its first price was
found: longer before the notice than a report holds, so that it is taken to have lain just that long. What records do not show at all (when deposits came back) is named by ``unseen``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from math import isfinite
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sim.law.provisions import Rule, highest, rules, unlifted
from sim.law.scheme import APPRAISAL, assets
from sim.model.calendar import MINUTE, day_of, moment
from sim.model.records import Outcome, Records, RoundOutcome, Table, sold_by_debtor
from sim.scenario.schema import EQUITY, Scenario

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

SLACK: Final = 1e-6  # of a day, a share, a minute: rounding
EXAMPLES: Final = 3  # cases named of each finding, the worst of all replications
SEEN: Final = frozenset({
    "first_start", "token_start", "first_notice_movable", "first_notice_immovable", "again_notice_movable", "again_notice_immovable",
    "failure_to_notice", "failure_to_bidding", "cut", "window", "soft_close", "deposit", "token_deposit", "auctions", "auctions_at_last",
    "failures_before_sell_off", "sell_offs", "sell_off_cut", "sell_off_window", "failure_to_sell_off_notice", "sell_off_notice_movable",
    "sell_off_notice_immovable", "inquiry_without_basis", "report_to_notice", "report_to_auction", "price_to_sale", "seizure_to_valuation",
    "own_sale", "expiry_to_auction", "price_to_sale_debtor",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Events:
    """Some events of which the law speaks: of one quantity, one row an event."""

    quantity: str
    value: Floats
    day: Floats  # whose law counts, on the model's clock
    lot: Ints  # row in the table of lots
    event: Ints  # row in the table of rounds; of what befalls a lot as a whole, that in the table of lots


@dataclass(frozen=True, slots=True)
class Case:
    """One event that the law of its day did not allow."""

    replication: int
    lot: int
    day: date
    value: float


@dataclass(frozen=True, slots=True)
class Broken:
    """Events of one replication that a limit does not allow: numbers and kinds of their lots, days on the model's clock, values."""

    replication: int
    lot: Ints
    kind: Ints
    day: Floats
    value: Floats


@dataclass(slots=True)
class Finding:
    """What a run has of one limit: how many events it speaks of, and how many of them it does not allow."""

    rule: Rule
    quantity: str
    events: int = 0
    broken: int = 0
    lots: int = 0  # with such an event, of all replications
    kinds: set[str] = field(default_factory=set)  # of these lots
    of_kinds: set[str] = field(default_factory=set)  # of all lots of which it speaks
    cases: list[Case] = field(default_factory=list)  # the worst
    every: list[Broken] = field(default_factory=list)  # all of them, by replication


class AgainstTheLaw:
    """The limits of the law, and what the replications of a run have of them; one is added after another."""

    def __init__(self, scenario: Scenario, day: date | None = None) -> None:
        """``day``: whose law counts for all events; None: each is held against the law of its own day."""
        self.scenario, self.day = scenario, day
        self.lots = self.rounds = 0  # listed lots and ended rounds that were looked at
        self._found: dict[tuple[str, str], Finding] = {}
        self._certain: dict[
            str, Ints
        ] = {}  # by article: events of a replication that it forbids however it is read

    def add(self, replication: int, records: Records) -> None:
        """Look at one replication; its tables of lots, rounds and bids are needed."""
        happened = _Happened(self.scenario, records)
        self.lots += int(np.isfinite(happened.listed).sum())
        self.rounds += len(records.rounds["lot"])
        self._certain.clear()
        for events in happened.events():
            self._hold(replication, happened, events)

    @property
    def findings(self) -> list[Finding]:
        """Limits that some event broke, in the order of the law."""
        return [one for one in self.asked if one.broken]

    @property
    def asked(self) -> list[Finding]:
        """Limits that spoke of at least one event, in the order of the law."""
        order = {rule.key: place for place, rule in enumerate(rules())}
        return sorted(self._found.values(), key=lambda one: (order[one.rule.key], one.quantity))

    @property
    def unseen(self) -> list[Rule]:
        """Limits in force on some day that counts of which records show nothing."""
        first, last = (self.day, self.day) if self.day else (self.scenario.time.start, self.scenario.time.end)
        return [
            rule
            for rule in rules()
            if not rule.bounds & SEEN
            and rule.since <= last
            and (rule.until is None or rule.until >= first)
            and not (rule.low is None and rule.high is None)
        ]

    def _hold(self, replication: int, happened: _Happened, events: Events) -> None:
        """Count events of one quantity by the limits that speak of them."""
        for rule, mine in self._speaking(happened, events):
            beyond = np.where(mine, _beyond(rule, events.value), 0.0)
            key = rule.key, events.quantity
            found = self._found.setdefault(key, Finding(rule, events.quantity))
            found.events += int(mine.sum())
            found.of_kinds |= happened.kinds_of(events.lot[mine])
            self._note(found, replication, happened, events, beyond)

    def _speaking(self, happened: _Happened, events: Events) -> list[tuple[Rule, Mask]]:
        """The limits that speak of some events, and of which: limits that hold together may lift each other (``unlifted``)."""
        asked = [rule for rule in rules() if events.quantity in rule.bounds]
        together = np.zeros(len(events.value), dtype=np.int64)  # which of them hold for an event, a bit each
        for bit, rule in enumerate(asked):
            together |= self._holds(rule, happened, events).astype(np.int64) << bit
        found: dict[tuple[str, float | None, float | None], tuple[Rule, Mask]] = {}
        for code in np.unique(together).tolist():
            events_so = together == code
            for rule in unlifted(events.quantity, [one for bit, one in enumerate(asked) if code >> bit & 1]):
                key = rule.key, rule.low, rule.high
                known = found.get(key)
                found[key] = (rule, events_so) if known is None else (known[0], known[1] | events_so)
        return [(rule, mine) for rule, mine in found.values() if (rule.low, rule.high) != (None, None)]

    def _holds(self, rule: Rule, happened: _Happened, events: Events) -> Mask:
        """Which events a limit speaks of: by its days, and by what the property is."""
        if self.day is not None:
            in_force = np.full(
                len(events.day), rule.since <= self.day and (rule.until is None or self.day <= rule.until)
            )
        else:
            start = self.scenario.time.start
            in_force = np.floor(events.day) >= day_of(rule.since, start)
            if rule.until is not None:
                in_force &= np.floor(events.day) <= day_of(rule.until, start)
        if rule.assets:
            in_force &= happened.of_assets(rule.assets)[events.lot]
        return in_force

    def _note(
        self, found: Finding, replication: int, happened: _Happened, events: Events, beyond: Floats
    ) -> None:
        """Remember what was broken, and the worst of it; where another reading allows it, only what that one does allow."""
        rows = np.flatnonzero(beyond > SLACK)
        certain = self._certain.get(found.rule.article, np.empty(0, dtype=np.int64))
        if found.rule.reading:
            rows = rows[~np.isin(events.event[rows], certain)]
        else:
            self._certain[found.rule.article] = np.union1d(certain, events.event[rows])
        if not len(rows):
            return
        of = events.lot[rows]
        numbers, kinds = happened.number[of], happened.kind[of]
        found.every.append(Broken(replication, numbers, kinds, events.day[rows], events.value[rows]))
        lots = np.unique(of)
        found.broken += len(rows)
        found.lots += len(lots)
        found.kinds |= happened.kinds_of(lots)
        worst = rows[np.argsort(-beyond[rows], kind="stable")][:EXAMPLES]
        start = self.scenario.time.start
        found.cases += [
            Case(replication, int(happened.number[events.lot[row]]), moment(float(events.day[row]), start).date(), float(events.value[row]))
            for row in worst.tolist()
        ]  # fmt: skip
        found.cases.sort(key=lambda one: -float(_beyond(found.rule, np.array([one.value]))[0]))
        del found.cases[EXAMPLES:]


def _beyond(rule: Rule, value: Floats) -> Floats:
    """By how much values lie outside a limit; 0 within it."""
    below = 0.0 if rule.low is None else np.maximum(rule.low - value, 0.0)
    above = 0.0 if rule.high is None else np.maximum(value - rule.high, 0.0)
    return np.asarray(below + above, dtype=np.float64)


class _Happened:
    """What happened in one replication, as far as the law speaks of it."""

    def __init__(self, scenario: Scenario, records: Records) -> None:
        self.scenario, self.records = scenario, records
        lots, rounds = records.lots, records.rounds
        self.number, self.kind = lots["lot"].astype(np.int64), lots["kind"].astype(np.int64)
        self.priced, self.listed, self.suspended = (
            _real(lots, one) for one in ("priced", "listed", "suspended")
        )
        self.token, self.movable = lots["token"].astype(np.bool_), lots["movable"].astype(np.bool_)
        self.notice, self.opens, self.closes = (_real(rounds, one) for one in ("notice", "opens", "closes"))
        self.start = _real(rounds, "start")
        self.outcome, self.position = rounds["outcome"].astype(np.int64), rounds["round"].astype(np.int64)
        self.lot = np.searchsorted(self.number, rounds["lot"].astype(np.int64))  # ordered by lot, both
        self.day = np.floor(self.notice)
        n = len(self.lot)
        self.follows = np.zeros(n, dtype=np.bool_)  # another round of the same lot
        self.follows[1:] = self.lot[1:] == self.lot[:-1]
        self.before = np.where(self.follows, np.arange(n) - 1, 0)
        again = self.follows & (self._was("outcome") == RoundOutcome.DEFAULTED)
        again &= self._was("position") == self.position  # held again since nobody paid
        self.sell_off = self._sell_off()
        self.auction, self.sold_off = ~self.sell_off & ~again, self.sell_off & ~again
        self.auctions = self._earlier(self.auction)
        self.failures = self._earlier((self.outcome == RoundOutcome.FAILED) & ~self.sell_off)
        self.failed_before = self.follows & (self._was("outcome") == RoundOutcome.FAILED)

    def events(self) -> Iterator[Events]:
        """Everything of which the law speaks, quantity by quantity."""
        yield from self._pricing()
        yield from self._starts()
        yield from self._notices()
        yield from self._after_failures()
        yield from self._windows()
        yield from self._numbers()
        yield self._own_sales()

    def kinds_of(self, lots: Ints) -> set[str]:
        """Names of the kinds of some lots."""
        names = list(self.scenario.kinds)
        return {names[kind] for kind in np.unique(self.kind[lots]).tolist()}

    def of_assets(self, wanted: frozenset[str]) -> Mask:
        """Which lots are property of one of these kinds, by what their kind is on the day of listing."""
        table = np.array([
            [bool((assets(kind) - {"movable", "immovable"}) & wanted) for kind in one.kinds.values()]
            for _, one in self.scenario.periods
        ])  # fmt: skip
        is_so: Mask = table[self._period(), self.kind]
        return is_so | (self.movable if "movable" in wanted else False) | (
            ~self.movable if "immovable" in wanted else False
        )  # fmt: skip

    def _pricing(self) -> Iterator[Events]:
        listed = np.flatnonzero(np.isfinite(self.listed))
        method = self.records.lots["method"].astype(np.int64)
        inquiry = np.array([name != APPRAISAL for name in self.scenario.pricing])
        rows = listed[method[listed] >= 0]  # of a method that was given as an object the law does not speak
        yield Events(
            "inquiry_without_basis", inquiry[method[rows]].astype(np.float64), self.priced[rows], rows, rows
        )
        days = np.floor(self.listed[listed]) - np.floor(self.priced[listed])
        yield Events("report_to_notice", days, self.listed[listed], listed, listed)
        if (
            self.scenario.arrivals.mode == "arrivals"
        ):  # where lots come with their listing dates, there is nothing before
            lain, debtors = self._lain()[listed], self._days_of_debtors()[listed]
            whole = np.maximum(days, lain)
            days = np.maximum(days - debtors, lain)
            yield Events("price_to_sale", days, self.listed[listed], listed, listed)
            given = debtors > 0.0
            yield Events(
                "price_to_sale_debtor", whole[given], self.listed[listed][given], listed[given], listed[given]
            )
            yield self._valuation(rows)
        rows = np.flatnonzero(~self.sell_off)
        days = np.floor(self.opens[rows]) - np.floor(self.priced[self.lot[rows]])
        days -= np.ceil(self.suspended[self.lot[rows]])
        valid = self._valid()[self.lot[rows]]
        short = valid < highest("report_valid")
        yield self._of("report_to_auction", rows[~short], days[~short])
        yield self._of("expiry_to_auction", rows[short], days[short] - valid[short])

    def _valuation(self, rows: Ints) -> Events:
        """From the seizure until the valuation began, at the least; lots that were priced again say nothing of it."""
        first = rows[(self.priced[rows] < self.listed[rows]) | (not self._prices_again())]
        objected = max(one.courts.objection_wait_days for _, one in self.scenario.periods)
        longest = np.array([
            objected + max(one.pricing[name].days_high for _, one in self.scenario.periods) for name in self.scenario.pricing
        ])  # fmt: skip
        began = self.priced[first] - longest[self.records.lots["method"].astype(np.int64)[first]]
        days = np.floor(began) - np.floor(_real(self.records.lots, "seized")[first])
        return Events("seizure_to_valuation", np.maximum(days, 0.0), began, first, first)

    def _days_of_debtors(self) -> Floats:
        """For how long the debtor of each lot may have been given time before its first auction: of equity, as long as on any day."""
        debtors = [one.debtor_sale for _, one in self.scenario.periods]
        most = max((one.days for one in debtors if one.before_share > 0.0), default=0.0)
        return np.where(self.of_assets(frozenset({EQUITY})), np.ceil(most), 0.0)

    def _lain(self) -> Floats:
        """For how long the first price of each lot that was priced again had lain, at the least; 0 of all others.

        The new price is that of the day of the notice; one that no clerk had to work on after its first price was never too old.
        """
        valid = min((one.courts.report_valid_days for _, one in self.scenario.periods), default=np.inf)
        works = all(
            one.courts.notice_days + one.courts.pricing_days > 0.0 for _, one in self.scenario.periods
        )
        again = (self.priced == self.listed) & (isfinite(valid) and works)
        return np.where(again, np.ceil(valid), 0.0)

    def _valid(self) -> Floats:
        """For how long the report of each lot holds, by the scenario of the day of its listing; for ever where nothing is before that."""
        held = [
            one.courts.report_valid_days if one.arrivals.mode == "arrivals" else np.inf
            for _, one in self.scenario.periods
        ]
        return np.array(held)[self._period()]

    def _period(self) -> Ints:
        """In which period of the scenario each lot was listed; of one not listed: any."""
        begins = [day_of(begins, self.scenario.time.start) for begins, _ in self.scenario.periods]
        period = np.maximum(np.searchsorted(begins, self.listed, side="right") - 1, 0)
        return np.minimum(period, len(begins) - 1)

    def _own_sales(self) -> Events:
        """Days that a debtor took for a sale of their own, from the last failure or, before any auction, from the price.

        Of debtors who found nobody records show nothing.
        """
        rows = np.flatnonzero(sold_by_debtor(self.records.lots))
        began = self.priced.copy()
        began[self.lot] = self.closes  # ordered by time: the last one stays
        days = np.floor(_real(self.records.lots, "ended")[rows]) - np.floor(began[rows])
        return Events("own_sale", days, began[rows], rows, rows)

    def _prices_again(self) -> bool:
        """Whether lots may be priced again before their first notice: on the day of it, then."""
        return any(isfinite(one.courts.report_valid_days) for _, one in self.scenario.periods)

    def _starts(self) -> Iterator[Events]:
        first = np.flatnonzero(self.auction & (self.auctions == 0))
        ratio = self.start[first] / _real(self.records.lots, "reference")[self.lot[first]]
        deposit = _real(self.records.rounds, "deposit") / self.start
        every = np.flatnonzero(~self.sell_off)
        for token, start, paid in (
            (False, "first_start", "deposit"),
            (True, "token_start", "token_deposit"),
        ):
            mine = self.token[self.lot[first]] == token
            yield self._of(start, first[mine], ratio[mine])
            rows = every[self.token[self.lot[every]] == token]
            yield self._of(paid, rows, deposit[rows])

    def _notices(self) -> Iterator[Events]:
        days = np.floor(self.opens) - self.day
        for name, movable in (("movable", True), ("immovable", False)):
            mine = self.movable[self.lot] == movable
            for what, which in (
                ("first", self.auction & (self.auctions == 0)),
                ("again", self.auction & (self.auctions > 0)),
                ("sell_off", self.sell_off),
            ):
                rows = np.flatnonzero(which & mine)
                yield self._of(f"{what}_notice_{name}", rows, days[rows])

    def _after_failures(self) -> Iterator[Events]:
        later = np.flatnonzero(self.auction & (self.auctions > 0) & self.failed_before)
        sold_off = np.flatnonzero(self.sell_off & self.failed_before)
        failed = np.floor(self._was("closes"))
        for quantity, rows, until in (
            ("failure_to_notice", later, self.day),
            ("failure_to_bidding", later, np.floor(self.opens)),
            ("failure_to_sell_off_notice", sold_off, self.day),
        ):
            days = until[rows] - failed[rows] - np.ceil(self.suspended[self.lot[rows]])
            yield self._of(quantity, rows, np.maximum(days, 0.0))
        cut = 1.0 - self.start / self._was("start")
        yield self._of("cut", later, cut[later])
        yield self._of("sell_off_cut", sold_off, cut[sold_off])

    def _windows(self) -> Iterator[Events]:
        ended = self.outcome != RoundOutcome.STOPPED
        open_for = self.closes - self.opens
        rows = np.flatnonzero(ended & ~self.sell_off)
        yield self._of("window", rows, open_for[rows])
        quiet = ended & (self.records.rounds["bids"] == 0) & (self.suspended[self.lot] == 0.0)
        rows = np.flatnonzero(quiet & self.sell_off)
        yield self._of("sell_off_window", rows, open_for[rows])
        last = self._last_bid()
        minutes = (self.closes - last) / MINUTE
        within = max(rule.low or 0.0 for rule in rules() if "soft_close" in rule.bounds)
        extended = _real(self.records.rounds, "extensions") > 0.0
        rows = np.flatnonzero(ended & np.isfinite(last) & (extended | (minutes < within)))
        yield self._of("soft_close", rows, minutes[rows])

    def _numbers(self) -> Iterator[Events]:
        rows = np.flatnonzero(self.auction)
        yield self._of("auctions", rows, self.auctions[rows] + 1.0)
        rows = np.flatnonzero(self.sold_off)
        earlier = self._earlier(self.sold_off)[rows]
        yield self._of("sell_offs", rows, earlier + 1.0)
        rows = rows[earlier == 0.0]
        yield self._of("failures_before_sell_off", rows, self.failures[rows])
        last = np.append(self.lot[1:] != self.lot[:-1], np.ones(min(len(self.lot), 1), dtype=np.bool_))
        back = self.records.lots["outcome"][self.lot] == Outcome.RETURNED
        rows = np.flatnonzero(last & back & ~self.sell_off)
        yield self._of("auctions_at_last", rows, (self.auctions + self.auction)[rows])
        yield self._of("sell_offs", rows, np.zeros(len(rows)))

    def _of(self, quantity: str, rows: Ints, value: npt.NDArray[Any]) -> Events:
        """Events of rounds; the law of the day of their notice counts."""
        return Events(quantity, value.astype(np.float64), self.notice[rows], self.lot[rows], rows)

    def _was(self, name: str) -> npt.NDArray[Any]:
        """What the round before was; where there is none, whatever the first row of all is."""
        column: npt.NDArray[Any] = getattr(self, name)
        return column[self.before]

    def _earlier(self, which: Mask) -> Floats:
        """How many earlier rounds of the same lot are such."""
        total: npt.NDArray[np.int64] = np.cumsum(which) - which
        first = np.maximum.accumulate(np.where(self.follows, 0, np.arange(len(which))))
        return (total - total[first]).astype(np.float64)

    def _sell_off(self) -> Mask:
        """Which rounds are sell-offs, by the scenario of the day of their notice and the rules of their kind."""
        names, start = self.scenario.held, self.scenario.time.start
        table = np.array([
            [[one.of_kind(kind).rounds[name].format == "sell-off" for name in names] for kind in one.kinds]
            for _, one in self.scenario.periods
        ])  # fmt: skip
        begins = [day_of(begins, start) for begins, _ in self.scenario.periods]
        period = np.maximum(np.searchsorted(begins, self.notice, side="right") - 1, 0)
        is_so: Mask = table[period, self.kind[self.lot], self.position]
        return is_so

    def _last_bid(self) -> Floats:
        """When the last bid of each round was placed; nan where nobody bid."""
        rounds, bids = self.records.rounds, self.records.bids
        last = np.full(len(self.lot), np.nan)
        most = 1 + max((int(t["attempt"].max()) for t in (rounds, bids) if len(t["attempt"])), default=0)
        keys = [t["lot"].astype(np.int64) * most + t["attempt"].astype(np.int64) for t in (rounds, bids)]
        at = np.searchsorted(keys[0], keys[1])
        known = at < len(keys[0])
        known[known] = keys[0][at[known]] == keys[1][known]  # of rounds that have ended
        last[at[known]] = _real(bids, "time")[known]  # ordered by time: the last one stays
        return last


def _real(table: Table, name: str) -> Floats:
    return table[name].astype(np.float64)
