"""Which parameters matter: bars from the most important down, with intervals, a panel a measure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from sim.experiments.sensitivity import Index
from sim.reporting.differences import kind_of
from sim.reporting.figures.sensitivity import axis_unit
from sim.reporting.style import (
    BLACK,
    BLUE,
    INK,
    ORANGE,
    PALE,
    VERMILION,
    Foot,
    Look,
    canvas,
    drawing,
    finish,
    fold,
)
from sim.reporting.text import headline, name_of
from sim.reporting.text_explore import e


def tornado(
    found: Mapping[str, Sequence[Index]],
    labels: Mapping[str, tuple[str, str]],
    method: str,
    lang: str,
    window: str,
    foot: Foot | None = None,
) -> Figure:
    """``found``: measure -> its indices, the largest first; ``labels``: parameter -> what people call it (en, zh)."""
    with drawing(lang) as look:
        across = min(len(found), 2)
        down = math.ceil(len(found) / across)
        most = max(len(indices) for indices in found.values())
        tall = 0.9 + 0.42 * most
        fig = canvas(5.4 * across + 0.6, 1.2 + tall * down)
        grid = fig.add_gridspec(down + 1, across, height_ratios=[*[tall] * down, 0.3])
        for i, (measure, indices) in enumerate(found.items()):
            ax = fig.add_subplot(grid[divmod(i, across)])
            _panel(ax, look, measure, indices, labels, method)
        key = fig.add_subplot(grid[-1, :])
        key.set_axis_off()
        key.legend(handles=_legend(look, method), loc="center", ncols=3)
        where = e("whole", look.lang) if window == "all" else look.safe(window)
        title = e(f"sensitivity.{method}", look.lang, window=where)
        text = e(f"sensitivity.{method}.foot", look.lang, foot=foot.line(look.lang) if foot else "")
        return finish(fig, look, title, text)


def _panel(
    ax: Axes,
    look: Look,
    measure: str,
    indices: Sequence[Index],
    labels: Mapping[str, tuple[str, str]],
    method: str,
) -> None:
    scale = 100.0 if method == "morris" and kind_of(measure) == "rate" else 1.0
    for y, one in enumerate(indices):
        up = method == "sobol" or one.first >= 0.0
        ax.barh(y, one.total * scale, 0.62, color=BLUE if up else VERMILION, alpha=0.85, linewidth=0)
        ax.plot([one.low * scale, one.high * scale], [y, y], color=BLACK, linewidth=1.4)
        if method == "sobol":
            ax.plot([one.first_low, one.first_high], [y + 0.22] * 2, color=ORANGE, linewidth=1.2)
            ax.plot([one.first], [y + 0.22], "o", color=ORANGE, markersize=4.5, markeredgecolor="white")
        else:
            ax.plot([one.spread * scale], [y], "D", color="white", markersize=4.5, markeredgecolor=BLACK)
    names = [look.safe(_name(one.parameter, labels, look)) for one in indices]
    ax.set_yticks(range(len(indices)), [fold(name, 26) for name in names])
    ax.set_ylim(len(indices) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.axvline(0.0, color=INK, linewidth=0.8)
    ax.grid(axis="x", color=PALE, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    ax.set_title(fold(headline(look.safe(name_of(measure, look.lang))), 34), loc="left", fontweight="bold")
    ax.set_xlabel(axis_unit(measure, method, look.lang), fontsize=8.5)


def _name(path: str, labels: Mapping[str, tuple[str, str]], look: Look) -> str:
    name = labels.get(path, ("", ""))[look.lang == "zh"]
    return f"{name} ({path})" if name else path


def _legend(look: Look, method: str) -> list[Patch | Line2D]:
    whisker = Line2D([], [], color=BLACK, linewidth=1.4, label=e("sensitivity.interval", look.lang))
    if method == "sobol":
        first = Line2D([], [], color=ORANGE, marker="o", label=e("sensitivity.first", look.lang))
        return [Patch(color=BLUE, alpha=0.85, label=e("sensitivity.total", look.lang)), first, whisker]
    spread = Line2D(
        [],
        [],
        color="white",
        marker="D",
        markeredgecolor=BLACK,
        linewidth=0,
        label=e("sensitivity.spread", look.lang),
    )
    return [
        Patch(color=BLUE, alpha=0.85, label=e("sensitivity.up", look.lang)),
        Patch(color=VERMILION, alpha=0.85, label=e("sensitivity.down", look.lang)),
        spread,
        whisker,
    ]
