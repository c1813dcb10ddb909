"""The summary as charts: hazards and prices as intervals, and what became of lots over time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import numpy as np

from calibration.lots.summary.lots import CAUSES, Course
from calibration.lots.words import w
from sim.reporting import formats
from sim.reporting.figures import lot_course
from sim.reporting.figures.intervals import BROAD, Axis, Mark, Panel, axis_over, panel
from sim.reporting.pages.shell import Figure
from sim.reporting.style import BLUE, ORANGE
from sim.reporting.svg import both, fragment

FEW: Final = 5  # rounds below which a share says nothing that could be shown
Row = dict[str, Any]


def hazard_panel(rows: Sequence[Row], lang: str) -> Panel:
    """The share sold of the rounds held, by round."""
    groups = [
        (f"{_name('round', row, lang)}  {_interval(row, 'hazard')}", [_mark(row, "hazard")])
        for row in rows
        if row["held"] >= FEW
    ]
    return _panel(w("figure.hazard", lang), groups, _shares(), lang)


def start_panel(rows: Sequence[Row], lang: str) -> Panel:
    """The same by start / reference; first rounds and later ones."""
    groups = []
    for row in rows:
        if row["held"] >= FEW:
            high = f"–{formats.percent(row['to'], 0)}" if np.isfinite(row["to"]) else "+"
            words = (
                f"{_name('rounds', row, lang)} {formats.percent(row['from'], 0)}{high}  {_interval(row, '')}"
            )
            groups.append((words, [_mark(row, "", ORANGE if row["rounds"] == "later" else BLUE)]))
    return _panel(w("figure.starts", lang), groups, _shares(), lang)


def price_panel(rows: Sequence[Row], lang: str) -> Panel:
    """Prices over the reference price, by round: the middle lot, and eight lots of ten."""
    known = [row for row in rows if row["price_to_reference_n"] >= FEW]
    groups = []
    for row in known:
        middle, low, high = (row[f"price_to_reference_{name}"] for name in ("median", "q10", "q90"))
        words = f"{formats.percent(middle, 0)} [{formats.percent(low, 0)}, {formats.percent(high, 0)}]"
        groups.append((f"{_name('round', row, lang)}  {words}", [Mark(middle, low, high, tip=words)]))
    edges = [row[f"price_to_reference_{name}"] for row in known for name in ("q10", "q90")]
    axis = axis_over([*edges, 1.0], lambda x: formats.percent(x, 0))
    return _panel(w("figure.prices", lang), groups, axis, lang, 1.0)


def panels_figure(panels: Sequence[Panel], caption: str, lang: str) -> Figure:
    """Panels that have anything to show, in a page."""
    return Figure(caption, panels=[(one.title, fragment(panel(one, lang))) for one in panels], big=True)


def course_figure(of: Course, lang: str) -> Figure:
    """What became of lots, for a desk and a phone."""
    used = [i for i, one in enumerate(CAUSES) if of.incidence.share[-1, one] > 0]
    names = [w(f"end.{CAUSES[i].name.lower()}", lang) for i in used]
    draw = partial(lot_course, of.incidence.times, of.incidence.share[:, used], names, lang)
    wide, narrow = both(draw)
    return Figure(w("figure.course", lang), wide, narrow)


def _name(key: str, row: Row, lang: str) -> str:
    return w(f"{key}.{row[key]}", lang)


def _panel(
    title: str,
    groups: Sequence[tuple[str, Sequence[Mark]]],
    axis: Axis,
    lang: str,
    reference: float | None = None,
) -> Panel:
    label = w("figure.label", lang, title=title, rows="; ".join(words for words, _ in groups))
    return Panel(title, groups, axis, label, reference, width=BROAD)


def _shares() -> Axis:
    return Axis(0.0, 1.0, lambda x: formats.percent(x, 0))


def _mark(row: Row, prefix: str, colour: str = BLUE) -> Mark:
    low, high = (f"{prefix}_{end}" if prefix else end for end in ("low", "high"))
    return Mark(row[prefix or "share"], row[low], row[high], colour, tip=_interval(row, prefix))


def _interval(row: Row, prefix: str) -> str:
    low, high = (f"{prefix}_{end}" if prefix else end for end in ("low", "high"))
    share = formats.percent(row[prefix or "share"], 0)
    return f"{share} [{formats.percent(row[low], 0)}, {formats.percent(row[high], 0)}]"
