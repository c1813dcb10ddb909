"""Words of the report and of what the terminal says of it, English and Chinese: key -> (en, zh)."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    # names
    "outcome.sold_first": ("lots sold at the first auction", "一拍成交率"),
    "outcome.sold_ever": ("lots sold", "最终成交率"),
    "outcome.recovery_all": ("recovery of all lots", "全部标的物变现率"),
    "outcome.days_to_sale": ("days to a sale", "成交用时"),
    "unit.points": ("{x} points", "{x}个百分点"),
    "unit.days": ("{x} days", "{x}天"),
    "policy.cut": ("a price cut of {share} % after the first failed auction", "首次拍卖流拍后降价{share}%"),
    "policy.cut.none": ("no cut", "不降价"),
    "policy.start": ("a first start at {share} % of the reference price", "首拍起拍价为参考价的{share}%"),
    "evidence.figures": ("figures alone", "只用公布值"),
    "evidence.evidence": ("with evidence", "加外部证据"),
    "evidence.doubled": ("errors doubled", "证据误差加倍"),
    "evidence.prior": ("prior", "先验"),
    "evidence.narrow": ("prior ranges halved", "先验范围减半"),
    "evidence.wide": ("prior ranges doubled", "先验范围加倍"),
    "evidence.historic": ("had the province cut by {share} % so far", "若全省此前降价{share}%"),
    "evidence.historic.none": ("had the province not cut so far", "若全省此前不降价"),
    "measure.sold": ("share of sales at the {round}", "{round}成交占比"),
    "measure.hazard": ("chance of a sale at the {round}", "{round}成交率"),
    "basis.event": ("concluded in the period", "当期口径"),
    "basis.cohort": ("listed in the period", "批次口径"),
    "role.fit": ("to be met", "应拟合"),
    "role.input": ("input", "输入"),
    "role.held_out": ("held out", "留作检验"),
    "role.unused": ("not used", "不用"),
    "role.assumed": ("assumed", "假设"),
    "join": ("; ", "；"),
    "list": (", ", "、"),
    "colon": (": ", "："),
    # page one
    "kind": ("Calibration report", "校准报告"),
    "question.cut": (
        "What does a price cut of {share} % after the first failed auction do?",
        "首次拍卖流拍后降价{share}%，会怎样？",
    ),
    "question.start": (
        "What does a first start at {share} % of the reference price do?",
        "首拍起拍价定为参考价的{share}%，会怎样？",
    ),
    "question.none": (
        "Which parameters are consistent with the published figures?",
        "哪些参数与公布值相符？",
    ),
    "answer": (
        "Compared with {reference}, {policy} changes the share of lots sold by {sold_ever}, recovery of all lots by {recovery_all} and the days to a sale by {days_to_sale}. Brackets: 95 % posterior intervals.",
        "与{reference}相比，{policy}使最终成交率变化{sold_ever}，全部标的物变现率变化{recovery_all}，成交用时变化{days_to_sale}。方括号为95%后验区间。",
    ),
    "answer.refused": (
        "No answer can be given: the draws fail the diagnostics ({why}). More draws are needed, or another model.",
        "无法给出答案：抽样未通过诊断（{why}）。需增加抽样，或更换模型。",
    ),
    "answer.enveloped": (
        "The interval is the envelope over interpretations of the figures: their weights move by up to {move} with the priors' ranges.",
        "区间取各口径的包络：口径的权重随先验范围最多变动{move}。",
    ),
    "short": ("In short", "结论"),
    "short.title": ("The change, given three bodies of evidence", "政策带来的变化：三种证据下的结果"),
    "short.refused": ("No answer: the draws are refused", "没有答案：抽样不予采用"),
    "short.title.one": ("The change", "政策带来的变化"),
    "short.caption": (
        "Median and 95 % posterior interval of the change, over all interpretations; line: no change. {given}Lots sold: of all lots listed, however long it takes. Recovery: turnover over the reference prices of all lots, unsold ones included.",
        "变化的中位数与95%后验区间，各口径合并；竖线为无变化。{given}最终成交率以全部上拍标的物为分母，不论用时多久；变现率为成交金额除以全部标的物参考价，含未成交者。",
    ),
    "short.given": (
        "Given the published figures alone; with evidence on bidders from elsewhere; with that evidence's errors doubled. ",
        "依次为：只用公布值；加上外地关于竞买人的证据；证据误差加倍。",
    ),
    "short.none": ("The targets file asks about no policy.", "目标文件没有提出政策问题。"),
    "short.alone": (
        "The answers from the published figures alone and with doubled errors were not computed (--no-variants).",
        "未计算只用公布值与证据误差加倍两种结果（--no-variants）。",
    ),
    "row.refused": ("{name}: refused", "{name}：不予采用"),
    "met.title": (
        "{inside} of {all} published figures that the model must produce lie in its 95 % predictive band",
        "模型应得出的{all}项公布值中，{inside}项落在其95%预测区间内",
    ),
    "met.counts": (
        "Besides these, inputs: {inputs}; not meant to be met: {others}.",
        "另有{inputs}项为输入，{others}项不要求拟合。",
    ),
    "met.cannot": (
        "{number} more cannot fail, for the band spans more than a factor of five, and are not counted.",
        "另有{number}项不可能不落入（区间跨度超过五倍），不计入。",
    ),
    "met.caption": (
        "Model ÷ published value, 95 % predictive band of the posterior draws, before any polishing; premiums as 1 + premium; line: as published.",
        "模型值÷公布值，后验抽样（修匀之前）的95%预测区间；溢价率取1+溢价率；竖线为公布值。",
    ),
    "met.key.inside": ("inside", "落入"),
    "met.key.outside": ("outside", "未落入"),
    "met.key.cannot": ("inside, but cannot fail", "落入，但不可能不落入"),
    "met.key.not": ("not meant to be met", "不要求拟合"),
    "met.input": ("{figure} {published} · input", "{figure} {published}·输入"),
    "met.row": ("{figure} {published}", "{figure} {published}"),
    "met.not": ("{figure} {published} · {mark}", "{figure} {published}·{mark}"),
    "met.why": ("{mark} {window} {figure}: {why}", "{mark} {window}{figure}：{why}"),
    "unknown": ("What is not known", "尚不可知"),
    "unknown.sign": (
        "Whether {outcome} would rise or fall: the probability of a fall is {below}.",
        "{outcome}是升是降：下降的概率为{below}。",
    ),
    "unknown.construction": (
        "That fewer lots might be sold: nobody in this model waits for the cut, so it excludes that by assumption.",
        "成交会不会反而减少：模型中无人观望待降，这是假设所致。",
    ),
    "unknown.interpretation": (
        "How the court counts: the likeliest interpretation has a weight of {weight} ({name}).",
        "法院的统计口径：最可能的口径权重为{weight}（{name}）。",
    ),
    "unknown.outside": ("Why {figures} lies outside the model's band.", "{figures}为何落在模型区间之外。"),
    "unknown.historic": (
        "What the province's own cut was; 20 % is assumed. With {share} % the change in lots sold would be {change}; with none {none}.",
        "全省原有的降价幅度，假设为20%。若为{share}%，最终成交率变化{change}；若不降价，变化{none}。",
    ),
    "unknown.model": (
        "Whether the model is right. How far it may be off at its best is assumed ({source}).",
        "模型是否正确。其最好情形下的偏差为假设（{source}）。",
    ),
    "asking": ("What to ask the court for", "可向法院索取的数据"),
    "asking.row": (
        "{name}: the interval of lots sold would be {left} as wide.",
        "{name}：最终成交率变化的区间将缩至现在的{left}。",
    ),
    "asking.trial": (
        "Or a trial: {courts} courts drawn by lot, {months} months, half of them with the cut: an interval {width} wide, today {today}.",
        "或做试点：抽签选{courts}家法院，为期{months}个月，半数降价：区间宽{width}，现为{today}。",
    ),
    "asking.none": ("Not computed, or the draws are refused.", "未计算，或抽样不予采用。"),
    # fit
    "fit": ("Fit", "拟合"),
    "fit.lead": (
        "Each figure under the measure it stands for in the likeliest interpretation. Quantile: where the published value lies in the predictive distribution of the draws; near 0 or 1 it is hard to explain. A figure whose band spans more than a factor of five cannot fail: that it is met says nothing.",
        "各项按最可能口径所指的指标。分位：公布值在抽样预测分布中的位置，接近0或1即难以解释。区间跨度超过五倍的不可能不落入，落入也不说明问题。",
    ),
    "fit.caption": (
        "Published and predicted figures [95 % of the predictive distribution]",
        "公布值与预测值[预测分布的95%]",
    ),
    "fit.others": ("Figures that the model is not asked to meet", "不要求模型拟合的数字"),
    "fit.construction": (
        "The scenario that is written with the report is polished in the simulator until these figures lie in their bands. That it meets them is construction, not evidence; evidence is the quantiles above and the scores of what was held out.",
        "随报告写出的情景在模拟器中修匀，直到这些数字落在区间之内。其相符是构造所得，不是证据；证据是上表的分位与留出事实的得分。",
    ),
    "fit.polished": (
        "After polishing, {inside} of {all} of these figures that can be missed lie in the 95 % band of the simulator's replications.",
        "修匀之后，可能不符的{all}项中{inside}项落在模拟重复的95%范围内。",
    ),
    "fit.refused": (
        "No scenario was written: the representative, polished in the simulator, is refused ({why}).",
        "未写出情景：在模拟器中修匀的代表点不予采用（{why}）。",
    ),
    "fit.unpolished": (
        "No representative was sought, and no calibrated scenario written.",
        "未求代表点，也未写出校准后的情景。",
    ),
    "refused.figures": ("it does not meet the published figures", "与公布值不符"),
    "refused.density": (
        "it lies outside the 90 % highest-density region of its interpretation",
        "落在其口径的90%最高密度区之外",
    ),
    "refused.effects": (
        "its policy effects lie outside the posterior's central half",
        "其政策效果落在后验的中间一半之外",
    ),
    "verdict.inside": ("inside", "落入"),
    "verdict.outside": ("outside", "未落入"),
    "verdict.cannot": ("inside; cannot fail", "落入；不可能不落入"),
    # parameters
    "parameters": ("Parameters", "参数"),
    "parameters.title": (
        "{narrowed} of {all} parameters are known to half the prior's spread or better",
        "{all}个参数中，{narrowed}个的后验离散不超过先验的一半",
    ),
    "parameters.lead": (
        "Spread left: posterior over prior standard deviation, on the scale of sampling. An end marked as binding holds three times as many draws in its outermost twentieth as the prior: there the assumed range, not the evidence, ends the posterior.",
        "剩余离散：后验与先验标准差之比（按抽样尺度）。标为“触界”的一端，其最外二十分之一范围内的抽样达到先验的三倍：该处是假定范围而非证据限定了后验。",
    ),
    "parameters.more": (
        "{parameters} parameters, {figures} figures to fit them to: of at least {least} only the prior and the evidence speak.",
        "参数{parameters}个，拟合的公布值{figures}项：至少{least}个参数只由先验与外部证据决定。",
    ),
    "parameters.figure": (
        "Where in its prior each parameter lies: median and 95 % of the posterior; the whole axis is the prior, half of it on either side of the line.",
        "各参数在先验中的位置：后验中位数与95%区间；整条轴为先验，竖线两侧各占一半。",
    ),
    "parameters.caption": ("Parameters, prior to posterior [95 %]", "参数：先验到后验[95%]"),
    "end.low": ("lower end binds", "下端触界"),
    "end.high": ("upper end binds", "上端触界"),
    "end.both": ("both ends bind", "两端触界"),
    # evidence
    "facts": ("Evidence", "证据"),
    "facts.title": (
        "{number} facts from elsewhere, and what each does to the answer",
        "{number}项外地事实及其对答案的影响",
    ),
    "facts.none": ("The targets file names no evidence.", "目标文件没有列出外部证据。"),
    "facts.lead": (
        "A fact is compared at the conditions under which it was observed, with the market of this place, and with two errors: its own, and one of carrying it over, shared by all facts of a measure. Predicted: by everything fitted but the fact itself. At this place's rules: what the model says of the same measure at this place's own starts and cuts.",
        "事实在其观测条件下、以本地市场作比较，计两种误差：自身误差，与移用到本地的误差（同一指标的事实共有）。预测：由除该事实之外的全部拟合内容得出。按本地规则：同一指标在本地起拍价与降价幅度下的模型值。",
    ),
    "facts.caption": (
        "Facts used, and what the rest predicts of them [95 %]",
        "所用事实与其余内容的预测[95%]",
    ),
    "facts.figure": (
        "Square: fact with its two errors (95 %); dot: what the rest predicts of it, errors included.",
        "方块：事实及其两种误差（95%）；圆点：其余内容对它的预测，含误差。",
    ),
    "facts.pull": (
        "Pull: how far the change in lots sold would move without the fact or the figure, in points; quantile: where it lies in what all the others predict of it",
        "牵引：去掉该事实或数字后最终成交率变化的移动（百分点）；分位：其在其余内容预测中的位置",
    ),
    "facts.against": (
        "Pulling against the rest (outermost 5 %): {names}.",
        "与其余内容相抵者（最外5%）：{names}。",
    ),
    "facts.agree": (
        "None lies in the outermost 5 % of what the others predict of it.",
        "没有一项落在其余内容预测的最外5%。",
    ),
    "key.fact": ("fact", "事实"),
    "key.predicted": ("predicted by the rest", "其余内容的预测"),
    "kind.figure": ("published figure", "公布值"),
    "kind.fact": ("fact", "事实"),
    "use.fit": ("fitted", "拟合"),
    "use.held_out": ("held out", "留出"),
    # interpretations
    "interpretations": ("Interpretations", "口径"),
    "interpretations.title": (
        "{alive} of {all} interpretations have a weight of 5 % or more",
        "{all}种口径中，{alive}种的权重不低于5%",
    ),
    "interpretations.lead": (
        "Weight: prior weight times marginal likelihood of the same published numbers, all constants and Jacobians counted. Halved, doubled: the same with the priors' ranges half and twice as wide on the scale of sampling.",
        "权重：先验权重乘以同一组公布值的边际似然，常数与雅可比项均计入。减半、加倍：先验范围（抽样尺度）减半与加倍时的权重。",
    ),
    "interpretations.moves": (
        "The largest move of a weight is {move}. From 0.2 on the answer is the envelope over interpretations: {envelope}.",
        "权重最大变动为{move}。超过0.2时答案取各口径的包络：{envelope}。",
    ),
    "interpretations.still": (
        "Weights under other prior ranges were not computed (--no-variants).",
        "未计算其他先验范围下的权重（--no-variants）。",
    ),
    "envelope.yes": ("it is", "本次如此"),
    "envelope.no": ("it is not", "本次并非如此"),
    "interpretations.caption": (
        "Interpretations, their weights, and the change in lots sold under each [95 %]",
        "各口径、权重，及各口径下最终成交率的变化[95%]",
    ),
    "interpretations.excluded": (
        "Excluded by the published figures themselves: {names}.",
        "公布值自身已排除：{names}。",
    ),
    "interpretations.far": (
        "{number} more were not sampled: they come nowhere near the figures, and their weight would be nothing.",
        "另有{number}种口径与公布值相去甚远，权重可忽略，未予抽样。",
    ),
    # scores
    "scores": ("Held out", "留出检验"),
    "scores.title": (
        "{inside} of {all} facts and figures that were not fitted lie in the predicted 95 %",
        "未参与拟合的{all}项事实与数字中，{inside}项落在预测的95%区间内",
    ),
    "scores.none": ("Nothing was held out.", "没有留出任何内容。"),
    "scores.lead": (
        "Predicted before they were looked at, by everything that was fitted. z: normal score of the quantile; beyond ±2 the model or the error is wrong.",
        "由全部拟合内容事先预测。z：分位的正态得分；超过±2说明模型或误差有误。",
    ),
    "scores.caption": ("Scores of what was held out", "留出内容的得分"),
    # what would settle it
    "settle": ("Ask for this", "索取哪些数据"),
    "settle.title": (
        "What would narrow the answer most: {name}",
        "最能缩小答案区间的是：{name}",
    ),
    "settle.title.none": ("What would settle it", "怎样才能定论"),
    "settle.none": ("Not computed, or the draws are refused.", "未计算，或抽样不予采用。"),
    "settle.lead": (
        "Were the court to report the quantity, with the sampling error that it has at this court's counts, the posterior would narrow. Width left: of the 95 % interval of each change, on average over what may be reported.",
        "若法院公布该量（按其件数计抽样误差），后验将收窄。剩余宽度：各变化的95%区间，对可能公布的结果取平均。",
    ),
    "settle.figure": (
        "Width of the 95 % interval of the change in lots sold that would be left; line: today.",
        "最终成交率变化的95%区间剩余宽度；竖线为现在。",
    ),
    "settle.caption": ("What knowing each quantity would leave of the intervals", "得知各量后区间的剩余宽度"),
    "trial.caption": (
        "A trial: so many courts drawn by lot, half of them with the cut: width of the 95 % interval of the change in lots sold that it would leave, with what is known already; courts differ by an assumed sd of {spread} of the logit of that share",
        "试点：抽签选取若干法院，半数降价：试点之后最终成交率变化的95%区间宽度，计入已有知识；法院之间该比率的对数几率标准差假设为{spread}",
    ),
    # diagnostics
    "diagnostics": ("Diagnostics", "诊断"),
    "diagnostics.passed": ("The draws pass every diagnostic", "抽样通过全部诊断"),
    "diagnostics.refused": ("The draws are refused: {why}", "抽样不予采用：{why}"),
    "diagnostics.lead": (
        "Ensembles of walkers that start apart, for each interpretation. Required of every interpretation with a weight of 5 % or more: R-hat below 1.01 over the ensembles (rank-normalised; Vehtari et al. 2021), at least 400 effective draws in the bulk and in the tails.",
        "对每种口径用多个彼此分开起步的系综抽样。权重不低于5%的口径均须满足：系综间R-hat小于1.01（秩正态化；Vehtari等2021），主体与尾部有效样本均不少于400。",
    ),
    "variants.caption": (
        "The same for the answers under other evidence and other priors",
        "其他证据与其他先验下的后验诊断",
    ),
    "diagnostics.caption": (
        "The posterior that is answered with, interpretation by interpretation",
        "答案所用的后验：各口径的诊断",
    ),
    "good": ("passed", "通过"),
    "bad": ("refused", "不予采用"),
    "light": ("weight below 5 %, not required", "权重低于5%，不要求"),
    # reproduction
    "again.effort.head": ("effort", "计算量"),
    "again.effort": (
        "{name}; {ensembles} ensembles, {evaluations} evaluations of the likelihood, {draws} draws of the answer",
        "{name}；系综{ensembles}个，似然求值{evaluations}次，答案用抽样{draws}个",
    ),
    "again.moved.head": ("other random numbers of the simulated totals", "模拟合计换用其他随机数"),
    "again.moved": (
        "the ends of the answer move by {ends} of its standard deviations (allowed: {good})",
        "答案区间两端移动{ends}个标准差（允许：{good}）",
    ),
    "again.time.head": ("seconds by step (kept steps take none)", "各步秒数（已存者不计）"),
    "again.evidence": ("evidence {name}", "证据文件{name}"),
    "step.listings": ("listing times", "上拍时间"),
    "step.nearest": ("interpretations compared", "口径初筛"),
    "step.representative": ("representative", "代表点"),
    "step.forecasts": ("predictions", "预测"),
    "step.settle": ("what would settle it", "怎样才能定论"),
    "step.answers": ("policy answers", "政策答案"),
    "step.seeds": ("other random numbers", "换用随机数"),
    "step.told": ("predictions, and what would settle the answer", "预测与定论所需"),
    "effort.full": ("full", "完整"),
    "effort.quick": ("quick: fewer draws, larger Monte Carlo error", "快速：抽样较少，模拟误差较大"),
    # columns
    "col.window": ("Period", "统计期"),
    "col.figure": ("Figure", "数字"),
    "col.measure": ("Stands for", "所指指标"),
    "col.published": ("Published", "公布值"),
    "col.model": ("Model [95 %]", "模型[95%]"),
    "col.quantile": ("Quantile", "分位"),
    "col.verdict": ("", ""),
    "col.role": ("Use", "用途"),
    "col.reason": ("Reason", "原因"),
    "col.parameter": ("Parameter", "参数"),
    "col.prior": ("Prior [95 %]", "先验[95%]"),
    "col.posterior": ("Posterior [95 %]", "后验[95%]"),
    "col.left": ("Spread left", "剩余离散"),
    "col.ends": ("Range", "范围"),
    "col.source": ("Source of the prior", "先验依据"),
    "col.fact": ("Fact", "事实"),
    "col.value": ("Value", "数值"),
    "col.predicted": ("Predicted [95 %]", "预测[95%]"),
    "col.here": ("At this place's rules", "按本地规则"),
    "col.at": ("At its conditions", "按其条件"),
    "col.use": ("Use", "用途"),
    "col.z": ("z", "z"),
    "col.item": ("Fact or figure", "事实或数字"),
    "col.kind": ("Kind", "类别"),
    "col.pull": ("Pull", "牵引"),
    "col.draws": ("Draws behind it", "有效抽样"),
    "col.interpretation": ("Interpretation", "口径"),
    "col.prior_weight": ("Prior", "先验"),
    "col.weight": ("Weight", "权重"),
    "col.narrow": ("Halved", "减半"),
    "col.wide": ("Doubled", "加倍"),
    "col.alone": ("Figures alone", "只用公布值"),
    "col.effect": ("Lots sold, points", "最终成交率（百分点）"),
    "col.quantity": ("Quantity", "量"),
    "col.today": ("Today ± sd", "现知（标准差）"),
    "col.after": ("After", "得知后"),
    "col.width": ("Width left: {outcome}", "剩余宽度：{outcome}"),
    "col.courts": ("Courts", "法院数"),
    "col.months": ("Months", "月数"),
    "col.lots": ("Lots", "标的物"),
    "col.interval": ("Interval, points", "区间宽（百分点）"),
    "col.evidence": ("Given", "依据"),
    "col.ensembles": ("Ensembles", "系综"),
    "col.bulk": ("Effective draws", "有效样本"),
    "col.tail": ("Least tail", "尾部最少"),
    "col.rhat": ("R-hat", "R-hat"),
    "col.accepted": ("Accepted", "接受率"),
    "col.marginal_sd": ("sd of ln marginal", "对数边际似然标准差"),
    # terminal
    "line.answer": ("{outcome}: {change}", "{outcome}：{change}"),
    "line.question": (
        "{policy}, against {reference} (median [95 % posterior interval]):",
        "{policy}，与{reference}相比（中位数[95%后验区间]）：",
    ),
    "line.met": ("Figures: {met}. {counts}", "数字：{met}。{counts}"),
}


def w(key: str, lang: str, **kw: object) -> str:
    """The words for ``key``; an unknown key is a mistake in the code and raises."""
    words = WORDS[key][lang == "zh"]
    return words.format(**kw) if kw else words
