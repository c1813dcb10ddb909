"""Pictures of print beside the model: the fit, and predictions of what was not used."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from calibration.audit.words import figure_name
from calibration.readings import RATIOS
from calibration.report import fit_tables, tables
from calibration.report.figures import (
    Mark,
    Rows,
    blank,
    empty,
    finished,
    folded,
    handle,
    heading,
    interval,
    line,
    row_height,
    said,
)
from calibration.result import Result
from calibration.words import w
from sim.report.style import (
    BLACK,
    BLUE,
    GREEN,
    PALE,
    VERMILION,
    Look,
    drawing,
)

FARTHEST: Final = 3.2  # log-ratio beyond which an interval is cut off in pictures relative to print


ROLES: Final = {"fit": Mark(BLUE, "o", "fitted"), "held_out": Mark(GREEN, "s", "held_out")}
SCORES: Final = {1: Mark(BLUE, "o", "inside"), 0: Mark(VERMILION, "D", "outside")}


def row_name(row: Mapping[str, Any], among: Rows, lang: str) -> str:
    """The figure of a row as it is drawn: its measure where the window has several, 1 + premium for premiums."""
    same = [r for r in among if (r["window"], r["figure"]) == (row["window"], row["figure"])]
    name = tables.short(row["measure"], lang) if len(same) > 1 else figure_name(row["figure"], lang)
    return w("fig.one_plus", lang, figure=name) if _shifted(row) else name


def _shifted(row: Mapping[str, Any]) -> bool:
    """Whether a row is a premium over the start, of which 1 + premium is compared."""
    return row["figure"] == "premium" and row["measure"] not in RATIOS


def _relative(row: Mapping[str, Any], x: float) -> float:
    """ln(model / print); cut off where the picture ends."""
    shift = 1.0 if _shifted(row) else 0.0
    if not math.isfinite(x) or shift + row["printed"] <= 0:
        return math.nan
    ratio = max(shift + x, 1e-9) / (shift + row["printed"])
    return float(np.clip(math.log(ratio), -FARTHEST, FARTHEST))


def _against_print(ax: Axes, y: float, row: Mapping[str, Any], mark: Mark) -> None:
    low, middle, high = (_relative(row, row[k]) for k in ("low", "median", "high"))
    interval(ax, y, low, middle, high, mark)
    for end, arrow in ((low, "<"), (high, ">")):
        if abs(end) == FARTHEST:
            ax.plot([end], [y], arrow, color=mark.colour, markersize=5)


def _factor_axis(ax: Axes, look: Look, rows: Rows, fine: bool = False) -> None:
    """Multiples of print, as far as the rows go."""
    ends = [abs(_relative(row, row[k])) for row in rows for k in ("low", "median", "high")]
    far = max([0.25, *(end for end in ends if math.isfinite(end))])
    steps = [0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0] if fine else [0.05, 0.2, 1.0, 5.0, 20.0]
    if far < math.log(5.0):
        steps = [0.25, 0.5, 1.0, 2.0, 4.0] if far > 0.5 else [0.8, 1.0, 1.25]
    ticks = [t for t in steps if abs(math.log(t)) <= far * 1.05]
    ax.set_xlim(-far * 1.08, far * 1.08)
    ax.set_xticks([math.log(t) for t in ticks], [f"×{t:g}" for t in ticks])
    ax.set_xlabel(said(look, "ratio"), fontsize=9)
    ax.grid(axis="x", color=PALE, linewidth=0.6)
    ax.axvline(0.0, color=BLACK, linewidth=1.0, zorder=1)
    ax.set_axisbelow(True)


def _legend_of(look: Look, marks: Sequence[Mark]) -> list[Artist]:
    return [
        *(handle(mark, said(look, mark.key)) for mark in dict.fromkeys(marks)),
        line(BLACK, said(look, "print")),
    ]


def fit_figure(result: Result, lang: str, narrow: bool) -> Figure:
    """Each window's figures relative to print, with the model's interval."""
    rows = fit_tables.fit_rows(result.leading or result.cases[0])
    windows = list(dict.fromkeys(r["window"] for r in rows))
    with drawing(lang) as look:
        title = said(look, "fit.title", inside=sum(r["inside"] for r in rows), all=len(rows))
        if not rows:
            return empty(look, narrow, title)
        across = 1 if narrow else min(len(windows), 3)
        of = [[r for r in rows if r["window"] == window] for window in windows]
        room = 1.3 if narrow else 1.1 if across > 1 else 2.5
        names = [[folded(look, row_name(r, mine, look.lang), room, 8) for r in mine] for mine in of]
        tall = [max(len(mine) for mine in of[i : i + across]) for i in range(0, len(of), across)]
        fig = blank(narrow, row_height([n for mine in names for n in mine], 8) * sum(tall) + 0.8 * len(tall))
        grid = fig.add_gridspec(len(tall), across, height_ratios=[n + 0.5 for n in tall])
        for i, mine in enumerate(of):
            ax = fig.add_subplot(grid[i // across, i % across])
            _fit_panel(ax, look, mine, names[i])
            _factor_axis(ax, look, rows)
        return finished(fig, look, title, _legend_of(look, [ROLES[r["role"]] for r in rows]))


def _fit_panel(ax: Axes, look: Look, rows: Rows, names: Sequence[str]) -> None:
    """One window, its first figure on top."""
    for y, row in enumerate(rows):
        _against_print(ax, y, row, ROLES[row["role"]])
    ax.set_yticks(range(len(rows)), names, fontsize=8)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_title(look.safe(rows[0]["window"]), loc="left")


def predictive_figure(result: Result, lang: str, narrow: bool) -> Figure:
    """Held-out figures, left-out windows and other places: predicted interval and print."""
    rows = fit_tables.validation_rows(result)
    with drawing(lang) as look:
        title = w("validation.title", look.lang, inside=sum(r["inside"] for r in rows), all=len(rows))
        if not rows:
            return empty(look, narrow, title)
        names = [folded(look, _predicted(r, rows, look.lang), 1.4 if narrow else 3.0, 7.5) for r in rows]
        groups = list(dict.fromkeys((r["kind"], r["place"]) for r in rows))
        fig = blank(narrow, row_height(names, 7.5) * (len(rows) + 1.4 * len(groups)) + 0.5)
        ax = fig.add_subplot()
        y, ticks = 0.0, []
        for group in groups:
            mine = [r for r in rows if (r["kind"], r["place"]) == group]
            heading(ax, y, look.safe(fit_tables.predicted_where(mine[0], look.lang)))
            for row in mine:
                y -= 1.0
                _against_print(ax, y, row, SCORES[row["inside"]])
                ticks.append(y)
            y -= 1.4
        ax.set_yticks(ticks, names, fontsize=7.5)
        ax.set_ylim(y + 0.7, 0.7)
        _factor_axis(ax, look, rows, fine=not narrow)
        return finished(fig, look, title, _legend_of(look, [SCORES[r["inside"]] for r in rows]))


def _predicted(row: Mapping[str, Any], rows: Rows, lang: str) -> str:
    """Window and figure."""
    mine = [r for r in rows if (r["kind"], r["place"]) == (row["kind"], row["place"])]
    return w("fig.predicted", lang, window=row["window"], figure=row_name(row, mine, lang))
