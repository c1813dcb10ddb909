"""One lot's life, read from its records, line by line with dates and articles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.calendar import moment
from sim.docket import inflow
from sim.model import simulate
from sim.records import Outcome, Records, RoundOutcome
from sim.scenario.schema import Scenario
from sim.terms import terms


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened: when (date and time, or date only), what, and under which article."""

    when: str
    what: str
    article: str


def records_of(scenario: Scenario, lot: int, replication: int = 0) -> Records:
    """The records of one lot. Raises ``IndexError`` with the number of lots if there is no such lot."""
    dockets = inflow(scenario, replication)
    lots = sum(int(docket.lots.sum()) for docket in dockets)
    if not 0 <= lot < lots:
        raise IndexError(f"lot {lot}: this replication has {lots} lots, numbered 0 to {lots - 1}")
    court = max(docket.court for docket in dockets if docket.first_lot <= lot and len(docket.days))
    whole = simulate(scenario, replication, [court])
    return Records(
        **{
            name: {k: v[whole[name]["lot"] == lot] for k, v in whole[name].items()}
            for name in ("lots", "rounds", "registrations", "bids")
        }
    )


_WORDS = {
    "seized": ("查封，案件进入财产处置：{kind}，真实价值 {value}", "seized: {kind}, true value {value}"),
    "priced": ("处置参考价 {reference}（{method}），起拍价为其 {ratio}", "reference price {reference} ({method}); start at {ratio} of it"),
    "notice": ("{round}公告，起拍价 {start}，保证金 {deposit}", "{round}: notice published, start {start}, deposit {deposit}"),
    "opens": ("{round}开拍，{comers} 人关注", "{round}: bidding opens, {comers} interested"),
    "bid": ("竞买人 {who} 出价 {price}", "bidder {who} bids {price}"),
    "more": ("……其间另有 {n} 次出价，至 {price}", "... {n} more bids, up to {price}"),
    "sold": ("{round}成交：{price}，溢价 {premium}，报名 {registered} 人，出价 {bids} 次，延时 {extensions} 次",
             "{round}: sold at {price}, premium {premium}; {registered} registered, {bids} bids, {extensions} extensions"),
    "failed": ("{round}流拍：无人出价", "{round}: failed, no bid"),
    "defaulted": ("{round}悔拍：竞买人 {who} 未付款，没收保证金 {deposit}，重新拍卖",
                  "{round}: bidder {who} defaults, deposit {deposit} forfeited, to be auctioned again"),
    "stopped": ("{round}停止：标的物撤回", "{round}: stopped, the lot is withdrawn"),
    "in_kind": ("申请执行人以物抵债，抵债价 {price}", "the creditor takes the lot in kind at {price}"),
    "returned": ("变卖未成，解除查封，退还被执行人", "unsold after the last round: returned to the debtor"),
    "withdrawn": ("撤回（和解、异议等）", "withdrawn (settlement, objection ...)"),
    "open": ("至模拟期末仍未结", "still on its way at the end of the horizon"),
    "suspended": ("其间曾中止 {days} 天", "was suspended for {days} days on its way"),
}  # fmt: skip
_ROUND_ZH = {"first": "第一次拍卖", "second": "第二次拍卖", "sell_off": "变卖"}
_METHOD_ZH = {
    "negotiation": "当事人议价", "directed_inquiry": "定向询价", "online_inquiry": "网络询价", "appraisal": "委托评估",
}  # fmt: skip
_RULE = {
    "zh": ("〔2016〕18号第{}条", "〔2004〕16号第{}条", "〔2018〕15号"),
    "en": ("2016 rules Art {}", "2004 rules Art {}", "2018 rules"),
}
SHOWN = 8  # bids of a round shown line by line; the middle of a longer war is summed up


