"""How long lots take to sell, and by how much prices exceed the starting price."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.ticker import NullLocator

from sim.reporting import formats
from sim.reporting.style import (
    BEHIND,
    BLACK,
    BLUE,
    FILE,
    GREEN,
    GREY,
    ORANGE,
    PALE,
    SKY,
    VERMILION,
    Foot,
    Form,
    Look,
    Picture,
    drawing,
    finish,
    no_data,
    tip,
)
from sim.reporting.text import headline

Floats = npt.NDArray[np.float64]
Dash = tuple[float, tuple[float, ...]]
TOP = 0.01  # the headline says what the top one per cent of sales supply
SHOWN = 0.998  # share of sales that the axis of days holds; how far the rest goes is said in words
AT_START = 6  # letters of a line of the name of the first tick
TICKS = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 100.0, 300.0, 1e3, 1e4, 1e5, 1e6)


def days_to_sale(
    days: npt.ArrayLike, lang: str, foot: Foot | str | None = None, *, form: Form = FILE
) -> Picture:
    """``days`` from listing to sale, one number a sold lot; nan (not sold) is left out."""
    with drawing(lang, form) as look:
        fig = look.canvas(8.0, 4.4)
        x = _finite(days)
        if not len(x):
            no_data(fig, look)
            return finish(fig, look, headline(look.t("days.x")), foot)
        median, p90 = (float(q) for q in np.quantile(x, (0.5, 0.9)))
        ax = fig.add_subplot()
        # Weeks where that gives a readable number of bars, else longer or shorter steps.
        far = float(np.quantile(x, SHOWN))
        step = next((s for s in (1.0, 2.0, 7.0, 14.0, 28.0) if far / s <= 50), far / 40)
        edges = step * np.arange(max(2, int(far // step) + 2), dtype=np.float64)
        share = 100.0 * np.histogram(x, edges)[0] / len(x)
        bars = ax.bar(edges[:-1], share, step, align="edge", color=SKY, edgecolor="white", linewidth=0.6)
        _tips(ax, bars, edges, share, lambda a, b: f"{a:.0f}–{b:.0f}")
        top = ax.get_ylim()[1]
        ax.set_ylim(0, top * 1.12)
        late = p90 > edges[-1] * 0.75
        close = p90 - median < (0.36 if look.form.narrow else 0.16) * edges[-1]
        crowded = close and median < 0.3 * edges[-1]  # no room for the median's words on the left of its line
        for value, key, colour, dash, right, height in (
            (median, "median", BLUE, (0, (5, 0.001)), close and not crowded, 1.0),
            (p90, "p90", VERMILION, (0, (4, 2)), late, 0.84 if crowded else 1.0),
        ):
            words = f"{headline(look.t(key))}\n{look.t('day', days=f'{value:.0f}')}"
            _mark(ax, (value, height), words, (colour, dash), right)
        ax.set_xlim(0, edges[-1])
        if beyond := float((x > edges[-1]).mean()):
            words = look.t("days.more", share=formats.percent(beyond, 1), days=f"{x.max():.0f}")
            ax.annotate(
                f"{words} →",
                (1, 1),
                (0, 3),
                "axes fraction",
                "offset points",
                ha="right",
                fontsize=8.5,
                color=GREY,
            )
        ax.set_xlabel(headline(look.t("days.x")))
        ax.set_ylabel(headline(look.t("days.y")))
        return finish(fig, look, look.t("days.title", median=f"{median:.0f}", p90=f"{p90:.0f}"), foot)


def premium_distribution(
    premiums: npt.ArrayLike, lang: str, foot: Foot | str | None = None, *, starts: npt.ArrayLike | None = None, form: Form = FILE,
) -> Picture:  # fmt: skip
    """``premiums`` = hammer price / starting price - 1, one a sale; ``starts`` weights the mean of total turnover.

    Above: how the sales are spread. Below: what each bar adds to the mean, which is where a few token starts
    show. Both on a log axis of 1 + premium; sales at exactly the starting price stand apart, on the left.
    """
    with drawing(lang, form) as look:
        fig = look.canvas(8.0, 5.6)
        p, weights = _premiums(premiums, starts)
        if not len(p):
            no_data(fig, look)
            return finish(fig, look, headline(look.t("premium.x")), foot)
        above, below = fig.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        _bars(above, below, look, p)
        _centres(above, look, p, weights)
        above.set_ylabel(headline(look.t("premium.y")))
        below.set_ylabel(headline(look.t("premium.part")))
        below.set_xlabel(headline(look.t("premium.x")))
        fig.align_ylabels()
        return finish(fig, look, _premium_title(look, p), foot)


def _bars(above: Axes, below: Axes, look: Look, p: Floats) -> None:
    ratio = np.maximum(1.0 + p, 1e-3)
    at_start = np.abs(p) < 1e-9
    high = max(float(ratio.max()), 2.0) * 1.0001
    low = min(float(ratio.min()), 1.0)
    step = math.log(high) / max(16, min(36, round(5 * math.log10(high) + 14)))
    edges = np.exp(np.arange(math.floor(math.log(low) / step), math.ceil(math.log(high) / step) + 1) * step)
    counts, _ = np.histogram(ratio[~at_start], bins=edges)
    sums, _ = np.histogram(ratio[~at_start], bins=edges, weights=p[~at_start])
    style: dict[str, Any] = {"align": "edge", "edgecolor": "white", "linewidth": 0.6}
    for ax, heights, colour in (
        (above, 100.0 * counts / len(p), SKY),
        (below, 100.0 * sums / len(p), ORANGE),
    ):
        bars = ax.bar(edges[:-1], heights, np.diff(edges), color=colour, **style)
        _tips(
            ax, bars, edges, heights, lambda a, b: f"{formats.percent(a - 1, 0)}–{formats.percent(b - 1, 0)}"
        )
    share = 100.0 * float(at_start.mean())
    bar = (edges[0] * math.exp(-2 * step), edges[0] * math.exp(-step))
    if share:
        above.bar([bar[0]], [share], [bar[1] - bar[0]], align="edge", color=GREEN)
        above.annotate(
            formats.percent(share / 100), (math.sqrt(bar[0] * bar[1]), share), (0, 2),
            textcoords="offset points", color=GREEN, fontsize=9.5, ha="center", va="bottom", bbox=BEHIND,
        )  # fmt: skip
    tallest = max(share, float((100.0 * counts / len(p)).max()), 1e-9)
    above.set_ylim(0, tallest * 1.6)
    above.set_yticks([y for y in above.get_yticks() if y <= min(100.0, tallest * 1.6)])
    start = math.sqrt(bar[0] * bar[1])
    letter = (0.026 if look.form.narrow else 0.011) * math.log(edges[-1] / bar[0])
    ticks = _apart([x for x in TICKS if low <= 1 + x <= edges[-1]], start if share else 0.0, letter)
    for ax in (above, below):
        ax.set_xscale("log")
        ax.xaxis.set_minor_locator(NullLocator())
        ax.set_xlim(bar[0] * math.exp(-(1.5 if look.form.narrow else 0.5) * step), edges[-1])
        ax.grid(axis="y", color=PALE, linewidth=0.6)
        ax.set_axisbelow(True)
    places, names = [1 + x for x in ticks], [formats.percent(x, 0) for x in ticks]
    if share:
        places, names = [start, *places], [look.t("premium.at_start"), *names]
    below.set_xticks(places, names)


def _apart(ticks: Sequence[float], last: float, letter: float) -> list[float]:
    """Those of the premiums whose names, with letters of this width on the log axis, do not touch the one before. ``last``: the
    place of what stands left of all of them, if anything does.
    """
    found: list[float] = []
    wide = AT_START
    for x in ticks:
        width = len(formats.percent(x, 0))
        if not last or math.log((1 + x) / last) > letter * ((width + wide) / 2 + 1.0):
            found.append(x)
            last, wide = 1 + x, width
    return found


def _tips(
    ax: Axes, bars: BarContainer, edges: Floats, heights: Floats, interval: Callable[[float, float], str]
) -> None:
    """What each bar stands for, in words."""
    for bar, a, b, height in zip(
        bars, edges[:-1].tolist(), edges[1:].tolist(), heights.tolist(), strict=True
    ):
        tip(bar, f"{interval(a, b)}: {height:.1f}%")


def _centres(ax: Axes, look: Look, p: Floats, weights: Floats | None) -> None:
    """Mean, median and turnover-weighted mean, each with its own dash, named at its own height."""
    solid: Dash = (0, (5, 0.001))
    shown: list[tuple[str, float, str, Dash]] = [("premium.median", float(np.median(p)), BLUE, solid)]
    if weights is not None and weights.sum() > 0:
        shown.append(("premium.weighted", float((p * weights).sum() / weights.sum()), BLACK, (0, (1.2, 1.2))))
    shown.append(("premium.mean", float(p.mean()), VERMILION, (0, (4, 2))))
    shown.sort(key=lambda entry: entry[1])
    for i, (key, x, colour, dash) in enumerate(shown):
        words = headline(look.t(key, x=formats.percent(x)))
        _mark(ax, (max(1 + x, 1e-3), 1.0 - 0.095 * i), words, (colour, dash), _far(ax, 1 + x))


def _far(ax: Axes, x: float) -> bool:
    """Whether ``x`` is so far right on a log axis that words must stand on its left."""
    left, right = ax.get_xlim()
    return math.log(max(x, left) / left) > 0.75 * math.log(right / left)


def _mark(ax: Axes, top: tuple[float, float], words: str, look: tuple[str, Dash], right: bool) -> None:
    """A vertical line up to ``top`` with its words there; ``right`` puts them to its left; ``look``: colour and dashes."""
    (x, height), (colour, dash) = top, look
    ax.axvline(x, 0, height, color=colour, linewidth=1.6, linestyle=dash)
    ax.annotate(
        words, (x, height), (-4 if right else 4, -1), ("data", "axes fraction"), "offset points",
        ha="right" if right else "left", va="top", color=colour, fontsize=9.5,
        bbox=BEHIND,
    )  # fmt: skip


def _premium_title(look: Look, p: Floats) -> str:
    total = float(p.sum())
    if total <= 0:
        return look.t("premium.none")
    top = max(1, round(TOP * len(p)))
    part = formats.percent(float(np.sort(p)[-top:].sum()) / total, 0)
    if top == 1:
        return look.t("premium.title.one", n=formats.count(len(p)), part=part)
    return look.t("premium.title", top=formats.percent(TOP, 0), part=part)


def _premiums(premiums: npt.ArrayLike, starts: npt.ArrayLike | None) -> tuple[Floats, Floats | None]:
    p = np.asarray(premiums, dtype=np.float64).ravel()
    keep = np.isfinite(p)
    return p[keep], None if starts is None else np.asarray(starts, dtype=np.float64).ravel()[keep]


def _finite(values: npt.ArrayLike) -> Floats:
    x = np.asarray(values, dtype=np.float64).ravel()
    return x[np.isfinite(x)]
