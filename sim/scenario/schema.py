"""The parameters of a scenario: each declared once, with unit, range, meaning, Chinese name and source.

Everything that is said about a parameter elsewhere (error messages, ``sim show``, the JSON schema, the
documentation) is made from the declarations here. Their neutral values stand in ``scenarios/base.toml``;
no parameter has a hidden default in the code. ``source`` is the source of the neutral value; a scenario
file that sets another value names its own under ``[sources]``.

Sources are written as the article of the law they come from, or as the word "assumption" with its reason:
"2016 rules" = 法释〔2016〕18号, "2004 rules" = 法释〔2004〕16号, "2018 rules" = 法释〔2018〕15号,
"2017 notice" = 关于认真做好网络司法拍卖与网络司法变卖衔接工作的通知.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from math import isinf
from typing import Any, Final, Literal, Self, TypeVar

from pydantic import Field, PrivateAttr, ValidationInfo, model_validator

from sim.locale.language import said
from sim.scenario.behaviour import (
    Creditors,
    DebtorSale,
    FiniteMarket,
    Liquidity,
    PriceResponse,
    StrategicWaiting,
)
from sim.scenario.errors import joined
from sim.scenario.extensions import NONE, Extensions
from sim.scenario.keys import FROM, Key, laid_over, undated, write_key
from sim.scenario.parts import PLAIN, Contradictions, Part, Share, Text, param
from sim.scenario.published import Interpretation, Published

MAX_LOTS = 2_000_000  # a stated limit: about five national years, 3 GB of records
MAX_HORIZON_DAYS = 36_525  # a century
HOME, EQUITY = "home", "equity"  # what the law calls a lot whose kind is one
WHOLE = "all"  # the window that spans the whole period: no window of a scenario may be called so
TAKEN = ("all", "movable", "immovable")  # segments of the measures: no kind of lot may be called so
TAKEN_ROUNDS = (
    "listed",
    "returned",
    "in_kind",
    "withdrawn",
    "open",
    "at_start",
)  # stages and ends of a lot; sold_at_start
LONGEST_NAME = 100  # characters of a name that the user chooses
MAX_BIDDERS = 5_000_000.0  # people of a finite market, held all at once: 200 MB
MAX_INTEREST = 5_000.0  # people a round; above it a lot's own stream would dominate the run
MAX_CROWD = 200_000.0  # the same for lots as popular as one in some hundred is where interest differs much
MAX_LOTS_A_CASE = 100_000.0
MOST_DATES = 100  # on which values change: each is a scenario of its own
LEAST = 1e-9  # of a share or multiple that lots are priced by: one yuan of a milliard
WIDEST = 5.0  # log points; half of all values differ from the median by a factor of thirty


class Window(Part):
    """A reporting period (统计期), both days included."""

    first: date = param(PLAIN, "first day of the reporting period", "首日", "as the court reports")
    last: date = param(PLAIN, "last day of the reporting period", "末日", "as the court reports")

    def contradictions(self) -> Contradictions:
        if self.last < self.first:
            yield ("last",), said("before_first", last=self.last, first=self.first), (("first",),)


class Time(Part):
    """The horizon; the model's clock runs in days from ``start`` 00:00."""

    start: date = param(
        PLAIN, "first day simulated", "起始日", "choice", ge=date(1990, 1, 1), le=date(2100, 1, 1)
    )
    end: date = param(
        PLAIN, "last day simulated", "结束日", "choice", ge=date(1990, 1, 1), le=date(2100, 1, 1)
    )
    windows: dict[str, Window] = Field(description="reporting periods by name", min_length=1, max_length=200)

    def contradictions(self) -> Contradictions:
        if self.end < self.start:
            yield ("end",), said("before_start", end=self.end, start=self.start), (("start",),)
            return
        for name, w in self.windows.items():
            if w.first < self.start or w.last > self.end:
                outside = said("outside", first=w.first, last=w.last, start=self.start, end=self.end)
                yield ("windows", name), outside, (("start",), ("end",))


class Period(Part):
    """A stretch of time over which cases come in evenly."""

    first: date = param(PLAIN, "first day", "首日", "choice")
    last: date = param(PLAIN, "last day", "末日", "choice")
    cases: float = param(
        "cases",
        "cases that come in over the period, expected or exact",
        "案件数",
        "assumption",
        ge=0,
        le=MAX_LOTS,
    )
    lots: float = param(
        "lots", "lots those cases own, expected or exact", "标的物数", "assumption", ge=0, le=MAX_LOTS
    )

    def contradictions(self) -> Contradictions:
        if self.last < self.first:
            yield ("last",), said("before_first", last=self.last, first=self.first), (("first",),)
        if self.lots < self.cases:
            yield (
                ("lots",),
                said("below_cases", lots=f"{self.lots:g}", cases=f"{self.cases:g}"),
                (("cases",),),
            )
        if self.lots > MAX_LOTS_A_CASE * self.cases:
            amounts = {
                "cases": f"{self.cases:g}",
                "lots": f"{self.lots:g}",
                "most": f"{MAX_LOTS_A_CASE:,.0f}",
            }
            yield ("cases",), said("lots_a_case", **amounts), (("lots",),)