def life(scenario: Scenario, records: Records, lang: str) -> list[Line]:
    """What happened to the one lot in ``records``, in order of time."""
    language = 0 if lang == "zh" else 1
    online, auctions, pricing = _RULE[lang]
    lot = {name: column[0] for name, column in records.lots.items()}
    kind_name, kind = list(scenario.kinds.items())[lot["kind"]]
    stages = terms(scenario).stages
    lines: list[Line] = []

    def say(day: float, key: str, article: str = "", clock: bool = False, **words: object) -> None:
        when = moment(float(day), scenario.time.start)
        lines.append(
            Line(
                f"{when:%Y-%m-%d %H:%M:%S}" if clock else f"{when:%Y-%m-%d}",
                _WORDS[key][language].format(**words),
                article,
            )
        )

    say(
        lot["seized"],
        "seized",
        kind=kind.name_zh if lang == "zh" else kind_name,
        value=yuan(lot["value"], lang),
    )
    if not np.isnan(lot["listed"]):
        method = list(scenario.pricing)[lot["method"]]
        say(
            lot["listed"], "priced", f"{pricing}; {online.format(10)}", reference=yuan(lot["reference"], lang),
            method=_METHOD_ZH.get(method, method) if lang == "zh" else method.replace("_", " "),
            ratio=f"{lot['start'] / lot['reference']:.1%}",
        )  # fmt: skip
    seen: dict[int, int] = {}
    for i in range(len(records.rounds["lot"])):
        row = {name: column[i] for name, column in records.rounds.items()}
        stage = stages[row["round"]]
        name = _ROUND_ZH.get(stage.name, stage.name) if lang == "zh" else stage.name.replace("_", "-")
        article = "2017" if stage.sell_off else online.format(12 if row["round"] == 0 else 26)
        say(
            row["notice"],
            "notice",
            article,
            round=name,
            start=yuan(row["start"], lang),
            deposit=yuan(row["deposit"], lang),
        )
        say(row["opens"], "opens", online.format(20), True, round=name, comers=row["comers"])
        bids = records.bids["attempt"] == row["attempt"]
        times, prices = records.bids["time"][bids], records.bids["price"][bids]
        who = [seen.setdefault(int(b), len(seen) + 1) for b in records.bids["bidder"][bids]]
        for j in range(len(times)):
            if len(times) > SHOWN and SHOWN // 2 <= j < len(times) - SHOWN // 2:
                if j == SHOWN // 2:
                    last = len(times) - SHOWN // 2 - 1
                    say(
                        times[j],
                        "more",
                        online.format(20),
                        True,
                        n=last - j + 1,
                        price=yuan(prices[last], lang),
                    )
                continue
            say(times[j], "bid", online.format(20), True, who=who[j], price=yuan(prices[j], lang))
        key = RoundOutcome(row["outcome"]).name.lower()
        article = {
            "sold": online.format(11),
            "failed": online.format(26),
            "defaulted": online.format(24),
            "stopped": auctions.format(17),
        }[key]
        say(
            row["closes"], key, article, True, round=name, price=yuan(row["price"], lang), premium=f"{row['price'] / row['start'] - 1:.1%}",
            registered=row["registered"], bids=row["bids"], extensions=row["extensions"], who=seen.get(int(row["winner"]), "-"),
            deposit=yuan(row["deposit"], lang),
        )  # fmt: skip
    end = scenario.time.end
    outcome = Outcome(lot["outcome"])
    if outcome in (Outcome.OPEN, Outcome.PREPARING):
        lines.append(Line(f"{end:%Y-%m-%d}", _WORDS["open"][language], ""))
    elif outcome != Outcome.SOLD:
        article = {
            Outcome.IN_KIND: auctions.format(16),
            Outcome.RETURNED: auctions.format(24),
            Outcome.WITHDRAWN: auctions.format(17),
        }[outcome]
        say(lot["ended"], outcome.name.lower(), article, price=yuan(lot["price"], lang))
    if lot["suspended"] > 0:
        lines.append(
            Line("", _WORDS["suspended"][language].format(days=f"{lot['suspended']:.0f}"), online.format(28))
        )
    return lines


def yuan(amount: float, lang: str) -> str:
    """Money for people: 万元 in Chinese, yuan with commas in English."""
    if lang == "zh":
        return f"{amount / 1e8:.2f} 亿元" if amount >= 1e8 else f"{amount / 1e4:.2f} 万元"
    return f"{amount:,.0f} yuan"
