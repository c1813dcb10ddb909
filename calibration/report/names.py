"""Names and numbers of the report in words: policies, interpretations, figures, changes with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from calibration.answers.policy import Question
from calibration.answers.summary import Interval
from calibration.report.words import w
from calibration.targets.interpretations import MEASURES, Interpretation, name_of_measure
from sim.measures.definitions import DEFINITIONS
from sim.reporting import formats
from sim.reporting.text import known, name_of

MONEY: Final = ("turnover", "commission")
RATES: Final = ("sale_rate", "premium")
DAYS: Final = ("days_to_sale",)


def signed(x: float, places: int) -> str:
    """+4.6, −0.3; no sign where nothing is left of the number."""
    text = f"{abs(x):,.{places}f}"
    nothing = not any(c in "123456789" for c in text)
    return text if nothing else f"{'+' if x > 0 else '−'}{text}"


def places(outcome: str) -> int:
    return 0 if outcome in DAYS else 1


def scaled(outcome: str, x: float) -> float:
    """An effect in the unit in which it is shown: points, or days."""
    return x if outcome in DAYS else 100.0 * x


def change(outcome: str, span: Interval, lang: str) -> str:
    """A change with its interval: +4.6 points [+0.8, +11.9]."""
    middle, low, high = (
        signed(scaled(outcome, x), places(outcome)) for x in (span.median, span.low, span.high)
    )
    unit = "unit.days" if outcome in DAYS else "unit.points"
    return f"{w(unit, lang, x=middle)} [{low}, {high}]"


def bare(outcome: str, span: Interval) -> str:
    """The same without its unit, for columns that name it."""
    return change(outcome, span, "en").replace(" points", "").replace(" days", "")


def outcome_name(outcome: str, lang: str) -> str:
    return w(f"outcome.{outcome}", lang)


def policy_name(one: Question, lang: str) -> str:
    """A policy within a sentence."""
    if one.family == "cut" and one.value == 0.0:
        return w("policy.cut.none", lang)
    return w(f"policy.{one.family}", lang, share=f"{100 * one.value:g}")


def evidence_name(name: str, lang: str) -> str:
    """A body of evidence, or a variant of it."""
    if name.startswith("historic-"):
        share = int(name.removeprefix("historic-"))
        return w("evidence.historic", lang, share=share) if share else w("evidence.historic.none", lang)
    return w(f"evidence.{name}", lang) if f"evidence.{name}" in w else name


def step_name(name: str, lang: str) -> str:
    """A step of a calibration; most are named after the evidence that they are about."""
    return w(f"step.{name}", lang) if f"step.{name}" in w else evidence_name(name, lang)


def open_figures(interpretations: Sequence[Interpretation]) -> set[str]:
    """Figures of which interpretations take different measures."""
    measures: dict[str, set[str]] = {}
    for one in interpretations:
        for figure, measure in one.measures:
            measures.setdefault(figure, set()).add(measure)
    return {figure for figure, found in measures.items() if len(found) > 1}


def interpretation_name(one: Interpretation, among: Sequence[Interpretation], lang: str) -> str:
    """An interpretation in words: the basis, and the measure of each figure that sets it apart from the others."""
    differs = open_figures(among)
    parts = [name_of_measure(measure, lang) for figure, measure in one.measures if figure in differs]
    return w("join", lang).join([w(f"basis.{one.basis}", lang), *parts])


def measure_name(measure: str, lang: str) -> str:
    """A measure of the model."""
    return name_of_measure(measure, lang) if measure in MEASURES else name_of(measure, lang)


def figure_name(figure: str, lang: str) -> str:
    """What people call a published figure."""
    return known(f"figure.{figure}", lang, name_of_measure(figure, lang) if figure in DEFINITIONS else figure)


def dated(figure: str, window: str, lang: str) -> str:
    """A figure of a period."""
    name = figure_name(figure, lang)
    return w("dated", lang, figure=name, window=window)


def figure_value(figure: str, x: float, lang: str) -> str:
    """A published figure, or what the model predicts of it, in its unit."""
    if not math.isfinite(x):
        return formats.NOTHING
    if figure in MONEY:
        return formats.money(x, lang)
    return formats.percent(x, 2 if figure == "sale_rate" else 1) if figure in RATES else f"{x:,.0f}"


def figure_span(figure: str, low: float, median: float, high: float, lang: str) -> str:
    """A prediction with its interval."""
    return formats.interval(figure, median, low, high, lang)


def share(x: float) -> str:
    """A probability or a weight as two decimals; never 1.00 or 0.00 where it is neither."""
    if not math.isfinite(x):
        return formats.NOTHING
    if 0.0 < x < 0.005:
        return "<0.01"
    return ">0.99" if 0.995 < x < 1.0 else f"{x:.2f}"


def number(x: float, digits: int = 3) -> str:
    """A plain number with as many digits as count."""
    return formats.NOTHING if not math.isfinite(x) else f"{x:,.{digits}g}" if abs(x) < 1e5 else f"{x:,.0f}"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
