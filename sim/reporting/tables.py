"""The comparison in the terminal: published beside simulated, first in short, then under every interpretation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.locale.signs import ended
from sim.reporting import formats
from sim.reporting.compare import distance, impossible, is_inside
from sim.reporting.fit import DEPARTS, MUST, Fit, verdict_code
from sim.reporting.text import headline, known, name_of, t

if TYPE_CHECKING:
    from rich.table import Table

Rows = Sequence[Mapping[str, Any]]


def verdict(row: Mapping[str, Any], lang: str) -> str:
    """How a figure under the interpretation compares, in words."""
    code = verdict_code(row)
    return t(f"distance.{code}", lang) if code in ("input", "unmet", "wide") else distance(row, lang)


def headline_table(rows: Rows, replications: int, lang: str) -> Table:
    """The rows of a ``Fit``, one block a window: published, simulated, and how far apart, in words.

    Made to fit 80 columns; in English long names fold there.
    """
    from rich.markup import escape
    from rich.padding import Padding

    table = _table(t("compare.headline", lang, n=replications))
    table.add_column(headline(t("figure", lang)))  # the one that folds in a narrow terminal
    table.add_column(headline(t("published", lang)), justify="right", no_wrap=True)
    table.add_column(headline(t("simulated", lang)), justify="right", no_wrap=True)
    table.add_column(headline(t("distance", lang)), no_wrap=True)
    if not rows:
        table.add_row(t("no_data", lang))
    for i, row in enumerate(rows):
        if i == 0 or rows[i - 1]["window"] != row["window"]:
            table.add_row(f"[bold]{escape(str(row['window']))}[/bold]")
        inside = is_inside(row) and row["role"] == MUST
        text = formats.interval(row["figure"], row["mean"], row["low"], row["high"], lang)
        words = escape(verdict(row, lang))
        table.add_row(
            Padding(escape(headline(name_of(row["measure"], lang))), (0, 0, 0, 2)),
            _text(row["figure"], row["published"], lang),
            escape(text if row["low"] < row["high"] else text.partition(" [")[0]),
            f"[green]{words}[/green]" if inside else words,
            end_section=i + 1 == len(rows) or rows[i + 1]["window"] != row["window"],
        )
    return table


def headline_notes(shown: Fit, rows: Rows, replications: int, lang: str) -> list[str]:
    """Plain words under the headline table; ``rows`` are all interpretations."""
    lines = [t("legend.range" if replications > 1 else "legend.one", lang)]
    if shown.of(MUST) or shown.of(DEPARTS):
        lines += [ended(shown.count(lang), lang), *shown.notes(lang)]
    return [*lines, *_impossible(rows, lang), t("legend.full", lang)]


def comparison_table(rows: Rows, lang: str) -> Table:
    """All interpretations: a line for each figure with what was published, under it a line for each interpretation and basis."""
    from rich.markup import escape

    windows = list(dict.fromkeys(str(row["window"]) for row in rows))
    table = _table(t("compare.table", lang))
    table.add_column(headline(t("interpretation", lang)), no_wrap=True)
    table.add_column(headline(t("basis", lang)), style="dim", no_wrap=True)
    for window in windows:
        table.add_column(f"{escape(window)}\n{headline(t('simulated', lang))}", justify="right")
    if not rows:
        table.add_row(t("no_data", lang))
    for figure in dict.fromkeys(str(row["figure"]) for row in rows):
        mine = [row for row in rows if row["figure"] == figure]
        published = {str(r["window"]): r["published"] for r in mine}
        name = headline(known(f"figure.{figure}", lang, figure))
        table.add_row(
            f"[bold]{escape(name)}[/bold]",
            t("published", lang),
            *(f"[bold]{_text(figure, published.get(window), lang)} [/bold]" for window in windows),
        )
        lines = list(dict.fromkeys((str(r["measure"]), str(r["basis"])) for r in mine))
        for i, (measure, basis) in enumerate(lines):
            here = {str(r["window"]): r for r in mine if (r["measure"], r["basis"]) == (measure, basis)}
            first = i == 0 or lines[i - 1][0] != measure
            table.add_row(
                f"  {escape(short_name(measure, figure, lang))}" if first else "",
                escape(known(f"basis.{basis}", lang, basis)),
                *(_cell(figure, here.get(window), lang) for window in windows),
                end_section=i == len(lines) - 1,
            )
    return table


def comparison_notes(rows: Rows, lang: str) -> list[str]:
    """Plain words under the table of all interpretations: what the interpretations are."""
    measures = {str(row["measure"]) for row in rows}
    lines = [t("legend.inside", lang)]
    if any(row["impossible"] for row in rows):
        lines.append(t("legend.impossible", lang))
    lines.append(t("legend.interpretations", lang))
    kinds = ("final", "ended", "listed", "round")
    lines += [f"  {t(f'legend.{key}', lang)}" for key in kinds if f"sale_rate_{key}" in measures]
    bases = ("event", "cohort")
    return lines + [f"  {t(f'basis.{b}.long', lang)}" for b in bases if any(r["basis"] == b for r in rows)]


def short_name(measure: str, figure: str, lang: str) -> str:
    """An interpretation's name without the figure's: "sale rate, of rounds" -> "of rounds"."""
    words = name_of(measure, lang)
    if words == known(f"figure.{figure}", lang, figure):
        return ""
    before, after = t("apart", lang, name="\0").split("\0")
    return words.partition(before)[2].removesuffix(after) or words


def _impossible(rows: Rows, lang: str) -> list[str]:
    found = impossible(rows, lang)
    return [t("impossible.head", lang), *(f"  {line}" for line in found)] if found else []


def _table(title: str) -> Table:
    from rich import box
    from rich.table import Table

    return Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold", padding=(0, 1))


def _text(figure: str, value: float | None, lang: str) -> str:
    return formats.NOTHING if value is None else formats.value(figure, value, lang, digits=2)


def _cell(figure: str, row: Mapping[str, Any] | None, lang: str) -> str:
    from rich.markup import escape

    if row is None:
        return formats.NOTHING
    text = escape(formats.interval(figure, row["mean"], row["low"], row["high"], lang))
    if row["impossible"]:
        return f"[dim]{text}×[/dim]"
    return f"[green]{text}*[/green]" if is_inside(row) else f"{text} "
