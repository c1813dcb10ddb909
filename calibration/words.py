"""Words of calibration's output, English and Chinese: key -> (en, zh)."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    # audit
    "audit": ("Audit", "数字核查"),
    "audit.title": ("Audit of printed figures: {title}", "公布数字核查:{title}"),
    "audit.caption": ("What the printed figures say about each other", "公布数字之间的相互印证"),
    "audit.lead": (
        "Arithmetic on the printed figures alone; no model has been asked yet.",
        "仅对公布数字作算术核对,尚未使用任何模型。",
    ),
    "audit.all": ("all", "各期"),
    "audit.window": ("Window", "统计期"),
    "audit.figure": ("Figure", "指标"),
    "audit.says": ("What follows", "由此可知"),
    "audit.verdict": ("Verdict", "结论"),
    "audit.summary": (
        "{all} findings: {against} contradictions, {possible} that hold under a condition, {consistent} in order, {implied} that only tell something",
        "共{all}项:矛盾{against}项,有条件成立{possible}项,相符{consistent}项,其余{implied}项为推知",
    ),
    "audit.written": ("written: {files}", "已写入:{files}"),
    # names
    "basis.event": ("by event", "当期"),
    "basis.cohort": ("by listing cohort", "批次"),
    "moment.ended": ("lots in the rate's denominator", "成交率分母件数"),
    "role.fit": ("fitted", "拟合"),
    "role.input": ("input", "输入"),
    "role.held_out": ("held out", "留作检验"),
    "role.unused": ("not used", "不用"),
    "role.assumed": ("assumed", "假设"),
    "independent.alone": ("on its own", "独立"),
    "independent.joint": ("jointly with the window's other aggregates", "与同期其他总额类指标联合"),
    "struck": (" (ruled out by print)", "(公布值已排除)"),
    "ruled_out": ("ruled out", "已排除"),
    "not_ruled_out": ("not ruled out", "未排除"),
    "reference": ("reference", "参照"),
    "se.none": ("not identified", "不可识别"),
    "where.own": ("scenario as it stands", "情景原值"),
    "where.best": ("at the estimate", "估计值处"),
    "outcome.sold_first": ("sold at the first auction", "一拍成交率"),
    "outcome.sold_ever": ("sold at all", "最终成交率"),
    "outcome.recovery_all": ("recovery, unsold lots included", "变现率(含流拍)"),
    "outcome.days_to_sale": ("days to sale", "成交用时(天)"),
    "policy.cut.none": ("no reduction after the first failed auction", "一拍流拍后不降价"),
    "policy.cut": ("{share} % off after the first failed auction", "一拍流拍后降价{share}%"),
    "policy.start": ("first start at {share} % of the reference price", "首拍起拍价为参考价的{share}%"),
    "group.all": ("whole set", "全部可能"),
    "group.noise": ("if courts misjudge values", "若因估价误差"),
    "group.popularity": ("if some lots interest nobody", "若因标的冷热不均"),
    "sign.unknown": ("sign not known ({share} agree)", "方向不明({share}一致)"),
    "sign.up": ("up", "上升"),
    "sign.down": ("down", "下降"),
    # columns
    "col.window": ("Window", "统计期"),
    "col.figure": ("Figure", "指标"),
    "col.printed": ("Printed", "公布值"),
    "col.definition": ("Definition", "口径"),
    "col.model": ("Model [95 %]", "模型 [95%]"),
    "col.best": ("Nearest", "最近点"),
    "col.z": ("z", "z"),
    "col.role": ("Use", "用途"),
    "col.reading": ("Reading", "解读"),
    "col.prior_weight": ("Prior weight", "先验权重"),
    "col.implausibility": ("Least I", "最小I值"),
    "col.worst": ("Worst moment", "最不合之项"),
    "col.distance": ("Distance J", "距离J"),
    "col.p": ("p", "p"),
    "col.verdict": ("Verdict", "结论"),
    "col.candidates": ("May mean", "可能口径"),
    "col.rounding": ("Rounding", "取舍误差"),
    "col.sampling": ("Sampling s.e.", "抽样标准误"),
    "col.discrepancy": ("Discrepancy", "模型偏差"),
    "col.independent": ("Weighed", "如何计权"),
    "col.parameter": ("Parameter", "参数"),
    "col.range": ("Range", "范围"),
    "col.estimate": ("Estimate", "估计"),
    "col.se": ("s.e.", "标准误"),
    "col.regular_se": ("s.e. with prior", "含先验标准误"),
    "col.monte_carlo": ("Monte Carlo", "模拟误差"),
    "col.set": ("Set [95 %]", "未排除集 [95%]"),
    "col.learnt": ("Learnt", "所得信息"),
    "col.source": ("Source of the range", "范围依据"),
    "col.path": ("Where it stands in the scenario", "在情景中的位置"),
    "col.where": ("Where", "何处"),
    "col.measure": ("Measure", "指标"),
    "col.closed": ("Closed form", "闭式解"),
    "col.simulator": ("Simulator", "模拟器"),
    "col.standard_error": ("s.e.", "标准误"),
    "col.direction": ("Direction", "方向"),
    "col.singular_value": ("Singular value", "奇异值"),
    "col.made_of": ("Made of", "构成"),
    "col.moment": ("Moment", "矩"),
    "col.power": ("Power", "检验功效"),
    "col.group": ("Under", "情形"),
    "col.policy": ("Policy", "政策"),
    "col.outcome": ("Outcome", "结果"),
    "col.level": ("Level [95 %]", "水平 [95%]"),
    "col.effect": ("Change [95 %]", "变化 [95%]"),
    "col.sign": ("Sign", "方向"),
    "col.waiting": ("Bidders who wait", "观望者占比"),
    "col.place": ("Place", "地方"),
    # captions
    "fit.caption": (
        "Every figure, as printed and as the model has it under the leading reading: over the whole set, and at the nearest parameters, of which z tells how far they are off (sampling, Monte Carlo, rounding and discrepancy counted)",
        "各项公布值与主要解读下的模型值:全部参数集的范围,以及最近点的值;z值说明最近点偏离多少(计入抽样、模拟、取舍与模型偏差)",
    ),
    "fits.caption": ("The same under every reading, fitted or ruled out", "各种解读下的同表(含已排除者)"),
    "readings.caption": ("All ways to understand the figures together", "对全部公布值的各种整体解读"),
    "targets.caption": (
        "Every printed figure: what it may mean, its errors, its use. Errors are on the scale of the moment (rates as shares, the rest in log points)",
        "每项公布值:可能口径、误差与用途。误差按所用矩的尺度(成交率为比例,其余为对数)",
    ),
    "parameters.caption": (
        "Free parameters: range, estimate under the leading reading, errors on the transformed scale, and the set of all readings not ruled out",
        "自由参数:范围、主要解读下的估计、变换尺度上的误差,以及全部未排除解读的参数集",
    ),
    "verification.caption": (
        "Closed forms against the simulator; |z| above 4 is marked",
        "闭式解与模拟器对照;|z|超过4者标出",
    ),
    "sources.caption": ("Where the range of each parameter comes from", "各参数范围的来源"),
    "starts.caption": ("Where each start of each reading led", "各解读各起点的去向"),
    "directions.caption": (
        "Singular values of the scaled Jacobian: above 1 the data say more than the prior",
        "标度化雅可比的奇异值:大于1的方向上数据胜过先验",
    ),
    "adequacy.caption": (
        "Each moment at the estimate, and the chance that the test would notice an error of 3 s.e. in it",
        "估计值处各矩的偏离,及检验发现该矩3倍标准误错误的概率",
    ),
    "policy.caption": (
        "Policy outcomes over the whole set; change against the first policy of its kind, in points (or days)",
        "全部可能参数下的政策结果;变化以同类第一项为参照,单位为百分点(或天)",
    ),
    "split.caption": (
        "The same, by reading and by explanation of the lots that nobody bids for",
        "同表,按解读与按无人竞买的解释分列",
    ),
    "simulator.caption": (
        "At the estimate: closed forms used for the answers, and the simulator",
        "估计值处:答案所用闭式解与模拟器对照",
    ),
    "waiting.caption": (
        "If some bidders wait for an announced cut: simulator, at the estimate",
        "若部分竞买人等待已预告的降价:模拟器,估计值处",
    ),
    "validation.caption": (
        "Figures that were not used, predicted and scored",
        "未使用的公布值:先预测、后打分",
    ),
    "sensitivity.caption": (
        "Change of a policy effect (points) per standard deviation of each printed figure",
        "各公布值变动一个标准差时政策效果的变化(百分点)",
    ),
    # page
    "run.kind": ("Calibration report", "校准报告"),
    "judge": ("In short", "一页说明"),
    "judge.title": (
        "What was printed, what the model says, what would happen, how sure that is",
        "公布了什么、模型怎么说、会怎样、有多可靠",
    ),
    "fit": ("Fit", "拟合"),
    "targets": ("1 Targets", "1 目标"),
    "counted": ("2 Counts", "2 计数"),
    "verification": ("3 Verification", "3 验证"),
    "identification": ("4 Identification", "4 识别"),
    "weights": ("5 Weights and errors", "5 权重与误差"),
    "adequacy": ("6 Adequacy", "6 充分性"),
    "sensitivity": ("7 Sensitivity", "7 敏感性"),
    "validation": ("8 Validation", "8 检验"),
    "policy": ("9 Policy", "9 政策"),
    "again": ("10 Reproduction", "10 复现"),
    "head.printed": ("What was printed", "公布了什么"),
    "head.model": ("What the model says", "模型怎么说"),
    "head.policy": ("What would happen", "会怎样"),
    "head.sure": ("How sure this is", "有多可靠"),
    "head.unknown": ("What is not known", "什么尚不可知"),
    "told.printed": ("{number} figures for {windows}. {audit}.", "{windows}共{number}项数字。{audit}。"),
    "told.impossible": ("Print itself rules out: {out}.", "公布值自身已排除:{out}。"),
    "told.lead": (
        "Taken as {reading}, {inside} of {all} fitted figures lie where the model expects them (95 %); at the nearest parameters none is further off than {worst} standard deviations.",
        "按“{reading}”理解,{all}项拟合数字中{inside}项落在模型的95%范围内;在最近点最远偏离{worst}个标准差。",
    ),
    "told.none": (
        "No reading of the figures is met within {cut} standard deviations: the least implausible, {reading}, misses {moment} by {worst}. The figures contradict each other or the model; what follows is told at the nearest parameters and supports no policy.",
        "没有一种解读能使全部数字在{cut}个标准差内相符:最接近的“{reading}”在{moment}上偏离{worst}。数字之间或与模型之间有矛盾;以下仅按最接近的参数给出,不足以支持任何政策。",
    ),
    "told.dead": (
        "{dead} of {all} readings are ruled out; the nearest of them misses {moment} by {worst} standard deviations.",
        "{all}种解读中{dead}种已排除,其中最接近者在{moment}上偏离{worst}个标准差。",
    ),
    "told.policy": (
        "{policy}: sold at all {sold} points {sold_range}, recovery {recovery} points {recovery_range}.",
        "{policy}:最终成交率变化{sold}个百分点{sold_range},变现率变化{recovery}个百分点{recovery_range}。",
    ),
    "told.sign_known": ("For {outcome} the sign is known: {policies}.", "{outcome}的方向已知:{policies}。"),
    "told.sign_unknown": (
        "For {outcome} not even the sign is known ({policies}).",
        "{outcome}连方向都不可知({policies})。",
    ),
    "told.explanations": (
        "If courts misjudge values, {policy} changes the share sold by {noise} points; if some lots interest nobody, by {popularity}. Both fit the printed figures.",
        "若无人竞买源于估价误差,{policy}使最终成交率变化{noise}个百分点;若源于标的冷热不均,则为{popularity}。两者都与公布值相符。",
    ),
    "told.one_explanation": (
        "All vectors that are not ruled out explain lots that nobody bids for by {which}.",
        "全部未排除参数都以“{which}”解释无人竞买。",
    ),
    "told.learnt": (
        "Pinned down by print: {known}. Hardly touched by it: {unknown}.",
        "公布值能确定的:{known}。几乎未触及的:{unknown}。",
    ),
    "told.misfit": (
        "Taken together the figures are further from the model than chance explains (p = {p}): what follows holds if that gap does not matter to policy.",
        "各项数字合起来与模型的差距超出偶然所能解释(p = {p}):以下结论以此差距不影响政策效果为前提。",
    ),
    "told.quick": (
        "Quick mode: wave 1 and minimum distance; intervals are those of the set that is not ruled out, not of a posterior.",
        "快速模式:仅第一轮与最小距离;区间为未排除集的范围,不是后验分布。",
    ),
    "told.posterior": ("Wave 2: {told}.", "第二轮:{told}。"),
    "told.accepted": (
        "{reading}: posterior accepted ({size} effective draws, R-hat {r_hat})",
        "{reading}:后验样本合格(有效样本{size},R-hat {r_hat})",
    ),
    "told.refused": (
        "{reading}: posterior refused ({why}); the set of wave 1 stands",
        "{reading}:后验样本不合格({why}),仍用第一轮的集合",
    ),
    "told.waiting": (
        "Bidders who wait for a cut are outside the fitted model; the table below shows by simulation what they would change.",
        "拟合模型不含观望等待降价的竞买人;下表以模拟说明其影响。",
    ),
    "headline.known": (
        "{policy} would sell {effect} points more lots; what it does to recovery is {recovery}",
        "{policy},最终成交率可升{effect}个百分点;变现率如何变化{recovery}",
    ),
    "headline.recovery_unknown": ("not known", "尚不可知"),
    "headline.recovery_up": ("a gain", "为上升"),
    "headline.recovery_down": ("a loss", "为下降"),
    "headline.none": (
        "The printed figures cannot be met by this model under any reading",
        "任何解读下,模型都无法与公布数字相符",
    ),
    "counted.title": (
        "{parameters} parameters, {moments} moments, {freedom} degrees of freedom",
        "{parameters}个参数,{moments}个矩,自由度{freedom}",
    ),
    "counted.fixed": (
        "Everything else ({fixed} values) is fixed where the scenario has it; each value's source: sim show {scenario}. Cases and lots are inputs: the docket is set to meet them.",
        "其余{fixed}个值按情景固定,来源见 sim show {scenario}。案件数与标的物数为输入,由收案安排满足。",
    ),
    "counted.prior": (
        "Fewer moments than parameters: {driven} are driven by their priors.",
        "矩少于参数:{driven}由先验决定。",
    ),
    "verification.title": (
        "{all} comparisons of closed forms and simulator: {wrong} beyond 4 standard errors",
        "闭式解与模拟器对照{all}项,超过4倍标准误者{wrong}项",
    ),
    "verification.lead": (
        "Closed forms stand in for the simulator while parameters are searched; both must agree before and after.",
        "搜索参数时以闭式解代替模拟器,故前后都须一致。",
    ),
    "identification.title": (
        "{known} of {all} directions are told by the figures, the rest by priors",
        "{all}个方向中,公布值说明{known}个,其余由先验决定",
    ),
    "ridge.caption": (
        "Vectors not ruled out: how many are interested against what lots are worth to them. Circles: fits from several starts",
        "未排除的参数:关注人数与估值均值。圆圈为各起点的拟合",
    ),
    "ridge.none": ("No vector is left to draw: every reading is ruled out", "没有可画的参数:全部解读已排除"),
    "prior.caption": ("Prior (grey) and set (colour) of each parameter", "各参数的先验(灰)与未排除集(彩)"),
    "profiles.caption": (
        "Profile distances; the dashed line is the 95 % point. A flat profile: the data do not touch the parameter",
        "剖面距离;虚线为95%界。平坦者表示数据未触及该参数",
    ),
    "profiles.quick": (
        "Profile likelihoods are computed in full mode (--full).",
        "剖面似然在完整模式(--full)下计算。",
    ),
    "fit_figure.caption": (
        "Printed figures (red) and the model's 95 % (blue: fitted, orange: held out), each relative to print",
        "公布值(红)与模型95%范围(蓝:拟合;橙:留作检验),均相对公布值",
    ),
    "weights.title": (
        "Weights are the inverse of all errors; simulated moments carry (1 + 1/{draws})",
        "权重为全部误差协方差之逆;模拟矩计入(1+1/{draws})",
    ),
    "weights.lead": (
        "W is the inverse of the covariance of model minus print at the estimate: binomial for rates, simulated jointly for each window's turnover, commission and premium, rounding, and the stated discrepancy. It is found in two steps. Standard errors are the sandwich; 'with prior' adds the prior's spread as a weak normal; 'Monte Carlo' is the part that more draws would remove.",
        "W为估计值处“模型减公布值”协方差之逆:成交率取二项,同期成交金额、佣金与溢价联合模拟,另计取舍与所述模型偏差;分两步求得。标准误为三明治形式;“含先验”加入弱正态先验;“模拟误差”为增加抽样次数可消除的部分。",
    ),
    "adequacy.title": ("J = {j} on {freedom} degrees of freedom: p = {p}", "J={j},自由度{freedom},p={p}"),
    "adequacy.title.none": (
        "No degree of freedom is left: adequacy cannot be tested, only looked at",
        "没有剩余自由度:充分性无从检验,只能逐项查看",
    ),
    "adequacy.lead": (
        "With so few figures the test has little power; see the last column before taking a large p for a good model.",
        "数字如此之少,检验功效很低;p值大不等于模型好,请看末列。",
    ),
    "sensitivity.title": (
        "Which printed figure moves the answer most: {moment}",
        "对答案影响最大的公布值:{moment}",
    ),
    "sensitivity.lead": (
        "Andrews, Gentzkow & Shapiro: how far a policy effect moves if a printed figure is off by one standard deviation; and the effect under each definition.",
        "Andrews、Gentzkow与Shapiro方法:某公布值偏差一个标准差时政策效果的变动;以及各口径下的效果。",
    ),
    "sensitivity_figure.caption": (
        "Change of the effect on the share sold and on recovery, in points, for one standard deviation of each printed figure",
        "各公布值变动一个标准差时,成交率与变现率效果的变化(百分点)",
    ),
    "validation.title": (
        "{inside} of {all} figures that were not used lie within the predicted 95 %",
        "未使用的{all}项数字中,{inside}项落入预测的95%范围",
    ),
    "validation.lead": (
        "Held-out figures of the same windows; each window predicted by the others; other places predicted with this one's market.",
        "同期留出的数字;以其余统计期预测每一期;以本地市场参数预测他处。",
    ),
    "validation.none": ("No figure was left to validate on.", "没有留作检验的数字。"),
    "validation.quick": (
        "Leaving out windows and going to other places are done in full mode (--full).",
        "留一期检验与他处检验在完整模式(--full)下进行。",
    ),
    "validation.held": ("held out", "留出"),
    "validation.left": ("window left out", "留一期"),
    "policy.title": ("What would happen, and whether even the sign is known", "会怎样,以及方向是否可知"),
    "policy.lead": (
        "Intervals hold 95 % of all vectors that are not ruled out, readings weighted by their prior weights; they are no probabilities about courts.",
        "区间包含95%的未排除参数,各解读按先验权重;它们不是关于法院的概率。",
    ),
    "forest.caption": (
        "Change against the first policy of its kind: whole set, by explanation, by reading",
        "相对同类第一项的变化:全部、按解释、按解读",
    ),
    "again.title": ("One command makes this again; what was tried", "一条命令即可重做;尝试过的设定"),
    "again.log": (
        "{readings} readings, {starts} fits with {evaluations} evaluations, {vectors} vectors kept; print itself excluded {excluded}.",
        "{readings}种解读,{starts}次拟合共{evaluations}次求值,保留{vectors}个参数向量;公布值自身排除{excluded}。",
    ),
    "again.time": ("Time by step: {steps}.", "各步用时:{steps}。"),
    "not_identified": (
        "Not identified by these figures: {names}. (mean valuation, appraisal bias and starting ratio enter only together at one starting ratio; interest is known up to how many of those interested can pay.)",
        "下列参数不能由这些数字识别:{names}。(起拍率只有一种时,估值均值、估价偏差与起拍率只以组合出现;关注人数只能确定到其中有支付意愿者的数量。)",
    ),
    # steps
    "step.listings": ("listing times (simulator)", "上拍时间(模拟器)"),
    "step.own": ("verification runs (simulator)", "验证运行(模拟器)"),
    "step.design": ("design", "设计点"),
    "step.fits": ("fits", "拟合"),
    "step.wave-1": ("wave 1", "第一轮"),
    "step.inference": ("inference", "推断"),
    "step.wave-2": ("wave 2", "第二轮"),
    "step.profiles": ("profiles", "剖面"),
    "step.answers": ("policy answers", "政策答案"),
    "step.simulator": ("simulator at the estimate", "估计值处模拟"),
    "step.policies": ("policies by the simulator", "模拟器政策对照"),
    "step.left-out": ("windows left out", "留一期检验"),
    "step.places": ("other places", "他处检验"),
    "written": (
        "report: {report}; folder: {folder} ({seconds} s)",
        "报告:{report};文件夹:{folder}(用时{seconds}秒)",
    ),
    "stopped": (
        "stopped; finished steps are kept in {folder}: the same command goes on from there",
        "已停止;完成的步骤保存在{folder},重复同一命令即可继续",
    ),
}


def w(key: str, lang: str, **kw: object) -> str:
    """The words for ``key``; an unknown key is a mistake in the code and raises."""
    words = WORDS[key][lang == "zh"]
    return words.format(**kw) if kw else words
