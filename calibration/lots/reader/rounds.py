"""Rows of one file as rounds, each by itself; what lots' rounds say together is looked at when all files are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from calibration.lots import cells
from calibration.lots.histories import Bools, Floats, Outcome, Times
from calibration.lots.mapping import OUTCOMES, STAGES, ColumnEntry, Given, RoundEntry, column_of
from calibration.lots.reader.defects import Defects
from calibration.lots.reader.files import Recognised
from calibration.lots.reader.tables import Block

BLANK, UNKNOWN, ENDED, NONE, DEFAULTED = -2, -1, 100, 101, 102  # beside the codes of Outcome
CODES: Final = {
    **{name: int(code) for name, code in OUTCOMES.items()},
    "ended": ENDED,
    "none": NONE,
    "defaulted": DEFAULTED,
}
NUMBERS: Final = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5}
Columns = dict[
    str, Any
]  # of rounds: name -> array; "key" and "kind" are arrays of pyarrow, the others of NumPy


@dataclass(slots=True)
class Cells:
    """The cells of a block, by what the mapping says they mean; what cannot be read becomes a defect."""

    of: Recognised
    file: int
    rows: npt.NDArray[np.int64]
    columns: dict[str, Any]
    defects: Defects

    def texts(self, given: Given | None) -> Any:
        """Plain texts; null where there is nothing, everywhere if the file has no such column."""
        raw, _ = self._raw(given)
        return pa.nulls(len(self.rows), pa.string()) if raw is None else cells.texts(raw)

    def amounts(self, given: Given | None, zero: bool = False) -> Floats:
        """Amounts above 0, nan where there is none. ``zero``: 0 is how the file writes that there is none."""
        raw, entry = self._raw(given)
        if raw is None or entry is None:
            return np.full(len(self.rows), np.nan)
        read, currency = cells.amounts(raw, entry.size)
        self._bad("amount", entry, raw, read.bad)
        for name in np.unique(currency[currency != ""]):
            at = int(np.flatnonzero(currency == name)[0])
            self.defects.currencies.setdefault(str(name), (self.file, int(self.rows[at]), self._name(entry)))
        values: Floats = read.values
        with np.errstate(invalid="ignore"):
            low = values < 0 if zero else values <= 0
            self._bad("not_positive", entry, raw, low)
            return np.where(values > 0, values, np.nan)

    def counts(self, given: Given | None) -> Floats:
        found: Floats = self._read(given, "count", cells.counts, np.full(len(self.rows), np.nan))
        return found

    def times(self, given: Given | None) -> Times:
        found: Times = self._read(given, "date", cells.times, cells.no_times(len(self.rows)))
        return found

    def flags(self, given: Given | None) -> Floats:
        found: Floats = self._read(given, "flag", cells.flags, np.full(len(self.rows), np.nan))
        return found

    def _read(self, given: Given | None, reason: str, how: Any, otherwise: Any) -> Any:
        raw, entry = self._raw(given)
        if raw is None or entry is None:
            return otherwise
        read = how(raw)
        self._bad(reason, entry, raw, read.bad)
        return read.values

    def _raw(self, given: Given | None) -> tuple[Any, ColumnEntry | None]:
        """The cells as they stand in the file."""
        entry = column_of(given)
        name = None if entry is None else entry.found(self.of.names)
        if entry is None or name is None:
            return None, None
        raw = self.columns[name]
        if entry.behind is not None:
            raw = pc.binary_join_element_wise(raw, self.columns[entry.behind], " ")
        return raw, entry

    def _name(self, entry: ColumnEntry) -> str:
        return entry.found(self.of.names) or entry.names[0]

    def _bad(self, reason: str, entry: ColumnEntry, raw: Any, bad: Bools) -> None:
        """Note cells that cannot be read, formulas apart."""
        at = np.flatnonzero(bad)
        if not len(at):
            return
        values = raw.take(pa.array(at)).to_pylist()
        formula = np.array([value.lstrip().startswith("=") for value in values])
        for why, which in (("formula", formula), (reason, ~formula)):
            chosen = np.flatnonzero(which)
            self.defects.add(
                why, self.file, self._name(entry), self.rows[at[chosen]], [values[i] for i in chosen]
            )

    def note(self, reason: str, given: Given | None, mask: Bools) -> None:
        """Note rows by a column, with what stands in it."""
        raw, entry = self._raw(given)
        at = np.flatnonzero(mask)
        values = [""] * len(at) if raw is None else raw.take(pa.array(at)).to_pylist()
        name = "" if entry is None else self._name(entry)
        self.defects.add(reason, self.file, name, self.rows[at], values)


def blocks_of(of: Recognised, file: int, defects: Defects) -> Iterator[Cells]:
    """The blocks of a file without rows that hold nothing, which are counted."""
    names = of.columns.read_from(of.names)
    for block in of.table.blocks(of.header, names):
        yield _without_fillers(block, of, file, defects)
    ragged = np.array(of.table.ragged, dtype=np.int64)
    defects.read += len(ragged)
    defects.add("ragged", file, "", ragged, [""] * len(ragged))
    defects.aside("ragged", len(ragged))


def _without_fillers(block: Block, of: Recognised, file: int, defects: Defects) -> Cells:
    """A block without empty rows and repeated headers."""
    n = len(block.rows)
    empty, header = np.ones(n, np.bool_), np.ones(n, np.bool_)
    for name, column in block.columns.items():
        trimmed = pc.utf8_trim_whitespace(column)
        empty &= pc.equal(trimmed, "").to_numpy(zero_copy_only=False)
        header &= pc.equal(trimmed, name).to_numpy(zero_copy_only=False)
    defects.read += n
    defects.aside("empty", int(empty.sum()))
    defects.aside("header", int(header.sum()))
    kept = ~(empty | header)
    if kept.all():
        return Cells(of, file, block.rows, block.columns, defects)
    mask = pa.array(kept)
    columns = {name: column.filter(mask) for name, column in block.columns.items()}
    return Cells(of, file, block.rows[kept], columns, defects)


def rounds_of(block: Cells) -> Columns:
    """The rounds of a block, with the numbers of the rows that they stand in."""
    mapping, many = block.of.columns.mapping, block.of.columns.rounds
    n = len(block.rows)
    key = block.texts(mapping.lot if mapping.lot is not None else mapping.listing)
    keyed = column_of(mapping.lot if mapping.lot is not None else mapping.listing)
    if keyed is None or keyed.found(block.of.names) is None:  # each row is a lot
        key = pa.array([f"\n{block.file}:{row}" for row in block.rows], pa.string())
    lost = pc.is_null(key).to_numpy(zero_copy_only=False)
    block.note("no_lot", mapping.lot or mapping.listing, lost)
    block.defects.aside("no_lot", int(lost.sum()))
    shared: Columns = {
        "file": np.full(n, block.file, np.int16), "row": block.rows, "key": key, "kind": block.texts(mapping.kind),
        "reference": block.amounts(mapping.reference), "captured": block.times(mapping.captured),
        "listing": np.full(n, mapping.listing is not None), "later": np.full(n, mapping.defaults == "later rounds"),
    }  # fmt: skip
    stated, sell_off = _numbers(block.texts(mapping.number))
    parts, some = [], lost.copy()
    for slot, entry in enumerate(many):
        one, here = _round(block, entry, wide=mapping.rows == "lots")
        one["slot"] = np.full(n, slot, np.int8)
        one["number"] = np.full(n, slot + 1 if entry.stage == "auction" else 0) if mapping.rounds else stated
        one["stage"] = np.where(sell_off, STAGES["sell-off"], STAGES[entry.stage]).astype(np.int8)
        some |= here
        parts.append(_filtered({**shared, **one}, here & ~lost))
    block.defects.aside("no_round", int((~some).sum()))
    return joined(parts)


def _round(block: Cells, entry: RoundEntry, wide: bool) -> tuple[Columns, Bools]:
    """The columns of one round, and in which rows there is such a round."""
    found: Columns = {
        "notice": block.times(entry.notice), "opened": block.times(entry.opened), "ended": block.times(entry.ended),
        "start": block.amounts(entry.start), "price": block.amounts(entry.price, zero=True),
        "bidders": block.counts(entry.bidders), "bids": block.counts(entry.bids),
    }  # fmt: skip
    meaning = _meanings(block, entry)
    flag = block.flags(entry.sold)
    against = ((meaning == Outcome.SOLD) & (flag == 0)) | ((meaning == Outcome.FAILED) & (flag == 1))
    by_price = np.where(np.isnan(found["price"]), Outcome.FAILED, Outcome.SOLD)
    decided = np.where(flag == 1, Outcome.SOLD, np.where(flag == 0, Outcome.FAILED, by_price))
    ended = (meaning == ENDED) | ((meaning == BLANK) & ~np.isnan(flag) & (entry.outcome is None))
    meaning = np.where(ended, decided, np.where((meaning == BLANK) & (flag == 1), Outcome.SOLD, meaning))
    there = (meaning != NONE) & (meaning != BLANK)
    for name in ("notice", "opened", "ended"):
        there |= ~np.isnat(found[name]) & (meaning != NONE)
    there |= ~np.isnan(found["start"]) & (meaning != NONE)
    defaulted = (meaning == DEFAULTED) | (block.flags(entry.defaulted) == 1)
    found["outcome"] = np.select(
        [meaning == DEFAULTED, meaning == BLANK, meaning == NONE],
        [Outcome.SOLD, Outcome.OPEN, Outcome.OPEN],
        meaning,
    ).astype(np.int8)
    found["defaulted"], found["against"] = defaulted, against
    block.note("outcome", entry.outcome, meaning == UNKNOWN)
    return found, there if wide else meaning != NONE


def _meanings(block: Cells, entry: RoundEntry) -> npt.NDArray[np.int64]:
    """What the words for outcomes mean."""
    words = block.texts(entry.outcome)
    coded = pc.dictionary_encode(pc.fill_null(words, ""))
    known = block.of.columns.words
    codes = [BLANK if not word else _code(word, known) for word in coded.dictionary.to_pylist()]
    found: npt.NDArray[np.int64] = np.array(codes or [BLANK])[coded.indices.to_numpy(zero_copy_only=False)]
    return found


def _code(word: str, known: Any) -> int:
    meaning = known.get(word.lower().removesuffix(".0"))
    return UNKNOWN if meaning is None else CODES[meaning]


def _numbers(words: Any) -> tuple[npt.NDArray[np.int64], Bools]:
    """Which round a text names (一拍, 第二次, 3), 0 if none; and whether it is a sell-off."""
    coded = pc.dictionary_encode(pc.fill_null(words, ""))
    numbers, sell_off = [], []
    for word in coded.dictionary.to_pylist():
        digits = [int(c) if c.isdigit() else NUMBERS[c] for c in word if c in "123456789" or c in NUMBERS]
        sell_off.append("变卖" in word or "sell" in word.lower())
        numbers.append(digits[0] if digits and not sell_off[-1] else 0)
    at = coded.indices.to_numpy(zero_copy_only=False)
    return np.array(numbers or [0])[at], np.array(sell_off or [False])[at]


def _filtered(columns: Columns, kept: Bools) -> Columns:
    mask = pa.array(kept)
    return {
        name: column[kept] if isinstance(column, np.ndarray) else column.filter(mask)
        for name, column in columns.items()
    }


def joined(parts: Sequence[Columns]) -> Columns:
    """Rounds of several blocks, or files, one after the other. They are taken out of ``parts``, so that they are held once."""
    found: Columns = {}
    for name in list(parts[0]):
        columns = [part.pop(name) for part in parts]
        found[name] = (
            np.concatenate(columns) if isinstance(columns[0], np.ndarray) else pa.concat_arrays(columns)
        )
    return found
