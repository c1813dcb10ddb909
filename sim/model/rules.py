"""The scenario's rules in the units of the model's clock: days, shares, yuan.

Made once a replication and read by every lot; nothing here is drawn. Where rules change at dates, those of a period lead
to the ones that follow.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from math import inf
from typing import Any

from sim.model.calendar import MINUTE, Openings, day_of
from sim.model.demand import attention
from sim.scenario.schema import Scenario


@dataclass(frozen=True, slots=True)
class Stage:
    """One of the rounds that are held at some time, in order."""

    position: int
    name: str
    held: bool  # in this period
    sell_off: bool
    relist: float
    notice_movable: float
    notice_immovable: float
    window: float
    keep: float  # 1 - cut: what is left of the previous start
    interest: float
    span: float  # how long potential bidders may come: window and overhang
    late: float  # 1 / late_shape
    early: float  # share of those who come evenly over the span


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything a lot's way depends on besides the lot itself."""

    stages: tuple[Stage, ...]
    openings: Openings
    bidding: str
    increment: float
    soft_close: float
    deposit: float
    reply: float  # mean answer time, days
    reply_extended: float  # the same in extensions
    jump: float
    single_steps: float  # steps left up to which a bid takes one
    persistence: float
    returning: bool  # whether those of one round are drawn again for the next
    cut_relief: float
    default_rate: float
    payment: float
    in_kind_second: float
    in_kind_last: float
    booking_days: float
    booking_ends: tuple[float, ...]  # last moments of the years' days by which unsold lots are booked
    attention: float
    listing: bool  # lots are listed on their dates, preparation skipped
    clerks: int  # of a court; 0: as many as there is work for
    survey: float
    notice_work: float
    handover: float
    pricing_work: float
    objection_work: float
    objection_wait: float
    notice_again: float
    report_valid: float  # for which a reference price holds until the first notice
    last_auction: (
        int  # position of the last round before a sell-off: its failure puts the question of taking in kind
    )
    highest_persistence: float  # in this period or later
    own_sale: float = 0.0  # share of lots whose debtor is given time to sell them
    own_sale_found: float = 0.0  # of all lots, of those who find a buyer
    own_sale_days: float = 0.0
    own_sale_price: float = 1.0  # over the failed start
    sold_before_price: float = (
        1.0  # over the reference price, of equity that its debtor sells before the first auction
    )
    period: int = 0
    until: float = inf  # the day on which other rules begin
    later: Rules | None = None  # those
    own_bidding: Any = None  # a style given as an object, instead of ``bidding``
    kind: int = -1  # of lots whose rules are their kind's own; -1: of all others
    kinds: dict[int, Rules] = field(default_factory=dict)  # those, by kind; of the first period

    def of(self, kind: int) -> Rules:
        """The rules of the first period for lots of a kind."""
        return self.kinds.get(kind, self)

    def on(self, day: float) -> Rules:
        """The rules of a day of this period or a later one."""
        rules = self
        while day >= rules.until and rules.later is not None:
            rules = rules.later
        return rules


def rules_of(scenario: Scenario) -> Rules:
    """The scenario's rules on the model's clock, those of its first period."""
    own = {
        number: name
        for number, name in enumerate(scenario.kinds)
        if any(one.kinds[name].own for _, one in scenario.periods)
    }
    rules = _chain(scenario)
    if not own:
        return rules
    return replace(rules, kinds={number: _chain(scenario, number, name) for number, name in own.items()})


def _chain(scenario: Scenario, kind: int = -1, name: str = "") -> Rules:
    """The rules of the first period, which lead to the others: of a kind's own, or of all others."""
    days = [day_of(begins, scenario.time.start) for begins, _ in scenario.periods]
    later = None
    for period in reversed(range(len(days))):
        here = scenario.periods[period][1]
        here = here.of_kind(name) if name else here
        until = inf if later is None else days[period + 1]
        debtor = here.debtor_sale
        later = replace(
            _rules(scenario, here, period, until, later), kind=kind, own_sale=debtor.share,
            own_sale_found=debtor.share * debtor.success, own_sale_days=debtor.days, own_sale_price=1.0 + debtor.over,
            sold_before_price=debtor.before_price,
        )  # fmt: skip
    assert later is not None
    return later


