"""What every measure means: the single place from which documents and tables take it.

Words used in the formulas. *The window* is [first, last) in days. *In the window* depends on the basis:
``event`` counts what happened inside the window, whenever the lot was listed; ``cohort`` counts what
happened by the window's end to lots listed inside it. On either basis nothing after the window's end is
seen: a lot sold later is open. A lot is *sold* when its hammer falls and the winner then pays. A round is
*held* when it ends in a sale, without a bid, or in a default; a round stopped by a withdrawal is not.
A rate with nothing in its denominator is undefined (nan).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["count", "rate", "ratio", "yuan", "days"]


_HAN: Final = "[\u4e00-\u9fff]"
_CODE: Final = re.compile(
    f"(?:(?<={_HAN}) )?\\b([a-z]+(?:_[a-z0-9]+)*)\\b(?: (?={_HAN}))?"
)  # of a measure, with the spaces that set it off


@dataclass(frozen=True, slots=True)
class Definition:
    """One measure, and what people call it in English and in Chinese.

    ``kind`` says how it is published: a rate is a share (0.25, not 25); a ratio has a unit. ``formula_zh``: the formula in
    Chinese, where it is more than names and signs.
    """

    name: str
    en: str
    zh: str
    unit: str
    formula: str
    kind: Kind
    formula_zh: str = ""

    def says(self, lang: str) -> str:
        """The formula in this language; in Chinese other measures have their Chinese names, in English those that commands take."""
        if lang != "zh":
            return self.formula
        return _CODE.sub(_in_chinese, self.formula_zh or self.formula)

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the most that it can be, by its formula. An interval of its mean that is cut off there covers
        the mean as often as before."""
        least = -math.inf if self.name in BELOW_ZERO else 0.0
        most = 1.0 if self.unit == "share" and self.name != "sale_rate_listed" else math.inf
        return least, most


def _in_chinese(code: re.Match[str]) -> str:
    return DEFINITIONS[code[1]].zh if code[1] in DEFINITIONS else code[0]


EVENT_ONLY: Final = frozenset(
    {"backlog_preparing"}
)  # of lots not listed yet: a cohort of listed lots has none
# A lot may be sold under its first start; costs that nothing has paid for come off what creditors receive.
BELOW_ZERO: Final = {
    "premium_first_start_mean",
    "creditors_receive",
    "creditor_recovery",
    "creditor_recovery_then",
}


OF_SOLD: Final = frozenset({
    "premium_turnover", "premium_mean", "premium_median", "premium_first_start_mean", "sold_at_start", "mean_price",
    "participants_per_sale", "bidders_per_sale", "eligible_per_sale", "days_to_sale_mean", "days_to_sale_median",
    "days_to_sale_p90", "recovery", "price_to_value",
})  # measures of sold lots alone: they say nothing of what was not sold  # fmt: skip


def _named(*rows: Definition) -> dict[str, Definition]:
    return {row.name: row for row in rows}


