"""A file as a table, whatever kind of file it is: the rows at its top, then the columns asked for, block by block, as texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from sim.locale.language import said
from sim.scenario import ScenarioError
from sim.scenario.errors import Defect, brief

TOP: Final = 20  # rows among which a header is looked for
MOST_ROWS: Final = 5_000_000  # of one file; a province has a tenth of that in ten years
LARGEST: Final = 4_000_000_000  # bytes of a text or a Parquet file
MOST_COLUMNS: Final = 2_000


class FileError(ScenarioError):
    """Files that cannot be read as tables of lots; ``defects`` are all that is wrong."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of a file: their numbers as a spreadsheet counts them, and the columns asked for."""

    rows: npt.NDArray[np.int64]
    columns: dict[str, Any]  # name -> pyarrow.Array of texts


class Table(Protocol):
    """A file that is open."""

    top: list[tuple[int, list[str]]]  # the first rows: number, cells
    about: str  # what kind of file, as for a reader: the encoding of a text, the sheet of a workbook
    ragged: list[
        int
    ]  # numbers of rows that have more or fewer cells than the header; filled while blocks are read

    def blocks(self, header: int, names: Sequence[str]) -> Iterator[Block]:
        """Columns of these names below the header, the ``header``-th row of ``top``."""
        ...


def refused(path: object, problem: str, hint: str = "", key: str = "") -> FileError:
    """An error about a file."""
    return FileError([Defect(brief(path), key, problem, hint)])


def check_rows(path: object, rows: int) -> None:
    """Refuse a file with more rows than are read."""
    if rows > MOST_ROWS:
        raise refused(path, said("lots.rows", most=MOST_ROWS))
