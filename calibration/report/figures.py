"""Pictures of the report. Each takes the result, a language and a width (wide for a desk, narrow for a phone).

A picture is also a file of its own, without the page's words: it says itself what to see, in which units, and what its
marks mean.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, NullFormatter

from calibration.audit_words import figure_name
from calibration.identify import LIKELY
from calibration.parameters import Slot
from calibration.pipeline import Case, Result
from calibration.readings import RATIOS
from calibration.report import tables
from calibration.report.mixture import mixture
from calibration.words import w
from sim.report.save import DPI
from sim.report.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PALE,
    PURPLE,
    SKY,
    VERMILION,
    Look,
    canvas,
    columns,
    drawing,
    fold,
    no_data,
)

Rows = Sequence[Mapping[str, Any]]

WIDE, NARROW = 8.2, 3.7  # inches
WINE, OLIVE = "#882255", "#8A8A2A"  # beyond Okabe and Ito's: told apart from them by lightness
COLOURS: Final = (BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE, WINE, OLIVE)  # of readings
FARTHEST: Final = 3.2  # log-ratio beyond which an interval is cut off in pictures relative to print
SHOWN: Final = ("sold_ever", "recovery_all")  # outcomes of policies
SMALL: Final = 20  # vectors of a set below which their number is told
LONG: Final = 30  # columns of a reading's name beyond which pictures of policies number it
HIGHEST: Final = 12.0  # distance where a profile's picture ends


class Mark(NamedTuple):
    """How something is drawn, and the key of what the legend calls it."""

    colour: str
    marker: str
    key: str = ""


ROLES: Final = {"fit": Mark(BLUE, "o", "fitted"), "held_out": Mark(GREEN, "s", "held_out")}
SCORES: Final = {1: Mark(BLUE, "o", "inside"), 0: Mark(VERMILION, "D", "outside")}
EXPLANATIONS: Final = {"noise": Mark(GREY, "o"), "popularity": Mark(GREY, "^")}


# what all pictures share -----------------------------------------------------------------------------------


def _canvas(narrow: bool, height: float) -> Figure:
    """Headline and legend add their own height (``_finished``)."""
    fig = canvas(NARROW if narrow else WIDE, height)
    fig.set_dpi(DPI)  # laid out as it is written: small letters are wider on a coarser grid
    return fig


def _said(look: Look, key: str, **kw: object) -> str:
    return look.safe(w(f"fig.{key}", look.lang, **kw))


def _folded(look: Look, words: str, width: float, size: float) -> str:
    """In lines that fit ``width`` inches at a size of letters."""
    column = 0.55 if look.lang == "zh" else 0.62  # of the size; a Chinese character takes two
    return fold(look.safe(words), max(int(width * 72 / (size * column)), 8))


def _finished(fig: Figure, look: Look, title: str, legend: Sequence[Artist] = ()) -> Figure:
    """Headline, legend below, and the fonts of tick labels that matplotlib makes only when it draws."""
    width, height = fig.get_size_inches()
    narrow = width < WIDE
    size = 10.0 if narrow else 12.0
    headline = _folded(look, title, width - 0.2, size)
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
    labels = [_folded(look, str(one.get_label()), width - 0.7, size) for one in handles]
    longest = max(columns(line) for label in labels for line in label.split("\n"))
    room = width / ((longest * 0.62 + 5.0) * size / 72)
    across = max(min(len(handles), int(room)), 1)
    fig.legend(handles, labels, loc="outside lower left", ncols=across, fontsize=size, frameon=False)
    lines = max(label.count("\n") + 1 for label in labels) * math.ceil(len(handles) / across)
    return lines * size * 1.5 / 72 + 0.1


def _handle(mark: Mark, label: str, bar: bool = True, filled: bool = True) -> Line2D:
    """A marker in the legend, on a piece of an interval where it is drawn on one."""
    edge = "none" if filled else mark.colour
    return Line2D(
        [0], [0], linestyle="-" if bar else "none", linewidth=1.6, color=mark.colour, marker=mark.marker,
        markersize=5, markerfacecolor=mark.colour if filled else "none", markeredgecolor=edge, label=label,
    )  # fmt: skip


def _line(colour: str, label: str, dashed: bool = False) -> Line2D:
    return Line2D([0], [0], color=colour, linewidth=1.2, linestyle="--" if dashed else "-", label=label)


def _empty(look: Look, narrow: bool, title: str) -> Figure:
    fig = _canvas(narrow, 1.6)
    no_data(fig, look)
    return _finished(fig, look, title)


def _interval(
    ax: Axes, y: float, low: float, middle: float, high: float, mark: Mark, size: float = 5
) -> None:
    ax.plot([low, high], [y, y], color=mark.colour, linewidth=3, alpha=0.45, solid_capstyle="butt")
    ax.plot([middle], [y], mark.marker, color=mark.colour, markersize=size)


def _colours(result: Result) -> dict[str, str]:
    """A reading's colour, the same in every picture."""
    return dict(zip((case.reading.key for case in result.alive), cycle(COLOURS), strict=False))


