"""How long sales take, and by how much prices exceed the starting price."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from sim.reporting import formats
from sim.reporting.pages.figures.svg import NARROW, WIDE, Drawing, Scale, ticks, width_of
from sim.reporting.pages.words import w
from sim.reporting.text import headline

Floats = npt.NDArray[np.float64]
PREMIUM_TICKS = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 100.0, 300.0, 1e3, 1e4, 1e5)
LEFT, BOTTOM = 40.0, 26.0


def days(values: Floats, lang: str) -> tuple[Markup, Markup]:
    """Days from listing to sale of all sales, with the median and the 90th percentile."""
    step = next((s for s in (1.0, 2.0, 7.0, 14.0, 28.0) if values.max() / s <= 40), float(values.max()) / 40)
    edges = step * np.arange(max(2, int(values.max() // step) + 2), dtype=np.float64)
    share = 100.0 * np.histogram(values, edges)[0] / len(values)
    centres = [
        (headline(w(key, lang)), float(np.quantile(values, q)), colour)
        for key, q, colour in (("median", 0.5, "blue"), ("p90", 0.9, "red"))
    ]

    def draw(width: float) -> Markup:
        told = [f"{words} {w('day', lang, days=f'{x:.0f}')}" for words, x, _ in centres]
        drawing = Drawing(width, 240, f"{w('days.x', lang)}: {', '.join(told)}")
        x = Scale(0.0, float(edges[-1]), LEFT, width - 4)
        y = _percent_axis(drawing, float(share.max()), 40, 240 - BOTTOM)
        _bars(drawing, x, y, edges, share, "f-sky", lambda a, b: f"{a:.0f}–{b:.0f}")
        for tick in ticks(0, float(edges[-1]), 4 if width < 500 else 8):
            drawing.text(x(tick), 240 - BOTTOM + 16, formats.count(tick), "small soft", "middle")
        drawing.text(LEFT, 12, headline(w("days.y", lang)), "small soft")
        _markers(drawing, [(x(v), words, c) for (_, v, c), words in zip(centres, told, strict=True)], 30)
        return drawing.render()

    return draw(WIDE), draw(NARROW)


def premiums(values: Floats, starts: Floats, lang: str) -> tuple[Markup, Markup]:
    """Premiums on a log axis of 1 + premium: shares above, contributions to the mean below."""
    at_start = np.abs(values) < 1e-9
    ratio = np.maximum(1.0 + values, 1e-3)
    high, low = max(float(ratio.max()), 2.0) * 1.0001, min(float(ratio.min()), 1.0)
    bars = max(16, min(34, round(5 * math.log10(high) + 14)))
    step = math.log(high) / bars
    edges = np.exp(np.arange(math.floor(math.log(low) / step), math.ceil(math.log(high) / step) + 1) * step)
    share = 100.0 * np.histogram(ratio[~at_start], edges)[0] / len(values)
    adds = 100.0 * np.histogram(ratio[~at_start], edges, weights=values[~at_start])[0] / len(values)
    apart = 100.0 * float(at_start.mean())
    centres = sorted(
        (
            ("premium.median", float(np.median(values)), "blue"),
            ("premium.weighted", float((values * starts).sum() / starts.sum()), "ink"),
            ("premium.mean", float(values.mean()), "red"),
        ),
        key=lambda one: one[1],
    )

    def draw(width: float) -> Markup:
        told = [headline(w(key, lang, x=formats.percent(x))) for key, x, _ in centres]
        drawing = Drawing(width, 372, f"{w('premium', lang)}: {', '.join(told)}")
        first = LEFT + 34.0
        x = Scale(float(edges[0]), float(edges[-1]), first, width - 4, math.log)
        y = _percent_axis(drawing, max(float(share.max()), apart), 76, 240)
        _bars(drawing, x, y, edges, share, "f-sky", _between)
        if apart:
            drawing.rect(LEFT + 4, y(apart), 22, 240 - y(apart), "f-green", formats.percent(apart / 100))
            drawing.text(LEFT + 15, y(apart) - 4, formats.percent(apart / 100, 0), "small soft", "middle")
        lower = _percent_axis(drawing, float(adds.max(initial=1e-9)), 272, 346)
        _bars(drawing, x, lower, edges, np.maximum(adds, 0.0), "f-orange", _between)
        _premium_ticks(drawing, x, low, float(edges[-1]), bool(apart), lang)
        drawing.text(LEFT, 12, headline(w("premium.y", lang)), "small soft")
        drawing.text(LEFT, 262, headline(w("premium.part", lang)), "small soft")
        marks = [(x(max(1 + v, edges[0])), words, c) for (_, v, c), words in zip(centres, told, strict=True)]
        _markers(drawing, marks, 30, 240)
        return drawing.render()

    return draw(WIDE), draw(NARROW)


def _between(a: float, b: float) -> str:
    return f"{formats.percent(a - 1, 0)}–{formats.percent(b - 1, 0)}"


def _premium_ticks(drawing: Drawing, x: Scale, low: float, high: float, apart: bool, lang: str) -> None:
    last = -math.inf
    if apart:
        drawing.text(LEFT + 15, 362, w("premium.start.short", lang), "small soft", "middle")
        last = LEFT + 15 + width_of(w("premium.start.short", lang), 11.5) / 2
    for tick in PREMIUM_TICKS:
        told = formats.percent(tick, 0)
        half = width_of(told, 11.5) / 2
        if low <= 1 + tick <= high and x(1 + tick) - half > last + 6 and x(1 + tick) + half < drawing.width:
            drawing.text(x(1 + tick), 362, told, "small soft", "middle")
            last = x(1 + tick) + half


def _percent_axis(drawing: Drawing, top: float, above: float, below: float) -> Scale:
    scale = Scale(0.0, top * 1.04 or 1.0, below, above)
    for tick in ticks(0, scale.high, 3):
        drawing.line(LEFT, scale(tick), drawing.width - 4, scale(tick), "s-pale thin")
        drawing.text(LEFT - 6, scale(tick) + 4, f"{tick:g}", "small soft", "end")
    return scale


def _bars(
    drawing: Drawing, x: Scale, y: Scale, edges: Floats, heights: Floats, cls: str, told: object
) -> None:
    assert callable(told)
    for a, b, height in zip(edges[:-1].tolist(), edges[1:].tolist(), heights.tolist(), strict=True):
        if height > 0:
            left, right = x(a), x(b)
            drawing.rect(
                left,
                y(height),
                max(right - left - 1, 0.6),
                y(0) - y(height),
                cls,
                f"{told(a, b)}: {height:.1f}%",
            )


def _markers(
    drawing: Drawing, marks: Sequence[tuple[float, str, str]], top: float, bottom: float | None = None
) -> None:
    """Vertical lines with their words on top, each on a line of its own."""
    for i, (x, words, colour) in enumerate(marks):
        y = top + 15.0 * i
        drawing.line(x, y - 2, x, bottom or drawing.height - BOTTOM, f"s-{colour}" + (" dash" if i else ""))
        right = x + 6 + width_of(words, 11.5) > drawing.width
        cls = {"blue": "small blue", "red": "small red"}.get(colour, "small")
        drawing.text(x - 5 if right else x + 5, y + 8, words, cls, "end" if right else "start")
