"""What policies give and take: sold against days to sale, recovery against premium."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.reporting.differences import kind_of
from sim.reporting.figures.intervals import BROAD, PX
from sim.reporting.figures.labels import LEADER, placed
from sim.reporting.style import (
    BEHIND,
    BLACK,
    GREY,
    MARKERS,
    PALE,
    PALETTE,
    Foot,
    Form,
    Look,
    Picture,
    canvas,
    drawing,
    finish,
    fold,
    no_data,
    tip,
)
from sim.reporting.text import headline, name_of
from sim.reporting.text_explore import e
from sim.reporting.units import unit_of
from sim.reporting.values import tick_writer
from sim.scenario.schema import WHOLE

Row = Mapping[str, Any]
Found = Mapping[tuple[str, str], Row]
Pair = tuple[str, str]
PANELS: tuple[Pair, ...] = (("days_to_sale_mean", "lots_sold"), ("premium_turnover", "recovery"))
LABELPAD = 9.0  # points between an upright label and its numbers
ROOM = 56  # columns of a policy's name in the legend
AXES = (260.0, 200.0)  # pixels: about how large the axes come out


def tradeoff(
    rows: Sequence[Row], titles: Mapping[str, str], base_title: str, lang: str, foot: Foot | None = None
) -> Picture:
    """A mark for the base and one for each policy, with its number; its bars are the intervals of the differences from the base.

    ``rows`` are those of ``differences.on_basis``, of which the whole period is taken.
    """
    with drawing(lang) as look:
        found = _found(rows)
        policies = [p for p in titles if any(name == p for name, _ in found)]
        title = e("tradeoff.title", look.lang)
        if not policies:
            fig = canvas()
            no_data(fig, look)
            return finish(fig, look, title, foot)
        names = [base_title, *(f"{i + 1}  {titles[p]}" for i, p in enumerate(policies))]
        names = [fold(look.safe(name), ROOM) for name in names]
        lines = math.ceil((sum(name.count("\n") + 1 for name in names) + 1) / 2)
        fig = canvas(10.0, 4.8 + 0.24 * lines)
        grid = fig.add_gridspec(2, 2, height_ratios=[4.0, 0.24 * lines])
        axes = [fig.add_subplot(grid[0, i]) for i in range(2)]
        for ax, pair in zip(axes, PANELS, strict=True):
            _panel(ax, look, pair, found, titles)
        handles, _ = axes[0].get_legend_handles_labels()
        key = fig.add_subplot(grid[1, :])  # axes of its own: an outside legend would lie over the foot
        key.set_axis_off()
        key.legend(handles, names, loc="center", ncols=2).set_in_layout(False)
        words = e("tradeoff.foot", look.lang, foot=foot.line(look.lang) if foot else "")
        return finish(fig, look, title, words)


def tradeoff_panel(pair: Pair, rows: Sequence[Row], titles: Mapping[str, str], lang: str) -> Picture | None:
    """One panel as a figure of its own, for a page; None where a measure is missing."""
    found = _found(rows)
    if not any((p, pair[0]) in found and (p, pair[1]) in found for p in titles):
        return None
    with drawing(lang, Form(1.16 * BROAD / PX)) as look:
        fig = canvas(look.form.width, 280.0 / PX)
        _panel(fig.add_subplot(), look, pair, found, titles)
        x, y = (headline(name_of(measure, lang)) for measure in pair)
        fig.said = f"{y} / {x}: {', '.join(titles.values())}"
        return fig


def _found(rows: Sequence[Row]) -> Found:
    return {(r["policy_name"], r["measure"]): r for r in rows if r["window"] == WHOLE}


def _panel(ax: Axes, look: Look, pair: Pair, found: Found, titles: Mapping[str, str]) -> None:
    x, y = pair
    shown = [(p, found[p, x], found[p, y]) for p in titles if (p, x) in found and (p, y) in found]
    shown = [one for one in shown if math.isfinite(one[1]["policy"]) and math.isfinite(one[2]["policy"])]
    if not shown:
        ax.set_axis_off()
        return
    at = shown[0][1]["base"], shown[0][2]["base"]
    ax.axvline(at[0], color=PALE, linewidth=0.9, zorder=0.5)
    ax.axhline(at[1], color=PALE, linewidth=0.9, zorder=0.5)
    ax.plot([at[0]], [at[1]], "D", color=BLACK, markersize=7, label="base", zorder=4)
    for i, (policy, across, up) in enumerate(shown):
        colour, mark = PALETTE[i % 6], MARKERS[(i + i // 6) % len(MARKERS)]
        place = across["base"] + across["difference"], up["base"] + up["difference"]
        for row, line in ((across, ax.hlines), (up, ax.vlines)):
            low, high = row["base"] + row["ci_low"], row["base"] + row["ci_high"]
            if math.isfinite(low) and math.isfinite(high):
                line(place[1] if row is across else place[0], low, high, color=colour, linewidth=1.4)
        (dot,) = ax.plot([place[0]], [place[1]], mark, color=colour, markersize=7, markeredgecolor="white", label=policy, zorder=3)  # fmt: skip
        tip(dot, titles[policy])
    for axis, measure in ((ax.xaxis, x), (ax.yaxis, y)):
        write = tick_writer(kind_of(measure), look.lang)
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
        axis.set_major_formatter(FuncFormatter(lambda v, _, write=write: write(float(f"{v:.6g}"))))
    for put, measure in ((ax.set_xlabel, x), (ax.set_ylabel, y)):
        unit = unit_of(measure, look.lang)
        named = headline(name_of(measure, look.lang))
        put(f"{named} · {unit}" if unit else named)
    if look.form.page:  # a browser's numbers may be wider than they are measured
        ax.yaxis.labelpad = LABELPAD
    ax.grid(color=PALE, linewidth=0.5)
    ax.set_axisbelow(True)
    ax.margins(0.12)
    _numbers(ax, [(a["base"] + a["difference"], u["base"] + u["difference"]) for _, a, u in shown])


def _numbers(ax: Axes, dots: Sequence[tuple[float, float]]) -> None:
    """The number of each policy beside its dot."""
    name_dots(ax, dots, [str(i + 1) for i in range(len(dots))], AXES)


def name_dots(
    ax: Axes, dots: Sequence[tuple[float, float]], names: Sequence[str], size: tuple[float, float]
) -> None:
    """A name beside each dot that has one, with a line to it where it stands far off. ``size``: of the axes, about, in pixels."""
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    pixels = [((x - left) / (right - left) * size[0], (y - low) / (high - low) * size[1]) for x, y in dots]
    leader = {"arrowstyle": "-", "color": GREY, "linewidth": 0.7, "shrinkA": 0, "shrinkB": 3}
    for dot, name, way in zip(dots, names, placed(pixels, names, size), strict=True):
        if not name:
            continue
        ax.annotate(
            name, dot, (0.75 * way[0], 0.75 * way[1]), textcoords="offset points", ha="center", va="center",
            fontweight="bold", bbox={**BEHIND, "alpha": 0.6}, zorder=5, arrowprops=leader if math.hypot(*way) > LEADER else None,
        )  # fmt: skip
