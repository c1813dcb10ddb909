"""The tables on the page of a run, all read from its measures.csv."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from sim.experiments.storage.codebook import DATE, codebook
from sim.locale.signs import clauses
from sim.measures import definitions
from sim.measures.definitions import UNITS_ZH, Definition
from sim.reporting import formats
from sim.reporting.pages.run_folder import NUMBERS, RunFolder
from sim.reporting.pages.table import Column, Row, Table
from sim.reporting.pages.words import w
from sim.reporting.text import headline, known
from sim.reporting.units import head_with_unit
from sim.reporting.values import value, with_range
from sim.scenario.schema import WHOLE
from sim.scenario.units import CHINESE

ENDS = ("mean", "low", "high")
GLANCE = (
    "lots_listed", "lots_sold", "sale_rate_final", "sale_rate_ended", "premium_median", "days_to_sale_median",
    "recovery", "recovery_all", "turnover", "lots_open", "backlog_preparing",
)  # fmt: skip
OUTCOMES = ("lots_listed", "lots_sold", "lots_in_kind", "lots_returned", "lots_withdrawn", "lots_open")
BY_KIND = ("backlog_preparing", "lots_open", "days_to_list_mean", "sale_rate_final", "days_to_sale_median")


def named(definition: Definition, lang: str) -> str:
    """What people call the measure."""
    return definition.zh if lang == "zh" else headline(definition.en)


def window_name(name: str, lang: str) -> str:
    return w("whole", lang) if name == WHOLE else name


def _interval(kind: str, name: str, lang: str) -> Callable[[Row], str]:
    """Shows a column whose mean and ends stand in the row as ``name mean``, ``name low``, ``name high``."""
    return lambda row: with_range(kind, {end: row[f"{name} {end}"] for end in ENDS}, lang)


def glance_table(folder: RunFolder, lang: str) -> Table:
    """The headline measures, a column a window."""
    found = definitions(folder.rounds)

    def show(name: str) -> Callable[[Row], str]:
        return lambda row: _interval(found[row["measure"]].kind, name, lang)(row)

    rows: list[Row] = [
        {"measure": m}
        | {f"{name} {end}": folder.row(m, name)[end] for name in folder.windows for end in ENDS}
        for m in GLANCE
    ]
    columns = [Column(headline(w("measure", lang)), lambda r: head_with_unit(found[r["measure"]], lang))]
    columns += [Column(window_name(name, lang), show(name), True) for name in folder.windows]
    return Table(
        "glance",
        w("glance.caption", lang, basis=known(f"basis.{folder.basis}.long", lang, folder.basis)),
        columns,
        rows,
        tuple(rows[0]),
    )


def outcome_table(folder: RunFolder, lang: str) -> Table:
    """What had become, by each window's end, of the lots listed in it."""
    found = definitions(folder.rounds)
    rows: list[Row] = [
        {"window": window} | {name: folder.row(name, window, basis="cohort")["mean"] for name in OUTCOMES}
        for window in folder.windows
    ]

    def show(name: str) -> Callable[[Row], str]:
        return lambda row: _of_listed(row, name)

    columns = [Column(headline(w("window", lang)), lambda r: window_name(r["window"], lang))]
    columns += [Column(head_with_unit(found[name], lang), show(name), True) for name in OUTCOMES]
    return Table(
        "outcomes",
        f"{w('outcomes', lang)} · {w('outcomes.caption', lang)}",
        columns,
        rows,
        ("window", *OUTCOMES),
    )


def _of_listed(row: Row, name: str) -> str:
    text = formats.count(round(row[name])) if math.isfinite(row[name]) else formats.NOTHING
    if name == "lots_listed" or not row["lots_listed"]:
        return text
    return f"{text} ({formats.percent(row[name] / row['lots_listed'])})"


def kind_names(folder: RunFolder, lang: str) -> dict[str, str]:
    """What people call each kind of lot."""
    kinds = folder.scenario.offered.items()
    return {name: one.name_zh if lang == "zh" else headline(name.replace("_", " ")) for name, one in kinds}


