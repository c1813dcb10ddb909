"""A sweep in pictures: lines with bands over one parameter, a heat map over two, clouds over more."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.measures import DEFINITIONS
from sim.reporting import formats
from sim.reporting.differences import kind_of
from sim.reporting.style import BLUE, ORANGE, PALE, SKY, Foot, Look, Picture, canvas, drawing, finish, fold
from sim.reporting.text import headline, name_of
from sim.reporting.text_explore import e

Floats = npt.NDArray[np.float64]
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


def sweep_figure(
    varied: Sequence[Varied],
    seen: Sequence[Seen],
    lang: str,
    window: str,
    foot: Foot | None = None,
    grid: bool = True,
) -> Figure:
    """Lines for one parameter, heat maps for a grid of two, clouds for anything else."""
    if len(varied) == 1:
        return lines(varied[0], seen, lang, window, foot)
    if len(varied) == 2 and grid:
        return heat(varied[0], varied[1], seen, lang, window, foot)
    return clouds(varied, seen, lang, window, foot)


def lines(varied: Varied, seen: Sequence[Seen], lang: str, window: str, foot: Foot | None = None) -> Figure:
    """A panel a measure: the mean over the parameter, with the 95 % interval of the mean as a band."""
    with drawing(lang) as look:
        fig, axes = _panels(len(seen))
        x, ticks = _positions(varied)
        order = np.argsort(x, kind="stable")
        for ax, one in zip(axes, seen, strict=True):
            mean, half = one.mean[order], np.nan_to_num(one.half[order])
            known = DEFINITIONS.get(one.measure)
            ends = known.bounds if known else (-np.inf, np.inf)
            band = np.clip(mean - half, *ends), np.clip(mean + half, *ends)
            ax.fill_between(x[order], *band, color=SKY, alpha=0.4, linewidth=0)
            ax.plot(x[order], mean, "-o" if len(x) <= 60 else "-", color=BLUE, markersize=4, linewidth=1.4)
            measure_axis(ax.yaxis, one.measure, look)
            _title(ax, one.measure, look)
            ax.set_xlabel(varied.label(look), fontsize=8.5)
            if ticks:
                ax.set_xticks(range(len(ticks)), [look.safe(t) for t in ticks])
            ax.grid(color=PALE, linewidth=0.5)
        title = e("sweep.lines", look.lang, parameter=varied.label(look), window=_window(window, look))
        return finish(fig, look, title, _foot("sweep.lines.foot", look, foot))


def heat(
    across: Varied, up: Varied, seen: Sequence[Seen], lang: str, window: str, foot: Foot | None = None
) -> Figure:
    """A panel a measure: the mean over a grid of two parameters; cells with numbers while there are few."""
    with drawing(lang) as look:
        fig, axes = _panels(len(seen))
        xs, ys = across.levels(), up.levels()
        column = [xs.index(x) for x in across.values]
        row = [ys.index(y) for y in up.values]
        for ax, one in zip(axes, seen, strict=True):
            cells = np.full((len(ys), len(xs)), np.nan)
            cells[row, column] = one.mean
            image = ax.imshow(cells, origin="lower", aspect="auto", cmap="cividis")
            bar = fig.colorbar(image, ax=ax, shrink=0.9)
            measure_axis(bar.ax.yaxis, one.measure, look)
            bar.ax.tick_params(labelsize=8)
            if len(xs) <= 8 and len(ys) <= 8:
                _numbers(ax, cells, one.measure, look)
            _title(ax, one.measure, look)
            for axis, values in ((ax.xaxis, xs), (ax.yaxis, ys)):
                step = max(1, math.ceil(len(values) / 8))
                axis.set_ticks(range(0, len(values), step), [look.safe(_told(v)) for v in values[::step]])
            ax.set_xlabel(across.label(look), fontsize=8.5)
            ax.set_ylabel(up.label(look), fontsize=8.5)
        title = e("sweep.heat", look.lang, window=_window(window, look))
        return finish(fig, look, title, _foot("sweep.heat.foot", look, foot))


def clouds(
    varied: Sequence[Varied], seen: Sequence[Seen], lang: str, window: str, foot: Foot | None = None
) -> Figure:
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
    return np.array([levels.index(x) for x in varied.values], dtype=np.float64), [_told(x) for x in levels]


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


def _numbers(ax: Axes, cells: Floats, measure: str, look: Look) -> None:
    low, high = float(np.nanmin(cells, initial=np.inf)), float(np.nanmax(cells, initial=-np.inf))
    for (r, c), x in np.ndenumerate(cells):
        if math.isfinite(x):
            dark = high > low and (x - low) / (high - low) < 0.55
            ax.text(
                c,
                r,
                short(measure, x, look.lang),
                ha="center",
                va="center",
                fontsize=7.5,
                color="white" if dark else "black",
            )


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


def _told(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _foot(key: str, look: Look, foot: Foot | None) -> str:
    return e(key, look.lang, foot=foot.line(look.lang) if foot else "")


def names_of(info: Any) -> tuple[str, str]:
    """What people call a parameter: (English, Chinese), from its declaration; empty where there is none."""
    extra: Mapping[str, Any] = getattr(info, "json_schema_extra", None) or {}
    return "", str(extra.get("zh", ""))
