"""Words for what explores policies (compare, sweep, sensitivity, optimise), in English and in Chinese.

As ``sim.reporting.text``: key -> (en, zh), placeholders of ``str.format``, both languages with the same ones.
"""

from __future__ import annotations

from typing import Final

from sim.locale.numbers import filled
from sim.reporting.text import LANGUAGES

WORDS: Final[dict[str, tuple[str, str]]] = {
    # differences
    "points": ("{x} points", "{x}个百分点"),
    "days": ("{x:day|days}", "{x}天"),
    "no_difference": ("not significant", "差异不显著"),
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
    "half_parameters": ("parameters", "仅参数"),
    "half": ("Monte Carlo", "仅蒙特卡洛"),
    "against": ("{policy}, against: {base}", "{policy}，相比：{base}"),
    "against.same": ("{policy}: the same scenario as {base}", "{policy}：与“{base}”参数完全相同"),
    "sentence": ("{name} {change} {interval}", "{name}{change} {interval}"),
    "sentence.not_significant": (
        "{name} {change} {interval}, not significant",
        "{name}{change} {interval}，差异不显著",
    ),
    "sentence.same": ("{name} the same in every pair", "{name}每对均相同"),
    "note.interval": (
        "[ ] 95 % interval of the mean difference over {n:pair|pairs} under common random numbers: how exactly the mean effect is computed. It says nothing of the parameters.",
        "[ ] 为{n}对公共随机数重复的平均差异的95%区间：表示平均效果算得多准，不涉及参数是否准确。",
    ),
    "note.draws": (
        "[ ] 95 % interval of the mean effect, parameters and Monte Carlo error together: {draws:draw|draws} of the parameters, {n:pair|pairs} each, evenly spread over {total} in the file.",
        "[ ] 为平均效果的95%区间，参数不确定与蒙特卡洛误差一并计入：参数抽样{draws}组，每组{n}对重复，在文件的{total}组中均匀选取。",
    ),
    "note.halves": (
        "Parameters: half-width from them alone, were every draw's effect computed exactly. Monte Carlo: half-width from its error alone; more replications narrow it. Where draws are few, the interval is wider than both together.",
        "仅参数：各组效果均准确算出时，仅由参数不确定得出的半宽；仅蒙特卡洛：仅由蒙特卡洛误差得出的半宽，增加重复次数即可缩小。抽样组数少时，区间比两者合计更宽。",
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
    "note.drawn": (
        "{policy} sets {keys}, which the draws vary: under {policy} its own value holds.",
        "{policy}设定了抽样文件中变动的参数：{keys}。{policy}取其自身的值。",
    ),
    "draws.used": (
        "{n} of {total:draw|draws} of the parameters, from {file}",
        "使用{total}组参数抽样中的{n}组，来自{file}",
    ),
    "draws.point": (
        "The scenario has draws of its parameters ({file}); it is run at its own values. sim compare compares policies over the draws.",
        "情景附有参数抽样({file})，此处按情景自身取值运行；sim compare 在抽样上比较政策。",
    ),
    "draws.over": (
        "Replication by replication under {n:draw|draws} of the parameters, the same at every point, evenly spread over {total} in {file}: "
        "results are means over the draws.",
        "各点依次在同样的{n}组参数抽样下重复，从{file}的{total}组中均匀选取；结果为各组的平均。",
    ),
    "draws.not_over": (
        "The scenario has draws of its parameters ({file}); points are run at its own values. Over the draws: --draws scenario",
        "情景附有参数抽样({file})，此处各点按情景自身取值运行；在抽样上运行：--draws scenario",
    ),
    "draws.valid": (
        "{n:draw|draws} of {keys:parameter|parameters}, all valid, from {file}: sim compare uses them",
        "{n}组参数抽样，每组{keys}个参数，均有效，来自{file}：由 sim compare 使用",
    ),
    "note.apart": (
        "{policy}: not compared, because only one side has them: {names}",
        "{policy}：仅一方具有、不作比较：{names}",
    ),
    "note.lacking": (
        "{policy}: not compared, because not every draw has them: {names}",
        "{policy}：并非每组抽样参数都有、不作比较：{names}",
    ),
    "compare.written": (
        "{n:pair|pairs} in {seconds} s; folder: {folder}",
        "配对重复{n}次，用时{seconds}秒；输出文件夹：{folder}",
    ),
    "compare.limit": (
        "stopped at {n:replication|replications} before every headline difference was known to the precision of auto",
        "已达{n}次重复上限，部分主要差异尚未达到 auto 的精度",
    ),
    "compare.pairs": ("pairs", "配对重复"),
    "compare.opened": (
        "going on: {n:run|runs} of an earlier go that was stopped: in {folder}",
        "继续：上次中断前完成的{n}次运行在{folder}",
    ),
    "compare.stopped": (
        "stopped: {why}. {n:run is|runs are} finished and kept in {folder}; go on with: the same command",
        "已停止：{why}。已完成的{n}次运行保存在{folder}；继续运行：同一条命令",
    ),
    "compare.ended": ("stopped: {why}. No run was finished", "已停止：{why}。没有完成任何运行"),
    "compare.progress": (
        "{done} of {total:pair|pairs} done, about {left} left",
        "已完成{done}/{total}次配对重复，约剩{left}",
    ),
    "compare.progress.auto": ("{done:pair|pairs} done", "已完成{done}次配对重复"),
    "compare.full": ("Differences, window by window", "差异，按统计期"),
    "window": ("window", "统计期"),
    # forest plot
    "forest.title": (
        "What changes under each policy, against: {base}",
        "各政策带来的变化，相比：{base}",
    ),
    "forest.foot": (
        "mean difference of {n:pair|pairs} under common random numbers; lines: 95 % intervals, Monte Carlo error only · {foot}",
        "{n}对公共随机数重复的平均差异，横线为95%区间，仅含蒙特卡洛误差 · {foot}",
    ),
    "forest.foot.draws": (
        "mean difference over {draws:parameter draw|parameter draws} of {n:pair|pairs}; lines: 95 % intervals, parameters and Monte Carlo error · {foot}",
        "{draws}组参数、每组{n}对重复的平均差异，横线为95%区间，含参数不确定与蒙特卡洛误差 · {foot}",
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
    # sweep
    "sweep.lines": ("What {parameter} changes, {window}", "{parameter}的影响，{window}"),
    "sweep.lines.foot": (
        "points: means; bands: 95 % intervals of the mean. All points share their luck: differences are known better than bands suggest · {foot}",
        "点为均值，色带为均值的95%区间；各点运气相同，点间差异比色带所示更准 · {foot}",
    ),
    "sweep.heat": ("Two parameters together, {window}", "两个参数的共同影响，{window}"),
    "sweep.heat.foot": (
        "cells: means; all points share their luck · {foot}",
        "格内为均值，各点运气相同 · {foot}",
    ),
    "sweep.clouds": ("What each parameter changes, {window}", "各参数的影响，{window}"),
    "sweep.clouds.foot": (
        "blue: a point of the design; orange: mean of points alike in that parameter · {foot}",
        "蓝点为设计点，橙线为该参数相近各点的均值 · {foot}",
    ),
    "sweep.made": (
        "{points:point|points}, {replications:replication|replications} each: {runs:run|runs}, {chunks:chunk|chunks} of up to {size}",
        "设计点{points}个，每点重复{replications}次，共{runs}次运行，分{chunks}块，每块至多{size}次",
    ),
    "sweep.opened": ("{folder} holds this sweep already: going on with it", "{folder}已有此扫描，继续运行"),
    "sweep.progress": (
        "{done} of {runs:run|runs} done, {failed} failed, about {left} left",
        "已完成{done}/{runs}次运行，失败{failed}次，约剩{left}",
    ),
    "sweep.progress.bar": ("runs, {failed} failed", "次运行，失败{failed}次"),
    "workers.deaths": (
        "worker processes died {n:time|times}; what they were doing was done again",
        "工作进程中途退出{n}次，其任务已重做",
    ),
    "workers.lost": (
        "worker processes died {n:time|times} at the same task, the last time of {how}; try --jobs 1",
        "处理同一任务的工作进程{n}次中途退出，最后一次因 {how}；请试用 --jobs 1",
    ),
    "workers.memory": (" (for want of memory, perhaps)", "（可能内存不足）"),
    "sweep.stopped": (
        "stopped: {why}. {done} of {runs:run is|runs are} finished and kept; go on with: {again}",
        "已停止：{why}。已完成的{done}/{runs}次运行均已保存；继续运行：{again}",
    ),
    "stopped.same": ("the same command", "同一条命令"),
    "stopped.kept": (
        "stopped: {why}. All runs that are finished are kept in {folder}; go on with: {again}",
        "已停止：{why}。已完成的运行均保存在{folder}；继续运行：{again}",
    ),
    "sweep.done": (
        "all {runs:run is|runs are} done; folder: {folder}",
        "全部{runs}次运行已完成；文件夹：{folder}",
    ),
    "sweep.part": (
        "this part is done; of the whole, {missing:chunk is|chunks are} missing; folder: {folder}",
        "本分片已完成；全部尚缺{missing}块；文件夹：{folder}",
    ),
    "sweep.failed": (
        "{n:run|runs} failed. Why: sim sweep status {folder}; again: sim sweep retry-failed {folder}",
        "{n}次运行失败。原因见 sim sweep status {folder}；重做：sim sweep retry-failed {folder}",
    ),
    "sweep.status": (
        "{folder}: {points:point|points}, {replications:replication|replications} each; {done} of {runs:run|runs} finished, {failed} of them failed; {missing:chunk|chunks} missing, {damaged} damaged",
        "{folder}：设计点{points}个，每点重复{replications}次；已完成{done}/{runs}次运行，其中失败{failed}次；缺{missing}块，损坏{damaged}块",
    ),
    "sweep.reason": ("{n:time|times}: {what} (first: {where})", "{n}次：{what}(首见于{where})"),
    "sweep.nothing": ("nothing is missing", "没有缺失的运行"),
    "sweep.no_failures": ("no run has failed", "没有失败的运行"),
    "sweep.aside": (
        "{n:damaged file was|damaged files were} moved to {folder}/damaged; what was in there was run again",
        "{n}个损坏文件已移至{folder}/damaged，其内容已重新运行",
    ),
    "sweep.large": (
        "results are large: join them with `sim sweep compact {folder}` when you want them",
        "结果较大，需要时用 sim sweep compact {folder} 合并",
    ),
    "sweep.force": ("gone on with although this has changed: {what}", "以下内容已改变，仍按要求继续：{what}"),
    # sensitivity
    "axis.plain": ("in the unit of the measure", "指标单位"),
    "sensitivity.yuan": ("yuan", "元"),
    "sensitivity.share": ("share of the variance", "占方差的份额"),
    "sensitivity.parameter": ("parameter", "参数"),
    "sensitivity.made": ("{points:point|points}, {runs:run|runs}", "设计点{points}个，共{runs}次运行"),
    "sensitivity.size": ("change, size (mu*)", "变化幅度 μ*"),
    "sensitivity.signed": ("signed (mu)", "带符号 μ"),
    "sensitivity.spread": ("spread (sigma)", "离散 σ"),
    "sensitivity.total": ("alone and with others (ST)", "总效应(ST)"),
    "sensitivity.first": ("alone (S1)", "主效应(S1)"),
    "sensitivity.interval": ("95 % interval (bootstrap)", "95%区间(自助法)"),
    "sensitivity.up": ("raises the measure", "使指标上升"),
    "sensitivity.down": ("lowers the measure", "使指标下降"),
    "sensitivity.morris": (
        "Which parameters move the measures: Morris' screening, {window}",
        "哪些参数影响指标：Morris筛选，{window}",
    ),
    "sensitivity.sobol": (
        "Where the variance comes from: Sobol's indices, {window}",
        "方差从何而来：Sobol指数，{window}",
    ),
    "sensitivity.morris.foot": (
        "bars: mean size of the change over the parameter's whole range (mu*) · {foot}",
        "条形为参数走完其全部范围时指标的平均变化幅度(μ*) · {foot}",
    ),
    "sensitivity.sobol.foot": (
        "bars: share of variance that a parameter has a part in (ST); dots: alone (S1) · {foot}",
        "条形为参数参与的方差份额(ST)，圆点为其单独的份额(S1) · {foot}",
    ),
    "sensitivity.morris.note": (
        "mu*: mean size of the change of the measure when the parameter goes through its whole range (values without an order: from one to another); sigma: how much that depends on the other parameters; [ ] 95 % by bootstrap over trajectories. Every point on the same {n:replication|replications}.",
        "μ*：参数走完其全部范围时指标的平均变化幅度(取值无次序的参数：由一个取值变为另一个时)；σ：该变化随其他参数而异的程度；[ ] 为对轨迹自助抽样的95%区间。各点使用相同的{n}次重复。",
    ),
    "sensitivity.sobol.note": (
        "ST: share of the variance that the parameter has a part in; S1: by itself; [ ] 95 % by bootstrap. Every point on the same {n:replication|replications}.",
        "ST：参数参与的方差份额；S1：其单独的份额；[ ] 为自助法95%区间。各点使用相同的{n}次重复。",
    ),
    "sensitivity.most": (
        "{measure}: most of all {parameter}; {n} of {all:parameter|parameters} with at least a twentieth of its effect",
        "{measure}：影响最大的是{parameter}；{all}个参数中{n}个的影响不低于其二十分之一",
    ),
    "sensitivity.none": ("{measure}: no parameter is seen to move it", "{measure}：未见任何参数有影响"),
    # optimise
    "optimise.step": ("{name}: {points:point|points}, {runs:run|runs}", "{name}：{points}个点，{runs}次运行"),
    "optimise.failed": (
        "left out: {n:run that failed|runs that failed}; why: sim sweep status {folder}/search-0 (and the other steps)",
        "{n}次运行失败，未计入；原因见 sim sweep status {folder}/search-0 (及其余各步)",
    ),
    "optimise.answer": (
        "{n:policy|policies} on the front, of {tried} tried, with {runs:run|runs}",
        "试过{tried}个政策，共{runs}次运行，其中{n}个位于前沿",
    ),
    "optimise.alike": (
        "Not to be told apart (no goal differs beyond its interval): {pairs}",
        "无法区分(各目标的差异均未超出区间)：{pairs}",
    ),
    "optimise.all_apart": (
        "Each of them differs from every other, and from the base, in at least one goal.",
        "前沿上的政策两两之间、与基准之间均至少有一个目标可以区分。",
    ),
    "optimise.note": (
        "Under each value: difference from the base and its 95 % interval, from {n:fresh replication|fresh replications} with the same luck. Sure: share of bootstrap samples in which the policy is on the front. *: not allowed by today's law.",
        "各值下方为与基准的差异及95%区间，用搜索未用过的{n}次同运气重复得出。把握：自助抽样中该政策位于前沿的比例。*：现行规定不允许。",
    ),
    "optimise.over": (
        "Chosen on the mean over draws of the parameters: {first:draw|draws} in the search, {n} in what is shown, each with fresh replications.",
        "按参数抽样的平均选取：搜索用{first}组抽样，所列结果用{n}组，各用新的重复。",
    ),
    "optimise.try": (
        "Each is a policy file: sim compare {base} {file}",
        "每个政策均已存为文件：sim compare {base} {file}",
    ),
    "optimise.share": ("sure", "把握"),
    "optimise.title": (
        "{n:policy|policies} that no other of {tried} tried beats, {window}",
        "试过的{tried}个政策中，{n}个未被任何其他政策超过，{window}",
    ),
    "optimise.foot": (
        "arrows: the better direction; bars: 95 % intervals of the difference from the base · {foot}",
        "箭头指向更优方向，误差线为与基准之差的95%区间 · {foot}",
    ),
    "optimise.tried": ("tried and left", "试过后放弃"),
    "optimise.settled": ("run again", "复核"),
    "optimise.front": ("on the front", "前沿"),
    "optimise.base": ("base", "基准"),
}


def e(key: str, lang: str, **kw: object) -> str:
    """The words for ``key``; an unknown language or key is a mistake in the code and raises."""
    words = WORDS[key][LANGUAGES.index(lang)]
    return filled(words, **kw) if kw else words
