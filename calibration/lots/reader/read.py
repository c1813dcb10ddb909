"""Files read: histories and bids, what is wrong with the rows, and how the files came about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from calibration.lots.histories import Bids, Histories, Outcome
from calibration.lots.mapping import Columns, Selection
from calibration.lots.reader.assemble import histories_of
from calibration.lots.reader.bids import assembled, bids_of
from calibration.lots.reader.defects import Defects
from calibration.lots.reader.files import Recognised, recognise
from calibration.lots.reader.rounds import blocks_of, joined, rounds_of
from calibration.lots.reader.tables import FileError
from sim.locale.language import said
from sim.scenario.errors import Defect, brief
from sim.scenario.errors import joined as listed

Tick = Callable[[str, int], None]  # file, rows read of it


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read."""

    path: Path
    columns: Columns  # the mapping by which
    about: str  # encoding, name in the workbook, or kind
    read: Sequence[str]  # names of the columns that were read


@dataclass(frozen=True, slots=True)
class FilesRead:
    """What files hold. ``histories``, ``bids``: None where no file is of that kind."""

    sources: Sequence[Source]
    histories: Histories | None
    bids: Bids | None
    selection: Selection
    defects: Defects


def read_lots(
    paths: Sequence[Path],
    mappings: Sequence[Columns] = (),
    selection: Selection | None = None,
    tick: Tick = lambda file, rows: None,
) -> FilesRead:
    """Read files of lots and of bids. Raises ``FileError`` with all that keeps a file from being read."""
    files = _recognised(paths, mappings)
    defects = Defects([path.name for path in paths])
    rounds, bids = [], []
    for i, of in enumerate(files):
        for block in blocks_of(of, i, defects):
            if of.columns.mapping.rows == "bids":
                bids.append(bids_of(block))
            else:
                rounds.append(rounds_of(block))
            tick(paths[i].name, int(block.rows[-1]) if len(block.rows) else 0)
    _check_currencies(defects)
    histories = histories_of(joined(rounds), files, defects) if rounds else None
    if not (histories is not None and len(histories)) and not any(len(one["time"]) for one in bids):
        raise FileError([_nothing(defects)])
    sources = [
        Source(path, of.columns, of.table.about, of.columns.read_from(of.names))
        for path, of in zip(paths, files, strict=True)
    ]
    return FilesRead(
        sources,
        histories,
        assembled(joined(bids)) if bids else None,
        selection or _selection(files, histories),
        defects,
    )


def _recognised(paths: Sequence[Path], mappings: Sequence[Columns]) -> list[Recognised]:
    """The table of every file, or what is wrong with all of them."""
    files, wrong = [], []
    twice = {path for path in paths if [one.resolve() for one in paths].count(path.resolve()) > 1}
    wrong += [Defect(brief(path), "", said("lots.given_twice")) for path in sorted(twice)]
    for path in paths:
        try:
            files.append(recognise(path, mappings))
        except FileError as error:
            wrong += error.defects
    if wrong:
        raise FileError(wrong)
    return files


def _check_currencies(defects: Defects) -> None:
    if len(defects.currencies) > 1:
        raise FileError(
            [
                Defect(
                    defects.files[file],
                    said("lots.cell", row=row, column=column),
                    said("lots.currencies", name=name, names=listed(sorted(defects.currencies))),
                )
                for name, (file, row, column) in defects.currencies.items()
            ]
        )


def _nothing(defects: Defects) -> Defect:
    """That nothing is left, and what became of the rows."""
    why = "; ".join(f"{reason}: {n}" for reason, n in defects.rows_aside.items())
    return Defect(listed(defects.files), "", said("lots.nothing", n=defects.read), why)


def _selection(files: Sequence[Recognised], histories: Histories | None) -> Selection:
    """How the files came about, where nobody says: as a mapping has it; files in which every lot was sold hold sold lots only."""
    stated = {one.columns.mapping.selection for one in files if one.columns.mapping.rows != "bids"}
    if stated - {"all listed"}:
        return sorted(stated - {"all listed"})[0]
    if histories is not None and histories.lots > 1:
        last = histories.last
        if np.all((histories.outcome[last] == Outcome.SOLD) & ~histories.defaulted[last]):
            return "sold only"
    return "all listed"
