from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

from sim.report.tables import comparison_rows, comparison_table, covered, impossible, is_inside, legend

READINGS = {
    "sold": ("lots_sold",),
    "sale_rate": ("sale_rate_final", "sale_rate_listed"),
    "turnover": ("turnover",),
}
SUMMARY: dict[str, list[Any]] = {
    "window": ["2017"] * 6 + ["2018"],
    "segment": ["all", "all", "all", "homes", "all", "all", "all"],
    "basis": ["event", "event", "cohort", "event", "event", "event", "event"],
    "measure": [
        "sale_rate_final", "sale_rate_listed", "sale_rate_final", "sale_rate_final", "turnover",
        "lots_sold", "lots_sold",
    ],
    "mean": [0.38, 0.12, 0.33, 0.9, 9e8, 310.0, 1200.0],
    "low": [0.35, 0.10, 0.30, 0.8, 8e8, 280.0, 1100.0],
    "high": [0.41, 0.14, 0.36, 1.0, 1e9, 340.0, 1300.0],
}  # fmt: skip
PRINTED = {"2017": SimpleNamespace(sold=304.0, sale_rate=0.3744, turnover=8.9e8, lots=None)}
SHANXI_2018 = {
    "cases": 1799.0, "lots": 4262.0, "sold": 1243.0, "participants": 898.0,
    "sale_rate": 0.3751, "turnover": 2.449e9, "commission": 7.59403e7,
}  # fmt: skip


def printed_rows(window: str, printed: dict[str, float]) -> list[dict[str, Any]]:
    rest = {"measure": "m", "basis": "event", "mean": 0.0, "low": 0.0, "high": 0.0}
    return [{"window": window, "figure": f, "printed": x, **rest} for f, x in printed.items()]


def shown(table: Table, width: int) -> str:
    console = Console(width=width, record=True, file=None, force_terminal=False)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


def test_rows_are_window_by_figure_by_reading_by_basis() -> None:
    rows = comparison_rows(PRINTED, SUMMARY, READINGS)
    assert [(r["window"], r["figure"], r["measure"], r["basis"]) for r in rows] == [
        ("2017", "sold", "lots_sold", "event"),
        ("2017", "sale_rate", "sale_rate_final", "event"),
        ("2017", "sale_rate", "sale_rate_final", "cohort"),
        ("2017", "sale_rate", "sale_rate_listed", "event"),
        ("2017", "turnover", "turnover", "event"),
        ("2018", "sold", "lots_sold", "event"),
    ]
    assert rows[1] == {
        "window": "2017", "figure": "sale_rate", "measure": "sale_rate_final", "basis": "event",
        "printed": 0.3744, "mean": 0.38, "low": 0.35, "high": 0.41,
    }  # fmt: skip
    assert rows[-1]["printed"] is None


def test_rows_of_one_basis_and_one_segment() -> None:
    assert {r["basis"] for r in comparison_rows(PRINTED, SUMMARY, READINGS, bases=["event"])} == {"event"}
    homes = comparison_rows({"2017": {"sale_rate": 0.5}}, SUMMARY, READINGS, segment="homes")
    assert [(r["mean"], r["printed"]) for r in homes] == [(0.9, 0.5)]


def test_a_figure_is_covered_if_one_reading_covers_it() -> None:
    rows = comparison_rows(PRINTED, SUMMARY, READINGS)
    assert [is_inside(r) for r in rows] == [True, True, False, False, True, False]
    assert covered(rows) == (3, 3)


@pytest.mark.parametrize(("lang", "mark"), [("en", "38.1% [35.0–41.0]*"), ("zh", "终结口径")])
def test_table_shows_printed_beside_simulated(lang: str, mark: str) -> None:
    rows = comparison_rows(PRINTED, {**SUMMARY, "mean": [0.381, *SUMMARY["mean"][1:]]}, READINGS)
    text = shown(comparison_table(rows, lang), 120)
    assert mark in text
    assert "37.44%" in text
    assert "…" not in text


def test_table_in_a_narrow_terminal_loses_no_name() -> None:
    text = shown(comparison_table(comparison_rows(PRINTED, SUMMARY, READINGS), "zh"), 70)
    assert "…" not in text
    assert "上拍口径" in text


def test_empty_table_says_no_data() -> None:
    assert "no data" in shown(comparison_table([], "en"), 80)
    assert legend([], "en")


def test_names_from_a_scenario_are_not_markup() -> None:
    rows = [{**r, "window": "[bold]w[/nope]"} for r in comparison_rows(PRINTED, SUMMARY, READINGS)]
    assert "[bold]w[/nope]" in shown(comparison_table(rows, "en"), 120)


def test_print_rules_out_three_readings_in_2018() -> None:
    lines = impossible(printed_rows("2018", SHANXI_2018), "en")
    assert len(lines) == 3
    assert "898 participants cannot be registrations: 1,243 sales" in lines[0]
    assert "37.51% is not sold / listed" in lines[1]
    assert "not 5 %" in lines[2]


def test_print_that_agrees_with_a_reading_is_not_ruled_out() -> None:
    fits = {
        "lots": 100.0,
        "sold": 40.0,
        "participants": 90.0,
        "sale_rate": 0.4,
        "turnover": 1e8,
        "commission": 5e6,
    }
    assert impossible(printed_rows("w", fits), "en") == []
    assert impossible(printed_rows("w", {"sold": 3.0}), "en") == []
    assert len(impossible(printed_rows("w", {"sold": 3.0, "lots": 2.0, "sale_rate": 1.5}), "zh")) == 1


def test_legend_explains_only_what_is_shown() -> None:
    lines = legend(comparison_rows(PRINTED, SUMMARY, READINGS), "en")
    assert any("of final outcomes" in line for line in lines)
    assert not any("of rounds" in line for line in lines)
    assert lines[-1].startswith("  2017") or not any("rule out" in line for line in lines)
