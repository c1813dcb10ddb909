"""Every word that a page shows, in English and in Chinese; shared words are those of ``sim.report.text``."""

from __future__ import annotations

from typing import Final

from sim.report.text import LANGUAGES, WORDS
from sim.sentences import filled

LANG_TAG: Final = {"zh": "zh-CN", "en": "en"}

PAGE_WORDS: Final[dict[str, tuple[str, str]]] = {
    # frame
    "skip": ("skip to the content", "跳到正文"),
    "theme": ("Dark", "深色"),
    "print": ("Print", "打印"),
    "contents": ("contents", "目录"),
    "copy": ("Copy table", "复制表格"),
    "save": ("Download CSV", "下载CSV"),
    "save.file": ("Download {name}", "下载 {name}"),
    "copied": ("copied", "已复制"),
    "saved": ("saved", "已下载"),
    "manifest": ("How to make this again", "如何重做"),
    "manifest.title": ("Everything needed to make this page again", "重做本页所需的全部信息"),
    "manifest.command": ("command", "命令"),
    "manifest.seed": ("seed", "随机种子"),
    "manifest.replications": ("replications", "重复次数"),
    "manifest.replication": ("replication", "第几次重复"),
    "manifest.written": ("written", "生成时间"),
    "manifest.version": ("version", "版本"),
    "manifest.commit": ("commit", "提交"),
    "manifest.modified": ("{commit} with changes not committed", "{commit}，另有未提交的改动"),
    "manifest.unknown": ("unknown: not run from a checkout", "不详：非源码目录中运行"),
    "manifest.python": ("Python", "Python"),
    "manifest.packages": ("packages", "软件包"),
    "manifest.system": ("machine", "机器"),
    "manifest.seconds": ("wall time", "用时"),
    "manifest.seconds.value": ("{seconds} s in {jobs:process|processes}", "{seconds}秒，{jobs}个进程"),
    "manifest.seconds.alone": ("{seconds} s", "{seconds}秒"),
    "manifest.files": ("scenario files", "情景文件"),
    "scenario.text": ("The scenario as resolved (TOML)", "解析后的完整情景（TOML）"),
    # a run
    "run.kind": ("Simulation report", "模拟报告"),
    "run.headline.plain": (
        "Of {listed:lot|lots} listed, {sold:is|are} sold by {day}; half of the sales take up to {median:day|days}",
        "上拍{listed}宗，至{day}成交{sold}宗；半数成交用时不超过{median}天",
    ),
    "run.lead.fate": (
        "Over the whole period {listed:lot is|lots are} listed and {sold} sold; the median sale takes {days:day|days} and its "
        "price is {premium} above the starting price. Recovered: {recovery} of the reference price of what was sold.",
        "整个模拟期内上拍{listed}宗、成交{sold}宗；成交用时中位数{days}天，成交价高于起拍价的中位数为{premium}，"
        "成交标的物的变现率为{recovery}。",
    ),
    "run.lead.method": (
        "Means over {n:simulated history|simulated histories} of the same province; brackets hold 95 % of them.",
        "数值为同一辖区{n}次模拟历史的平均，方括号内为其95%的范围。",
    ),
    "glance": ("At a glance", "概览"),
    "glance.title": ("What the simulated courts report, period by period", "模拟法院各统计期的报表"),
    "glance.caption": (
        "Mean over replications [95 % of them]; counted by what happened inside the period",
        "重复的均值 [95%范围]，按统计期内发生的事项计",
    ),
    "window": ("period", "统计期"),
    "measure": ("measure", "指标"),
    "whole": ("whole period", "全期"),
    "fit": ("Printed and simulated", "公布值与模拟值"),
    "fit.lead": (
        "The court printed figures without saying how they were counted. Each line is one reading it may have meant.",
        "法院未说明各项数字的统计方法。每一行是一种可能的口径。",
    ),
    "fit.best": (
        "Each printed figure under the first reading that print itself does not rule out",
        "每项公布值，取公布值自身未排除的第一种口径",
    ),
    "fit.all": ("Every reading", "全部口径"),
    "fit.none": ("No figures were printed for this scenario.", "该情景没有公布值可供比较。"),
    "key.printed": ("printed by the court", "法院公布值"),
    "key.event": ("simulated, events inside the period", "模拟：当期口径"),
    "key.cohort": ("simulated, lots listed inside the period", "模拟：批次口径"),
    "flow": ("The way of the lots", "标的物的去向"),
    "flow.caption": (
        "A bar is a round; its length is the number of lots that reached it. Mean of {n:replication|replications}.",
        "每条为一个拍次，长度为进入该拍次的标的物数。{n}次重复的平均。",
    ),
    "flow.onward": ("on to the next round", "进入下一拍次"),
    "flow.sold": ("sold", "成交"),
    "fate": ("Where the lots listed in each period stand at its end", "各统计期上拍标的物至期末的结果"),
    "fate.caption": (
        "Counted for the lots listed inside the period: what had become of them by its last day",
        "按批次口径：统计期内上拍的标的物截至期末的结果",
    ),
    "fate.failed": ("unsold after the last round", "最终流拍"),
    "days": ("Days to sale", "处置周期"),
    "days.caption": ("All sales of {n:replication|replications}", "{n}次重复的全部成交"),
    "premium": ("Premium", "溢价"),
    "premium.caption": (
        "Above: share of sales. Below: what they add to the mean premium. Logarithmic axis; sales at the start apart, left.",
        "上：占成交比例；下：对平均溢价率的贡献。对数轴；恰以起拍价成交者单列于左。",
    ),
    "premium.start.short": ("start", "起拍价"),
    "backlog": ("Backlog", "积压"),
    "backlog.title": (
        "On {day} {open:lot is|lots are} listed and open and {preparing:waits|wait} to be listed",
        "{day}：已上拍未结{open}宗，待上拍{preparing}宗",
    ),
    "backlog.time": ("Lots over time", "标的物随时间的变化"),
    "backlog.kind": ("Backlog at the end of the whole period, by kind", "期末积压，按财产类型"),
    "backlog.kind.caption": ("Mean and 95 % of replications on the last day simulated", "模拟末日的均值与95%范围"),
    "backlog.court": ("Open and waiting lots by court and month", "各法院逐月积压"),
    "backlog.court.caption": (
        "The {n:court|courts} with most lots of {all}; the darker, the more lots are seized or listed and not ended; right: how many "
        "on the last day. Mean of replications.",
        "全部{all}家法院中标的物最多的{n}家；颜色越深，已查封或已上拍而未结者越多，右侧为末日件数。重复的平均。",
    ),
    "kind": ("kind", "财产类型"),
    "court": ("court", "法院"),
    "court.n": ("court {n}", "法院{n}"),
    "preparing": ("waiting to be listed", "待上拍"),
    "opened": ("listed and open", "已上拍未结"),
    "all.kinds": ("all kinds", "全部"),
    "movable": ("movable", "动产"),
    "immovable": ("immovable and rights", "不动产及权利"),
    # a comparison
    "compare.kind": ("Policies compared", "政策比较"),
    "compare.lead": (
        "Base: {base}. Base and policies meet the same lots, the same bidders and the same chances, so that a difference is the policy's.",
        "基准：{base}。基准与各政策面对同样的标的物、同样的竞买人、同样的运气，差异只来自政策。",
    ),
    "compare.headline.one": ("{policy}: lots sold {sold}, sale rate {rate}", "{policy}：成交量{sold}，成交率{rate}"),
    "compare.headline.many": (
        "{policy}: of {n:policy|policies} the one that sells most, {sold:lot|lots}, sale rate {rate}",
        "{n}项政策中成交最多的是“{policy}”：成交量{sold}宗，成交率{rate}",
    ),
    "compare.headline.none": ("None of {n:policy|policies} sells more than the base", "{n}项政策中没有一项比基准多成交"),
    "compare.unlawful": ("{policy}: today's law does not allow {what}", "{policy}：现行规定不允许 {what}"),
    "semicolon": ("; ", "；"),
    "compare.answer": ("In short", "结论"),
    "compare.answer.title": ("What each policy changes, over {n:pair|pairs} of histories", "各政策的影响，配对模拟{n}次"),
    "compare.table": ("Headline measures over the whole period", "主要指标，全期"),
    "compare.changes": ("What each policy sets", "各政策改动的参数"),
    "compare.key": ("Key", "参数"),
    "compare.forest": ("Differences", "差异"),
    "compare.forest.caption": (
        "Difference from the base and its 95 % interval; dashed: no difference.",
        "与基准之差及其95%区间；虚线为零差异。",
    ),
    "compare.tradeoff": ("Trade-off", "得失"),
    "compare.tradeoff.caption": (
        "Bars: 95 % intervals of the difference from the base.",
        "误差线：与基准之差的95%区间。",
    ),
    "compare.fate.title": ("Where the lots end up, under each policy", "各政策下标的物的去向"),
    "compare.end": ("End", "结果"),
    "compare.share": ("Share of lots listed", "占上拍标的物"),
    "compare.all": ("All differences, all lots together", "全部差异(全部标的物)"),
    "compare.all.title": ("Every measure, period by period, with its interval", "全部指标的差异与区间，分统计期"),
    "compare.all.lead": (
        "The folder's differences.csv has the same for every kind of lot.",
        "输出文件夹中的 differences.csv 另含各类财产。",
    ),
    "colon": (": ", "："),
    # a sweep
    "sweep.kind": ("Parameters varied", "参数扫描"),
    "sweep.headline": (
        "{measure} runs from {low} to {high}; it is highest at {where}",
        "{measure}在{low}至{high}之间，最高处为{where}",
    ),
    "sweep.headline.same": ("{measure} is {x} at every point", "{measure}在各点均为{x}"),
    "sweep.headline.none": ("No point has a result", "尚无任何结果"),
    "sweep.lead": (
        "{points:point|points}, {n:history|histories} each, all with the same luck.",
        "共{points}个点，每点{n}次历史，运气相同。",
    ),
    "sweep.failures": ("{n:run|runs} failed; tracebacks stand in the folder", "{n}次运行失败，错误信息在输出文件夹中"),
    "sweep.effects": ("One at a time", "单个参数"),
    "sweep.effects.title": ("What each parameter does", "各参数的作用"),
    "sweep.effects.caption": (
        "Line: mean over all other parameters; blue band: its 95 % interval; grey: lowest to highest over the others.",
        "线：对其余参数取平均；蓝色带：其95%区间；灰色带：其余参数变动时的最低至最高。",
    ),
    "sweep.effects.one": ("Line: mean of the histories; band: its 95 % interval.", "线：各次历史的均值；色带：其95%区间。"),
    "sweep.heat": ("Two at a time", "两个参数"),
    "sweep.heat.title": ("Two parameters together", "两个参数共同的作用"),
    "sweep.heat.axes": ("Across: {across}. Up: {down}.", "横轴：{across}；纵轴：{down}。"),
    "sweep.heat.fixed": (" Fixed at: {fixed}.", "其余固定：{fixed}。"),
    "sweep.points": ("Points", "各点"),
    "sweep.points.title": ("All {n:point|points}", "全部{n}个点"),
    "sweep.table": ("Means over the whole period", "全期均值"),
    "sweep.table.cut": (
        "Means over the whole period: the first {shown} of {all:point|points}; the CSV has all",
        "全期均值：{all}个点中的前{shown}个，CSV含全部",
    ),
    "comma": (", ", "，"),
    "over.draws": (
        "Each history has a draw of the parameters of its own, the same at every point: {n} draws, evenly spread over {total} in their "
        "file. Means are over the draws; what single histories spread over holds the parameters too.",
        "各次历史各用一组参数抽样，各点相同：共{n}组，从文件的{total}组中均匀选取。均值为各组的平均，单次历史的范围也含参数的不确定。",
    ),
    # the explorer
    "explore.kind": ("Policy explorer", "政策探索"),
    "explore.headline": ("Move a lever and see what changes", "拨动政策参数，看结果如何变化"),
    "explore.title": ("What would be sold, how fast, for how much", "卖出多少、用时多久、价格几成"),
    "explore.lead": (
        "{points:policy was|policies were} simulated, {n:history|histories} each, all with the same luck. Between them values are interpolated "
        "and marked so; outside them nothing is shown.",
        "已模拟{points}种政策组合，每种{n}次历史，运气相同。其间的数值为插值并注明；模拟范围之外不显示。",
    ),
    "explore.levers": ("Levers", "政策参数"),
    "explore.along": ("show along this", "沿此项作图"),
    "explore.pin": ("Pin this policy", "固定当前方案"),
    "explore.unpin": ("Unpin", "取消固定"),
    "explore.nearest": ("Nearest simulated", "最近的已模拟点"),
    "explore.reset": ("Back to the base", "回到基准"),
    "explore.link": ("Copy link", "复制链接"),
    "explore.linked": (
        "Copied. The address names the place of this file on this machine: whoever has the file elsewhere opens it and puts "
        "everything from # on behind its address there.",
        "已复制。网址中是本机上此文件的位置；对方的文件若在别处，先打开文件，再把 # 及其后的部分接在网址末尾即可。",
    ),
    "explore.band": ("Band", "区间"),
    "explore.band.mean": ("95 % interval of the mean", "均值的95%区间"),
    "explore.band.history": ("95 % of histories", "95%的历史"),
    "explore.results": ("Results", "结果"),
    "explore.now": ("Now", "当前"),
    "explore.pinned": ("Pinned", "固定方案"),
    "explore.change": ("Change", "变化"),
    "explore.simulated": ("simulated", "已模拟"),
    "explore.interpolated": ("interpolated between {n} simulated points", "由{n}个已模拟点插值"),
    "explore.none": ("not simulated: nothing is shown", "未模拟，不显示"),
    "explore.points": ("{x} pts", "{x}个百分点"),
    "explore.sold": ("sold", "成交"),
    "explore.unlawful": ("not allowed today: {rule}", "现行规定不允许：{rule}"),
    "explore.left": ("For want of room these periods are left out: {windows}", "限于篇幅，未收入以下统计期：{windows}"),
    "explore.missing": ("no result yet at {missing} of {all:point|points}", "{all}个点中有{missing}个尚无结果"),
    "explore.profile.note": (
        "Dots were simulated; dashed lines and bands between them are interpolated, and the bands do not hold what "
        "interpolation adds. Red: the pinned policy.",
        "圆点为已模拟；其间的虚线和色带为插值，色带不含插值本身的误差。红线为固定方案。",
    ),
    # the auction room
    "room": ("The auction room", "竞价现场"),
    "room.kind": ("Auction room, replayed", "竞价回放"),
    "room.title": ("Lot {lot}, {round}: the last hour, as it went", "标的物{lot}的{round}：最后一小时"),
    "room.life": ("The lot's life", "标的物的经历"),
    "room.life.title": ("Before and after, with the article that governs it", "前因后果，逐步列明所依条文"),
    "room.all": ("All {n:bid|bids}", "全部{n}次出价"),
    "room.price": ("Price", "当前价"),
    "room.price.axis": ("price (yuan)", "价格(元)"),
    "room.clock": ("Time", "时刻"),
    "room.remaining": ("To the end", "距结束"),
    "room.play": ("Play", "播放"),
    "room.pause": ("Pause", "暂停"),
    "room.back": ("Step back", "后退一步"),
    "room.forward": ("Step", "前进一步"),
    "room.space": ("space", "空格"),
    "room.speed": ("Speed", "速度"),
    "room.where": ("Where", "进度"),
    "room.limits": ("Show what the lot is worth to each (nobody sees this)", "显示各人心理价位（现场无人可见）"),
    "room.bidders": ("Bidders", "竞买人"),
    "room.bidder": ("Bidder", "竞买人"),
    "room.last": ("Last bid", "最后出价"),
    "room.bids": ("Bids", "出价次数"),
    "room.state": ("State", "状态"),
    "room.log": ("Latest bids", "最近出价"),
    "room.none": ("no bid yet: the starting price", "尚无人出价：起拍价"),
    "room.leading": ("leading", "领先"),
    "room.outbid": ("outbid", "已被超过"),
    "room.registered": ("registered", "已报名"),
    "room.ended": ("Hammer", "成交"),
    "room.extended": ("extensions: {n}", "已延时{n}次"),
    "room.set.close": ("set close", "原定结束"),
    "lives": ("Lives of a few lots", "几宗标的物的经历"),
    "lives.title": ("What happens to a lot, step by step, with the article that governs it", "标的物的处置过程，逐步列明所依条文"),
    "lives.lead": ("From the first replication. The true value is known to nobody in the model.", "取自第一次重复。“真实价值”在模型中无人知晓。"),
    "life.lot": ("Lot {lot}: {why}", "标的物{lot}：{why}"),
    "no.records": (
        "The run kept no records (--records {kept}), so what needs them is missing here. Run again with --records all.",
        "该次运行未保留明细（--records {kept}），需要明细的内容从略。可用 --records all 重新运行。",
    ),
    "measures": ("All measures", "全部指标"),
    "measures.title": ("Every measure, with the interval of its mean and of one history", "全部指标，附均值区间与单次历史区间"),
    "measures.lead": (
        "The folder's measures.csv, downloadable at the end of this page, holds all of this for every kind of lot.",
        "页末可下载的 measures.csv 另含各类财产的全部指标。",
    ),
    "mean": ("mean", "均值"),
    "mean.ci": ("95 % interval of the mean", "均值的95%区间"),
    "range": ("95 % of histories", "95%的历史"),
    "defined": ("defined in", "有定义的重复"),
    "lots.n": ("{n:lot|lots}", "{n}宗"),
}  # fmt: skip


def w(key: str, lang: str, **kw: object) -> str:
    """The words for ``key``: the page's own, else those that terminal and pictures use too."""
    pair = PAGE_WORDS.get(key) or WORDS[key]
    words = pair[LANGUAGES.index(lang)]
    return filled(words, **kw) if kw else words