class Arrivals(Part):
    """How cases come in (收案)."""

    mode: Literal["arrivals", "listing"] = param(
        PLAIN,
        "arrivals: cases come in, wait for a clerk, are priced, then listed; listing: the dates are those on "
        "which lots are listed, preparation is skipped",
        "进入方式",
        "choice",
    )
    exact: bool = param(
        PLAIN, "true: exactly the stated numbers; false: Poisson around them", "精确数量", "choice"
    )
    volume: float = param(
        "multiple", "multiplies cases and lots of every period", "案件规模倍数", "neutral", ge=0, le=1000
    )
    periods: dict[str, Period] = Field(
        description="stretches of even inflow by name", min_length=1, max_length=500
    )


class Courts(Part):
    """Courts, their clerks and the calendar by which they go online."""

    number: int = param("courts", "courts in the province", "法院数", "assumption", ge=1, le=5000)
    size_log_sd: float = param(
        "log points",
        "spread of court sizes (lognormal); 0 = equal",
        "法院规模差异",
        "assumption: no caseload per court is published",
        ge=0,
        le=3,
    )
    adoption: dict[str, float] = Field(
        description="share of courts online by date (YYYY-MM-DD); a step on each date",
        json_schema_extra={"unit": "share of courts", "zh": "上线进度", "source": "assumption"},
        min_length=1,
        max_length=500,
    )
    clerks: int = param(
        "clerks a court",
        "clerks who prepare lots; 0 = as many as needed",
        "每院书记员数",
        "assumption",
        ge=0,
        le=10_000,
    )
    survey_days: float = param(
        "clerk-days",
        "clerk's work on a lot before pricing starts (survey, seizure papers, request)",
        "查勘工作日",
        "assumption",
        ge=0,
        le=365,
    )
    notice_days: float = param(
        "clerk-days",
        "clerk's work on a lot's notice (panel decision, photographs, text)",
        "公告制作工作日",
        "assumption",
        ge=0,
        le=365,
    )
    handover_days: float = param(
        "clerk-days",
        "clerk's work on ruling and handover after a sale",
        "交付工作日",
        "assumption",
        ge=0,
        le=365,
    )
    pricing_days: float = param(
        "clerk-days",
        "clerk's work on the reference price when the report is in (service, review)",
        "定价工作日",
        "neutral: part of the survey",
        ge=0,
        le=365,
    )
    objection_share: float = param(
        "share of lots", "lots whose reference price is objected to", "估价异议占比", "assumption", **Share
    )
    objection_days: float = param(
        "clerk-days",
        "clerk's work on an objection to the reference price",
        "异议审查工作日",
        "assumption; 2018 rules Art 22: objections within 5 days of service",
        ge=0,
        le=365,
    )
    objection_wait_days: float = param(
        "days",
        "from the report until an objection to the reference price is settled, besides the clerk's work: objection, the appraiser's reply, review",
        "异议处理天数",
        "neutral: part of a method's duration; 2018 rules Arts 22, 23: five days to object, five to reply",
        ge=0,
        le=365,
    )
    notice_again_days: float = param(
        "clerk-days",
        "clerk's work on the notice of every later round",
        "再次公告工作日",
        "neutral: part of the relisting interval",
        ge=0,
        le=365,
    )
    report_valid_days: float = Field(
        description="days for which a reference price holds: a lot whose first notice would come later is priced again before it, which takes the method's days and costs as much once more; inf = no lot is priced again",
        json_schema_extra={
            "unit": "days",
            "zh": "参考价有效期",
            "source": "neutral: nobody prices again; 2018 rules Art 27: one year at most",
        },
        ge=1,
        allow_inf_nan=True,
    )

    def contradictions(self) -> Contradictions:
        last = 0.0
        by_date = {}
        for day, share in self.adoption.items():
            if why := no_date(day):
                yield ("adoption", day), why, ()
                return
            by_date[date.fromisoformat(day)] = day, share
        for _, (day, share) in sorted(by_date.items()):
            if not 0.0 <= share <= 1.0:
                yield ("adoption", day), said("range.courts", share=f"{share:g}"), ()
                return
            if share < last:
                yield ("adoption", day), said("share_below", share=f"{share:g}", last=f"{last:g}"), ()
            last = max(last, share)
        if not round(last * self.number):
            few = said("never_online.few", share=f"{last:g}", n=self.number)
            yield ("adoption",), few if last else said("never_online"), ()


def no_date(text: str) -> str | None:
    """Why a key is no date; None if it is one."""
    try:
        when = date.fromisoformat(text)
    except ValueError:
        parts = re.fullmatch(r"(\d{4})\D(\d{1,2})\D(\d{1,2})\D?", text)
        try:
            meant = date(*map(int, parts.groups())) if parts else None
        except ValueError:  # no month has that day: nobody can have meant it
            meant = None
        return said("number.meant", said=said("no_date"), meant=meant) if meant else said("no_date")
    # 20170301 and 2017-W09-3 are dates too, the same one
    return None if when.isoformat() == text else said("number.meant", said=said("no_date"), meant=when)


class Method(Part):
    """One way of finding the reference price (确定参考价方式)."""

    since: date = param(
        PLAIN, "first day on which the method may be used", "启用日", "2018 rules, in force 2018-09-01"
    )
    share: float = param(
        "weight",
        "relative frequency among the methods available on the day",
        "占比",
        "assumption",
        ge=0,
        le=1e6,
    )
    days_low: float = param("days", "shortest duration", "最短用时", "2018 rules", ge=0, le=1000)
    days_high: float = param("days", "longest duration", "最长用时", "2018 rules", ge=0, le=1000)
    cost_base: float = param("yuan", "fixed cost of a report", "固定费用", "assumption", ge=0, le=1e9)
    cost_rate: float = param(
        "share of reference price", "cost in proportion to the price", "比例费用", "assumption", ge=0, le=1
    )
    bias: float = param(
        "log points", "mean of ln(reference price / market value)", "系统偏差", "assumption", ge=-3, le=3
    )
    noise: float = param(
        "log points", "sd of ln(reference price / market value): tau", "估价误差", "assumption", ge=0, le=3
    )

    def contradictions(self) -> Contradictions:
        if self.days_high < self.days_low:
            yield ("days_high",), said("below_low", high=self.days_high, low=self.days_low), (("days_low",),)


