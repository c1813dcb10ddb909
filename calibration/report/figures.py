"""What the pictures of the report share. Each takes the result, a language and a width (wide for a desk, narrow for a phone).

A picture is also a file of its own, without the page's words: it says itself what to see, in which units, and what its
marks mean.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any, Final, NamedTuple

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from calibration.result import Result
from calibration.words import w
from sim.report.save import DPI
from sim.report.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    Look,
    canvas,
    columns,
    fold,
    no_data,
)

Rows = Sequence[Mapping[str, Any]]

WIDE, NARROW = 8.2, 3.7  # inches
WINE, OLIVE = "#882255", "#8A8A2A"  # beyond Okabe and Ito's: told apart from them by lightness
COLOURS: Final = (BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE, WINE, OLIVE)  # of readings


class Mark(NamedTuple):
    """How something is drawn, and the key of what the legend calls it."""

    colour: str
    marker: str
    key: str = ""


EXPLANATIONS: Final = {"noise": Mark(GREY, "o"), "popularity": Mark(GREY, "^")}


def blank(narrow: bool, height: float) -> Figure:
    """Headline and legend add their own height (``finished``)."""
    fig = canvas(NARROW if narrow else WIDE, height)
    fig.set_dpi(DPI)  # laid out as it is written: small letters are wider on a coarser grid
    return fig


def said(look: Look, key: str, **kw: object) -> str:
    return look.safe(w(f"fig.{key}", look.lang, **kw))


def folded(look: Look, words: str, width: float, size: float) -> str:
    """In lines that fit ``width`` inches at a size of letters."""
    column = 0.55 if look.lang == "zh" else 0.62  # of the size; a Chinese character takes two
    return fold(look.safe(words), max(int(width * 72 / (size * column)), 8))


def row_height(labels: Sequence[str], size: float) -> float:
    """Inches that a row needs for the longest of the labels."""
    return max(label.count("\n") + 1 for label in labels) * size * 1.25 / 72 + 0.1


def finished(fig: Figure, look: Look, title: str, legend: Sequence[Artist] = ()) -> Figure:
    """Headline, legend below, and the fonts of tick labels that matplotlib makes only when it draws."""
    width, height = fig.get_size_inches()
    narrow = width < WIDE
    size = 10.0 if narrow else 12.0
    headline = folded(look, title, width - 0.2, size)
    height += (headline.count("\n") + 1) * size * 1.3 / 72 + 0.1
    fig.suptitle(headline, x=0.012, ha="left", fontsize=size, fontweight="bold")
    if legend:
        height += _legend(fig, look, legend, 7.5 if narrow else 8.5)
    fig.set_figheight(height)
    for ax in fig.axes:
        ax.tick_params(which="both", labelfontfamily=look.families)
    return fig


def _legend(fig: Figure, look: Look, handles: Sequence[Artist], size: float) -> float:
    """At the foot, in as many columns as there is room for; its height in inches."""
    width = fig.get_figwidth()
    labels = [folded(look, str(one.get_label()), width - 0.7, size) for one in handles]
    longest = max(columns(line) for label in labels for line in label.split("\n"))
    room = width / ((longest * 0.62 + 5.0) * size / 72)
    across = max(min(len(handles), int(room)), 1)
    fig.legend(handles, labels, loc="outside lower left", ncols=across, fontsize=size, frameon=False)
    lines = max(label.count("\n") + 1 for label in labels) * math.ceil(len(handles) / across)
    return lines * size * 1.5 / 72 + 0.1


def handle(mark: Mark, label: str, bar: bool = True, filled: bool = True) -> Line2D:
    """A marker in the legend, on a piece of an interval where it is drawn on one."""
    edge = "none" if filled else mark.colour
    return Line2D(
        [0], [0], linestyle="-" if bar else "none", linewidth=1.6, color=mark.colour, marker=mark.marker,
        markersize=5, markerfacecolor=mark.colour if filled else "none", markeredgecolor=edge, label=label,
    )  # fmt: skip


def line(colour: str, label: str, dashed: bool = False) -> Line2D:
    return Line2D([0], [0], color=colour, linewidth=1.2, linestyle="--" if dashed else "-", label=label)


def empty(look: Look, narrow: bool, title: str) -> Figure:
    fig = blank(narrow, 1.6)
    no_data(fig, look)
    return finished(fig, look, title)


def interval(ax: Axes, y: float, low: float, middle: float, high: float, mark: Mark, size: float = 5) -> None:
    ax.plot([low, high], [y, y], color=mark.colour, linewidth=3, alpha=0.45, solid_capstyle="butt")
    ax.plot([middle], [y], mark.marker, color=mark.colour, markersize=size)


def colours_of(result: Result) -> dict[str, str]:
    """A reading's colour, the same in every picture."""
    return dict(zip((case.reading.key for case in result.alive), cycle(COLOURS), strict=False))


def heading(ax: Axes, y: float, words: str, right: bool = False) -> None:
    """A line of words between the intervals."""
    ax.text(
        1.0 if right else 0.0, y, words, va="center", ha="right" if right else "left",
        transform=ax.get_yaxis_transform(), fontsize=8.5, fontweight="bold",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )  # fmt: skip
