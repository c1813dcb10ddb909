"""A sweep in pictures: lines with bands over one parameter, a heat map over two, clouds over more."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PolyCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize, to_rgb, to_rgba
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.measures import DEFINITIONS
from sim.reporting import formats
from sim.reporting.differences import kind_of
from sim.reporting.figures.intervals import LETTER, PX, SLIM
from sim.reporting.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE,
    SKY,
    Foot,
    Form,
    Look,
    Picture,
    canvas,
    columns,
    drawing,
    finish,
    fold,
    tip,
)
from sim.reporting.text import headline, name_of
from sim.reporting.text_explore import e

Floats = npt.NDArray[np.float64]
HEAT = 400.0  # pixels: width of a field in a page
BINS = 12  # of a cloud's running mean, at most


@dataclass(frozen=True, slots=True)
class Varied:
    """One parameter that was varied: path, what people call it (en, zh), values at the points."""

    path: str
    names: tuple[str, str]
    values: Sequence[Any]

    def label(self, look: Look) -> str:
        name = self.names[look.lang == "zh"]
        return look.safe(f"{name} ({self.path})" if name else self.path)

    @property
    def numeric(self) -> bool:
        return all(isinstance(x, int | float) and not isinstance(x, bool) for x in self.values)

    def levels(self) -> list[Any]:
        seen = list(dict.fromkeys(self.values))
        return sorted(seen) if self.numeric else seen


@dataclass(frozen=True, slots=True)
class Seen:
    """One measure at the points: mean over replications and half-width of its interval (points,)."""

    measure: str
    mean: Floats
    half: Floats


@dataclass(frozen=True, slots=True)
class Effect:
    """A measure along one parameter. ``places`` of the values along the axis, named ``names``; ``half``: half-width of the
    interval of the mean; ``range``: lowest and highest over all other parameters; ``bounds``: what the measure can be."""

    places: Floats
    names: Sequence[str]
    mean: Floats
    half: Floats
    bounds: tuple[float, float]
    range: tuple[Floats, Floats] = (np.empty(0), np.empty(0))

    @property
    def band(self) -> tuple[Floats, Floats]:
        """The interval, cut off where the measure ends."""
        return np.clip(self.mean - self.half, *self.bounds), np.clip(self.mean + self.half, *self.bounds)


def sweep_figure(
    varied: Sequence[Varied],
    seen: Sequence[Seen],
    lang: str,
    window: str,
    foot: Foot | None = None,
    grid: bool = True,
) -> Picture:
    """Lines for one parameter, heat maps for a grid of two, clouds for anything else."""
    if len(varied) == 1:
        return lines(varied[0], seen, lang, window, foot)
    if len(varied) == 2 and grid:
        return heat(varied[0], varied[1], seen, lang, window, foot)
    return clouds(varied, seen, lang, window, foot)


def lines(varied: Varied, seen: Sequence[Seen], lang: str, window: str, foot: Foot | None = None) -> Picture:
    """A panel a measure: the mean over the parameter, with the 95 % interval of the mean as a band."""
    with drawing(lang) as look:
        fig, axes = _panels(len(seen))
        x, ticks = _positions(varied)
        order = np.argsort(x, kind="stable")
        for ax, one in zip(axes, seen, strict=True):
            known = DEFINITIONS.get(one.measure)
            bounds = known.bounds if known else (-math.inf, math.inf)
            _effect(ax, Effect(x[order], ticks, one.mean[order], np.nan_to_num(one.half[order]), bounds), lambda _: "")  # fmt: skip
            measure_axis(ax.yaxis, one.measure, look)
            _title(ax, one.measure, look)
            ax.set_xlabel(varied.label(look), fontsize=8.5)
            if ticks:
                ax.set_xticks(range(len(ticks)), [look.safe(t) for t in ticks])
        title = e("sweep.lines", look.lang, parameter=varied.label(look), window=_window(window, look))
        return finish(fig, look, title, _foot("sweep.lines.foot", look, foot))


def effect_panel(effect: Effect, write: Callable[[float], str], label: str, lang: str) -> Picture:
    """One panel for a page, which sets its heading: its axes stand where the page's letters leave room."""
    with drawing(lang, Form(SLIM / PX)) as look:
        fig = canvas(SLIM / PX, 160.0 / PX)
        fig.set_layout_engine(None)
        fig.said = label
        ends = [x for x in np.concatenate([effect.mean, *effect.band, *effect.range]).tolist() if math.isfinite(x)]  # fmt: skip
        if not ends:
            return fig
        room = 0.06 * (max(ends) - min(ends)) or 0.05 * abs(max(ends)) or 0.05
        low, high = max(min(ends) - room, effect.bounds[0]), min(max(ends) + room, effect.bounds[1])
        ticks = [float(x) for x in MaxNLocator(3, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high) if low <= x <= high]  # fmt: skip
        words = [write(round(x, 12)) for x in ticks]
        left = 14.0 + LETTER * max((columns(one) for one in words), default=0)
        right = max(10.0, LETTER * columns(effect.names[-1]) / 2) if effect.names else 10.0
        ax = fig.add_axes((left / SLIM, 0.17, 1.0 - (left + right) / SLIM, 0.78))
        _effect(ax, effect, write)
        ax.set_ylim(low, high)
        ax.set_yticks(ticks, words, fontsize=8.5)
        wide = SLIM - left - right
        shown = _apart(effect.places, effect.names, wide)
        ax.set_xticks([effect.places[i] for i in shown], [look.safe(effect.names[i]) for i in shown], fontsize=8.5)  # fmt: skip
        ax.tick_params(length=0)
        ax.spines[["left", "bottom"]].set_visible(False)
        return fig


