"""Sweeps, sensitivity and searches as cells of text, which commands print and notebooks show."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sim.experiments.optimise.decision_variables import Lawful
from sim.experiments.optimise.front_table import against_base, name_of_point
from sim.experiments.optimise.search import Outcome, Search
from sim.experiments.optimise.search_folder import short
from sim.experiments.sensitivity import Index
from sim.experiments.sweep.results import Runs, moments
from sim.locale.signs import listed
from sim.reporting.differences import change, level
from sim.reporting.indices import share, shifted, spread, total
from sim.reporting.sweep_pictures import labels_of, observed
from sim.reporting.text import headline, name_of
from sim.reporting.text_explore import e
from sim.reporting.units import head_with_unit
from sim.reporting.values import short_name
from sim.scenario.keys import read_key
from sim.scenario.schema import WHOLE

SMALL = 0.05  # of the largest effect
Labels = Mapping[str, tuple[str, str]]  # what people call each parameter, in English and in Chinese


class Cells(NamedTuple):
    heads: list[str]
    rows: list[list[str]]


def parameter_name(path: str, labels: Labels, lang: str) -> str:
    """What people call a parameter, with its key."""
    name = labels[path][lang == "zh"]
    return f"{name} ({path})" if name else path


def sweep_cells(runs: Runs, lang: str, most: int) -> Cells:
    """The first points, at most so many: values of the parameters, then means of the headline measures over the whole period."""
    values, labels, seen = (
        runs.design.values(0, min(runs.points, most)),
        labels_of(runs),
        observed(runs, WHOLE),
    )
    heads = [parameter_name(path, labels, lang) for path in values]
    points = zip(*values.values(), strict=True)
    rows = [
        [*map(short, point), *(level(one.measure, float(one.mean[i]), lang) for one in seen)]
        for i, point in enumerate(points)
    ]
    return Cells([*heads, *(head_with_unit(one.measure, lang, own=True) for one in seen)], rows)


def sensitivity_sentence(measure: str, rows: Sequence[Index], labels: Labels, lang: str) -> str:
    """The parameter that moves the measure most, and how many others are not small beside it."""
    name = headline(name_of(measure, lang))
    if rows[0].total <= 0.0:
        return e("sensitivity.none", lang, measure=name)
    most = parameter_name(rows[0].parameter, labels, lang)
    n = sum(row.total >= SMALL * rows[0].total for row in rows)
    return e("sensitivity.most", lang, measure=name, parameter=most, n=n, all=len(rows))


def sensitivity_cells(measure: str, rows: Sequence[Index], labels: Labels, method: str, lang: str) -> Cells:
    """How much each parameter moves a measure, the largest first."""
    names = ("total", "first") if method == "sobol" else ("size", "signed", "spread")
    heads = [headline(e(f"sensitivity.{name}", lang)) for name in ("parameter", *names)]
    found = []
    for row in rows:
        cells = [parameter_name(row.parameter, labels, lang), " ".join(total(measure, row, method, lang))]
        if method == "sobol":
            cells.append(" ".join(share(row.first, row.first_low, row.first_high)))
        else:
            cells += [
                shifted(measure, row.first, math.nan, math.nan, lang)[0],
                spread(measure, row, lang),
            ]
        found.append(cells)
    return Cells(heads, found)


def point_name(i: int, lang: str) -> str:
    """What a settled point is called: the base, or its number."""
    return e("optimise.base", lang) if i == 0 else name_of_point(i)


def front_cells(search: Search, outcome: Outcome, law: Lawful, lang: str) -> Cells:
    """The base, then the front, by the first goal: decision variables, measures with their differences from the base, share."""
    heads = [
        "",
        *(headline(short_name(read_key(axis.path), lang, law.kinds)) for axis in search.axes),
        *(head_with_unit(measure, lang, own=True) for measure in search.measures),
        headline(e("optimise.share", lang)),
    ]
    mean = moments(outcome.values)[0]
    order = sorted((i for i in outcome.on_front if i), key=lambda i: -search.goals[0].sign * mean[i, 0])
    rows = []
    for i in [0, *order]:
        cells = [
            point_name(i, lang) + law.mark(outcome.points[i]),
            *map(short, outcome.points[i]),
        ]
        for m, (measure, row) in enumerate(against_base(search, outcome, i).items()):
            cell = level(measure, float(mean[i, m]), lang)
            if i:
                cell += "\n" + " ".join(
                    change(measure, row["difference"], row["ci_low"], row["ci_high"], lang)
                )
            cells.append(cell)
        cells.append(f"{100 * outcome.share[i]:.0f}%" if i or 0 in outcome.on_front else "")
        rows.append(cells)
    return Cells(heads, rows)


def front_sentences(search: Search, outcome: Outcome, lang: str) -> list[str]:
    """How many policies are on the front, which of them do not differ significantly, and what the columns mean."""
    names = [f"{point_name(a, lang)} = {point_name(b, lang)}" for a, b in outcome.alike]
    key = "optimise.alike" if names else "optimise.all_apart"
    return [
        e(
            "optimise.answer",
            lang,
            n=len(outcome.on_front),
            tried=len(outcome.tried),
            runs=f"{outcome.runs:,}",
        ),
        e(key, lang, pairs=listed(names, lang)),
        e("optimise.note", lang, n=search.final),
    ]
