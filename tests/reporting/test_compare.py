"""Published beside simulated: which rows, how far apart in words, and what the figures themselves rule out."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from sim.measures import INTERPRETATIONS
from sim.reporting.compare import (
    comparison_columns,
    comparison_rows,
    distance,
    impossible,
    is_inside,
    ruled_out,
)
from sim.reporting.fit import fit
from sim.scenario.renamed import COLUMNS

SOME = {
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
PUBLISHED = {"2017": SimpleNamespace(sold=304.0, sale_rate=0.3744, turnover=8.9e8, lots=None)}
SHANXI: dict[str, dict[str, float]] = {  # 生活晨报 2019-04-16
    "2017": {"lots": 2571, "sold": 304, "participants": 930, "sale_rate": 0.3744, "turnover": 8.9e8, "commission": 2.50429e7},
    "2018": {"lots": 4262, "sold": 1243, "participants": 898, "sale_rate": 0.3751, "turnover": 2.449e9, "commission": 7.59403e7},
}  # fmt: skip
FLAT_FIVE = {  # Zhongshan first court, to 2015-01: 5 % stated, 185 sold of 340
    "lots": 340, "sold": 185, "sale_rate": 185 / 340, "participants": 400, "turnover": 1.5950e8, "commission": 7.9752e6,
}  # fmt: skip


def row(
    figure: str, published: float | None, mean: float, low: float, high: float, **more: Any
) -> dict[str, Any]:
    one = {
        "window": "w",
        "figure": figure,
        "measure": INTERPRETATIONS[figure][0],
        "basis": "event",
        "impossible": False,
    }
    return {**one, "published": published, "mean": mean, "low": low, "high": high, **more}


def published_rows(windows: dict[str, dict[str, float]]) -> list[dict[str, Any]]:
    return [row(f, x, 0.0, 0.0, 0.0, window=w) for w, figures in windows.items() for f, x in figures.items()]


def test_rows_are_window_by_figure_by_interpretation_by_basis() -> None:
    rows = comparison_rows(PUBLISHED, SUMMARY, SOME)
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
        "published": 0.3744, "mean": 0.38, "low": 0.35, "high": 0.41, "impossible": False,
    }  # fmt: skip
    assert rows[-1]["published"] is None


def test_rows_of_one_window_basis_and_segment() -> None:
    assert {r["basis"] for r in comparison_rows(PUBLISHED, SUMMARY, SOME, bases=["event"])} == {"event"}
    assert {r["window"] for r in comparison_rows(PUBLISHED, SUMMARY, SOME, windows=["2018"])} == {"2018"}
    homes = comparison_rows({"2017": {"sale_rate": 0.5}}, SUMMARY, SOME, segment="homes")
    assert [(r["mean"], r["published"]) for r in homes] == [(0.9, 0.5)]


def test_a_figure_is_met_where_it_lies_in_the_interval() -> None:
    rows = comparison_rows(PUBLISHED, SUMMARY, SOME)
    assert [is_inside(r) for r in rows] == [True, True, False, False, True, False]


def test_published_figures_rule_out_three_interpretations_of_shanxi() -> None:
    """Statistics of Shanxi: 304 / 2,571 is no 37.44 %; 898 people cannot buy 1,243 lots one registration each."""
    assert set(ruled_out(SHANXI["2017"])) == {"sale_rate_listed", "commission_saved_flat"}
    assert set(ruled_out(SHANXI["2018"])) == {"sale_rate_listed", "commission_saved_flat", "participants"}
    lines = impossible(published_rows(SHANXI), "en")
    assert len(lines) == 3
    assert lines[0].startswith(
        "sale rate of listed lots (2017, 2018): 1,243 / 4,262 = 29.16%, published 37.51%"
    )
    assert "of ¥2.449 bn that is ¥122 m, published ¥75.94 m" in lines[1]
    assert "(2018)" in lines[2]
    assert len(impossible(published_rows(SHANXI), "zh")) == 3


def test_a_published_figure_that_agrees_with_an_interpretation_is_not_ruled_out() -> None:
    assert ruled_out(FLAT_FIVE) == {}
    assert ruled_out({"sold": 3.0}) == {}
    assert impossible(published_rows({"w": FLAT_FIVE}), "en") == []


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (row("sold", 304.0, 310.0, 280.0, 340.0), "within"),
        (row("sold", 304.0, 380.0, 350.0, 400.0), "25 % higher"),
        (row("sold", 304.0, 228.0, 200.0, 250.0), "25 % lower"),
        (row("sold", 304.0, 684.0, 600.0, 700.0), "2.2 times"),
        (row("turnover", 1e9, 1e8, 9e7, 2e8), "0.1 times"),
        (row("sold", 1e4, 120.0, 100.0, 140.0), "0.012 times"),
        (row("sold", 2.0, 2870.0, 10.0, 3e3), "1,435 times"),
        (row("sale_rate", 0.3744, 0.451, 0.44, 0.46), "7.7 points higher"),
        (row("premium", 1.8139, 0.05, 0.04, 0.06), "176 points lower"),
        (row("sold", None, 310.0, 280.0, 340.0), ""),
        (row("premium", 0.1, float("nan"), float("nan"), float("nan")), ""),
        (row("sold", 0.0, 5.0, 1.0, 9.0), ""),
    ],
)
def test_distance_in_words(one: dict[str, Any], words: str) -> None:
    assert distance(one, "en") == words


def test_columns_for_a_file_name_the_interpretation_and_the_verdict() -> None:
    rows = comparison_rows(PUBLISHED, SUMMARY, SOME)
    columns = comparison_columns(rows, fit(rows, None).rows, "zh")
    assert len({len(column) for column in columns.values()}) == 1
    assert columns["name"][1] == "成交率（终结口径）"
    assert columns["inside"] == [1, 1, 0, 0, 1, ""]
    assert columns["verdict"][0] == "范围内"
    assert not columns.keys() & COLUMNS["comparison"].keys()
    assert columns["role"] == ["must", "must", "", "", "must", "not published"]
