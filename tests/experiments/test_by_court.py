"""Courts streamed to disk: the same rows as in memory, however many processes write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from conftest import SMALL, scenario

from sim.experiments.by_court import stream
from sim.model.records import SCHEMAS
from sim.model.simulate import simulate


@pytest.mark.parametrize("jobs", [1, 2, 9])
def test_parts_one_after_another_are_the_rows_of_the_whole(tmp_path: Path, jobs: int) -> None:
    s = scenario("base", *SMALL)
    parts = stream(s, tmp_path / "out", replication=3, jobs=jobs)
    whole = simulate(s, 3)
    assert len(parts) == min(jobs, 4)
    assert [court for part in parts for court in part.courts] == [0, 1, 2, 3]
    assert sum(part.lots for part in parts) == len(whole.lots["lot"]) > 100
    for name, schema in SCHEMAS.items():
        written = [pq.read_table(part.folder / f"{name}.parquet") for part in parts]
        assert {n for table in written for n in table["replication"].to_pylist()} <= {3}
        for column, code in schema.items():
            rows = np.concatenate([table[column].to_numpy() for table in written])
            assert np.array_equal(rows, whole[name][column], equal_nan=code.startswith("f")), (name, column)


def test_it_does_not_write_over_what_is_there(tmp_path: Path) -> None:
    s = scenario("base", *SMALL)
    stream(s, tmp_path)
    with pytest.raises(FileExistsError):
        stream(s, tmp_path)


def test_courts_that_share_bidders_are_refused(tmp_path: Path) -> None:
    s = scenario("base", *SMALL, "finite_market.patience_days=30")
    with pytest.raises(ValueError, match="share their bidders"):
        stream(s, tmp_path)
    assert not list(tmp_path.iterdir())
