"""Tables on disk: what is read back is what was written."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from conftest import SMALL, scenario

from sim.experiments.storage.codebook import codebook
from sim.experiments.storage.tables import RecordFiles, write_csv
from sim.model.records import SCHEMAS
from sim.model.simulate import simulate


def test_records_come_back_bit_for_bit_with_their_replication(tmp_path: Path) -> None:
    small = scenario("base", *SMALL)
    runs = [simulate(small, number) for number in (0, 1)]
    with RecordFiles(tmp_path, list(SCHEMAS), codebook(small)) as files:
        for number, records in enumerate(runs):
            files.write(number, records)
    for name, schema in SCHEMAS.items():
        read = pq.read_table(tmp_path / f"{name}.parquet")
        assert read.column_names == ["replication", *schema]
        number = read["replication"].to_numpy()
        for column, code in schema.items():
            assert read[column].type.to_pandas_dtype() == np.dtype(code).type
            for i, records in enumerate(runs):
                np.testing.assert_array_equal(read[column].to_numpy()[number == i], records[name][column])
    assert (
        pq.ParquetFile(tmp_path / "lots.parquet").num_row_groups == 2
    )  # memory does not grow with replications


def test_only_the_tables_asked_for(tmp_path: Path) -> None:
    with RecordFiles(tmp_path, ["lots"], codebook(scenario("base", *SMALL))) as files:
        files.write(0, simulate(scenario("base", *SMALL), 0))
    assert [path.name for path in tmp_path.iterdir()] == ["lots.parquet"]


def test_a_stop_in_the_middle_of_a_row_group_stays_a_stop(tmp_path: Path) -> None:
    class Broken:
        """A writer that was interrupted and cannot be closed."""

        def close(self) -> None:
            raise ValueError("row group is not complete")

    def stopped() -> None:
        with RecordFiles(tmp_path, ["lots"], codebook(scenario("base", *SMALL))) as files:
            files._writers["lots"] = Broken()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()


def test_csv_keeps_every_digit_and_leaves_undefined_empty(tmp_path: Path) -> None:
    write_csv(
        tmp_path / "a.csv",
        {"name": ["x", "住宅, 商铺"], "value": [0.1 + 0.2, float("nan")], "more": [None, 3]},
    )
    assert (tmp_path / "a.csv").read_bytes().decode(
        "utf-8-sig"
    ) == 'name,value,more\nx,0.30000000000000004,\n"住宅, 商铺",,3\n'


def test_csv_begins_with_the_mark_that_excel_needs(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", {"名称": ["甲"]})
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert (tmp_path / "a.csv").read_text(encoding="utf-8-sig") == "名称\n甲\n"


def test_columns_of_different_length_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="shorter"):
        write_csv(tmp_path / "a.csv", {"a": [1, 2], "b": [1]})


def test_a_csv_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "front.csv"
    write_csv(path, {"x": [1]})

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_csv(path, {"x": [2] * 100})
    assert path.read_text(encoding="utf-8-sig") == "x\n1\n"
    assert list(tmp_path.iterdir()) == [path]
