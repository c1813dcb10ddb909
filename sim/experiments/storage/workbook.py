"""Excel workbooks (.xlsx), written: a sheet a table, heads that stay in sight, the same bytes for the same tables.

What is text stands in its cell as text, never as a formula. A workbook names no time and no machine.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from sim.experiments.storage.atomic import write_whole
from sim.experiments.storage.spreadsheet import begins_formula

MOST_ROWS: Final = 1_048_575  # of a sheet, under its head
LONGEST: Final = 32_767  # characters of a cell
LARGEST = 9.99999999999999e307  # the largest number that Excel holds; a text states what is larger
LONGEST_NAME: Final = 31  # characters of a sheet's name
WIDEST: Final = 60  # columns of characters
LOOKED_AT: Final = 200  # rows that a column's width is taken from
AS_TEXT: Final = "@"
WHOLE_NUMBER: Final = "#,##0"
_ALWAYS: Final = datetime(1980, 1, 1)  # the first day that a zip file knows
_UNSEEN: Final = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ud800-\\udfff\\ufffe\\uffff]")


@dataclass(frozen=True, slots=True)
class Cell:
    """A value with the format in which a number is shown; ``strong``: in bold."""

    value: Any
    format: str = "General"
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table under a head; ``wide``: widths of columns, else taken from what stands in them."""

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    wide: Sequence[int] = field(default=())


def write_workbook(path: Path, sheets: Sequence[Sheet], title: str) -> None:
    """The sheets as a file, whole or not at all. Raises ``ValueError`` for a sheet with more rows than Excel takes."""
    write_whole(path, as_bytes(sheets, title))


def as_bytes(sheets: Sequence[Sheet], title: str) -> bytes:
    """What stands in the file; the same for the same sheets."""
    from openpyxl import Workbook
    from openpyxl.writer.excel import ExcelWriter

    book = Workbook(write_only=True)
    properties = book.properties
    properties.title, properties.creator = _visible(title), "judicial-auction-sim"
    properties.created = properties.modified = _ALWAYS
    for name, sheet in zip(sheet_names([one.name for one in sheets]), sheets, strict=True):
        _fill(book.create_sheet(name), sheet)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        ExcelWriter(book, archive).save()
    return timeless(packed)


def _fill(on: Any, sheet: Sheet) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    if len(sheet.rows) > MOST_ROWS:
        raise ValueError(f"{len(sheet.rows):,} rows, a sheet holds {MOST_ROWS:,}")
    for i, width in enumerate(sheet.wide or widths(sheet), 1):
        on.column_dimensions[get_column_letter(i)].width = width
    on.freeze_panes = "A2"
    fill, line = PatternFill("solid", fgColor="FFE8EDF3"), Border(bottom=Side("thin", color="FF8796A8"))
    strong, folded = Font(bold=True), Alignment(vertical="top", wrap_text=True)
    heads = []
    for text in sheet.head:
        cell = _cell(WriteOnlyCell, on, Cell(text, AS_TEXT))
        cell.font, cell.fill, cell.border, cell.alignment = strong, fill, line, folded
        heads.append(cell)
    on.append(heads)
    for row in sheet.rows:
        cells = []
        for given in row:
            cell = _cell(WriteOnlyCell, on, given)
            if given.strong:
                cell.font = strong
            if sheet.wide and isinstance(given.value, str):
                cell.alignment = folded
            cells.append(cell)
        on.append(cells)


def _cell(make: Any, on: Any, given: Cell) -> Any:
    """A text is a text whatever it begins with: it has the type of one, and Excel's own mark where it looks like a formula."""
    value = given.value
    if isinstance(value, str):
        cell = make(on, value=None)
        cell.value = _visible(value)[:LONGEST]
        cell.data_type = "s"
        if begins_formula(value):
            cell.quotePrefix = True
        return cell
    if isinstance(value, float) and not math.isfinite(value):
        return _cell(make, on, Cell("" if math.isnan(value) else "∞" if value > 0 else "−∞"))
    if isinstance(value, float) and abs(value) > LARGEST:
        return _cell(make, on, Cell(repr(float(value))))
    if hasattr(value, "item"):  # of NumPy
        value = value.item()
    cell = make(on, value=value)
    if value is not None or given.format != "General":
        cell.number_format = (
            "yyyy-mm-dd" if isinstance(value, date) and given.format == "General" else given.format
        )
    return cell


def _visible(text: str) -> str:
    """Without what a sheet cannot hold; lines end as in our CSV, for whether a lone carriage return comes back is up to the reader of XML."""
    return _UNSEEN.sub("�", text.replace("\r\n", "\n").replace("\r", "\n"))


def sheet_names(wanted: Sequence[str]) -> Iterator[str]:
    """Names as Excel takes them: short, without its signs, no two alike."""
    taken: set[str] = set()
    for name in wanted:
        plain = re.sub(r"[\[\]:*?/\\]", " ", _visible(name)).strip(" '")[:LONGEST_NAME] or "-"
        number, found = 1, plain
        while found.casefold() in taken:
            number += 1
            tail = f" {number}"
            found = plain[: LONGEST_NAME - len(tail)] + tail
        taken.add(found.casefold())
        yield found


def widths(sheet: Sheet) -> list[int]:
    """Columns wide enough for what stands in their first rows."""
    found = [_long(text) for text in sheet.head]
    for row in sheet.rows[:LOOKED_AT]:
        for i, cell in enumerate(row):
            value = cell.value
            long = _long(value) if isinstance(value, str) else 10 if value is not None else 0
            found[i] = max(found[i], long)
    return [min(one + 2, WIDEST) for one in found]


def _long(text: str) -> int:
    return max((sum(1 + (c > "\u2e7f") for c in line) for line in text.split("\n")), default=0)


def timeless(packed: io.BytesIO) -> bytes:
    """The same parts in a file that names no time."""
    found = io.BytesIO()
    with zipfile.ZipFile(packed) as given, zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as into:
        for one in given.infolist():
            part = zipfile.ZipInfo(one.filename, _ALWAYS.timetuple()[:6])
            part.compress_type, part.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            into.writestr(part, given.read(one))
    return found.getvalue()
