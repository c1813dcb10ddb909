"""Replications: pure functions of their number, in order, on any executor, until they are precise."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from typing import Any

import numpy as np
import pytest
from conftest import SMALL, scenario

from sim.experiments.replications import (
    FEWEST,
    HEADLINES,
    MOST,
    Replication,
    curve_days,
    precise,
    replicate,
    replications,
    spans,
    until_precise,
)
from sim.measures import BASES, DEFINITIONS, MeasureTable
from sim.model.records import Outcome
from sim.scenario.schema import Scenario


class Lazy(Executor):
    """Runs nothing until its result is wanted; remembers how many were handed out at once."""

    def __init__(self) -> None:
        self.pending = self.most = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        executor = self
        executor.pending += 1
        executor.most = max(executor.most, executor.pending)

        class Later(Future[Any]):
            def result(self, timeout: float | None = None) -> Any:
                executor.pending -= 1
                return fn(*args, **kwargs)

        return Later()


def test_what_is_kept_of_a_replication(small: Scenario) -> None:
    one = replicate(small, 0, "all")
    sold = one.records.lots["outcome"] == Outcome.SOLD
    assert one.number == 0
    assert len(one.days_to_sale) == len(one.premiums) == sold.sum()
    np.testing.assert_array_equal(one.premiums[:, 0], one.records.lots["price"][sold])
    assert (one.premiums[:, 0] >= one.premiums[:, 1]).all()
    assert one.open_lots["listed"][-1] == one.measures.value("lots_listed", "all")
    assert one.open_lots["open"][-1] == one.measures.value("lots_open", "all")
    assert one.open_lots["sold"][-1] == one.measures.value("lots_sold", "all")
    into = {b: n for a, b, n in one.flow if b.startswith("sold:")}
    assert sum(into.values()) == one.measures.value("lots_sold", "all")


def test_records_are_kept_as_asked(small: Scenario) -> None:
    sizes = {keep: replicate(small, 0, keep).records.size for keep in ("none", "lots", "all")}  # type: ignore[arg-type]
    assert set(sizes["none"].values()) == {0}
    assert [name for name, n in sizes["lots"].items() if n] == ["lots"]
    assert all(sizes["all"].values())


def test_a_replication_can_travel(small: Scenario) -> None:
    one = replicate(small, 3, "all")
    again = pickle.loads(pickle.dumps(one))
    np.testing.assert_array_equal(again.measures.values, one.measures.values)


def test_replications_come_in_order_and_few_at_a_time(small: Scenario) -> None:
    lazy = Lazy()
    found = list(replications(small, range(2, 9), workers=lazy, ahead=3))
    assert [one.number for one in found] == list(range(2, 9))
    assert lazy.most == 3
    alone = list(replications(small, range(2, 9)))
    for a, b in zip(found, alone, strict=True):
        np.testing.assert_array_equal(a.measures.values, b.measures.values)


def test_a_consumer_that_stops_cancels_what_waits(small: Scenario) -> None:
    lazy = Lazy()
    handed: list[Future[Any]] = []
    submit = lazy.submit
    lazy.submit = lambda *a, **k: handed.append(submit(*a, **k)) or handed[-1]  # type: ignore[method-assign, func-returns-value]
    stream = replications(small, range(10), workers=lazy, ahead=4)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert [future.cancelled() for future in handed] == [False, True, True, True]


def test_windows_are_the_scenarios_and_the_whole(small: Scenario) -> None:
    assert [(span.name, span.first, span.last) for span in spans(small)] == [
        ("2017", 0.0, 365.0),
        ("all", 0.0, 365.0),
    ]


def test_curve_ends_with_the_horizon(small: Scenario) -> None:
    days = curve_days(small)
    assert days[0] == 0.0
    assert days[-1] == 365.0
    assert (np.diff(days) > 0).all()
    assert small.held == ["first", "second", "sell_off"]
    assert scenario("base", *SMALL, "rounds.second.held=false").held == ["first", "sell_off"]


def tables(n: int, sd: float, measure: str = "recovery") -> list[MeasureTable]:
    """``n`` tables whose one moving measure has the standard deviation ``sd``."""
    names = tuple(DEFINITIONS)
    noise = np.resize([-1.0, 1.0], n) * sd * np.sqrt((n - 1) / n)
    out = []
    for x in noise:
        values = np.full((1, 1, 2, len(names)), 0.5)
        values[..., names.index(measure)] += x
        out.append(MeasureTable(("w",), ("all",), BASES, names, values))
    return out


@pytest.mark.parametrize("measure", HEADLINES)
def test_precise_looks_at_the_half_width_of_every_headline_measure(measure: str) -> None:
    """With 20 replications the half width is 2.0930 sd / sqrt(20) = 0.468 sd."""
    enough = HEADLINES[measure] / (2.0930 / np.sqrt(20))
    assert precise(tables(20, 0.99 * enough, measure), ["w"], "event")
    assert not precise(tables(20, 1.01 * enough, measure), ["w"], "event")
    assert precise(tables(20, 1.01 * enough, measure), ["another window"], "event")


def test_few_replications_are_never_precise_and_other_measures_do_not_matter() -> None:
    assert not precise(tables(FEWEST - 1, 0.0), ["w"], "event")
    assert precise(tables(FEWEST, 1e9, "turnover"), ["w"], "event")


def until(sd: float) -> int:
    def source(numbers: range) -> Iterator[Replication]:
        for i in numbers:
            noise = sd * (1.0 if i % 2 else -1.0)
            yield Replication(i, tables(2, 0.0)[0].__class__(
                ("w",), ("all",), BASES, ("recovery",), np.full((1, 1, 2, 1), noise)), None, [], {}, None, None, {})  # type: ignore[arg-type]  # fmt: skip

    found = [one.number for one in until_precise(source, ["w"], "event")]
    assert found == list(range(len(found)))
    return len(found)


def test_auto_stops_by_precision_in_tens() -> None:
    """Half width 0.01 wanted; sd 0.02 needs (1.96 * 0.02 / 0.01)^2 = 15 and a little: 20; sd 0.1 needs 390 at least."""
    assert until(0.0) == FEWEST
    assert until(0.02) == 20
    assert until(0.1) == 390


def test_auto_has_a_limit() -> None:
    assert until(1e6) == MOST
