"""The history of one lot, read from its records, line by line with dates and articles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from sim.law.commission import commission
from sim.locale.words import Words
from sim.measures.curves import closing
from sim.measures.definitions import ROUND_NAMES
from sim.model.calendar import moment
from sim.model.records import Column, Outcome, Records, RoundOutcome
from sim.model.rules import rules_of
from sim.scenario.schema import Scenario

RULES_2018 = date(2018, 9, 1)  # four methods of finding a reference price
REVISED = date(2021, 1, 1)  # the rules of 2004 were renumbered: three less from Art 5 on
SHOWN = 8  # bids of a round shown line by line; the middle of a longer war is summed up
MOMENT = 1e-6  # days within which two times are one


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened: when (date and time, or date only), what, and under which article."""

    when: str
    what: str
    article: str


_WORDS: Final = Words("lot_history")
_ARTICLES_2016: Final = {
    "opens": 20, "bid": 20, "between": 20, "sold": 11, "failed": 26, "defaulted": 24, "suspended": 28,
}  # fmt: skip


def history(scenario: Scenario, records: Records, lang: str) -> list[Line]:
    """What happened to the one lot in ``records``, in order of time."""
    writer = _HistoryWriter(scenario, records, lang)
    writer.before_listing()
    for i in range(len(records.rounds["lot"])):
        writer.round({name: column[i] for name, column in records.rounds.items()})
    writer.end()
    return writer.lines


