"""Excel workbooks that come from anywhere, opened for reading: within limits, formulas as texts, nothing computed."""

from __future__ import annotations

import weakref
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError

PARTS: Final = 10_000
OLD: Final = b"\xd0\xcf\x11\xe0"  # .xls, and a workbook under a password
# What a damaged file is met with, by the packages that read it.
BROKEN: Final = (
    zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, IndexError, AttributeError, EOFError, OSError,
    NotImplementedError, RuntimeError,
)  # fmt: skip


class WorkbookError(Exception):
    """A file that is not opened. ``reason``: old, large, unpacked, none (packed, but no workbook) or broken."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes: of the file, of all that is in it, of the texts that cells share, which are held in memory."""

    largest: int
    unpacked: int
    shared: int


def opened(path: Path, limits: Limits) -> Any:
    """The workbook, its sheets read as they are asked for. Raises ``WorkbookError``, and ``OSError``."""
    from openpyxl import load_workbook

    _check(path, limits)
    file = path.open(
        "rb"
    )  # of a path openpyxl judges the ending, and what a file is called does not say what it is
    try:
        book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
    except BROKEN:
        file.close()
        raise WorkbookError("broken") from None
    weakref.finalize(book, file.close)  # its sheets are read as long as it is there
    return book


def _check(path: Path, limits: Limits) -> None:
    """Refuse what is no workbook, and what unpacks to more than one can be."""
    if path.stat().st_size > limits.largest:
        raise WorkbookError("large")
    with path.open("rb") as file:
        if file.read(len(OLD)) == OLD:
            raise WorkbookError("old")
    try:
        with zipfile.ZipFile(path) as packed:
            parts = packed.infolist()
    except BROKEN:
        raise WorkbookError("broken") from None
    shared = sum(one.file_size for one in parts if one.filename.lower().endswith("sharedstrings.xml"))
    if len(parts) > PARTS or sum(one.file_size for one in parts) > limits.unpacked or shared > limits.shared:
        raise WorkbookError("unpacked")
    if not any(one.filename == "xl/workbook.xml" for one in parts):
        raise WorkbookError("none")