def _effect(ax: Axes, effect: Effect, write: Callable[[float], str]) -> None:
    """The mean over a parameter, the interval of the mean, and how far all other parameters move it."""
    if len(effect.range[0]):
        ax.fill_between(effect.places, *effect.range, color=GREY, alpha=0.16, linewidth=0)
    if np.isfinite(effect.half).all():
        ax.fill_between(effect.places, *effect.band, color=BLUE, alpha=0.18, linewidth=0)
    (line,) = ax.plot(effect.places, effect.mean, "-o" if len(effect.places) <= 60 else "-", color=BLUE, markersize=4, linewidth=1.4)  # fmt: skip
    tip(line, ["", *map(write, effect.mean.tolist())])  # first the line, then its dots
    ax.grid(color=PALE, linewidth=0.5)
    ax.set_axisbelow(True)


def _apart(places: Floats, names: Sequence[str], wide: float) -> list[int]:
    """Which names fit on an axis of ``wide`` pixels."""
    span = float(places[-1] - places[0]) or 1.0
    shown, last = [], -math.inf
    for i, (place, name) in enumerate(zip(places.tolist(), names, strict=True)):
        at, half = (place - float(places[0])) / span * wide, LETTER * columns(name) / 2
        if at - half > last + 6.0:
            shown.append(i)
            last = at + half
    return shown


def heat(
    across: Varied, up: Varied, seen: Sequence[Seen], lang: str, window: str, foot: Foot | None = None
) -> Picture:
    """A panel a measure: the mean over a grid of two parameters; cells with numbers while there are few."""
    with drawing(lang) as look:
        fig, axes = _panels(len(seen))
        xs, ys = across.levels(), up.levels()
        column = [xs.index(x) for x in across.values]
        row = [ys.index(y) for y in up.values]
        for ax, one in zip(axes, seen, strict=True):
            cells = np.full((len(ys), len(xs)), np.nan)
            cells[row, column] = one.mean
            few = len(xs) <= 8 and len(ys) <= 8
            _cells(ax, cells, partial(_in_cell, one.measure, look.lang), few)
            if not few:
                shades = LinearSegmentedColormap.from_list("shades", [_shade(0.0, few), _shade(1.0, few)])
                norm = Normalize(float(np.nanmin(cells)), float(np.nanmax(cells)))
                bar = fig.colorbar(ScalarMappable(norm, shades), ax=ax, shrink=0.9)
                measure_axis(bar.ax.yaxis, one.measure, look)
                bar.ax.tick_params(labelsize=8)
            _title(ax, one.measure, look)
            for axis, values in ((ax.xaxis, xs), (ax.yaxis, ys)):
                step = max(1, math.ceil(len(values) / 8))
                axis.set_ticks(range(0, len(values), step), [look.safe(_text(v)) for v in values[::step]])
            ax.set_xlabel(across.label(look), fontsize=8.5)
            ax.set_ylabel(up.label(look), fontsize=8.5)
        title = e("sweep.heat", look.lang, window=_window(window, look))
        return finish(fig, look, title, _foot("sweep.heat.foot", look, foot))


