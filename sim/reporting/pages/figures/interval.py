"""Means with their intervals beside a reference: printed against simulated, and differences against zero."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from sim.reporting.pages.figures.svg import Drawing, Scale, cut, ticks, width_of

LINE, GROUP, AXIS = 15.0, 17.0, 26.0  # pixels: an interval, the words above a group, the axis


@dataclass(frozen=True, slots=True)
class Mark:
    """One interval. ``shape``: dot or square; ``tip`` is told on hover and to nobody else."""

    mean: float
    low: float
    high: float
    colour: str = "blue"
    shape: str = "dot"
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Axis:
    """A value axis shared by several panels. ``told`` writes a tick; ``at`` names ticks of its own."""

    low: float
    high: float
    told: Callable[[float], str]
    bend: Callable[[float], float] = float
    at: Sequence[float] = ()

    def scale(self, left: float, right: float) -> Scale:
        return Scale(self.low, self.high, left, right, self.bend)


def axis_over(
    values: Sequence[float], told: Callable[[float], str], zero: bool = True, bend: Callable[[float], float] = float,
    at: Sequence[float] = (),
) -> Axis:  # fmt: skip
    """An axis that holds all finite values (and zero) with a little room."""
    known = [x for x in values if math.isfinite(x)] or [0.0]
    low, high = min(known), max(known)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    room = 0.06 * (high - low) or abs(high) or 1.0
    if bend is not float:
        room = 0.0
        high = max(high * 1.15, low + 0.1)
    return Axis(low - room if low < 0 or not zero else low, high + room, told, bend, at)


def panel(
    groups: Sequence[tuple[str, Sequence[Mark]]],
    axis: Axis,
    label: str,
    reference: float | None = None,
    reference_told: str = "",
    width: float = 260.0,
) -> Markup:
    """One panel: groups of intervals under their words, a vertical line for the reference."""
    top = 20.0 if reference_told else 4.0
    height = top + sum((GROUP if words else 4.0) + LINE * len(marks) for words, marks in groups) + AXIS
    drawing = Drawing(width, height, label)
    scale = axis.scale(6.0, width - 10.0)
    bottom = height - AXIS
    _axis(drawing, axis, scale, top, bottom)
    if reference is not None and math.isfinite(reference):
        x = scale.inside(reference)
        drawing.line(x, top - 4, x, bottom, "s-red dash")
        if reference_told:
            half = width_of(reference_told, 11.5) / 2
            at = min(max(x, half), width - half)
            drawing.text(at, top - 8, reference_told, "small red", "middle")
    y = top
    for words, marks in groups:
        if words:
            drawing.text(6, y + 12, cut(words, width - 12, 11.5), "small soft halo")
            y += GROUP
        else:
            y += 4.0
        for mark in marks:
            _mark(drawing, mark, scale, y + LINE / 2)
            y += LINE
    return drawing.render()


def _axis(drawing: Drawing, axis: Axis, scale: Scale, top: float, bottom: float) -> None:
    drawing.line(scale.left, bottom, scale.right, bottom, "s-pale")
    last = -math.inf
    for x in axis.at or ticks(axis.low, axis.high, 4):
        at, told = scale(x), axis.told(x)
        half = width_of(told, 11.5) / 2
        middle = min(max(at, half), drawing.width - half)
        if not axis.low <= x <= axis.high or middle - half < last + 8:
            continue
        last = middle + half
        drawing.line(at, top, at, bottom, "s-pale thin")
        drawing.text(middle, bottom + 15, told, "small soft", "middle")


def _mark(drawing: Drawing, mark: Mark, scale: Scale, y: float) -> None:
    if math.isfinite(mark.low) and math.isfinite(mark.high):
        left, right = scale.inside(mark.low), scale.inside(mark.high)
        drawing.rect(left, y - 2, max(right - left, 1.0), 4, f"f-{mark.colour}", mark.tip, opacity=0.45)
    if math.isfinite(mark.mean):
        x = scale.inside(mark.mean)
        if mark.shape == "square":
            drawing.rect(x - 3.5, y - 3.5, 7, 7, f"f-paper s-{mark.colour}", mark.tip)
        else:
            drawing.dot(x, y, 4, f"f-{mark.colour}", mark.tip)
