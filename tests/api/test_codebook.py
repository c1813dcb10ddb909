"""Files of records explain themselves: every column has a unit and a meaning in both languages, every code a name."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sim
from sim.experiments.storage.codebook import NoCodebookError, _declared, codebook
from sim.model.records import SCHEMAS, Outcome, RoundOutcome
from sim.scenario import load

UNITS = {"", "yuan", "date", "days", "bidders", "bids", "rounds", "extensions"}


def test_every_column_is_explained_in_both_languages_and_nothing_else() -> None:
    declared = _declared()
    for table, schema in SCHEMAS.items():
        assert list(declared[table]) == list(schema)
        for said in declared[table].values():
            assert said["unit"] in UNITS
            assert said["en"]
            assert re.search("[\u4e00-\u9fff]", said["zh"])
            assert not re.search(r"[,;:()]", said["zh"]), "Chinese takes full-width marks"


def test_codes_are_those_of_the_model() -> None:
    codes = _declared()["codes"]
    for name, kind in (("outcome", Outcome), ("round_outcome", RoundOutcome)):
        assert {int(code): one["name"] for code, one in codes[name].items()} == {
            x.value: x.name.lower() for x in kind
        }
    book = codebook(load("shanxi").scenario)["lots"]
    assert book["columns"]["kind"]["codes"]["0"]["zh"] == "住宅"
    assert [one["name"] for one in book["columns"]["sold_round"]["codes"].values()] == [
        "first",
        "second",
        "sell_off",
    ]


def test_a_file_carries_its_own(village: sim.Scenario, result: sim.RunResult, tmp_path: Path) -> None:
    village.run(1, out=tmp_path / "out")
    for table in SCHEMAS:
        book = sim.codebook(tmp_path / "out" / f"{table}.parquet")
        assert list(book.index) == pq.read_schema(tmp_path / "out" / f"{table}.parquet").names
        assert book.equals(result.codebook(table))
        assert book.attrs["start"] == "2017-01-01"
    with pytest.raises(ValueError, match="did you mean lots"):
        result.codebook("lot")


def test_a_file_that_carries_none_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1]}), tmp_path / "x.parquet")
    with pytest.raises(NoCodebookError, match="carries no codebook"):
        sim.codebook(tmp_path / "x.parquet")
    (tmp_path / "y.parquet").write_text("no")
    with pytest.raises(NoCodebookError, match="is no Parquet file"):
        sim.codebook(tmp_path / "y.parquet")
