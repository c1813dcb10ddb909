"""Pictures of the report. Each takes the result, a language and a width (wide for a desk, narrow for a phone)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from calibration.audit_words import figure_name
from calibration.pipeline import Result
from calibration.report import tables
from calibration.report.mixture import mixture
from calibration.words import w
from sim.report.style import BLACK, BLUE, GREEN, GREY, ORANGE, PALE, VERMILION, Look, canvas, drawing, no_data

WIDE, NARROW = 8.2, 3.7  # inches
COLOURS = (BLUE, ORANGE, GREEN, VERMILION)
FARTHEST = 3.2  # log-ratio beyond which an interval is cut off in the picture of the fit


def _ticks(fig: Figure, look: Look) -> Figure:
    for ax in fig.axes:
        ax.tick_params(which="both", labelfontfamily=look.families)
    return fig


def fit_figure(result: Result, lang: str, narrow: bool) -> Figure:
    """Each window's figures relative to print, with the model's interval."""
    lead = result.leading or result.cases[0]
    rows = tables.fit_rows(lead)
    windows = list(dict.fromkeys(r["window"] for r in rows))
    with drawing(lang) as look:
        across = 1 if narrow else min(len(windows), 3)
        down = -(-len(windows) // across)
        most = max(sum(r["window"] == w_ for r in rows) for w_ in windows)
        fig = canvas(NARROW if narrow else WIDE, (0.55 + 0.3 * most) * down + 0.3)
        for i, window in enumerate(windows):
            mine = [r for r in rows if r["window"] == window]
            ax = fig.add_subplot(down, across, i + 1)
            ax.axvline(0.0, color=VERMILION, linewidth=1.2)
            for y, row in enumerate(reversed(mine)):
                low, middle, high = (
                    _relative(row["printed"], row[k], row["figure"]) for k in ("low", "median", "high")
                )
                colour = BLUE if row["role"] == "fit" else ORANGE
                ax.plot([low, high], [y, y], color=colour, linewidth=3, alpha=0.5, solid_capstyle="butt")
                ax.plot([middle], [y], "o", color=colour, markersize=5)
            ax.set_yticks(range(len(mine)), [figure_name(r["figure"], lang) for r in reversed(mine)])
            ax.set_title(look.safe(window), loc="left")
            _factor_axis(ax)
        return _ticks(fig, look)


def _relative(printed: float, x: float, figure: str) -> float:
    """ln(model / print), of 1 + premium for premiums; cut off where the picture ends."""
    shift = 1.0 if figure == "premium" else 0.0
    if not math.isfinite(x) or shift + printed <= 0:
        return math.nan
    return float(np.clip(math.log(max(shift + x, 1e-9) / (shift + printed)), -FARTHEST, FARTHEST))


def _factor_axis(ax: Axes) -> None:
    low, high = ax.get_xlim()
    far = max(abs(low), abs(high), 0.25)
    ticks = [0.05, 0.1, 0.25, 0.5, 0.8, 1.0, 1.25, 2.0, 4.0, 10.0, 20.0]
    if far > 0.5:
        ticks = [t for t in ticks if t not in (0.8, 1.25)]
    if far > 1.6:
        ticks = [0.05, 0.2, 1.0, 5.0, 20.0] if far > math.log(20.0) else [0.2, 1.0, 5.0]
    ticks = [t for t in ticks if abs(math.log(t)) <= far]
    ax.set_xlim(-far * 1.05, far * 1.05)
    ax.set_xticks([math.log(t) for t in ticks], [f"×{t:g}" for t in ticks])
    ax.grid(axis="x", color=PALE, linewidth=0.6)
    ax.set_axisbelow(True)


def ridge_figure(result: Result, lang: str, narrow: bool) -> Figure:
    """The set in the plane of interest and of what lots are worth, by reading."""
    space = result.world.space
    x = _slot(result, "interest.location")
    y = _slot(result, "interest.mean", result.window)
    with drawing(lang) as look:
        fig = canvas(NARROW if narrow else WIDE, 3.4 if narrow else 4.2 + 0.16 * 2 * len(result.alive))
        if x is None or y is None or not result.alive:
            no_data(fig, look)
            return fig
        ax = fig.add_subplot()
        for case, colour in zip(result.alive, COLOURS * 3, strict=False):
            plain = space.plain(case.sample)
            noise = case.noise
            name = tables.reading_name(case.reading, lang)
            for mask, marker, told in ((noise, "o", "noise"), (~noise, "^", "popularity")):
                if mask.any():
                    label = None if narrow else f"{name}; {w(f'group.{told}', lang)}"
                    ax.scatter(plain[mask, x], plain[mask, y], s=13, marker=marker, color=colour, alpha=0.55, linewidths=0, label=label)  # fmt: skip
            ends = space.plain(case.estimate.ends)
            ax.scatter(ends[:, x], ends[:, y], s=42, facecolors="none", edgecolors=BLACK, linewidths=1.1)
        ax.set_yscale("log")
        ax.set_xlabel(look.safe(space.slots[x].word(lang)))
        ax.set_ylabel(look.safe(space.slots[y].word(lang)))
        ax.yaxis.set_major_formatter(lambda v, _: f"{v:g}")
        if not narrow:
            fig.legend(loc="outside lower left", fontsize=8, frameon=False)
        return _ticks(fig, look)


def _slot(result: Result, path: str, window: str | None = None) -> int | None:
    """Which slot holds a path (for a window)."""
    for i, slot in enumerate(result.world.space.slots):
        if path in slot.free.paths and slot.window in (None, window):
            return i
    return None


def prior_figure(result: Result, lang: str, narrow: bool) -> Figure:
    """Prior and set of every parameter."""
    draws, weights = mixture(result)
    slots = result.world.space.slots
    across = 2 if narrow else 5
    down = -(-len(slots) // across)
    with drawing(lang) as look:
        fig = canvas(NARROW if narrow else WIDE, 1.35 * down)
        for i, slot in enumerate(slots):
            ax = fig.add_subplot(down, across, i + 1)
            edges = np.linspace(slot.free.low, slot.free.high, 17).tolist()
            prior = slot.free.quantile((np.arange(2000) + 0.5) / 2000)
            ax.hist(prior, edges, density=True, color=PALE)
            if len(draws):
                ax.hist(draws[:, i], edges, weights=weights, density=True, color=BLUE, alpha=0.6)
            ax.set_yticks([])
            ends = [slot.free.low, (slot.free.low + slot.free.high) / 2, slot.free.high]
            if slot.free.transform == "date":
                told = [tables.plain(slot, float(slot.free.plain(e)))[5:] for e in ends]
            else:
                told = [f"{float(slot.free.plain(e)):.2g}" for e in ends]
            ax.set_xticks(ends, told, fontsize=7)
            ax.set_title(_folded(look, slot.word(lang), 16 if lang == "en" else 9), fontsize=8, loc="left")
        return _ticks(fig, look)


def _folded(look: Look, words: str, width: int) -> str:
    from sim.report.style import fold

    return fold(look.safe(words), width * (1 if words.isascii() else 2))


def profiles_figure(result: Result, lang: str, narrow: bool) -> Figure:
    """Profile distances of every parameter of the leading reading."""
    lead = result.leading
    found = lead.profiles if lead is not None else []
    slots = result.world.space.slots
    across = 2 if narrow else 5
    down = max(-(-len(found) // across), 1)
    with drawing(lang) as look:
        fig = canvas(NARROW if narrow else WIDE, 1.4 * down)
        if not found:
            no_data(fig, look)
            return fig
        for i, one in enumerate(found):
            ax = fig.add_subplot(down, across, i + 1)
            slot = slots[one.slot]
            ax.plot(
                one.at, np.minimum(one.distance, 12.0), color=BLUE, linewidth=1.6, marker="o", markersize=2.5
            )
            ax.axhline(3.84, color=GREY, linewidth=0.8, linestyle="--")
            ax.set_ylim(-0.5, 12.5)
            ends = [slot.free.low, (slot.free.low + slot.free.high) / 2, slot.free.high]
            told = [
                tables.plain(slot, float(slot.free.plain(e)))[5:] if slot.free.transform == "date" else f"{float(slot.free.plain(e)):.2g}"
                for e in ends
            ]  # fmt: skip
            ax.set_xticks(ends, told, fontsize=7)
            ax.set_yticks([0, 4, 8, 12], ["0", "4", "8", "12+"], fontsize=7)
            ax.set_title(_folded(look, slot.word(lang), 16 if lang == "en" else 9), fontsize=8, loc="left")
        return _ticks(fig, look)


def forest_figure(result: Result, lang: str, narrow: bool) -> Figure:
    """Effects of policies on the share sold and on recovery: whole set, by explanation, by reading."""
    rows = tables.policy_rows(result)
    with drawing(lang) as look:
        if not rows:
            fig = canvas(NARROW if narrow else WIDE, 2.0)
            no_data(fig, look)
            return fig
        policies = [
            (r["policy"], r["family"], r["value"])
            for r in rows
            if r["group"] == "all" and r["outcome"] == "sold_ever"
        ]
        policies = [p for p in policies if p[2] != tables.reference(p[1], rows)]
        groups = list(dict.fromkeys(r["group"] for r in rows))
        shown = ("sold_ever", "recovery_all")
        across = 1 if narrow else 2
        height = (0.4 if narrow else 0.24) * len(policies) * (
            len(groups) + 1.4
        ) + 0.7  # labels of two or three lines
        fig = canvas(NARROW if narrow else WIDE, height * (2 if narrow else 1))
        for k, outcome in enumerate(shown):
            ax = fig.add_subplot(2 // across, across, k + 1)
            ax.axvline(0.0, color=GREY, linewidth=1.0)
            y, ticks, labels = 0.0, [], []
            for policy, family, value in policies:
                ax.text(
                    1.0 if narrow else 0.0, y, look.safe(tables.policy_name(family, value, lang)), va="center",
                    ha="right" if narrow else "left", transform=ax.get_yaxis_transform(), fontsize=8.5,
                    fontweight="bold", bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
                )  # fmt: skip
                y -= 1.0
                for g, group in enumerate(groups):
                    row = tables.best(rows, group, policy, outcome)
                    plain = {"all": BLACK, "noise": GREY, "popularity": GREY}
                    colour = plain.get(group) or COLOURS[(g - 1) % len(COLOURS)]
                    ax.plot([100 * row["effect_low"], 100 * row["effect_high"]], [y, y], color=colour, linewidth=2.5, alpha=0.5, solid_capstyle="butt")  # fmt: skip
                    ax.plot([100 * row["effect"]], [y], "o", color=colour, markersize=4)
                    ticks.append(y)
                    labels.append(
                        _folded(look, tables.group_name(group, lang), 20 if narrow else 60)
                        if k == 0 or narrow
                        else ""
                    )
                    y -= 0.85
                y -= 0.4
            ax.set_yticks(ticks, labels, fontsize=5.5 if narrow else 7)
            ax.set_ylim(y, 0.8)
            ax.set_title(look.safe(w(f"outcome.{outcome}", lang)), loc="left")
            ax.xaxis.set_major_formatter(lambda v, _: f"{v:+g}" if v else "0")
            ax.spines["left"].set_visible(False)
            ax.tick_params(axis="y", length=0)
        return _ticks(fig, look)


def sensitivity_figure(result: Result, lang: str, narrow: bool) -> Figure:
    """How far each printed figure moves the answers."""
    rows = [r for r in tables.sensitivity_rows(result) if r["kind"] == "policy"]
    shown = ("sold_ever", "recovery_all")
    targets = [t for t in dict.fromkeys(r["target"] for r in rows) if t.split(":")[1] in shown]
    targets = [t for t in targets if any(abs(r["change"]) > 0 for r in rows if r["target"] == t)]
    moments = list(dict.fromkeys(r["moment"] for r in rows))
    with drawing(lang) as look:
        head = 2.6 if narrow else 1.4  # names of columns stand upright where it is narrow
        fig = canvas(NARROW if narrow else WIDE, 0.26 * max(len(moments), 3) + head)
        if not targets:
            no_data(fig, look)
            return fig
        values = np.array([[next(r["change"] for r in rows if (r["target"], r["moment"]) == (t, m)) for t in targets] for m in moments]) * 100  # fmt: skip
        ax = fig.add_subplot()
        far = max(float(np.nanmax(np.abs(values))), 0.1)
        ax.imshow(values, cmap="RdBu_r", vmin=-far, vmax=far, aspect="auto")
        for i in range(len(moments)):
            for j in range(len(targets)):
                ax.text(j, i, tables.signed_number(values[i, j]), ha="center", va="center", fontsize=5 if narrow else 8, color="white" if abs(values[i, j]) > 0.6 * far else BLACK)  # fmt: skip
        ax.set_yticks(
            range(len(moments)),
            [look.safe(tables.moment_name(m, lang)) for m in moments],
            fontsize=7 if narrow else 8,
        )
        ax.set_xticks(range(len(targets)), [_target(t, lang, look, narrow) for t in targets], fontsize=6 if narrow else 7.5, rotation=90 if narrow else 0)  # fmt: skip
        ax.xaxis.tick_top()
        for spine in ax.spines.values():
            spine.set_visible(False)
        ax.tick_params(length=0)
        return _ticks(fig, look)


def _target(target: str, lang: str, look: Look, narrow: bool) -> str:
    """``cut-20:sold_ever`` in words, in short lines so that columns stand apart."""
    policy, outcome = target.split(":")
    family, value = policy.rsplit("-", 1)
    name = tables.policy_name(family, float(value) / 100.0, lang)
    if narrow:  # upright, in one line: the policy's key, which tables and files use too
        return look.safe(f"{policy} {w(f'outcome.{outcome}', lang)}")
    width = 14 if lang == "en" else 6
    return f"{_folded(look, name, width)}\n{_folded(look, w(f'outcome.{outcome}', lang), width)}"


def predictive_figure(result: Result, lang: str, narrow: bool) -> Figure:
    """Held-out figures, left-out windows and other places: predicted interval and print."""
    rows = validation_rows(result)
    with drawing(lang) as look:
        fig = canvas(NARROW if narrow else WIDE, max(0.24 * len(rows) + 0.7, 1.6))
        if not rows:
            no_data(fig, look)
            return fig
        ax = fig.add_subplot()
        ax.axvline(0.0, color=VERMILION, linewidth=1.2)
        for y, row in enumerate(reversed(rows)):
            low, middle, high = (
                _relative(row["printed"], row[k], row["figure"]) for k in ("low", "median", "high")
            )
            colour = BLUE if row["inside"] else ORANGE
            ax.plot([low, high], [y, y], color=colour, linewidth=3, alpha=0.5, solid_capstyle="butt")
            ax.plot([middle], [y], "o", color=colour, markersize=4.5)
        labels = [
            look.safe(f"{r['place']} {r['window']} {figure_name(r['figure'], lang)}") for r in reversed(rows)
        ]
        ax.set_yticks(range(len(rows)), labels, fontsize=7 if narrow else 8)
        _factor_axis(ax)
        return _ticks(fig, look)


def validation_rows(result: Result) -> list[dict[str, Any]]:
    """Requirement 8: everything that was predicted without having been used."""
    lead = result.leading or result.cases[0]
    rows: list[dict[str, Any]] = []

    def add(kind: str, place: str, found: Sequence[Any]) -> None:
        rows.extend({"kind": kind, "place": place, **tables._fit_row(one)} for one in found)

    add("held", "", [one for one in lead.fits if one.role == "held_out"])
    if result.validation is not None:
        for found in result.validation.windows.values():
            add("left", "−", found)
        for place, found in result.validation.places.items():
            add("place", place, found)
    return rows
