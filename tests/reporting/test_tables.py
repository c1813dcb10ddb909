"""The tables of the terminal: what stands in them, and that they fit."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console
from rich.table import Table
from test_compare import PUBLISHED, SHANXI, SOME, SUMMARY, published_rows, row

from sim.reporting.compare import comparison_rows
from sim.reporting.fit import fit
from sim.reporting.style import columns
from sim.reporting.tables import (
    comparison_notes,
    comparison_table,
    headline_notes,
    headline_table,
    short_name,
)

ROWS = comparison_rows(PUBLISHED, SUMMARY, SOME)


def shown(table: Table, width: int) -> str:
    console = Console(width=width, record=True, file=None, force_terminal=False)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


WIDEST = [  # figure, published, mean, low, high: as wide as Shanxi's own figures can get
    ("sold", 1243.0, 1303.0, 1236.0, 1351.0),
    ("sale_rate", 0.3751, 0.393, 0.382, 0.41),
    ("turnover", 2.449e9, 2.85e9, 1.97e9, 3.91e9),
    ("premium", 1.8139, 12.34, 1.05, 98.76),
    ("commission", 7.59403e7, 7.934e7, 6.58e7, 9.437e7),
]


@pytest.mark.parametrize(("lang", "width"), [("zh", 80), ("en", 100)])
def test_headline_fits_the_terminal_unfolded(lang: str, width: int) -> None:
    rows = [row(*one, window=w) for w in ("2017", "2018") for one in WIDEST]
    text = shown(headline_table(fit(rows, None).rows, 20, lang), 200)
    assert max(columns(line.rstrip()) for line in text.splitlines()) <= width
    assert shown(headline_table(fit(rows, None).rows, 20, lang), width).count("\n") == text.count("\n")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_headline_loses_nothing_in_eighty_columns(lang: str) -> None:
    text = shown(headline_table(fit([row(*one) for one in WIDEST], None).rows, 20, lang), 80)
    assert "…" not in text
    assert max(columns(line.rstrip()) for line in text.splitlines()) <= 80
    assert "181.39%" in text


def test_headline_tells_print_model_and_distance() -> None:
    text = shown(headline_table(fit(ROWS, None).rows, 20, "en"), 100)
    assert "20 replications" in text
    line = next(line for line in text.splitlines() if "Lots sold" in line)
    assert line.split() == ["Lots", "sold", "304", "310", "[280–340]", "within"]


def test_one_replication_has_no_interval() -> None:
    point = [{**r, "low": r["mean"], "high": r["mean"]} for r in ROWS]
    alone = fit(point, None)
    assert shown(headline_table(alone.rows, 1, "en"), 100).count("[") == 1  # in the head
    assert any("One replication" in line for line in headline_notes(alone, point, 1, "en"))


def test_notes_count_what_lies_within_and_tell_what_print_rules_out() -> None:
    rows = published_rows(SHANXI)
    notes = headline_notes(fit(rows, None), rows, 20, "en")
    assert "0 of 10 figures that the model must produce, within its 95 % band; 2 are inputs." in notes
    assert sum(line.startswith("  ") for line in notes) == 3
    assert headline_notes(fit([], None), [], 20, "zh")


@pytest.mark.parametrize(("lang", "mark"), [("en", "38.1% [35.0–41.0]*"), ("zh", "终结口径")])
def test_full_table_shows_published_beside_simulated(lang: str, mark: str) -> None:
    rows = comparison_rows(PUBLISHED, {**SUMMARY, "mean": [0.381, *SUMMARY["mean"][1:]]}, SOME)
    text = shown(comparison_table(rows, lang), 120)
    assert mark in text
    assert "37.44%" in text
    assert "…" not in text


def test_full_table_marks_what_print_rules_out() -> None:
    rows: list[dict[str, Any]] = [{**r, "impossible": r["measure"] == "sale_rate_listed"} for r in ROWS]
    text = shown(comparison_table(rows, "en"), 120)
    assert "12.0% [10.0–14.0]×" in text
    assert text.count("×") == 1
    assert any("ruled out" in line for line in comparison_notes(rows, "en"))
    assert not any("ruled out" in line for line in comparison_notes(ROWS, "en"))


def test_full_table_in_a_narrow_terminal_loses_no_name() -> None:
    text = shown(comparison_table(ROWS, "zh"), 70)
    assert "…" not in text
    assert "上拍口径" in text


def test_empty_tables_say_no_data() -> None:
    assert "no data" in shown(comparison_table([], "en"), 80)
    assert "no data" in shown(headline_table([], 20, "en"), 80)
    assert comparison_notes([], "en")


def test_names_from_a_scenario_are_not_markup() -> None:
    rows = [{**r, "window": "[bold]w[/nope]"} for r in ROWS]
    assert "[bold]w[/nope]" in shown(comparison_table(rows, "en"), 120)
    assert "[bold]w[/nope]" in shown(headline_table(fit(rows, None).rows, 20, "en"), 120)


def test_notes_explain_only_what_is_shown() -> None:
    lines = comparison_notes(ROWS, "en")
    assert any("of final outcomes" in line for line in lines)
    assert not any("of rounds" in line for line in lines)


def test_short_names() -> None:
    assert short_name("sale_rate_round", "sale_rate", "en") == "of rounds"
    assert short_name("sale_rate_round", "sale_rate", "zh") == "拍次口径"
    assert short_name("turnover", "turnover", "en") == ""
    assert short_name("participants_distinct", "participants", "zh") == "参拍人数"
