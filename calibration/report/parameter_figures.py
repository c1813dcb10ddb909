"""Pictures of parameters: the ridge, prior beside set and posterior, profiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, NullFormatter

from calibration.identify import LIKELY
from calibration.parameters import Slot
from calibration.report import parameter_tables, tables
from calibration.report.figures import (
    EXPLANATIONS,
    Mark,
    blank,
    colours_of,
    empty,
    finished,
    folded,
    handle,
    line,
    said,
)
from calibration.report.mixture import mixture
from calibration.result import Case, Result
from calibration.words import w
from sim.report.style import (
    BLACK,
    BLUE,
    GREY,
    ORANGE,
    PALE,
    Look,
    drawing,
)

HIGHEST: Final = 12.0  # distance where a profile's picture ends


def ridge_figure(result: Result, lang: str, narrow: bool) -> Figure:
    """The set in the plane of interest and of what lots are worth, by reading."""
    slots = result.world.space.slots
    x = _slot(result, "interest.location")
    y = _slot(result, "interest.mean", result.window)
    with drawing(lang) as look:
        title = said(look, "ridge.title")
        if x is None or y is None or not result.alive:
            return empty(look, narrow, title)
        fig = blank(narrow, 2.8 if narrow else 3.8)
        ax = fig.add_subplot()
        for case in result.alive:
            _cloud(ax, result, case, (x, y), colours_of(result)[case.reading.key])
        for case in result.alive:
            ends = result.world.space.plain(case.estimate.ends)
            ax.scatter(ends[:, x], ends[:, y], s=42, facecolors="none", edgecolors=BLACK, linewidths=1.1)
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        ax.yaxis.set_major_formatter(lambda v, _: f"{v:g}")
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.set_xlabel(look.safe(slots[x].word(look.lang)), fontsize=9)
        ax.set_ylabel(look.safe(slots[y].word(look.lang)), fontsize=9)
        return finished(fig, look, title, _ridge_legend(result, look))


def _cloud(ax: Axes, result: Result, case: Case, at: tuple[int, int], colour: str) -> None:
    """The set of one reading, a marker for each explanation."""
    plain = result.world.space.plain(case.sample)
    for told, mask in (("noise", case.noise), ("popularity", ~case.noise)):
        marker = EXPLANATIONS[told].marker
        ax.scatter(
            plain[mask, at[0]], plain[mask, at[1]], s=13, marker=marker, color=colour, alpha=0.6, linewidths=0
        )


def _ridge_legend(result: Result, look: Look) -> list[Artist]:
    colours = colours_of(result)
    readings = [
        Patch(color=colours[case.reading.key], label=tables.reading_name(case.reading, look.lang))
        for case in result.alive
    ]
    markers = [handle(mark, w(f"group.{told}", look.lang), bar=False) for told, mark in EXPLANATIONS.items()]
    return [
        *readings,
        *markers,
        handle(Mark(BLACK, "o"), said(look, "starts"), bar=False, filled=False),
    ]


def _slot(result: Result, path: str, window: str | None = None) -> int | None:
    """Which slot holds a path (for a window)."""
    for i, slot in enumerate(result.world.space.slots):
        if path in slot.free.paths and slot.window in (None, window):
            return i
    return None


def _panels(fig: Figure, look: Look, slots: Sequence[Slot], across: int) -> list[Axes]:
    """A small picture for each parameter, over its range."""
    found = []
    for i, slot in enumerate(slots):
        ax = fig.add_subplot(-(-len(slots) // across), across, i + 1)
        free = slot.free
        ends = [free.low, (free.low + free.high) / 2, free.high]
        ax.set_xticks(ends, [_tick(slot, float(free.plain(e))) for e in ends], fontsize=7)
        ax.set_title(folded(look, slot.word(look.lang), 1.25, 8), fontsize=8, loc="left")
        if i + across >= len(slots):
            ax.set_xlabel(said(look, "value"), fontsize=8)
        found.append(ax)
    return found


def _tick(slot: Slot, x: float) -> str:
    return parameter_tables.plain(slot, x)[5:] if slot.free.transform == "date" else f"{x:.2g}"


def prior_figure(result: Result, lang: str, narrow: bool) -> Figure:
    """Prior, set, and the posterior if there is one, of every parameter."""
    draws, weights = mixture(result)
    likely = _likely(result)
    slots = result.world.space.slots
    across = 2 if narrow else 5
    with drawing(lang) as look:
        fig = blank(narrow, 1.25 * -(-len(slots) // across) + 0.3)
        for i, ax in enumerate(_panels(fig, look, slots, across)):
            free = slots[i].free
            edges = np.linspace(free.low, free.high, 17).tolist()
            ax.hist(
                free.quantile((np.arange(2000) + 0.5) / 2000),
                edges,
                density=True,
                histtype="stepfilled",
                color=PALE,
            )
            if len(draws):
                ax.hist(
                    draws[:, i],
                    edges,
                    weights=weights,
                    density=True,
                    histtype="stepfilled",
                    color=BLUE,
                    alpha=0.6,
                )
            if likely is not None:
                ax.hist(likely[1][:, i], edges, density=True, histtype="step", color=ORANGE, linewidth=1.5)
            ax.set_yticks([])
        fig.supylabel(said(look, "density"), fontsize=9)
        return finished(fig, look, said(look, "prior.title"), _prior_legend(look, len(draws) > 0, likely))


def _likely(result: Result) -> tuple[Case, npt.NDArray[np.float64]] | None:
    """The first reading with a posterior, and draws of it."""
    return next(((case, case.likely) for case in result.alive if len(case.likely)), None)


def _prior_legend(
    look: Look, found: bool, likely: tuple[Case, npt.NDArray[np.float64]] | None
) -> list[Artist]:
    legend: list[Artist] = [Patch(color=PALE, label=said(look, "prior"))]
    if found:
        legend.append(Patch(color=BLUE, alpha=0.6, label=said(look, "set")))
    if likely is not None:
        name = tables.reading_name(likely[0].reading, look.lang)
        legend.append(line(ORANGE, said(look, "posterior", reading=name)))
    return legend


def profiles_figure(result: Result, lang: str, narrow: bool) -> Figure:
    """Profile distances of every parameter of the leading reading."""
    found = result.leading.profiles if result.leading is not None else []
    across = 2 if narrow else 5
    with drawing(lang) as look:
        title = said(look, "profiles.title")
        if not found:
            return empty(look, narrow, title)
        fig = blank(narrow, 1.3 * -(-len(found) // across) + 0.3)
        slots = [result.world.space.slots[one.slot] for one in found]
        for one, ax in zip(found, _panels(fig, look, slots, across), strict=True):
            ax.plot(one.at, np.minimum(one.distance, HIGHEST), color=BLUE, linewidth=1.6, marker="o", markersize=2.5)  # fmt: skip
            ax.axhline(LIKELY, color=GREY, linewidth=0.8, linestyle="--")
            ax.set_ylim(-0.5, HIGHEST + 0.5)
            ax.set_yticks([0, 4, 8, 12], ["0", "4", "8", "12+"], fontsize=7)
        fig.supylabel(said(look, "distance"), fontsize=9)
        legend = [
            handle(Mark(BLUE, "o"), said(look, "profile")),
            line(GREY, said(look, "bound", bound=LIKELY), dashed=True),
        ]
        return finished(fig, look, title, legend)
