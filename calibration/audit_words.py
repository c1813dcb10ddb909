"""The audit in words, English and Chinese: a sentence for each finding, and the verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from calibration.audit import Finding
from calibration.readings import RATIO_NAMES, name_of_measure
from sim.measures.definitions import DEFINITIONS
from sim.report.formats import money
from sim.report.text import known

VERDICTS: Final[dict[str, tuple[str, str]]] = {
    "consistent": ("consistent", "相符"),
    "contradicts": ("contradicts", "矛盾"),
    "possible": ("possible", "可能"),
    "impossible": ("impossible", "不可能"),
    "implied": ("implied", "由此可知"),
}
MONEY: Final = frozenset({"mean", "starts", "largest"})
EITHER: Final = (" or ", "或")

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "denominator": (
        "{sold} sold at {rate}: the whole denominator can only be {all} ({unsold} unsold in it). A rate picked at random would fit one in {chance:.0%} of cases",
        "成交{sold}件、成交率{rate}:整数分母只能是{all}(其中未成交{unsold})。随机取一个比率,有{chance:.0%}的机会凑巧有整数分母",
    ),
    "denominator.many": (
        "{sold} sold at {rate}: {number} whole denominators fit, {low} to {high}; the rate says little more than that",
        "成交{sold}件、成交率{rate}:{low}至{high}之间有{number}个整数分母可选,信息有限",
    ),
    "denominator.none": (
        "{sold} sold at {rate}: no whole denominator gives this rate, rounded or cut off; the rate is not a share of lots, or a figure is wrong",
        "成交{sold}件、成交率{rate}:无论四舍五入还是截尾,都没有整数分母;该比率不是件数之比,或数字有误",
    ),
    "rate.is_listed": (
        "{sold} / {lots} = {share:.2%}, as printed: the rate may be of listed lots",
        "{sold}÷{lots}={share:.2%},与公布值一致:可能是上拍口径",
    ),
    "rate.not_listed": (
        "{sold} / {lots} = {share:.2%}, not {rate}: not of lots listed. The denominator {denominators} is {ended} of the lots; {outside} lots lie outside it",
        "{sold}÷{lots}={share:.2%},不是{rate}:不是上拍口径。分母{denominators}占标的物的{ended},另有{outside}件不在其中",
    ),
    "rate.above_lots": (
        "the denominator {denominators} is above the {lots} lots listed: carried-over lots, rounds, or a wrong figure",
        "分母{denominators}大于标的物数{lots}:含上期结转、按拍次计,或数字有误",
    ),
    "rate.is_count": (
        "{sold} / {count} = {share:.2%}, as printed: the rate may be of {other}",
        "{sold}÷{count}={share:.2%},与公布值一致:分母可能是{other}",
    ),
    "rate.is_final": (
        "{sold} / {count} = {share:.2%}, as printed: the rate is of final outcomes, sold and finally unsold",
        "{sold}÷{count}={share:.2%},与公布值一致:分母是成交与最终流拍之和",
    ),
    "rate.not_count": (
        "{sold} / {count} = {share:.2%}, not {rate}: not of {other}",
        "{sold}÷{count}={share:.2%},不是{rate}:分母不是{other}",
    ),
    "numerator": (
        "{rate} of {count} ({other}): {numerators} sales would print so",
        "{count}({other})的{rate}:成交{numerators}件时可得此值",
    ),
    "numerator.none": (
        "{rate} of {count} ({other}): no whole number of sales prints so ({near} give {share:.2%}); the rate divides by something else",
        "{count}({other})的{rate}:没有整数成交量能得此值({near}件为{share:.2%}),分母另有所指",
    ),
    "printing": (
        "of {all} rates {rounded} have a whole denominator if rounded, {truncated} if cut off; that all fit by accident has a chance of {chance:.1%}: they are ratios of counts with the printed sales",
        "{all}个比率中,按四舍五入有{rounded}个有整数分母,按截尾有{truncated}个;全部凑巧的机会为{chance:.1%}:它们确是以公布成交量为分子的件数之比",
    ),
    "lots_per_case": ("{lots} lots in {cases} cases: {ratio:.2f} lots a case", "{cases}案共{lots}件:案均{ratio:.2f}件"),
    "sold_above_lots": (
        "{sold} sold of {lots} listed: possible only if lots listed earlier are counted (by event)",
        "成交{sold}件多于上拍{lots}件:只有计入前期上拍的标的物(当期口径)才可能",
    ),
    "sold_above_ended": ("{sold} sold of {ended} ended: every sold lot has ended", "成交{sold}件多于已结{ended}件:成交者必已结"),
    "people_below_sold": (
        "{participants} participants for {sold} sales ({ratio:.2f} a sale): every sale needs one, so these are neither registrations nor bidders of all sales",
        "参拍{participants}人次,成交{sold}件(每件{ratio:.2f}):每件成交至少一人,故既非报名人次之和,也非全部竞买人数",
    ),
    "people_per_sale": ("{participants} participants, {sold} sales: {ratio:.2f} a sale", "参拍{participants}人次,成交{sold}件:每件{ratio:.2f}人次"),
    "people_drift": (
        "participants a sale run from {low:.2f} ({low_window}) to {high:.2f} ({high_window}), a factor of {factor:.1f}",
        "每件成交参拍人次从{low:.2f}({low_window})到{high:.2f}({high_window}),相差{factor:.1f}倍",
    ),
    "premium_drift": (
        "the premium runs from {low} ({low_window}) to {high} ({high_window}): price / start differs by a factor of {factor:.1f}; one stable price process does not do this unless a few lots carry the mean",
        "溢价率从{low}({low_window})到{high}({high_window}),成交价与起拍价之比相差{factor:.1f}倍;除非均值由个别标的物左右,稳定的价格过程不会如此",
    ),
    "growth.rounded": ("{name} {change} {printed} since {since}: the levels give {face}, rounded", "{name}较{since}{change}{printed}:由水平值得{face},四舍五入"),
    "growth.truncated": ("{name} {change} {printed} since {since}: the levels give {face}, cut off", "{name}较{since}{change}{printed}:由水平值得{face},截尾"),
    "growth.only_truncated": (
        "{name} {change} {printed} since {since}: the levels as printed give {face}; it holds if \"{level}\" was cut off, from {low} to {high}",
        "{name}较{since}{change}{printed}:按公布水平为{face};若“{level}”为截尾,实为{low}至{high},则成立",
    ),
    "growth.only_rounded": (
        "{name} {change} {printed} since {since}: the levels as printed give {face}; it holds if \"{level}\" was rounded, from {low} to {high}",
        "{name}较{since}{change}{printed}:按公布水平为{face};若“{level}”为四舍五入,实为{low}至{high},则成立",
    ),
    "growth.only_either": (
        "{name} {change} {printed} since {since}: the levels as printed give {face}; it holds if \"{level}\" stands for {low} to {high}",
        "{name}较{since}{change}{printed}:按公布水平为{face};若“{level}”实为{low}至{high},则成立",
    ),
    "growth.wrong": (
        "{name} {change} {printed} since {since}: the levels give {face} ({low} to {high} whatever was cut off or rounded); one of the three figures is wrong",
        "{name}较{since}{change}{printed}:由水平值得{face}(无论如何取舍都在{low}至{high}之间);三个数字中必有一错",
    ),
    "rates_alike": (
        "{first} ({since}) and {second} differ by no more than chance (z = {z:.2f})",
        "{first}({since})与{second}的差别不超出偶然(z={z:.2f})",
    ),
    "rates_differ": (
        "{first} ({since}) and {second} differ by more than chance (z = {z:.1f}), and the windows are equally long or their lots unknown: another definition, other lots or another demand",
        "{first}({since})与{second}的差别超出偶然(z={z:.1f}),而两期等长或标的物数不详:口径、标的物或需求有别",
    ),
    "window_effect": (
        "{first} ({since}) and {second} differ by more than chance (z = {z:.1f}), and may be nothing but {days_b} against {days_a} days: counted by listing cohort, one unchanging process gives both (ever sold {sold:.1%}, after {days_to_sale:.0f} days; ever failed {failed:.1%}, after {days_to_failure:.0f} days; {rate:.1%} in the long run)",
        "{first}({since})与{second}的差别超出偶然(z={z:.1f}),但可能只是{days_b}天与{days_a}天之别:按批次口径,同一不变过程即可得两者(终成交{sold:.1%},平均{days_to_sale:.0f}天;终流拍{failed:.1%},平均{days_to_failure:.0f}天;长期成交率{rate:.1%})",
    ),
    "no_window_effect": (
        "{first} ({since}) and {second} differ by more than chance (z = {z:.1f}), and the lengths of {days_a} and {days_b} days do not explain it: one process would need {sold:.1%} sold after {days_to_sale:.0f} days, {failed:.1%} failed after {days_to_failure:.0f} days",
        "{first}({since})与{second}的差别超出偶然(z={z:.1f}),且不能以{days_a}天与{days_b}天之别解释:同一过程须终成交{sold:.1%}(平均{days_to_sale:.0f}天)、终流拍{failed:.1%}(平均{days_to_failure:.0f}天)",
    ),
    "mean_price": ("mean price of a sold lot {mean} ({low} to {high} by the digits printed)", "件均成交价{mean}(按公布位数为{low}至{high})"),
    "ratio_impossible": ("a premium of {printed} cannot be price / start, which is at least 100 %", "溢价率{printed}不可能是“成交价÷起拍价”,后者至少为100%"),
    "ratio_possible": ("if {printed} were price / start, prices would exceed starts by {excess:.1%}", "若{printed}是“成交价÷起拍价”,则成交价高于起拍价{excess:.1%}"),
    "premium_high": (
        "if {printed} weighs lots by turnover, all sold lots together started at {starts} and sold at {times:.1f} times that; totals printed elsewhere are 6 to 52 %. As a mean of lots a few token starts suffice",
        "若{printed}为总额口径,全部成交标的物起拍价合计{starts},成交价为其{times:.1f}倍;他处公布的总额口径为6%至52%。若为均值口径,少数象征性起拍即可",
    ),
    "premium_ordinary": (
        "{printed} is of the size printed elsewhere (6 to 52 %); weighed by turnover, starts add up to {starts}",
        "{printed}与他处公布值(6%至52%)同一量级;若为总额口径,起拍价合计{starts}",
    ),
    "starts_drift": (
        "weighed by turnover, the premium implies a mean start of {high} in {high_window} and {low} in {low_window}",
        "若溢价率为总额口径,件均起拍价在{high_window}为{high},在{low_window}为{low}",
    ),
    "commission.flat": (
        "commission / turnover = {share:.2%}: a flat 5 % (within the digits printed, {low:.2%} to {high:.2%}); says nothing of how prices are spread",
        "佣金÷成交额={share:.2%}:即统一5%(按公布位数为{low:.2%}至{high:.2%}),不含价格离散的信息",
    ),
    "commission.outside": (
        "commission / turnover = {share:.2%}: outside 0.5 to 5 %, which the schedule of 2004 allows; a figure is wrong",
        "佣金÷成交额={share:.2%}:超出2004年分段标准可能的0.5%至5%,数字有误",
    ),
    "commission.marginal": ("commission / turnover = {share:.2%}: the falling schedule of 2004, not a flat 5 %", "佣金÷成交额={share:.2%}:是2004年分段标准,不是统一5%"),
    "commission.no_spread": (
        "commission / turnover = {share:.2%} at a mean price of {mean}: no lognormal spread of prices gives this under the schedule of 2004",
        "佣金÷成交额={share:.2%}、件均{mean}:按2004年分段标准,没有对数正态价格能得此值",
    ),
    "commission.spread": (
        "commission / turnover = {share:.2%}: the schedule of 2004, not a flat 5 %. Log prices then have an sd of {spread:.2f}: turnover rests on some {effective:.0f} lots' worth of luck, not {sold}; {above_low:.0%} to {above_high:.0%} of it lies in what lots bring above 2 million; no lot is above {largest}",
        "佣金÷成交额={share:.2%}:为2004年分段标准,不是统一5%。对数价格标准差约{spread:.2f}:成交额的随机性相当于约{effective:.0f}件,而非{sold}件;其中{above_low:.0%}至{above_high:.0%}来自单件200万元以上部分;单件不超过{largest}",
    ),
}  # fmt: skip


def sentence(finding: Finding, lang: str) -> str:
    """What a finding says."""
    return SENTENCES[finding.key][lang == "zh"].format(**_facts(finding, lang))


def verdict(finding: Finding, lang: str) -> str:
    """The verdict in a few words, with the readings that are ruled out."""
    told = VERDICTS[finding.verdict][lang == "zh"]
    out = [name_of_measure(m, lang) for m in finding.rules_out if m in DEFINITIONS or m in RATIO_NAMES]
    if not out:
        return told
    return f"{told}; 排除:{'、'.join(out)}" if lang == "zh" else f"{told}; rules out: {'; '.join(out)}"


def figure_name(figure: str, lang: str) -> str:
    """What people call a printed figure."""
    return known(f"figure.{figure}", lang, name_of_measure(figure, lang) if figure in DEFINITIONS else figure)


def _facts(finding: Finding, lang: str) -> Mapping[str, Any]:
    facts = dict(finding.facts)
    if finding.key.startswith("growth"):
        return _growth(facts, lang)
    both = (
        sorted({*facts.get("rounded", []), *facts.get("truncated", [])})
        if finding.key == "denominator"
        else []
    )
    facts["all"] = both or facts.get("all")
    if "premium" in facts:
        facts["times"] = 1.0 + facts["premium"]
    if "other" in facts:
        facts["other"] = name_of_measure("lots_listed" if facts["other"] == "lots" else facts["other"], lang)
    of_money = MONEY | ({"low", "high"} if finding.key in ("mean_price", "starts_drift") else set())
    return {key: _told(key, value, of_money, lang) for key, value in facts.items()}


def _told(key: str, value: Any, of_money: frozenset[str] | set[str], lang: str) -> Any:
    if isinstance(value, list):
        return (
            EITHER[lang == "zh"].join(f"{v:.1%}" if isinstance(v, float) else f"{v:,}" for v in value) or "–"
        )
    if key in of_money:
        return money(value, lang)
    return f"{value:,}" if isinstance(value, int) else value


def _growth(facts: dict[str, Any], lang: str) -> Mapping[str, Any]:
    """Growth in per cent, differences and levels in the figure's unit."""
    figure, ratio = facts["figure"], facts["ratio"]
    in_money = figure in ("turnover", "commission")

    def level(x: float) -> str:
        return money(x, lang, 4) if in_money else f"{x:,.0f}"

    def change(x: float) -> str:
        return f"{x:.1%}" if ratio else level(x)

    words = ("grew by", "增长") if ratio else ("rose by", "增加")
    only = "level" in facts
    bounds: dict[str, Any] = {
        k: level(facts[k]) if only else change(facts[k]) for k in ("low", "high") if k in facts
    }
    return {
        **facts,
        "name": figure_name(figure, lang),
        "change": words[lang == "zh"],
        "face": change(facts["face"]),
        **bounds,
    }
