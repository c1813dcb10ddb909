"""Lots over calendar time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.dates import date2num, num2date
from matplotlib.ticker import FuncFormatter

from sim.reporting import formats
from sim.reporting.style import (
    BLACK,
    BLUE,
    FILE,
    GREEN,
    GREY,
    INK,
    PALE,
    VERMILION,
    WASH,
    Foot,
    Form,
    Look,
    Picture,
    columns,
    drawing,
    finish,
    no_data,
)
from sim.reporting.text import headline

CURVES = {"listed": (BLACK, (0, (4, 2))), "open": (VERMILION, "solid"), "sold": (BLUE, (0, (1.2, 1.2)))}
MARGINS, LETTER = 1.6, 0.085  # inches beside the axes, about; of half a Chinese character in bold
QUARTER = 90.0  # days
DAYS = (1, 2, 5, 10, 20, 30)  # between two ticks of a short axis
MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240)  # between two ticks of a long one
Windows = Mapping[str, tuple[date, date]]


def open_lots(
    times: npt.ArrayLike,
    counts: Mapping[str, npt.ArrayLike],
    lang: str,
    foot: Foot | str | None = None,
    *,
    origin: date,
    windows: Windows | None = None,
    form: Form = FILE,
) -> Picture:
    """``counts[name]`` is (replications, times) or (times,); names as in ``curves.open_lots_curve``.

    ``times`` are days from ``origin``, the scenario's start. ``windows`` name their first and last days.
    """
    with drawing(lang, form) as look:
        fig = look.canvas(8.6, 4.6)
        when = np.asarray(times, dtype=np.float64).ravel()
        curves = {name: np.atleast_2d(np.asarray(c, dtype=np.float64)) for name, c in counts.items()}
        if not len(when) or not curves or not any(c.size for c in curves.values()):
            no_data(fig, look)
            return finish(fig, look, headline(look.t("open.plain")), foot)
        ax = fig.add_subplot()
        x = when + float(date2num(origin))  # type: ignore[no-untyped-call]
        ends = _lines(ax, look, x, curves)
        ax.set_xlim(x[0], x[-1] if len(x) > 1 else x[0] + 1)
        ax.set_ylim(0, max(1.0, max(float(c.max()) for c in curves.values())) * 1.12)
        _windows(ax, look, windows or {})
        _ends(ax, x[-1], ends)
        date_ticks(ax, form)
        ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:,.0f}"))
        ax.set_ylabel(headline(look.t("open.y")))
        if not form.page and any(len(c) > 1 for c in curves.values()):
            ax.annotate(
                look.t("open.band"),
                (0, 1),
                (6, -18),
                "axes fraction",
                "offset points",
                fontsize=8.5,
                color=GREY,
                va="top",
            )
        day = num2date(x[-1] - 0.5).date().isoformat()  # type: ignore[no-untyped-call]  # 00:00 ends the day before
        last = {name: float(c[:, -1].mean()) for name, c in curves.items()}
        title = headline(look.t("open.plain"))
        if {"listed", "open"} <= last.keys():
            title = look.t(
                "open.title",
                day=day,
                listed=formats.count(round(last["listed"])),
                open=formats.count(round(last["open"])),
            )
        return finish(fig, look, title, foot)


def date_ticks(ax: Axes, form: Form) -> None:
    """First days of months under an axis of dates, as many as there is room for; days where it is shorter than that."""
    low, high = ax.get_xlim()
    most = 3 if form.narrow else 9
    if high - low <= QUARTER:
        apart = next(apart for apart in DAYS if (high - low) / apart <= most)
        shown = [num2date(x).date() for x in np.arange(math.ceil(low), high + 1e-9, apart)]  # type: ignore[no-untyped-call]
    else:
        first, last = (num2date(x) for x in (low, high))  # type: ignore[no-untyped-call]
        begin, end = (12 * day.year + day.month - 1 for day in (first, last))
        step = next((step for step in MONTHS if (end - begin) / step <= most), MONTHS[-1])
        shown = [date(i // 12, i % 12 + 1, 1) for i in range(-(-begin // step) * step, end + 1, step)]
    pattern = "%m-%d" if high - low <= QUARTER else "%Y-%m"
    places = [float(date2num(day)) for day in shown]  # type: ignore[no-untyped-call]
    ticks = [(place, day.strftime(pattern)) for place, day in zip(places, shown, strict=True)]
    ticks = [tick for tick in ticks if low <= tick[0] <= high]
    ax.set_xticks([x for x, _ in ticks], [words for _, words in ticks])


def _lines(
    ax: Axes, look: Look, x: npt.NDArray[np.float64], curves: Mapping[str, npt.NDArray[np.float64]]
) -> list[tuple[float, str, str]]:
    """Mean and band of each curve; returns (height, words, colour) of their right ends."""
    ends = []
    for name, runs in curves.items():
        colour, dash = CURVES.get(name, (GREEN, "solid"))
        mean = runs.mean(axis=0)
        if len(runs) > 1:
            low, high = np.quantile(runs, (0.025, 0.975), axis=0)
            ax.fill_between(x, low, high, color=colour, alpha=0.18, linewidth=0)
        ax.plot(x, mean, color=colour, linewidth=1.8, linestyle=dash)
        words = look.t(f"open.{name}") if name in CURVES else look.safe(name)
        ends.append((float(mean[-1]), f"{headline(words)}\n{formats.count(round(float(mean[-1])))}", colour))
    return ends


def _ends(ax: Axes, x: float, ends: list[tuple[float, str, str]]) -> None:
    """Names of the curves at their right ends, pushed apart where they would collide."""
    top = ax.get_ylim()[1]
    lowest = float("-inf")
    for y, words, colour in sorted(ends):
        lowest = max(y, lowest + 0.115 * top)
        ax.annotate(
            words, (x, lowest), (6, 0), textcoords="offset points",
            color=colour, va="center", fontsize=9.5, annotation_clip=False,
        )  # fmt: skip


def _windows(ax: Axes, look: Look, windows: Windows) -> None:
    """Reporting periods: their boundaries as lines, every other one shaded, names on top."""
    left, right = ax.get_xlim()
    wide = (look.form.width or 8.6) - MARGINS
    for i, (name, (first, last)) in enumerate(sorted(windows.items(), key=lambda item: item[1])):
        a = max(float(date2num(first)), left)  # type: ignore[no-untyped-call]
        b = min(float(date2num(last)) + 1, right)  # type: ignore[no-untyped-call]
        if b <= a:
            continue
        if i % 2:
            ax.axvspan(a, b, color=WASH, zorder=0, linewidth=0)
        for edge in (a, b):
            if left < edge < right:
                ax.axvline(edge, color=PALE, linewidth=1.2, zorder=0.5)
        room = (b - a) / (right - left) * wide
        if columns(name) * LETTER > room:
            continue
        ax.annotate(
            look.safe(name), ((a + b) / 2, 1), (0, -3), ("data", "axes fraction"), "offset points",
            ha="center", va="top", fontsize=9.5, color=INK, fontweight="bold",
        )  # fmt: skip
