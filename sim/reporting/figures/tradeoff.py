"""What policies give and take: sold against days to sale, recovery against premium."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from sim.reporting import formats
from sim.reporting.differences import kind_of
from sim.reporting.style import (
    BLACK,
    GREY,
    MARKERS,
    PALE,
    PALETTE,
    Foot,
    Look,
    canvas,
    drawing,
    finish,
    no_data,
)
from sim.reporting.text import headline, name_of
from sim.reporting.text_explore import e
from sim.scenario.schema import WHOLE

Row = Mapping[str, Any]
PANELS = (("days_to_sale_mean", "lots_sold"), ("premium_turnover", "recovery"))


def tradeoff(
    rows: Sequence[Row], titles: Mapping[str, str], base_title: str, lang: str, foot: Foot | None = None
) -> Figure:
    """A mark for the base and one for each policy; its bars are the intervals of the differences from the base.

    ``rows`` are those of ``sim.experiments.compare``, of which the whole horizon is taken.
    """
    with drawing(lang) as look:
        found = {
            (r["policy_name"], r["measure"]): r
            for r in rows
            if r["window"] == WHOLE and r["segment"] == "all" and r["basis"] == "event"
        }
        policies = [p for p in titles if any(name == p for name, _ in found)]
        title = e("tradeoff.title", look.lang)
        if not policies:
            fig = canvas()
            no_data(fig, look)
            return finish(fig, look, title, foot)
        lines = math.ceil((len(policies) + 1) / 2)
        fig = canvas(10.0, 4.8 + 0.24 * lines)
        grid = fig.add_gridspec(2, 2, height_ratios=[4.0, 0.24 * lines])
        axes = [fig.add_subplot(grid[0, i]) for i in range(2)]
        for ax, (x, y) in zip(axes, PANELS, strict=True):
            _panel(ax, look, x, y, found, policies)
        handles, _ = axes[0].get_legend_handles_labels()
        names = [look.safe(base_title), *(look.safe(titles[p]) for p in policies)]
        key = fig.add_subplot(grid[1, :])  # axes of its own: an outside legend would lie over the foot
        key.set_axis_off()
        key.legend(handles, names, loc="center", ncols=2)
        words = e("tradeoff.foot", look.lang, foot=foot.line(look.lang) if foot else "")
        return finish(fig, look, title, words)


def _panel(
    ax: Axes, look: Look, x: str, y: str, found: Mapping[tuple[str, str], Row], policies: Sequence[str]
) -> None:
    first = policies[0]
    if (first, x) not in found or (first, y) not in found:
        ax.set_axis_off()
        return
    at = found[first, x]["base"], found[first, y]["base"]
    ax.axvline(at[0], color=PALE, linewidth=0.9, zorder=0.5)
    ax.axhline(at[1], color=PALE, linewidth=0.9, zorder=0.5)
    ax.plot([at[0]], [at[1]], "*", color=BLACK, markersize=13, label="base", zorder=4)
    for i, policy in enumerate(policies):
        across, up = found[policy, x], found[policy, y]
        colour = PALETTE[i % 6]
        place = (across["base"] + across["difference"], up["base"] + up["difference"])
        ax.errorbar(
            [place[0]], [place[1]], xerr=_bars(across), yerr=_bars(up), fmt=MARKERS[(i + i // 6) % len(MARKERS)],
            color=colour, ecolor=colour, elinewidth=1.3, markersize=7, markeredgecolor="white", label=policy, zorder=3,
        )  # fmt: skip
    for axis, measure in ((ax.xaxis, x), (ax.yaxis, y)):
        rate = kind_of(measure) == "rate"
        axis.set_major_formatter(
            FuncFormatter(
                lambda v, _, rate=rate: formats.percent(v, 1 if abs(v) < 0.1 else 0) if rate else f"{v:,.6g}"
            )
        )
    unit = e("axis.days", look.lang) if kind_of(x) == "days" else ""
    ax.set_xlabel(headline(name_of(x, look.lang)) + (f" ({unit})" if unit else ""))
    ax.set_ylabel(headline(name_of(y, look.lang)))
    ax.grid(color=PALE, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.margins(0.12)
    ax.tick_params(color=GREY)


def _bars(row: Row) -> list[list[float]]:
    low, high = row["difference"] - row["ci_low"], row["ci_high"] - row["difference"]
    return [[low if math.isfinite(low) else 0.0], [high if math.isfinite(high) else 0.0]]
