"""Published figures under one interpretation: which the model must produce, which of these it does.

A scenario says how its court's figures are to be understood (``Scenario.interpretation``). Where it does not, or leaves a
figure open, the interpretation that fits best is taken, and the reader learns it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sim.locale.signs import clauses, listed
from sim.measures.definitions import INTERPRETATIONS
from sim.reporting.compare import Row, comparison_rows, is_inside, ruled_out
from sim.reporting.text import known, name_of, t
from sim.reporting.values import dated_name, parameter_value
from sim.scenario import Loaded, published
from sim.scenario.departure import Departure, departure
from sim.scenario.keys import read_key
from sim.scenario.published import FIGURES, INPUTS, Interpretation
from sim.scenario.schema import Scenario

MUST, INPUT, UNMET, NOT_PUBLISHED = "must", "input", "unmet", "not published"
DEPARTS = "departs"  # the role of a figure that belongs to a scenario from which this one departs
SHOWN_CHANGES = 3


@dataclass(frozen=True, slots=True)
class Fit:
    """Published figures under one interpretation; ``rows``: one for each window and figure."""

    rows: tuple[Row, ...]
    basis: str
    measures: Mapping[str, str]  # figure -> what it stands for
    stated: str  # whether the scenario gives the interpretation: stated, partly (it leaves some figure open), best
    departure: Departure | None = None  # from the scenario whose figures they are

    def of(self, role: str) -> list[Row]:
        """The rows of figures that must be produced, are inputs, or are not meant to be met."""
        return [row for row in self.rows if row["role"] == role]

    @property
    def tests(self) -> list[Row]:
        """The rows of figures that the model must produce and can miss."""
        return [row for row in self.of(MUST) if not cannot_fail(row)]

    @property
    def met(self) -> int:
        """How many of these are met."""
        return sum(map(is_inside, self.tests))

    def count(self, lang: str) -> str:
        """How many of the figures that the model must produce it does; of a scenario that departs from theirs, that it need not."""
        if self.departure is not None:
            return t("fit.departs", lang, title=self.departure.titled(lang))
        words = [t("fit.count", lang, inside=self.met, all=len(self.tests))]
        wide = len(self.of(MUST)) - len(self.tests)
        words += [t("fit.cannot", lang, n=wide)] if wide else []
        words += [t(f"fit.{role}", lang, n=n) for role in (INPUT, UNMET) if (n := len(self.of(role)))]
        return clauses(words, lang)

    def notes(self, lang: str) -> list[str]:
        """The interpretation, in what the scenario departs, figures that cannot fail, and why some are not meant to be met."""
        published = {row["figure"] for row in self.rows if row["role"] != NOT_PUBLISHED}
        names = [
            name_of(measure, lang)
            for figure, measure in self.measures.items()
            if figure in published and len(INTERPRETATIONS[figure]) > 1
        ]
        measures = t("fit.join", lang).join(names)
        basis = known(f"basis.{self.basis}", lang, self.basis)
        lines = [t(f"fit.{self.stated}", lang, basis=basis, measures=measures)] if names else []
        if self.departure is not None:
            lines.insert(0, t("fit.departs.in", lang, changes=changed(self.departure, lang)))
        if wide := [row for row in self.of(MUST) if cannot_fail(row)]:
            lines.append(t("fit.wide", lang, n=len(wide), which=_places(wide, lang)))
        for reason in dict.fromkeys(row[f"reason_{lang}"] for row in self.of(UNMET)):
            rows = [row for row in self.of(UNMET) if row[f"reason_{lang}"] == reason]
            lines.append(t("fit.reason", lang, which=_places(rows, lang), reason=reason))
        return lines


def changed(one: Departure, lang: str) -> str:
    """In what a scenario departs from another, in words: second auction cut 20% → 0%."""
    words = list(one.parts)
    for change in one.changes:
        key = read_key(change.key)
        # after a value at all times one from a day on may be as it was
        old = change.base is not None and change.base != change.value
        ends = {"value": parameter_value(key, change.value, lang)}
        ends |= {"base": parameter_value(key, change.base, lang)} if old else {}
        words.append(
            t("fit.change" if old else "fit.sets", lang, name=dated_name(key, lang, one.kinds), **ends)
        )
    more = len(words) - SHOWN_CHANGES
    if more > 1:
        words = [*words[:SHOWN_CHANGES], t("fit.changes.more", lang, n=more)]
    return t("fit.join", lang).join(words)


def cannot_fail(row: Mapping[str, Any]) -> bool:
    """Whether a figure that is met lies in a band so wide that it could hardly lie outside."""
    return is_inside(row) and published.cannot_fail(
        *(float(row[key]) for key in ("published", "low", "high"))
    )


def verdict_code(row: Mapping[str, Any]) -> str:
    """How a published figure compares with the simulation, as a code: input; unmet (not meant to be met); wide (met, in a band so
    wide that it could hardly be missed); inside; above or below: the simulated mean; undefined.
    """
    if row["role"] in (INPUT, UNMET):
        return str(row["role"])
    if row["published"] is None or not math.isfinite(row["mean"]):
        return "undefined"
    if is_inside(row):
        return "wide" if row["role"] == MUST and cannot_fail(row) else "inside"
    return "above" if row["mean"] > row["published"] else "below"


def interpretations(interpretation: Interpretation | None) -> dict[str, tuple[str, ...]]:
    """Measures that figures may stand for, and those that the scenario says they do."""
    stated = {} if interpretation is None else {one: interpretation.measure(one) for one in FIGURES}
    return {
        figure: tuple(dict.fromkeys(one for one in (*known, stated.get(figure)) if one))
        for figure, known in INTERPRETATIONS.items()
    }


def rows_of(scenario: Scenario, summary: Mapping[str, Any]) -> list[Row]:
    """Published beside simulated under every interpretation, for the scenario's own windows."""
    known = interpretations(scenario.interpretation)
    return comparison_rows(scenario.published, summary, known, windows=list(scenario.time.windows))


