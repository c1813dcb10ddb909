"""CSV and its relatives: which encoding, which separator, and the columns asked for."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv as arrow

from calibration.lots.reader.tables import TOP, Block, check_rows, refused
from sim.locale.language import said

SEPARATORS: Final = (",", "\t", ";", "|")
BLOCK: Final = 8_000_000  # bytes read at a time
BEGINNING: Final = 400_000  # bytes in which the top rows are
SWALLOWED: Final = 3  # lines in one row of odd length: a quotation mark was not closed
MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Delimited:
    """A text file with a row a line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.encoding, marked = _encoding(path)
        self.ragged: list[int] = []
        self.top: list[tuple[int, list[str]]] = []
        self._lines: list[int] = []  # lines up to the end of each row of the top
        with path.open("rb") as file:
            start = file.read(BEGINNING).decode(self.encoding, "ignore").lstrip("\ufeff")
        self.separator = max(SEPARATORS, key=lambda one: self._parse(start, one))
        self._parse(start, self.separator)
        self.about = {"utf-8": "UTF-8", "gb18030": "GBK", "utf-16": "UTF-16"}[self.encoding] + (
            " BOM" if marked and self.encoding == "utf-8" else ""
        )

    def _parse(self, start: str, separator: str) -> int:
        """Read the top rows; how many columns the widest has."""
        rows = csv.reader(io.StringIO(start), delimiter=separator)
        self.top, self._lines = [], []
        try:
            for cells in rows:
                self.top.append((len(self.top) + 1, [cell.strip() for cell in cells]))
                self._lines.append(rows.line_num)
                if len(self.top) == TOP:
                    break
        except csv.Error:  # a cell without end
            pass
        return max((len(cells) for _, cells in self.top), default=0)

    def blocks(self, header: int, names: Sequence[str]) -> Iterator[Block]:
        number, cells = self.top[header]
        places = {f"{i}": name for i, name in enumerate(cells) if name in names}
        swallowed: list[int] = []
        read = number

        def skipped(row: Any) -> str:
            at = row.number - self._lines[header] + number
            if row.text.count("\n") > SWALLOWED:
                swallowed.append(at)
            self.ragged.append(at)
            return "skip"

        options = {
            "read_options": arrow.ReadOptions(
                use_threads=False, skip_rows=self._lines[header], column_names=[f"{i}" for i in range(len(cells))],
                encoding=self.encoding, block_size=BLOCK,
            ),
            "parse_options": arrow.ParseOptions(
                delimiter=self.separator, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=skipped,
            ),
            "convert_options": arrow.ConvertOptions(
                include_columns=list(places), column_types=dict.fromkeys(places, pa.string()), strings_can_be_null=False,
            ),
        }  # fmt: skip
        try:
            with arrow.open_csv(self.path, **options) as batches:
                while (batch := _next(batches)) is not None:
                    numbers = _numbers(read, batch.num_rows, self.ragged)
                    read = int(numbers[-1]) if len(numbers) else read
                    check_rows(self.path, read)
                    yield Block(numbers, {places[name]: batch.column(name) for name in places})
        except pa.ArrowInvalid as error:
            if "Empty CSV" in str(error):
                return
            self._check_quotes(swallowed)
            raise refused(self.path, said("lots.unparsable", row=read + 1)) from None
        self._check_quotes(swallowed)

    def _check_quotes(self, swallowed: Sequence[int]) -> None:
        """Refuse a file in which a row has taken up others, which would be lost."""
        if swallowed:
            raise refused(self.path, said("lots.quotes", row=swallowed[0]))


def _numbers(read: int, count: int, ragged: Sequence[int]) -> npt.NDArray[np.int64]:
    """Numbers of the next ``count`` rows behind row ``read``, without ragged ones, of which later blocks' may be known already."""
    last = read + count
    while (more := read + count + sum(read < one <= last for one in ragged)) > last:
        last = more
    return np.setdiff1d(np.arange(read + 1, last + 1), ragged, assume_unique=True)


def _next(batches: Any) -> Any:
    return next(batches, None)


def _encoding(path: Path) -> tuple[str, bool]:
    """Of a text file, and whether a mark at its start says so: UTF-8, else GBK."""
    with path.open("rb") as file:
        start = file.read(4)
    for mark, name in MARKS:
        if start.startswith(mark):
            return name, True
    line = 1
    for name in ("utf-8", "gb18030"):
        decoder, line = codecs.getincrementaldecoder(name)(), 1
        try:
            with path.open("rb") as file:
                while chunk := file.read(BLOCK):
                    if b"\0" in chunk:
                        raise refused(path, said("lots.not_text"))
                    decoder.decode(chunk)
                    line += chunk.count(b"\n")
                decoder.decode(b"", final=True)
            return name, False
        except UnicodeDecodeError as error:
            line += chunk[: error.start].count(b"\n")
    raise refused(path, said("lots.encoding", line=line))
