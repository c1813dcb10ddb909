"""What a court published beside what the model gives: rows, how far apart they are, what the figures themselves rule out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sim.locale.signs import listed
from sim.measures.definitions import INTERPRETATIONS
from sim.measures.rounding import negligible
from sim.reporting import formats
from sim.reporting.text import name_of, t

Row = dict[str, Any]
Figures = Mapping[str, float]  # published figure -> value
ALL = "all"  # the segment of every kind of lot together
ROUNDING = 0.005  # a published rate further than this from sold / lots is not that ratio rounded
FLAT_SLACK = 0.03  # the same for commission, as a share of it


def comparison_rows(
    published: Mapping[str, Any],
    summary: Mapping[str, Any],
    interpretations: Mapping[str, Sequence[str]] = INTERPRETATIONS,
    *,
    windows: Sequence[str] | None = None,
    bases: Sequence[str] | None = None,
    segment: str = ALL,
) -> list[Row]:
    """One row for each window, published figure, interpretation and basis, in that order.

    ``published``: ``scenario.published`` (window -> object or dict with the figures). ``summary``: the columns of
    ``sim.measures.summarise``. ``interpretations``: figure -> measures. ``windows``, ``bases``: those of the summary
    unless given. What was not published is None; an interpretation that was not computed is left out. ``low`` and
    ``high`` bound 95 % of the replications. ``impossible``: the published figures themselves rule the interpretation out.
    """
    names = ("window", "segment", "basis", "measure", "mean", "low", "high")
    found: dict[tuple[str, str, str], tuple[float, float, float]] = {}
    for window, part, basis, measure, mean, low, high in zip(*(list(summary[n]) for n in names), strict=True):
        if part == segment:
            found[str(window), str(basis), str(measure)] = (float(mean), float(low), float(high))
    rows = []
    for window in windows or list(dict.fromkeys(window for window, _, _ in found)):
        values = _figures(published.get(window), interpretations)
        excluded = ruled_out(values)
        for figure, measures in interpretations.items():
            for measure in measures:
                for basis in bases or list(dict.fromkeys(basis for _, basis, _ in found)):
                    if (window, basis, measure) in found:
                        mean, low, high = found[window, basis, measure]
                        rows.append(
                            {
                                "window": window, "figure": figure, "measure": measure, "basis": basis,
                                "published": values.get(figure), "mean": mean, "low": low, "high": high,
                                "impossible": measure in excluded,
                            }
                        )  # fmt: skip
    return rows


def _figures(published: Any, names: Mapping[str, Any]) -> dict[str, float]:
    """The figures that were published for one window."""
    values = {
        n: published.get(n) if isinstance(published, Mapping) else getattr(published, n, None) for n in names
    }
    return {name: float(value) for name, value in values.items() if value is not None}


def comparison_columns(rows: Sequence[Row], shown: Sequence[Row], lang: str) -> dict[str, list[Any]]:
    """The rows as columns for a file, with the names that people use and how far print and model are apart.

    ``shown``: those of the interpretation under which results are compared (``sim.reporting.fit``), with their roles.
    """
    roles = {tuple(row[key] for key in ("window", "measure", "basis")): row["role"] for row in shown}
    keys = ("window", "figure", "measure", "basis", "published", "mean", "low", "high")
    columns: dict[str, list[Any]] = {key: [row[key] for row in rows] for key in keys}
    return {
        **columns,
        "inside": [("" if row["published"] is None else int(is_inside(row))) for row in rows],
        "impossible": [int(row["impossible"]) for row in rows],
        "role": [roles.get((row["window"], row["measure"], row["basis"]), "") for row in rows],
        "name": [name_of(row["measure"], lang) for row in rows],
        "verdict": [distance(row, lang) for row in rows],
    }


def is_inside(row: Mapping[str, Any]) -> bool:
    """Whether the published value lies in the interval of this interpretation."""
    if row["published"] is None:
        return False
    x, low, high = (float(row[name]) for name in ("published", "low", "high"))
    return low <= x <= high or bool(negligible([x - low, x - high], x).any())


def distance(row: Mapping[str, Any], lang: str) -> str:
    """In words, how far the model's mean is from print: within, 35 % higher, 7.6 points lower, 2.6 times."""
    published, mean = row["published"], float(row["mean"])
    if published is None or not math.isfinite(mean):
        return ""
    if is_inside(row):
        return t("distance.inside", lang)
    if row["figure"] in formats.SHARES:
        points = 100.0 * (mean - published)
        key = "distance.points_high" if points > 0 else "distance.points_low"
        return t(key, lang, n=f"{abs(points):,.{0 if abs(points) >= 100 else 1}f}")
    if published <= 0.0:
        return ""
    ratio = mean / published
    if not 0.5 < ratio < 2.0:
        return t("distance.times", lang, n=formats.figures(ratio, 2) if ratio > 1.0 else f"{ratio:.2g}")
    key = "distance.high" if mean > published else "distance.low"
    return t(key, lang, n=f"{100.0 * abs(ratio - 1.0):.0f}")


def ruled_out(published: Figures) -> dict[str, tuple[str, dict[str, float]]]:
    """Interpretations that cannot be meant, by arithmetic on the published figures of one window alone.

    measure -> (key of the sentence that says why, the numbers in it by published figure).
    """
    sold, lots, people = (published.get(key, math.nan) for key in ("sold", "lots", "participants"))
    rate, turnover, saved = (published.get(key, math.nan) for key in ("sale_rate", "turnover", "commission"))
    found: dict[str, tuple[str, dict[str, float]]] = {}
    if people < sold:
        found["participants"] = ("impossible.participants", {"participants": people, "sold": sold})
    if lots > 0.0 and abs(sold / lots - rate) > ROUNDING:
        numbers = {"sale_rate": rate, "sold": sold, "lots": lots}
        found["sale_rate_listed"] = ("impossible.listed", numbers)
    if abs(0.05 * turnover - saved) > FLAT_SLACK * saved:
        found["commission_saved_flat"] = ("impossible.flat", {"commission": saved, "turnover": turnover})
    return found


def impossible(rows: Sequence[Mapping[str, Any]], lang: str) -> list[str]:
    """A sentence for each interpretation that the published figures rule out: in which windows, with the last one's numbers."""
    published: dict[str, dict[str, float]] = {}
    for row in rows:
        if row["published"] is not None:
            published.setdefault(str(row["window"]), {})[str(row["figure"])] = float(row["published"])
    cases: dict[str, dict[str, dict[str, float]]] = {}
    for window, figures in published.items():
        for key, numbers in ruled_out(figures).values():
            cases.setdefault(key, {})[window] = numbers
    return [_sentence(key, windows, lang) for key, windows in cases.items()]


def _sentence(key: str, windows: dict[str, dict[str, float]], lang: str) -> str:
    """Why an interpretation is ruled out, with the numbers of the last window in which it is."""
    numbers = list(windows.values())[-1]
    values = {name: formats.value(name, x, lang, digits=2) for name, x in numbers.items()}
    if key == "impossible.listed":
        values["share"] = formats.percent(numbers["sold"] / numbers["lots"], 2)
    if key == "impossible.flat":
        values["flat"] = formats.money(0.05 * numbers["turnover"], lang)
    return t(key, lang, windows=listed(windows, lang), **values)
