"""Excel workbooks as written: the same bytes, no formula, what Excel takes."""

from __future__ import annotations

import io
import math
import zipfile
from datetime import date

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sim.experiments.storage import workbook
from sim.experiments.storage.workbook import Cell, Sheet, as_bytes, sheet_names

DANGEROUS = ("=1+1", "+1+cmd", "-2+3", "@SUM(A1)", "\t=1", "＝1+1", "=cmd|' /C calc'!A0", "#REF!")
texts = st.text(max_size=30)
values = st.one_of(texts, st.integers(-(10**12), 10**12), st.floats(), st.dates(date(1900, 3, 1)), st.none())


def read(sheets: list[Sheet]) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(as_bytes(sheets, "title")))


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_text_stays_a_text_whatever_it_begins_with(text: str) -> None:
    sheet = read([Sheet(text, [text], [[Cell(text)]])]).worksheets[0]
    for cell in (sheet["A1"], sheet["A2"]):
        assert (cell.value, cell.data_type) == (text, "s")
        assert cell.quotePrefix is (text != "#REF!")


@settings(deadline=None, max_examples=12)
@example([[1.7976931348623157e308, -1.7976931348623155e308]])
@example([["", "\r"], ["a\r\nb", "\r\r\n"]])
@given(st.lists(st.lists(values, min_size=2, max_size=2), max_size=4))
def test_what_is_written_is_read_and_the_same_twice(rows: list[list[object]]) -> None:
    sheet = Sheet("x", ["a", "b"], [[Cell(one) for one in row] for row in rows])
    assert as_bytes([sheet], "t") == as_bytes([sheet], "t")
    found = list(read([sheet]).worksheets[0].iter_rows(min_row=2, values_only=True, max_col=2))
    for row, back in zip(rows, found, strict=False):
        for one, cell in zip(row, back, strict=True):
            if isinstance(one, str):
                assert (cell or "") == workbook._visible(one).replace("\r\n", "\n").replace("\r", "\n")
            elif isinstance(one, float) and not math.isfinite(one):
                assert cell == (None if math.isnan(one) else "∞" if one > 0 else "−∞")
            elif isinstance(one, float) and abs(one) > workbook.LARGEST:
                assert cell == repr(one)
            elif isinstance(one, date):
                assert cell.date() == one
            else:
                assert cell == (one if one is None else pytest.approx(one, rel=1e-14))


def test_the_head_stays_in_sight_and_the_file_names_no_time() -> None:
    book = read([Sheet("一", ["头"], [[Cell(0.25, "0.0%")], [Cell(date(2019, 1, 2))]])])
    sheet = book.worksheets[0]
    assert sheet.freeze_panes == "A2"
    assert [sheet["A2"].number_format, sheet["A3"].number_format] == ["0.0%", "yyyy-mm-dd"]
    assert {book.properties.created.year, book.properties.modified.year} == {1980}
    with zipfile.ZipFile(io.BytesIO(as_bytes([Sheet("x", ["a"], [])], "t"))) as parts:
        assert {one.date_time for one in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@settings(deadline=None, max_examples=25)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=6))
def test_names_of_sheets_are_what_excel_takes(wanted: list[str]) -> None:
    found = list(sheet_names(wanted))
    assert len({name.casefold() for name in found}) == len(wanted)
    for name in found:
        assert 0 < len(name) <= 31
        assert not set(name) & set("[]:*?/\\")


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 1)
    with pytest.raises(ValueError, match="2 rows, a sheet holds 1"):
        as_bytes([Sheet("x", ["a"], [[Cell(1)], [Cell(2)]])], "t")
