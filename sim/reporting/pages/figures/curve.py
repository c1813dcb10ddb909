"""Lots over calendar time: means with bands, the reporting periods behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from sim.reporting import formats
from sim.reporting.pages.figures.svg import NARROW, WIDE, Drawing, Scale, ticks, width_of
from sim.reporting.pages.words import w
from sim.reporting.text import headline

Floats = npt.NDArray[np.float64]
STYLES = {"listed": ("ink", " dash"), "open": ("red", ""), "sold": ("blue", " dots")}
HEIGHT, BOTTOM, TOP = 300.0, 28.0, 24.0


@dataclass(frozen=True, slots=True)
class Curve:
    """A line over time: ``rows`` are (replications, days)."""

    name: str
    days: Floats
    rows: Floats
    colour: str
    dash: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a picture shows: reporting periods behind it, dates on which something changes across it."""

    origin: date
    days: float
    windows: Sequence[tuple[str, float, float]] = ()  # name, first and last day
    changes: Sequence[float] = ()


def lots_over_time(
    days: Floats,
    curves: Mapping[str, Floats],
    origin: date,
    windows: Sequence[tuple[str, float, float]],
    lang: str,
) -> tuple[Markup, Markup]:
    """``curves[name]``: (replications, days); ``windows``: (name, first, last) in days from ``origin``."""
    lines = [
        Curve(headline(w(f"open.{name}", lang)), days, rows, *STYLES[name]) for name, rows in curves.items()
    ]
    span = Span(origin, float(days[-1]), windows)
    return over_time(lines, span, w("backlog.time", lang), _count)


def _count(x: float) -> str:
    return formats.count(round(x))


def over_time(
    curves: Sequence[Curve], span: Span, label: str, told: Callable[[float], str]
) -> tuple[Markup, Markup]:
    """Curves over calendar time, wide and narrow; ``told``: how a value is written."""

    def draw(width: float) -> Markup:
        ends = {one.name: float(one.rows[:, -1].mean()) for one in curves}
        words = {name: f"{name} {told(x)}" for name, x in ends.items()}
        room = max(width_of(text) for text in words.values()) + 10 if width > 500 else 0.0
        drawing = Drawing(width, HEIGHT + (0 if room else 22), f"{label}: {', '.join(words.values())}")
        most = max(float(one.rows.max()) for one in curves)
        top = most if 0.0 < most < 1.0 else max(1.0, most)
        left = 12 + width_of(told(ticks(0, top, 4)[-1]), 11.5)
        x = Scale(0.0, span.days, left, width - 4 - room)
        y = Scale(0.0, top * 1.03, HEIGHT - BOTTOM, TOP)
        _periods(drawing, x, span.windows)
        for tick in ticks(0, top, 4):
            drawing.line(x.left, y(tick), x.right, y(tick), "s-pale thin")
            drawing.text(left - 6, y(tick) + 4, told(tick), "small soft", "end")
        _dates(drawing, x, span.origin, 4 if width < 500 else 8)
        for one in curves:
            _curve(drawing, x, y, one.days, one.rows, one.colour, one.dash)
        for day in span.changes:
            drawing.line(x(day), TOP, x(day), HEIGHT - BOTTOM, "s-red thin dash")
        colours = {one.name: one.colour for one in curves}
        _names(drawing, x, y, ends, words, colours, bool(room))
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
    drawing: Drawing,
    x: Scale,
    y: Scale,
    ends: Mapping[str, float],
    words: Mapping[str, str],
    colours: Mapping[str, str],
    beside: bool,
) -> None:
    """Names of the curves at their right ends, pushed apart; on a phone in a line underneath."""
    lowest, at = float("inf"), 0.0
    for name in sorted(ends, key=lambda one: ends[one]):
        colour = colours[name]
        if beside:
            place = min(y(ends[name]), lowest - 17)
            lowest = place
            drawing.text(x.right + 7, place + 4, words[name], {"blue": "blue", "red": "red"}.get(colour, ""))
        else:
            drawing.rect(at, HEIGHT + 8, 9, 3, f"f-{colour}")
            drawing.text(at + 12, HEIGHT + 14, words[name], "small")
            at += width_of(words[name], 11.5) + 24
