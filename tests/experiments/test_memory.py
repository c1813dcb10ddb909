"""Memory by replications: what is kept of each, and what is refused with its size before it runs."""

from __future__ import annotations

import itertools
import math
import tracemalloc

import numpy as np
import pytest
from typer.testing import CliRunner

from sim.cli.main import app
from sim.experiments.execution import memory
from sim.experiments.execution.memory import TooLargeError, available, check_fits
from sim.measures import BASES, Gathered, MeasureTable, summarise
from sim.measures.summary import NothingSharedError, restricted

TINY = [
    part for value in ("arrivals.periods.year.cases=4", "arrivals.periods.year.lots=8", "courts.number=1") for part in ("--set", value)
]  # fmt: skip


def tables(number, shape=(3, 4, 2, 30)):
    rng = np.random.default_rng(1)
    names = ("a", "b", "all"), ("all", *"xyz"), BASES, tuple(f"m{i}" for i in range(shape[3]))
    for _ in range(number):
        values = rng.standard_normal(shape)
        values[rng.random(shape) < 0.1] = np.nan
        yield MeasureTable(*names, values)


def test_gathered_tables_are_their_values_and_summarised_alike():
    found = list(tables(20))
    gathered = Gathered(found)
    assert len(gathered) == 20
    np.testing.assert_array_equal(gathered.values, np.stack([table.values for table in found]))
    for one, other in zip(summarise(gathered).values(), summarise(found).values(), strict=True):
        assert [repr(x) for x in one] == [repr(x) for x in other]


def test_tables_with_other_names_are_kept_as_far_as_all_have_them_whatever_their_order():
    (full,) = tables(1, (3, 4, 2, 3))
    one = MeasureTable(("all",), *full.axes[1:3], ("m2", "m0"), full.values[2:, ..., [2, 0]])
    other = MeasureTable(full.windows, ("x", "all"), *full.axes[2:], 2.0 * full.values[:, [1, 0]])
    common = ("all",), {"all", "x"}, BASES, {"m0", "m2"}
    for order in itertools.permutations([full, one, other]):
        gathered = Gathered()
        left_out = set().union(*(gathered.add_shared(table) for table in order))
        assert left_out == {"a", "b", "y", "z", "m1"}
        assert (gathered.first.windows, set(gathered.first.segments), *gathered.first.axes[2:3], set(gathered.first.measures)) == common  # fmt: skip
        for table, values in zip(order, gathered.values, strict=True):
            kept = MeasureTable(*gathered.first.axes, values)
            for segment, basis, measure in itertools.product(*common[1:]):
                where = (measure, "all", segment, basis)
                np.testing.assert_equal(kept.value(*where), table.value(*where))
    with pytest.raises(NothingSharedError, match="no measure in common"):
        gathered.add_shared(MeasureTable(*full.axes[:3], ("m1",), full.values[..., 1:2]))


def test_a_table_with_more_names_is_taken_by_name_and_refused_where_all_must_have_the_same():
    (first,) = tables(1, (3, 4, 2, 2))
    wider = MeasureTable(*first.axes[:3], ("m1", "more", "m0"), first.values[..., [1, 0, 0]])
    np.testing.assert_array_equal(restricted(wider, first.axes).values, first.values)
    with pytest.raises(ValueError, match="do not have the same"):
        Gathered([first, wider])


def test_a_replication_costs_what_its_numbers_do():
    """Kept: 8 bytes a number. At the end the summary takes a few copies of one window's numbers more, not of all."""
    size = 3 * 4 * 2 * 30 * 8
    tracemalloc.start()
    try:
        gathered = Gathered()
        for table in tables(1000):
            gathered.add(table)
        kept = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        summarise(gathered)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert kept < 1.3 * 1000 * size
    assert peak < 3.5 * 1000 * size


def test_what_is_free_is_read_from_the_machine_and_from_the_container(tmp_path):
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:  8000 kB\nMemAvailable:   4000 kB\n")
    assert available(meminfo, tmp_path) == 4000 * 1024
    (tmp_path / "memory.max").write_text("3000000\n")
    (tmp_path / "memory.current").write_text("1000000\n")
    assert available(meminfo, tmp_path) == 2e6
    (tmp_path / "memory.max").write_text("max\n")
    assert available(meminfo, tmp_path) == 4000 * 1024
    assert available(tmp_path / "none", tmp_path / "none") == math.inf


def test_too_many_are_refused_with_the_size_and_how_many_fit():
    check_fits(100, 1e6, 1e8)
    with pytest.raises(
        TooLargeError,
        match=r"100,000 needs about 13\.0 GB .*0\.13 MB each.* 4\.0 GB are free; at most 30,769 fit",
    ):
        check_fits(100_000, 0.13e6, 4e9)


@pytest.mark.parametrize("command", [["run", "base", "--records", "none"], ["compare", "base", "cut-20"]])
def test_the_commands_refuse_after_the_first_replication_and_leave_nothing(tmp_path, monkeypatch, command):
    monkeypatch.setattr(memory, "available", lambda: 1e6)
    out = tmp_path / "out"
    result = CliRunner().invoke(
        app, [*command, "-n", "100000", "-j", "1", "--no-pictures", "--out", str(out), *TINY]
    )
    assert result.exit_code == 2
    assert "--replications 100,000 needs about" in result.output
    assert not out.exists()
