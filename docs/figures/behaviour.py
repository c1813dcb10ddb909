"""The pictures of docs/behaviour.md, from runs of the model.

    python docs/figures/behaviour.py            # some minutes: runs, writes behaviour.csv, draws docs/pictures/behaviour_*
    python docs/figures/behaviour.py --draw     # draws anew from behaviour.csv
    python docs/figures/behaviour.py --try DIR  # a point of each picture on a small province, all pictures into DIR

Every point is a mean over replications of a quarter of Shanxi (a quarter of the cases, courts and areas, so that every
segment of the market is as it is in the whole), or of lots that are all alike where theory has the answer.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import mean, stdev
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from sim.experiments.replications import WHOLE, replicate  # noqa: E402
from sim.scenario import load  # noqa: E402

TABLE, PICTURES = HERE / "behaviour.csv", HERE.parent / "pictures"
INFLOW = {"2017": (816, 2565), "2018": (1670, 4012), "2019Q1": (900, 1880)}  # as in scenarios/shanxi.toml
QUARTER = (
    *(
        f'arrivals.periods."{name}".{what}={n // 4}'
        for name, both in INFLOW.items()
        for what, n in zip(("cases", "lots"), both, strict=True)
    ),
    "courts.number=33",
    "finite_market.areas=3",
    # Lots of a kind nearly alike in value and no token starts: else one villa decides on recovery and premium.
    "start.token_share=0",
    *(
        f"kinds.{kind}.value_log_sd=0.3"
        for kind in ("homes", "commercial", "land", "vehicles", "equipment", "equity", "goods")
    ),
)
ALIKE = ("arrivals.periods.year.cases=10000.0", "arrivals.periods.year.lots=10000.0")
REPLICATIONS = 4
MEASURES = (
    "sale_rate_final", "failed_first", "failed_second", "days_to_sale_mean", "recovery_all", "premium_mean",
    "participants_per_sale", "lots_sold",
)  # fmt: skip


PANELS = (
    "failed_first", "failed_second", "sale_rate_final", "premium_mean", "recovery_all", "days_to_sale_mean",
)  # fmt: skip


class Point(NamedTuple):
    """One point of a picture: the picture, the curve, its place on the axis, and the scenario."""

    picture: str
    curve: str
    x: float
    scenario: str
    overrides: tuple[str, ...]


def points() -> Iterator[Point]:
    """Everything that is run."""
    for form in ("sealed", "open"):
        for share in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
            yield Point(
                "solved",
                form,
                share,
                "verify/waiting",
                (*ALIKE, f"strategic_waiting.share={share}", f"strategic_waiting.first_round={form}"),
            )
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        for curve, told in (("announced", "true"), ("surprise", "false")):
            yield Point(
                "phi",
                curve,
                share,
                "shanxi",
                (*QUARTER, f"strategic_waiting.share={share}", f"strategic_waiting.announced={told}"),
            )
    yield Point("patience", "base", 0.0, "shanxi", (*QUARTER, "interest.persistence=0"))
    for fit in (0.02, 0.1, 0.3):
        for days in (1.0, 7.0, 30.0, 90.0, 365.0):
            setting = (
                *QUARTER,
                f"finite_market.patience_days={days}",
                f"finite_market.fit={fit}",
                "interest.persistence=0",
            )
            yield Point("patience", f"{fit}", days, "shanxi", setting)
    for volume in (0.5, 1.0, 2.0, 4.0):
        clerks = (f"arrivals.volume={volume}", "courts.clerks=0")
        yield Point("supply", "base", volume, "shanxi", (*QUARTER, *clerks))
        for fit in (0.02, 0.1, 0.3):
            market = ("finite_market.patience_days=120", f"finite_market.fit={fit}")
            yield Point("supply", f"{fit}", volume, "shanxi", (*QUARTER, *clerks, *market))


def simulated(point: Point) -> list[tuple[str, float, float]]:
    """(measure, mean, standard error) over the replications."""
    scenario = load(ROOT / "scenarios" / f"{point.scenario}.toml", point.overrides).scenario
    tables = [replicate(scenario, i).measures for i in range(REPLICATIONS)]
    found = []
    for measure in MEASURES:
        if measure in tables[0].measures:
            values = [table.value(measure, WHOLE) for table in tables]
            found.append((measure, mean(values), stdev(values) / len(values) ** 0.5))
    return found


def tried(point: Point) -> Point:
    """The same point on far fewer lots."""
    few = ("arrivals.periods.year.cases=50.0", "arrivals.periods.year.lots=50.0")
    less = (
        few
        if point.picture == "solved"
        else ("arrivals.volume=0.05", "courts.number=3", "finite_market.areas=1")
    )
    return point._replace(overrides=(*point.overrides, *less))


def run() -> None:
    """Simulate all points, two at a time, and write the table whole."""
    todo = list(points())
    with ProcessPoolExecutor(2) as pool:
        rows = [
            (p.picture, p.curve, f"{p.x:g}", measure, f"{value:.6g}", f"{error:.2g}")
            for p, found in zip(todo, pool.map(simulated, todo), strict=True)
            for measure, value, error in found
        ]
    with TABLE.with_suffix(".tmp").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(
            [("picture", "curve", "x", "measure", "mean", "error"), *rows]
        )
    TABLE.with_suffix(".tmp").replace(TABLE)


Curves = dict[str, dict[str, list[tuple[float, float, float]]]]


def table(picture: str) -> Curves:
    """measure -> curve -> points (x, mean, standard error) in order of x."""
    out: Curves = {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["picture"] == picture:
                at = float(row["x"]), float(row["mean"]), float(row["error"])
                out.setdefault(row["measure"], {}).setdefault(row["curve"], []).append(at)
    return out


WORDS: dict[str, tuple[str, str]] = {
    "solved": ("The more bidders look ahead, the emptier the first auction: theory and model", "向前看的竞买人越多，一拍越冷清：理论与模型"),
    "phi": ("Announced, a cut empties the first auction; by surprise it does not", "预告降价使一拍趋冷，未预告则不然"),
    "patience": ("Choosy people who stay briefly are the base model; few who stay long are not", "挑剔而短暂停留的众多竞买人即基准模型；少数久留者则不然"),
    "supply": ("Twice the lots do not find twice the buyers where people look at many lots", "当同一批人关注多件标的时，供给加倍并不带来买家加倍"),
    "share": ("share of bidders who look ahead", "向前看的竞买人占比"),
    "first": ("sold in the first auction, of all lots", "一拍成交占全部标的"),
    "by_second": ("sold by the second auction, of all lots", "两拍内成交占全部标的"),
    "waiting": ("of those who can pay, share who wait", "有支付能力者中观望占比"),
    "cutoff": ("cutoff / market value", "临界值/市场价值"),
    "failed_first": ("first auctions that fail", "一拍流拍率"),
    "failed_second": ("second auctions that fail", "二拍流拍率"),
    "sale_rate_final": ("sale rate, of final outcomes", "成交率（终结口径）"),
    "days_to_sale_mean": ("days to sale, mean", "处置周期（均值，天）"),
    "recovery_all": ("price / reference price, unsold lots included", "变现率（含流拍）"),
    "premium_mean": ("premium over the start", "溢价率（均值）"),
    "participants_per_sale": ("registrations a sale", "每件成交参拍人次"),
    "lots_sold": ("lots sold / at today's supply", "成交量/现有供给时的成交量"),
    "days": ("patience, days", "耐心天数"),
    "volume": ("lots, times today's", "标的物数量（倍）"),
    "sealed": ("sealed type", "密封型"),
    "open": ("open type", "公开型"),
    "theory": ("lines: closed form; points: model", "线：解析解；点：模型"),
    "announced": ("cut announced", "预告降价"),
    "surprise": ("cut by surprise", "未预告"),
    "base": ("base model", "基准模型"),
    "fit": ("a lot suits {} of people", "合意概率{}"),
    "plain": ("as many as lots", "与供给同比"),
    "foot.alike": ("lots all alike, lognormal(-0.2, 0.3) values, 2 people interested, start 1, cut 20 %, a gain in round two worth 0.9; {n} x 10,000 lots a point",
                   "同质标的，估值LN(-0.2,0.3)，平均2人，起拍价1，二拍降20%，次轮收益折0.9；每点{n}×10,000件"),
    "foot.quarter": ("a quarter of scenarios/shanxi.toml, lots of a kind nearly alike in value; {n} replications a point, common random numbers; bars: two standard errors",
                     "山西情景的四分之一，同类标的价值相近；每点{n}次重复，公共随机数；误差线为两倍标准误"),
}  # fmt: skip


def draw(folder: Path = PICTURES) -> None:
    """All pictures, in both languages."""
    for lang in ("en", "zh"):
        for name, make in (("solved", solved), ("phi", phi), ("patience", patience), ("supply", supply)):
            _draw(folder, name, make, lang)


def _draw(folder: Path, name: str, make: Any, lang: str) -> None:
    from sim.reporting.style import DPI, drawing, finish

    with drawing(lang) as look:
        at = 1 if look.lang == "zh" else 0
        say = lambda key: WORDS[key][at]  # noqa: E731
        fig, foot = make(say)
        finish(fig, look, say(name), say(foot).format(n=REPLICATIONS))
        folder.mkdir(parents=True, exist_ok=True)
        suffix = ".zh.png" if lang == "zh" else ".png"
        fig.savefig(folder / f"behaviour_{name}{suffix}", dpi=DPI, metadata={"Software": None})


def _lines(ax: Any, curves: dict[str, list[tuple[float, float, float]]], labels: dict[str, str]) -> None:
    from sim.reporting.style import MARKERS, PALETTE

    for i, (curve, label) in enumerate(labels.items()):
        x, y, error = zip(*curves[curve], strict=True)
        bars = [2.0 * e for e in error]
        ax.errorbar(
            x,
            y,
            yerr=bars,
            color=PALETTE[i],
            marker=MARKERS[i],
            markersize=5,
            lw=1.4,
            elinewidth=1.0,
            label=label,
        )


def _grid(
    say: Any, measures: tuple[str, ...], data: Curves, labels: dict[str, str], x: str, log: bool = False
) -> Any:
    """A panel for each measure, three in a row; the legend in the first."""
    from sim.reporting.style import canvas

    rows = -(-len(measures) // 3)
    fig = canvas(11.0, 0.4 + 3.0 * rows)
    for i, measure in enumerate(measures):
        ax = fig.add_subplot(rows, 3, i + 1)
        _lines(ax, data[measure], labels)
        ax.set_title(say(measure), loc="left")
        if log:
            ax.set_xscale("log")
            ticks = sorted({point[0] for curve in data[measure].values() for point in curve})
            ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
            ax.minorticks_off()
        if i + 3 >= len(measures):
            ax.set_xlabel(say(x))
        if i == 0:
            ax.legend()
    return fig


def solved(say: Any) -> Any:
    """The solved case: points on lines."""
    import numpy as np

    from sim.reporting.style import MARKERS, PALETTE, canvas
    from sim.theory.values import ValueLaw
    from sim.theory.waiting import Prospect, waiting

    law, data = ValueLaw("lognormal", -0.2, 0.3), table("solved")
    fig = canvas(9.0, 6.4)
    axes = [fig.add_subplot(2, 2, i + 1) for i in range(4)]
    shares = np.linspace(0.0, 1.0, 41)
    for i, form in enumerate(("sealed", "open")):
        ps = [Prospect(2.0, law, 1.0, 0.8, 0.9, share=float(s), form=form) for s in shares]
        outcomes = [waiting(p) for p in ps]
        c = [o.cutoff for o in outcomes]
        wait = [s * (1.0 - float(law.sf(k)) / float(law.sf(1.0))) for s, k in zip(shares, c, strict=True)]
        lines = ([o.sold[0] for o in outcomes], [o.sold_by for o in outcomes], c, wait)
        for ax, line in zip(axes, lines, strict=True):
            ax.plot(shares, line, color=PALETTE[i], lw=1.4, label=say(form))
        x, failed, _ = zip(*data["failed_first"][form], strict=True)
        axes[0].plot(x, [1.0 - y for y in failed], MARKERS[i], color=PALETTE[i], markersize=6)
        x, sold, _ = zip(*data["sale_rate_final"][form], strict=True)
        axes[1].plot(x, sold, MARKERS[i], color=PALETTE[i], markersize=6)
    axes[1].set_ylim(0.0, 0.8)
    for ax, key in zip(axes, ("first", "by_second", "cutoff", "waiting"), strict=True):
        ax.set_title(say(key), loc="left")
    axes[0].set_ylim(bottom=0.0)
    axes[0].legend(title=say("theory"))
    for ax in axes[2:]:
        ax.set_xlabel(say("share"))
    return fig, "foot.alike"


def phi(say: Any) -> Any:
    """Shanxi, as the share of those who look ahead grows."""
    labels = {"announced": say("announced"), "surprise": say("surprise")}
    return _grid(say, PANELS, table("phi"), labels, "share"), "foot.quarter"


def _fits(say: Any) -> dict[str, str]:
    return {fit: say("fit").format(f"{float(fit):.0%}") for fit in ("0.02", "0.1", "0.3")}


def patience(say: Any) -> Any:
    """Shanxi, as people stay longer; dotted, what the base model gives."""
    data = table("patience")
    base = {measure: curves.pop("base")[0][1] for measure, curves in data.items()}
    fig = _grid(say, PANELS, data, _fits(say), "days", log=True)
    for ax, measure in zip(fig.axes, PANELS, strict=True):
        ax.axhline(base[measure], color="#7A7A7A", lw=1.2, ls=":", label=say("base"), zorder=0)
    fig.axes[0].legend()
    return fig, "foot.quarter"


def supply(say: Any) -> Any:
    """Shanxi, as supply grows and the number of people who look does not."""
    data = table("supply")
    for curve, line in data["lots_sold"].items():
        once = next(y for x, y, _ in line if x == 1.0)
        data["lots_sold"][curve] = [(x, y / once, e / once) for x, y, e in line]
    measures = (
        "lots_sold",
        "failed_first",
        "failed_second",
        "sale_rate_final",
        "premium_mean",
        "recovery_all",
        "participants_per_sale",
        "days_to_sale_mean",
    )
    fig = _grid(say, measures, data, {**_fits(say), "base": say("base")}, "volume", log=True)
    ends = [0.5, 4.0]
    fig.axes[0].plot(ends, ends, color="#7A7A7A", lw=1.0, ls=":", label=say("plain"))
    fig.axes[0].set_yscale("log")
    fig.axes[0].set_yticks([0.5, 1.0, 2.0, 4.0], ["0.5", "1", "2", "4"])
    fig.axes[0].minorticks_off()
    fig.axes[0].legend_.remove()
    ax = fig.add_subplot(3, 3, 9)  # the legend has the last place to itself
    ax.set_axis_off()
    ax.legend(*fig.axes[0].get_legend_handles_labels(), loc="upper left", fontsize="large")
    return fig, "foot.quarter"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--draw", action="store_true", help="draw anew, run nothing")
    parser.add_argument("--try", dest="folder", type=Path, help="a little of it, into a folder of its own")
    given = parser.parse_args()
    if given.folder:
        for picture in ("solved", "phi", "patience", "supply"):
            simulated(tried(next(point for point in points() if point.picture == picture)))
    elif not given.draw:
        run()
    draw(given.folder or PICTURES)
