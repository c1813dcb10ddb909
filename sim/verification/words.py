"""Words of the verification, in English and in Chinese: key -> (en, zh)."""

from __future__ import annotations

from typing import Final

from sim.locale.numbers import filled

WORDS: Final[dict[str, tuple[str, str]]] = {
    # families
    "family.a": ("one English auction", "单场增价拍卖"),
    "family.a2": ("over-dispersed interest", "关注度过离散"),
    "family.b": ("appraisal noise", "评估误差"),
    "family.c": ("rounds, returning bidders", "多轮拍卖与回头竞买人"),
    "family.c2": ("sell-off", "变卖"),
    "family.d": ("bidders who look ahead", "观望的竞买人"),
    "family.e": ("soft close", "延时竞价"),
    "family.f": ("reporting windows", "统计窗口"),
    "family.g": ("commission on lognormal prices", "对数正态价格的佣金"),
    "family.h": ("one clerk's queue", "书记员排队"),
    # quantities
    "sale": ("P(sale)", "成交概率"),
    "alone": ("P(one active bidder | sale)", "成交中独家竞买占比"),
    "active": ("active bidders per sale", "每件成交有效竞买人数"),
    "bidding": ("bidders who bid, per sale", "每件成交出价人数"),
    "price": ("E[price / market value | sale]", "成交价/市场价"),
    "premium": ("premium, mean of ratios", "溢价率(均值口径)"),
    "premium_turnover": ("premium, aggregate", "溢价率(总额口径)"),
    "rounds_held": ("rounds held per lot", "每件拍卖轮数"),
    "sale_per_round": ("sales per round held", "拍次成交率"),
    "days": ("days to sale", "成交所需天数"),
    "discounted": ("E[discounted recovery]", "折现变现率"),
    "trigger": ("day of the first bid | sale", "首次出价日"),
    "overtime": ("E[overtime], min", "平均延时(分钟)"),
    "overtime_variance": ("Var[overtime], min²", "延时方差"),
    "extensions": ("E[extensions]", "平均延时次数"),
    "no_extension": ("P(no extension)", "无延时概率"),
    "three_extensions": ("P(3 extensions or more)", "延时三次以上概率"),
    "listed": ("listed / expected", "上拍数/期望值"),
    "resolved_any": ("resolved, any vintage / listed", "期内了结(不论批次)/上拍"),
    "resolved_own": ("resolved, own cohort / listed", "期内了结(本批次)/上拍"),
    "sale_any": ("sold among resolved, any vintage", "了结中成交占比(不论批次)"),
    "sale_own": ("sold among resolved, own cohort", "了结中成交占比(本批次)"),
    "commission": ("commission per sale, yuan", "每件成交佣金(元)"),
    "commission_share": ("commission / turnover", "佣金/成交额"),
    "below_limit": ("E[min(price, 2 M)], yuan", "E[min(成交价,200万)](元)"),
    "wait": ("days a lot waits for the clerk", "等待书记员天数"),
    "wait_variance": ("Var[wait], days²", "等待天数方差"),
    "no_wait": ("P(no wait)", "无等待概率"),
    "bidding_less_waiting": ("bidding less waiting, at the cutoff", "临界者:参拍减观望"),
    "sold_1": ("P(sold in round 1)", "首拍成交概率"),
    "alone_at": ("one active bidder | sold, round {n}", "第{n}拍成交中独家竞买占比"),
    "sold_by": ("P(sold by round {n})", "第{n}拍前成交概率"),
    "price_at": ("price / market value, round {n}", "第{n}拍成交价/市场价"),
    # table
    "family": ("family", "类别"),
    "case": ("case", "算例"),
    "quantity": ("quantity", "统计量"),
    "exact": ("exact", "精确值"),
    "simulated": ("simulated", "模拟值"),
    "error": ("s.e.", "标准误"),
    "z": ("z", "z值"),
    "cases": ("cases", "算例数"),
    "quantities": ("z", "z值数"),
    "highest": ("max |z|", "最大|z|"),
    "above": ("|z| > 2", "|z|>2占比"),
    "squares": ("chi²", "χ²"),
    "p": ("p", "p值"),
    "drift": ("drift", "偏移"),
    "verdict": ("verdict", "结论"),
    "passed": ("pass", "通过"),
    "failed": ("FAIL", "未通过"),
    "running": ("runs", "运行"),
    # reasons
    "reason.broken": ("what must never happen: {x}", "不应发生的情况：{x}"),
    "reason.highest": ("a z-score of {x}, above 4", "有z值达{x}，超过4"),
    "reason.above": ("{x} of |z| above 2, expected 4.6 %", "|z|>2的占比为{x}，应近4.6%"),
    "reason.squares": ("sum of squares {x}: improbable below 1 in 10,000", "平方和{x}：概率不足万分之一"),
    "reason.drift": ("{x}: off in the same direction in all cases", "{x}：各算例同向偏离"),
    # notes
    "all": (
        "{cases:case|cases}, {lots:auction|auctions} each at least, seed {seed}: {z:z-score|z-scores}, {bad:family fails|families fail}",
        "{cases}个算例，每例至少{lots}场拍卖，种子{seed}：{z}个z值，{bad}类未通过",
    ),
    "took": ("{seconds} s", "用时{seconds}秒"),
    "foreign": ("{path} was not written by sim verify; --force replaces it", "{path}不是sim verify所写；用--force覆盖"),
    "no_folder": ("{path}: there is no such folder", "{path}：无此目录"),
    "rare": (
        "–: rests on fewer than 50 lots, so that its estimate is not nearly normal; not judged.",
        "–：所依据的标的物不足50件，估计值不近似正态，不作判断。",
    ),
    "alarm": (
        "A right simulator is called wrong in 5 of 100 runs with a seed of one's own, at most.",
        "换种子重跑时，正确的模拟器被误判的机会至多5%。",
    ),
}  # fmt: skip


def w(key: str, lang: str, **values: object) -> str:
    """The word for ``key``."""
    return filled(WORDS[key][lang == "zh"], **values)


def quantity(name: str, lang: str) -> str:
    """What a quantity is called; a number at the end is that of a round."""
    if name in WORDS:
        return w(name, lang)
    stem, _, number = name.rpartition("_")
    return w({"sold_by": "sold_by", "price": "price_at", "alone": "alone_at"}[stem], lang, n=number)
