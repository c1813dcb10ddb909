"""Charts of a calibration: intervals beside a reference, as panels that the report's page and a file both draw."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from calibration.answers.summary import Interval
from calibration.report import names, tables
from calibration.report.answer import SHOWN, Answer
from calibration.report.words import w
from calibration.result import Result
from sim.locale.signs import bracketed
from sim.reporting.figures.intervals import BROAD, Axis, Key, Mark, Panel, axis_over, panel
from sim.reporting.pages.shell import Figure
from sim.reporting.style import BLUE, GREEN, GREY, ORANGE, SKY, VERMILION
from sim.reporting.svg import fragment, swatch
from sim.reporting.text import headline, quantity_name

REACHES: Final = {  # how far from a published value a picture goes, in multiples of it; wider bands are cut off there
    1.25: (0.8, 0.9, 1.0, 1.1, 1.25), 1.5: (0.67, 0.8, 1.0, 1.25, 1.5), 2.0: (0.5, 0.7, 1.0, 1.4, 2.0),
    4.0: (0.25, 0.5, 1.0, 2.0, 4.0), 8.0: (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0),
}  # fmt: skip
COLOURS: Final = {"figures": GREY, "rows": GREEN, "evidence": BLUE, "doubled": SKY}
LOOKS: Final = {"inside": (BLUE, "dot"), "outside": (VERMILION, "dot"), "cannot": (BLUE, "square")}
MARKS: Final = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


def _shown(
    caption: str, panels: Sequence[Panel], lang: str, keys: Sequence[Key] = (), big: bool = False
) -> Figure:
    """Panels in a page."""
    drawn = [(one.title, fragment(panel(one, lang))) for one in panels]
    return Figure(caption, panels=drawn, keys=[(swatch(key.colour, key.shape), key.words) for key in keys], big=big)  # fmt: skip


def answer_figure(found: Sequence[Answer], lang: str) -> Figure:
    """What the policy does, given each body of evidence."""
    rows = any(one.name == "rows" for one in found)
    given = w("short.given.rows" if rows else "short.given", lang) if len(found) > 1 else ""
    return _shown(w("short.caption", lang, given=given), answer_panels(found, lang), lang)


def answer_panels(found: Sequence[Answer], lang: str) -> list[Panel]:
    """One panel an outcome; in each, a row for each body of evidence."""
    panels = []
    for outcome in SHOWN:
        spans = {one.name: one.spans[outcome] for one in found if outcome in one.spans}
        ends = [names.scaled(outcome, x) for s in spans.values() for x in (s.low, s.median, s.high)]
        axis = axis_over(ends, lambda x: "0" if x == 0 else names.signed(x, 0 if abs(x) >= 1 else 1))
        groups = [_answer_row(one, outcome, lang) for one in found]
        name = names.outcome_name(outcome, lang)
        rows = [
            f"{names.evidence_name(one, lang)} {names.change(outcome, s, lang)}" for one, s in spans.items()
        ]
        unit = w("unit.days" if outcome in names.DAYS else "unit.points", lang, x="").strip()
        title = bracketed(headline(name), unit, lang)
        panels.append(Panel(title, groups, axis, name + w("colon", lang) + w("join", lang).join(rows), 0.0))
    return panels


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
    """Each published figure, and the model's band."""
    return _shown(w("met.caption", lang), met_panels(rows, lang), lang, met_keys(rows, lang))


def met_panels(rows: Sequence[Mapping[str, Any]], lang: str) -> list[Panel]:
    """One panel a period: each published figure, and the model's band as a multiple of it. Inputs have no band."""
    marks = noted(rows)
    axis = _multiples(rows)
    panels = []
    for window in dict.fromkeys(str(row["window"]) for row in rows):
        mine = [row for row in rows if row["window"] == window]
        groups = [_met_row(row, marks, lang) for row in mine]
        label = f"{window}{w('colon', lang)}" + w("join", lang).join(_met_label(row, lang) for row in mine)
        panels.append(Panel(window, groups, axis, label, 1.0))
    return panels