# relative to print -----------------------------------------------------------------------------------------


def row_name(row: Mapping[str, Any], among: Rows, lang: str) -> str:
    """The figure of a row as it is drawn: its measure where the window has several, 1 + premium for premiums."""
    same = [r for r in among if (r["window"], r["figure"]) == (row["window"], row["figure"])]
    name = tables.short(row["measure"], lang) if len(same) > 1 else figure_name(row["figure"], lang)
    return w("fig.one_plus", lang, figure=name) if _shifted(row) else name


def _shifted(row: Mapping[str, Any]) -> bool:
    """Whether a row is a premium over the start, of which 1 + premium is compared."""
    return row["figure"] == "premium" and row["measure"] not in RATIOS


def _relative(row: Mapping[str, Any], x: float) -> float:
    """ln(model / print); cut off where the picture ends."""
    shift = 1.0 if _shifted(row) else 0.0
    if not math.isfinite(x) or shift + row["printed"] <= 0:
        return math.nan
    ratio = max(shift + x, 1e-9) / (shift + row["printed"])
    return float(np.clip(math.log(ratio), -FARTHEST, FARTHEST))


def _against_print(ax: Axes, y: float, row: Mapping[str, Any], mark: Mark) -> None:
    low, middle, high = (_relative(row, row[k]) for k in ("low", "median", "high"))
    _interval(ax, y, low, middle, high, mark)
    for end, arrow in ((low, "<"), (high, ">")):
        if abs(end) == FARTHEST:
            ax.plot([end], [y], arrow, color=mark.colour, markersize=5)


def _factor_axis(ax: Axes, look: Look, rows: Rows, fine: bool = False) -> None:
    """Multiples of print, as far as the rows go."""
    ends = [abs(_relative(row, row[k])) for row in rows for k in ("low", "median", "high")]
    far = max([0.25, *(end for end in ends if math.isfinite(end))])
    steps = [0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0] if fine else [0.05, 0.2, 1.0, 5.0, 20.0]
    if far < math.log(5.0):
        steps = [0.25, 0.5, 1.0, 2.0, 4.0] if far > 0.5 else [0.8, 1.0, 1.25]
    ticks = [t for t in steps if abs(math.log(t)) <= far * 1.05]
    ax.set_xlim(-far * 1.08, far * 1.08)
    ax.set_xticks([math.log(t) for t in ticks], [f"×{t:g}" for t in ticks])
    ax.set_xlabel(_said(look, "ratio"), fontsize=9)
    ax.grid(axis="x", color=PALE, linewidth=0.6)
    ax.axvline(0.0, color=BLACK, linewidth=1.0, zorder=1)
    ax.set_axisbelow(True)


def _legend_of(look: Look, marks: Sequence[Mark]) -> list[Artist]:
    return [
        *(_handle(mark, _said(look, mark.key)) for mark in dict.fromkeys(marks)),
        _line(BLACK, _said(look, "print")),
    ]


