"""The page of a search for policies: the front as a picture and a table, two policies side by side, what the law forbids."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from sim.experiments.storage.spreadsheet import ENCODING
from sim.locale.signs import headed
from sim.reporting import formats
from sim.reporting.differences import basis_note, change, level, verdict, window_name
from sim.reporting.figures.intervals import BROAD, Mark, Panel, axis_over, panel
from sim.reporting.figures.pareto import pareto_keys, pareto_panels
from sim.reporting.indices import shifted
from sim.reporting.law import breach_short
from sim.reporting.pages.manifest import manifest_rows
from sim.reporting.pages.pareto_folder import ParetoFolder
from sim.reporting.pages.shell import Block, Figure, Html, Notes, Page, Section, environment
from sim.reporting.pages.table import Column, Table, csv_text
from sim.reporting.pages.words import w
from sim.reporting.style import BLUE, GREY
from sim.reporting.svg import fragment, swatch
from sim.reporting.sweep_pictures import searched
from sim.reporting.sweep_rows import front_sentences, point_name
from sim.reporting.text import headline, name_of
from sim.reporting.text_explore import e
from sim.reporting.units import with_unit
from sim.scenario.schema import WHOLE

Row = Mapping[str, Any]


def pareto_page(folder: ParetoFolder, lang: str) -> Page:
    """Lay out the page of a folder that has been read."""
    columns = folder.rows
    table = csv_text(list(columns), zip(*columns.values(), strict=True))
    sections = [
        Section("front", w("front", lang), w("front.title", lang), _front(folder, lang)),
        Section("pairs", w("pairs", lang), w("pairs.title", lang), [_pairs(folder, lang)], w("pairs.lead", lang)),
        *_law(folder, lang),
        Section("settled", w("settled", lang), w("settled.title", lang, n=len(folder.outcome.points)), [_policies(folder, range(len(folder.outcome.points)), "settled", lang)]),
    ]  # fmt: skip
    scenario = folder.scenario
    answer, *_ = front_sentences(folder.search, folder.outcome, lang)
    return Page(
        lang=lang,
        kind=w("front.kind", lang),
        name=scenario.title_zh if lang == "zh" else scenario.title,
        headline=answer,
        lead=_lead(folder, lang),
        sections=sections,
        manifest=manifest_rows(folder.manifest, lang),
        scripts=("pairs.js",),
        data={"every-pair": json.dumps(_every_pair(folder, lang), ensure_ascii=False, separators=(",", ":"))},
        appendix=[(w("scenario.text", lang), str(folder.manifest.get("scenario", "")))],
        files={"front.csv": table.encode(ENCODING)},
    )


def _lead(folder: ParetoFolder, lang: str) -> list[str]:
    """What was wanted, within what limits, and on which numbers the answer rests."""
    goals = w("front.and", lang).join(
        w("front.most" if goal.sign > 0 else "front.least", lang, measure=name_of(goal.measure, lang)) for goal in folder.search.goals
    )  # fmt: skip
    limits = w("front.and", lang).join(_limit(limit.measure, limit.low, limit.high, lang) for limit in folder.search.limits)  # fmt: skip
    lead = (
        w("front.lead.limits", lang, goals=goals, limits=limits)
        if limits
        else w("front.lead", lang, goals=goals)
    )
    rests = w("front.rests", lang, n=folder.search.final, first=folder.search.replications)
    over = [e("optimise.over", lang, n=folder.search.final, first=folder.search.replications)] if folder.draws else []  # fmt: skip
    where = [] if folder.window == WHOLE else [w("indices.window", lang, window=window_name(folder.window, lang)), basis_note(folder.scenario.basis, lang)]  # fmt: skip
    return [lead, rests, *over, *where]


def _limit(measure: str, low: float, high: float, lang: str) -> str:
    bound, key = (low, "front.at_least") if low > float("-inf") else (high, "front.at_most")
    return w(key, lang, measure=name_of(measure, lang), x=_level(measure, bound, lang))


def _level(measure: str, x: float, lang: str) -> str:
    """A value of a measure with its unit."""
    text = level(measure, x, lang)
    return text if text == formats.NOTHING or "days" in measure else with_unit(text, measure, lang)


def _setting(folder: ParetoFolder, i: int, lang: str) -> str:
    """What a settled point sets, in words."""
    parts = [f"{axis.short(lang)} {axis.text_of(x, lang)}" for axis, x in zip(folder.axes, folder.outcome.points[i], strict=True)]  # fmt: skip
    return w("comma", lang).join(parts)


def _name(folder: ParetoFolder, i: int, lang: str) -> str:
    """What a settled point is called: the base, or its number; and what the law says of it, in a sign (``Lawful.mark``)."""
    return point_name(i, lang) + folder.law.mark(folder.outcome.points[i])


def _order(folder: ParetoFolder) -> list[int]:
    """The base, then the front, the best in the first goal first."""
    goal = folder.search.goals[0]
    value = {i: folder.between(0, i)[0]["policy"] for i in folder.outcome.on_front if i}
    return [0, *sorted(value, key=lambda i: -goal.sign * value[i])]


def _front(folder: ParetoFolder, lang: str) -> list[Block]:
    """The picture, the table under it, and which policies do not differ."""
    _, alike, note = front_sentences(folder.search, folder.outcome, lang)
    notes = [alike, note] if folder.law.known else [alike, note, e("optimise.not_checked", lang)]
    return [_picture(folder, lang), _policies(folder, _order(folder), "front", lang), Notes(notes)]


def _picture(folder: ParetoFolder, lang: str) -> Figure:
    found = searched(folder.search, folder.outcome, folder.unlawful)
    if len(found.goals) == 1:
        return _one_goal(folder, lang)
    pictures = pareto_panels(found, lang)
    keys = [(swatch(key.colour, key.shape), key.words) for key in pareto_keys(found, lang)]
    return Figure(
        w("front.caption", lang),
        panels=[(head, fragment(one)) for head, one in pictures],
        big=True,
        keys=keys,
    )


def _one_goal(folder: ParetoFolder, lang: str) -> Figure:
    """With one goal there is no front to draw: how far each settled point is from the base."""
    measure = folder.search.goals[0].measure
    groups, ends = [], [0.0]
    for i in range(1, len(folder.outcome.points)):
        row = folder.between(0, i)[0]
        colour = BLUE if i in folder.outcome.on_front else GREY
        mark = Mark(row["difference"], row["ci_low"], row["ci_high"], colour)
        ends += [mark.mean, mark.low, mark.high]
        groups.append((f"{_name(folder, i, lang)}  {_difference(measure, row, lang)}", [mark]))
    axis = axis_over(ends, lambda x: level(measure, x, lang))
    title = headline(name_of(measure, lang))
    one = Panel(title, groups, axis, f"{title}: {'; '.join(words for words, _ in groups)}", 0.0, width=BROAD)
    return Figure(w("front.one.caption", lang), panels=[(one.title, fragment(panel(one, lang)))], big=True)


def _difference(measure: str, row: Row, lang: str) -> str:
    """A paired difference with its interval, in the measure's unit."""
    return " ".join(shifted(measure, row["difference"], row["ci_low"], row["ci_high"], lang)).strip()


