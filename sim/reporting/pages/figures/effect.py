"""A measure along one parameter: mean, the interval of the mean, and how far the other parameters move it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from sim.reporting.pages.figures.svg import Drawing, Scale, ticks, width_of

Floats = npt.NDArray[np.float64]
WIDTH, HEIGHT, TOP, BOTTOM = 260.0, 160.0, 8.0, 24.0


def effect(
    places: Floats, names: Sequence[str], mean: Floats, half: Floats, ends: tuple[Floats, Floats],
    told: Callable[[float], str], label: str, bounds: tuple[float, float],
) -> Markup:  # fmt: skip
    """``places``: of the values along the axis, named ``names``; ``half``: half-width of the band; ``ends``: lowest
    and highest over all other parameters; ``bounds``: what the measure can be, where bands are cut off."""
    band = np.clip(mean - half, *bounds), np.clip(mean + half, *bounds)
    known = np.concatenate([*band, mean, *ends])
    known = known[np.isfinite(known)]
    drawing = Drawing(WIDTH, HEIGHT, label)
    if not len(known):
        return drawing.render()
    low, high = float(known.min()), float(known.max())
    room = 0.06 * (high - low) or 0.05 * abs(high) or 0.05
    y = Scale(max(low - room, bounds[0]), min(high + room, bounds[1]), HEIGHT - BOTTOM, TOP)
    shown = ticks(y.low, y.high, 3)
    left = 10 + max((width_of(told(tick), 11.5) for tick in shown), default=0.0)
    x = Scale(float(places[0]), float(places[-1]), left + 6, WIDTH - 14)
    for tick in shown:
        drawing.line(left, y(tick), WIDTH - 8, y(tick), "s-pale thin")
        drawing.text(left - 5, y(tick) + 4, told(tick), "small soft", "end")
    at = [x(place) for place in places.tolist()]
    _band(drawing, at, [y(v) for v in ends[0].tolist()], [y(v) for v in ends[1].tolist()], "f-grey faint")
    if np.isfinite(half).all():
        _band(
            drawing,
            at,
            [y(v) for v in band[0].tolist()],
            [y(v) for v in band[1].tolist()],
            "f-blue faint",
        )
    drawing.path(zip(at, [y(v) for v in mean.tolist()], strict=True), "s-blue")
    for place, value in zip(at, mean.tolist(), strict=True):
        drawing.dot(place, y(value), 2.8, "f-blue", told(value))
    last = -1e9
    for place, name in zip(at, names, strict=True):
        half_width = width_of(name, 11.5) / 2
        if place - half_width > last + 6:
            drawing.text(
                min(max(place, half_width), WIDTH - half_width), HEIGHT - 6, name, "small soft", "middle"
            )
            last = place + half_width
    return drawing.render()


def _band(
    drawing: Drawing, at: Sequence[float], low: Sequence[float], high: Sequence[float], cls: str
) -> None:
    drawing.shape([*zip(at, high, strict=True), *list(zip(at, low, strict=True))[::-1]], cls)
