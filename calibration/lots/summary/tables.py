"""The summary as tables: rows once, in words for a terminal and a page, in full for CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from calibration.lots.reader.read import FilesRead
from calibration.lots.summary.bidding import bidding_rows, tempo_rows
from calibration.lots.summary.lots import CAUSES, MOST_ROUNDS, Course, course, end_rows, held_rows
from calibration.lots.summary.rounds import default_rows, round_rows, start_rows
from calibration.lots.summary.totals import COUNTS, total_rows
from calibration.lots.words import w
from calibration.targets.interpretations import name_of_measure
from sim.reporting import formats
from sim.reporting.pages.table import Column, Table
from sim.reporting.text import t

if TYPE_CHECKING:
    from rich.table import Table as RichTable

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that rows say; a table that has no rows is empty."""

    ends: list[dict[str, Any]]
    held: list[dict[str, Any]]
    rounds: list[dict[str, Any]]
    starts: list[dict[str, Any]]
    defaults: list[dict[str, Any]]
    course: Course | None
    bidding: list[dict[str, Any]]
    tempo: list[dict[str, Any]]
    totals: list[dict[str, Any]]


def summary(read: FilesRead) -> Summary:
    """All of it."""
    of = read.histories
    bidding = [] if read.bids is None else bidding_rows(read.bids)
    tempo = [] if read.bids is None else tempo_rows(read.bids)
    if of is None:
        return Summary([], [], [], [], [], None, bidding, tempo, [])
    totals = [] if np.isnat(of.closes) or read.selection == "sold only" else total_rows(of)
    return Summary(
        end_rows(of),
        held_rows(of),
        round_rows(of),
        start_rows(of),
        default_rows(of),
        course(of, read.selection),
        bidding,
        tempo,
        totals,
    )


def tables(of: Summary, lang: str) -> list[Table]:
    """The tables that have rows, in the order of a page."""
    makers: tuple[Callable[[Summary, str], Table], ...] = (
        ends_table, held_table, course_table, rounds_table, prices_table, starts_table, bidders_table, defaults_table,
        bidding_table, tempo_table, totals_table,
    )  # fmt: skip
    return [table for make in makers if (table := make(of, lang)).rows]


def ends_table(of: Summary, lang: str) -> Table:
    columns = [_words("end", "end", lang), _count("lots", "n", lang), _interval("share", "", lang)]
    return _table("lots-ends", columns, of.ends, lang)


def held_table(of: Summary, lang: str) -> Table:
    columns = [
        Column(w("head.rounds_held", lang), _rounds_held),
        _count("lots", "n", lang),
        _interval("share", "", lang),
    ]
    return _table("lots-rounds-held", columns, of.held, lang)


def rounds_table(of: Summary, lang: str) -> Table:
    columns = [
        _words("round", "round", lang), _count("held", "held", lang), _count("sold", "sold", lang),
        _interval("hazard", "hazard", lang), _interval("default", "default", lang), _count("withdrawn", "withdrawn", lang),
        _count("suspended", "suspended", lang), _count("postponed", "postponed", lang), _count("open", "open", lang),
        _quantiles("days_since_failure", "days_since_failure", lang, _plain),
    ]  # fmt: skip
    return _table("lots-rounds", columns, of.rounds, lang)


def prices_table(of: Summary, lang: str) -> Table:
    columns = [
        _words("round", "round", lang),
        *(_quantiles(name, name, lang, formats.percent) for name in ("start_to_reference", "price_to_reference")),
        _number("premium_mean", "price_to_start_mean", lang, 1, lambda x: x - 1), _interval("at_start", "at_start", lang),
    ]  # fmt: skip
    priced = [row for row in of.rounds if row["price_to_start_n"] or row["price_to_reference_n"]]
    return _table("lots-prices", columns, priced, lang)


def starts_table(of: Summary, lang: str) -> Table:
    columns = [
        _words("rounds", "rounds", lang), Column(w("head.start", lang), _range), _count("held", "held", lang),
        _count("sold", "sold", lang), _interval("hazard", "", lang),
    ]  # fmt: skip
    return _table("lots-starts", columns, of.starts, lang)


def bidders_table(of: Summary, lang: str) -> Table:
    columns = [
        _words("round", "round", lang),
        *(_number(f"{name}_mean", f"{name}_mean", lang, 1) for name in ("bidders", "bids")),
        *(_quantiles(name, name, lang, _plain) for name in ("bidders", "bids")),
    ]
    known = [row for row in of.rounds if row["bidders_n"] or row["bids_n"]]
    return _table("lots-bidders", columns, known, lang)


def defaults_table(of: Summary, lang: str) -> Table:
    columns = [
        _words("after_default", "after_default", lang), _count("n", "n", lang), _count("of", "of", lang), _interval("share", "", lang),
    ]  # fmt: skip
    return _table("lots-after-default", columns, of.defaults, lang)


def course_table(of: Summary, lang: str) -> Table:
    rows = of.course.rows if of.course else []
    causes = [one.name.lower() for one in CAUSES if any(row[f"{one.name.lower()}_share"] for row in rows)]
    columns = [Column(w("head.days", lang), lambda row: f"{row['days']}"), _count("at_risk", "at_risk", lang)]
    columns += [
        Column(w(f"end.{one}", lang), _interval_of(f"{one}_share", one), numeric=True) for one in causes
    ]
    columns.append(
        Column(w("head.kaplan_meier", lang), _interval_of("kaplan_meier", "kaplan_meier"), numeric=True)
    )
    return _table("lots-course", columns, rows, lang)


