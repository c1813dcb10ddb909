"""Copies of tables whose heads are in words, for people; programs read the tables themselves, by their identifiers."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from typing import TextIO

from sim.experiments.storage.atomic import writing
from sim.experiments.storage.spreadsheet import COPY, ENCODING, Writer, as_written
from sim.locale.words import LANGUAGES
from sim.reporting.workbooks.sheets import heads


def leave_copies(folder: Path, lang: str | None) -> list[Path]:
    """``NAME.zh.csv`` beside every ``NAME.csv`` of the folder: heads in the language, cells as they are; none without a language.

    Copies that an earlier run left, whose numbers may be others, are removed. Raises ``OSError``.
    """
    tables = [path for path in sorted(folder.glob("*.csv")) if not COPY.search(path.name)]
    for table in tables:
        for one in LANGUAGES:
            table.with_name(f"{table.stem}.{one}.csv").unlink(missing_ok=True)
    if lang is None:
        return []
    return [_copied(path, path.with_name(f"{path.stem}.{lang}.csv"), lang) for path in tables]


def headed(table: Path, lang: str) -> bytes:
    """What such a copy of a table holds. Raises ``OSError``."""
    made = StringIO()
    with table.open(encoding=ENCODING, newline="") as given:
        _copy(given, made, lang)
    return made.getvalue().encode(ENCODING)


def _copied(table: Path, copy: Path, lang: str) -> Path:
    with (
        table.open(encoding=ENCODING, newline="") as given,
        writing(copy) as temporary,
        temporary.open("w", newline="", encoding=ENCODING) as file,
    ):
        _copy(given, file, lang)
    return copy


def _copy(given: TextIO, to: TextIO, lang: str) -> None:
    rows, made = csv.reader(given), Writer(to)
    made.row(heads([as_written(name) for name in next(rows, [])], lang))
    for row in rows:
        made.row(map(as_written, row))
