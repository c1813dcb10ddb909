"""What bidders who wait for the cut would make of Shanxi's answer: the table and the picture in docs/behaviour.md.

    python docs/figures/shanxi_waiting.py            # a quarter of an hour: runs, writes shanxi_waiting.csv, draws
    python docs/figures/shanxi_waiting.py --draw     # draws anew from shanxi_waiting.csv
    python docs/figures/shanxi_waiting.py --try DIR  # one draw, few lots, the picture into DIR

Published figures do not say how many wait, so the share is varied. Whatever it is, as many lots were sold: at every draw of the calibrated
scenario and every share, interest is multiplied by the one factor at which the history, with its cut of 20 %, sells as many
lots by its last day as the draw does when nobody waits. Then the cut is taken away, and every lot is followed to its end.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from sim.experiments.draws import draws_of  # noqa: E402
from sim.experiments.replications import WHOLE, measures_of  # noqa: E402
from sim.model.calendar import day_of  # noqa: E402
from sim.model.records import Outcome  # noqa: E402
from sim.model.simulate import simulate  # noqa: E402
from sim.scenario import load  # noqa: E402
from sim.scenario.load import Overlay  # noqa: E402

TABLE, PICTURES = HERE / "shanxi_waiting.csv", HERE.parent / "pictures"
SHANXI: Final = ROOT / "scenarios" / "shanxi.toml"
DRAWS: Final = 12
SHARES: Final = (0.0, 0.5, 1.0)
# Beside whom a lower start draws, as calibrated; or in their place, so that waiting alone makes the second auction sell.
CURVES: Final = {"beside": (), "instead": ("price_response.elasticity=0",)}
HISTORY, NONE = 0.2, 0.0  # the cut that the calibrated history has, and none
END: Final = date(2019, 3, 31)
LATER: Final = "2021-03-31"  # by when every lot has ended
NEAR: Final = 0.005  # of the number of lots sold
MOST: Final = 12  # factors that are tried
STEP: Final = 2.0  # a first guess: twice as many people sell about half as many lots more
FURTHER: Final = 1.3  # than where a straight line meets the target, for sales rise ever more slowly
FARTHEST: Final = 8.0  # log of the greatest factor, and of the greatest step


class Row(NamedTuple):
    """What a draw comes to with so many who wait: with the history's cut (``with_``) and with none (``without``)."""

    draw: int
    curve: str
    share: float
    factor: float
    sold_then: int  # by the history's last day
    failed_first: float
    with_sold: float  # of all lots listed
    without_sold: float
    with_recovery: float
    without_recovery: float
    with_days: float
    without_days: float


def fewer(less: bool) -> tuple[str, ...]:
    """Values for all runs; ``less``: of a twentieth of the lots."""
    return (f"time.end={LATER}", *(("arrivals.volume=0.05", "courts.number=3") if less else ()))


def times(tree: Any, factor: float) -> Any:
    """A draw's values with its interest, in every period, so many times as great."""
    if not isinstance(tree, dict):
        return tree
    out = {key: times(value, factor) for key, value in tree.items()}
    if isinstance(out.get("interest"), dict) and "mean" in out["interest"]:
        out["interest"] = {**out["interest"], "mean": float(out["interest"]["mean"]) * factor}
    return out


def simulated(
    overlay: Overlay, given: tuple[str, ...], cut: float, factor: float
) -> tuple[int, dict[str, float]]:
    """Lots sold by the end of the history, and measures of all lots, of one replication."""
    own = Overlay(overlay.name, times(overlay.tree, factor))
    scenario = load(SHANXI, (*given, f"rounds.second.cut={cut}"), [own]).scenario
    records = simulate(scenario, 0)
    lots = records.lots
    then = day_of(END, scenario.time.start) + 1.0
    found = measures_of(scenario, 0, records)
    listed = found.value("lots_listed", WHOLE)
    return int(((lots["outcome"] == Outcome.SOLD) & (lots["ended"] < then)).sum()), {
        "sold": found.value("lots_sold", WHOLE) / listed,
        "recovery": found.value("recovery_all", WHOLE),
        "days": found.value("days_to_sale_mean", WHOLE),
        "failed_first": found.value("failed_first", WHOLE),
    }


def solved(
    overlay: Overlay, given: tuple[str, ...], target: int, factor: float
) -> tuple[float, int, dict[str, float]]:
    """The factor at which ``target`` lots are sold by the end of the history, and what is found there."""
    tried: list[tuple[float, float]] = []
    for _ in range(MOST):
        sold, found = simulated(overlay, given, HISTORY, factor)
        off = math.log(max(sold, 1) / target)
        if abs(off) <= NEAR:
            return factor, sold, found
        tried.append((math.log(factor), off))
        if abs(there := _next(tried)) > FARTHEST:
            break
        factor = math.exp(there)
    raise ValueError(f"{overlay.name}: no factor of interest sells {target} lots: {tried}")


def _next(tried: list[tuple[float, float]]) -> float:
    """Where to look next: between what was too few and too many, once both are known."""
    low = max((x for x in tried if x[1] < 0.0), default=None)
    high = min((x for x in tried if x[1] > 0.0), default=None)
    if low is None or high is None:
        at, off = tried[-1]
        step = -STEP * off
        if len(tried) > 1 and off != tried[-2][1]:
            step = max(-off * (at - tried[-2][0]) / (off - tried[-2][1]) * FURTHER, abs(step), key=abs)
            step = math.copysign(step, -off)
        return at + max(min(step, FARTHEST), -FARTHEST)
    return low[0] + (high[0] - low[0]) * low[1] / (low[1] - high[1])