def _policies(folder: ParetoFolder, shown: Sequence[int], name: str, lang: str) -> Table:
    """Settled points: what each sets, the measures with their differences from the base, how surely it is on the front."""
    all_rows = folder.rows
    rows = [{"i": i} | {head: values[i] for head, values in all_rows.items()} for i in shown]

    def setting(a: int) -> Callable[[Row], str]:
        return lambda row: folder.axes[a].text_of(folder.outcome.points[row["i"]][a], lang)

    def measured(measure: str) -> Callable[[Row], str]:
        def text(row: Row) -> str:
            here = _level(measure, row[measure], lang)
            ends = row[f"{measure}_difference"], row[f"{measure}_difference_ci_low"], row[f"{measure}_difference_ci_high"]  # fmt: skip
            difference = " ".join(change(measure, *ends, lang)).strip()
            return f"{here}\n{difference}" if row["i"] else here

        return text

    columns = [Column(headline(e("policy", lang)), lambda r: _name(folder, r["i"], lang))]
    columns += [
        Column(headline(axis.short(lang)), setting(a), axis.numeric) for a, axis in enumerate(folder.axes)
    ]
    columns += [Column(headline(name_of(m, lang)), measured(m), True) for m in folder.search.measures]
    columns.append(
        Column(headline(e("optimise.share", lang)), lambda r: f"{100 * r['front_share']:.0f}%", True)
    )
    if folder.unlawful or not folder.law.known:
        columns.append(Column(w("front.law", lang), lambda r: w(f"front.{folder.verdict(r['i'])}", lang)))
    return Table(
        f"policies-{name}", w(f"front.table.{name}", lang), columns, rows, tuple(all_rows), folded=name == "settled",
        marked=lambda r: "bad" if r["unlawful"] and folder.unlawful else "",
    )  # fmt: skip


