"""Workbooks of results: the numbers of the CSV files, heads and codes in words, a cover; each command that writes one."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import fake_result
import openpyxl
import pytest
from commands import calibrate, sim

from calibration.report.workbook import calibration_workbook
from sim.experiments.storage.spreadsheet import ENCODING
from sim.locale.words import LANGUAGES, texts

SMALL = ("--set", "arrivals.periods.year.cases=20", "--set", "arrivals.periods.year.lots=30", "--set", "courts.number=2")  # fmt: skip
CHINESE = re.compile("[\u4e00-\u9fff]")


def numbers_of(path: Path) -> list[list[float]]:
    """The numbers of a CSV file, row by row; the name of a window is none."""
    with path.open(encoding=ENCODING, newline="") as file:
        rows = [[cell for name, cell in row.items() if name != "window"] for row in csv.DictReader(file)]
    return [[float(cell) for cell in row if re.fullmatch(r"-?[\d.]+(e-?\d+)?", cell)] for row in rows]


def numbers_in(sheet: object) -> list[list[float]]:
    return [
        [float(cell) for cell in row if isinstance(cell, int | float)]
        for row in sheet.iter_rows(min_row=2, values_only=True)  # type: ignore[attr-defined]
    ]


def test_a_run_in_chinese(tmp_path: Path) -> None:
    out, words = (
        tmp_path / "a",
        ("run", "base", "-n", "2", "--records", "none", "--no-pictures", *SMALL, "--xlsx"),
    )
    done = sim(*words, "--out", str(out), lang="zh")
    assert done.returncode == 0, done.stderr
    book = openpyxl.load_workbook(out / "tables.xlsx")
    assert book.sheetnames == ["说明", "公布与模拟", "全部口径", "全部指标"]
    cover = {a: b for a, b in book["说明"].iter_rows(values_only=True) if a}
    assert cover["重复次数"] == 2
    assert {"情景", "口径", "随机种子", "工作表", "读法"} <= set(cover)
    assert numbers_in(book["全部指标"]) == [pytest.approx(row) for row in numbers_of(out / "measures.csv")]
    for sheet in book.worksheets[1:]:
        heads = [cell.value for cell in sheet[1]]
        assert [head for head in heads if not CHINESE.search(head)] == []
        assert sheet.freeze_panes == "A2"
    rates = [row for row in book["全部指标"].iter_rows(min_row=2) if row[4].value == "比例"]
    assert {row[5].number_format for row in rates if row[5].value is not None} == {"0.0%"}


@pytest.mark.slow
def test_the_same_run_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["sim", "run"])
    found = []
    for name in ("a", "b"):
        words = ("run", "base", "-n", "1", "--records", "none", "--no-pictures", *SMALL, "--xlsx")
        assert sim(*words, "--out", str(tmp_path / name)).returncode == 0
        found.append((tmp_path / name / "tables.xlsx").read_bytes())
    assert found[0] == found[1]


@pytest.mark.slow
def test_a_comparison_and_a_sweep_in_english(tmp_path: Path) -> None:
    words = ("compare", "base", "cut-10", "--point", "-n", "2", "--no-pictures", *SMALL, "--xlsx", "--out")
    assert sim(*words, str(tmp_path / "c")).returncode == 0
    book = openpyxl.load_workbook(tmp_path / "c" / "tables.xlsx")
    assert numbers_in(book["All differences"]) == [pytest.approx(row) for row in numbers_of(tmp_path / "c" / "differences.csv")]  # fmt: skip
    heads = [cell.value for cell in book["All differences"][1]]
    assert heads[:6] == ["Policy", "Reporting window", "Kind of lot", "Basis", "Measure", "Unit"]
    words = ("sweep", "base", "--vary", "start.ratio=0.7,0.8", "--replications", "1", "--no-pictures", "--xlsx", *SMALL, "--out")  # fmt: skip
    assert sim(*words, str(tmp_path / "s")).returncode == 0
    book = openpyxl.load_workbook(tmp_path / "s" / "tables.xlsx")
    assert numbers_in(book["Means by point"]) == [pytest.approx(row) for row in numbers_of(tmp_path / "s" / "summary.csv")]  # fmt: skip


def test_an_audit(tmp_path: Path) -> None:
    assert calibrate("audit", "shanxi", "--xlsx").returncode == 2
    done = calibrate("audit", "shanxi", "--xlsx", "--out", str(tmp_path / "a"), lang="zh")
    assert done.returncode == 0
    left = sorted(str(path) for path in (tmp_path / "a").iterdir())
    assert {Path(one).name for one in left} == {
        "audit.csv",
        "audit.html",
        "manifest.json",
        "tables.xlsx",
        "targets.toml",
    }
    assert f"已写入：{'、'.join(left)}" in done.stdout
    book = openpyxl.load_workbook(tmp_path / "a" / "tables.xlsx")
    assert book.sheetnames == ["说明", "数字核查", "公布数字"]
    figures = {(row[0], row[1]): row for row in book["公布数字"].iter_rows(min_row=2, values_only=True)}
    assert figures["2018", "成交金额"][2:4] == ("24.49亿", 2.449e9)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_calibration_has_a_sheet_a_table_and_all_heads_in_words(lang: str, tmp_path: Path) -> None:
    path = calibration_workbook(tmp_path, fake_result.result(), ["calibrate", "run", "shanxi"], lang)
    before = path.read_bytes()
    calibration_workbook(tmp_path, fake_result.result(), ["calibrate", "run", "shanxi"], lang)
    assert path.read_bytes() == before
    book = openpyxl.load_workbook(path)
    known = set(texts(lang)["columns"].values())
    assert len(book.sheetnames) == 14
    for sheet in book.worksheets[1:]:
        assert [cell.value for cell in sheet[1] if cell.value not in known] == []
    answers = book.worksheets[1]
    days = [row for row in answers.iter_rows(min_row=2) if row[4].number_format == "0.0"]
    assert {row[4].number_format for row in answers.iter_rows(min_row=2)} == {"0.0", "0.0%"}
    assert len(days) * 4 == answers.max_row - 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_two_columns_have_one_name(lang: str) -> None:
    names = list(texts(lang)["columns"].values())
    assert len(set(names)) == len(names)
