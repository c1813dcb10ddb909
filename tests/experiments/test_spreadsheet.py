"""CSV: what a spreadsheet would run is kept from it, and comes back as it was."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.experiments.storage.spreadsheet import ENCODING, Writer, as_written, rows_of
from sim.experiments.storage.tables import write_csv

DANGEROUS = (
    "=cmd|' /C calc'!A0",
    "+1+cmd",
    "-2+3+cmd",
    "@SUM(A1)",
    "\t=1",
    "\n=1",
    " =1",
    "＝1+1",
    "-",
    "--1",
)
HARMLESS = ("2017/H1", "住宅", "a=b", "", "'", "it's", "-13 %", "-0.5", "+1,243", "1e-9", "-1e-9", "37.44%")


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_text_that_begins_as_a_formula_does_gets_an_apostrophe(tmp_path: Path, text: str) -> None:
    write_csv(tmp_path / "a.csv", {text: [text]})
    with (tmp_path / "a.csv").open(encoding=ENCODING, newline="") as file:
        assert list(csv.reader(file)) == [["'" + text], ["'" + text]]
    assert list(rows_of(tmp_path / "a.csv")) == [{text: text}]


@pytest.mark.parametrize("text", HARMLESS)
def test_any_other_text_stands_as_it_is(tmp_path: Path, text: str) -> None:
    write_csv(tmp_path / "a.csv", {"x": [text], "y": [1]})
    assert (
        (tmp_path / "a.csv")
        .read_text(encoding=ENCODING)
        .splitlines()[1]
        .strip('"')
        .startswith(text.split(",")[0])
    )
    assert list(rows_of(tmp_path / "a.csv")) == [{"x": text, "y": "1"}]


def test_numbers_are_never_touched(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", {"x": [-0.1, -3, float("-inf"), float("nan"), None, True]})
    assert (tmp_path / "a.csv").read_text(encoding=ENCODING).splitlines() == [
        "x",
        "-0.1",
        "-3",
        "-inf",
        '""',
        '""',
        "True",
    ]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(texts=st.lists(st.text("=+-@'\t 1a％＝", max_size=6), min_size=1))
def test_what_is_written_is_read(texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    write_csv(path, {"n": range(len(texts)), "x": texts})
    assert [row["x"] for row in rows_of(path)] == texts


def test_apostrophes_of_its_own_are_kept() -> None:
    assert as_written("''=1") == "'=1"
    assert as_written("'s") == "'s"


def test_a_carriage_return_ends_no_row(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", {"x": ["a\rb", "c\r\nd"]})
    assert [row["x"] for row in rows_of(tmp_path / "a.csv")] == ["a\nb", "c\nd"]


def test_a_row_of_another_length_is_no_row(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n3\n")
    with pytest.raises(ValueError, match="line 3 has 1 cell for 2 columns"):
        list(rows_of(tmp_path / "a.csv"))


def test_lines_may_end_as_windows_ends_them() -> None:
    lines: list[str] = []

    class Sink:
        def write(self, text: str) -> None:
            lines.append(text)

    Writer(Sink(), "\r\n").row(["a", 1])
    assert lines == ["a,1\r\n"]
