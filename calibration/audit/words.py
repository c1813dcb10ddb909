"""The audit in words, English and Chinese: a sentence for each finding, and the verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from calibration.audit import Finding
from calibration.targets.interpretations import RATIO_NAMES, name_of_measure
from sim.locale.numbers import filled
from sim.measures.definitions import DEFINITIONS
from sim.reporting.formats import money
from sim.reporting.text import known

VERDICTS: Final[dict[str, tuple[str, str]]] = {
    "impossible": ("impossible", "不可能"),
    "contradicts": ("contradicts", "矛盾"),
    "unusual": ("unusual", "少见"),
    "excludes": ("rules out", "排除"),
    "possible": ("possible", "可能"),
    "consistent": ("consistent", "相符"),
    "implied": ("implied", "由此可知"),
}
MONEY: Final = frozenset(
    {
        "mean",
        "starts",
        "largest",
        "median",
        "others_median",
        "median_low",
        "median_high",
        "pass_low",
        "pass_high",
    }
)
DATES: Final = ("dates", "起止日期")  # of a window, which are no figure
EITHER: Final = (" or ", "或")
TO: Final = (" to ", "至")
ONLY: Final = {  # number of lots: below one, one, more
    "en": ("fewer than one lot", "only 1 lot", "only {number:.0f} lots"),
    "zh": ("不足一件", "约1件", "约{number:.0f}件"),
}
FEW: Final = 6  # numbers that are listed one by one

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "overlap": (
        "{first} to {last} shares {days:day|days} with {other} ({since} to {until}): what happened on them is counted in both, so the two are not independent",
        "{first}至{last}与{other}（{since}至{until}）有{days}天重叠：其间的事两期都计，故两期并非相互独立",
    ),
    "part_above_whole": (
        "the window lies inside {other}, and yet its {name} ({part}) is above that of {other} ({whole})",
        "本期在{other}之内，而{name}（{part}）却大于{other}的（{whole}）",
    ),
    "denominator": (
        "{sold} sold at {rate}: the whole denominator can only be {all} ({unsold} unsold in it). A rate picked at random would fit one in {chance:.0%} of cases",
        "成交{sold}件、成交率{rate}：整数分母只能是{all}（其中未成交{unsold}）。随机取一个比率，有{chance:.0%}的机会凑巧有整数分母",
    ),
    "denominator.many": (
        "{sold} sold at {rate}: whole denominators {all} fit; the rate says little more than that",
        "成交{sold}件、成交率{rate}：整数分母可为{all}，信息有限",
    ),
    "denominator.none": (
        "{sold} sold at {rate}: no whole denominator gives this rate, rounded or cut off; the rate is not a share of lots, or a figure is wrong",
        "成交{sold}件、成交率{rate}：无论四舍五入还是截尾，都没有整数分母；该比率不是件数之比，或数字有误",
    ),
    "rate.of_nothing": ("a sale rate of {rate}, and nothing was sold", "成交率为{rate}，而成交量为零"),
    "rate.is_listed": (
        "{sold} / {count} = {share:.2%}, as reported: the rate may be of listed lots",
        "{sold}÷{count}={share:.2%}，与公布值一致：可能是上拍口径",
    ),
    "rate.not_listed": (
        "{sold} / {count} = {share:.2%}, not {rate}: not of lots listed. The denominator {denominators} is {ended} of the lots; {outside:lot lies|lots lie} outside it",
        "{sold}÷{count}={share:.2%}，不是{rate}：不是上拍口径。分母{denominators}占标的物的{ended}，另有{outside}件不在其中",
    ),
    "rate.above_lots": (
        "the denominator {denominators} is above the {count:lot|lots} listed: lots carried over, rounds, or a wrong figure",
        "分母{denominators}大于标的物数{count}：含上期结转、按拍次计，或数字有误",
    ),
    "rate.is_count": (
        "{sold} / {count} = {share:.2%}, as reported: the rate may be of {other}",
        "{sold}÷{count}={share:.2%}，与公布值一致：分母可能是{other}",
    ),
    "rate.is_final": (
        "{sold} / {count} = {share:.2%}, as reported: the rate is of final outcomes, sold and finally unsold",
        "{sold}÷{count}={share:.2%}，与公布值一致：分母是成交与最终流拍之和",
    ),
    "rate.not_count": (
        "{sold} / {count} = {share:.2%}, not {rate}: not of {other}",
        "{sold}÷{count}={share:.2%}，不是{rate}：分母不是{other}",
    ),
    "numerator": (
        "{rate} of {count} ({other}): {numerators:sale|sales} would give this",
        "{count}（{other}）的{rate}：成交{numerators}件时可得此值",
    ),
    "numerator.none": (
        "{rate} of {count} ({other}): no whole number of sales gives this ({near} give {share:.2%}); the rate divides by something else",
        "{count}（{other}）的{rate}：没有整数成交量能得此值（{near}件为{share:.2%}），分母另有所指",
    ),
    "printing": (
        "of {all:rate|rates} {rounded:has|have} a whole denominator if rounded, {truncated} if cut off; that all fit by accident has a chance of {chance:.1%}: they are ratios of counts with the reported sales",
        "{all}个比率中，按四舍五入有{rounded}个有整数分母，按截尾有{truncated}个；全部凑巧的机会为{chance:.1%}：它们确是以公布成交量为分子的件数之比",
    ),
    "printing.accident": (
        "of {all:rate|rates} {rounded:has|have} a whole denominator if rounded, {truncated} if cut off; that all fit by accident has a chance of {chance:.0%}, so this says little",
        "{all}个比率中，按四舍五入有{rounded}个有整数分母，按截尾有{truncated}个；全部凑巧的机会为{chance:.0%}，故说明不了多少",
    ),
    "printing.mixed": (
        "of {all:rate|rates} {rounded:has|have} a whole denominator if rounded, {truncated} if cut off: they are ratios of counts only if some were rounded and others cut off",
        "{all}个比率中，按四舍五入有{rounded}个有整数分母，按截尾有{truncated}个：只有有的四舍五入、有的截尾，它们才都是件数之比",
    ),
    "printing.none": (
        "of {all:rate|rates} {rounded:has|have} a whole denominator if rounded, {truncated} if cut off: not all are ratios of counts with the reported sales, or a figure is wrong",
        "{all}个比率中，按四舍五入有{rounded}个有整数分母，按截尾有{truncated}个：并非都是以公布成交量为分子的件数之比，或数字有误",
    ),
    "lots_per_case": ("{lots:lot|lots} in {cases:case|cases}: {ratio:.2f} lots a case", "{cases}案共{lots}件：案均{ratio:.2f}件"),
    "lots_below_cases": ("{cases:case owns|cases own} {lots:lot|lots}: every case has one", "{cases}案只有{lots}件：每案至少一件"),
    "sold_above_lots": (
        "{sold} sold of {lots} listed: possible only if lots listed earlier are counted (by event)",
        "成交{sold}件多于上拍{lots}件：只有计入前期上拍的标的物（当期口径）才可能",
    ),
    "sold_above_ended": ("{sold} sold of {lots_ended} ended: every sold lot has ended", "成交{sold}件多于已结{lots_ended}件：成交者必已结"),
    "sold_above_rounds": (
        "{sold} sold in {rounds_held:round|rounds}: every sold lot has had one",
        "成交{sold}件多于拍卖{rounds_held}次：每件成交至少一次",
    ),
    "parts_above_ended": (
        "{sold} sold and {failed} finally unsold of {ended} ended: both have ended",
        "成交{sold}件与最终流拍{failed}件之和多于已结{ended}件：两者都已结",
    ),
    "zero_beside": (
        "{nothing_name} is 0, and {something_name} is {text}: with nothing of the one there is nothing of the other",
        "{nothing_name}为零，而{something_name}为{text}：前者为零，后者也应为零",
    ),
    "people_below_sold": (
        "{participants:participant|participants} for {sold:sale|sales} ({ratio:.2f} a sale): every sale needs one, so these are neither registrations nor bidders of all sales",
        "参拍{participants}人次，成交{sold}件（每件{ratio:.2f}）：每件成交至少一人，故既非报名人次之和，也非全部竞买人数",
    ),
    "people_per_sale": ("{participants:participant|participants}, {sold:sale|sales}: {ratio:.2f} a sale", "参拍{participants}人次，成交{sold}件：每件{ratio:.2f}人次"),
    "people_drift": (
        "participants a sale run from {low:.2f} ({low_window}) to {high:.2f} ({high_window}), a factor of {factor:.1f}: hardly counted alike",
        "每件成交参拍人次从{low:.2f}（{low_window}）到{high:.2f}（{high_window}），相差{factor:.1f}倍：计法恐不相同",
    ),
    "people_alike": (
        "participants a sale run from {low:.2f} ({low_window}) to {high:.2f} ({high_window}): they may have been counted alike",
        "每件成交参拍人次从{low:.2f}（{low_window}）到{high:.2f}（{high_window}）：计法可能相同",
    ),
    "lots_drift": (
        "lots a case run from {low:.2f} ({low_window}) to {high:.2f} ({high_window}), a factor of {factor:.1f}: hardly counted alike",
        "案均标的物从{low:.2f}（{low_window}）到{high:.2f}（{high_window}），相差{factor:.1f}倍：计法恐不相同",
    ),
    "lots_alike": (
        "lots a case run from {low:.2f} ({low_window}) to {high:.2f} ({high_window}): they may have been counted alike",
        "案均标的物从{low:.2f}（{low_window}）到{high:.2f}（{high_window}）：计法可能相同",
    ),
    "growth.rounded": ("{name} {change} {printed} since {since}: the levels give {face}, rounded", "{name}较{since}{change}{printed}：由水平值得{face}，四舍五入"),
    "growth.truncated": ("{name} {change} {printed} since {since}: the levels give {face}, cut off", "{name}较{since}{change}{printed}：由水平值得{face}，截尾"),
    "growth.only_truncated": (
        "{name} {change} {printed} since {since}: the levels as reported give {face}; it holds if \"{level}\" was cut off, from {low} to {high}",
        "{name}较{since}{change}{printed}：按公布水平为{face}；若“{level}”为截尾，实为{low}至{high}，则成立",
    ),
    "growth.only_rounded": (
        "{name} {change} {printed} since {since}: the levels as reported give {face}; it holds if \"{level}\" was rounded, from {low} to {high}",
        "{name}较{since}{change}{printed}：按公布水平为{face}；若“{level}”为四舍五入，实为{low}至{high}，则成立",
    ),
    "growth.only_either": (
        "{name} {change} {printed} since {since}: the levels as reported give {face}; it holds if \"{level}\" stands for {low} to {high}",
        "{name}较{since}{change}{printed}：按公布水平为{face}；若“{level}”实为{low}至{high}，则成立",
    ),
    "growth.wrong": (
        "{name} {change} {printed} since {since}: the levels give {face} ({low} to {high} whatever was cut off or rounded); one of the three figures is wrong",
        "{name}较{since}{change}{printed}：由水平值得{face}（无论如何取舍都在{low}至{high}之间）；三个数字中必有一错",
    ),
    "growth.unit": (
        "{name} {change} {printed} since {since}, which is read as {read:,.0%}: the levels give {face}. A per cent sign may be missing",
        "{name}较{since}{change}{printed}，即{read:,.0%}：由水平值得{face}。可能漏写百分号",
    ),
    "growth.from_zero": (
        "{name} {change} {printed} since {since}, where it was 0: there is no growth rate from nothing",
        "{name}较{since}{change}{printed}，而{since}为零：由零无从计算增长率",
    ),
    "rates_alike": (
        "{first} ({since}) and {second} differ by no more than chance (z = {z:.2f})",
        "{first}（{since}）与{second}的差别不超出偶然（z={z:.2f}）",
    ),
    "rates_differ": (
        "{first} ({since}) and {second} differ by more than chance (z = {z:.1f}), and the windows are equally long or their lots unknown: another definition, other lots or another demand",
        "{first}（{since}）与{second}的差别超出偶然（z={z:.1f}），而两期等长或标的物数不详：口径、标的物或需求有别",
    ),
    "window_effect": (
        "{first} ({since}) and {second} differ by more than chance (z = {z:.1f}), and may be nothing but {days_b} against {days_a:day|days}: counted by listing cohort, one unchanging process gives both (ever sold {sold:.1%}, after {days_to_sale:.0f} days; ever failed {failed:.1%}, after {days_to_failure:.0f} days; {rate:.1%} in the long run)",
        "{first}（{since}）与{second}的差别超出偶然（z={z:.1f}），但可能只是{days_b}天与{days_a}天之别：按批次口径，同一不变过程即可得两者（终成交{sold:.1%}，平均{days_to_sale:.0f}天；终流拍{failed:.1%}，平均{days_to_failure:.0f}天；长期成交率{rate:.1%}）",
    ),
    "no_window_effect": (
        "{first} ({since}) and {second} differ by more than chance (z = {z:.1f}), and the lengths of {days_a} and {days_b:day|days} do not explain it: one process would need {sold:.1%} sold after {days_to_sale:.0f} days, {failed:.1%} failed after {days_to_failure:.0f} days",
        "{first}（{since}）与{second}的差别超出偶然（z={z:.1f}），且不能以{days_a}天与{days_b}天之别解释：同一过程须终成交{sold:.1%}（平均{days_to_sale:.0f}天）、终流拍{failed:.1%}（平均{days_to_failure:.0f}天）",
    ),
    "mean_price": ("mean price of a sold lot {mean} ({low} to {high} by the digits reported)", "件均成交价{mean}（按公布位数为{low}至{high}）"),
    "mean_price_odd": (
        "mean price of a sold lot {mean} ({turnover} / {sold}): no court sells at such prices. A unit such as 万 or 亿 may be missing or wrong",
        "件均成交价{mean}（{turnover}÷{sold}）：没有法院以此价位成交。单位（万、亿）可能漏写或有误",
    ),
    "ratio_excluded": ("a premium of {printed} is not price / start, which is at least 100 %", "溢价率{printed}不是“成交价÷起拍价”，后者至少为100%"),
    "ratio_impossible": (
        "{printed} cannot be price / start, as the file has it: that is at least 100 %",
        "{printed}不可能如文件所称是“成交价÷起拍价”：后者至少为100%",
    ),
    "premium_negative": (
        "a premium of {printed} is below 0: no lot sells below its starting price. It can only be against a first starting price that was reduced later",
        "溢价率{printed}为负：没有低于起拍价的成交。只可能是与降价前的首次起拍价相比",
    ),
    "premium_ordinary": (
        "{premium:.2%} is of the size reported elsewhere ({low:.0%} to {high:.0%})",
        "{premium:.2%}与他处公布值（{low:.0%}至{high:.0%}）同一量级",
    ),
    "premium_ordinary_starts": (
        "{premium:.2%} is of the size reported elsewhere ({low:.0%} to {high:.0%}); weighed by turnover, starts add up to {starts}",
        "{premium:.2%}与他处公布值（{low:.0%}至{high:.0%}）同一量级；若为总额口径，起拍价合计{starts}",
    ),
    "premium_unusual": (
        "{premium:.2%} is not of the size reported elsewhere ({low:.0%} to {high:.0%})",
        "{premium:.2%}与他处公布值（{low:.0%}至{high:.0%}）不在同一量级",
    ),
    "premium_unit": (
        "{text} is read as {premium:,.0%}; elsewhere {low:.0%} to {high:.0%} are reported. Did you mean \"{text}%\"?",
        "{text}即{premium:,.0%}；他处公布值为{low:.0%}至{high:.0%}。是否应写“{text}%”？",
    ),
    "premium_as_ratio": (
        "{printed} is not of the size reported elsewhere ({low:.0%} to {high:.0%}); as price / start it is, for then prices exceed starts by {excess:.2%}. If that is meant, name premium_turnover_ratio or premium_mean_ratio as its measure",
        "{printed}与他处公布值（{low:.0%}至{high:.0%}）不在同一量级；若为“成交价÷起拍价”，则溢价{excess:.2%}，属同一量级。如系此意，请以 premium_turnover_ratio 或 premium_mean_ratio 为其口径",
    ),
    "premium_high": (
        "{premium:.2%} is above what is reported elsewhere ({low:.0%} to {high:.0%}). As a mean of lots a few token starts suffice",
        "{premium:.2%}高于他处公布值（{low:.0%}至{high:.0%}）。若为均值口径，少数象征性起拍即可",
    ),
    "premium_high_starts": (
        "if {premium:.2%} weighs lots by turnover, all sold lots together started at {starts} and sold at {times:.1f} times that; totals reported elsewhere are {low:.0%} to {high:.0%}. As a mean of lots a few token starts suffice",
        "若{premium:.2%}为总额口径，全部成交标的物起拍价合计{starts}，成交价为其{times:.1f}倍；他处公布的总额口径为{low:.0%}至{high:.0%}。若为均值口径，少数象征性起拍即可",
    ),
    "premium_high_mean": (
        "{premium:.2%} as a mean of lots: above what is reported elsewhere ({low:.0%} to {high:.0%}), but a few token starts suffice for that",
        "均值口径的{premium:.2%}：高于他处公布值（{low:.0%}至{high:.0%}），但少数象征性起拍即可如此",
    ),
    "starts_drift": (
        "weighed by turnover, the premium implies a mean start of {high} in {high_window} and {low} in {low_window}, a factor of {factor:.1f}: other lots, or not weighed by turnover",
        "若溢价率为总额口径，件均起拍价在{high_window}为{high}，在{low_window}为{low}，相差{factor:.1f}倍：标的物不同，或并非总额口径",
    ),
    "starts_alike": (
        "weighed by turnover, the premium implies a mean start of {high} in {high_window} and {low} in {low_window}: much the same",
        "若溢价率为总额口径，件均起拍价在{high_window}为{high}，在{low_window}为{low}：相差不大",
    ),
    "commission.flat": (
        "commission / turnover = {share:.2%}: a flat 5 % (within the digits reported, {low:.2%} to {high:.2%}); says nothing of how prices are spread",
        "佣金÷成交额={share:.2%}：即统一5%（按公布位数为{low:.2%}至{high:.2%}），不含价格离散的信息",
    ),
    "commission.outside": (
        "commission / turnover = {share:.2%}: outside {least:.2%} to {most:.2%}, which is all that the schedule of 2004 can give; a figure is wrong",
        "佣金÷成交额={share:.2%}：超出2004年分段标准所能得的{least:.2%}至{most:.2%}，数字有误",
    ),
    "commission.outside_mean": (
        "commission / turnover = {share:.2%} at a mean price of {mean}: outside {least:.2%} to {most:.2%}, which is all that the schedule of 2004 can give, however prices are spread; a figure is wrong",
        "佣金÷成交额={share:.2%}、件均{mean}：无论价格如何离散，都超出2004年分段标准所能得的{least:.2%}至{most:.2%}，数字有误",
    ),
    "commission.marginal": ("commission / turnover = {share:.2%}: the falling schedule of 2004, not a flat 5 %", "佣金÷成交额={share:.2%}：是2004年分段标准，不是统一5%"),
    "commission.no_spread": (
        "commission / turnover = {share:.2%} at a mean price of {mean}: no lognormal spread of prices gives this under the schedule of 2004",
        "佣金÷成交额={share:.2%}、件均{mean}：按2004年分段标准，没有对数正态价格能得此值",
    ),
    "commission.spread": (
        "commission / turnover = {share:.2%}: the schedule of 2004, not a flat 5 %. Log prices then have an sd of {spread:.2f}: chance moves turnover as much as if {effective}, not {sold}, had been sold; {above_low:.0%} to {above_high:.0%} of it lies in what lots bring above 2 million; no lot is above {largest}",
        "佣金÷成交额={share:.2%}：为2004年分段标准，不是统一5%。对数价格标准差约{spread:.2f}：成交额的随机性相当于{effective}，而非{sold}件；其中{above_low:.0%}至{above_high:.0%}来自单件200万元以上部分；单件不超过{largest}",
    ),
    "prices.alike": (
        "turnover, sales and commission imply a median price of {median} and an sd of log prices of {spread:.2f}; beside the other windows ({others_median}, {others_spread:.2f}) chance allows {median_low} to {median_high} and {spread_low:.2f} to {spread_high:.2f}. Any commission from {pass_low} to {pass_high} would pass",
        "由成交额、成交量与佣金得价格中位数{median}、对数价格标准差{spread:.2f}；与其他各期（{others_median}、{others_spread:.2f}）相比，偶然所许为{median_low}至{median_high}、{spread_low:.2f}至{spread_high:.2f}。佣金在{pass_low}至{pass_high}之间均不致异常",
    ),
    "prices.unusual": (
        "turnover, sales and commission imply a median price of {median} and an sd of log prices of {spread:.2f}; beside the other windows ({others_median}, {others_spread:.2f}) chance allows {median_low} to {median_high} and {spread_low:.2f} to {spread_high:.2f}: other lots were sold, or one of the three figures is wrong",
        "由成交额、成交量与佣金得价格中位数{median}、对数价格标准差{spread:.2f}；与其他各期（{others_median}、{others_spread:.2f}）相比，偶然所许为{median_low}至{median_high}、{spread_low:.2f}至{spread_high:.2f}：标的物不同，或三个数字中有一错",
    ),
    "prices.two": (
        "turnover, sales and commission imply a median price of {median} and an sd of log prices of {spread:.2f}; beside {other} ({others_median}, {others_spread:.2f}) chance allows {median_low} to {median_high} and {spread_low:.2f} to {spread_high:.2f}: other lots were sold, or a figure of one of the two is wrong",
        "由成交额、成交量与佣金得价格中位数{median}、对数价格标准差{spread:.2f}；与{other}（{others_median}、{others_spread:.2f}）相比，偶然所许为{median_low}至{median_high}、{spread_low:.2f}至{spread_high:.2f}：标的物不同，或两期之一的数字有错",
    ),
    "nothing_left": (
        "{name} can stand for none of what the file lets it stand for ({measures}): a figure is wrong, or it is defined otherwise",
        "{name}与文件所列口径（{measures}）均不符：数字有误，或另有口径",
    ),
}  # fmt: skip


def sentence(finding: Finding, lang: str) -> str:
    """What a finding says."""
    return filled(SENTENCES[finding.key][lang == "zh"], **_facts(finding, lang))


def verdict(finding: Finding, lang: str) -> str:
    """The verdict in a few words, with the interpretations that are ruled out."""
    told = VERDICTS[finding.verdict][lang == "zh"]
    out = [name_of_measure(m, lang) for m in finding.rules_out if m in DEFINITIONS or m in RATIO_NAMES]
    if not out:
        return told
    listed = "、".join(out) if lang == "zh" else "; ".join(out)
    if finding.verdict == "excludes":
        return f"{told}：{listed}" if lang == "zh" else f"{told}: {listed}"
    return f"{told}；排除：{listed}" if lang == "zh" else f"{told}; rules out: {listed}"


def figure_name(figure: str, lang: str) -> str:
    """What people call a reported figure."""
    if figure == "dates":
        return DATES[lang == "zh"]
    return known(f"figure.{figure}", lang, name_of_measure(figure, lang) if figure in DEFINITIONS else figure)


def _facts(finding: Finding, lang: str) -> Mapping[str, Any]:
    facts = dict(finding.facts)
    if "figure" in facts:
        facts["name"] = figure_name(facts["figure"], lang)
    if finding.key.startswith("growth"):
        return {**facts, **_growth(facts, lang)}
    for name in ("nothing", "something"):
        if name in facts:
            facts[f"{name}_name"] = figure_name(facts[name], lang)
    if "measures" in facts:
        facts["measures"] = ("、" if lang == "zh" else "; ").join(
            name_of_measure(m, lang) for m in facts["measures"]
        )
    if "effective" in facts:
        number = facts["effective"]
        facts["effective"] = ONLY[lang][0 if number < 1.0 else 1 if round(number) == 1 else 2].format(
            number=number
        )
    if "premium" in facts:
        facts["times"] = 1.0 + facts["premium"]
    if "other" in facts and finding.figure == "sale_rate":
        facts["other"] = name_of_measure("lots_listed" if facts["other"] == "lots" else facts["other"], lang)
    of_money = MONEY | ({"low", "high"} if finding.key.startswith(("mean_price", "starts")) else frozenset())
    return {key: _told(key, value, of_money, lang) for key, value in facts.items()}


def _told(key: str, value: Any, of_money: frozenset[str], lang: str) -> Any:
    chinese = lang == "zh"
    if isinstance(value, range):
        listed = [f"{v:,}" for v in (value if len(value) <= FEW else (value[0], value[-1]))]
        return (EITHER if len(value) <= FEW else TO)[chinese].join(listed) or "–"
    if isinstance(value, tuple):
        return TO[chinese].join(dict.fromkeys(f"{v:.1%}" for v in value))
    if key in of_money:
        return money(value, lang, 4 if key in ("low", "high") else 3)
    return f"{value:,}" if isinstance(value, int) else value


def _growth(facts: dict[str, Any], lang: str) -> Mapping[str, Any]:
    """Growth in per cent, differences and levels in the figure's unit."""
    figure, ratio = facts["figure"], facts["ratio"]
    in_money = figure in ("turnover", "commission")

    def level(x: float) -> str:
        return money(x, lang, 4) if in_money else f"{x:,.0f}"

    def change(x: float) -> str:
        return f"{x:,.1%}" if ratio else level(x)

    words = ("grew by", "增长") if ratio else ("rose by", "增加")
    shown = level if "level" in facts else change
    return {
        "change": words[lang == "zh"],
        **{key: shown(facts[key]) for key in ("low", "high") if key in facts},
        **({"face": change(facts["face"])} if "face" in facts else {}),
    }
