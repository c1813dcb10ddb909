"""The front of policies: what was tried, what is best, how surely."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sim.reporting.figures.intervals import BROAD, PX, Key
from sim.reporting.figures.sweep import measure_axis
from sim.reporting.figures.tradeoff import AXES, LABELPAD, name_dots
from sim.reporting.style import (
    BLUE,
    GREY,
    ORANGE,
    PALE,
    VERMILION,
    WHITE,
    Foot,
    Form,
    Look,
    Picture,
    canvas,
    drawing,
    finish,
    tip,
)
from sim.reporting.text import headline, name_of
from sim.reporting.text_explore import e
from sim.reporting.units import unit_of

Floats = npt.NDArray[np.float64]
MOST_PANELS = 6


@dataclass(frozen=True, slots=True)
class Settled:
    """One settled policy: its number, means of the goals, half-widths of the intervals beside the base."""

    label: str
    mean: Floats
    half: Floats
    on_front: bool
    base: bool
    unlawful: bool = False


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search came to. ``goals``: (measure, 1 to make large or -1 to make small); ``left``: (points, goals), means of
    those that it tried and left; ``tried``: how many it tried in all."""

    goals: Sequence[tuple[str, int]]
    settled: Sequence[Settled]
    left: Floats
    tried: int


def pareto(found: Searched, lang: str, window: str, foot: Foot | None = None) -> Picture:
    """A panel for each pair of goals."""
    with drawing(lang) as look:
        pairs = list(itertools.combinations(range(len(found.goals)), 2))[:MOST_PANELS] or [(0, 0)]
        across = min(len(pairs), 3)
        down = math.ceil(len(pairs) / across)
        fig = canvas(8.6 if across == 1 else 4.6 * across, 1.3 + 4.0 * down)
        grid = fig.add_gridspec(down + 1, across, height_ratios=[*[4.0] * down, 0.3])
        for i, (x, y) in enumerate(pairs):
            _panel(fig.add_subplot(grid[divmod(i, across)]), look, found, (x, y))
        key = fig.add_subplot(grid[-1, :])
        key.set_axis_off()
        key.legend(handles=_legend(look, found), loc="center", ncols=5)
        where = e("whole", look.lang) if window == "all" else look.safe(window)
        number = sum(one.on_front for one in found.settled)
        title = e("optimise.title", look.lang, n=number, tried=found.tried, window=where)
        return finish(
            fig, look, title, e("optimise.foot", look.lang, foot=foot.line(look.lang) if foot else "")
        )


def pareto_panels(found: Searched, lang: str) -> list[tuple[str, Picture]]:
    """The panels one by one, each with its heading, for a page."""
    pictures = []
    for pair in list(itertools.combinations(range(len(found.goals)), 2))[:MOST_PANELS]:
        with drawing(lang, Form(1.16 * BROAD / PX)) as look:
            fig = canvas(look.form.width, 340.0 / PX)
            _panel(fig.add_subplot(), look, found, pair)
            names = [headline(name_of(found.goals[i][0], lang)) for i in pair]
            fig.said = f"{names[1]} / {names[0]}: {', '.join(_named(one, lang) for one in found.settled if one.on_front)}"
            pictures.append((f"{names[1]} / {names[0]}", fig))
    return pictures


def pareto_keys(found: Searched, lang: str) -> list[Key]:
    """What the dots of a page mean."""
    keys = [
        Key("round", PALE, e("optimise.tried", lang)),
        Key("round", GREY, e("optimise.settled", lang)),
        Key("round", BLUE, e("optimise.front", lang)),
        Key("star", ORANGE, e("optimise.base", lang)),
    ]
    unlawful = any(one.unlawful for one in found.settled)
    return [*keys, *([Key("ring", VERMILION, e("optimise.unlawful", lang))] if unlawful else [])]


def _panel(ax: Axes, look: Look, found: Searched, pair: tuple[int, int]) -> None:
    x, y = pair
    ax.plot(found.left[:, x], found.left[:, y], "o", color=PALE, markersize=4, zorder=1)
    for one in found.settled:
        colour = BLUE if one.on_front else GREY
        edge = {"markeredgecolor": VERMILION, "markerfacecolor": ORANGE if one.base else WHITE, "markeredgewidth": 1.6} if one.unlawful else {"markeredgecolor": "white"}  # fmt: skip
        drawn = ax.errorbar(
            [one.mean[x]], [one.mean[y]], xerr=[one.half[x]], yerr=[one.half[y]], fmt="*" if one.base else "o", color=ORANGE if one.base else colour,
            ecolor=colour, elinewidth=1.0, markersize=14 if one.base else 6, zorder=4 if one.base else 3, **edge,
        )  # fmt: skip
        tip(drawn.lines[0], _named(one, look.lang))
    for axis, which, letter in ((ax.xaxis, x, "x"), (ax.yaxis, y, "y")):
        measure, sign = found.goals[which]
        measure_axis(axis, measure, look)
        arrow = {("x", 1): " →", ("x", -1): " ←", ("y", 1): " →", ("y", -1): " ←"}[letter, sign]
        unit = f" · {unit_of(measure, look.lang)}" if unit_of(measure, look.lang) else ""
        label = headline(look.safe(name_of(measure, look.lang))) + unit + arrow
        (ax.set_xlabel if letter == "x" else ax.set_ylabel)(label)
    if look.form.page:
        ax.yaxis.labelpad = LABELPAD
    ax.grid(color=PALE, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.margins(0.12)
    places = [(float(one.mean[x]), float(one.mean[y])) for one in found.settled]
    name_dots(ax, places, [_named(one, look.lang) if one.on_front else "" for one in found.settled], AXES)


def _named(one: Settled, lang: str) -> str:
    return e("optimise.base", lang) if one.base else one.label


def _legend(look: Look, found: Searched) -> list[Line2D]:
    unlawful = Line2D(
        [], [], color=VERMILION, marker="o", linewidth=0, markerfacecolor=WHITE, label=e("optimise.unlawful", look.lang)
    )  # fmt: skip
    return [
        Line2D([], [], color=PALE, marker="o", linewidth=0, label=e("optimise.tried", look.lang)),
        Line2D([], [], color=GREY, marker="o", linewidth=0, label=e("optimise.settled", look.lang)),
        Line2D([], [], color=BLUE, marker="o", linewidth=0, label=e("optimise.front", look.lang)),
        Line2D(
            [], [], color=ORANGE, marker="*", markersize=12, linewidth=0, label=e("optimise.base", look.lang)
        ),
        *([unlawful] if any(one.unlawful for one in found.settled) else []),
    ]
