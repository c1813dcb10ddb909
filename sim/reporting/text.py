"""Every word that a table or a picture shows, in English and in Chinese.

One dict, key -> (en, zh). What measures and rounds are called stands with their definitions. Placeholders are those of
``str.format``; ``tests/reporting`` checks that both languages of a key use the same ones.
"""

from __future__ import annotations

from typing import Final

from sim.locale.numbers import filled
from sim.measures.definitions import DEFINITIONS, ROUND_NAMES

LANGUAGES: Final = ("en", "zh")

WORDS: Final[dict[str, tuple[str, str]]] = {
    # figures a court prints
    "figure.cases": ("cases", "涉及案件数"),
    "figure.lots": ("lots", "标的物数量"),
    "figure.sold": ("sold", "成交量"),
    "figure.participants": ("participants", "参拍人次"),
    "figure.sale_rate": ("sale rate", "成交率"),
    "figure.turnover": ("turnover", "成交金额"),
    "figure.premium": ("premium rate", "溢价率"),
    "figure.commission": ("commission saved", "节省佣金"),
    # bases, ends
    "basis.event": ("event", "当期"),
    "basis.cohort": ("cohort", "批次"),
    "basis.event.long": ("event: what happened inside the window", "当期：统计期内发生的"),
    "basis.cohort.long": (
        "cohort: what had become of the lots listed inside it",
        "批次：统计期内上拍标的物截至期末的结果",
    ),
    "listed": ("listed", "上拍"),
    "sold": ("sold at {round}", "{round}成交"),
    "in_kind": ("taken in kind", "以物抵债"),
    "returned": ("returned to the debtor", "退还被执行人"),
    "withdrawn": ("withdrawn", "撤回"),
    "open": ("still open", "未结"),
    # comparison
    "figure": ("figure", "指标"),
    "reading": ("reading", "口径"),
    "basis": ("basis", "归期"),
    "published": ("published", "公布值"),
    "simulated": ("simulated [95 %]", "模拟均值 [95%范围]"),
    "distance": ("model against print", "模拟与公布相比"),
    "distance.inside": ("within", "范围内"),
    "distance.high": ("{n} % higher", "高{n}%"),
    "distance.low": ("{n} % lower", "低{n}%"),
    "distance.times": ("{n} times", "{n}倍"),
    "distance.points_high": ("{n} points higher", "高{n}个百分点"),
    "distance.points_low": ("{n} points lower", "低{n}个百分点"),
    "distance.input": ("an input", "输入值"),
    "distance.unmet": ("not to be met", "不要求再现"),
    "distance.wide": ("cannot fail", "区间过宽"),
    "fit.count": (
        "{inside} of {all:figure|figures} that the model must produce, within its 95 % band",
        "模型须再现的{all}项公布值中，{inside}项落入模型95%范围",
    ),
    "fit.cannot": (
        "{n:cannot fail and does not count|cannot fail and do not count}",
        "{n}项区间过宽，不计入",
    ),
    "fit.input": ("{n:is an input|are inputs}", "{n}项为输入值"),
    "fit.unmet": ("{n:is|are} not meant to be met", "{n}项不要求再现"),
    "fit.stated": (
        "Compared under the scenario's own interpretation: {basis}; {measures}.",
        "按情景自身规定的口径比较：{basis}；{measures}。",
    ),
    "fit.partly": (
        "Compared under the scenario's own interpretation, what it leaves open as fits best: {basis}; {measures}.",
        "按情景自身规定的口径比较，未规定的取最吻合者：{basis}；{measures}。",
    ),
    "fit.best": (
        "The scenario does not fix an interpretation; the one that fits best is shown: {basis}; {measures}.",
        "情景未规定口径，此处按最吻合的口径比较：{basis}；{measures}。",
    ),
    "fit.wide": (
        "{n:figure|figures} cannot fail, for the band spans more than a factor of five: {which}.",
        "{n}项区间过宽（上下限相差五倍以上），不可能不符：{which}。",
    ),
    "fit.reason": ("Not meant to be met: {which}: {reason}", "不要求再现：{which}：{reason}"),
    "compare.headline": (
        "Printed and simulated, window by window ({n:replication|replications})",
        "公布值与模拟值，按统计期（重复{n}次）",
    ),
    "compare.table": ("Printed and simulated, under every reading", "公布值与模拟值，全部口径"),
    "compare.printed": ("as the court printed it", "法院公布值"),
    "compare.simulated": ("simulated: mean and 95 % of replications", "模拟：均值与95%的重复"),
    "compare.faint": ("faint: an input, or not meant to be met", "淡色：输入值，或不要求再现"),
    "legend.range": (
        '[ ] holds 95 % of the replications; "within": so does what was printed.',
        "[ ] 为95%的重复所在范围；“范围内”指公布值落在其中。",
    ),
    "legend.one": (
        "One replication has no interval: ask for more with --replications.",
        "仅重复一次，没有范围；可用 --replications 增加次数。",
    ),
    "legend.full": (
        "All interpretations: --full, or comparison.csv in the folder.",
        "全部口径见 --full，或输出文件夹中的 comparison.csv。",
    ),
    "legend.inside": (
        "* within: the printed figure lies in the interval, which holds 95 % of the replications.",
        "* 公布值落入范围内，该范围包含95%的重复。",
    ),
    "legend.impossible": ("× ruled out by the printed figures themselves", "× 公布值自身即可排除"),
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
        "registrations ({windows}): every sale needs one, but {participants:participant was|participants were} printed for {sold:sale|sales}",
        "参拍人次作报名人次之和({windows})：每宗成交至少一人报名，而公布{participants}人次、成交{sold}宗",
    ),
    "impossible.listed": (
        "sale rate of listed lots ({windows}): {sold} / {lots} = {share}, not the {sale_rate} printed",
        "成交率按上拍口径({windows})：{sold}÷{lots}={share}，而公布{sale_rate}",
    ),
    "impossible.flat": (
        "commission at a flat 5 % ({windows}): of {turnover} that is {flat}, not the {commission} printed",
        "节省佣金按5%口径({windows})：{turnover}的5%为{flat}，而公布{commission}",
    ),
    # what there is
    "list.scenarios": ("scenarios: sim run NAME, sim show NAME", "情景：sim run 名称，sim show 名称"),
    "list.policies": ("policies: sim compare SCENARIO NAME", "政策：sim compare 情景 名称"),
    "list.targets": (
        "targets, of calibration: calibrate audit NAME, calibrate run NAME",
        "校准目标：calibrate audit 名称，calibrate run 名称",
    ),
    "measures.lead": (
        "The name is what --measure, --maximise, --subject-to and tables use; below it stands the formula.",
        "左列名称用于 --measure、--maximise、--subject-to 及各表格，其下为计算方法。",
    ),
    # the command
    "unlawful": (
        "The scenario supposes what today's law does not allow; it is run all the same:",
        "情景中有现行规定不允许的设定，照常运行：",
    ),
    "replications": ("replications", "重复次数"),
    "written": (
        "{n:replication|replications} in {seconds} s; folder: {folder}",
        "重复{n}次，用时{seconds}秒；输出文件夹：{folder}",
    ),
    "stopped": (
        "stopped: {why}. Nothing was written; the same command starts again",
        "已停止：{why}。未写入任何文件；同一命令可重新开始",
    ),
    "stopped_at_limit": (
        "stopped at {n:replication|replications} before every headline measure was known to the precision of auto",
        "已达{n}次重复上限，部分主要指标尚未达到 auto 的精度",
    ),
    "trace.title": (
        "Lot {lot} (replication {replication}, seed {seed})",
        "标的物{lot}号(第{replication}次重复，种子{seed})",
    ),
    "trace.suggest": (
        "{lots:lot|lots}, numbered 0 to {last}. Worth a look (give the number, or the word):",
        "共{lots}宗标的物，编号0至{last}。值得一看的(可给编号，也可给英文词)：",
    ),
    "trace.no_bids": ("no bid was made, so there is no picture", "无人出价，不画图"),
    # pictures
    "change.title": (
        "Of rounds, {before} sold in the {n:month|months} before {date}, {after} in as many after",
        "{date}前{n}个月拍次成交率{before}，其后同样长的时间{after}",
    ),
    "change.plain": ("Months before and after {date}", "{date}前后各月"),
    "change.flows": (
        "In each month: lots listed, rounds failed, lots sold (mean; band: 95 % of replications)",
        "各月上拍、流拍、成交（均值；色带：95%的重复）",
    ),
    "change.rate": ("Sale rate of the rounds that ended in the month", "当月已结束拍次的成交率"),
    "change.stocks": ("At the end of each month: lots waiting and open", "各月末待上拍与未结的标的物"),
    "change.listed": ("lots listed", "上拍标的物"),
    "change.failed": ("rounds failed", "流拍拍次"),
    "change.sold": ("lots sold", "成交标的物"),
    "change.waiting": ("waiting to be listed", "待上拍"),
    "change.open": ("listed, not ended", "已上拍未结"),
    "no_data": ("no data", "无数据"),
    "foot.lot": (
        "{title} · seed {seed} · replication {replication} · lot {lot}",
        "{title} · 种子{seed} · 第{replication}次重复 · 标的物{lot}号",
    ),
    "foot": (
        "{title} · seed {seed} · replications: {replications}",
        "{title} · 种子{seed} · 重复{replications}次",
    ),
    "lots": ("lots", "标的物(宗)"),
    "flow.title": (
        "Of {listed:lot|lots} listed, {sold:was|were} sold, {first} of them at the {round}",
        "上拍{listed}宗，成交{sold}宗，其中{round}成交{first}宗",
    ),
    "flow.plain": ("Where {listed:listed lot|listed lots} ended up", "{listed}宗上拍标的物的去向"),
    "flow.note": (
        "a column is a round; bands that pass it have left",
        "每列为一个拍次，绕过的色带为已离场标的物",
    ),
    "flow.ended": ("at the end", "期末"),
    "days.title": (
        "Half of the lots sold took up to {median:day|days} from listing to sale, one in ten over {p90}",
        "成交标的物半数在上拍后{median}天内售出，一成超过{p90}天",
    ),
    "days.more": ("{share} took longer, up to {days:day|days}", "另有{share}更久，至多{days}天"),
    "days.x": ("days from listing to sale", "上拍至成交天数"),
    "days.y": ("share of lots sold (%)", "占成交标的物比例(%)"),
    "median": ("median", "中位数"),
    "p90": ("90th percentile", "90分位"),
    "day": ("{days:day|days}", "{days}天"),
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
        "Of {listed:lot|lots} listed by {day}, {open:was|were} still open",
        "截至{day}上拍{listed}宗，未结{open}宗",
    ),
    "open.plain": ("Open lots over time", "未结标的物随时间变化"),
    "open.listed": ("listed so far", "累计上拍"),
    "open.open": ("open", "未结"),
    "open.sold": ("sold so far", "累计成交"),
    "open.band": ("bands: 95 % of replications", "色带：95%的重复"),
    "open.y": ("lots", "标的物(宗)"),
    "bidding.title": (
        "{bids:bid|bids} by {bidders:bidder|bidders} took {start} to {price}, {late} % of them in the last hour and its extensions",
        "{bidders}人出价{bids}次，价格由{start}升至{price}，{late}%的出价在最后一小时及延时中",
    ),
    "bidding.one": ("One bid, of {price}; the start was {start}", "仅一次出价：起拍价{start}，出价{price}"),
    "bidding.none": ("No bid: start {start}, failed auction", "无人出价：{start}起拍，流拍"),
    "bidding.whole": ("the whole round", "全程"),
    "bidding.hour": ("the last hour and its extensions", "最后一小时及延时"),
    "bidding.x_days": ("days after the opening", "开拍后天数"),
    "bidding.x_hours": ("hours after the opening", "开拍后小时数"),
    "bidding.x_minutes": ("minutes from the set close", "距原定结束时刻(分钟)"),
    "bidding.y": ("price ({unit})", "价格({unit})"),
    "bidding.start": ("starting price", "起拍价"),
    "bidding.close": ("set close", "原定结束"),
    "bidding.extensions": ("extensions: {n}", "延时{n}次"),
    "bidding.bidder": ("bidder {n}", "竞买人{n}"),
    "bidding.others": ("{n:other|others}", "其余{n}人"),
    "bidding.winner": (" (winner)", "(买受人)"),
    # units
    "yuan": ("yuan", "元"),
}


def t(key: str, lang: str, **kw: object) -> str:
    """The words for ``key``; an unknown language or key is a mistake in the code and raises."""
    words = WORDS[key][LANGUAGES.index(lang)]
    return filled(words, **kw) if kw else words


def name_of(measure: str, lang: str) -> str:
    """What people call a measure; its identifier where a scenario's own round makes it one we do not know."""
    definition = DEFINITIONS.get(measure)
    if definition is None:
        return measure
    return definition.zh if lang == "zh" else definition.en


def round_name(name: str, lang: str) -> str:
    """What people call a round; a scenario's own rounds go by the names it gives them."""
    return ROUND_NAMES[name][LANGUAGES.index(lang)] if name in ROUND_NAMES else name


def known(key: str, lang: str, otherwise: str) -> str:
    """The words for ``key``, or ``otherwise``: for names that a scenario may invent."""
    return t(key, lang) if key in WORDS else otherwise


def headline(words: str) -> str:
    """A capital first letter; Chinese is left as it is."""
    return words[:1].upper() + words[1:]
