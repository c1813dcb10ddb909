"""Who waits where: backlog by kind of property, and by court and month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from sim.reporting import formats
from sim.reporting.pages.figures.svg import NARROW, WIDE, Drawing, Scale, ticks, width_of
from sim.reporting.pages.words import w

Floats = npt.NDArray[np.float64]
SHOWN = 24  # courts in the picture
Bar = tuple[str, float, float]  # name, waiting to be listed, listed and open


def by_kind(bars: Sequence[Bar], lang: str) -> tuple[Markup, Markup]:
    """Two stacked parts a kind: waiting to be listed, listed and open."""

    def draw(width: float) -> Markup:
        left = 10 + max(width_of(name) for name, *_ in bars)
        drawing = Drawing(width, 26.0 * len(bars) + 24, w("backlog.kind", lang))
        top = max(a + b for _, a, b in bars) or 1.0
        x = Scale(0.0, top, left, width - 10 - width_of(formats.count(round(top))))
        for tick in ticks(0, top, 3 if width < 500 else 6):
            drawing.line(x(tick), 0, x(tick), 26.0 * len(bars), "s-pale thin")
            drawing.text(x(tick), 26.0 * len(bars) + 16, formats.count(tick), "small soft", "middle")
        for i, (name, waiting, opened) in enumerate(bars):
            y = 26.0 * i
            drawing.text(left - 8, y + 17, name, anchor="end")
            for start, n, cls, words in (
                (0.0, waiting, "f-grey", "preparing"),
                (waiting, opened, "f-orange", "opened"),
            ):
                drawing.rect(
                    x(start), y + 5, x(start + n) - x(start), 16, cls, f"{w(words, lang)}: {formats.count(n)}"
                )
            drawing.text(x(waiting + opened) + 6, y + 17, formats.count(round(waiting + opened)), "small")
        return drawing.render()

    return draw(WIDE), draw(NARROW)


def by_court(backlog: Floats, origin: date, month: float, lang: str) -> tuple[Markup, Markup]:
    """``backlog``: (courts, months). The courts with most lots, the fullest on top."""
    order = np.argsort(-backlog.sum(axis=1), kind="stable")[:SHOWN]
    top = float(backlog[order].max()) or 1.0
    months = backlog.shape[1]

    def draw(width: float) -> Markup:
        left = 10 + width_of(w("court.n", lang, n=len(backlog)), 11.5)
        cell, line = (width - left - 44) / months, 15.0
        drawing = Drawing(width, line * len(order) + 26, w("backlog.court", lang))
        for i, court in enumerate(order.tolist()):
            y = line * i
            drawing.text(left - 6, y + 11.5, w("court.n", lang, n=court + 1), "small soft", "end")
            for j, n in enumerate(backlog[court].tolist()):
                drawing.rect(
                    left + cell * j,
                    y + 1,
                    cell - 0.7,
                    line - 1.6,
                    "f-red",
                    formats.count(n),
                    0.03 + 0.97 * n / top,
                )
            drawing.text(width, y + 11.5, formats.count(round(float(backlog[court, -1]))), "small", "end")
        _months(drawing, left, cell, months, origin, month, line * len(order) + 17, 4 if width < 500 else 9)
        return drawing.render()

    return draw(WIDE), draw(NARROW)


def _months(
    drawing: Drawing, left: float, cell: float, months: int, origin: date, month: float, y: float, most: int
) -> None:
    step = next(s for s in (1, 2, 3, 6, 12, 24, 60, 120, 1200) if months / s <= most)
    for j in range(0, months, step):
        day = origin + timedelta(days=(j + 0.5) * month)
        drawing.text(left + cell * j, y, f"{day:%Y-%m}", "small soft")