def _rules(whole: Scenario, scenario: Scenario, period: int, until: float, later: Rules | None) -> Rules:
    """The rules of one period, in which the scenario is ``scenario``."""
    auction, disposal, courts = scenario.auction, scenario.disposal, scenario.courts
    stages = _stages(whole, scenario)
    persistence = scenario.interest.persistence
    return Rules(
        stages=stages,
        openings=Openings(
            scenario.time.start, scenario.time.end, auction.opens_at, auction.spring_festival_break
        ),
        bidding=auction.bidding,
        increment=auction.increment,
        soft_close=auction.soft_close_minutes * MINUTE,
        deposit=auction.deposit,
        reply=auction.reply_seconds / 86_400.0,
        reply_extended=(auction.reply_seconds_extensions or auction.reply_seconds) / 86_400.0,
        jump=auction.jump,
        single_steps=float(auction.single_steps),
        persistence=persistence,
        returning=scenario.finite_market.patience_days == 0.0
        and any(
            one.interest.persistence > 0.0 or one.strategic_waiting.share > 0.0 for _, one in whole.periods
        ),
        cut_relief=scenario.start.cut_relief,
        default_rate=disposal.default_rate,
        payment=disposal.payment_days,
        in_kind_second=disposal.in_kind_second,
        in_kind_last=disposal.in_kind_last,
        booking_days=disposal.booking_days,
        booking_ends=_booking_ends(scenario),
        attention=attention(scenario),
        listing=scenario.arrivals.mode == "listing",
        clerks=whole.courts.clerks,
        survey=courts.survey_days,
        notice_work=courts.notice_days,
        handover=courts.handover_days,
        pricing_work=courts.pricing_days,
        objection_work=courts.objection_days,
        objection_wait=courts.objection_wait_days,
        notice_again=courts.notice_again_days,
        report_valid=courts.report_valid_days,
        last_auction=max((s.position for s in stages if s.held and not s.sell_off), default=-1),
        highest_persistence=max(persistence, later.highest_persistence if later else 0.0),
        period=period,
        until=until,
        later=later,
        own_bidding=whole.extensions.bidding,
    )


def _stages(whole: Scenario, scenario: Scenario) -> tuple[Stage, ...]:
    """The rounds of one period: those that are held in any."""
    return tuple(
        Stage(
            position=i,
            name=name,
            held=r.held,
            sell_off=r.format == "sell-off",
            relist=r.relist_days,
            notice_movable=r.notice_days_movable,
            notice_immovable=r.notice_days_immovable,
            window=r.window_days,
            keep=1.0 - r.cut,
            interest=r.interest,
            span=r.window_days + r.overhang_minutes * MINUTE,
            late=1.0 / r.late_shape,
            early=r.early_share,
        )
        for i, (name, r) in enumerate((name, scenario.rounds[name]) for name in whole.held)
    )


def _booking_ends(scenario: Scenario) -> tuple[float, ...]:
    """The last minute of each ``booking_by`` from the start of the run to a year after its end."""
    by, time = scenario.disposal.booking_by, scenario.time
    if by == "never":
        return ()
    days = (date.fromisoformat(f"{year}-{by}") for year in range(time.start.year, time.end.year + 2))
    return tuple(day_of(day, time.start) + 1.0 - MINUTE for day in days)


def cut_of(cut: float, relief: float, interested: float) -> float:
    """The cut of a start, smaller where more people were interested in the round that failed."""
    return cut / (1.0 + relief * interested)


def horizon(scenario: Scenario) -> float:
    """Length of the run in days, the last day included."""
    return day_of(scenario.time.end, scenario.time.start) + 1.0
