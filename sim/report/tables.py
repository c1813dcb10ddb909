"""The comparison in the terminal: printed beside simulated, under every reading the court may have meant."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.report import formats
from sim.report.text import headline, known, t

if TYPE_CHECKING:
    from rich.table import Table

Row = dict[str, Any]
FIGURES = ("cases", "lots", "sold", "participants", "sale_rate", "turnover", "premium", "commission")
ALL = "all"  # the segment of every kind of lot together


def comparison_rows(
    printed: Mapping[str, Any],
    summary: Mapping[str, Any],
    readings: Mapping[str, Sequence[str]] | None = None,
    *,
    bases: Sequence[str] | None = None,
    segment: str = ALL,
) -> list[Row]:
    """One row for each window, printed figure, reading and basis, in that order.

    ``printed``: ``scenario.printed`` (window -> object or dict with the figures). ``summary``: the columns of
    ``sim.measures.summarise``. ``readings``: figure -> measures; the default is ``sim.measures.READINGS``.
    Windows are those of the summary, in its order; what was not printed is None, and a reading that was not
    computed is left out. ``low`` and ``high`` bound 95 % of the replications.
    """
    if readings is None:
        from sim.measures import READINGS

        readings = READINGS
    names = ("window", "segment", "basis", "measure", "mean", "low", "high")
    known_rows: dict[tuple[str, str, str], tuple[float, float, float]] = {}
    for window, part, basis, measure, mean, low, high in zip(*(list(summary[n]) for n in names), strict=True):
        if part == segment:
            known_rows[str(window), str(basis), str(measure)] = (float(mean), float(low), float(high))
    windows = list(dict.fromkeys(window for window, _, _ in known_rows))
    found = bases if bases is not None else list(dict.fromkeys(basis for _, basis, _ in known_rows))
    rows = []
    for window in windows:
        for figure in FIGURES:
            for measure in readings.get(figure, ()):
                for basis in found:
                    if (window, basis, measure) in known_rows:
                        mean, low, high = known_rows[window, basis, measure]
                        rows.append(
                            {
                                "window": window, "figure": figure, "measure": measure, "basis": basis,
                                "printed": _figure(printed.get(window), figure),
                                "mean": mean, "low": low, "high": high,
                            }
                        )  # fmt: skip
    return rows


def _figure(printed: Any, figure: str) -> float | None:
    value = printed.get(figure) if isinstance(printed, Mapping) else getattr(printed, figure, None)
    return None if value is None else float(value)


def is_inside(row: Mapping[str, Any]) -> bool:
    """Whether the printed value lies in the interval of this reading."""
    return row["printed"] is not None and bool(row["low"] <= row["printed"] <= row["high"])


def covered(rows: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Printed figures inside the interval of at least one of their readings, and printed figures in all."""
    printed = {(r["window"], r["figure"]) for r in rows if r["printed"] is not None}
    return len({(r["window"], r["figure"]) for r in rows if is_inside(r)}), len(printed)


