"""Rounds of all files as histories: sorted by lot and time, copies and contradictory lots set aside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from calibration.lots.histories import Bools, Histories, Outcome, Times
from calibration.lots.mapping import MappingFile, RoundEntry, column_of
from calibration.lots.reader.contradictions import Rounds, before, contradictions, followed, follows
from calibration.lots.reader.defects import LOT, Defects
from calibration.lots.reader.files import Recognised
from calibration.lots.reader.tables import FileError
from sim.locale.language import said
from sim.scenario.errors import Defect, joined, quoted

MOST_KINDS: Final = 50  # a column with more names something else, an address perhaps
ALIKE: Final = (
    "outcome",
    "start",
    "price",
    "reference",
    "notice",
    "opened",
    "ended",
    "bidders",
    "bids",
    "defaulted",
)


def histories_of(rounds: Rounds, files: Sequence[Recognised], defects: Defects) -> Histories:
    """The histories that can be used; what cannot is in ``defects``."""
    rounds["lot"] = _codes(rounds.pop("key"))[0]
    kind, kinds = _kinds(rounds.pop("kind"), files)
    rounds["kind"] = kind
    rounds = _sorted(rounds)
    rounds = _without_copies(rounds, defects)
    rounds["defaulted"] |= (rounds["outcome"] == Outcome.SOLD) & rounds["later"] & followed(rounds)
    rounds = _without_contradictions(rounds, files, defects)
    defects.used += _rows(rounds, np.ones(len(rounds["lot"]), np.bool_))
    return _histories(rounds, kinds, files)


def _codes(texts: Any) -> tuple[npt.NDArray[np.int32], list[str]]:
    """Texts as numbers, in the order in which they come."""
    coded = pc.dictionary_encode(texts)
    return coded.indices.to_numpy(zero_copy_only=False), coded.dictionary.to_pylist()


def _kinds(texts: Any, files: Sequence[Recognised]) -> tuple[npt.NDArray[np.int8], tuple[str, ...]]:
    """Kinds as codes, -1 for none. Raises ``FileError`` where a column of kinds holds too many."""
    coded = pc.dictionary_encode(texts)
    if len(coded.dictionary) > MOST_KINDS:
        columns = {quoted(entry.names[0]) for one in files if (entry := column_of(one.columns.mapping.kind))}
        raise FileError(
            [
                Defect(
                    joined(sorted(columns)),
                    "kind",
                    said("lots.kinds", n=len(coded.dictionary), most=MOST_KINDS),
                )
            ]
        )
    codes = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int8)
    return codes, tuple(coded.dictionary.to_pylist())


def _sorted(rounds: Rounds) -> Rounds:
    """By lot, then by time; within one row, where the mapping gives the order, by place in the row."""
    when = rounds["ended"].copy()
    for name in ("opened", "notice"):
        when[np.isnat(when)] = rounds[name][np.isnat(when)]
    rounds["time"] = when
    order = np.lexsort((rounds["slot"], rounds["row"], rounds["file"], rounds["lot"]))
    lot, row, file = (rounds[name][order] for name in ("lot", "row", "file"))
    new_row = np.ones(len(lot), np.bool_)
    new_row[1:] = (lot[1:] != lot[:-1]) | (row[1:] != row[:-1]) | (file[1:] != file[:-1])
    rows_of_lot = np.bincount(lot, new_row, minlength=1)
    in_order = rows_of_lot[rounds["lot"]] == 1  # all rounds of the lot stand in one row
    key = np.where(in_order | rounds["listing"], np.datetime64(0, "s"), when)
    seen = rounds["captured"]
    order = np.lexsort((rounds["row"], rounds["file"], rounds["slot"], seen, key, rounds["lot"]))
    rounds["in_order"] = in_order
    return _taken(rounds, order)


def _taken(rounds: Rounds, which: npt.NDArray[Any]) -> Rounds:
    """Some rounds, in some order. Columns are replaced one by one, so that no two tables of them are ever held (a third of all
    memory, of a million rows).
    """
    if which.dtype != np.bool_ or not which.all():
        for name in rounds:
            rounds[name] = rounds[name][which]
    return rounds


def _without_copies(rounds: Rounds, defects: Defects) -> Rounds:
    """Of several sights of one round the last; of rounds that are the same in all respects the first."""
    same = follows(rounds) & ~rounds["in_order"] & (rounds["listing"] | _same(rounds["time"]))
    seen = ~np.isnat(rounds["captured"])
    again = same & seen & before(seen)
    superseded = np.zeros(len(again), np.bool_)
    superseded[:-1] = again[1:]
    defects.aside("seen_again", _rows(rounds, superseded & ~_any_in_row(rounds, ~superseded)))
    rounds = _taken(rounds, ~superseded)
    alike = follows(rounds) & ~rounds["in_order"] & ~np.isnat(rounds["time"]) & _same(rounds["time"])
    for name in ALIKE:
        alike &= _same(rounds[name])
    _note(rounds, "repeated", "", alike, defects)
    defects.aside("repeated", _rows(rounds, alike & ~_any_in_row(rounds, ~alike)))
    return _taken(rounds, ~alike)


def _same(column: Any) -> Bools:
    """Whether a value is that of the round before; two that are not there are the same."""
    last = before(column)
    found: Bools = column == last
    if column.dtype.kind in "fM":
        found |= (
            np.isnan(column) & np.isnan(last)
            if column.dtype.kind == "f"
            else np.isnat(column) & np.isnat(last)
        )
    return found


def _any_in_row(rounds: Rounds, mask: Bools) -> Bools:
    """Whether any round of the same row of a file is in ``mask``."""
    row = _row_ids(rounds)
    found: Bools = np.isin(row, row[mask])
    return found


def _row_ids(rounds: Rounds) -> npt.NDArray[np.int64]:
    ids: npt.NDArray[np.int64] = rounds["file"].astype(np.int64) << 40 | rounds["row"]
    return ids


def _rows(rounds: Rounds, mask: Bools) -> int:
    """How many rows of files hold rounds in ``mask``."""
    return len(np.unique(_row_ids(rounds)[mask]))


def _note(rounds: Rounds, reason: str, column: str, mask: Bools, defects: Defects) -> None:
    for file in np.unique(rounds["file"][mask]):
        here = mask & (rounds["file"] == file)
        defects.add(reason, int(file), column, rounds["row"][here], [""] * int(here.sum()))


def _without_contradictions(rounds: Rounds, files: Sequence[Recognised], defects: Defects) -> Rounds:
    """Lots whose rounds do not contradict each other. A lot counts for the first of its reasons."""
    lots = int(rounds["lot"].max()) + 1 if len(rounds["lot"]) else 0
    bad = np.zeros(lots, np.bool_)
    found = contradictions(rounds)
    for reason in LOT:
        column, mask = found[reason]
        if not mask.any():
            continue
        if reason != "outcome":  # those have been noted cell by cell
            _note_by_column(rounds, reason, column, mask, files, defects)
        new = np.zeros(lots, np.bool_)
        new[rounds["lot"][mask]] = True
        defects.aside(reason, _rows(rounds, (new & ~bad)[rounds["lot"]]))
        bad |= new
    return _taken(rounds, ~bad[rounds["lot"]])


def _note_by_column(
    rounds: Rounds, reason: str, column: str, mask: Bools, files: Sequence[Recognised], defects: Defects
) -> None:
    """Note rounds under the name that their file has for a column, with the value that shows it."""
    for at in np.flatnonzero(mask):
        of = files[rounds["file"][at]]
        entry: RoundEntry | MappingFile = of.columns.rounds[rounds["slot"][at]]
        given = column_of(getattr(entry, column, None))
        name = (given and given.found(of.names)) or column
        value = rounds[column][at] if column in ("start", "price", "bids", "notice", "ended") else ""
        text = f"{value:g}" if isinstance(value, np.floating) else str(value).replace("T", " ")
        defects.add(reason, int(rounds["file"][at]), name, rounds["row"][at : at + 1], [text])


def _histories(rounds: Rounds, kinds: tuple[str, ...], files: Sequence[Recognised]) -> Histories:
    """The columns of histories; lots are counted anew."""
    n = len(rounds["lot"])
    first = ~follows(rounds)
    lot = np.cumsum(first) - 1
    unsold = np.isin(rounds["outcome"], (Outcome.FAILED, Outcome.IN_KIND)).astype(np.int64)
    failed = np.cumsum(unsold) - unsold
    at_first = np.flatnonzero(first)
    number = np.maximum(rounds["number"][at_first], 1)[lot] + failed - failed[at_first][lot] if n else failed
    number = np.where(rounds["listing"], rounds["number"], number)
    sold = rounds["outcome"] == Outcome.SOLD
    taken = sold | (rounds["outcome"] == Outcome.IN_KIND)
    return Histories(
        lot=lot.astype(np.intp), number=number.astype(np.intp), stage=rounds["stage"], reference=rounds["reference"],
        start=rounds["start"], notice=rounds["notice"], opened=rounds["opened"], ended=rounds["ended"],
        outcome=rounds["outcome"], price=np.where(taken, rounds["price"], np.nan), defaulted=rounds["defaulted"] & sold,
        bidders=rounds["bidders"], bids=rounds["bids"], kind=rounds["kind"], kinds=kinds, closes=_closes(rounds, files),
    )  # fmt: skip


def _closes(rounds: Rounds, files: Sequence[Recognised]) -> np.datetime64:
    """The last time seen: what the mappings say, else the last at which anything had happened."""
    said_so = [np.datetime64(day, "s") for one in files if (day := one.columns.mapping.closes) is not None]
    if said_so:
        return max(said_so) + np.timedelta64(86_399, "s")
    happened = rounds["outcome"] != Outcome.OPEN
    seen: list[Times] = [rounds["ended"][happened], rounds["captured"], rounds["notice"]]
    every = np.concatenate(seen)
    every = every[~np.isnat(every)]
    return every.max() if len(every) else np.datetime64("NaT", "s")
