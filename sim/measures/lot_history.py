"""The history of one lot, read from its records, line by line with dates and articles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from sim.law.commission import commission
from sim.law.provisions import Rule, cited, w
from sim.locale.numbers import filled
from sim.locale.words import Words
from sim.measures.against_law import SEEN, AgainstTheLaw
from sim.measures.curves import closing
from sim.measures.definitions import ROUND_NAMES
from sim.model.calendar import moment
from sim.model.records import Cause, Column, Outcome, Records, RoundOutcome, sold_by_debtor
from sim.model.rules import Stage, rules_of
from sim.scenario.schema import EQUITY, Scenario

SHOWN = 8  # bids of a round shown line by line; the middle of a longer war is summed up
MOMENT = 1e-6  # days within which two times are one


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened: when (date and time, or date only), what, and under which article, or against which."""

    when: str
    what: str
    article: str


_WORDS: Final = Words("lot_history")
AUCTIONS: Final = ("first", "second", "third")  # names of auctions by number
# Quantities of which the law speaks, by the line that says what they came to.
_OF_PRICE: Final = frozenset({"inquiry_without_basis", "seizure_to_valuation"})
_OF_START: Final = frozenset(
    {"first_start", "token_start", "price_to_sale", "price_to_sale_debtor", "report_to_notice"}
)
_OF_CLOSE: Final = frozenset({"window", "soft_close", "sell_off_window", "auctions_at_last"})
# of a sell-off that its notice begins, or of none after a last auction
_AT_LAST: Final = frozenset({"sell_offs"})
_OF_END: Final = frozenset({"own_sale"})
_OF_NOTICE: Final = SEEN - _OF_PRICE - _OF_START - _OF_CLOSE - _OF_END


def history(scenario: Scenario, records: Records, lang: str) -> list[Line]:
    """What happened to the one lot in ``records``, in order of time."""
    writer = _HistoryWriter(scenario, records, lang)
    writer.before_listing()
    for i in range(len(records.rounds["lot"])):
        writer.round({name: column[i] for name, column in records.rounds.items()})
        writer.debtor_after(i)
    writer.end()
    return writer.lines


