"""How people react: bidders who wait, money that is tied up, a finite market, creditors who compare.

Each table has one parameter that scales the behaviour from 0; at 0 the base model runs as if the table were not
there, and the other values of the table say nothing. No figure on any of this is published for courts, so every value
is an assumption that a study is to vary.
"""

from __future__ import annotations

from typing import Literal

from sim.locale.language import said
from sim.scenario.parts import PLAIN, Contradictions, Part, Share, param

HASTIEST = 0.01  # days that somebody stays in a market


class StrategicWaiting(Part):
    """Forward-looking bidders (观望): some do not bid in the first round if a cheaper one is to come."""

    share: float = param(
        "share of potential bidders",
        "bidders who look ahead and bid in the first round only above a cutoff; 0 = nobody waits on purpose",
        "观望者占比",
        "assumption",
        **Share,
    )
    reoffer: float = param(
        "probability",
        "bidders' belief that a lot which fails is offered again at the lower start",
        "预期再拍概率",
        "assumption: re-offering is the rule",
        **Share,
    )
    discount: float = param(
        "share",
        "what a gain made in the next round is worth to a bidder, of the same gain now",
        "等待折现",
        "assumption",
        **Share,
    )
    announced: bool = param(
        PLAIN,
        "true: bidders know the coming cut; false: they expect expected_cut and are surprised",
        "降价是否预告",
        "assumption: the legal maximum is known to everybody",
    )
    expected_cut: float = param(
        "share of previous start",
        "the cut bidders expect when it is not announced",
        "预期降价幅度",
        "assumption",
        ge=0,
        lt=1,
    )
    first_round: Literal["sealed", "open"] = param(
        PLAIN,
        "sealed: who waits has no part in a first round that sells; open: once somebody has bid, whoever can pay joins in",
        "一拍观望方式",
        "assumption: with the five-minute extension nobody can snipe, which is nearer to open",
    )


class PriceResponse(Part):
    """Interest that answers to the price (价格响应): the lower a round's start against the reference price, the more look."""

    elasticity: float = param(
        "log points per log point",
        "interest in a round is multiplied by (start / reference price)^-elasticity, up to ceiling; 0 = the start draws nobody",
        "价格弹性",
        "neutral. Court auctions of flats in Seoul, 2016-2018, fit people drawn by the cut, 4 to 12 times as many, as well as "
        "people who wait for it; no figure is known for China",
        ge=0,
        le=20,
    )
    ceiling: float = param(
        "multiple",
        "the most that a low start can multiply interest by, so that token starts do not draw people without end",
        "价格响应上限",
        "assumption: the upper end of what Seoul's flats need, 12 times",
        ge=1,
        le=1000,
    )


class Liquidity(Part):
    """Money for deposits (资金约束), counted in units of the market value of the lots a bidder looks at."""

    short_share: float = param(
        "share of potential bidders",
        "bidders whose ready money may not reach for the deposit; 0 = everybody can pay every deposit",
        "资金紧张者占比",
        "assumption",
        **Share,
    )
    held: float = param(
        "share of market value",
        "median ready money of those short of it, all deposits together",
        "可用资金中位数",
        "assumption",
        ge=1e-6,
        le=100,
    )
    held_log_sd: float = param("log points", "spread of the same", "可用资金离散", "assumption", ge=0, le=5)
    refund_hours: float = param(
        "hours",
        "from the end of a round until losers have their deposits back",
        "保证金退还时限",
        "2016 rules Art 23: within 24 h",
        ge=0,
        le=8760,
    )


class FiniteMarket(Part):
    """A finite market: the same people look at one lot after another (竞买人市场)."""

    patience_days: float = param(
        "days",
        "mean stay of a bidder in the market; 0 = every lot has bidders of its own, without end",
        "耐心天数",
        "assumption",
        ge=0,
        le=3650,
    )
    fit: float = param(
        "probability",
        "that an average lot suits a bidder who looks for its kind in its area: small = a thick market of choosy people",
        "合意概率",
        "assumption",
        ge=1e-6,
        le=1,
    )
    areas: int = param(
        "areas",
        "areas among which courts are divided; a bidder looks in one of them",
        "区域数",
        "assumption: Shanxi has 11 prefecture-level cities",
        ge=1,
        le=5000,
    )
    several_share: float = param(
        "share of bidders", "bidders who want several lots", "多件需求者占比", "assumption", **Share
    )
    several: int = param("lots", "how many lots those want", "多件需求数", "assumption", ge=2, le=1000)
    stagger_days: float = param(
        "days",
        "least time between the openings of two first rounds of the same kind in the same area; 0 = none",
        "同类错峰间隔",
        "neutral",
        ge=0,
        le=365,
    )

    def people(self, days: float, interest: float) -> float:
        """People who enter in so many days (and those there before), if ``interest`` look at a lot of each kind."""
        return self.areas * interest / self.fit * (days / self.patience_days + 8.0)

    def contradictions(self) -> Contradictions:
        if 0.0 < self.patience_days < HASTIEST:
            problem = said("patience", days=f"{self.patience_days:g}", least=f"{HASTIEST:g}")
            yield ("patience_days",), problem, ()
        if self.stagger_days > 0.0 and self.patience_days == 0.0:
            yield ("stagger_days",), said("stagger"), (("patience_days",),)