DEFINITIONS: Final[dict[str, Definition]] = _named(
    Definition("cases", "cases", "涉及案件数", "cases", "cases with at least one lot listed in the window", "count", "统计期内至少有一件标的物上拍的案件"),
    Definition("lots_listed", "lots listed", "标的物数量", "lots", "lots whose first notice was published in the window", "count", "统计期内首次发布公告的标的物"),
    Definition(
        "rounds_held", "rounds held", "拍卖次数", "rounds",
        "rounds that ended in the window: sold, failed or defaulted, not those stopped by a withdrawal", "count",
        "统计期内结束的拍次：成交、流拍或悔拍；因撤回而中止的不计",
    ),
    Definition("lots_sold", "lots sold", "成交量", "lots", "lots sold in the window", "count", "统计期内成交的标的物"),
    Definition("lots_failed", "lots finally unsold", "最终流拍", "lots", "lots_in_kind + lots_returned", "count"),
    Definition("lots_in_kind", "lots taken in kind", "以物抵债", "lots", "lots taken by the creditor in the window", "count", "统计期内由债权人以物抵债的标的物"),
    Definition("lots_returned", "lots returned", "退还", "lots", "lots returned to the debtor in the window, unsold after the last round", "count", "统计期内末轮流拍后退还被执行人的标的物"),
    Definition("lots_withdrawn", "lots withdrawn", "撤回", "lots", "lots withdrawn for good in the window", "count", "统计期内最终撤回的标的物"),
    Definition(
        "lots_open", "lots open", "未结", "lots",
        "lots listed and not ended by the window's end; event: of any age; cohort: listed in the window", "count",
        "期末已上拍而未结的标的物；当期口径不论何时上拍，批次口径只计统计期内上拍的",
    ),
    Definition(
        "lots_ended", "lots ended", "已结标的物", "lots",
        "lots_sold + lots with at least one failed round in the window and no sale by the window's end", "count",
        "lots_sold + 统计期内至少流拍一次、至期末未成交的标的物",
    ),
    Definition(
        "backlog_preparing", "lots waiting to be listed", "待上拍", "lots",
        "lots seized and neither listed nor ended by the window's end; undefined for a cohort of listed lots", "count",
        "期末已查封而既未上拍也未结的标的物；批次口径下无定义",
    ),
    Definition("defaults", "defaults", "悔拍", "rounds", "rounds in the window whose winner did not pay", "count", "统计期内竞得人未付款的拍次"),
    Definition("sale_rate_final", "sale rate, of final outcomes", "成交率（终结口径）", "share", "lots_sold / (lots_sold + lots_failed)", "rate"),
    Definition("sale_rate_ended", "sale rate, of ended lots", "成交率（已拍口径）", "share", "lots_sold / lots_ended", "rate"),
    Definition(
        "sale_rate_listed", "sale rate, of listed lots", "成交率（上拍口径）", "share",
        "lots_sold / lots_listed; event: may exceed 1, lots listed earlier are sold too", "rate",
        "lots_sold / lots_listed；当期口径可大于1，因为此前上拍的也会在期内成交",
    ),
    Definition("sale_rate_round", "sale rate, of rounds", "成交率（拍次口径）", "share", "lots_sold / rounds_held", "rate"),
    Definition(
        "premium_turnover", "premium, of total turnover", "溢价率（总额口径）", "share of start",
        "sum of hammer prices / sum of the starting prices of the rounds they were reached in - 1", "rate",
        "成交价之和 / 成交拍次的起拍价之和 - 1",
    ),
    Definition(
        "premium_mean", "premium, mean of lots", "溢价率（均值口径）", "share of start",
        "mean over sold lots of (hammer price - start) / start; start: of the round in which the lot was sold", "rate",
        "成交标的物的 (成交价 - 起拍价) / 起拍价 的均值；起拍价取成交拍次的",
    ),
    Definition("premium_median", "premium, median lot", "溢价率（中位数）", "share of start", "median of the same", "rate", "同上，取中位数"),
    Definition(
        "premium_first_start_mean", "premium, mean over first starts", "溢价率（首拍起拍价口径）", "share of start",
        "mean over sold lots of hammer price / starting price of the first round - 1", "rate",
        "成交标的物的 成交价 / 首拍起拍价 - 1 的均值",
    ),
    Definition(
        "sold_at_start", "sold at the start", "底价成交占比", "share",
        "lots sold at the starting price of their round / lots_sold", "rate",
        "按所在拍次起拍价成交的标的物 / lots_sold",
    ),
    Definition("turnover", "turnover", "成交金额", "yuan", "sum of hammer prices of sold lots", "yuan", "成交标的物的成交价之和"),
    Definition("mean_price", "mean price", "件均成交价", "yuan", "turnover / lots_sold", "yuan"),
    Definition(
        "commission_saved", "commission saved, 2004 schedule", "节省佣金（分段）", "yuan",
        "sum over sold lots of the schedule of 2004 applied to the hammer price, each rate to its band", "yuan",
        "按2004年佣金标准对各成交价分段计算的佣金之和",
    ),
    Definition("commission_saved_flat", "commission saved, flat 5 %", "节省佣金（5%口径）", "yuan", "5 % of turnover", "yuan", "turnover 的5%"),
    Definition("participants", "participants, registrations", "参拍人次", "registrations", "registrations in the rounds counted in rounds_held", "count", "rounds_held 所计拍次的报名人次"),
    Definition("participants_distinct", "participants, persons", "参拍人数", "bidders", "distinct bidders among the participants", "count", "上述报名者中不同的竞买人"),
    Definition("participants_per_sale", "participants a sale", "每件成交参拍人次", "registrations a lot", "participants / lots_sold", "ratio"),
    Definition(
        "bidders_per_sale", "bidders a sale", "每件成交出价人数", "bidders a lot",
        "bidders with at least one bid in the rounds that sold / lots_sold", "ratio",
        "成交拍次中至少出价一次的竞买人 / lots_sold",
    ),
    Definition(
        "eligible_per_sale", "eligible bidders a sale", "每件成交合格竞买人数", "bidders a lot",
        "bidders to whom the lot is worth the start, registered in the rounds that sold / lots_sold", "ratio",
        "成交拍次的报名者中，认为标的物值起拍价的竞买人 / lots_sold",
    ),
    Definition(
        "rounds_per_lot", "rounds held a lot", "件均拍卖次数", "rounds a lot", "rounds_held / lots_ended", "ratio",
    ),
    Definition("extensions_per_round", "extensions a round", "每拍次延时次数", "extensions a round", "extensions of held rounds / rounds_held", "ratio", "所计拍次的延时次数 / rounds_held"),
    Definition("days_to_sale_mean", "days to sale, mean", "处置周期（均值）", "days", "mean over sold lots of hammer time - listing time", "days", "成交标的物由上拍至成交的天数的均值"),
    Definition("days_to_sale_median", "days to sale, median", "处置周期（中位数）", "days", "median of the same", "days", "同上，取中位数"),
    Definition("days_to_sale_p90", "days to sale, 90th percentile", "处置周期（九成分位）", "days", "90th percentile of the same, interpolated", "days", "同上，取第90百分位数，线性插值"),
    Definition(
        "days_to_list_mean", "days to listing, mean", "上拍准备天数（均值）", "days",
        "mean over lots listed in the window of listing time - time of seizure", "days",
        "统计期内上拍的标的物由查封至上拍的天数的均值",
    ),
    Definition("recovery", "recovery, of sold lots", "变现率（成交标的物）", "share of reference price", "turnover / sum of reference prices of sold lots", "rate", "turnover / 成交标的物的参考价之和"),
    Definition(
        "recovery_all", "recovery, of all lots", "变现率（全部标的物）", "share of reference price",
        "turnover / sum of reference prices of listed lots that ended: sold, finally unsold, withdrawn; what was not sold brought 0", "rate",
        "turnover / 已上拍且已终结的标的物（成交、最终流拍、撤回）的参考价之和；未成交的所得为0",
    ),
    Definition(
        "price_to_value", "price over market value", "成交价与市场价之比", "share of market value",
        "turnover / sum of the market values of sold lots, which nobody in the model knows", "ratio",
        "turnover / 成交标的物的市场价值之和；市场价值在模型中无人知晓",
    ),
    Definition(
        "start_to_reference", "first start over reference", "首拍起拍率", "share of reference price",
        "mean over lots listed in the window of the first round's starting price / reference price", "rate",
        "统计期内上拍的标的物首拍 起拍价 / 参考价 的均值",
    ),
    Definition("lots_per_case", "lots a case", "案均标的物", "lots a case", "lots_listed / cases", "ratio"),
    Definition(
        "creditors_receive", "paid to creditors", "债权人净受偿", "yuan",
        "over sold and failed lots: what creditors get after prior claims and costs; of a lot taken in kind, what its later "
        "sale brings", "yuan",
        "成交与最终流拍标的物上，债权人扣除优先债权和费用后所得；以物抵债的，计其后变卖所得",
    ),
    Definition("creditor_recovery", "recovery of claims", "债权回收率", "share of claims", "creditors_receive / claims that these lots were sold for", "rate", "creditors_receive / 处置这些标的物所清偿的债权"),
    Definition(
        "creditor_recovery_then", "recovery of claims, discounted", "债权回收率（折现）", "share of claims",
        "the same, each payment discounted from its day to the day on which the case came in", "rate",
        "同上，每笔款项自支付之日折现至立案之日",
    ),
    Definition("debtors_surplus", "left over for debtors", "被执行人余款", "yuan", "what sold lots, and lots taken in kind, brought beyond all claims", "yuan", "成交和抵债标的物的所得超出全部债权的部分"),
    Definition(
        "debtors_keep", "what debtors keep", "被执行人留存率", "share of reference price",
        "(debtors_surplus + reference prices of lots returned) / reference prices of sold and failed lots", "rate",
        "(debtors_surplus + 退还标的物的参考价) / 成交与最终流拍标的物的参考价",
    ),
    Definition(
        "debtor_sales", "lots sold by their debtors", "被执行人自行处置", "lots",
        "lots withdrawn in the window since their debtor sold them; among lots_withdrawn", "count",
        "统计期内因被执行人自行处置而撤回的标的物，计入 lots_withdrawn",
    ),
    Definition("debtor_sales_turnover", "turnover of debtors' own sales", "自行处置金额", "yuan", "sum of the prices at which debtors sold them; not in turnover", "yuan", "自行处置的价格之和，不计入 turnover"),
    Definition(
        "reports_outlived", "reports outlived", "超过有效期的参考价", "lots",
        "lots whose first notice came more than 365 days after their reference price, or a round of which opened more than 548 days "
        "after it; counted when that first happened (2018 rules Art 27); of a lot priced again, after its last price: that its first one had "
        "lain too long is not counted", "count",
        "首次公告距参考价确定逾365日，或任一拍次开拍距其逾548日的标的物；以首次发生时计（法释〔2018〕15号第27条）；重新确定过参考价的，从最后一次起算，原参考价搁置过久不计",
    ),
)  # fmt: skip

