"""Words for what explores policies (compare, sweep, sensitivity, optimise), in English and in Chinese.

As ``sim.report.text``: key -> (en, zh), placeholders of ``str.format``, both languages with the same ones.
"""

from __future__ import annotations

from typing import Final

from sim.report.text import LANGUAGES

WORDS: Final[dict[str, tuple[str, str]]] = {
    # differences
    "points": ("{x} points", "{x}个百分点"),
    "days": ("{x} days", "{x}天"),
    "no_difference": ("not told apart", "看不出差别"),
    "same": ("the same in every pair", "每对均相同"),
    "up": ("higher", "上升"),
    "down": ("lower", "下降"),
    "undefined": ("undefined", "无定义"),
    "whole": ("whole horizon", "全部时段"),
    "measure": ("measure", "指标"),
    "base": ("base", "基准"),
    "policy": ("policy", "政策"),
    "difference": ("difference [95 %]", "差异 [95%区间]"),
    "answer": ("answer", "结论"),
    "reduction": ("pairing", "配对"),
    "times": ("x{x}", "{x}倍"),
    "parameter_share": ("parameters", "参数占比"),
    "against": ("{policy}, against: {base}", "{policy}，相比：{base}"),
    "against.same": ("{policy}: the same scenario as {base}", "{policy}：与“{base}”参数完全相同"),
    "sentence": ("{name} {way} by {change} {interval}", "{name}{way}{change} {interval}"),
    "sentence.none": (
        "Within the precision of {n} pairs no headline measure differs.",
        "{n}对重复的精度之内，各主要指标均看不出差别。",
    ),
    "note.interval": (
        "[ ] 95 % interval of the mean difference over {n} pairs with the same luck: about the policy, not about luck.",
        "[ ] 为{n}对同运气重复的平均差异的95%区间：只反映政策，不反映运气。",
    ),
    "note.draws": (
        "[ ] 95 % interval of the mean difference, not knowing the parameters included: {draws} draws, {n} pairs each.",
        "[ ] 为平均差异的95%区间，已含参数不确定性：参数抽样{draws}组，每组{n}对重复。",
    ),
    "note.share": (
        "Parameters: their share of the variance of one province's difference; the rest is luck.",
        "参数占比：一省差异的方差中来自参数不确定的份额，其余为运气。",
    ),
    "note.reduction": (
        "Pairing: without it, that many times as many replications would be needed for the same interval.",
        "配对：若不配对，同样宽的区间需要这么多倍的重复。",
    ),
    "note.each": (
        "Each interval holds for itself: of twenty, one misses by chance.",
        "各区间单独成立：每二十个约有一个因偶然而偏出。",
    ),
    "note.stranger": (
        "{policy} was written for {written}, which {base} is not made from; its own keys are tried on {base}.",
        "{policy}原为{written}而写，{base}并非由其扩展；此处仅将其自身参数用于{base}。",
    ),
    "note.apart": (
        "{policy}: not compared, because only one side has them: {names}",
        "{policy}：仅一方具有、不作比较：{names}",
    ),
    "compare.written": (
        "{n} pairs in {seconds} s; folder: {folder}",
        "配对重复{n}次，用时{seconds}秒；输出文件夹：{folder}",
    ),
    "compare.limit": (
        "stopped at {n} replications before every headline difference was known to the precision of auto",
        "已达{n}次重复上限，部分主要差异尚未达到 auto 的精度",
    ),
    "compare.pairs": ("pairs", "配对重复"),
    "compare.full": ("Differences, window by window", "差异，按统计期"),
    "window": ("window", "统计期"),
    # forest plot
    "forest.title": (
        "What changes under each policy, against: {base}",
        "各政策带来的变化，相比：{base}",
    ),
    "forest.foot": (
        "mean difference of {n} pairs with the same luck; lines: 95 % intervals · {foot}",
        "{n}对同运气重复的平均差异，横线为95%区间 · {foot}",
    ),
    "forest.foot.draws": (
        "mean difference over {draws} parameter draws of {n} pairs; lines: 95 % intervals, parameters included · {foot}",
        "{draws}组参数、每组{n}对重复的平均差异，横线为含参数不确定性的95%区间 · {foot}",
    ),
    "axis.points": ("percentage points", "百分点"),
    "axis.days": ("days", "天"),
    "axis.count": ("lots", "宗"),
    "axis.money": ("% of the base", "占基准的%"),
    # trade-off plot
    "tradeoff.title": (
        "What each policy gives and takes, whole horizon",
        "各政策的得与失，全部时段",
    ),
    "tradeoff.foot": (
        "bars: 95 % intervals of the difference from the base · {foot}",
        "误差线：与基准之差的95%区间 · {foot}",
    ),
}


def e(key: str, lang: str, **kw: object) -> str:
    """The words for ``key``; an unknown language or key is a mistake in the code and raises."""
    words = WORDS[key][LANGUAGES.index(lang)]
    return words.format(**kw) if kw else words