class DebtorSale(Part):
    """The debtor's own sale (被执行人自行处置): when the last auction has failed, some debtors look for a buyer above the failed price.

    While they look, nobody takes the lot in kind and no sell-off is announced. A lot that is sold so leaves the court's hands: it is
    withdrawn, at a price. For equity the law knows such a sale (2021 equity rules Art 10, up to three months); for other property
    guidance of 2024 does, of which a summary was read, so that this is a behaviour to be tried and no rule that is modelled.

    Equity may also be sold by its debtor before the first auction: once the reference price is found the debtor is given the same
    days, with the same chance of success, and no notice is written before they are over. Other property may not: no text read allows it.
    """

    share: float = param(
        "share of lots",
        "lots whose debtor is given time to sell them above the price at which the last auction failed; 0 = nobody is",
        "自行处置占比",
        "neutral: nobody is. No share has been published",
        **Share,
    )
    days: float = param(
        "days",
        "how long the debtor is given",
        "自行处置期限",
        "assumption: 60 days; equity: three months at most (2021 equity rules Art 10)",
        ge=0,
        le=3650,
    )
    success: float = param(
        "probability",
        "that the debtor finds a buyer in that time, at an even moment of it",
        "自行处置成功率",
        "assumption: no figure has been published",
        **Share,
    )
    over: float = param(
        "share of start",
        "how much more than the failed start the buyer pays",
        "高于流拍价的幅度",
        "assumption: the least that is above it; no figure has been published",
        ge=0,
        le=100,
    )
    before_share: float = param(
        "share of lots",
        "equity whose debtor is given time to sell it before the first auction; 0 = none. Acts where cases come in and are prepared",
        "首次拍卖前自行变价占比",
        "neutral: none; 2021 equity rules Art 10. No share has been published",
        **Share,
    )
    before_price: float = param(
        "share of reference price",
        "what the buyer pays for equity that its debtor sells before the first auction",
        "首次拍卖前自行变价的价格",
        "assumption: the reference price; no figure has been published",
        gt=0,
        le=100,
    )


class Creditors(Part):
    """What creditors claim, and whether they take a lot instead of money (申请执行人)."""

    compare_share: float = param(
        "share of lots",
        "lots whose creditor takes them in kind if a later sale of their own would bring more than the last start; "
        "0 = taking in kind is a matter of chance (disposal.in_kind_*)",
        "比较后抵债占比",
        "assumption",
        **Share,
    )
    resale: float = param(
        "share of market value",
        "what a creditor's own later sale brings, after its costs and taxes",
        "抵债后再售率",
        "assumption",
        ge=0,
        le=10,
    )
    resale_noise: float = param(
        "log points", "sd of the creditor's error about it", "再售估计误差", "assumption", ge=0, le=3
    )
    resale_days: float = param("days", "until that sale", "再售天数", "assumption", ge=0, le=3650)
    discount_yearly: float = param(
        "per year", "at which creditors count later money less", "债权人年折现率", "assumption", ge=0, le=10
    )
    claim: float = param(
        "share of reference price",
        "median claim that a lot is sold for",
        "债权额中位数",
        "assumption",
        ge=1e-6,
        le=1000,
    )
    claim_log_sd: float = param("log points", "spread of claims", "债权额离散", "assumption", ge=0, le=5)
    prior_share: float = param(
        "share of lots",
        "lots on which prior claims rest (mortgage of another, wages, taxes); 0 = none",
        "有优先债权占比",
        "assumption",
        **Share,
    )
    prior: float = param(
        "share of reference price",
        "median of the prior claims on them",
        "优先债权中位数",
        "assumption",
        ge=1e-6,
        le=100,
    )
    prior_log_sd: float = param(
        "log points", "spread of prior claims", "优先债权离散", "assumption", ge=0, le=5
    )
    insist_share: float = param(
        "share of lots",
        "creditors who ask to go on, at a start above prior claims and costs, when the start would leave nothing",
        "坚持拍卖占比",
        "assumption; 2004 rules Art 9 (now 6): on request within 5 days, with a higher reserve",
        **Share,
    )
    bid_share: float = param(
        "share of lots",
        "lots whose creditor may be the first who comes, and bids without a deposit, so that no want of ready money keeps them away "
        "(liquidity); 0 = creditors pay deposits like anybody else; not where people share a finite market",
        "债权人免保证金参拍占比",
        "neutral: 2016 rules Art 17, exempt; no share has been published",
        **Share,
    )