# Units of measures as Chinese readers see them.
UNITS_ZH: Final = {
    "bidders": "人", "bidders a lot": "人/件", "cases": "件", "days": "天", "extensions a round": "次/拍次", "lots": "件",
    "lots a case": "件/案", "rounds a lot": "次/件", "share of market value": "占市场价值", "registrations": "人次", "registrations a lot": "人次/件", "rounds": "拍次", "share": "比例",
    "share of claims": "占债权", "share of reference price": "占参考价", "share of start": "占起拍价", "yuan": "元",
}  # fmt: skip

# What people call the rounds of the law; a scenario may hold others, under their own names.
ROUND_NAMES: Final[dict[str, tuple[str, str]]] = {
    "first": ("first auction", "一拍"),
    "second": ("second auction", "二拍"),
    "third": ("third auction", "三拍"),
    "sell_off": ("sell-off", "变卖"),
}
ROUND_DEFINITIONS: Final[dict[str, Definition]] = _named(
    Definition("sold_{round}", "sold at {name}", "{name}成交占比", "share", "lots sold in round {round} / lots_sold", "rate", "在{round}成交的标的物 / lots_sold"),
    Definition(
        "hazard_{round}", "sale rate at {name}", "{name}成交率", "share",
        "lots sold in round {round} / held rounds that are {round}: the hazard of a sale", "rate",
        "在{round}成交的标的物 / 已结束的{round}拍次，即成交的风险率",
    ),
    Definition(
        "failed_{round}", "failed at {name}", "{name}流拍率", "share",
        "failed rounds / held rounds, of rounds that are {round}; held again after a default counts again", "rate",
        "流拍的{round}拍次 / 已结束的{round}拍次；悔拍后再次举行的另计",
    ),
)  # fmt: skip

