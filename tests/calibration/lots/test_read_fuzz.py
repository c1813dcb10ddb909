"""Whatever a file holds: it is read, and every row has one end, or it is refused with a sentence."""

from __future__ import annotations

import tempfile
from pathlib import Path

import lot_files as files
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.lots.histories import Histories, Outcome
from calibration.lots.reader.read import FilesRead, read_lots
from calibration.lots.reader.tables import FileError

SHAPES = (files.CRAWL, files.DAILY, files.CASES, files.BIDS, files.EVENTS)
PIECES = st.sampled_from(
    [
        "",
        ",",
        "\n",
        '"',
        "0",
        "-1",
        "1e999",
        "NaN",
        "２",
        "万",
        "$",
        "2099-01-01",
        "流拍",
        "成交",
        "\0",
        "\t",
        "=1+1",
    ]
)
CHANGES = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 12), PIECES), max_size=6)


def read(data: bytes) -> FilesRead | None:
    """None: refused."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.csv"
        path.write_bytes(data)
        try:
            return read_lots([path])
        except FileError:
            return None


def check(of: Histories) -> None:
    """What all that take histories rely on."""
    assert (np.diff(of.lot) >= 0).all()
    assert of.lots == len(np.unique(of.lot))
    sold = of.outcome == Outcome.SOLD
    assert not (of.defaulted & ~sold).any()
    assert not (of.price[sold] < of.start[sold] * (1 - 2e-6)).any()
    assert np.isnan(of.price[of.outcome == Outcome.FAILED]).all()
    for amount in (of.start, of.reference, of.price):
        assert not (amount <= 0).any()
    assert set(of.outcome.tolist()) <= set(Outcome)
    first = of.number[of.first]
    assert (first >= 0).all()


def whole(read: FilesRead) -> None:
    assert read.defects.read == read.defects.used + sum(read.defects.rows_aside.values())
    if read.histories is not None:
        check(read.histories)
    table = read.defects.table()
    assert len({len(column) for column in table.values()}) == 1


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SHAPES), CHANGES, st.sampled_from(["utf-8", "gbk", "utf-16"]))
def test_files_with_slips(text: str, changes: list[tuple[float, int, str]], encoding: str) -> None:
    for place, length, piece in changes:
        at = int(place * len(text))
        text = text[:at] + piece + text[at + length :]
    found = read(text.encode(encoding, "ignore"))
    if found is not None:
        whole(found)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    assert read(data) is None or True


@settings(max_examples=25, deadline=None)
@given(st.sampled_from((files.CASES, files.EVENTS)), st.randoms(use_true_random=False))
def test_rows_in_any_order_say_the_same(text: str, random: object) -> None:
    head, *rows = text.splitlines()
    plain = read(text.encode())
    random.shuffle(rows)  # type: ignore[attr-defined]
    other = read("\n".join([head, *rows]).encode())
    assert plain is not None
    assert other is not None
    one, two = plain.histories, other.histories
    assert one is not None
    assert two is not None
    for name in ("ended", "start", "outcome", "number", "defaulted"):
        assert sorted(getattr(one, name).astype(str)) == sorted(getattr(two, name).astype(str))