def met_keys(rows: Sequence[Mapping[str, Any]], lang: str) -> list[Key]:
    """What the marks mean of which there are any."""
    used = {tables.verdict(row) for row in tables.must(rows)}
    if any(row["role"] != "fit" and row["inside"] is not None for row in rows):
        used.add("not")
    looks = {"inside": ("round", BLUE), "outside": ("round", VERMILION), "cannot": ("hollow", BLUE), "not": ("round", GREY)}  # fmt: skip
    return [Key(*look, w(f"met.key.{one}", lang)) for one, look in looks.items() if one in used]


def _multiples(rows: Sequence[Mapping[str, Any]]) -> Axis:
    """Multiples of what was published, as far as the bands go that can fail."""
    ends = [
        abs(math.log(x))
        for row in tables.must(rows)
        if not row["cannot_fail"]
        for x in (_multiple(row, GREY, "dot", "en").low, _multiple(row, GREY, "dot", "en").high)
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
        return words, [] if row["inside"] is None else [_multiple(row, GREY, "dot", lang)]
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
    span = names.figure_span(row["figure"], row["low"], row["median"], row["high"], lang)
    return bracketed(words, span, lang)


def parameter_figure(result: Result, lang: str) -> Figure:
    """Where in its prior the posterior of each parameter lies."""
    return _shown(w("parameters.figure", lang), parameter_panels(result, lang), lang, big=True)


def parameter_panels(result: Result, lang: str) -> list[Panel]:
    """The parameters in two panels, an interval each: 0 is the lower end of the prior's range, 1 the upper."""
    words = {slot.name: slot.word(lang) for slot in result.model.space.slots}
    rows = tables.parameter_rows(result)
    axis = Axis(0.0, 1.0, lambda x: f"{100 * x:g}%", at=(0.0, 0.25, 0.5, 0.75, 1.0))
    groups = [
        (words[r["parameter"]], [Mark(r["unit_median"], r["unit_low"], r["unit_high"], ORANGE if r["ends"] else BLUE)])
        for r in rows
    ]  # fmt: skip
    half = -(-len(groups) // 2)
    label = w("parameters.figure", lang)
    return [Panel("", part, axis, label, 0.5, width=BROAD) for part in (groups[:half], groups[half:]) if part]


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
                Mark(fact.value, low, high, ORANGE, "square"), Mark(row["median"], row["low"], row["high"], BLUE),
            ]))  # fmt: skip
            values += [low, high, row["low"], row["high"]]
        shares = rows and of[next(r["fact"] for r in rows if r["measure"] == measure)].scale == "logit"
        axis = axis_over(
            values, (lambda x: f"{100 * x:g}%") if shares else (lambda x: f"{x:g}"), zero=bool(shares)
        )
        name = headline(names.measure_name(measure, lang))
        panels.append(
            Panel(name, groups, axis, f"{name}{w('colon', lang)}{w('facts.figure', lang)}", width=BROAD)
        )
    keys = [Key("hollow", ORANGE, w("key.fact", lang)), Key("round", BLUE, w("key.predicted", lang))]
    return _shown(w("facts.figure", lang), panels, lang, keys, big=True)


def settle_figure(result: Result, lang: str) -> Figure:
    """How wide the interval of the first outcome would be, were each quantity known."""
    axis = Axis(0.0, 1.05, lambda x: f"{100 * x:g}%", at=(0.0, 0.25, 0.5, 0.75, 1.0))
    groups = [
        (f"{quantity_name(r['quantity'], lang, w)}  {100 * r['width_ratio_sold_ever']:.0f}%", [Mark(r["width_ratio_sold_ever"], 0.0, r["width_ratio_sold_ever"])])
        for r in tables.headline_rows(result)
    ]  # fmt: skip
    one = Panel("", groups, axis, w("settle.figure", lang), 1.0, width=BROAD)
    return _shown(w("settle.figure", lang), [one], lang, big=True)
