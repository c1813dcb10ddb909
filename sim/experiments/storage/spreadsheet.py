"""CSV that a spreadsheet and a program read alike.

Excel takes a file without a byte order mark for text in its system's own encoding, and a cell that begins with ``=``,
``+``, ``-`` or ``@`` for a formula, which may run a command. So every file begins with the mark, and a text that begins
so gets an apostrophe in front, which ``as_written`` takes away again. Numbers stay as they are.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

from sim.locale.foreign import translated
from sim.locale.language import said
from sim.locale.words import LANGUAGES, texts

ENCODING: Final = "utf-8-sig"
COPY: Final = re.compile(r"\.(?:zh|en)\.csv$")  # of a copy with heads in words
# Apostrophes of its own are doubled with the first; a spreadsheet passes over blanks, and reads full-width signs too.
_FORMULA: Final = re.compile(r"'*(?:[\t\n]|\s*[=+\-@＝＋－＠])")
_NAMED_KEY: Final = re.compile(r".+ \((.+)\)")  # a parameter: its name, and its key in brackets
_NUMBER: Final = re.compile(r"[+-]?[\d,]*\.?\d+(?:[eE][+-]?\d+)?\s*%?")


class Sink(Protocol):
    """What ``csv`` writes to."""

    def write(self, text: str, /) -> object: ...


class Writer:
    """Rows into an open file."""

    def __init__(self, file: Sink, lineterminator: str = "\n") -> None:
        self._rows = csv.writer(file, lineterminator=lineterminator)

    def row(self, cells: Iterable[Any]) -> None:
        """One row; nan and None are empty cells."""
        self._rows.writerow([_cell(one) for one in cells])


def begins_formula(text: str) -> bool:
    """Whether a spreadsheet would take a cell with this text for a formula."""
    return bool(_FORMULA.match(text)) and not _NUMBER.fullmatch(text)


def as_written(text: str) -> str:
    """The text that stood in a cell before it was written."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def in_words(heads: Sequence[str]) -> bool:
    """Whether these are the heads of a copy for people (``sim.reporting.headed_copies``), and not identifiers."""
    names = [one for one in heads if one]
    return (
        bool(names)
        and not any(one.isidentifier() and one.isascii() for one in names)
        and all(one in _spoken_heads() or _names_a_parameter(one) for one in names)
    )


def _names_a_parameter(head: str) -> bool:
    from sim.scenario.describe import parameter
    from sim.scenario.keys import read_key

    found = _NAMED_KEY.fullmatch(head)
    try:
        return found is not None and parameter(read_key(found[1])) is not None
    except ValueError:
        return False


def identified(path: Path) -> str:
    """The name of the table of which a file is a copy."""
    return COPY.sub(".csv", path.name)


@cache
def _spoken_heads() -> frozenset[str]:
    return frozenset(text for lang in LANGUAGES for text in texts(lang)["columns"].values())


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a file by the names in its first one. Raises ``OSError`` and ``ValueError``."""
    with path.open(encoding=ENCODING, newline="") as file:
        rows = csv.reader(file)
        try:
            names = [as_written(name) for name in next(rows, [])]
            if in_words(names):
                raise ValueError(said("own.heads", file=identified(path)))
            for row in rows:
                if len(row) != len(names):
                    raise ValueError(said("own.cells", line=rows.line_num, n=len(row), columns=len(names)))
                yield dict(zip(names, map(as_written, row), strict=True))
        except csv.Error as error:
            raise ValueError(said("own.line", line=rows.line_num, said=translated(error))) from None


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        value = value.replace("\r\n", "\n").replace(
            "\r", "\n"
        )  # csv leaves it unquoted, and readers end the row there
        return "'" + value if begins_formula(value) else value
    return "" if value is None or (isinstance(value, float) and value != value) else value