class _HistoryWriter:
    """Says one thing after another about a lot."""

    def __init__(self, scenario: Scenario, records: Records, lang: str) -> None:
        self.scenario, self.records, self.lang = scenario, records, lang
        self.start = scenario.time.start
        self.language = 1 if lang == "zh" else 0
        self.lot = {name: column[0] for name, column in records.lots.items()}
        self.terms = rules_of(scenario)
        self.bidders: dict[int, int] = {}  # in order of their first bids
        self.priority = set(
            records.registrations["bidder"][records.registrations["priority"].astype(np.bool_)].tolist()
        )
        self.waits = float(self.lot["suspended"])  # days of suspension not reported yet
        self.lines: list[Line] = []

    def before_listing(self) -> None:
        """Seizure and pricing."""
        lot = self.lot
        name, kind = list(self.scenario.kinds.items())[lot["kind"]]
        self.say(
            lot["seized"],
            "seized",
            "",
            kind=kind.name_zh if self.language else name,
            value=self.yuan(lot["value"]),
        )
        if np.isnan(lot["listed"]):
            return
        method = list(self.scenario.pricing)[lot["method"]]
        new = moment(float(lot["listed"]), self.start).date() >= RULES_2018
        rule = self.rule("2018", 2) if new else self.old(4, lot["listed"])
        self.say(
            lot["listed"], "token" if lot["token"] else "priced", f"{rule}; {self.rule('2016', 10)}",
            reference=self.yuan(lot["reference"]), days=f"{lot['listed'] - lot['seized']:.0f}",
            method=self.word(f"method.{method}") if f"method.{method}" in _WORDS else method, ratio=_share(lot["start"] / lot["reference"]),
        )  # fmt: skip

    def round(self, row: dict[str, Any]) -> None:
        """One round, from its notice to its end."""
        term = self.terms.on(float(row["notice"]))
        stage = term.stages[row["round"]]
        names = {"round": ROUND_NAMES.get(stage.name, (stage.name, stage.name))[self.language]}
        article = self.rule("2017") if stage.sell_off else self.rule("2016", 26 if stage.position else 12)
        self.say(
            row["notice"],
            "notice",
            article,
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
            clock=True,
            interested=row["interested"],
            registered=row["registered"],
            **names,
        )
        bids = self.records.bids["attempt"] == row["attempt"]
        times = self.records.bids["time"][bids]
        soft = self.scenario.on(moment(float(row["notice"]), self.start).date()).auction.soft_close_minutes
        end, moves = closing(row, times, stage.window, stage.sell_off, self.waits, soft)
        if self.waits and not stage.sell_off and end > row["opens"] + stage.window + MOMENT:
            self.suspension()
        until = {move - soft / 1440.0: ("extended", move) for move in moves}
        if stage.sell_off and len(times):
            until[float(times[0])] = ("clock", end)
        self.war(times, self.records.bids["price"][bids], self.records.bids["bidder"][bids], until)
        key = RoundOutcome(row["outcome"]).name.lower()
        self.say(
            row["closes"], key, self.old(20, row["closes"]) if key == "stopped" else None, clock=True,
            who=self.bidders.get(int(row["winner"]), "-"), price=self.yuan(row["price"]),
            premium=_share(row["price"] / row["start"] - 1.0), bidders=row["bidders"], bids=row["bids"],
            extensions=row["extensions"], deposit=self.yuan(row["deposit"]), **names,
        )  # fmt: skip

    def war(
        self, times: Column, prices: Column, bidders: Column, until: dict[float, tuple[str, float]]
    ) -> None:
        """The bids of a round: all of a few, the first and the last of many."""
        half = SHOWN // 2
        for i, (time, price, bidder) in enumerate(
            zip(times.tolist(), prices.tolist(), bidders.tolist(), strict=True)
        ):
            who = self.bidders.setdefault(bidder, len(self.bidders) + 1)
            left = len(times) - half - i  # bids before the last few
            if len(times) > SHOWN and i >= half and left > 0:
                if left == 1:
                    self.say(time, "between", clock=True, n=len(times) - SHOWN, price=self.yuan(price))
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
            self.say(time, "bid", clock=True, who=who, price=self.yuan(price), more=more)

    def suspension(self) -> None:
        """Told where it happened; its days are known, its first day is not recorded."""
        self.lines.append(
            Line(
                "",
                self.word("suspended", days=f"{self.waits:.0f}"),
                self.rule("2016", _ARTICLES_2016["suspended"]),
            )
        )
        self.waits = 0.0

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
                lot["ended"], "brought", self.old(32, lot["ended"]), share=_share(price / lot["reference"]),
                commission=self.yuan(float(commission(price))),
            )  # fmt: skip
        else:
            unsold = 27 if lot["movable"] else 28
            number = {Outcome.IN_KIND: 19, Outcome.RETURNED: unsold, Outcome.WITHDRAWN: 20}[outcome]
            key = outcome.name.lower()
            if outcome == Outcome.WITHDRAWN and self.no_surplus():
                key, number = "no_surplus", 9
            self.say(lot["ended"], key, self.old(number, lot["ended"]), price=self.yuan(lot["price"]))

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
            article = self.rule("2016", _ARTICLES_2016[key])
        self.lines.append(
            Line(
                f"{when:%Y-%m-%d %H:%M:%S}" if clock else f"{when:%Y-%m-%d}", self.word(key, **words), article
            )
        )

    def word(self, key: str, **words: object) -> str:
        return _WORDS(key, self.lang, **words)

    def rule(self, which: str, *articles: int) -> str:
        values = dict(zip(("article", "now"), articles, strict=False))
        return self.word(f"rule.{which}", **values)

    def old(self, article: int, day: Any) -> str:
        """An article of the rules of 2004, by the number it bore on the day."""
        now = article - 3 if article >= 8 else article
        if moment(float(day), self.start).date() >= REVISED or now == article:
            return self.rule("2004", now)
        return self.rule("2004.now", article, now)

    def yuan(self, amount: float) -> str:
        return yuan(float(amount), self.lang)


def yuan(amount: float, lang: str) -> str:
    """Money to the yuan below a million, shorter above it in Chinese."""
    if lang != "zh":
        return f"{amount:,.0f} yuan"
    if amount >= 1e8:
        return f"{amount / 1e8:,.4f}亿元"
    return f"{amount / 1e4:,.2f}万元" if amount >= 1e6 else f"{amount:,.0f}元"


def _share(x: float) -> str:
    """A share as per cent, with a decimal where it says something."""
    text = f"{100.0 * x:,.{0 if abs(x) >= 10.0 else 1}f}"
    return text.removesuffix(".0") + "%"
