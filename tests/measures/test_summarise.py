"""Means and intervals over replications."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.measures import BASES, MeasureTable, WindowSpan, summarise

NAN = math.nan


def one(*values: float) -> MeasureTable:
    """One window, segment, and as many measures as values, equal on both bases."""
    array = np.array([[[list(values)] * 2]], dtype=np.float64).reshape(1, 1, 2, len(values))
    return MeasureTable(("w",), ("all",), BASES, tuple(f"m{i}" for i in range(len(values))), array)


def row(tables: list[MeasureTable], measure: str = "m0", level: float = 0.95) -> dict[str, float]:
    columns = summarise(tables, level)
    i = columns["measure"].index(measure)
    return {name: column[i] for name, column in columns.items()}


def test_by_hand() -> None:
    """1, 2, 3, 6: mean 3, sd sqrt(14/3); t with 3 degrees of freedom is 3.1824463."""
    found = row([one(x) for x in (3.0, 1.0, 6.0, 2.0)])
    sd = math.sqrt(14 / 3)
    half = 3.182446305 * sd / 2
    want = {"mean": 3.0, "sd": sd, "ci_low": 3 - half, "ci_high": 3 + half, "replications": 4}
    assert {k: found[k] for k in want} == pytest.approx(want, rel=1e-9)
    assert (found["low"], found["high"]) == pytest.approx(np.quantile([1, 2, 3, 6], (0.025, 0.975)))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    values=st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=2, max_size=40),
    level=st.sampled_from((0.5, 0.9, 0.95)),
)
def test_the_interval_is_students_and_the_range_numpys(values: list[float], level: float) -> None:
    found = row([one(x) for x in values], level=level)
    scale = max(1.0, *(abs(x) for x in values))
    assert found["mean"] == pytest.approx(np.mean(values), abs=1e-9 * scale)
    assert found["sd"] == pytest.approx(np.std(values, ddof=1), abs=1e-9 * scale)
    if np.std(values) > 1e-6 * scale:
        want = scipy.stats.t.interval(level, len(values) - 1, np.mean(values), scipy.stats.sem(values))
        assert (found["ci_low"], found["ci_high"]) == pytest.approx(want, rel=1e-6, abs=1e-9 * scale)
    tail = (1 - level) / 2
    assert (found["low"], found["high"]) == pytest.approx(
        np.quantile(values, (tail, 1 - tail)), abs=1e-9 * scale
    )


def test_undefined_replications_are_left_out_and_counted() -> None:
    found = row([one(x) for x in (NAN, 2.0, NAN, 4.0)])
    assert (found["mean"], found["replications"]) == (3.0, 2)
    assert found["sd"] == pytest.approx(math.sqrt(2))
    nothing = row([one(NAN), one(NAN)])
    assert nothing["replications"] == 0
    assert all(math.isnan(nothing[k]) for k in ("mean", "sd", "ci_low", "ci_high", "low", "high"))


def test_one_replication_has_a_mean_and_no_interval() -> None:
    found = row([one(5.0)])
    assert (found["mean"], found["low"], found["high"], found["replications"]) == (5.0, 5.0, 5.0, 1)
    assert all(math.isnan(found[k]) for k in ("sd", "ci_low", "ci_high"))


def test_ninety_five_per_cent_of_intervals_hold_the_mean() -> None:
    """2,000 runs of 20 normal replications: binomial sd 0.5 points, false alarm of 3 sd one in 370, seed fixed."""
    rng = np.random.default_rng(20190416)
    hits = 0
    for sample in rng.normal(10.0, 3.0, (2000, 20)):
        found = row([one(x) for x in sample.tolist()])
        hits += found["ci_low"] <= 10.0 <= found["ci_high"]
    assert abs(hits / 2000 - 0.95) < 3 * math.sqrt(0.95 * 0.05 / 2000)


def test_one_row_for_each_window_segment_basis_and_measure() -> None:
    columns = summarise([one(1.0, 2.0), one(3.0, 4.0)])
    assert list(columns) == [
        "window", "segment", "basis", "measure", "mean", "sd", "ci_low", "ci_high", "low", "high", "replications",
    ]  # fmt: skip
    assert list(zip(columns["basis"], columns["measure"], columns["mean"], strict=True)) == [
        ("event", "m0", 2.0), ("event", "m1", 3.0), ("cohort", "m0", 2.0), ("cohort", "m1", 3.0),
    ]  # fmt: skip


def test_what_does_not_fit_together_is_refused() -> None:
    with pytest.raises(ValueError, match="no replications"):
        summarise([])
    with pytest.raises(ValueError, match="do not have the same"):
        summarise([one(1.0), one(1.0, 2.0)])
    with pytest.raises(ValueError, match="level: 95 is not between"):
        summarise([one(1.0)], level=95)
    with pytest.raises(ValueError, match="holds no time"):
        WindowSpan("w", 3.0, 3.0)