def heat_panel(
    field: Floats, across: tuple[str, Sequence[str]], up: tuple[str, Sequence[str]], write: Callable[[float], str], label: str, lang: str
) -> Picture:  # fmt: skip
    """One panel for a page. ``field``: (up, across), nan where there is nothing; ``across``, ``up``: names and ticks of the two
    parameters."""
    with drawing(lang, Form(HEAT / PX)) as look:
        height = 6.0 + 26.0 * len(up[1]) + 38.0
        fig = canvas(HEAT / PX, height / PX)
        fig.set_layout_engine(None)
        fig.said = label
        left = 14.0 + LETTER * max(columns(tick) for tick in up[1])
        ax = fig.add_axes((left / HEAT, 38.0 / height, 1.0 - left / HEAT, 26.0 * len(up[1]) / height))
        wide = (HEAT - left) / len(across[1])
        words = [write(x) for x in field.ravel().tolist() if math.isfinite(x)]
        _cells(ax, field, write, max(map(columns, words), default=0) * LETTER < wide - 2.0)
        ax.set_yticks(range(len(up[1])), [look.safe(tick) for tick in up[1]], fontsize=8.5)
        step = max(1, math.ceil(max(LETTER * columns(tick) + 8.0 for tick in across[1]) / wide))
        ax.set_xticks(range(0, len(across[1]), step), [look.safe(tick) for tick in across[1][::step]], fontsize=8.5)  # fmt: skip
        fig.text(1.0, 4.0 / height, look.safe(across[0]), ha="right", fontsize=8.5, color=INK)
        fig.text(0.0, 4.0 / height, look.safe(up[0]), ha="left", fontsize=8.5, color=INK)
        return fig


def _cells(ax: Axes, field: Floats, write: Callable[[float], str], numbers: bool) -> None:
    """Shades of blue, the numbers in them if there is room."""
    low, high = float(np.nanmin(field, initial=np.inf)), float(np.nanmax(field, initial=-np.inf))
    places = [(r, c, x) for (r, c), x in np.ndenumerate(field) if math.isfinite(x)]
    shares = [(x - low) / ((high - low) or 1.0) for _, _, x in places]
    corners = ((-0.49, -0.46), (0.49, -0.46), (0.49, 0.46), (-0.49, 0.46))
    cells = PolyCollection(
        [[(c + dx, r + dy) for dx, dy in corners] for r, c, _ in places],
        facecolors=[to_rgba(BLUE, _strength(share, numbers)) for share in shares],
        linewidths=0,
    )
    ax.add_collection(cells, autolim=False)
    tip(cells, [write(x) for _, _, x in places])
    for r, c, x in places if numbers else ():
        ax.text(c, r, write(x), ha="center", va="center_baseline", fontsize=8.0)
    ax.set_xlim(-0.5, field.shape[1] - 0.5)
    ax.set_ylim(-0.5, field.shape[0] - 0.5)
    ax.tick_params(length=0)
    ax.spines[["left", "bottom"]].set_visible(False)


def _strength(share: float, numbers: bool) -> float:
    """Letters must stand out from the darkest shade."""
    return 0.05 + (0.45 if numbers else 0.9) * share


def _shade(share: float, numbers: bool) -> tuple[float, ...]:
    """A shade as it comes out on white."""
    strength = _strength(share, numbers)
    return tuple(1.0 - strength * (1.0 - x) for x in to_rgb(BLUE))


