"""Printed against simulated: the nearest reading of every figure, then all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sim.reporting import formats
from sim.reporting.compare import distance, impossible, is_inside
from sim.reporting.fit import MUST, NOT_PUBLISHED, Fit
from sim.reporting.pages.figures.interval import Axis, Mark, axis_over, panel
from sim.reporting.pages.shell import Block, Figure, Notes, Section
from sim.reporting.pages.table import Column, Table
from sim.reporting.pages.told import teller
from sim.reporting.pages.words import w
from sim.reporting.tables import comparison_notes, short_name, verdict
from sim.reporting.text import headline, known, name_of

Row = dict[str, Any]
LOOKS = {"event": ("blue", "dot"), "cohort": ("orange", "square")}
KINDS = {"sale_rate": "rate", "premium": "rate", "turnover": "yuan", "commission": "yuan"}
KEYS = {"event": ("round k-blue", "key.event"), "cohort": ("hollow k-orange", "key.cohort")}
PREMIUMS = (0.0, 1.0, 9.0, 99.0, 999.0)


def fit_section(rows: Sequence[Row], shown: Fit, lang: str) -> Section:
    """``rows``: every figure under every reading; ``shown``: under the interpretation by which they are compared."""
    printed = [row for row in rows if row["published"] is not None]
    if not printed:
        return Section("fit", w("fit", lang), w("compare.table", lang), [Notes([w("fit.none", lang)])])
    ruled_out = impossible(rows, lang)
    blocks: list[Block] = [Notes(shown.notes(lang)), _headline(shown, lang)]
    if ruled_out:
        blocks.append(Notes(ruled_out, w("impossible.head", lang)))
    compared = [row for row in shown.rows if row["role"] != NOT_PUBLISHED]
    for i, figure in enumerate(dict.fromkeys(str(row["figure"]) for row in compared)):
        mine = [row for row in compared if row["figure"] == figure]
        blocks.append(_panels(figure, mine, lang, keys=i == 0))
    blocks += [_all(rows, lang), Notes([line.strip() for line in comparison_notes(rows, lang)[1:]])]
    title = shown.count(lang)
    return Section("fit", w("fit", lang), title, blocks, w("fit.lead", lang))


def _headline(shown: Fit, lang: str) -> Table:
    """One line for each window and figure, as the terminal shows it."""
    return Table(
        "printed-headline",
        w("fit.table", lang),
        [
            Column(w("window", lang), lambda r: str(r["window"])),
            Column(headline(w("figure", lang)), lambda r: headline(name_of(r["measure"], lang))),
            Column(headline(w("published", lang)), lambda r: _printed(r, lang), True),
            Column(headline(w("simulated", lang)), lambda r: _simulated(r, lang), True),
            Column(headline(w("distance", lang)), lambda r: verdict(r, lang)),
        ],
        [row for row in shown.rows if row["role"] != NOT_PUBLISHED],
        ("window", "figure", "published", "measure", "basis", "mean", "low", "high", "role"),
        lambda r: "" if r["role"] != MUST else "good" if is_inside(r) else "bad",
    )


def _printed(row: Mapping[str, Any], lang: str) -> str:
    return (
        formats.NOTHING
        if row["published"] is None
        else formats.value(row["figure"], row["published"], lang, 2)
    )


def _simulated(row: Mapping[str, Any], lang: str) -> str:
    return formats.interval(row["figure"], row["mean"], row["low"], row["high"], lang)


def _panels(figure: str, rows: Sequence[Row], lang: str, keys: bool) -> Figure:
    """A panel for each window."""
    axis = _axis(figure, rows, lang)
    name = headline(known(f"figure.{figure}", lang, figure))
    panels = []
    for window in dict.fromkeys(str(row["window"]) for row in rows):
        mine = [row for row in rows if row["window"] == window]
        groups = []
        for measure in dict.fromkeys(str(row["measure"]) for row in mine):
            lines = [row for row in mine if row["measure"] == measure]
            many = len({row["measure"] for row in mine}) > 1
            words = (short_name(measure, figure, lang) or headline(name_of(measure, lang))) + (
                " ×" if lines[0]["impossible"] else ""
            )
            groups.append((words if many else "", [_mark(figure, row, lang) for row in lines]))
        told = formats.value(figure, mine[0]["published"], lang, 2)
        label = f"{name}, {window}: {w('published', lang)} {told}"
        panels.append((f"{name} · {window}", panel(groups, axis, label, mine[0]["published"], told)))
    return Figure("", panels=panels, keys=_keys(str(rows[0]["basis"]), lang) if keys else [])


def _keys(basis: str, lang: str) -> list[tuple[str, str]]:
    marks = [("bar k-red", "key.printed"), *([KEYS[basis]] if basis in KEYS else [])]
    return [(look, w(key, lang)) for look, key in marks]


def _axis(figure: str, rows: Sequence[Row], lang: str) -> Axis:
    values = [float(row[k]) for row in rows for k in ("mean", "low", "high", "published")]
    told = teller(KINDS.get(figure, "count"), lang)
    if figure == "premium":  # from nothing to hundreds of times the start: a log axis of 1 + premium
        return axis_over(values, told, bend=lambda x: math.log10(max(1.0 + x, 1e-3)), at=PREMIUMS)
    return axis_over(values, told)


def _mark(figure: str, row: Row, lang: str) -> Mark:
    colour, shape = LOOKS.get(row["basis"], ("green", "dot"))
    tip = f"{known('basis.' + row['basis'], lang, row['basis'])}: {formats.interval(figure, row['mean'], row['low'], row['high'], lang)}"
    return Mark(row["mean"], row["low"], row["high"], colour, shape, tip)


def _all(rows: Sequence[Row], lang: str) -> Table:
    return Table(
        "printed-and-simulated",
        w("fit.all", lang),
        [
            Column(w("window", lang), lambda r: str(r["window"])),
            Column(headline(w("reading", lang)), lambda r: headline(name_of(r["measure"], lang))),
            Column(headline(w("basis", lang)), lambda r: known("basis." + r["basis"], lang, r["basis"])),
            Column(headline(w("published", lang)), lambda r: _printed(r, lang), True),
            Column(headline(w("simulated", lang)), lambda r: _simulated(r, lang), True),
            Column(headline(w("distance", lang)), lambda r: "×" if r["impossible"] else distance(r, lang)),
        ],
        rows,
        ("window", "figure", "measure", "basis", "published", "mean", "low", "high"),
        lambda r: "good" if is_inside(r) and not r["impossible"] else "",
        folded=True,
    )