class StartingPrice(Part):
    """起拍价: what share of the reference price a lot opens at."""

    ratio: float = param(
        "share of reference price",
        "first start / reference price",
        "起拍率",
        "2016 rules Art 10: at least 0.7",
        ge=LEAST,
        le=10,
    )
    token_share: float = param(
        "share of lots", "lots opened at a token start", "象征性起拍占比", "assumption", **Share
    )
    token_ratio: float = param(
        "share of reference price", "start of a token-start lot", "象征性起拍率", "assumption", ge=LEAST, le=1
    )
    cut_relief: float = param(
        "share a person",
        "how much less is cut where people looked: cut / (1 + cut_relief x people interested in the failed round); 0 = the same cut for all",
        "按关注度减少降价",
        "neutral",
        ge=0,
        le=1000,
    )


class Round(Part):
    """One offering of a lot (拍次)."""

    held: bool = param(PLAIN, "whether this round exists", "是否进行", "2016 rules Art 26, 2017 notice")
    format: Literal["auction", "sell-off"] = param(
        PLAIN,
        "auction: a fixed window; sell-off: the first bid starts a 24-hour clock",
        "形式",
        "2016 rules Art 20; 2017 notice",
    )
    relist_days: float = param(
        "days",
        "from the failure before it to its notice",
        "再次公告间隔",
        "2016 rules Art 26: within 30 days",
        ge=0,
        le=3650,
    )
    notice_days_movable: float = param(
        "days", "notice before opening, movables", "公告期（动产）", "2016 rules Arts 12, 26", ge=0, le=3650
    )
    notice_days_immovable: float = param(
        "days",
        "notice before opening, immovables and other rights",
        "公告期（不动产）",
        "2016 rules Arts 12, 26",
        ge=0,
        le=3650,
    )
    window_days: float = param(
        "days", "bidding window", "竞价时长", "2016 rules Art 20: at least 24 h", ge=1e-6, le=3650
    )
    cut: float = param(
        "share of previous start",
        "reduction of the starting price on the round before",
        "降价幅度",
        "2016 rules Art 26: at most 0.2",
        ge=0,
        lt=1,
    )
    interest: float = param(
        "multiple", "fresh interest relative to the first round", "关注度倍数", "assumption", ge=0, le=1000
    )
    early_share: float = param(
        "share of bidders",
        "share who come evenly over the span; the others come late",
        "均匀到场占比",
        "the bids on two flats (2026), maximum likelihood; that other lots are bid for alike is an assumption",
        **Share,
    )
    late_shape: float = param(
        "exponent",
        "of those who come late: at span x U^(1/late_shape); 1 = evenly, large = at the end",
        "末段集中度",
        "the bids on two flats (2026), maximum likelihood; late bidding as in Roth & Ockenfels 2002; that other lots are bid for alike is an assumption",
        ge=0.001,
        le=1e4,
    )
    overhang_minutes: float = param(
        "minutes",
        "how far past the set close new bidders may still come while bidding goes on",
        "延时到场",
        "assumption",
        ge=0,
        le=1e6,
    )


LEAST_REPLY: Final = 0.01  # seconds


class Auction(Part):
    """How a round is run (竞价规则)."""

    bidding: Literal["ladder", "proxy", "once"] = param(
        PLAIN,
        "ladder: bidders answer each other in increments; proxy: the price moves to the lesser of the new value "
        "and the best one; once: everybody who comes bids one increment, once",
        "出价方式",
        "2016 rules Art 20; eBay-style proxy bidding as a shorthand",
    )
    opens_at: str = param(
        PLAIN,
        "clock time at which bidding opens, HH:MM, or 'any' for exactly after the notice",
        "开拍时刻",
        "assumption: 10:00 is the platforms' custom",
        form="HH:MM, or any",
        pattern=r"^(any|([01]\d|2[0-3]):[0-5]\d)$",
    )
    spring_festival_break: bool = param(
        PLAIN, "no bidding opens on the days of the Spring Festival holiday", "春节暂停", "assumption"
    )
    increment: float = param(
        "share of start",
        "smallest step of a bid",
        "加价幅度",
        "2016 rules Art 20: set by the court; practice 0.4-1 % of the start",
        ge=LEAST,
        le=1,
    )
    soft_close_minutes: float = param(
        "minutes",
        "a bid this close to the end moves the end to as long after it",
        "延时周期",
        "2016 rules Art 20: 5 minutes",
        ge=0,
        le=1440,
    )
    deposit: float = param(
        "share of start", "deposit paid to register", "保证金比例", "2016 rules Art 17: 5 to 20 %", ge=0, le=1
    )
    reply_seconds: float = param(
        "seconds",
        "mean time an outbid bidder takes to answer",
        "还价用时",
        "the bids on two flats (2026), maximum likelihood",
        ge=LEAST_REPLY,
        le=3600,
    )
    reply_seconds_extensions: float = param(
        "seconds",
        "the same after the end that was set, in extensions; 0 = as before it",
        "延时内还价用时",
        "the bids on two flats (2026), maximum likelihood, and no more than two",
        ge=0,
        le=3600,
    )
    jump: float = param(
        "share of remaining steps",
        "how many of the steps still open a ladder bid takes at once (at least one)",
        "跳价比例",
        "assumption: keeps a war from a token start to some hundred bids",
        ge=0,
        le=1,
    )
    single_steps: int = param(
        "steps",
        "no more steps than this still open: a ladder bid takes one, whatever the jump",
        "单步出价步数",
        "assumption: on two flats (2026) nearly all bids were single steps, from as far as could be seen",
        ge=0,
        le=1_000_000,
    )
    priority_share: float = param(
        "share of lots",
        "lots with a priority purchaser among those who come",
        "优先购买权占比",
        "assumption",
        **Share,
    )

    def contradictions(self) -> Contradictions:
        if 0.0 < self.reply_seconds_extensions < LEAST_REPLY:
            short = said("short_reply", value=f"{self.reply_seconds_extensions:g}", least=f"{LEAST_REPLY:g}")
            yield ("reply_seconds_extensions",), short, ()


