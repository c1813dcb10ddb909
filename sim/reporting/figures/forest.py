"""Differences of policies from their base: one panel a measure, one row a policy, one mark a window."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.reporting.differences import HEADLINES, kind_of, window_name
from sim.reporting.style import (
    BLACK,
    INK,
    MARKERS,
    PALE,
    PALETTE,
    Foot,
    Look,
    canvas,
    drawing,
    finish,
    fold,
    no_data,
)
from sim.reporting.text import headline, name_of
from sim.reporting.text_explore import e
from sim.scenario.schema import WHOLE

Row = Mapping[str, Any]
SPREAD = 0.62  # of a policy's row that its windows share


def forest(
    rows: Sequence[Row],
    titles: Mapping[str, str],
    base_title: str,
    lang: str,
    foot: Foot | None = None,
    replications: int = 0,
    draws: int = 0,
) -> Figure:
    """``rows`` are those of ``sim.experiments.compare``; ``titles``: policy name -> what people call it."""
    with drawing(lang) as look:
        shown = [
            r for r in rows if r["segment"] == "all" and r["basis"] == "event" and r["measure"] in HEADLINES
        ]
        measures = [m for m in HEADLINES if any(r["measure"] == m for r in shown)]
        policies = [p for p in titles if any(r["policy_name"] == p for r in shown)]
        windows = sorted({str(r["window"]) for r in shown}, key=lambda w: (w == WHOLE, w))
        title = e("forest.title", look.lang, base=base_title)
        if not shown:
            fig = canvas()
            no_data(fig, look)
            return finish(fig, look, title, foot)
        tall = 0.7 + len(policies) * max(0.42, 0.15 * len(windows))
        fig = canvas(11.0, 1.6 + 2 * tall)
        across = -(-len(measures) // 2)
        grid = fig.add_gridspec(3, across, height_ratios=[tall, tall, 0.3])
        for i, measure in enumerate(measures):
            ax = fig.add_subplot(grid[divmod(i, across)])
            _panel(ax, look, measure, [r for r in shown if r["measure"] == measure], policies, windows)
            names = [fold(look.safe(titles[p]), 26) if i % across == 0 else "" for p in policies]
            ax.set_yticks(range(len(policies)), names)
        legend = fig.add_subplot(grid[2, :])  # axes of its own: an outside legend would lie over the foot
        legend.set_axis_off()
        legend.legend(handles=_legend(look, windows), loc="center", ncols=min(len(windows), 8))
        words = foot.line(look.lang) if foot else ""
        told = "forest.foot.draws" if draws > 1 else "forest.foot"
        return finish(fig, look, title, e(told, look.lang, n=replications, draws=draws, foot=words))


def _style(window: str, windows: Sequence[str]) -> tuple[str, str]:
    i = list(windows).index(window)
    return (BLACK, "D") if window == WHOLE else (PALETTE[i % 6], MARKERS[i % len(MARKERS)])


def _panel(
    ax: Axes, look: Look, measure: str, rows: Sequence[Row], policies: Sequence[str], windows: Sequence[str]
) -> None:
    kind = kind_of(measure)
    for row in rows:
        scale = _scale(kind, row)
        x, low, high = (row[k] * scale for k in ("difference", "ci_low", "ci_high"))
        if not math.isfinite(x):
            continue
        i = list(windows).index(str(row["window"]))
        y = policies.index(row["policy_name"]) + (i - (len(windows) - 1) / 2) * SPREAD / max(len(windows), 1)
        colour, marker = _style(str(row["window"]), windows)
        if math.isfinite(high - low):
            ax.plot([low, high], [y, y], color=colour, linewidth=1.8, solid_capstyle="butt")
        ax.plot([x], [y], marker, color=colour, markersize=4.5, markeredgecolor="white", markeredgewidth=0.5)
    ax.axvline(0.0, color=INK, linewidth=0.9, zorder=0.5)
    ax.set_ylim(len(policies) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x", color=PALE, linewidth=0.6)
    for i in range(1, len(policies)):
        ax.axhline(i - 0.5, color=PALE, linewidth=0.8, zorder=0.4)
    ax.set_axisbelow(True)
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: "0" if x == 0 else f"{x:+,.6g}"))
    unit = {"rate": "points", "days": "days", "yuan": "money"}.get(kind, "count")
    ax.set_title(fold(headline(name_of(measure, look.lang)), 31), loc="left", fontweight="bold")
    ax.set_xlabel(e(f"axis.{unit}", look.lang), fontsize=8.5)


def _scale(kind: str, row: Row) -> float:
    """Rates in points; money as a share of the base's, so that windows of any length can stand side by side."""
    if kind == "rate":
        return 100.0
    if kind == "yuan":
        return 100.0 / row["base"] if row["base"] else math.nan
    return 1.0


def _legend(look: Look, windows: Sequence[str]) -> list[Line2D]:
    handles = []
    for window in windows:
        colour, marker = _style(window, windows)
        label = look.safe(window_name(window, look.lang))
        handles.append(Line2D([], [], color=colour, marker=marker, linewidth=1.8, markersize=5, label=label))
    return handles
