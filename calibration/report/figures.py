"""Pictures of the report, drawn as those of the other pages are: intervals beside a reference, dark and narrow alike."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from markupsafe import Markup

from calibration.answers.summary import Interval
from calibration.report import answer, names, tables
from calibration.report.answer import SHOWN, Answer
from calibration.report.words import w
from calibration.result import Result
from sim.reporting.pages.figures.interval import Axis, Mark, axis_over, panel
from sim.reporting.pages.figures.svg import NARROW
from sim.reporting.pages.shell import Figure
from sim.reporting.text import headline

REACHES: Final = {  # how far from a published value a picture goes, in multiples of it; wider bands are cut off there
    1.25: (0.8, 0.9, 1.0, 1.1, 1.25), 1.5: (0.67, 0.8, 1.0, 1.25, 1.5), 2.0: (0.5, 0.7, 1.0, 1.4, 2.0),
    4.0: (0.25, 0.5, 1.0, 2.0, 4.0), 8.0: (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0),
}  # fmt: skip
COLOURS: Final = {"figures": "grey", "evidence": "blue", "doubled": "sky"}
LOOKS: Final = {"inside": ("blue", "dot"), "outside": ("red", "dot"), "cannot": ("blue", "square")}
MARKS: Final = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


def answer_figure(found: Sequence[Answer], lang: str) -> Figure:
    """One panel an outcome; in each, a row for each body of evidence."""
    panels = []
    for outcome in SHOWN:
        spans = {one.name: one.spans[outcome] for one in found if outcome in one.spans}
        ends = [names.scaled(outcome, x) for s in spans.values() for x in (s.low, s.median, s.high)]
        axis = axis_over(ends, lambda x: "0" if x == 0 else names.signed(x, 0 if abs(x) >= 1 else 1))
        groups = [_answer_row(one, outcome, lang) for one in found]
        name = names.outcome_name(outcome, lang)
        label = (
            name
            + w("colon", lang)
            + w("join", lang).join(
                f"{names.evidence_name(one, lang)} {names.change(outcome, s, lang)}"
                for one, s in spans.items()
            )
        )
        unit = w("unit.days" if outcome in names.DAYS else "unit.points", lang, x="").strip()
        panels.append((f"{headline(name)} ({unit})" if lang == "en" else f"{name}（{unit}）", panel(groups, axis, label, 0.0)))  # fmt: skip
    given = w("short.given", lang) if len(found) > 1 else ""
    return Figure(w("short.caption", lang, given=given), panels=panels)


def _answer_row(one: Answer, outcome: str, lang: str) -> tuple[str, list[Mark]]:
    name = names.evidence_name(one.name, lang)
    if outcome not in one.spans:
        return w("row.refused", lang, name=name), []
    s = one.spans[outcome]
    mark = _mark(outcome, s, COLOURS[one.name], lang)
    return f"{name}  {names.bare(outcome, s)}", [mark]


def _mark(outcome: str, s: Interval, colour: str, lang: str) -> Mark:
    low, middle, high = (names.scaled(outcome, x) for x in (s.low, s.median, s.high))
    return Mark(middle, low, high, colour, tip=names.change(outcome, s, lang))


def met_figure(rows: Sequence[Mapping[str, Any]], lang: str) -> Figure:
    """One panel a period: each published figure, and the model's band as a multiple of it. Inputs have no band."""
    marks = noted(rows)
    axis = _multiples(rows)
    panels = []
    for window in dict.fromkeys(str(row["window"]) for row in rows):
        mine = [row for row in rows if row["window"] == window]
        groups = [_met_row(row, marks, lang) for row in mine]
        label = f"{window}{w('colon', lang)}" + w("join", lang).join(_met_label(row, lang) for row in mine)
        panels.append((window, panel(groups, axis, label, 1.0)))
    keys = [
        ("round k-blue", w("met.key.inside", lang)), ("round k-red", w("met.key.outside", lang)),
        ("hollow k-blue", w("met.key.cannot", lang)), ("round k-grey", w("met.key.not", lang)),
    ]  # fmt: skip
    used = {tables.verdict(row) for row in tables.must(rows)}
    grey = any(row["role"] != "fit" and row["inside"] is not None for row in rows)
    shown = [
        k
        for k, on in zip(keys, ("inside" in used, "outside" in used, "cannot" in used, grey), strict=True)
        if on
    ]
    return Figure(w("met.caption", lang), panels=panels, keys=shown)


def _multiples(rows: Sequence[Mapping[str, Any]]) -> Axis:
    """Multiples of what was published, as far as the bands go that can fail."""
    ends = [
        abs(math.log(x))
        for row in tables.must(rows)
        if not row["cannot_fail"]
        for x in (_multiple(row, "", "", "en").low, _multiple(row, "", "", "en").high)
        if math.isfinite(x)
    ]
    far = next((reach for reach in REACHES if math.log(reach) >= max(ends, default=0.0)), max(REACHES))
    return Axis(1.0 / far * 0.999, far * 1.001, lambda x: f"{x:g}", math.log, REACHES[far])


