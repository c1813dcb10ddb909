"""Workbooks of published figures: read as a targets file is, defects named by cell, whatever stands in them."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from commands import calibrate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calibration.targets.reader.defects import TargetsError
from calibration.targets.reader.load import load_reported, load_targets
from calibration.targets.reader.workbook import column_of, read_workbook
from calibration.targets.template import FIGURES, write_template
from sim.locale.language import speaking
from sim.locale.words import LANGUAGES

HEADS = (
    "统计期",
    "起始日",
    "截止日",
    "标的物数量（件）",
    "成交量",
    "成交率",
    "成交金额（亿元）",
    "溢价率（%）",
)
ROW = (2018, date(2018, 1, 1), "2018年12月31日", 4262, 1243, "37.51%", "24.49", 181.39)


def book(path: Path, *rows: Any, heads: Any = HEADS, title: str = "数字") -> Path:
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = title
    for row in (["我院统计"], heads, *rows):
        sheet.append(list(row))
    made.save(path)
    return path


def refused(path: Path, lang: str = "zh") -> list[str]:
    with speaking(lang), pytest.raises(TargetsError) as error:
        load_reported(path)
    with speaking(lang):
        lines = str(error.value).split("\n")
    return [line.removeprefix(str(path)).lstrip("：: ") for line in lines]


def test_numbers_keep_the_digits_that_were_published(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx",
        ROW,
        (2017, "2017/1/1", datetime(2017, 12, 31), 2571, "304", 0.3744, 8.9, "13.44"),
    )
    made = openpyxl.load_workbook(path)
    made.active["F4"].number_format = "0.00%"
    made.save(path)
    windows = load_reported(path).windows
    assert {name: one.published.text for name, one in windows["2018"].figures.items()} == {
        "lots": "4262", "sold": "1243", "sale_rate": "37.51%", "turnover": "24.49亿元", "premium": "181.39%",
    }  # fmt: skip
    assert windows["2018"].last == date(2018, 12, 31)
    early = windows["2017"].figures
    assert [early[name].published.text for name in ("sold", "sale_rate", "turnover", "premium")] == ["304", "37.44%", "8.9亿元", "13.44%"]  # fmt: skip
    assert early["sale_rate"].published.exact * 10000 == 3744
    assert early["turnover"].published.step == 1e7


def test_what_is_read_is_a_targets_file(tmp_path: Path) -> None:
    found = load_targets(book(tmp_path / "a.xlsx", ROW))
    again = tmp_path / "again.toml"
    again.write_text(found.text, encoding="utf-8")
    assert load_targets(again).windows == found.windows


def test_every_defect_is_named_by_its_cell_in_the_readers_language(tmp_path: Path) -> None:
    heads = (*HEADS, "成交额", "成交量")
    rows = (
        ROW,
        ("2019", date(2019, 3, 1), date(2019, 1, 1), 12.5, -3, 37.5, "=1+1", "x"),
        (None, None, None, 5),
        (2018, None, None, 1),
        ("2020", "2020-13-01"),
    )
    path = book(tmp_path / "a.xlsx", *rows, heads=heads)
    assert refused(path) == [
        "数字!C4（截止日，2019）：2019-01-01早于首日（2019-03-01）",
        "数字!D4（标的物数量(件)，2019）：12.5：数量应为不小于0的整数",
        "数字!E4（成交量，2019）：-3：数量应为不小于0的整数",
        '数字!F4（成交率，2019）：37.5：比率应在0至100%之间；您是不是要写"37.5%"？',
        '数字!H4（溢价率(%)，2019）："x"：应为数字，或“37.44%”“8.9亿”“2504.29万”一类的文本',
        "数字!I2：“成交额”不是已知的指标；您是不是要找成交金额？",
        "数字!J2：“成交量”在此重复出现",
        "数字!G4：单元格中是公式，本程序不作计算；请复制后选择性粘贴为数值",
        "数字!D5：该行有数字而没有统计期",
        "数字!A6：统计期2018在此重复出现",
        "数字!B7（起始日，2020）：2020-13-01不是日期；请写成2019-01-01",
    ]
    assert (
        refused(path, "en")[7]
        == "数字!G4: the cell holds a formula, and nothing is computed here; copy it and paste it as a value"
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_template_is_read_when_it_is_filled_in(lang: str, tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    write_template(path, lang)
    assert len(refused(path)) == 1
    made = openpyxl.load_workbook(path)
    figures, about, _ = made.worksheets
    assert {cell.number_format for cell in figures[2]} == {"@"}
    assert [column_of(str(cell.value)).what for cell in figures[1]][3:-1] == list(FIGURES)  # type: ignore[union-attr]
    for cell, value in zip(figures[2], ("2018", "2018-01-01", "2018-12-31", "1799", "4262"), strict=False):
        cell.value = value
    about["B2"], about["B4"], about["B7"] = "某省", "某报", "98"
    made.save(path)
    found = load_reported(path)
    assert (found.title_zh, found.source) == ("某省", "某报")
    assert found.windows["2018"].value("lots") == 4262
    assert read_workbook(path).tree["set"] == {"courts.number": 98}


def zipped(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return path


@pytest.mark.parametrize("ending", ["xls", "et"])
def test_a_workbook_is_one_whatever_its_ending(tmp_path: Path, ending: str) -> None:
    made = book(tmp_path / "a.xlsx", ROW).rename(tmp_path / f"a.{ending}")
    assert list(load_reported(made).windows) == ["2018"]
    made.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(1000))
    assert "旧格式" in refused(made)[0]


def test_hostile_files_are_refused(tmp_path: Path) -> None:
    other, bomb, old, none = (tmp_path / f"{name}.xlsx" for name in ("other", "bomb", "old", "none"))
    other.write_bytes(b"%PDF-1.7")
    zipped(bomb, {"xl/workbook.xml": b"", "xl/worksheets/sheet1.xml": b" " * 60_000_000})
    assert bomb.stat().st_size < 100_000
    old.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(1000))
    zipped(none, {"word/document.xml": b"<a/>"})
    expected = {other: "不是Excel", bomb: "解压后超过50 MB", old: "旧格式", none: "是压缩文件"}
    for path, words in expected.items():
        assert refused(path)[0].startswith(words) or words in refused(path)[0], path
    entities = b'<!DOCTYPE x [<!ENTITY a "' + b"x" * 1000 + b'">' + b"".join(b'<!ENTITY b%d "%s">' % (i, (b"&b%d;" % (i - 1) if i else b"&a;") * 50) for i in range(8)) + b"]><workbook>&b7;</workbook>"  # fmt: skip
    assert "不是Excel" in refused(zipped(tmp_path / "x.xlsx", {"xl/workbook.xml": entities, "[Content_Types].xml": b"<Types/>"}))[0]  # fmt: skip


def test_a_part_that_is_damaged_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", ROW)
    whole = path.read_bytes()
    for cut in (100, len(whole) // 2, len(whole) - 10):
        path.write_bytes(whole[:cut])
        assert "不是Excel" in refused(path)[0]


def test_a_far_away_cell_costs_nothing(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.active["XFD1048576"] = 1
    path = tmp_path / "a.xlsx"
    made.save(path)
    assert "没有公布数字的表格" in refused(path)[-1]


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**18), 10**18), st.floats(allow_nan=False, allow_infinity=False),
    st.dates(date(1901, 1, 1)), st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=12),
    st.sampled_from(["37.44%", "8.9亿", "=A1", "#N/A", "2018-02-30", "１２", "1,243", "-", "成交量", "統計期", "1e400", "统计期"]),
)  # fmt: skip


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(VALUES, min_size=1, max_size=8), max_size=3), st.permutations(HEADS))
def test_whatever_stands_in_cells_it_is_read_or_refused(
    tmp_path: Path, rows: list[list[Any]], heads: list[str]
) -> None:
    path = book(tmp_path / "h.xlsx", *rows, heads=heads)
    for read in (load_reported, load_targets):
        with suppress(TargetsError):
            read(path)


def test_the_command_writes_a_template_once(tmp_path: Path) -> None:
    path = tmp_path / "数据.xlsx"
    assert calibrate("new", str(path), lang="zh").returncode == 0
    again = calibrate("new", str(path), lang="zh")
    assert again.returncode == 2
    assert "已存在" in again.stderr
    assert calibrate("new", str(tmp_path / "a.doc")).returncode == 2


def test_questions_make_a_targets_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from calibration.cli.main import app

    answers = (
        "Somewhere 2018\n\nzz\n3\n2018\n2018-01-01\n2018-12-31\n\n4262\n1243\nabc\n\n37.51%\n24.49亿\n\n\n\n"
    )
    path = tmp_path / "w.toml"
    done = CliRunner().invoke(app, ["new", str(path), "--lang", "en"], input=answers)
    assert done.exit_code == 0, done.output
    found = load_reported(path)
    assert {name: one.published.text for name, one in found.windows["2018"].figures.items()} == {
        "lots": "4262", "sold": "1243", "sale_rate": "37.51%", "turnover": "24.49亿",
    }  # fmt: skip
    ended = CliRunner().invoke(app, ["new", str(tmp_path / "e.toml"), "--lang", "en"], input="x\n")
    assert ended.exit_code == 2
    assert not (tmp_path / "e.toml").exists()