def comparison_table(rows: Sequence[Mapping[str, Any]], lang: str) -> Table:
    """A rich table: a line for each figure with what was printed, under it a line for each reading."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    windows = list(dict.fromkeys(str(row["window"]) for row in rows))
    table = Table(
        title=t("compare.table", lang),
        box=box.SIMPLE_HEAD,
        title_justify="left",
        title_style="bold",
        padding=(0, 1),
    )
    table.add_column(headline(t("reading", lang)), no_wrap=True)
    table.add_column(headline(t("basis", lang)), style="dim", no_wrap=True)
    for window in windows:
        table.add_column(f"{escape(window)}\n{t('simulated', lang)}", justify="right")
    if not rows:
        table.add_row(t("no_data", lang))
        return table
    for figure in dict.fromkeys(str(row["figure"]) for row in rows):
        mine = [row for row in rows if row["figure"] == figure]
        told = {str(r["window"]): r["printed"] for r in mine}
        name = headline(known(f"figure.{figure}", lang, figure))
        table.add_row(
            f"[bold]{escape(name)}[/bold]",
            t("printed", lang),
            *(f"[bold]{_told(figure, told.get(window), lang)}[/bold]" for window in windows),
        )
        lines = list(dict.fromkeys((str(r["measure"]), str(r["basis"])) for r in mine))
        for i, (measure, basis) in enumerate(lines):
            here = {str(r["window"]): r for r in mine if (r["measure"], r["basis"]) == (measure, basis)}
            first = i == 0 or lines[i - 1][0] != measure
            table.add_row(
                f"  {escape(_short(measure, figure, lang))}" if first else "",
                escape(known(f"basis.{basis}", lang, basis)),
                *(_cell(figure, here.get(window), lang) for window in windows),
                end_section=i == len(lines) - 1,
            )
    return table


def _told(figure: str, value: float | None, lang: str) -> str:
    return formats.NOTHING if value is None else formats.value(figure, value, lang, digits=2)


def _cell(figure: str, row: Mapping[str, Any] | None, lang: str) -> str:
    from rich.markup import escape

    if row is None:
        return formats.NOTHING
    told = escape(formats.interval(figure, row["mean"], row["low"], row["high"], lang))
    return f"[green]{told}*[/green]" if is_inside(row) else f"{told} "


def _short(measure: str, figure: str, lang: str) -> str:
    """A reading's name without the figure's: "sale rate, of rounds" -> "of rounds"."""
    words = known(measure, lang, measure)
    if words == known(f"figure.{figure}", lang, figure):
        return ""
    if lang == "en":
        return words.split(", ", 1)[-1]
    return words.partition("(")[2].removesuffix(")") or words


def legend(rows: Sequence[Mapping[str, Any]], lang: str) -> list[str]:
    """Plain words under the table: what the readings are, and which ones print itself rules out."""
    measures = {str(row["measure"]) for row in rows}
    lines = [t("legend.inside", lang), t("legend.readings", lang)]
    kinds = ("final", "ended", "listed", "round")
    lines += [f"  {t(f'legend.{key}', lang)}" for key in kinds if f"sale_rate_{key}" in measures]
    lines += [
        f"  {t(f'basis.{b}.long', lang)}" for b in ("event", "cohort") if any(r["basis"] == b for r in rows)
    ]
    ruled_out = impossible(rows, lang)
    return lines + ([t("impossible.head", lang), *(f"  {line}" for line in ruled_out)] if ruled_out else [])


def impossible(rows: Sequence[Mapping[str, Any]], lang: str) -> list[str]:
    """Readings that cannot be meant, shown by arithmetic on printed figures alone (no simulation)."""
    printed: dict[str, dict[str, float]] = {}
    for row in rows:
        if row["printed"] is not None:
            printed.setdefault(str(row["window"]), {})[str(row["figure"])] = float(row["printed"])
    lines = []
    for window, p in printed.items():
        sold, lots, people = (p.get(key, math.nan) for key in ("sold", "lots", "participants"))
        rate, turnover, saved = (p.get(key, math.nan) for key in ("sale_rate", "turnover", "commission"))
        if people < sold:
            words = {"participants": formats.count(people), "sold": formats.count(sold)}
            lines.append(t("impossible.participants", lang, window=window, **words))
        if sold > lots:
            lines.append(
                t("impossible.sold", lang, window=window, sold=formats.count(sold), lots=formats.count(lots))
            )
        if lots > 0 and abs(sold / lots - rate) > 0.005:  # far beyond what rounding can do
            told = {"rate": formats.percent(rate, 2), "share": formats.percent(sold / lots, 2)}
            told |= {"sold": formats.count(sold), "lots": formats.count(lots)}
            lines.append(t("impossible.listed", lang, window=window, **told))
        if abs(0.05 * turnover - saved) > 0.03 * saved:
            cash = {"commission": saved, "turnover": turnover, "flat": 0.05 * turnover}
            lines.append(
                t(
                    "impossible.flat",
                    lang,
                    window=window,
                    **{k: formats.money(v, lang) for k, v in cash.items()},
                )
            )
    return lines