def _same(part: type[Part], name: str) -> Any:
    """A parameter of another part that may be left out: then that part's own value holds."""
    info = part.model_fields[name]
    limits = {
        bound: getattr(limit, bound)
        for limit in info.metadata
        for bound in ("ge", "gt", "le", "lt")
        if hasattr(limit, bound)
    }
    return Field(None, description=info.description, json_schema_extra=info.json_schema_extra, **limits)


class OwnStart(Part):
    """What of the starting price is a kind's own."""

    ratio: float | None = _same(StartingPrice, "ratio")
    token_share: float | None = _same(StartingPrice, "token_share")
    token_ratio: float | None = _same(StartingPrice, "token_ratio")
    cut_relief: float | None = _same(StartingPrice, "cut_relief")


class OwnRound(Part):
    """What of a round is a kind's own."""

    held: bool | None = _same(Round, "held")
    format: Literal["auction", "sell-off"] | None = _same(Round, "format")
    relist_days: float | None = _same(Round, "relist_days")
    notice_days_movable: float | None = _same(Round, "notice_days_movable")
    notice_days_immovable: float | None = _same(Round, "notice_days_immovable")
    window_days: float | None = _same(Round, "window_days")
    cut: float | None = _same(Round, "cut")


class OwnAuction(Part):
    """What of the auction is a kind's own."""

    increment: float | None = _same(Auction, "increment")
    soft_close_minutes: float | None = _same(Auction, "soft_close_minutes")
    deposit: float | None = _same(Auction, "deposit")


class Kind(Part):
    """A kind of lot (财产类型)."""

    name_zh: Text = param(PLAIN, "Chinese name", "名称", "vocabulary")
    share: float = param("weight", "relative frequency among lots", "占比", "assumption", ge=0, le=1e6)
    movable: bool = param(
        PLAIN, "movable property (shorter notices) or not", "动产", "2016 rules Arts 12, 26"
    )
    value_median: float = param(
        "yuan", "median true market value", "价值中位数", "assumption", ge=0.01, le=1e12
    )
    value_log_sd: float = param(
        "log points", "sd of the log of true market value", "价值对数标准差", "assumption", ge=0, le=5
    )
    interest: float = param(
        "multiple", "interest relative to the average lot", "关注度", "assumption", ge=0, le=1000
    )
    asset: Literal["home", "equity", "shares"] | None = Field(
        None,
        description="what the law has rules of its own for: a home, equity in a company, state and legal-person shares of a listed company; left out: nothing of these",
        json_schema_extra={
            "unit": PLAIN,
            "zh": "法律上的类别",
            "source": "2001 rules; 2021 equity rules; 2021 homes rules",
        },
    )
    start: OwnStart | None = Field(
        None, description="starting price of this kind, where it is not that of all"
    )
    rounds: dict[str, OwnRound] = Field(
        default_factory=dict,
        description="rounds of this kind, where they are not those of all",
        max_length=20,
    )
    auction: OwnAuction | None = Field(None, description="auction of this kind, where it is not that of all")

    @property
    def own(self) -> bool:
        """Whether lots of this kind go by rules of their own."""
        return self.start is not None or self.auction is not None or bool(self.rounds)


class Interest(Part):
    """Who comes and what a lot is worth to them (竞买人)."""

    mean: float = param(
        "people a lot and round",
        "mean number of interested people in a first round",
        "平均关注人数",
        "assumption",
        ge=0,
        le=MAX_INTEREST,
    )
    dispersion: float = Field(
        description="size k of the negative binomial: interest differs between lots by a Gamma(k, 1/k) factor; inf = Poisson",
        json_schema_extra={
            "unit": "size k",
            "zh": "关注度离散",
            "source": "assumption: .3 fits Shanxi 2017 (excess zeros)",
        },
        ge=0.001,
        allow_inf_nan=True,
    )
    persistence: float = param(
        "probability",
        "that a bidder who left one round without the lot comes back for the next",
        "回头率",
        "assumption",
        **Share,
    )
    values: Literal["lognormal", "uniform", "exponential"] = param(
        PLAIN,
        "law of (bidder's value / market value): lognormal(location, spread), uniform(0, spread) or exponential(mean spread)",
        "估值分布",
        "choice",
    )
    location: float = param(
        "log points",
        "mean of ln(value / market value), lognormal only",
        "估值均值",
        "assumption",
        ge=-20,
        le=20,
    )
    spread: float = param(
        "log points or multiple",
        "lognormal: sd of ln(value / market value); uniform: upper end; exponential: mean",
        "估值离散",
        "assumption",
        ge=LEAST,
        le=1e6,
    )

    def contradictions(self) -> Contradictions:
        if self.values == "lognormal" and self.spread > WIDEST:
            yield ("spread",), said("spread", spread=f"{self.spread:g}", most=f"{WIDEST:g}"), (("values",),)