class _HistoryWriter:
    """Says one thing after another about a lot."""

    def __init__(self, scenario: Scenario, records: Records, lang: str) -> None:
        self.scenario, self.records, self.lang = scenario, records, lang
        self.start = scenario.time.start
        self.language = 1 if lang == "zh" else 0
        self.lot = {name: column[0] for name, column in records.lots.items()}
        self.name, self.kind = list(scenario.kinds.items())[self.lot["kind"]]
        self.terms = rules_of(scenario).of(int(self.lot["kind"]))
        self.bidders: dict[int, int] = {}  # in order of their first bids
        self.priority = set(
            records.registrations["bidder"][records.registrations["priority"].astype(np.bool_)].tolist()
        )
        self.waits = float(self.lot["suspended"])  # days of suspension not reported yet
        self.broken = _broken(scenario, records)
        self.lines: list[Line] = []

    def before_listing(self) -> None:
        """Seizure, the reference price and the first start, each on its day; there need be no notice after a price."""
        lot = self.lot
        self.say(
            lot["seized"],
            "seized",
            "",
            kind=self.kind.name_zh if self.language else self.name,
            value=self.yuan(lot["value"]),
        )
        listed = bool(np.isfinite(lot["listed"]))
        unreported = self.unreported(lot["listed"] if listed else lot["priced"])
        if np.isfinite(lot["priced"]):
            method = list(self.scenario.pricing)[lot["method"]]
            key = "no_report" if unreported else "priced"
            self.say(
                lot["priced"], key, self.judged([self.law(lot["priced"], key)], _OF_PRICE), reference=self.yuan(lot["reference"]),
                days=f"{lot['priced'] - lot['seized']:.0f}", method=self.word(f"method.{method}") if f"method.{method}" in _WORDS else method,
            )  # fmt: skip
        self.debtor_before()
        if listed:
            key = "start.no_report" if unreported else "start.token" if lot["token"] else "start"
            found = self.law(lot["listed"], "no_report" if unreported else "start")
            self.say(
                lot["listed"], key, self.judged([found], _OF_START),
                start=self.yuan(lot["start"]), ratio=_share(lot["start"] / lot["reference"]),
            )  # fmt: skip

    def round(self, row: dict[str, Any]) -> None:
        """One round, from its notice to its end."""
        term = self.terms.on(float(row["notice"]))
        stage = term.stages[row["round"]]
        before = [one for one in term.stages[: stage.position] if one.held]
        names: dict[str, Any] = {"round": self.called(stage, before)}
        # A sell-off's opening, bids and failure go by articles of their own.
        of = "sell_off_" if stage.sell_off else ""
        found = self.of_round(
            row["notice"], "sell_off" if stage.sell_off else "again" if before else "first", before
        )
        if not stage.sell_off and self.unreported(row["notice"]):  # whose deposit is free
            found.append(self.law(row["notice"], "no_report"))
        self.say(
            row["notice"],
            "notice",
            self.judged(found, _OF_NOTICE - (set() if stage.sell_off else _AT_LAST), row["notice"]),
            start=self.yuan(row["start"]),
            deposit=self.yuan(row["deposit"]),
            **names,
        )
        notice = stage.notice_movable if self.lot["movable"] else stage.notice_immovable
        if self.waits and row["opens"] > term.openings(float(row["notice"]) + notice) + MOMENT:
            self.suspension()
        self.say(
            row["opens"],
            "opens",
            self.law(row["opens"], f"{of}opens"),
            clock=True,
            interested=row["interested"],
            registered=row["registered"],
            **names,
        )
        bids = self.records.bids["attempt"] == row["attempt"]
        times = self.records.bids["time"][bids]
        soft = self.scenario.on(self.date(row["notice"])).of_kind(self.name).auction.soft_close_minutes
        end, moves = closing(row, times, stage.window, stage.sell_off, self.waits, soft)
        if self.waits and not stage.sell_off and end > row["opens"] + stage.window + MOMENT:
            self.suspension()
        until = {move - soft / 1440.0: ("extended", move) for move in moves}
        if stage.sell_off and len(times):
            until[float(times[0])] = ("clock", end)
        self.war(times, self.records.bids["price"][bids], self.records.bids["bidder"][bids], until, of)
        key = RoundOutcome(row["outcome"]).name.lower()
        ended = f"{of}{key}" if key == "failed" else key
        self.say(
            row["closes"], key, self.judged(self.of_round(row["closes"], ended, before), _OF_CLOSE if stage.sell_off else _OF_CLOSE | _AT_LAST, row["notice"]), clock=True,
            who=self.bidders.get(int(row["winner"]), "-"), price=self.yuan(row["price"]),
            premium=_share(row["price"] / row["start"] - 1.0), bidders=row["bidders"], bids=row["bids"],
            extensions=row["extensions"], deposit=self.yuan(row["deposit"]), **names,
        )  # fmt: skip

    def war(
        self, times: Column, prices: Column, bidders: Column, until: dict[float, tuple[str, float]], of: str
    ) -> None:
        """The bids of a round: all of a few, the first and the last of many. ``of``: whose articles, of an auction or a sell-off."""
        half = SHOWN // 2
        for i, (time, price, bidder) in enumerate(
            zip(times.tolist(), prices.tolist(), bidders.tolist(), strict=True)
        ):
            who = self.bidders.setdefault(bidder, len(self.bidders) + 1)
            left = len(times) - half - i  # bids before the last few
            if len(times) > SHOWN and i >= half and left > 0:
                if left == 1:
                    self.say(
                        time,
                        "between",
                        self.law(time, f"{of}between"),
                        clock=True,
                        n=len(times) - SHOWN,
                        price=self.yuan(price),
                    )
                continue
            more = self.word("priority") if bidder in self.priority else ""
            move = next((move for when, move in until.items() if abs(when - time) < MOMENT), None)
            if move is not None:
                key, end = move
                clock = (
                    f"{moment(end, self.start):%Y-%m-%d %H:%M:%S}"
                    if key == "clock"
                    else f"{moment(end, self.start):%H:%M:%S}"
                )
                more += self.word(key, until=clock)
            self.say(
                time,
                "bid",
                self.law(time, f"{of}bid"),
                clock=True,
                who=who,
                price=self.yuan(price),
                more=more,
            )

    def suspension(self) -> None:
        """Told where it happened; its days are known, its first day is not recorded."""
        causes = {Cause.THIRD_PARTY: "suspended_third_party", Cause.BOTH: "suspended_both"}
        what = causes.get(Cause(self.lot["suspended_by"]), "suspended")
        self.lines.append(
            Line("", self.word(what, days=f"{self.waits:.0f}"), self.law(self.lot["listed"], what))
        )
        self.waits = 0.0

    def debtor_before(self) -> None:
        """That the debtor of equity was given time to sell it before the first auction."""
        lot, listed = self.lot, float(self.lot["listed"])
        sold = bool(sold_by_debtor(self.records.lots)[0]) and not np.isfinite(listed)
        if self.kind.asset != EQUITY or not (sold or lot["priced"] < listed):
            return
        day = float(lot["priced"])
        one, rules = self.scenario.on(self.date(day)), self.terms.on(day)
        if one.debtor_sale.before_share <= 0.0:
            return
        work = rules.notice_work + rules.pricing_work
        certain = rules.clerks == 0 and one.courts.objection_share == 0.0
        self.debtor_given(day, one.debtor_sale.days, None if sold else listed - work, certain)

    def debtor_after(self, number: int) -> None:
        """That a debtor was given time to sell the lot after the last auction, as far as days show it."""
        rounds, lot = self.records.rounds, self.lot
        failed = float(rounds["closes"][number])
        own, rules = self.terms.on(float(lot["listed"])), self.terms.on(failed)
        ended = rounds["outcome"][number] == RoundOutcome.FAILED
        if own.own_sale <= 0.0 or not ended or rounds["round"][number] != rules.last_auction:
            return
        until: float | None = np.nan  # nothing of it is seen
        certain = True
        if number + 1 < len(rounds["lot"]):
            notice = float(rounds["notice"][number + 1])
            rules = rules.on(notice)
            until = notice - rules.stages[rounds["round"][number + 1]].relist
            certain = rules.clerks == 0 or rules.notice_again == 0.0
        elif sold_by_debtor(self.records.lots)[0]:
            until = None
        elif lot["outcome"] in (Outcome.RETURNED, Outcome.IN_KIND) and not own.booking_days:
            until = float(lot["ended"])
        self.debtor_given(failed, own.own_sale_days, until, certain)

    def debtor_given(self, day: float, days: float, until: float | None, certain: bool) -> None:
        """A debtor's days from one on, of which nothing is recorded. ``until``: when what followed could begin; None: they sold it.

        ``certain``: whether no clerk can have kept it so long.
        """
        if until is not None and not until - day >= days - MOMENT:
            return
        key = "debtor_given" if until is None else "debtor_given.none" if certain else "debtor_given.perhaps"
        of = "debtor_looked_equity" if self.kind.asset == EQUITY else "debtor_looked"
        self.say(day, key, self.law(day, of), days=f"{days:.0f}")

    def end(self) -> None:
        """What became of the lot."""
        lot = self.lot
        if self.waits:
            self.suspension()
        outcome = Outcome(lot["outcome"])
        if outcome in (Outcome.OPEN, Outcome.PREPARING):
            self.lines.append(Line(f"{self.scenario.time.end:%Y-%m-%d}", self.word(outcome.name.lower()), ""))
        elif outcome == Outcome.SOLD:
            price = float(lot["price"])
            self.say(
                lot["ended"], "brought_no_report" if self.unreported(lot["listed"]) else "brought", self.law(lot["ended"], "brought"),
                share=_share(price / lot["reference"]),
                commission=self.yuan(float(commission(price))),
            )  # fmt: skip
        else:
            key = outcome.name.lower()
            if outcome == Outcome.WITHDRAWN and np.isfinite(lot["price"]):
                key = "debtor_sold" if self.kind.asset != EQUITY else "debtor_sold_equity"
            elif outcome == Outcome.WITHDRAWN and self.no_surplus():
                key = "no_surplus"
            self.say(
                lot["ended"],
                key,
                self.judged(self.of_round(lot["ended"], key, []), _OF_END),
                price=self.yuan(lot["price"]),
            )

    def no_surplus(self) -> bool:
        """Whether a lot was withdrawn because its start would leave nothing: before any notice, or as soon as a round
        had failed. Any other withdrawal comes between the two."""
        rounds = self.records.rounds
        if np.isnan(self.lot["listed"]):
            return True
        if not len(rounds["lot"]):
            return False
        return bool(
            rounds["outcome"][-1] == RoundOutcome.FAILED and rounds["closes"][-1] == self.lot["ended"]
        )

    def say(
        self, day: Any, key: str, article: str | None = None, clock: bool = False, **words: object
    ) -> None:
        when = moment(float(day), self.start)
        if article is None:
            article = self.law(day, key)
        self.lines.append(
            Line(
                f"{when:%Y-%m-%d %H:%M:%S}" if clock else f"{when:%Y-%m-%d}", self.word(key, **words), article
            )
        )

    def word(self, key: str, **words: object) -> str:
        return _WORDS(key, self.lang, **words)

    def date(self, day: Any) -> date:
        return moment(float(day), self.start).date()

    def law(self, day: Any, what: str) -> str:
        """The article of the day for what happened; empty where the law of the day is not known to have one."""
        movable = "movable" if self.lot["movable"] else "immovable"
        return cited(self.date(day), self.lang, what, frozenset(filter(None, (movable, self.kind.asset))))

    def judged(self, articles: list[str], quantities: frozenset[str], notice: float | None = None) -> str:
        """Articles as they are shown: one that forbids what happened is what that is against, and those not named yet follow.

        ``notice``: of which round, where several have the quantity.
        """
        broken = {
            rule.article_zh if self.language else rule.article: rule
            for rule, quantity, day in self.broken
            if quantity in quantities and (notice is None or abs(day - notice) < MOMENT)
        }
        shown = []
        for one in filter(None, articles):
            name = next(
                (name for name in broken if one.startswith(name) and not one[len(name) :][:1].isdigit()), None
            )
            shown.append(one if name is None else self.against(one, broken.pop(name)))
        return w("semicolon", self.lang).join(
            [*shown, *(self.against(name, rule) for name, rule in broken.items())]
        )

    def against(self, article: str, rule: Rule) -> str:
        """An article whose limit was not kept: against it, by one reading against it, or allowed by it on a condition."""
        key = "on_condition" if rule.condition else "against_bidding" if rule.reading else "against"
        condition = w(f"condition.{rule.condition}", self.lang) if rule.condition else ""
        return self.word(key, article=article, condition=condition)

    def called(self, stage: Stage, before: list[Stage]) -> str:
        """A round's name, by its number where a round that bears the other name is an auction, or a sell-off, of this kind."""
        name = stage.name
        if stage.sell_off:
            name = "sell_off"
        elif name == "sell_off":
            number = len(before) + 1
            if number > len(AUCTIONS):
                return self.word("auction.n", n=number)
            name = AUCTIONS[number - 1]
        return ROUND_NAMES.get(name, (name, name))[self.language]

    def of_round(self, day: Any, what: str, before: list[Stage]) -> list[str]:
        """Articles for a later auction, its failure, and what follows: of shares of listed companies one of their own."""
        mine = self.kind.asset == "shares" and what in ("again", "failed", "in_kind")
        own = [self.law(day, "of_shares")] if mine else []
        return own if own and len(before) > 1 else [self.law(day, what), *own]

    def unreported(self, day: Any) -> bool:
        """Whether there is no valuation report, so that start and deposit go by rules of their own: equity at a token start since 2022."""
        return bool(self.lot["token"]) and self.kind.asset == EQUITY and bool(self.law(day, "no_report"))

    def yuan(self, amount: float) -> str:
        return yuan(float(amount), self.lang)


def _broken(scenario: Scenario, records: Records) -> list[tuple[Rule, str, float]]:
    """What of a lot the law of its day did not allow: the limit, the quantity, and the day; certain limits first."""
    held = AgainstTheLaw(scenario)
    held.add(0, records)
    found = [
        (one.rule, one.quantity, float(day))
        for one in held.findings
        for some in one.every
        for day in some.day
    ]
    return sorted(found, key=lambda one: not one[0].reading)  # of one article the last one counts


def yuan(amount: float, lang: str) -> str:
    """Money to the yuan, and so much shorter from a million on as the language has it (``yuan.steps``: from, unit, decimals, text)."""
    steps = [step.split("|") for step in _WORDS("yuan.steps", lang).split("/")]
    _, size, places, text = next((step for step in steps if amount >= float(step[0])), steps[-1])
    return filled(text, amount=f"{amount / float(size):,.{places}f}")


def _share(x: float) -> str:
    """A share as per cent, with a decimal where it says something."""
    text = f"{100.0 * x:,.{0 if abs(x) >= 10.0 else 1}f}"
    return text.removesuffix(".0") + "%"