def _law(folder: ParetoFolder, lang: str) -> list[Section]:
    """What the law does not allow, or on a condition only, point by point; nothing where it allows all."""
    if not folder.unlawful:
        return []
    lines = []
    for i in folder.unlawful:
        found = folder.broken[i]
        what = found if isinstance(found, str) else w("semicolon", lang).join(breach_short(one, lang) for one in found)  # fmt: skip
        lines.append(headed(_name(folder, i, lang), what, lang))
    return [Section("law", w("front.law", lang), w("front.law.title", lang), [Notes(lines, kind="warn")])]


def _cells(folder: ParetoFolder, i: int, lang: str) -> list[str]:
    """Values of the variables, then of the measures, as they are read."""
    values = [axis.text_of(x, lang) for axis, x in zip(folder.axes, folder.outcome.points[i], strict=True)]
    rows = folder.between(0, i)
    return values + [
        _level(m, row["policy"], lang) for m, row in zip(folder.search.measures, rows, strict=True)
    ]


def _beside(folder: ParetoFolder, a: int, b: int, lang: str) -> list[tuple[str, str]]:
    """For each variable nothing, for each measure the difference of ``b`` from ``a`` and what it says."""
    blank = [("", "")] * len(folder.axes)
    if a == b:
        return blank + [(formats.NOTHING, "")] * len(folder.search.measures)
    found = []
    for measure, row in zip(folder.search.measures, folder.between(a, b), strict=True):
        found.append((formats.minus(_difference(measure, row, lang)), verdict(row, lang)))
    return blank + found


def _every_pair(folder: ParetoFolder, lang: str) -> dict[str, Any]:
    """What the page's script looks up: every cell of every two settled points."""
    points = range(len(folder.outcome.points))
    return {
        "names": [_name(folder, i, lang) for i in points],
        "cells": [[formats.minus(text) for text in _cells(folder, i, lang)] for i in points],
        "pairs": {f"{a} {b}": _beside(folder, a, b, lang) for a in points for b in points},
    }


def _pairs(folder: ParetoFolder, lang: str) -> Html:
    """Two policies to choose; without a script the base and the first of the front are shown."""
    order = _order(folder)
    a, b = (order[0], order[1]) if len(order) > 1 else (0, 0)
    points = range(len(folder.outcome.points))
    heads = [headline(axis.short(lang)) for axis in folder.axes]
    heads += [headline(name_of(measure, lang)) for measure in folder.search.measures]
    content = environment().get_template("pairs.html.j2").render(
        names=[_name(folder, i, lang) for i in points],
        options=[headed(_name(folder, i, lang), _setting(folder, i, lang), lang) for i in points],
        cells=[_cells(folder, i, lang) for i in points],
        first=_beside(folder, a, b, lang),
        heads=heads,
        a=a,
        b=b,
        w=lambda key: w(key, lang),
    )  # fmt: skip
    return Html(Markup(content))