class Eligibility(Part):
    """Who may bid for homes (竞买人资格): those who are restricted from buying one locally (限购) may neither bid nor take it in kind.

    Homes are kinds whose ``asset`` is "home". From which day on it holds is said by a date's table (``[from."2022-01-01"]``).
    """

    restricted_bidders: float = param(
        "share of potential bidders",
        "potential bidders of homes who are restricted from buying one locally, and may not bid in any round; 0 = nobody is",
        "受限购竞买人占比",
        "neutral: nobody is; 2021 homes rules Arts 1, 8. No share has been published",
        **Share,
    )
    restricted_creditors: float = param(
        "share of lots",
        "homes whose creditor is restricted from buying one locally, and may not take it in kind; 0 = none",
        "受限购债权人占比",
        "neutral: nobody is; 2021 homes rules Art 5. No share has been published",
        **Share,
    )


class Promotion(Part):
    """宣传推介: how effort turns into interest."""

    effort: float = param(
        "multiple of today's", "effort put into publicity", "宣传力度", "neutral", ge=0, le=1000
    )
    elasticity: float = param(
        "log points per log point",
        "interest grows as effort to this power (saturating below 1)",
        "宣传弹性",
        "assumption",
        **Share,
    )
    ceiling: float = Field(
        description="the most that publicity can multiply interest by, however great the effort; inf = no such limit",
        json_schema_extra={"unit": "multiple of today's", "zh": "宣传上限", "source": "assumption"},
        gt=1,
        allow_inf_nan=True,
    )

    def multiple(self) -> float:
        """Factor on interest: 0 without any effort, 1 for today's, ``ceiling`` at most."""
        plain = float(self.effort**self.elasticity)
        return plain if isinf(self.ceiling) else self.ceiling * plain / (self.ceiling - 1.0 + plain)


class Platform(Part):
    """One of the listed platforms (网拍平台)."""

    name_zh: Text = param(PLAIN, "Chinese name", "名称", "SPC list of 2016-11-25")
    used: bool = param(PLAIN, "whether lots are shown on it", "是否使用", "2016 rules Art 5")
    audience: float = param(
        "share of potential bidders",
        "share of potential bidders who look at it",
        "受众占比",
        "assumption",
        **Share,
    )


def _in_every_year(day: str) -> bool:
    """Whether MM-DD is a day of the calendar also in a common year."""
    try:
        date.fromisoformat(f"2023-{day}")
    except ValueError:
        return False
    return True


class Disposal(Part):
    """What can happen to a lot outside the bidding."""

    withdrawal_rate: float = param(
        "per day",
        "hazard that a lot is withdrawn for good (settlement, objection)",
        "撤回率",
        "assumption",
        ge=0,
        le=1,
    )
    suspension_share: float = param(
        "share of lots", "lots suspended once on their way", "中止占比", "assumption", **Share
    )
    suspension_days: float = param(
        "days",
        "mean time for which the cause of a suspension lasts",
        "中止天数",
        "assumption",
        ge=0,
        le=3650,
    )
    resume_days: float = param(
        "days",
        "from the end of a suspension's cause until the auction resumes",
        "恢复天数",
        "neutral: part of suspension_days; 2016 rules Art 28: within 5 days",
        ge=0,
        le=365,
    )
    third_party_share: float = param(
        "share of lots",
        "lots to which a third party objects once, which suspends them until it is decided; 0 = none",
        "案外人异议占比",
        "neutral: part of suspension_share; 2016 rules Art 36. No share has been published",
        **Share,
    )
    third_party_days: float = param(
        "days",
        "mean time until a third party's objection is decided",
        "案外人异议天数",
        "assumption: as suspension_days; no figure has been published",
        ge=0,
        le=3650,
    )
    default_rate: float = param("probability", "that a winner does not pay", "悔拍率", "assumption", **Share)
    payment_days: float = param(
        "days",
        "from the hammer to the last day for payment",
        "付款期限",
        "two notices: 7 and 10 days",
        ge=0,
        le=365,
    )
    in_kind_second: float = param(
        "probability",
        "creditor takes the lot in kind after the last failed auction before the sell-off",
        "二拍流拍后抵债率",
        "assumption",
        **Share,
    )
    in_kind_last: float = param(
        "probability",
        "creditor takes the lot in kind when the last round has failed",
        "变卖流拍后抵债率",
        "assumption",
        **Share,
    )
    booking_days: float = param(
        "days",
        "mean time from the last failed round until an unsold lot is booked as returned or taken in kind; 0 = at once",
        "流拍后结案天数",
        "assumption: a hypothesis that lets one market give a low sale rate in a year and a high one in a quarter",
        ge=0,
        le=3650,
    )
    booking_by: str = param(
        PLAIN,
        "day of the year, MM-DD, by which an unsold lot is booked at the latest, or 'never' for no such day",
        "结案截止日",
        "assumption: courts close files by the end of the year",
        form="MM-DD, or never",
        pattern=r"^(never|(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))$",
    )

    def contradictions(self) -> Contradictions:
        if self.booking_by != "never" and not _in_every_year(self.booking_by):
            yield ("booking_by",), said("not_every_year"), ()


