"""Excel workbooks (.xlsx): the values that stand in cells; a formula is never computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from calibration.lots.reader.tables import MOST_COLUMNS, TOP, Block, check_rows, refused
from sim.experiments.storage.workbook_file import BROKEN, Limits, WorkbookError, opened
from sim.locale.language import said

LARGEST: Final = 200_000_000  # bytes of the file
UNPACKED: Final = 1_000_000_000  # bytes of all that is in it
SHARED: Final = 200_000_000  # bytes of the texts that cells share, which are held in memory
BLOCK: Final = 20_000  # rows taken at a time


class Workbook:
    """One sheet of a workbook."""

    def __init__(self, path: Path, sheet: str, book: Any) -> None:
        self.path, self._book, self.about = path, book, sheet
        self.ragged: list[int] = []
        self.top: list[tuple[int, list[str]]] = []
        for number, cells in enumerate(self._rows(), 1):
            self.top.append((number, [_text(cell).strip() for cell in cells]))
            if number == TOP:
                break

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        sheet = self._book[self.about]
        sheet.reset_dimensions()
        try:
            yield from sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS)
        except BROKEN:
            raise refused(self.path, said("sheet.broken")) from None

    def blocks(self, header: int, names: Sequence[str]) -> Iterator[Block]:
        first, cells = self.top[header]
        places = {name: i for i, name in enumerate(cells) if name in names}
        numbers: list[int] = []
        texts: dict[str, list[str]] = {name: [] for name in places}
        for number, row in enumerate(self._rows(), 1):
            if number <= first:
                continue
            check_rows(self.path, number)
            numbers.append(number)
            for name, i in places.items():
                texts[name].append(_text(row[i]) if i < len(row) else "")
            if len(numbers) == BLOCK:
                yield _block(numbers, texts)
                numbers, texts = [], {name: [] for name in places}
        if numbers:
            yield _block(numbers, texts)
        self._book.close()


def _block(numbers: list[int], texts: dict[str, list[str]]) -> Block:
    return Block(np.array(numbers), {name: pa.array(column, pa.string()) for name, column in texts.items()})


def _text(cell: Any) -> str:
    """What a cell holds, as a text that is read like any other."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def sheets(path: Path) -> Iterator[Workbook]:
    """The sheets of a workbook, one after the other."""
    try:
        book = opened(path, Limits(LARGEST, UNPACKED, SHARED))
    except WorkbookError as error:
        raise refused(path, *_refusal(error)) from None
    for sheet in book.worksheets:
        yield Workbook(path, sheet.title, book)
    book.close()


def _refusal(error: WorkbookError) -> tuple[str, str]:
    """Why a file is not read, and what to do."""
    if error.reason == "large":
        return said("lots.large", most=f"{LARGEST / 1e6:,.0f}"), said("lots.as_csv")
    if error.reason == "unpacked":
        return said("lots.unpacked", most=f"{UNPACKED / 1e6:,.0f}"), said("lots.as_csv")
    return said(f"sheet.{error.reason}"), said("sheet.save_as") if error.reason == "old" else ""
