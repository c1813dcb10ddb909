"""The law of online judicial auctions as data: each rule with its article, its days in force, and its limit.

``breaches`` says which values of a scenario today's law (the law on the days simulated) does not allow. An
unlawful scenario runs all the same: a reform is judged by trying it, and marked by saying so.

"2016 rules" = 法释〔2016〕18号 (in force 2017-01-01), "2018 rules" = 法释〔2018〕15号 (in force 2018-09-01),
"2017 notice" = 关于认真做好网络司法拍卖与网络司法变卖衔接工作的通知.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sim.scenario.describe import Parameter, parameter
from sim.scenario.keys import FROM, read_key, write_key
from sim.scenario.schema import Method, Round, Scenario

RULES_2016: Final = date(2017, 1, 1)
NOTICE_2017: Final = date(2017, 7, 18)  # from memory, unverified; the content is quoted by later texts
RULES_2018: Final = date(2018, 9, 1)
SLACK: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Rule:
    """One limit. ``low``/``high`` are inclusive; ``article`` in both languages."""

    article: str
    article_zh: str
    says: str
    says_zh: str
    since: date
    low: float | None = None
    high: float | None = None

    def allows(self, value: float) -> bool:
        return (self.low is None or value >= self.low - SLACK) and (
            self.high is None or value <= self.high + SLACK
        )


@dataclass(frozen=True, slots=True)
class Breach:
    """A value that the law does not allow: its key, and the sentence in both languages."""

    path: str
    value: float
    rule: Rule

    @property
    def article(self) -> str:
        return self.rule.article

    @property
    def en(self) -> str:
        called = f" ({self._declared.meaning}, {self._declared.unit})" if self._declared else ""
        return f"today's law does not allow {self.path} = {self.value:g}{called}: {self.rule.says} ({self.rule.article})"

    @property
    def zh(self) -> str:
        called = f"（{self._declared.zh}）" if self._declared else ""
        return f"现行规定不允许 {self.path} = {self.value:g}{called}：{self.rule.says_zh}（{self.rule.article_zh}）"

    @property
    def _declared(self) -> Parameter | None:
        """What the value is, in words; None for what is counted or compared otherwise than it is declared."""
        return parameter(read_key(self.path))


def _online(
    article: str, says: str, says_zh: str, low: float | None = None, high: float | None = None
) -> Rule:
    return Rule(
        f"2016 rules Art {article}", f"法释〔2016〕18号第{article}条", says, says_zh, RULES_2016, low, high
    )


def _link(says: str, says_zh: str, low: float | None = None, high: float | None = None) -> Rule:
    return Rule("2017 notice", "2017年网拍与变卖衔接通知", says, says_zh, NOTICE_2017, low, high)


START = _online("10", "the start is at least 70 % of the appraisal", "起拍价不低于评估价的70%", low=0.7)
WINDOW = _online("20", "bidding is open for at least 24 hours", "竞价时间不少于24小时", low=1.0)
EXTENSION = _online(
    "20", "a bid in the last 5 minutes moves the end by 5 minutes", "末5分钟出价自动延时5分钟", 5.0, 5.0
)
DEPOSIT = _online("17", "the deposit is 5 to 20 % of the start", "保证金为起拍价的5%至20%", 0.05, 0.2)
REFUND = _online(
    "23", "losers have their deposits back within 24 hours", "未竞得者的保证金在24小时内退还", high=24.0
)
FIRST_MOVABLE = _online(
    "12", "notice of a first auction of movables: at least 15 days", "动产首拍公告不少于15日", low=15.0
)
FIRST_OTHER = _online(
    "12",
    "notice of a first auction of other property: at least 30 days",
    "不动产等首拍公告不少于30日",
    low=30.0,
)
AGAIN_MOVABLE = _online(
    "26", "notice of a second auction of movables: at least 7 days", "动产再拍公告不少于7日", low=7.0
)
AGAIN_OTHER = _online(
    "26",
    "notice of a second auction of other property: at least 15 days",
    "不动产等再拍公告不少于15日",
    low=15.0,
)
WITHIN = _online("26", "auctioned again within 30 days of the failure", "流拍后三十日内再次拍卖", high=30.0)
CUT = _online("26", "the start is cut by at most 20 %", "降价不得超过前次起拍价的20%", high=0.2)
NO_THIRD = _online(
    "26",
    "after a second failure a sell-off follows, not a third auction",
    "再次流拍后可变卖，无第三次拍卖",
    high=2.0,
)
SELL_OFF_PRICE = _link(
    "the sell-off price is the start of the failed second auction", "变卖价为二拍流拍价", 0.0, 0.0
)
SELL_OFF_PERIOD = _link("the sell-off is open for 60 days", "变卖期为60日", 60.0, 60.0)
SELL_OFF_SOON = _link(
    "the sell-off notice follows within 15 days of the failure", "流拍后15日内发布变卖公告", high=15.0
)
SELL_OFF_NOTICE = _link(
    "sell-off notice for immovables: at least 15 days", "不动产变卖公告不少于15日", low=15.0
)
METHODS = Rule(
    "2018 rules Art 2", "法释〔2018〕15号第2条", "before 2018-09-01 appraisal was the only general method",
    "2018年9月1日前一般仅可委托评估", date(1900, 1, 1),
)  # fmt: skip
APPRAISAL = Rule(
    "2018 rules Arts 16-23", "法释〔2018〕15号第16至23条", "30 days, two extensions of 15, delivery and objection 13: at most 73",
    "评估30日，可延两次各15日，送达与异议13日，至多73日", RULES_2018, high=73.0,
)  # fmt: skip


def breaches(scenario: Scenario) -> list[Breach]:
    """What of the scenario the law in force on its last day does not allow, in the order of the files.

    What holds from a date on is held against the law in force on the last day before it changes again; a value that
    it leaves as it was is named once, under the key of the date from which it holds.
    """
    found: dict[tuple[str, float, Rule], Breach] = {}
    periods = scenario.periods
    ends = [begins - timedelta(days=1) for begins, _ in periods[1:]] + [scenario.time.end]
    before: dict[str, float] = {}
    for (begins, one), end in zip(periods, ends, strict=True):
        values = {}
        for path, value, rule in _asked(one):
            values[path] = value
            if rule.since <= end and not rule.allows(value):
                new = bool(before) and before.get(path) != value
                key = write_key((FROM, str(begins), *read_key(path))) if new else path
                found.setdefault((path, value, rule), Breach(key, value, rule))
        before = values
    return list(found.values())


def _asked(scenario: Scenario) -> Iterator[tuple[str, float, Rule]]:
    """Every value that a rule speaks of, with the rule."""
    for name, method in scenario.pricing.items():
        yield from _pricing(name, method, scenario.time.end)
    yield "start.ratio", scenario.start.ratio, START
    if scenario.start.token_share > 0.0:
        yield "start.token_ratio", scenario.start.token_ratio, START
    auctions = 0
    for name, round_ in scenario.rounds.items():
        if not round_.held:
            continue
        if round_.format == "sell-off":
            yield from _sell_off(write_key(("rounds", name)), round_)
        else:
            yield from _auction(write_key(("rounds", name)), round_, first=auctions == 0)
            auctions += 1
    yield "rounds", float(auctions), NO_THIRD
    yield "auction.soft_close_minutes", scenario.auction.soft_close_minutes, EXTENSION
    yield "auction.deposit", scenario.auction.deposit, DEPOSIT
    yield "liquidity.refund_hours", scenario.liquidity.refund_hours, REFUND


def _pricing(name: str, method: Method, end: date) -> Iterator[tuple[str, float, Rule]]:
    if method.share <= 0.0:
        return
    if name == "appraisal":
        yield write_key(("pricing", name, "days_high")), method.days_high, APPRAISAL
    elif method.since < RULES_2018 and method.since <= end:
        # A limit by date: the value shown is the year from which the scenario uses the method.
        yield write_key(("pricing", name, "since")), float(method.since.year), Rule(
            METHODS.article, METHODS.article_zh, METHODS.says, METHODS.says_zh, METHODS.since, low=9999.0
        )  # fmt: skip


def _auction(path: str, round_: Round, first: bool) -> Iterator[tuple[str, float, Rule]]:
    yield f"{path}.notice_days_movable", round_.notice_days_movable, FIRST_MOVABLE if first else AGAIN_MOVABLE
    yield f"{path}.notice_days_immovable", round_.notice_days_immovable, FIRST_OTHER if first else AGAIN_OTHER
    yield f"{path}.window_days", round_.window_days, WINDOW
    if not first:
        yield f"{path}.relist_days", round_.relist_days, WITHIN
        yield f"{path}.cut", round_.cut, CUT


def _sell_off(path: str, round_: Round) -> Iterator[tuple[str, float, Rule]]:
    yield f"{path}.relist_days", round_.relist_days, SELL_OFF_SOON
    yield f"{path}.notice_days_immovable", round_.notice_days_immovable, SELL_OFF_NOTICE
    yield f"{path}.window_days", round_.window_days, SELL_OFF_PERIOD
    yield f"{path}.cut", round_.cut, SELL_OFF_PRICE