class Run(Part):
    """How often, and from which seed."""

    replications: int = param(
        "replications", "independent repetitions", "重复次数", "choice", ge=1, le=100_000
    )
    seed: int = param(PLAIN, "master seed", "随机种子", "choice", ge=0, le=2**63 - 1)


class Scenario(Part):
    """Everything that is assumed, as one frozen and validated object."""

    title: Text = param(PLAIN, "one line", "标题", "choice")
    title_zh: Text = param(PLAIN, "one line, Chinese", "中文标题", "choice")
    time: Time
    arrivals: Arrivals
    courts: Courts
    pricing: dict[str, Method] = Field(description="pricing methods by name", min_length=1, max_length=20)
    kinds: dict[str, Kind] = Field(description="kinds of lot by name", min_length=1, max_length=100)
    start: StartingPrice
    rounds: dict[str, Round] = Field(
        description="rounds in the order in which they are held", min_length=1, max_length=20
    )
    auction: Auction
    interest: Interest
    eligibility: Eligibility
    promotion: Promotion
    platforms: dict[str, Platform] = Field(description="platforms by name", min_length=1, max_length=50)
    disposal: Disposal
    price_response: PriceResponse
    strategic_waiting: StrategicWaiting
    liquidity: Liquidity
    finite_market: FiniteMarket
    debtor_sale: DebtorSale
    creditors: Creditors
    published: dict[str, Published] = Field(description="published figures by window", max_length=200)
    interpretation: Interpretation | None = Field(
        None, description="what the published figures stand for, and which of them the model must produce"
    )
    run: Run
    from_: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        alias=FROM,
        description="parts of a scenario that hold from a date on, by date; later dates lie over earlier ones",
        max_length=MOST_DATES,
    )
    _begins: date | None = PrivateAttr(None)  # of one that holds from a date on
    _extensions: Extensions = PrivateAttr(NONE)  # of the whole, not of one that holds from a date on

    @property
    def extensions(self) -> Extensions:
        """Parts of the model that are given as objects."""
        return self._extensions

    def extended(self, extensions: Extensions) -> Self:
        """The same scenario with these parts instead of its own; its titles say so."""
        more = extensions.mark
        copied = self.model_copy(update={"title": self.title + more, "title_zh": self.title_zh + more})
        copied._extensions = extensions
        return copied

    @property
    def periods(self) -> tuple[tuple[date, Scenario], ...]:
        """The whole scenario that holds from each date on, in order of dates; the first from the start of time.

        Where nothing changes at a date that is the scenario itself.
        """
        return self._dated if self.from_ else ((self.time.start, self),)

    @cached_property
    def _dated(self) -> tuple[tuple[date, Scenario], ...]:
        base = self.model_copy(update={"from_": {}})
        found = {self.time.start: base}
        tree = base.model_dump(exclude={"from_"})
        for day, over in sorted(self.from_.items()):
            tree = laid_over(tree, over)
            begins = date.fromisoformat(day)
            found[begins] = Scenario.model_validate(tree, context={"begins": begins})
        return tuple(found.items())

    def on(self, day: date) -> Scenario:
        """The whole scenario in force on a day."""
        begun = [one for since, one in self.periods if since <= day]
        return begun[-1] if begun else self.periods[0][1]

    def value(self, key: Key) -> Any:
        """The value in force under a key, which may name the date; None where there is none.

        Of what a kind leaves out, the value that all have.
        """
        found = self.set_value(key)
        here = undated(key)
        if found is None and here[:1] == ("kinds",) and here[2:3] in (("start",), ("rounds",), ("auction",)):
            return self.set_value((*key[: len(key) - len(here)], *here[2:]))
        return found

    def set_value(self, key: Key) -> Any:
        """The value that stands under a key; None where there is none."""
        dated = key[:1] == (FROM,) and len(key) > 1
        value: Any = self.on(date.fromisoformat(key[1])) if dated else self
        for name in undated(key):
            value = value.get(name) if isinstance(value, dict) else getattr(value, name, None)
        return value

    @property
    def held(self) -> list[str]:
        """Names of the rounds that are held, at some time and of some kind at least, in order."""
        every = [one.of_kind(kind) for _, one in self.periods for kind in one.kinds]
        return [name for name in self.rounds if any(one.rounds[name].held for one in every)]

    @property
    def offered(self) -> dict[str, Kind]:
        """Kinds by name, up to the last one of which there are lots at some time: by position, as records have them."""
        last = max(
            i for _, one in self.periods for i, kind in enumerate(one.kinds.values()) if kind.share > 0.0
        )
        return dict(list(self.kinds.items())[: last + 1])

    def of_kind(self, name: str) -> Scenario:
        """The scenario for lots of a kind, without dates: itself, where the kind has no rules of its own."""
        kind = self.kinds[name]
        if not kind.own:
            return self
        rounds = {
            at: with_own(one, kind.rounds[at]) if at in kind.rounds else one
            for at, one in self.rounds.items()
        }
        start, auction = with_own(self.start, kind.start), with_own(self.auction, kind.auction)
        return self.model_copy(update={"start": start, "rounds": rounds, "auction": auction})

    @property
    def basis(self) -> str:
        """On which basis a measure is shown where one number stands: the interpretation's; event where there is none."""
        return "event" if self.interpretation is None else self.interpretation.basis

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's; what is changed is changed in every period, but for what the date's own table gives."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("_dated", None)  # made from the values before
        return copied

    def contradictions(self) -> Contradictions:
        horizon = (("time", "start"), ("time", "end"))
        if (self.time.end - self.time.start).days > MAX_HORIZON_DAYS:
            yield ("time", "end"), said("horizon", n=f"{MAX_HORIZON_DAYS:,}"), horizon
        lots = self.arrivals.volume * sum(p.lots for p in self.arrivals.periods.values())
        if lots > MAX_LOTS:
            yield ("arrivals",), said("lots_in_all", lots=f"{lots:,.0f}", most=f"{MAX_LOTS:,}"), ()
        for name, p in self.arrivals.periods.items():
            if self.time.start <= self.time.end and (p.first < self.time.start or p.last > self.time.end):
                outside = said(
                    "outside", first=p.first, last=p.last, start=self.time.start, end=self.time.end
                )
                yield ("arrivals", "periods", name), outside, horizon
        for name in self.published:
            if name not in self.time.windows:
                yield ("published", name), said("no_window"), (("time", "windows"),)
        if self.interpretation is not None:
            for key, why in self.interpretation.unpublished(self.published):
                yield ("interpretation", *key), why, (("published",),)
        for name in TAKEN:
            if name in self.kinds:
                yield ("kinds", name), said("taken.segment"), ()
        yield from self._odd_names()
        yield from self._own_rules()
        yield from self._nothing_left()
        yield from self._crowds()

    def _crowds(self) -> Contradictions:
        """More people than a run can hold."""
        average = self.interest.mean * self.promotion.multiple()
        kinds, rounds = self.kinds.values(), self.rounds.values()
        if self.finite_market.patience_days > 0.0:
            days = (self.time.end - self.time.start).days
            people = self.finite_market.people(days, average * sum(k.interest for k in kinds))
            if people > MAX_BIDDERS:
                problem = said("bidders_in_all", people=f"{people:,.3g}", most=f"{MAX_BIDDERS:,.0f}")
                others = (
                    ("finite_market", "fit"),
                    ("finite_market", "areas"),
                    ("interest",),
                    ("promotion",),
                    ("kinds",),
                )
                yield ("finite_market", "patience_days"), problem, others
        peak = average * max(k.interest for k in kinds) * max(r.interest for r in rounds)
        where: tuple[Key, ...] = (("kinds",), ("rounds",), ("promotion",))
        if self.price_response.elasticity:
            peak *= self.price_response.ceiling
            where = (*where, ("price_response",))
        if peak > MAX_INTEREST:
            problem = said("people_a_round", people=f"{peak:g}", most=f"{MAX_INTEREST:,g}")
            yield ("interest", "mean"), problem, where
        elif peak > MAX_CROWD * self.interest.dispersion:
            problem = said(
                "crowd",
                dispersion=f"{self.interest.dispersion:g}",
                people=f"{peak / self.interest.dispersion:,.0f}",
                most=f"{MAX_CROWD:,.0f}",
            )
            yield ("interest", "dispersion"), problem, (("interest", "mean"), *where)

    def _odd_names(self) -> Contradictions:
        """Names that could not be shown, or not be distinguished from others."""
        tables: dict[Key, Iterable[str]] = {
            ("time", "windows"): self.time.windows, ("arrivals", "periods"): self.arrivals.periods, ("pricing",): self.pricing,
            ("kinds",): self.kinds, ("rounds",): self.rounds, ("platforms",): self.platforms,
        }  # fmt: skip
        for at, names in tables.items():
            for name in names:
                if why := _unfit(name):
                    yield (*at, name), why, ()
        if WHOLE in self.time.windows:
            yield ("time", "windows", WHOLE), said("taken.whole"), ()
        for name in self.rounds:
            if not re.fullmatch(r"[\w-]*", name):
                yield ("rounds", name), said("round_letters", name=name), ()
            elif name in TAKEN_ROUNDS:
                yield ("rounds", name), said("taken.round"), ()

    def _own_rules(self) -> Contradictions:
        """Rules of kinds that say nothing, or that a shared market cannot follow."""
        for name, kind in self.kinds.items():
            for at in kind.rounds:
                if at not in self.rounds:
                    yield (
                        ("kinds", name, "rounds", at),
                        said("date.not_there", names=joined(self.rounds)),
                        (("rounds",),),
                    )
            if kind.own and self.finite_market.patience_days > 0.0:
                yield ("kinds", name), said("own_in_a_market"), (("finite_market", "patience_days"),)

    def _nothing_left(self) -> Contradictions:
        """Tables in which something must be left to choose from."""
        start = self._begins or self.time.start
        if sum(kind.share for kind in self.kinds.values()) <= 0:
            yield ("kinds",), said("shares_zero"), ()
        if not any(m.since <= start and m.share > 0 for m in self.pricing.values()):
            yield (
                ("pricing",),
                said("no_method", day=start),
                (("time", "start"),),
            )
        if not any(r.held for r in self.rounds.values()):
            yield ("rounds",), said("none_held"), ()
        if not any(p.used for p in self.platforms.values()):
            yield ("platforms",), said("none_used"), ()

    @model_validator(mode="after")
    def _consistent(self, info: ValidationInfo) -> Self:
        """Refuse a scenario that contradicts itself, unless the caller will ask for the contradictions."""
        context = info.context or {}
        self._begins = context.get("begins")
        if not context.get("asks"):
            found = list(contradictions(self)) or list(
                misdated(self.model_dump(exclude={"from_"}), self.from_)
            )
            if found:
                problems = [said("place", where=write_key(key), said=problem) for key, problem, _ in found]
                raise ValueError("; ".join(problems))
            _ = self.periods  # which refuse in turn
        return self