# A figure as courts publish it -> the measures it may stand for. Which one was meant is rarely said.
INTERPRETATIONS: Final[dict[str, tuple[str, ...]]] = {
    "cases": ("cases",),
    "lots": ("lots_listed",),
    "sold": ("lots_sold",),
    "participants": ("participants", "participants_distinct"),
    "sale_rate": ("sale_rate_final", "sale_rate_ended", "sale_rate_listed", "sale_rate_round"),
    "turnover": ("turnover",),
    "premium": ("premium_turnover", "premium_mean", "premium_median"),
    "commission": ("commission_saved", "commission_saved_flat"),
}


def definitions(rounds: Sequence[str]) -> dict[str, Definition]:
    """All measures of a scenario whose held rounds have these names, in the order of the tables."""
    of_rounds = []
    for definition in ROUND_DEFINITIONS.values():
        for name in rounds:
            en, zh = ROUND_NAMES.get(name, (name, name))
            of_rounds.append(
                Definition(
                    definition.name.format(round=name),
                    definition.en.format(name=en),
                    definition.zh.format(name=zh),
                    definition.unit,
                    definition.formula.format(round=name),
                    definition.kind,
                    definition.formula_zh.format(round=zh),
                )
            )
    return DEFINITIONS | _named(*of_rounds)