def kind_table(folder: RunFolder, lang: str) -> Table:
    """Backlog and what it goes with, a row a kind of lot, at the end of the horizon."""
    found = definitions(folder.rounds)
    names = kind_names(folder, lang)
    names |= {key: headline(w(word, lang)) for key, word in SEGMENTS}
    rows: list[Row] = [
        {"segment": segment}
        | {f"{m} {end}": folder.row(m, WHOLE, segment)[end] for m in BY_KIND for end in ENDS}
        for segment in names
    ]
    columns = [Column(headline(w("kind", lang)), lambda r: names[r["segment"]])]
    columns += [
        Column(head_with_unit(found[m], lang), _interval(found[m].kind, m, lang), True) for m in BY_KIND
    ]
    return Table("by-kind", w("backlog.kind.caption", lang), columns, rows, tuple(rows[0]))


SEGMENTS = (("movable", "movable"), ("immovable", "immovable"), ("all", "all.kinds"))


def record_tables(folder: RunFolder, lang: str) -> list[Table]:
    """For each file of records that the folder has: its columns, their units, what they mean, what codes stand for."""
    columns = [
        Column(w("records.column", lang), lambda r: r["column"]),
        Column(w("records.meaning", lang), lambda r: r[lang]),
        Column(w("records.unit", lang), lambda r: _record_unit(r["unit"], lang)),
        Column(w("records.codes", lang), lambda r: clauses((f"{code} {one[lang]}" for code, one in r["codes"].items()), lang)),
    ]  # fmt: skip
    tables = []
    for name, book in codebook(folder.scenario).items():
        if f"{name}.parquet" in folder.manifest["files"]:
            rows = [{"column": column, "codes": {}, **about} for column, about in book["columns"].items()]
            for row in rows:
                row["codes_text"] = "; ".join(f"{code} = {one['name']}" for code, one in row["codes"].items())
            caption = w("records.file", lang, name=f"{name}.parquet")
            tables.append(Table(f"codes-{name}", caption, columns, rows, ("column", "unit", "en", "zh", "codes_text"), folded=True))  # fmt: skip
    return tables


def _record_unit(unit: str, lang: str) -> str:
    """The unit of a column; a point in time is counted in days."""
    if unit == DATE:
        return w("records.date", lang)
    return {**CHINESE, **UNITS_ZH}.get(unit, unit) if lang == "zh" else unit


def measures_table(folder: RunFolder, lang: str) -> Table:
    """Every measure of all lots together, with both intervals."""
    found = definitions(folder.rounds)
    rows: Sequence[dict[str, Any]] = [
        r for r in folder.rows if r["segment"] == "all" and r["measure"] in found
    ]

    def ends(low: str, high: str) -> Callable[[Row], str]:
        return lambda row: _ends(found[row["measure"]], row[low], row[high], lang)

    columns = [
        Column(headline(w("window", lang)), lambda r: window_name(r["window"], lang)),
        Column(headline(w("measure", lang)), lambda r: head_with_unit(found[r["measure"]], lang)),
        Column(headline(w("basis", lang)), lambda r: known("basis." + r["basis"], lang, r["basis"])),
        Column(headline(w("mean", lang)), lambda r: value(found[r["measure"]].kind, r["mean"], lang), True),
        Column(headline(w("mean.ci", lang)), ends("ci_low", "ci_high"), True),
        Column(headline(w("range", lang)), ends("low", "high"), True),
        Column(headline(w("defined", lang)), lambda r: str(r["replications"]), True),
    ]
    fields = ("window", "segment", "basis", "measure", *NUMBERS, "replications")
    return Table("measures-all", w("measures", lang), columns, rows, fields, folded=True)


def _ends(definition: Definition, low: float, high: float, lang: str) -> str:
    """An interval, cut off where the measure ends; the CSV has Student's interval as it is."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return formats.NOTHING
    least, most = definition.bounds
    ends = (value(definition.kind, min(max(x, least), most), lang) for x in (low, high))
    return " – ".join(ends)