def clouds(
    varied: Sequence[Varied], seen: Sequence[Seen], lang: str, window: str, foot: Foot | None = None
) -> Picture:
    """A row a parameter, a column a measure: every point, and the mean of points alike in that parameter."""
    with drawing(lang) as look:
        measures = seen[:4]
        fig = canvas(2.9 * len(measures) + 0.6, 1.2 + 1.9 * len(varied))
        axes = fig.subplots(len(varied), len(measures), sharex="row", sharey="col", squeeze=False)
        for i, one in enumerate(varied):
            x, ticks = _positions(one)
            for j, measure in enumerate(measures):
                ax = axes[i, j]
                ax.plot(x, measure.mean, ".", color=SKY, markersize=3, alpha=0.6, rasterized=len(x) > 2000)
                at, mean = _running(x, measure.mean)
                ax.plot(at, mean, "-o", color=ORANGE, markersize=3.5, linewidth=1.5)
                measure_axis(ax.yaxis, measure.measure, look)
                ax.grid(color=PALE, linewidth=0.5)
                if i == 0:
                    _title(ax, measure.measure, look)
                if ticks:
                    ax.set_xticks(range(len(ticks)), [look.safe(t) for t in ticks])
                if j == 0:
                    ax.set_ylabel(fold(one.label(look), 22), fontsize=8.5)
        title = e("sweep.clouds", look.lang, window=_window(window, look))
        return finish(fig, look, title, _foot("sweep.clouds.foot", look, foot))


def _panels(number: int) -> tuple[Picture, list[Axes]]:
    across = min(number, 3)
    down = math.ceil(number / across)
    fig = canvas(11.0 if across == 3 else 5.2 * across + 1.0, 1.0 + 3.0 * down)
    axes = list(fig.subplots(down, across, squeeze=False).flat)
    for ax in axes[number:]:
        ax.set_axis_off()
    return fig, axes[:number]


def _positions(varied: Varied) -> tuple[Floats, list[str]]:
    """Where values stand on an axis; names where they are no numbers."""
    if varied.numeric:
        return np.array(varied.values, dtype=np.float64), []
    levels = varied.levels()
    return np.array([levels.index(x) for x in varied.values], dtype=np.float64), [_text(x) for x in levels]


def _running(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Means of points alike: by value while there are few, else in bins of equal numbers."""
    levels = np.unique(x)
    if len(levels) <= BINS:
        groups = [x == level for level in levels]
    else:
        rank = np.argsort(np.argsort(x, kind="stable"), kind="stable")
        bins = max(2, min(BINS, len(x) // 8))
        groups = [rank * bins // len(x) == i for i in range(bins)]
    at = np.array([x[g].mean() for g in groups])
    with np.errstate(invalid="ignore"):
        means = [y[g & np.isfinite(y)].mean() if (g & np.isfinite(y)).any() else math.nan for g in groups]
    return at, np.array(means)


def _in_cell(measure: str, lang: str, x: float) -> str:
    return short(measure, x, lang)


def short(measure: str, x: float, lang: str) -> str:
    """A value without its unit, where the axis has it."""
    kind = kind_of(measure)
    if kind == "rate":
        return formats.percent(x, 1 if abs(x) < 10 else 0)
    return formats.money(x, lang) if kind == "yuan" else f"{x:,.4g}"


def measure_axis(axis: Any, measure: str, look: Look) -> None:
    axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    kind = kind_of(measure)
    if kind == "rate":
        axis.set_major_formatter(FuncFormatter(lambda v, _: f"{100 * v:.4g}%"))
    elif kind == "yuan":
        axis.set_major_formatter(FuncFormatter(lambda v, _: formats.money(v, look.lang)))
    else:
        axis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.6g}"))


def _title(ax: Axes, measure: str, look: Look) -> None:
    ax.set_title(fold(headline(look.safe(name_of(measure, look.lang))), 32), loc="left", fontweight="bold")


def _window(window: str, look: Look) -> str:
    return e("whole", look.lang) if window == "all" else look.safe(window)


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _foot(key: str, look: Look, foot: Foot | None) -> str:
    return e(key, look.lang, foot=foot.line(look.lang) if foot else "")


def names_of(info: Any) -> tuple[str, str]:
    """What people call a parameter: (English, Chinese), from its declaration; empty where there is none."""
    extra: Mapping[str, Any] = getattr(info, "json_schema_extra", None) or {}
    return "", str(extra.get("zh", ""))
