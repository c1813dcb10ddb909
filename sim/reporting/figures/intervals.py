"""Intervals beside a reference: published against simulated, differences against zero, posteriors in their priors.

A panel is laid out in pixels from the top down, so that it is the same in a page, where panels flow, and in a file, where they
stand in a grid.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Affine2D

from sim.reporting.style import (
    BEHIND,
    BLUE,
    GREY,
    INK,
    PALE,
    VERMILION,
    WHITE,
    Foot,
    Form,
    Look,
    Picture,
    canvas,
    columns,
    drawing,
    finish,
    fold,
    footlines,
    headlines,
    no_data,
    tip,
)

LINE, GROUP, WORDS, AXIS = 15.0, 3.0, 14.0, 26.0  # pixels: an interval, above a group, a line of words, axis
PX: Final = 96.0  # to an inch
FOOT: Final = 1.2 * 8.0 * PX / 72.0  # pixels: each further line of a foot
LETTER: Final = 6.0  # pixels: half a Chinese character in the size of ticks
SLIM, BROAD = 260.0, 344.0  # pixels: widths of panels in pages
FAINT = 0.4  # strength of what need not be met
HEAD, APART, KEY = (
    36.0,
    26.0,
    44.0,
)  # pixels: a panel's heading in a file, between panels, a mark in the legend


@dataclass(frozen=True, slots=True)
class Mark:
    """One interval. ``shape``: dot or square; ``tip`` is shown on hover. ``base``: a bar from there to the mean; ``also``: a
    further value on the same line, a hollow diamond."""

    mean: float
    low: float
    high: float
    colour: str = BLUE
    shape: str = "dot"
    tip: str = ""
    faint: bool = False
    base: float = math.nan
    also: float = math.nan


@dataclass(frozen=True, slots=True)
class Axis:
    """A value axis shared by several panels. ``tick`` writes one; ``at`` names ticks of its own."""

    low: float
    high: float
    tick: Callable[[float], str]
    bend: Callable[[float], float] = float
    at: Sequence[float] = ()

    def ticks(self) -> Sequence[float]:
        if self.at:
            return [x for x in self.at if self.low <= x <= self.high]
        found = MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]).tick_values(self.low, self.high)
        return [round(float(x), 12) for x in found if self.low <= x <= self.high]


@dataclass(frozen=True, slots=True)
class Panel:
    """Groups of intervals under their words, a line for the reference. ``label``: the panel for those who do not see it."""

    title: str
    groups: Sequence[tuple[str, Sequence[Mark]]]
    axis: Axis
    label: str
    reference: float | None = None
    reference_label: str = ""
    width: float = SLIM


@dataclass(frozen=True, slots=True)
class Key:
    """What a mark means. ``shape``: round, ring, hollow (a square), bar, diamond or star."""

    shape: str
    colour: str
    words: str
    faint: bool = False


def axis_over(
    values: Sequence[float],
    tick: Callable[[float], str],
    zero: bool = True,
    bend: Callable[[float], float] = float,
    at: Sequence[float] = (),
) -> Axis:
    """An axis that holds all finite values (and zero) with a little room."""
    known = [x for x in values if math.isfinite(x)] or [0.0]
    low, high = min(known), max(known)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    room = 0.06 * (high - low) or abs(high) or 1.0
    if bend is not float:
        room = 0.0
        high = max(high * 1.15, low + 0.1)
    return Axis(low - room if low < 0 or not zero else low, high + room, tick, bend, at)


def panel(one: Panel, lang: str) -> Picture:
    """One panel as a figure of its own, for a page, which sets its heading."""
    width = one.width
    with drawing(lang, Form(width / PX)) as look:
        height = _height(one)
        fig = canvas(width / PX, height / PX)
        fig.set_layout_engine(None)
        _draw(_Ground(fig, 0.0, 0.0), look, one, (width, height))
        fig.said = one.label
        return fig


def sheet(
    panels: Sequence[Panel], across: int, title: str, lang: str, foot: Foot | str | None, keys: Sequence[Key] = ()
) -> Picture:  # fmt: skip
    """Panels in a grid with a headline, for a file."""
    with drawing(lang) as look:
        if not panels:
            fig = canvas()
            no_data(fig, look)
            return finish(fig, look, title, foot)
        rows = [panels[i : i + across] for i in range(0, len(panels), across)]
        heads = [HEAD + WORDS * max(_heading(look, one).count("\n") for one in row) for row in rows]
        heights = [max(_height(one) for one in row) + head for row, head in zip(rows, heads, strict=True)]
        slot = max(one.width for one in panels)
        wide = across * slot + (across - 1) * APART + 2 * APART
        top = 30.0 + 20.0 * (headlines(look, title, wide / PX).count("\n") + 1)
        room = sum(KEY + 1.2 * LETTER * columns(key.words) for key in keys)
        abreast = len(keys) if room < wide else 3
        more = FOOT * footlines(look, foot, wide / PX).count("\n")
        tall = top + sum(heights) + APART + (22.0 * -(-len(keys) // abreast) if keys else 0.0) + 22.0 + more
        fig = canvas(wide / PX, tall / PX)
        fig.set_layout_engine(None)
        y = top
        for row, head, height in zip(rows, heads, heights, strict=True):
            for i, one in enumerate(row):
                left = APART + i * (slot + APART)
                _Ground(fig, left, y).text(
                    0.0, head - 12.0, _heading(look, one), fontweight="bold", va="bottom"
                )
                _draw(_Ground(fig, left, y + head), look, one, (one.width, _height(one)))
            y += height
        if keys:
            fig.legend(handles=[_handle(key) for key in keys], loc="lower center", bbox_to_anchor=(0.5, (26.0 + more) / tall), ncols=abreast)  # fmt: skip
        return finish(fig, look, title, foot)


class _Ground:
    """A part of a figure that is measured in pixels from its top left corner. Axes would take ten times as long."""

    def __init__(self, fig: Picture, left: float, top: float) -> None:
        self.fig, self.left, self.top = fig, left, top
        tall = float(fig.get_size_inches()[1])
        self.transform = (
            Affine2D().scale(1 / PX, -1 / PX).translate(left / PX, tall - top / PX) + fig.dpi_scale_trans
        )

    def line(self, x: Sequence[float], y: Sequence[float], marker: str = "", **kw: Any) -> Line2D:
        return self.fig.add_artist(Line2D(x, y, marker=marker, transform=self.transform, **kw))  # type: ignore[return-value]

    def text(self, x: float, y: float, words: str, **kw: Any) -> None:
        self.fig.text(x, y, words, transform=self.transform, **kw)


def _heading(look: Look, one: Panel) -> str:
    return fold(look.safe(one.title), int(one.width / LETTER) - 8)


def _height(one: Panel) -> float:
    groups = sum(
        GROUP + WORDS * len(_words(words, one.width)) + LINE * len(marks) for words, marks in one.groups
    )
    return (20.0 if one.reference_label else 4.0) + groups + AXIS


def _words(words: str, width: float) -> list[str]:
    return fold(words, int((width - 12.0) / LETTER)).split("\n") if words else []


def _draw(ground: _Ground, look: Look, one: Panel, size: tuple[float, float]) -> None:
    width, height = size
    y, bottom = (20.0 if one.reference_label else 4.0), height - AXIS
    low, high = one.axis.bend(one.axis.low), one.axis.bend(one.axis.high)

    def place(x: float) -> float:
        """The nearest place on the axis."""
        inside = min(max(x, one.axis.low), one.axis.high)
        return 6.0 + (one.axis.bend(inside) - low) / ((high - low) or 1.0) * (width - 16.0)

    _scale(ground, one.axis, place, y, (width, bottom))
    if one.reference is not None and math.isfinite(one.reference):
        x = place(one.reference)
        for top, end in _beside_marks(one, y, bottom):
            ground.line([x, x], [top, end], color=VERMILION, linewidth=1.4, linestyle=(0, (4, 2)), zorder=1.5)
        if one.reference_label:
            half = LETTER * columns(one.reference_label) / 2
            at = min(max(x, half), width - half)
            ground.text(
                at, y - 8.0, look.safe(one.reference_label), fontsize=8.5, color=VERMILION, ha="center"
            )
    for words, marks in one.groups:
        for line in _words(words, width):
            ground.text(6.0, y + 12.0, look.safe(line), fontsize=8.5, color=INK, bbox=BEHIND | {"pad": 1.4})
            y += WORDS
        y += GROUP
        for mark in marks:
            _mark(ground, mark, place, y + LINE / 2)
            y += LINE


def _beside_marks(one: Panel, y: float, bottom: float) -> list[tuple[float, float]]:
    """The stretches of height (top, end) that the line for the reference takes: it stops where words stand."""
    found = []
    for i, (words, marks) in enumerate(one.groups):
        top = y - 4.0 if i == 0 and not words else y + WORDS * len(_words(words, one.width)) + GROUP / 2.0
        y += WORDS * len(_words(words, one.width)) + GROUP + LINE * len(marks)
        found.append((top, bottom if i + 1 == len(one.groups) else y))
    return found


def _scale(
    ground: _Ground, axis: Axis, place: Callable[[float], float], top: float, corner: tuple[float, float]
) -> None:
    width, bottom = corner
    ground.line([6.0, width - 10.0], [bottom, bottom], color=GREY, linewidth=0.8, zorder=1)
    last = -math.inf
    for x in axis.ticks():
        at, words = place(x), axis.tick(x)
        half = LETTER * columns(words) / 2
        middle = min(max(at, half), width - half)
        if middle - half < last + 8.0:
            continue
        last = middle + half
        ground.line([at, at], [top, bottom], color=PALE, linewidth=0.8, zorder=0.5)
        ground.text(middle, bottom + 15.0, words, fontsize=8.5, color=INK, ha="center")


def _mark(ground: _Ground, mark: Mark, place: Callable[[float], float], y: float) -> None:
    strength = FAINT if mark.faint else 1.0
    drawn: list[Line2D] = []
    if math.isfinite(mark.base) and math.isfinite(mark.mean):
        ends = [place(mark.base), place(mark.mean)]
        drawn.append(
            ground.line(ends, [y, y], color=mark.colour, linewidth=7, alpha=0.3, solid_capstyle="butt")
        )
    if math.isfinite(mark.low) and math.isfinite(mark.high):
        left, right = place(mark.low), place(mark.high)
        drawn.append(ground.line([left, max(right, left + 1.0)], [y, y], color=mark.colour, linewidth=3, alpha=0.5 * strength, solid_capstyle="butt"))  # fmt: skip
    if math.isfinite(mark.mean):
        hollow = mark.shape == "square"
        drawn.append(ground.line(
            [place(mark.mean)], [y], "s" if hollow else "o", color=mark.colour, markersize=5.2 if hollow else 6.0,
            markerfacecolor=WHITE if hollow else mark.colour, markeredgewidth=1.2 if hollow else 0.0, alpha=strength,
        ))  # fmt: skip
    if math.isfinite(mark.also):
        ground.line(
            [place(mark.also)],
            [y],
            "D",
            color=INK,
            markersize=4.6,
            markerfacecolor=WHITE,
            markeredgewidth=1.2,
        )
    for line in drawn if mark.tip else ():
        tip(line, mark.tip)


def _handle(key: Key) -> Line2D:
    if key.shape == "bar":
        return Line2D([], [], color=key.colour, linewidth=1.6, linestyle=(0, (4, 2)), label=key.words)
    hollow = key.shape in ("hollow", "diamond")
    return Line2D(
        [], [], color=key.colour, marker={"hollow": "s", "diamond": "D"}.get(key.shape, "o"), linewidth=0, markersize=6,
        markerfacecolor=WHITE if hollow else key.colour, alpha=FAINT if key.faint else None, label=key.words,
    )  # fmt: skip