def noted(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """A sign for each reason why figures are not meant to be met; figures of one reason share it."""
    reasons: dict[str, str] = {}
    found = {}
    for row in rows:
        if row["role"] in ("held_out", "unused", "assumed") and row["reason"]:
            sign = reasons.setdefault(str(row["reason"]), MARKS[len(reasons) % len(MARKS)])
            found[str(row["window"]), str(row["figure"])] = sign
    return found


def _met_row(
    row: Mapping[str, Any], marks: Mapping[tuple[str, str], str], lang: str
) -> tuple[str, list[Mark]]:
    figure, published = (
        names.figure_name(row["figure"], lang),
        names.figure_value(row["figure"], row["published"], lang),
    )
    if row["role"] == "input":
        return w("met.input", lang, figure=figure, published=published), []
    if row["role"] != "fit":
        sign = marks.get((str(row["window"]), str(row["figure"])), w(f"role.{row['role']}", lang))
        words = w("met.not", lang, figure=figure, published=published, mark=sign)
        return words, [] if row["inside"] is None else [_multiple(row, "grey", "dot", lang)]
    words = w("met.row", lang, figure=figure, published=published)
    if row["inside"] is None:
        return words, []
    colour, shape = LOOKS[tables.verdict(row)]
    return words, [_multiple(row, colour, shape, lang)]


def _multiple(row: Mapping[str, Any], colour: str, shape: str, lang: str) -> Mark:
    """A prediction as a multiple of what was published; of premiums as that of 1 + premium."""
    shift = 1.0 if row["figure"] == "premium" and not str(row["measure"]).endswith("_ratio") else 0.0
    base = shift + row["published"]
    low, middle, high = (
        max((shift + row[k]) / base, 1e-6) if base > 0 else math.nan for k in ("low", "median", "high")
    )
    tip = names.figure_span(row["figure"], row["low"], row["median"], row["high"], lang)
    return Mark(middle, low, high, colour, shape, tip)


def _met_label(row: Mapping[str, Any], lang: str) -> str:
    words = f"{names.figure_name(row['figure'], lang)} {names.figure_value(row['figure'], row['published'], lang)}"
    if row["inside"] is None:
        return words
    return (
        f"{words} ({names.figure_span(row['figure'], row['low'], row['median'], row['high'], lang)})"
        if lang == "en"
        else f"{words}（{names.figure_span(row['figure'], row['low'], row['median'], row['high'], lang)}）"
    )


def parameter_figure(result: Result, lang: str) -> Figure:
    """Where in its prior the posterior of each parameter lies."""
    words = {slot.name: slot.word(lang) for slot in result.model.space.slots}
    rows = tables.parameter_rows(result)
    axis = Axis(0.0, 1.0, lambda x: f"{100 * x:g}%", at=(0.0, 0.25, 0.5, 0.75, 1.0))
    groups = [
        (words[r["parameter"]], [Mark(r["unit_median"], r["unit_low"], r["unit_high"], "orange" if r["ends"] else "blue")])
        for r in rows
    ]  # fmt: skip
    half = -(-len(groups) // 2)
    panels = [
        ("", panel(part, axis, w("parameters.figure", lang), 0.5, width=NARROW))
        for part in (groups[:half], groups[half:])
        if part
    ]
    return Figure(w("parameters.figure", lang), panels=panels, big=True)


def fact_figure(result: Result, lang: str) -> Figure:
    """One panel a measure: each fitted fact with its two errors, and what the rest predicts of it."""
    rows = [row for row in tables.fact_rows(result) if row["use"] == "fit"]
    of = {one.name: one for one in (result.scored.facts if result.scored else ())}
    panels = []
    for measure in dict.fromkeys(str(row["measure"]) for row in rows):
        groups, values = [], []
        for row in (r for r in rows if r["measure"] == measure):
            fact = of[row["fact"]]
            whole = 1.96 * math.hypot(fact.sd, fact.transport_sd)
            low, high = (float(x) for x in fact.plain([fact.y - whole, fact.y + whole]))
            groups.append((fact.word(lang), [
                Mark(fact.value, low, high, "orange", "square"), Mark(row["median"], row["low"], row["high"], "blue"),
            ]))  # fmt: skip
            values += [low, high, row["low"], row["high"]]
        shares = rows and of[next(r["fact"] for r in rows if r["measure"] == measure)].scale == "logit"
        axis = axis_over(
            values, (lambda x: f"{100 * x:g}%") if shares else (lambda x: f"{x:g}"), zero=bool(shares)
        )
        name = headline(names.measure_name(measure, lang))
        panels.append(
            (name, panel(groups, axis, f"{name}{w('colon', lang)}{w('facts.figure', lang)}", width=NARROW))
        )
    keys = [("hollow k-orange", w("key.fact", lang)), ("round k-blue", w("key.predicted", lang))]
    return Figure(w("facts.figure", lang), panels=panels, keys=keys, big=True)


def settle_figure(result: Result, lang: str) -> Figure:
    """How wide the interval of the first outcome would be, were each quantity known."""
    words = {a.name: a.zh if lang == "zh" else a.en for a in result.asks}
    axis = Axis(0.0, 1.05, lambda x: f"{100 * x:g}%", at=(0.0, 0.25, 0.5, 0.75, 1.0))
    groups = [
        (f"{words[r['quantity']]}  {100 * r['width_ratio_sold_ever']:.0f}%", [Mark(r["width_ratio_sold_ever"], 0.0, r["width_ratio_sold_ever"])])
        for r in tables.ask_rows(result)
    ]  # fmt: skip
    drawing: Markup = panel(groups, axis, w("settle.figure", lang), 1.0, width=NARROW)
    return Figure(w("settle.figure", lang), panels=[("", drawing)], big=True)


__all__ = [
    "answer",
    "answer_figure",
    "fact_figure",
    "met_figure",
    "noted",
    "parameter_figure",
    "settle_figure",
]
