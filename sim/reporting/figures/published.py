"""Published figures beside what the model gives, under the interpretation by which they are compared."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.reporting import formats
from sim.reporting.fit import MUST, NOT_PUBLISHED, Fit
from sim.reporting.style import (
    BLUE,
    GREEN,
    ORANGE,
    PALE,
    VERMILION,
    Foot,
    Look,
    canvas,
    drawing,
    finish,
    no_data,
)
from sim.reporting.text import headline, known, name_of

Row = Mapping[str, Any]
BASES = {"event": (BLUE, "o"), "cohort": (ORANGE, "s")}
OTHER = (GREEN, "^")
FAINT = 0.4  # strength of what the model need not produce


def printed_vs_simulated(fit: Fit, lang: str, foot: Foot | str | None = None) -> Figure:
    """Small multiples: a column for each window, a line of panels for each published figure, under one interpretation.

    A published value is a vertical line through its panel; the model has a mark and a band, faint where it need not meet it.
    """
    rows = fit.rows
    with drawing(lang) as look:
        windows = list(dict.fromkeys(str(row["window"]) for row in rows))
        figures = list(dict.fromkeys(str(row["figure"]) for row in rows))
        if not rows:
            fig = canvas()
            no_data(fig, look)
            return finish(fig, look, headline(look.t("compare.table")), foot)
        readings = {
            f: list(dict.fromkeys(str(r["measure"]) for r in rows if r["figure"] == f)) for f in figures
        }
        heights = [len(readings[f]) + 0.9 for f in figures]
        fig = canvas(max(8.5, 3.0 + 2.5 * len(windows)), 2.0 + 0.36 * sum(heights))
        grid = fig.add_gridspec(len(figures) + 1, len(windows), height_ratios=[*heights, 1.1])
        for i, figure in enumerate(figures):
            first: Axes | None = None
            for j, window in enumerate(windows):
                mine = [r for r in rows if r["figure"] == figure and str(r["window"]) == window]
                ax = fig.add_subplot(grid[i, j], sharex=first)
                _panel(ax, look, figure, readings[figure], mine, labels=j == 0)
                if i == 0:
                    _window_name(ax, look.safe(window))
                first = first or ax
            assert first is not None
            _axis(first, look.lang, figure, [r for r in rows if r["figure"] == figure])
        key = fig.add_subplot(grid[-1, :])
        key.set_axis_off()
        key.legend(handles=_legend(look, rows), loc="center", ncols=2)
        title = fit.count(look.lang) if fit.of(MUST) else headline(look.t("compare.table"))
        return finish(fig, look, title, foot)


def _panel(ax: Axes, look: Look, figure: str, readings: list[str], rows: Sequence[Row], labels: bool) -> None:
    bases = list(dict.fromkeys(str(r["basis"]) for r in rows))
    for row in rows:
        colour, marker = BASES.get(str(row["basis"]), OTHER)
        shift = (bases.index(str(row["basis"])) - (len(bases) - 1) / 2) * 0.34
        y = readings.index(str(row["measure"])) + shift
        mean, low, high = (_place(figure, float(row[k])) for k in ("mean", "low", "high"))
        strength = 1.0 if row["role"] in (MUST, NOT_PUBLISHED) else FAINT
        ax.plot(
            [low, high], [y, y], color=colour, linewidth=2.2, solid_capstyle="butt", alpha=0.75 * strength
        )
        ax.plot(
            [mean], [y], marker, color=colour, alpha=strength,
            markersize=4.5, markeredgecolor="white", markeredgewidth=0.5,
        )  # fmt: skip
    printed = next((r["published"] for r in rows if r["published"] is not None), None)
    if printed is not None:
        x = _place(figure, float(printed))
        ax.axvline(x, color=VERMILION, linewidth=1.4, linestyle=(0, (4, 1.5)), zorder=0.5)
        told = formats.value(figure, float(printed), look.lang, digits=2)
        ax.annotate(
            told, (x, 1), (0, 1), ("data", "axes fraction"), "offset points",
            ha="center", va="bottom", fontsize=8.5, color=VERMILION, annotation_clip=False,
        )  # fmt: skip
    ax.set_ylim(len(readings) - 0.5, -0.5)
    ax.set_yticks(range(len(readings)))
    ax.set_yticklabels([headline(look.safe(name_of(r, look.lang))) for r in readings] if labels else [])
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", labelsize=8, length=2.5, pad=2)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x", color=PALE, linewidth=0.6)
    ax.set_axisbelow(True)


def _window_name(ax: Axes, words: str) -> None:
    ax.annotate(
        words,
        (0.5, 1),
        (0, 17),
        "axes fraction",
        "offset points",
        ha="center",
        fontweight="bold",
        fontsize=11,
    )


def _place(figure: str, x: float) -> float:
    """Where a value stands on its axis: premiums on a log axis of 1 + premium, all else as it is."""
    return math.log10(max(1.0 + x, 1e-3)) if figure == "premium" else x


def _axis(ax: Axes, lang: str, figure: str, rows: Sequence[Row]) -> None:
    """The axis that a line of panels shares."""
    values = [float(r[k]) for r in rows for k in ("mean", "low", "high", "published") if r[k] is not None]
    values = [x for x in values if math.isfinite(x)] or [0.0]
    top = max(values)
    if figure == "premium":
        shown = [x for x in (0.0, 1.0, 9.0, 99.0, 999.0, 9999.0) if x <= max(top * 2.5, 1.0)]
        low = min([0.0, *(_place(figure, x) for x in values)])
        ax.set_xlim(low - 0.04, max(_place(figure, top), math.log10(2.0)) * 1.08)
        ax.set_xticks([_place(figure, x) for x in shown], [formats.percent(x, 0) for x in shown])
        return
    ax.set_xlim(0.0, top * 1.1 if top > 0 else 1.0)
    ax.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: _tick(figure, x, lang)))


def _tick(figure: str, x: float, lang: str) -> str:
    if x == 0:
        return "0"
    if figure in formats.MONEY:
        size, name = formats.unit(x, lang)
        return f"{x / size:,.5g}{name}" if lang == "zh" else f"¥{x / size:,.5g}{name}"
    return formats.percent(x, 0) if figure in formats.SHARES else f"{x:,.5g}"


def _legend(look: Look, rows: Sequence[Row]) -> list[Line2D]:
    handles = [
        Line2D(
            [], [], color=VERMILION, linewidth=1.4, linestyle=(0, (4, 1.5)), label=look.t("compare.printed")
        ),
        Line2D([], [], color="#404040", linewidth=2.2, label=look.t("compare.simulated")),
    ]
    for basis in dict.fromkeys(str(r["basis"]) for r in rows):
        colour, marker = BASES.get(basis, OTHER)
        words = known(f"basis.{basis}.long", look.lang, look.safe(basis))
        handles.append(Line2D([], [], color=colour, marker=marker, linewidth=2.2, label=words))
    if any(r["role"] not in (MUST, NOT_PUBLISHED) for r in rows):
        words = look.t("compare.faint")
        handles.append(Line2D([], [], color="#404040", linewidth=2.2, alpha=FAINT, label=words))
    return handles