P = TypeVar("P", bound=Part)


def with_own(part: P, own: Part | None) -> P:
    """A part with what is a kind's own in place of its values."""
    if own is None:
        return part
    given = {name: value for name in type(own).model_fields if (value := getattr(own, name)) is not None}
    return part.model_copy(update=given)


_NAMED: dict[str, str] = {
    "kinds": "date.share",
    "rounds": "date.held",
    "pricing": "date.share",
    "platforms": "date.used",
}
_STAYS: dict[Key, str] = {
    ("title",): "date.title",
    ("title_zh",): "date.title",
    ("time",): "date.time",
    ("arrivals",): "date.arrivals",
    ("courts", "number"): "date.courts",
    ("courts", "size_log_sd"): "date.courts",
    ("courts", "adoption"): "date.adoption",
    ("courts", "clerks"): "date.clerks",
    ("finite_market",): "date.market",
    ("published",): "date.figures",
    ("interpretation",): "date.interpretation",
    ("run",): "date.run",
    (FROM,): "date.date",
}
NEVER_DATED = {key[0] for key in _STAYS if len(key) == 1} | {
    "extends",
    "sources",
}  # tables that do not change at a date
_STAYS_IN_A_MARKET: dict[Key, str] = dict.fromkeys(
    [
        ("interest",),
        ("promotion",),
        ("platforms",),
        ("price_response",),
        ("strategic_waiting",),
        ("liquidity",),
        ("kinds", "*", "interest"),
        ("eligibility", "restricted_bidders"),
    ],
    "date.people",
)