def bidding_table(of: Summary, lang: str) -> Table:
    columns = [
        _words("bidding", "measure", lang), _count("n", "n", lang),
        Column(w("head.share", lang), lambda row: _or_none(row["share"], formats.percent), numeric=True),
        _number("mean", "mean", lang, 1), _quantiles("quantiles", "", lang, _plain),
    ]  # fmt: skip
    return _table("lots-bidding", columns, of.bidding, lang)


def tempo_table(of: Summary, lang: str) -> Table:
    columns = [
        _words("tempo", "tempo", lang),
        _count("n", "n", lang),
        Column(w("head.estimate", lang), _estimate, numeric=True),
    ]
    return _table("lots-tempo", columns, of.tempo, lang)


def _estimate(row: Row) -> str:
    """A number of some size with its interval."""
    return "{:.3g} [{:.3g}, {:.3g}]".format(*(row[name] for name in ("value", "low", "high")))


def totals_table(of: Summary, lang: str) -> Table:
    def shown(basis: str) -> Column:
        return Column(t(f"basis.{basis}", lang), lambda row: _figure(row, basis, lang), numeric=True)

    columns = [
        Column(w("head.window", lang), lambda row: row["window"]),
        Column(w("head.interpretation", lang), lambda row: name_of_measure(row["measure"], lang)), shown("event"), shown("cohort"),
    ]  # fmt: skip
    return replace(_table("lots-totals", columns, of.totals, lang), folded=True)


def _figure(row: Row, basis: str, lang: str) -> str:
    figure = row["figure"]
    return _or_none(row[basis], lambda x: formats.value("lots" if figure in COUNTS else figure, x, lang, 2))


def terminal(table: Table) -> RichTable:
    """A table of a page for a terminal."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table as RichTable

    found = RichTable(title=escape(table.caption), box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for column in table.columns:
        found.add_column(escape(column.head), justify="right" if column.numeric else "left")
    for row in table.rows:
        found.add_row(*(escape(column.show(row)) for column in table.columns))
    return found


def _table(name: str, columns: list[Column], rows: list[dict[str, Any]], lang: str) -> Table:
    return Table(
        name=name,
        caption=w(f"table.{name}", lang),
        columns=columns,
        rows=rows,
        fields=tuple(rows[0]) if rows else (),
    )


def _words(head: str, key: str, lang: str) -> Column:
    """A column of names."""
    return Column(w(f"head.{head}", lang), lambda row: w(f"{head}.{row[key]}", lang))


def _count(head: str, key: str, lang: str) -> Column:
    return Column(w(f"head.{head}", lang), lambda row: formats.count(row[key]), numeric=True)


def _number(
    head: str, key: str, lang: str, digits: int, change: Callable[[float], float] | None = None
) -> Column:
    """A column of numbers; with ``change``, of shares."""
    if change is not None:
        return Column(
            w(f"head.{head}", lang),
            lambda row: _or_none(row[key], lambda x: formats.percent(change(x))),
            numeric=True,
        )
    return Column(
        w(f"head.{head}", lang), lambda row: _or_none(row[key], lambda x: f"{x:,.{digits}f}"), numeric=True
    )


def _interval(head: str, key: str, lang: str) -> Column:
    """A share with its interval; ``key`` is what its columns begin with."""
    return Column(w(f"head.{head}", lang), _interval_of(key or "share", key), numeric=True)


def _interval_of(key: str, prefix: str) -> Callable[[Row], str]:
    low, high = (f"{prefix}_{end}" if prefix else end for end in ("low", "high"))

    def shown(row: Row) -> str:
        if not np.isfinite(row[key]):
            return formats.NOTHING
        if row[low] == row[high]:
            return formats.percent(row[key])
        return f"{formats.percent(row[key])} [{formats.percent(row[low])}, {formats.percent(row[high])}]"

    return shown


def _quantiles(head: str, key: str, lang: str, write: Callable[[float], str]) -> Column:
    """Median and the tenths at both ends."""
    names = [f"{key}_{name}" if key else name for name in ("median", "q10", "q90")]

    def shown(row: Row) -> str:
        median, low, high = (row[name] for name in names)
        return (
            formats.NOTHING if not np.isfinite(median) else f"{write(median)} [{write(low)}, {write(high)}]"
        )

    return Column(w(f"head.{head}", lang), shown, numeric=True)


def _rounds_held(row: Row) -> str:
    return f"{row['rounds']}" + ("+" if row["rounds"] == MOST_ROUNDS else "")


def _range(row: Row) -> str:
    low, high = formats.percent(row["from"], 0), row["to"]
    return f"{low}–{formats.percent(high, 0)}" if np.isfinite(high) else f"≥ {low}"


def _plain(x: float) -> str:
    return f"{x:,.0f}" if abs(x) >= 10 or x == round(x) else f"{x:.1f}"


def _or_none(x: float, write: Callable[[float], str]) -> str:
    return write(x) if np.isfinite(x) else formats.NOTHING