def fit_of(loaded: Loaded, summary: Mapping[str, Any]) -> Fit:
    """Published beside simulated under the interpretation by which a scenario's results are compared."""
    scenario = loaded.scenario
    return fit(rows_of(scenario, summary), scenario.interpretation, departure(loaded))


def fit(rows: Sequence[Row], interpretation: Interpretation | None, departs: Departure | None = None) -> Fit:
    """``rows`` are those of ``compare.comparison_rows``: every figure under every interpretation. ``departs``: from the scenario whose
    figures they are.
    """
    excluded = _excluded(rows)
    bases = list(dict.fromkeys(str(row["basis"]) for row in rows))
    if interpretation is not None and (interpretation.basis in bases or not bases):
        bases = [interpretation.basis]
    found = [_on(rows, basis, interpretation, excluded) for basis in bases]
    best = max(found, key=_closeness, default=Fit((), "event", {}, "best"))
    if departs is None:
        return best
    free = (MUST, INPUT)
    mine = tuple({**row, "role": DEPARTS if row["role"] in free else row["role"]} for row in best.rows)
    return replace(best, rows=mine, departure=departs)


def _on(rows: Sequence[Row], basis: str, interpretation: Interpretation | None, excluded: set[str]) -> Fit:
    """The figures on one basis, each by the measure that is stated, or by the one that fits best."""
    mine = [row for row in rows if row["basis"] == basis]
    measures: dict[str, str] = {}
    stated = "best" if interpretation is None else "stated"
    for figure in dict.fromkeys(str(row["figure"]) for row in mine):
        wanted = interpretation.measure(figure) if interpretation is not None else None
        here = [row for row in mine if row["figure"] == figure]
        possible = dict.fromkeys(str(row["measure"]) for row in here)
        if wanted is None:
            if stated == "stated" and len(possible) > 1 and any(row["published"] is not None for row in here):
                stated = "partly"
            allowed = [one for one in possible if one not in excluded] or list(possible)
            wanted = max(allowed, key=lambda one: _fitting([row for row in here if row["measure"] == one]))
        measures[figure] = wanted
    chosen = [
        _with_role(row, interpretation) for row in mine if measures[str(row["figure"])] == row["measure"]
    ]
    return Fit(tuple(chosen), basis, measures, stated)


def _with_role(row: Row, interpretation: Interpretation | None) -> Row:
    window, figure = str(row["window"]), str(row["figure"])
    inputs = INPUTS if interpretation is None else interpretation.inputs
    reasons: dict[str, str | None] = {
        f"reason_{lang}": interpretation.reason(window, figure, lang) if interpretation else None
        for lang in ("en", "zh")
    }
    role = MUST
    if row["published"] is None:
        role = NOT_PUBLISHED
    elif figure in inputs:
        role = INPUT
    elif reasons["reason_en"] is not None:
        role = UNMET
    return {**row, "role": role, **reasons}


def _excluded(rows: Sequence[Row]) -> set[str]:
    """Measures that the published figures of some window rule out."""
    published: dict[str, dict[str, float]] = {}
    for row in rows:
        if row["published"] is not None:
            published.setdefault(str(row["window"]), {})[str(row["figure"])] = float(row["published"])
    return {measure for figures in published.values() for measure in ruled_out(figures)}


def _closeness(one: Fit) -> tuple[int, float]:
    return _fitting(one.of(MUST))


def _fitting(rows: Sequence[Row]) -> tuple[int, float]:
    """Figures met, then how near the others are: the more the better."""
    published = [row for row in rows if row["published"] is not None]
    return sum(map(is_inside, published)), -sum(map(_distance, published))


def _distance(row: Row) -> float:
    """How far the mean is from the figure, as a ratio on the log scale; of premiums price over start."""
    one = 1.0 if row["figure"] == "premium" else 0.0
    published, mean = float(row["published"]) + one, float(row["mean"]) + one
    return (
        abs(math.log(mean / published)) if published > 0.0 and mean > 0.0 and math.isfinite(mean) else 100.0
    )


def _places(rows: Sequence[Row], lang: str) -> str:
    """Figures and their windows: "premium 2017, 2018"."""
    by_figure: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda row: FIGURES.index(str(row["figure"]))):
        by_figure.setdefault(str(row["figure"]), []).append(str(row["window"]))
    words = [
        t("fit.place", lang, figure=known(f"figure.{figure}", lang, figure), windows=listed(windows, lang))
        for figure, windows in by_figure.items()
    ]  # fmt: skip
    return t("fit.join", lang).join(words)
