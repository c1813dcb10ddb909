"""Lots over calendar time: means with bands, the reporting periods behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from sim.report import formats
from sim.report.page.svg import NARROW, WIDE, Drawing, Scale, ticks, width_of
from sim.report.page.words import w
from sim.report.text import headline

Floats = npt.NDArray[np.float64]
STYLES = {"listed": ("ink", " dash"), "open": ("red", ""), "sold": ("blue", " dots")}
HEIGHT, BOTTOM, TOP = 300.0, 28.0, 24.0


def lots_over_time(
    days: Floats,
    curves: Mapping[str, Floats],
    origin: date,
    windows: Sequence[tuple[str, float, float]],
    lang: str,
) -> tuple[Markup, Markup]:
    """``curves[name]``: (replications, days); ``windows``: (name, first, last) in days from ``origin``."""

    def draw(width: float) -> Markup:
        ends = {name: float(rows[:, -1].mean()) for name, rows in curves.items()}
        words = {
            name: f"{headline(w(f'open.{name}', lang))} {formats.count(round(x))}" for name, x in ends.items()
        }
        room = max(width_of(text) for text in words.values()) + 10 if width > 500 else 0.0
        drawing = Drawing(
            width, HEIGHT + (0 if room else 22), f"{w('backlog.time', lang)}: {', '.join(words.values())}"
        )
        top = max(1.0, *(float(rows.max()) for rows in curves.values()))
        left = 12 + width_of(formats.count(ticks(0, top, 4)[-1]), 11.5)
        x = Scale(0.0, float(days[-1]), left, width - 4 - room)
        y = Scale(0.0, top * 1.03, HEIGHT - BOTTOM, TOP)
        _periods(drawing, x, windows)
        for tick in ticks(0, top, 4):
            drawing.line(x.left, y(tick), x.right, y(tick), "s-pale thin")
            drawing.text(left - 6, y(tick) + 4, formats.count(tick), "small soft", "end")
        _dates(drawing, x, origin, 4 if width < 500 else 8)
        for name, rows in curves.items():
            _curve(drawing, x, y, days, rows, *STYLES[name])
        _names(drawing, x, y, ends, words, bool(room))
        return drawing.render()

    return draw(WIDE), draw(NARROW)


def _curve(drawing: Drawing, x: Scale, y: Scale, days: Floats, rows: Floats, colour: str, dash: str) -> None:
    at = [x(day) for day in days.tolist()]
    if len(rows) > 1:
        low, high = np.quantile(rows, (0.025, 0.975), axis=0).tolist()
        edge = list(zip(at, map(y, high), strict=True)) + list(zip(at, map(y, low), strict=True))[::-1]
        drawing.shape(edge, f"f-{colour} faint")
    drawing.path(zip(at, map(y, rows.mean(axis=0).tolist()), strict=True), f"s-{colour}{dash}")


def _periods(drawing: Drawing, x: Scale, windows: Sequence[tuple[str, float, float]]) -> None:
    for i, (name, first, last) in enumerate(windows):
        left, right = x.inside(first), x.inside(last)
        if i % 2 == 0:
            drawing.rect(left, TOP, right - left, HEIGHT - BOTTOM - TOP, "f-wash")
        if width_of(name) < right - left + 6:
            drawing.text((left + right) / 2, TOP - 8, name, "small bold", "middle")


def _dates(drawing: Drawing, x: Scale, origin: date, most: int) -> None:
    """First days of months, as many as fit."""
    last = origin + timedelta(days=x.high)
    months = (last.year - origin.year) * 12 + last.month - origin.month
    step = next((s for s in (1, 2, 3, 6, 12, 24, 60, 120) if months / s <= most), 240)
    for i in range(0, months + 1, step):
        year, month = divmod(origin.year * 12 + origin.month - 1 + i, 12)
        at = (date(year, month + 1, 1) - origin).days
        if 0 <= at <= x.high and x(at) + 18 < x.right + 18:
            drawing.line(x(at), HEIGHT - BOTTOM, x(at), HEIGHT - BOTTOM + 4, "s-grey thin")
            drawing.text(
                x(at),
                HEIGHT - BOTTOM + 17,
                f"{year}-{month + 1:02d}",
                "small soft",
                "middle" if i else "start",
            )


def _names(
    drawing: Drawing, x: Scale, y: Scale, ends: Mapping[str, float], words: Mapping[str, str], beside: bool
) -> None:
    """Names of the curves at their right ends, pushed apart; on a phone in a line underneath."""
    lowest, at = float("inf"), 0.0
    for name in sorted(ends, key=lambda one: ends[one]):
        colour = STYLES[name][0]
        if beside:
            place = min(y(ends[name]), lowest - 17)
            lowest = place
            drawing.text(x.right + 7, place + 4, words[name], {"blue": "blue", "red": "red"}.get(colour, ""))
        else:
            drawing.rect(at, HEIGHT + 8, 9, 3, f"f-{colour}")
            drawing.text(at + 12, HEIGHT + 14, words[name], "small")
            at += width_of(words[name], 11.5) + 24
