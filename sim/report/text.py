"""Every word that a table or a picture shows, in English and in Chinese.

One dict, key -> (en, zh). Keys of measures are the identifiers of the measures. Placeholders are those of
``str.format``; ``tests/report`` checks that both languages of a key use the same ones.
"""

from __future__ import annotations

from typing import Final

LANGUAGES: Final = ("en", "zh")

WORDS: Final[dict[str, tuple[str, str]]] = {
    # measures
    "cases": ("cases", "涉及案件数"),
    "lots_listed": ("lots listed", "标的物数量"),
    "rounds_held": ("rounds held", "拍卖次数"),
    "lots_sold": ("lots sold", "成交量"),
    "lots_failed": ("lots finally unsold", "最终流拍"),
    "lots_withdrawn": ("lots withdrawn", "撤回"),
    "lots_open": ("lots open", "未结"),
    "lots_ended": ("lots ended", "已结标的物"),
    "sale_rate_final": ("sale rate, of final outcomes", "成交率(终结口径)"),
    "sale_rate_ended": ("sale rate, of ended lots", "成交率(已拍口径)"),
    "sale_rate_listed": ("sale rate, of listed lots", "成交率(上拍口径)"),
    "sale_rate_round": ("sale rate, of rounds", "成交率(拍次口径)"),
    "premium_turnover": ("premium, of total turnover", "溢价率(总额口径)"),
    "premium_mean": ("premium, mean of lots", "溢价率(均值口径)"),
    "premium_median": ("premium, median lot", "溢价率(中位数)"),
    "turnover": ("turnover", "成交金额"),
    "commission_saved": ("commission saved, 2004 schedule", "节省佣金(分段口径)"),
    "commission_saved_flat": ("commission saved, flat 5 %", "节省佣金(5%口径)"),
    "participants": ("participants, registrations", "参拍人次"),
    "participants_distinct": ("participants, persons", "参拍人数"),
    "days_to_sale": ("days to sale", "处置周期"),
    "recovery": ("recovery", "变现率"),
    # figures a court prints
    "figure.cases": ("cases", "涉及案件数"),
    "figure.lots": ("lots", "标的物数量"),
    "figure.sold": ("sold", "成交量"),
    "figure.participants": ("participants", "参拍人次"),
    "figure.sale_rate": ("sale rate", "成交率"),
    "figure.turnover": ("turnover", "成交金额"),
    "figure.premium": ("premium rate", "溢价率"),
    "figure.commission": ("commission saved", "节省佣金"),
    # bases, rounds, ends
    "basis.event": ("event", "当期"),
    "basis.cohort": ("cohort", "批次"),
    "basis.event.long": ("event: what happened inside the window", "当期：统计期内发生的"),
    "basis.cohort.long": (
        "cohort: what had become of the lots listed inside it",
        "批次：统计期内上拍标的物截至期末的结果",
    ),
    "round.first": ("first auction", "一拍"),
    "round.second": ("second auction", "二拍"),
    "round.third": ("third auction", "三拍"),
    "round.sell_off": ("sell-off", "变卖"),
    "listed": ("listed", "上拍"),
    "sold": ("sold at {round}", "{round}成交"),
    "in_kind": ("taken in kind", "以物抵债"),
    "returned": ("returned to the debtor", "退还被执行人"),
    "withdrawn": ("withdrawn", "撤回"),
    "open": ("still open", "未结"),
    # comparison
    "window": ("window", "统计期"),
    "reading": ("reading", "口径"),
    "basis": ("basis", "归期"),
    "printed": ("printed", "公布值"),
    "simulated": ("simulated mean [95 %]", "模拟均值 [95%]"),
    "compare.title": (
        "{inside} of {all} printed figures lie within the model's 95 % interval under at least one reading",
        "{all}项公布值中，{inside}项在至少一种口径下落入模型95%区间",
    ),
    "compare.table": ("Printed and simulated, window by window", "公布值与模拟值，按统计期"),
    "compare.printed": ("as the court printed it", "法院公布值"),
    "compare.simulated": ("simulated: mean and 95 % of replications", "模拟：均值与95%的重复"),
    "legend.inside": (
        "* the printed figure lies inside the interval, which holds 95 % of the replications.",
        "* 公布值落入区间内;区间包含95%的重复。",
    ),
    "legend.readings": (
        "The court does not say how a figure was counted. Each line is one reading it may have meant.",
        "法院未说明统计方法，每行为一种可能的口径。",
    ),
    "legend.final": (
        "of final outcomes: sold / (sold + unsold after the last round)",
        "终结口径：成交÷(成交+末轮流拍)",
    ),
    "legend.ended": (
        "of ended lots: sold / (sold + lots with a failed round and no sale)",
        "已拍口径：成交÷(成交+流拍过且未成交)",
    ),
    "legend.listed": ("of listed lots: sold / lots first offered", "上拍口径：成交÷首次上拍标的物"),
    "legend.round": ("of rounds: sold / rounds that ended", "拍次口径：成交÷已结束拍次"),
    "impossible.head": (
        "Readings that the printed figures themselves rule out:",
        "公布值自身即可排除的口径：",
    ),
    "impossible.participants": (
        "{window}: {participants} participants cannot be registrations: {sold} sales need one each.",
        "{window}：参拍{participants}人次不可能是报名人次之和，因{sold}宗成交各需至少一人报名。",
    ),
    "impossible.listed": (
        "{window}: a sale rate of {rate} is not sold / listed, which is {sold} / {lots} = {share}.",
        "{window}：成交率{rate}不是成交÷上拍，{sold}÷{lots}={share}。",
    ),
    "impossible.flat": (
        "{window}: {commission} commission is not 5 % of {turnover}, which is {flat}.",
        "{window}：节省佣金{commission}不是{turnover}的5%，后者为{flat}。",
    ),
    "impossible.sold": (
        "{window}: {sold} sold of {lots} lots: some were listed before the window.",
        "{window}：成交{sold}多于上拍{lots}，必有此前上拍的标的物。",
    ),
    # pictures
    "no_data": ("no data", "无数据"),
    "foot": (
        "{title} · seed {seed} · replications: {replications}",
        "{title} · 种子{seed} · 重复{replications}次",
    ),
    "lots": ("lots", "标的物(宗)"),
    "flow.title": (
        "Of {listed} lots listed, {sold} were sold, {first} of them at the {round}",
        "上拍{listed}宗，成交{sold}宗，其中{round}成交{first}宗",
    ),
    "flow.plain": ("Where {listed} listed lots ended up", "{listed}宗上拍标的物的去向"),
    "flow.note": (
        "a column is a round; bands that pass it have left",
        "每列为一个拍次，绕过的色带为已离场标的物",
    ),
    "flow.ended": ("at the end", "期末"),
    "days.title": (
        "Half of the lots sold took up to {median} days from listing to sale, one in ten over {p90}",
        "成交标的物半数在上拍后{median}天内售出，一成超过{p90}天",
    ),
    "days.x": ("days from listing to sale", "上拍至成交天数"),
    "days.y": ("share of lots sold (%)", "占成交标的物比例(%)"),
    "median": ("median", "中位数"),
    "p90": ("90th percentile", "90分位"),
    "day": ("{days} days", "{days}天"),
    "premium.title": (
        "The top {top} of sales supply {part} of the mean premium",
        "溢价最高的{top}成交贡献了平均溢价率的{part}",
    ),
    "premium.title.one": (
        "One sale of {n} supplies {part} of the mean premium",
        "{n}宗成交中的一宗贡献了平均溢价率的{part}",
    ),
    "premium.none": ("No lot sold above its starting price", "无标的物高于起拍价成交"),
    "premium.x": ("premium over the starting price, log scale", "相对起拍价的溢价率(对数轴)"),
    "premium.y": ("share of sales (%)", "占成交比例(%)"),
    "premium.part": ("adds to the mean (points)", "对均值的贡献(百分点)"),
    "premium.at_start": ("at the\nstart", "恰为\n起拍价"),
    "premium.mean": ("mean {x}", "均值 {x}"),
    "premium.median": ("median {x}", "中位数 {x}"),
    "premium.weighted": ("of turnover {x}", "总额口径 {x}"),
    "open.title": (
        "Of {listed} lots listed by {day}, {open} were still open",
        "截至{day}上拍{listed}宗，未结{open}宗",
    ),
    "open.listed": ("listed so far", "累计上拍"),
    "open.open": ("open", "未结"),
    "open.sold": ("sold so far", "累计成交"),
    "open.band": ("bands: 95 % of replications", "色带：95%的重复"),
    "open.y": ("lots", "标的物(宗)"),
    "bidding.title": (
        "{bids} bids by {bidders} bidders took {start} to {price}, {late} % of them in the last hour",
        "{bidders}人出价{bids}次，价格由{start}升至{price}，{late}%的出价在最后一小时",
    ),
    "bidding.one": ("One bid, of {price}; the start was {start}", "仅一次出价：起拍价{start}，出价{price}"),
    "bidding.none": ("No bid: start {start}, failed auction", "无人出价：{start}起拍，流拍"),
    "bidding.whole": ("the whole round", "全程"),
    "bidding.hour": ("the last hour", "最后一小时"),
    "bidding.x_days": ("days after the opening", "开拍后天数"),
    "bidding.x_hours": ("hours after the opening", "开拍后小时数"),
    "bidding.x_minutes": ("minutes from the set close", "距原定结束时刻(分钟)"),
    "bidding.y": ("price ({unit})", "价格({unit})"),
    "bidding.start": ("starting price", "起拍价"),
    "bidding.close": ("set close", "原定结束"),
    "bidding.extensions": ("extensions: {n}", "延时{n}次"),
    "bidding.bidder": ("bidder {n}", "竞买人{n}"),
    "bidding.others": ("{n} others", "其余{n}人"),
    "bidding.winner": (" (winner)", "(买受人)"),
    # units
    "yuan": ("yuan", "元"),
}


def t(key: str, lang: str, **kw: object) -> str:
    """The words for ``key``; an unknown language or key is a mistake in the code and raises."""
    words = WORDS[key][LANGUAGES.index(lang)]
    return words.format(**kw) if kw else words


def known(key: str, lang: str, otherwise: str) -> str:
    """The words for ``key``, or ``otherwise``: for names that a scenario may invent (rounds, measures)."""
    return t(key, lang) if key in WORDS else otherwise


def headline(words: str) -> str:
    """A capital first letter; Chinese is left as it is."""
    return words[:1].upper() + words[1:]