def one(task: tuple[int, Overlay, bool]) -> list[Row]:
    """All rows of a draw."""
    number, overlay, less = task
    target = 0
    rows: list[Row] = []
    for curve, laid in CURVES.items():
        factor = 1.0
        for share in SHARES:
            given = (*fewer(less), *laid, f"strategic_waiting.share={share}")
            if not target:
                target, found = simulated(overlay, given, HISTORY, 1.0)
                sold = target
            else:
                try:
                    factor, sold, found = solved(overlay, given, target, factor)
                except ValueError as error:  # no interest sells as many: that point is not there
                    print(error, file=sys.stderr, flush=True)
                    continue
            _, none = simulated(overlay, given, NONE, factor)
            rows.append(
                Row(
                    number, curve, share, factor, sold, found["failed_first"], found["sold"], none["sold"],
                    found["recovery"], none["recovery"], found["days"], none["days"],
                )
            )  # fmt: skip
    return rows


def run(jobs: int) -> None:
    """Every draw, and the table written whole."""
    draws = draws_of(load(SHANXI))
    assert draws is not None
    tasks = [(i, overlay, False) for i, overlay in enumerate(draws.dealt(DRAWS))]
    rows: list[Row] = []
    with ProcessPoolExecutor(jobs) as pool:
        for number, found in enumerate(pool.map(one, tasks)):
            rows += found
            print(number, f"{len(found)} of {len(CURVES) * len(SHARES)}", flush=True)
    with TABLE.with_suffix(".tmp").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(Row._fields)
        out.writerows([f"{x:.6g}" if isinstance(x, float) else x for x in row] for row in rows)
    TABLE.with_suffix(".tmp").replace(TABLE)


def effects(rows: list[dict[str, str]], curve: str, share: float) -> Iterator[tuple[str, list[float]]]:
    """What the cut does at every draw, by outcome: of lots sold, recovery, days; and what first auctions and interest are."""
    mine = [row for row in rows if row["curve"] == curve and float(row["share"]) == share]
    for outcome in ("sold", "recovery", "days"):
        yield outcome, [float(row[f"with_{outcome}"]) - float(row[f"without_{outcome}"]) for row in mine]
    for outcome in ("failed_first", "factor"):
        yield outcome, [float(row[outcome]) for row in mine]


WORDS: Final = {
    "title": ("If bidders wait for the cut, it sells as many lots and takes days longer", "若有人观望，降价的成效不减，用时更长"),
    "share": ("share of bidders who look ahead", "向前看的竞买人占比"),
    "sold": ("lots sold, points", "最终成交率，百分点"),
    "recovery": ("recovery, points", "变现率，百分点"),
    "days": ("days to a sale", "成交用时，天"),
    "beside": ("a lower start draws people, as calibrated", "降价能吸引人（校准结果）"),
    "instead": ("it draws nobody", "降价不吸引人"),
    "foot": (
        "cut of 20 % less none; medians of {n} draws of scenarios/shanxi.toml, bars: 5 to 95 % of them; interest such that as many lots sell in the history",
        "降价20%与不降之差；scenarios/shanxi.toml 的{n}组参数，点为中位数，线为5%至95%；关注人数调整到历史成交件数不变",
    ),
}  # fmt: skip


def draw(folder: Path = PICTURES, table: Path = TABLE) -> None:
    """The picture, in both languages."""
    import numpy as np

    from sim.reporting.style import DPI, MARKERS, PALETTE, canvas, drawing, finish

    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    number = len({row["draw"] for row in rows})
    for lang, at in (("en", 0), ("zh", 1)):
        with drawing(lang) as look:
            fig = canvas(11.0, 3.8)
            axes = {name: fig.add_subplot(1, 3, i + 1) for i, name in enumerate(("sold", "recovery", "days"))}
            for i, curve in enumerate(CURVES):
                for name, ax in axes.items():
                    found = [np.array(dict(effects(rows, curve, share))[name]) for share in SHARES]
                    scale = 1.0 if name == "days" else 100.0
                    low, middle, high = (
                        scale * np.array([np.quantile(x, q) for x in found]) for q in (0.05, 0.5, 0.95)
                    )
                    x = np.array(SHARES) + 0.015 * (2 * i - 1)
                    ax.errorbar(
                        x, middle, yerr=[middle - low, high - middle], color=PALETTE[i], marker=MARKERS[i], markersize=5,
                        lw=1.4, elinewidth=1.0, label=WORDS[curve][at],
                    )  # fmt: skip
            for name, ax in axes.items():
                ax.axhline(0.0, color="#7A7A7A", lw=0.8, zorder=0)
                ax.set_title(WORDS[name][at], loc="left")
                ax.set_xlabel(WORDS["share"][at])
                ax.set_xticks(SHARES, [f"{share:.0%}" for share in SHARES])
            axes["sold"].set_ylim(top=1.45 * axes["sold"].get_ylim()[1])  # room for the legend
            axes["sold"].legend(loc="upper left")
            finish(fig, look, WORDS["title"][at], WORDS["foot"][at].format(n=number))
            folder.mkdir(parents=True, exist_ok=True)
            suffix = ".zh.png" if lang == "zh" else ".png"
            fig.savefig(folder / f"behaviour_shanxi{suffix}", dpi=DPI, metadata={"Software": None})


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--draw", action="store_true", help="draw anew, run nothing")
    parser.add_argument(
        "--try", dest="folder", type=Path, help="one draw of few lots, the picture into a folder of its own"
    )
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    if given.folder:
        drawn = draws_of(load(SHANXI))
        assert drawn is not None
        one((0, drawn.dealt(1)[0], True))
    elif not given.draw:
        run(given.jobs)
    draw(given.folder or PICTURES)