def fit_figure(result: Result, lang: str, narrow: bool) -> Figure:
    """Each window's figures relative to print, with the model's interval."""
    rows = tables.fit_rows(result.leading or result.cases[0])
    windows = list(dict.fromkeys(r["window"] for r in rows))
    with drawing(lang) as look:
        title = _said(look, "fit.title", inside=sum(r["inside"] for r in rows), all=len(rows))
        if not rows:
            return _empty(look, narrow, title)
        across = 1 if narrow else min(len(windows), 3)
        of = [[r for r in rows if r["window"] == window] for window in windows]
        room = 1.3 if narrow else 1.1 if across > 1 else 2.5
        names = [[_folded(look, row_name(r, mine, look.lang), room, 8) for r in mine] for mine in of]
        tall = [max(len(mine) for mine in of[i : i + across]) for i in range(0, len(of), across)]
        fig = _canvas(narrow, _row([n for mine in names for n in mine], 8) * sum(tall) + 0.8 * len(tall))
        grid = fig.add_gridspec(len(tall), across, height_ratios=[n + 0.5 for n in tall])
        for i, mine in enumerate(of):
            ax = fig.add_subplot(grid[i // across, i % across])
            _fit_panel(ax, look, mine, names[i])
            _factor_axis(ax, look, rows)
        return _finished(fig, look, title, _legend_of(look, [ROLES[r["role"]] for r in rows]))


def _row(labels: Sequence[str], size: float) -> float:
    """Inches that a row needs for the longest of the labels."""
    return max(label.count("\n") + 1 for label in labels) * size * 1.25 / 72 + 0.1


def _fit_panel(ax: Axes, look: Look, rows: Rows, names: Sequence[str]) -> None:
    """One window, its first figure on top."""
    for y, row in enumerate(rows):
        _against_print(ax, y, row, ROLES[row["role"]])
    ax.set_yticks(range(len(rows)), names, fontsize=8)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_title(look.safe(rows[0]["window"]), loc="left")


def predictive_figure(result: Result, lang: str, narrow: bool) -> Figure:
    """Held-out figures, left-out windows and other places: predicted interval and print."""
    rows = tables.validation_rows(result)
    with drawing(lang) as look:
        title = w("validation.title", look.lang, inside=sum(r["inside"] for r in rows), all=len(rows))
        if not rows:
            return _empty(look, narrow, title)
        names = [_folded(look, _predicted(r, rows, look.lang), 1.4 if narrow else 3.0, 7.5) for r in rows]
        groups = list(dict.fromkeys((r["kind"], r["place"]) for r in rows))
        fig = _canvas(narrow, _row(names, 7.5) * (len(rows) + 1.4 * len(groups)) + 0.5)
        ax = fig.add_subplot()
        y, ticks = 0.0, []
        for group in groups:
            mine = [r for r in rows if (r["kind"], r["place"]) == group]
            _heading(ax, y, look.safe(tables.predicted_where(mine[0], look.lang)))
            for row in mine:
                y -= 1.0
                _against_print(ax, y, row, SCORES[row["inside"]])
                ticks.append(y)
            y -= 1.4
        ax.set_yticks(ticks, names, fontsize=7.5)
        ax.set_ylim(y + 0.7, 0.7)
        _factor_axis(ax, look, rows, fine=not narrow)
        return _finished(fig, look, title, _legend_of(look, [SCORES[r["inside"]] for r in rows]))


def _predicted(row: Mapping[str, Any], rows: Rows, lang: str) -> str:
    """Window and figure."""
    mine = [r for r in rows if (r["kind"], r["place"]) == (row["kind"], row["place"])]
    return w("fig.predicted", lang, window=row["window"], figure=row_name(row, mine, lang))


def _heading(ax: Axes, y: float, words: str, right: bool = False) -> None:
    """A line of words between the intervals."""
    ax.text(
        1.0 if right else 0.0, y, words, va="center", ha="right" if right else "left",
        transform=ax.get_yaxis_transform(), fontsize=8.5, fontweight="bold",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )  # fmt: skip


# parameters ------------------------------------------------------------------------------------------------


def ridge_figure(result: Result, lang: str, narrow: bool) -> Figure:
    """The set in the plane of interest and of what lots are worth, by reading."""
    slots = result.world.space.slots
    x = _slot(result, "interest.location")
    y = _slot(result, "interest.mean", result.window)
    with drawing(lang) as look:
        title = _said(look, "ridge.title")
        if x is None or y is None or not result.alive:
            return _empty(look, narrow, title)
        fig = _canvas(narrow, 2.8 if narrow else 3.8)
        ax = fig.add_subplot()
        for case in result.alive:
            _cloud(ax, result, case, (x, y), _colours(result)[case.reading.key])
        for case in result.alive:
            ends = result.world.space.plain(case.estimate.ends)
            ax.scatter(ends[:, x], ends[:, y], s=42, facecolors="none", edgecolors=BLACK, linewidths=1.1)
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        ax.yaxis.set_major_formatter(lambda v, _: f"{v:g}")
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.set_xlabel(look.safe(slots[x].word(look.lang)), fontsize=9)
        ax.set_ylabel(look.safe(slots[y].word(look.lang)), fontsize=9)
        return _finished(fig, look, title, _ridge_legend(result, look))


def _cloud(ax: Axes, result: Result, case: Case, at: tuple[int, int], colour: str) -> None:
    """The set of one reading, a marker for each explanation."""
    plain = result.world.space.plain(case.sample)
    for told, mask in (("noise", case.noise), ("popularity", ~case.noise)):
        marker = EXPLANATIONS[told].marker
        ax.scatter(
            plain[mask, at[0]], plain[mask, at[1]], s=13, marker=marker, color=colour, alpha=0.6, linewidths=0
        )


def _ridge_legend(result: Result, look: Look) -> list[Artist]:
    colours = _colours(result)
    readings = [
        Patch(color=colours[case.reading.key], label=tables.reading_name(case.reading, look.lang))
        for case in result.alive
    ]
    markers = [_handle(mark, w(f"group.{told}", look.lang), bar=False) for told, mark in EXPLANATIONS.items()]
    return [
        *readings,
        *markers,
        _handle(Mark(BLACK, "o"), _said(look, "starts"), bar=False, filled=False),
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
        ax.set_title(_folded(look, slot.word(look.lang), 1.25, 8), fontsize=8, loc="left")
        if i + across >= len(slots):
            ax.set_xlabel(_said(look, "value"), fontsize=8)
        found.append(ax)
    return found


def _tick(slot: Slot, x: float) -> str:
    return tables.plain(slot, x)[5:] if slot.free.transform == "date" else f"{x:.2g}"


def prior_figure(result: Result, lang: str, narrow: bool) -> Figure:
    """Prior, set, and the posterior if there is one, of every parameter."""
    draws, weights = mixture(result)
    likely = _likely(result)
    slots = result.world.space.slots
    across = 2 if narrow else 5
    with drawing(lang) as look:
        fig = _canvas(narrow, 1.25 * -(-len(slots) // across) + 0.3)
        for i, ax in enumerate(_panels(fig, look, slots, across)):
            free = slots[i].free
            edges = np.linspace(free.low, free.high, 17).tolist()
            ax.hist(free.quantile((np.arange(2000) + 0.5) / 2000), edges, density=True, color=PALE)
            if len(draws):
                ax.hist(draws[:, i], edges, weights=weights, density=True, color=BLUE, alpha=0.6)
            if likely is not None:
                ax.hist(likely[1][:, i], edges, density=True, histtype="step", color=ORANGE, linewidth=1.5)
            ax.set_yticks([])
        fig.supylabel(_said(look, "density"), fontsize=9)
        return _finished(fig, look, _said(look, "prior.title"), _prior_legend(look, len(draws) > 0, likely))


def _likely(result: Result) -> tuple[Case, npt.NDArray[np.float64]] | None:
    """The first reading with a posterior, and draws of it."""
    return next(((case, case.likely) for case in result.alive if len(case.likely)), None)


def _prior_legend(
    look: Look, found: bool, likely: tuple[Case, npt.NDArray[np.float64]] | None
) -> list[Artist]:
    legend: list[Artist] = [Patch(color=PALE, label=_said(look, "prior"))]
    if found:
        legend.append(Patch(color=BLUE, alpha=0.6, label=_said(look, "set")))
    if likely is not None:
        name = tables.reading_name(likely[0].reading, look.lang)
        legend.append(_line(ORANGE, _said(look, "posterior", reading=name)))
    return legend


def profiles_figure(result: Result, lang: str, narrow: bool) -> Figure:
    """Profile distances of every parameter of the leading reading."""
    found = result.leading.profiles if result.leading is not None else []
    across = 2 if narrow else 5
    with drawing(lang) as look:
        title = _said(look, "profiles.title")
        if not found:
            return _empty(look, narrow, title)
        fig = _canvas(narrow, 1.3 * -(-len(found) // across) + 0.3)
        slots = [result.world.space.slots[one.slot] for one in found]
        for one, ax in zip(found, _panels(fig, look, slots, across), strict=True):
            ax.plot(one.at, np.minimum(one.distance, HIGHEST), color=BLUE, linewidth=1.6, marker="o", markersize=2.5)  # fmt: skip
            ax.axhline(LIKELY, color=GREY, linewidth=0.8, linestyle="--")
            ax.set_ylim(-0.5, HIGHEST + 0.5)
            ax.set_yticks([0, 4, 8, 12], ["0", "4", "8", "12+"], fontsize=7)
        fig.supylabel(_said(look, "distance"), fontsize=9)
        legend = [
            _handle(Mark(BLUE, "o"), _said(look, "profile")),
            _line(GREY, _said(look, "bound", bound=LIKELY), dashed=True),
        ]
        return _finished(fig, look, title, legend)


# policy ----------------------------------------------------------------------------------------------------


def forest_figure(result: Result, lang: str, narrow: bool) -> Figure:
    """Effects of policies on the share sold and on recovery: whole set, by explanation, by reading, of posteriors."""
    rows = tables.policy_rows(result)
    rows = [r for r in rows if r["value"] != tables.reference(r["family"], rows)]
    with drawing(lang) as look:
        title = _said(look, "forest.title")
        if not rows:
            return _empty(look, narrow, title)
        groups = _groups(result, rows)
        numbers = _numbers(look, groups)
        size = 6.5 if narrow else 7.0
        named = _names(look, rows, numbers, 1.7 if narrow else 2.5, size)
        policies = len({r["policy"] for r in rows})
        height = policies * (len(groups) + 1.7) * _row(list(named.values()), size) + 0.8
        fig = _canvas(narrow, height * (2 if narrow else 1))
        for k, outcome in enumerate(SHOWN):
            ax = fig.add_subplot(len(SHOWN) if narrow else 1, 1 if narrow else len(SHOWN), k + 1)
            ticks = _forest(ax, look, [r for r in rows if r["outcome"] == outcome], groups, narrow)
            labels = [named[group] if narrow or k == 0 else "" for group in ticks.values()]
            ax.set_yticks(list(ticks), labels, fontsize=size)
            ax.set_title(look.safe(w(f"outcome.{outcome}", look.lang)), loc="left")
        return _finished(fig, look, title, _forest_legend(look, groups, numbers))


def _groups(result: Result, rows: Rows) -> dict[str, Mark]:
    """How the groups of the policy table are drawn; the key tells a set from a posterior."""
    colours = _colours(result)
    marks = {"all": Mark(BLACK, "o", "of_set")}
    marks |= {told: Mark(*mark[:2], "of_set") for told, mark in EXPLANATIONS.items()}
    marks |= {key: Mark(colour, "o", "of_set") for key, colour in colours.items()}
    marks |= {tables.POSTERIOR + key: Mark(colour, "D", "of_posterior") for key, colour in colours.items()}
    return {key: marks[key] for key in dict.fromkeys(r["group"] for r in rows)}


def _numbers(look: Look, groups: Mapping[str, Mark]) -> dict[str, str]:
    """Readings by number, where their names are too long to stand beside intervals."""
    apart = ("all", *EXPLANATIONS)
    readings = [key for key in groups if key not in apart and not key.startswith(tables.POSTERIOR)]
    if all(columns(tables.group_name(key, look.lang)) <= LONG for key in readings):
        return {}
    return {key: _said(look, "reading", number=i + 1) for i, key in enumerate(readings)}


def _names(look: Look, rows: Rows, numbers: Mapping[str, str], width: float, size: float) -> dict[str, str]:
    """What groups are called beside their intervals, with the number of their vectors where they are few."""
    found = {}
    for group, vectors in {row["group"]: row["vectors"] for row in rows}.items():
        name = numbers.get(group) or tables.group_name(group, look.lang)
        number = numbers.get(group.removeprefix(tables.POSTERIOR))
        if number and group.startswith(tables.POSTERIOR):
            name = w("group.posterior", look.lang, reading=number)
        few = f" (n={vectors})" if vectors < SMALL else ""
        found[group] = _folded(look, name + few, width, size)
    return found


def _forest(ax: Axes, look: Look, rows: Rows, groups: Mapping[str, Mark], narrow: bool) -> dict[float, str]:
    """One outcome: policies from the top down, all groups of each. Returns where which group stands."""
    ax.axvline(0.0, color=GREY, linewidth=1.0)
    y, ticks = 0.0, {}
    for policy in dict.fromkeys(r["policy"] for r in rows):
        mine = [r for r in rows if r["policy"] == policy]
        _heading(ax, y, look.safe(tables.policy_name(mine[0]["family"], mine[0]["value"], look.lang)), narrow)
        y -= 1.0
        for row in mine:
            low, middle, high = (100 * row[k] for k in ("effect_low", "effect", "effect_high"))
            if not row["group"].startswith(tables.POSTERIOR):
                ends = [100 * row["effect_least"], 100 * row["effect_most"]]
                ax.plot(ends, [y, y], color=GREY, linewidth=0.7, zorder=0)
            _interval(ax, y, low, middle, high, groups[row["group"]], 4)
            ticks[y] = row["group"]
            y -= 0.85
        y -= 0.5
    ax.set_ylim(y + 0.7, 0.8)
    ax.set_xlabel(_said(look, "points"), fontsize=9)
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:+g}" if v else "0")
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return ticks


def _forest_legend(look: Look, groups: Mapping[str, Mark], numbers: Mapping[str, str]) -> list[Artist]:
    kinds = {mark.key: mark.marker for mark in [*groups.values()][::-1]}
    marks = [Mark(BLACK, kinds[key], key) for key in ("of_set", "of_posterior") if key in kinds]
    readings = [
        Patch(
            color=groups[key].colour,
            label=_said(look, "numbered", reading=number, name=tables.group_name(key, look.lang)),
        )
        for key, number in numbers.items()
    ]
    return [
        *(_handle(mark, _said(look, mark.key)) for mark in marks),
        _line(GREY, _said(look, "reference")),
        *readings,
    ]


def sensitivity_figure(result: Result, lang: str, narrow: bool) -> Figure:
    """How far each printed figure moves the answers."""
    rows = [r for r in tables.sensitivity_rows(result) if r["kind"] == "policy"]
    moved = {r["target"] for r in rows if abs(r["change"]) > 0}
    targets = [t for t in dict.fromkeys(r["target"] for r in rows) if t in moved and t.endswith(SHOWN)]
    moments = list(dict.fromkeys(r["moment"] for r in rows))
    with drawing(lang) as look:
        title = _said(look, "sensitivity.title")
        if not targets:
            return _empty(look, narrow, title)
        change = {(r["moment"], r["target"]): 100 * r["change"] for r in rows}
        values = np.array([[change[m, t] for t in targets] for m in moments])
        size = 6.5 if narrow else 8.0
        names = [
            _folded(look, tables.moment_name(m, look.lang), 1.15 if narrow else 2.0, size) for m in moments
        ]
        fig = _canvas(narrow, _row(names, size) * max(len(moments), 3) + (3.2 if narrow else 1.9))
        ax = fig.add_subplot()
        _cells(ax, look, values, narrow)
        ax.set_yticks(range(len(moments)), names, fontsize=size)
        room = 3.0 if narrow else (WIDE - 2.4) / len(targets)  # upright where it is narrow
        heads = [_target(t, look, room, size - 1) for t in targets]
        ax.set_xticks(range(len(targets)), heads, fontsize=size - 1, rotation=90 if narrow else 0, multialignment="left" if narrow else "center")  # fmt: skip
        ax.set_xlabel(_said(look, "answers"), fontsize=9)
        ax.set_ylabel(_said(look, "figures"), fontsize=9)
        return _finished(fig, look, title)


def _cells(ax: Axes, look: Look, values: npt.NDArray[np.float64], narrow: bool) -> None:
    """Numbers on colours, and the scale of these."""
    far = max(float(np.nanmax(np.abs(values))), 0.1)
    image = ax.imshow(values, cmap="RdBu_r", vmin=-far, vmax=far, aspect="auto")
    for i, j in np.ndindex(*values.shape):
        colour = "white" if abs(values[i, j]) > 0.6 * far else BLACK
        told = tables.signed_number(float(values[i, j]))
        ax.text(j, i, told, ha="center", va="center", fontsize=5.5 if narrow else 8, color=colour)
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    scale = ax.figure.colorbar(image, ax=ax, orientation="horizontal", aspect=40, pad=0.03)
    scale.ax.xaxis.set_major_formatter(lambda v, _: f"{v:+g}" if v else "0")
    scale.ax.tick_params(labelsize=7.5)
    scale.set_label(_folded(look, w("fig.shift", look.lang), 2.2 if narrow else WIDE, 8), fontsize=8)
    scale.outline.set_visible(False)


def _target(target: str, look: Look, room: float, size: float) -> str:
    """``cut-20:sold_ever`` in words, in lines that fit ``room`` inches so that columns stand apart."""
    policy, outcome = target.split(":")
    family, value = policy.rsplit("-", 1)
    name = tables.policy_name(family, float(value) / 100.0, look.lang)
    return "\n".join(_folded(look, one, room, size) for one in (name, w(f"outcome.{outcome}", look.lang)))