def misdated(base: Mapping[str, Any], tables: Mapping[str, Any]) -> Contradictions:
    """What stands in tables of dates and cannot: no date, a date outside the horizon, what does not change at dates.

    Both as trees; of the base what is missing or unsound is passed over.
    """
    time, market = base.get("time"), base.get("finite_market")
    first, last = (time.get(one) if isinstance(time, dict) else None for one in ("start", "end"))
    coupled = isinstance(market, dict) and market.get("patience_days") not in (0, None)
    stays = _STAYS | _STAYS_IN_A_MARKET if coupled else _STAYS
    for day, over in tables.items():
        at = (FROM, day)
        if why := no_date(day):
            yield at, why, ()
        elif (
            isinstance(first, date)
            and isinstance(last, date)
            and not first <= date.fromisoformat(day) <= last
        ):
            yield at, said("date.outside", first=first, last=last), (("time", "start"), ("time", "end"))
        if not isinstance(over, dict):
            yield at, said("date.table"), ()
        elif not over:
            yield at, said("date.empty"), ()
        else:
            for key, why in _unchanging(over, base, stays):
                yield (*at, *key), why, ()


def _unchanging(
    over: Mapping[str, Any], base: Mapping[str, Any], stays: Mapping[Key, str]
) -> Iterable[tuple[Key, str]]:
    """Keys of a date's table that hold what does not change at a date, and why it does not."""
    for table, how in _NAMED.items():
        names, known = over.get(table), base.get(table)
        if not isinstance(names, dict) or not isinstance(known, dict):
            continue
        for name in names:
            if name not in known:
                yield (table, name), said("date.not_there", names=joined(known))
            elif names[name] is False:
                yield (table, name), said("date.taken_out", how=said(how))
            elif isinstance(names[name], dict) and "name_zh" in names[name]:
                yield (table, name, "name_zh"), said("date.name")
    for pattern, why in stays.items():
        for key in _matching(over, pattern):
            yield key, said("date.stays", why=said(why))


def _matching(tree: Any, pattern: Key, at: Key = ()) -> Iterable[Key]:
    """Keys within a tree that a pattern names; ``*`` is any name."""
    if not pattern:
        yield at
    elif isinstance(tree, dict):
        for name in tree if pattern[0] == "*" else [pattern[0]] if pattern[0] in tree else []:
            yield from _matching(tree[name], pattern[1:], (*at, name))


def _unfit(name: str) -> str | None:
    """Why a name that the user has chosen cannot be shown in tables and on pages; None if it can."""
    if not name.strip():
        return said("name.needed")
    if name != name.strip():
        return said("name.blank")
    if len(name) > LONGEST_NAME:
        return said("name.long", n=len(name), most=LONGEST_NAME)
    return None if name.replace("\u3000", "").isprintable() else said("name.seen")


def contradictions(part: Part, at: Key = ()) -> Contradictions:
    """Every contradiction within ``part`` and its parts, with whole keys."""
    for key, problem, others in part.contradictions():
        yield (*at, *key), problem, tuple((*at, *other) for other in others)
    for name in type(part).model_fields:
        value = getattr(part, name)
        if isinstance(value, Part):
            yield from contradictions(value, (*at, name))
        elif isinstance(value, dict):
            for inner, one in value.items():
                if isinstance(one, Part):
                    yield from contradictions(one, (*at, name, inner))
