"""Which parameters move a measure, a panel a measure, for a page: bars with intervals, the largest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sim.experiments.sensitivity import Index
from sim.locale.signs import clauses
from sim.reporting.differences import kind_of
from sim.reporting.figures.intervals import BROAD, Axis, Key, Mark, Panel, axis_over
from sim.reporting.indices import share, shifted, total
from sim.reporting.style import BLUE, INK, ORANGE, VERMILION
from sim.reporting.text import headline, name_of
from sim.reporting.text_explore import e
from sim.reporting.units import unit_of
from sim.reporting.values import tick_writer


def sensitivity_panels(
    found: Mapping[str, Sequence[Index]], names: Mapping[str, str], method: str, lang: str
) -> list[Panel]:
    """``found``: measure -> its indices, the largest first; ``names``: what people call each parameter."""
    return [_panel(measure, rows, names, method, lang) for measure, rows in found.items()]


def sensitivity_keys(method: str, lang: str) -> list[Key]:
    """What bars and marks mean."""
    if method == "sobol":
        return [
            Key("round", BLUE, e("sensitivity.total", lang)),
            Key("hollow", ORANGE, e("sensitivity.first", lang)),
        ]
    return [
        Key("round", BLUE, e("sensitivity.up", lang)),
        Key("round", VERMILION, e("sensitivity.down", lang)),
        Key("diamond", INK, e("sensitivity.spread", lang)),
    ]


def _panel(measure: str, rows: Sequence[Index], names: Mapping[str, str], method: str, lang: str) -> Panel:
    scale = 100.0 if method == "morris" and kind_of(measure) == "rate" else 1.0
    groups, ends, said = [], [0.0], []
    for row in rows:
        marks = _sobol(row) if method == "sobol" else [_morris(measure, row, scale, lang)]
        groups.append((names[row.parameter], marks))
        ends += [x for mark in marks for x in (mark.mean, mark.low, mark.high, mark.also) if x == x]
        said.append(f"{names[row.parameter]} {' '.join(total(measure, row, method, lang))}")
    title, name = e("indices.panel", lang, measure=headline(name_of(measure, lang)), unit=axis_unit(measure, method, lang)), name_of(measure, lang)  # fmt: skip
    return Panel(title, groups, _axis(ends, measure, method, lang), f"{headline(name)}: {clauses(said, lang)}", 0.0, width=BROAD)  # fmt: skip


def axis_unit(measure: str, method: str, lang: str) -> str:
    """In what the numbers of a panel are."""
    if method == "sobol":
        return e("sensitivity.share", lang)
    kind = kind_of(measure)
    if kind == "yuan":
        return e("sensitivity.yuan", lang)
    return e("axis.points", lang) if kind == "rate" else unit_of(measure, lang)


def _axis(ends: Sequence[float], measure: str, method: str, lang: str) -> Axis:
    plain: Callable[[float], str] = lambda x: "0" if x == 0 else f"{x:,.6g}"  # noqa: E731
    if method == "sobol":
        return axis_over(ends, lambda x: f"{100 * x:.4g}%")
    return axis_over(ends, tick_writer("yuan", lang) if kind_of(measure) == "yuan" else plain)


def _morris(measure: str, row: Index, scale: float, lang: str) -> Mark:
    tip = " ".join(total(measure, row, "morris", lang))
    signed = " ".join(shifted(measure, row.first, row.first_low, row.first_high, lang))
    return Mark(
        row.total * scale, row.low * scale, row.high * scale, BLUE if row.first >= 0.0 else VERMILION, tip=f"mu* {tip}, mu {signed}",
        base=0.0, also=row.spread * scale,
    )  # fmt: skip


def _sobol(row: Index) -> list[Mark]:
    whole, alone = share(row.total, row.low, row.high), share(row.first, row.first_low, row.first_high)
    return [
        Mark(row.total, row.low, row.high, BLUE, tip=f"ST {' '.join(whole)}", base=0.0),
        Mark(row.first, row.first_low, row.first_high, ORANGE, "square", f"S1 {' '.join(alone)}"),
    ]
