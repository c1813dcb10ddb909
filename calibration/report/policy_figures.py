"""Pictures of policies: what each would change, and what print moves that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from calibration.report import policy_tables, tables
from calibration.report.figures import (
    EXPLANATIONS,
    WIDE,
    Mark,
    Rows,
    blank,
    colours_of,
    empty,
    finished,
    folded,
    handle,
    heading,
    interval,
    line,
    row_height,
    said,
)
from calibration.result import Result
from calibration.words import w
from sim.report.style import (
    BLACK,
    GREY,
    Look,
    columns,
    drawing,
)
from sim.rounding import negligible

SHOWN: Final = ("sold_ever", "recovery_all")  # outcomes of policies
SMALL: Final = 20  # vectors of a set below which their number is told
LONG: Final = 30  # columns of a reading's name beyond which pictures of policies number it


def forest_figure(result: Result, lang: str, narrow: bool) -> Figure:
    """Effects of policies on the share sold and on recovery: whole set, by explanation, by reading, of posteriors."""
    rows = policy_tables.policy_rows(result)
    rows = [r for r in rows if r["value"] != policy_tables.reference(r["family"], rows)]
    with drawing(lang) as look:
        title = said(look, "forest.title")
        if not rows:
            return empty(look, narrow, title)
        groups = _groups(result, rows)
        numbers = _numbers(look, groups)
        size = 6.5 if narrow else 7.0
        named = _names(look, rows, numbers, 1.7 if narrow else 2.5, size)
        policies = len({r["policy"] for r in rows})
        height = policies * (len(groups) + 1.7) * row_height(list(named.values()), size) + 0.8
        fig = blank(narrow, height * (2 if narrow else 1))
        for k, outcome in enumerate(SHOWN):
            ax = fig.add_subplot(len(SHOWN) if narrow else 1, 1 if narrow else len(SHOWN), k + 1)
            ticks = _forest(ax, look, [r for r in rows if r["outcome"] == outcome], groups, narrow)
            labels = [named[group] if narrow or k == 0 else "" for group in ticks.values()]
            ax.set_yticks(list(ticks), labels, fontsize=size)
            ax.set_title(look.safe(w(f"outcome.{outcome}", look.lang)), loc="left")
        return finished(fig, look, title, _forest_legend(look, groups, numbers))


def _groups(result: Result, rows: Rows) -> dict[str, Mark]:
    """How the groups of the policy table are drawn; the key tells a set from a posterior."""
    colours = colours_of(result)
    marks = {"all": Mark(BLACK, "o", "of_set")}
    marks |= {told: Mark(*mark[:2], "of_set") for told, mark in EXPLANATIONS.items()}
    marks |= {key: Mark(colour, "o", "of_set") for key, colour in colours.items()}
    marks |= {
        policy_tables.POSTERIOR + key: Mark(colour, "D", "of_posterior") for key, colour in colours.items()
    }
    return {key: marks[key] for key in dict.fromkeys(r["group"] for r in rows)}


def _numbers(look: Look, groups: Mapping[str, Mark]) -> dict[str, str]:
    """Readings by number, where their names are too long to stand beside intervals."""
    apart = ("all", *EXPLANATIONS)
    readings = [key for key in groups if key not in apart and not key.startswith(policy_tables.POSTERIOR)]
    if all(columns(policy_tables.group_name(key, look.lang)) <= LONG for key in readings):
        return {}
    return {key: said(look, "reading", number=i + 1) for i, key in enumerate(readings)}


def _names(look: Look, rows: Rows, numbers: Mapping[str, str], width: float, size: float) -> dict[str, str]:
    """What groups are called beside their intervals, with the number of their vectors where they are few."""
    found = {}
    for group, vectors in {row["group"]: row["vectors"] for row in rows}.items():
        name = numbers.get(group) or policy_tables.group_name(group, look.lang)
        number = numbers.get(group.removeprefix(policy_tables.POSTERIOR))
        if number and group.startswith(policy_tables.POSTERIOR):
            name = w("group.posterior", look.lang, reading=number)
        few = f" (n={vectors})" if vectors < SMALL else ""
        found[group] = folded(look, name + few, width, size)
    return found


def _forest(ax: Axes, look: Look, rows: Rows, groups: Mapping[str, Mark], narrow: bool) -> dict[float, str]:
    """One outcome: policies from the top down, all groups of each. Returns where which group stands."""
    ax.axvline(0.0, color=GREY, linewidth=1.0)
    y, ticks = 0.0, {}
    for policy in dict.fromkeys(r["policy"] for r in rows):
        mine = [r for r in rows if r["policy"] == policy]
        heading(
            ax,
            y,
            look.safe(policy_tables.policy_name(mine[0]["family"], mine[0]["value"], look.lang)),
            narrow,
        )
        y -= 1.0
        for row in mine:
            low, middle, high = (100 * row[k] for k in ("effect_low", "effect", "effect_high"))
            if not row["group"].startswith(policy_tables.POSTERIOR):
                ends = [100 * row["effect_least"], 100 * row["effect_most"]]
                ax.plot(ends, [y, y], color=GREY, linewidth=0.7, zorder=0)
            interval(ax, y, low, middle, high, groups[row["group"]], 4)
            ticks[y] = row["group"]
            y -= 0.85
        y -= 0.5
    ax.set_ylim(y + 0.7, 0.8)
    ax.set_xlabel(said(look, "points"), fontsize=9)
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
            label=said(look, "numbered", reading=number, name=policy_tables.group_name(key, look.lang)),
        )
        for key, number in numbers.items()
    ]
    return [
        *(handle(mark, said(look, mark.key)) for mark in marks),
        line(GREY, said(look, "reference")),
        *readings,
    ]


def sensitivity_figure(result: Result, lang: str, narrow: bool) -> Figure:
    """How far each printed figure moves the answers."""
    rows = [r for r in policy_tables.sensitivity_rows(result) if r["kind"] == "policy"]
    most = max((abs(r["change"]) for r in rows), default=0.0)
    moved = {r["target"] for r in rows if not negligible(r["change"], most)}
    targets = [t for t in dict.fromkeys(r["target"] for r in rows) if t in moved and t.endswith(SHOWN)]
    moments = list(dict.fromkeys(r["moment"] for r in rows))
    with drawing(lang) as look:
        title = said(look, "sensitivity.title")
        if not targets:
            return empty(look, narrow, title)
        change = {(r["moment"], r["target"]): 100 * r["change"] for r in rows}
        values = np.array([[change[m, t] for t in targets] for m in moments])
        size = 6.5 if narrow else 8.0
        names = [
            folded(look, tables.moment_name(m, look.lang), 1.15 if narrow else 2.0, size) for m in moments
        ]
        fig = blank(narrow, row_height(names, size) * max(len(moments), 3) + (3.2 if narrow else 1.9))
        ax = fig.add_subplot()
        _cells(ax, look, values, narrow)
        ax.set_yticks(range(len(moments)), names, fontsize=size)
        room = 3.0 if narrow else (WIDE - 2.4) / len(targets)  # upright where it is narrow
        heads = [_target(t, look, room, size - 1) for t in targets]
        ax.set_xticks(range(len(targets)), heads, fontsize=size - 1, rotation=90 if narrow else 0, multialignment="left" if narrow else "center")  # fmt: skip
        ax.set_xlabel(said(look, "answers"), fontsize=9)
        ax.set_ylabel(said(look, "figures"), fontsize=9)
        return finished(fig, look, title)


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
    scale.set_label(folded(look, w("fig.shift", look.lang), 2.2 if narrow else WIDE, 8), fontsize=8)
    scale.outline.set_visible(False)


def _target(target: str, look: Look, room: float, size: float) -> str:
    """``cut-20:sold_ever`` in words, in lines that fit ``room`` inches so that columns stand apart."""
    policy, outcome = target.split(":")
    family, value = policy.rsplit("-", 1)
    name = policy_tables.policy_name(family, float(value) / 100.0, look.lang)
    return "\n".join(folded(look, one, room, size) for one in (name, w(f"outcome.{outcome}", look.lang)))
