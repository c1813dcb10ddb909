"""What kind of file it is, by its first bytes, and the table in it whose header a mapping knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from calibration.lots.mapping import Columns, nearest, recognised
from calibration.lots.reader.delimited import Delimited
from calibration.lots.reader.parquet import Parquet
from calibration.lots.reader.tables import LARGEST, FileError, Table, refused
from calibration.lots.reader.workbook import sheets
from sim.locale.foreign import reason
from sim.locale.language import said
from sim.scenario.errors import Defect, brief, joined, meant, quoted

OTHERS: Final = (  # what other files begin with
    (b"\xd0\xcf\x11\xe0", "lots.xls"), (b"%PDF", "lots.pdf"), (b"\x1f\x8b", "lots.packed"), (b"7z", "lots.packed"), (b"Rar!", "lots.packed"),
    (b"\x89PNG", "lots.picture"), (b"\xff\xd8\xff", "lots.picture"), (b"SQLite format 3", "lots.database"),
)  # fmt: skip
WORKBOOKS: Final = (".xlsx", ".xlsm")  # .xls is the name of many a text that some system has written
MARKUP: Final = (b"<!doctype html", b"<html", b"<table", b"<?xml", b"<head", b"<meta")


class UnrecognisedError(FileError):
    """A table that no mapping knows; ``header``: the names of its columns."""

    def __init__(self, defects: Sequence[Defect], header: Sequence[str]) -> None:
        super().__init__(list(defects))
        self.header = header


@dataclass(frozen=True, slots=True)
class Recognised:
    """A file as a table, its header, and what its columns mean."""

    table: Table
    header: int  # place in the top of the table
    columns: Columns

    @property
    def names(self) -> list[str]:
        return self.table.top[self.header][1]


def recognise(path: Path, given: Sequence[Columns]) -> Recognised:
    """The table of a file. Raises ``FileError`` if there is none that a mapping knows."""
    best: tuple[int, FileError] | None = None
    for table in _tables(path):
        try:
            return _with_header(path, table, given)
        except FileError as error:
            if isinstance(table, Delimited) and _named_workbook(path):
                raise _broken(path) from None
            if best is None or len(error.defects) < best[0]:
                best = len(error.defects), error
    raise best[1] if best else refused(path, said("lots.empty"))


def _tables(path: Path) -> Iterator[Table]:
    try:
        if not path.is_file():
            raise refused(path, said("lots.no_file") if not path.exists() else said("file.not"))
        if path.stat().st_size > LARGEST:
            raise refused(path, said("lots.large", most=f"{LARGEST / 1e6:,.0f}"), said("lots.split"))
        with path.open("rb") as file:
            start = file.read(512)
    except OSError as error:
        raise refused(path, said("file.unreadable", why=reason(error))) from None
    if not start.strip():
        raise refused(path, said("lots.empty"))
    for mark, kind in OTHERS:
        if start.startswith(mark):
            raise refused(path, said(kind))
    if start.startswith(b"PK\x03\x04"):
        yield from sheets(path)
    elif start.startswith(b"PAR1"):
        yield Parquet(path)
    elif start.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(MARKUP):
        raise refused(path, said("lots.html"))
    else:
        yield _text(path)


def _text(path: Path) -> Delimited:
    """A text file; of a damaged workbook is said that it is one, not how its bytes read as a text."""
    try:
        return Delimited(path)
    except FileError:
        if _named_workbook(path):
            raise _broken(path) from None
        raise


def _named_workbook(path: Path) -> bool:
    return path.suffix.lower() in WORKBOOKS


def _broken(path: Path) -> FileError:
    return refused(path, said("sheet.broken"), said("lots.as_csv"))


def _with_header(path: Path, table: Table, given: Sequence[Columns]) -> Recognised:
    """The first row of the top that a mapping knows as a header."""
    for i, (_, cells) in enumerate(table.top):
        if (columns := recognised(cells, given)) is not None:
            _check_twice(path, cells, columns)
            return Recognised(table, i, columns)
    filled = [cells for _, cells in table.top if any(cells)]
    if not filled:
        raise refused(path, said("lots.empty"))
    header = min(
        filled, key=lambda cells: (len(nearest(cells, given).missing(cells)), -len(set(filter(None, cells))))
    )
    columns = nearest(header, given)
    known = [name for name in header if name]
    defects = [
        Defect(
            brief(path),
            said("lots.column", name=quoted(joined(entry.names))),
            said("lots.missing", entry=key, mapping=columns.name),
            meant(entry.names[0], known),
        )
        for key, entry in columns.missing(header)
        if given
        or columns.read_from(
            header
        )  # what a preset needs of which the file has nothing says nothing of the file
    ]
    if not given:
        defects.append(
            Defect(
                brief(path),
                "",
                said("lots.unrecognised", header=quoted(joined(known))),
                said("lots.give_mapping"),
            )
        )
    raise UnrecognisedError(defects, known)


def _check_twice(path: Path, cells: Sequence[str], columns: Columns) -> None:
    """Refuse a header in which a column that is read stands twice."""
    twice = [name for name in columns.read_from(cells) if cells.count(name) > 1]
    if twice:
        raise FileError(
            [
                Defect(brief(path), said("lots.column", name=quoted(name)), said("lots.twice"))
                for name in twice
            ]
        )
