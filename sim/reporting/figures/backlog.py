"""Who waits where: backlog by kind of property, and by court and month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.reporting import formats
from sim.reporting.figures.intervals import Key
from sim.reporting.style import (
    FILE,
    GREY,
    ORANGE,
    PALE,
    VERMILION,
    Foot,
    Form,
    Picture,
    drawing,
    finish,
    no_data,
    tip,
)
from sim.reporting.text import headline, t

Floats = npt.NDArray[np.float64]
Bar = tuple[str, float, float]  # name, waiting to be listed, listed and open
PARTS = (("preparing", GREY), ("opened", ORANGE))
COURTS = 24  # courts in the picture
STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 1200)  # months between two dates


def backlog_by_kind(
    bars: Sequence[Bar], lang: str, foot: Foot | str | None = None, *, form: Form = FILE
) -> Picture:
    """Two stacked parts a kind: waiting to be listed, listed and open."""
    with drawing(lang, form) as look:
        fig = look.canvas(8.0, 1.7 + 0.28 * len(bars))
        title = headline(look.t("backlog.kind"))
        if not bars:
            no_data(fig, look)
            return finish(fig, look, title, foot)
        ax = fig.add_subplot()
        start = np.zeros(len(bars))
        for (key, colour), counts in zip(PARTS, np.array([bar[1:] for bar in bars]).T, strict=True):
            drawn = ax.barh(range(len(bars)), counts, 0.62, start, color=colour, label=look.t(key))
            for bar, n in zip(drawn, counts.tolist(), strict=True):
                tip(bar, f"{look.t(key)}: {formats.count(n)}")
            start = start + counts
        for y, n in enumerate(start.tolist()):
            ax.annotate(formats.count(round(n)), (n, y), (4, 0), textcoords="offset points", va="center", fontsize=8.5)  # fmt: skip
        ax.set_yticks(range(len(bars)), [look.safe(name) for name, *_ in bars])
        ax.set_ylim(len(bars) - 0.5, -0.5)
        ax.set_xlim(0.0, (float(start.max()) or 1.0) * 1.08)
        ax.tick_params(axis="y", length=0)
        ax.xaxis.set_major_locator(MaxNLocator(3 if form.narrow else 6, integer=True))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: formats.count(x)))
        ax.grid(axis="x", color=PALE, linewidth=0.6)
        ax.set_axisbelow(True)
        ax.spines["left"].set_visible(False)
        if not form.page:
            ax.legend(loc="lower right")
        return finish(fig, look, title, foot)


def backlog_keys(lang: str) -> list[Key]:
    """What the parts are."""
    return [Key("", colour, t(key, lang)) for key, colour in PARTS]


def backlog_by_court(
    backlog: Floats, origin: date, month: float, lang: str, foot: Foot | str | None = None, *, form: Form = FILE
) -> Picture:  # fmt: skip
    """``backlog``: (courts, months of ``month`` days). The courts with most lots, the fullest on top, last month's count beside."""
    with drawing(lang, form) as look:
        order = np.argsort(-backlog.sum(axis=1), kind="stable")[:COURTS]
        fig = look.canvas(8.0, 1.4 + 0.17 * len(order))
        title = headline(look.t("backlog.court"))
        if not backlog.size:
            no_data(fig, look)
            return finish(fig, look, title, foot)
        ax = fig.add_subplot()
        top, months = float(backlog[order].max()) or 1.0, backlog.shape[1]
        shown = backlog[order]
        x, y = (one.ravel() for one in np.meshgrid(np.arange(months), np.arange(len(order))))
        corners = [(0.04, -0.44), (0.96, -0.44), (0.96, 0.44), (0.04, 0.44)]
        colours = np.array([to_rgba(VERMILION, 0.03 + 0.97 * n / top) for n in shown.ravel().tolist()])
        cells = PolyCollection([[(a + dx, b + dy) for dx, dy in corners] for a, b in zip(x.tolist(), y.tolist(), strict=True)], facecolors=colours, linewidths=0)  # fmt: skip
        cells.set_in_layout(False)
        tip(ax.add_collection(cells, autolim=False), [formats.count(n) for n in shown.ravel().tolist()])
        for line, n in enumerate(shown[:, -1].tolist()):
            ax.annotate(formats.count(round(n)), (months, line), (4, 0), textcoords="offset points", va="center", fontsize=8.5, annotation_clip=False)  # fmt: skip
        ax.set_xlim(0.0, months)
        ax.set_ylim(len(order) - 0.5, -0.5)
        ax.set_yticks(range(len(order)), [look.t("court.n", n=court + 1) for court in order.tolist()])
        step = next(s for s in STEPS if months / s <= (4 if form.narrow else 9))
        days = [origin + timedelta(days=(x + 0.5) * month) for x in range(0, months, step)]
        ax.set_xticks([x + 0.5 for x in range(0, months, step)], [f"{day:%Y-%m}" for day in days])
        ax.tick_params(length=0, labelsize=8.5)
        for side in ("left", "bottom"):
            ax.spines[side].set_visible(False)
        return finish(fig, look, title, foot)
