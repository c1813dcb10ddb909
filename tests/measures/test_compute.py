"""Measures from records: against numbers worked out by hand, against a naive oracle, and against their own logic."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from conftest import scenario
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import made_up
from naive import measures as naive

from sim.measures import MeasureTable, WindowSpan, compute, definitions
from sim.model.behaviour.creditors import proceeds
from sim.model.records import (
    LOTS,
    REGISTRATIONS,
    ROUNDS,
    SCHEMAS,
    Outcome,
    Records,
    RoundOutcome,
    Table,
    table,
)
from sim.model.simulate import simulate

KINDS = ["homes", "cars", "land"]
NAMES = ["first", "second", "sell_off"]
WINDOWS = [
    WindowSpan("early", 0.0, 60.0),
    WindowSpan("late", 60.0, 150.0),
    WindowSpan("overlap", 40.0, 100.0),
    WindowSpan("all", 0.0, 400.0),
]
NAN = math.nan


def rows(schema: dict[str, str], *given: dict[str, Any]) -> Table:
    """A table from the columns that matter; the others are zero."""
    return {name: np.array([one.get(name, 0) for one in given], dtype=code) for name, code in schema.items()}


def of(lots: Table, rounds: Table | None = None, registrations: Table | None = None) -> Records:
    return Records(
        lots, rows(ROUNDS) if rounds is None else rounds, rows(REGISTRATIONS) if registrations is None else registrations,
        table(SCHEMAS["bids"], []),
    )  # fmt: skip


# Window [0, 100). Two cases; homes and a car. Worked out on paper.
SOLD = {"outcome": Outcome.SOLD}
A = {"lot": 1, "case": 1, "kind": 0, "seized": 0.0, "listed": 10.0, "ended": 41.0, "value": 3e6, "reference": 2e6, "start": 2e6,
     "price": 3e6, "start_sold": 2e6, "sold_round": 0, **SOLD}  # fmt: skip
B = {"lot": 2, "case": 1, "kind": 1, "movable": True, "seized": 5.0, "listed": 20.0, "ended": 90.0, "value": 1.75e6, "reference": 1e6,
     "start": 1e6, "price": 8e5, "start_sold": 8e5, "sold_round": 1, **SOLD}  # fmt: skip
C = {"lot": 3, "case": 2, "kind": 0, "seized": 0.0, "listed": 30.0, "ended": 130.0, "reference": 5e5, "start": 5e5,
     "price": 4e5, "start_sold": 4e5, "sold_round": 1, **SOLD}  # fmt: skip  # sold after the window: open in it
D = {"lot": 4, "case": 2, "kind": 0, "seized": 0.0, "priced": -361.0, "listed": 5.0, "ended": 99.0, "reference": 4e6, "start": 3e6,
     "price": NAN, "start_sold": NAN, "sold_round": -1, "outcome": Outcome.RETURNED}  # fmt: skip
E = {"lot": 5, "case": 3, "kind": 0, "seized": 98.0, "listed": NAN, "ended": NAN, "price": NAN, "start_sold": NAN,
     "sold_round": -1, "reference": NAN, "outcome": Outcome.PREPARING}  # fmt: skip


def ended(
    lot: int, attempt: int, position: int, closes: float, outcome: RoundOutcome, registered: int = 0
) -> dict[str, Any]:
    return {"lot": lot, "attempt": attempt, "round": position, "closes": closes, "outcome": outcome,
            "registered": registered, "bidders": registered, "extensions": 2 * registered}  # fmt: skip


HELD = [
    ended(1, 0, 0, 41.0, RoundOutcome.SOLD, 2),
    ended(2, 0, 0, 40.0, RoundOutcome.FAILED),
    ended(2, 1, 1, 70.0, RoundOutcome.DEFAULTED, 1),
    ended(2, 2, 1, 90.0, RoundOutcome.SOLD, 1),
    ended(3, 0, 0, 60.0, RoundOutcome.FAILED),
    ended(3, 1, 1, 130.0, RoundOutcome.SOLD, 3),
    ended(4, 0, 0, 35.0, RoundOutcome.FAILED),
    ended(4, 1, 1, 60.0, RoundOutcome.FAILED),
    ended(4, 2, 2, 99.0, RoundOutcome.FAILED),
]
CAME = [
    {"lot": 1, "attempt": 0, "bidder": 7},
    {"lot": 1, "attempt": 0, "bidder": 8},
    {"lot": 2, "attempt": 1, "bidder": 8},
    {"lot": 2, "attempt": 2, "bidder": 9},
    *({"lot": 3, "attempt": 1, "bidder": 10 + i} for i in range(3)),
]
# Of lots 1 to 5: two are sold in the window and the fourth is returned; the third is sold later.
BROUGHT = {
    "claim": np.array([4e6, 1e6, 9e6, 2e6, 0.0]),
    "creditor": np.array([3e6, 6e5, 9e6, -1e5, 0.0]),
    "creditor_then": np.array([2.5e6, 4e5, 8e6, -1e5, 0.0]),
    "debtor": np.array([0.0, 3e5, 5e5, 0.0, 0.0]),
}
BY_HAND = {
    "cases": 2, "lots_listed": 4, "rounds_held": 8, "lots_sold": 2, "lots_failed": 1, "lots_in_kind": 0,
    "lots_returned": 1, "lots_withdrawn": 0, "lots_open": 1, "lots_ended": 4, "backlog_preparing": 1, "defaults": 1,
    "sale_rate_final": 2 / 3, "sale_rate_ended": 2 / 4, "sale_rate_listed": 2 / 4, "sale_rate_round": 2 / 8,
    "premium_turnover": 3.8e6 / 2.8e6 - 1, "premium_mean": 0.25, "premium_median": 0.25,
    "premium_first_start_mean": (0.5 - 0.2) / 2, "turnover": 3.8e6, "mean_price": 1.9e6,
    "commission_saved": 130_000 + 40_000, "commission_saved_flat": 190_000, "participants": 4,
    "participants_distinct": 3, "participants_per_sale": 2, "bidders_per_sale": 1.5, "extensions_per_round": 1.0,
    "days_to_sale_mean": (31 + 70) / 2, "days_to_sale_median": 50.5, "days_to_sale_p90": 31 + 0.9 * 39,
    "days_to_list_mean": (10 + 15 + 30 + 5) / 4, "recovery": 3.8 / 3.0, "recovery_all": 3.8 / 7.0, "lots_per_case": 2,
    "sold_first": 0.5, "sold_second": 0.5, "sold_sell_off": 0, "failed_first": 3 / 4, "failed_second": 1 / 3,
    "failed_sell_off": 1, "creditors_receive": 35e5, "creditor_recovery": 0.5, "creditor_recovery_then": 0.4,
    "sold_at_start": 0.5, "eligible_per_sale": 1.5, "rounds_per_lot": 2, "price_to_value": 3.8 / 4.75,
    "start_to_reference": (3 + 0.75) / 4, "hazard_first": 1 / 4, "hazard_second": 1 / 3, "hazard_sell_off": 0,
    "debtors_surplus": 3e5, "debtors_keep": (0.3 + 4.0) / 7.0, "reports_outlived": 1, "debtor_sales": 0, "debtor_sales_turnover": 0.0,
}  # fmt: skip


def test_every_measure_by_hand() -> None:
    records = of(rows(LOTS, A, B, C, D, E), rows(ROUNDS, *HELD), rows(REGISTRATIONS, *CAME))
    found = compute(records, [WindowSpan("w", 0.0, 100.0)], KINDS, NAMES, proceeds=BROUGHT)
    assert set(found.measures) == set(BY_HAND) == set(definitions(NAMES))
    assert {m: found.value(m, "w") for m in BY_HAND} == pytest.approx(BY_HAND, rel=1e-12)
    assert found.value("turnover", "w", "cars") == found.value("turnover", "w", "movable") == 8e5
    assert found.value("cases", "w", "homes") == 2  # case 1 owns a home and a car: it counts in both kinds
    assert found.value("cases", "w", "cars") == 1
    assert math.isnan(found.value("sale_rate_final", "w", "land"))


def test_a_sale_of_a_lot_listed_before_the_window_counts_by_event_and_not_by_cohort() -> None:
    found = compute(of(rows(LOTS, A)), [WindowSpan("w", 40.0, 50.0)], KINDS, NAMES)
    assert found.value("lots_sold", "w", basis="event") == 1
    assert found.value("lots_sold", "w", basis="cohort") == 0
    assert found.value("lots_listed", "w") == 0
    assert math.isnan(found.value("sale_rate_listed", "w"))


def test_windows_are_cut_at_their_dates() -> None:
    """A day belongs to the window whose [first, last) holds it; a lot sold on the next day is open."""
    cut = [WindowSpan("before", 0.0, 41.0), WindowSpan("after", 41.0, 100.0)]
    found = compute(of(rows(LOTS, A)), cut, KINDS, NAMES)
    assert [found.value("lots_sold", w.name) for w in cut] == [0, 1]
    assert [found.value("lots_open", w.name) for w in cut] == [1, 0]
    assert found.value("lots_open", "before", basis="cohort") == 1


def test_a_lot_listed_at_midnight_of_the_first_day_is_in_the_cohort() -> None:
    found = compute(of(rows(LOTS, A)), [WindowSpan("w", A["listed"], 100.0)], KINDS, NAMES)
    assert [found.value(m, "w", basis="cohort") for m in ("lots_listed", "lots_sold")] == [1, 1]
    found = compute(of(rows(LOTS, A)), [WindowSpan("w", A["listed"], A["ended"])], KINDS, NAMES)
    assert [found.value(m, "w", basis="cohort") for m in ("lots_sold", "lots_open")] == [0, 1]


def test_a_round_stopped_by_a_withdrawal_is_not_held_and_its_registrations_do_not_count() -> None:
    gone = {**A, "outcome": Outcome.WITHDRAWN, "price": NAN, "start_sold": NAN, "sold_round": -1}
    records = of(
        rows(LOTS, gone), rows(ROUNDS, ended(1, 0, 0, 41.0, RoundOutcome.STOPPED, 2)), rows(REGISTRATIONS, *CAME[:2])
    )  # fmt: skip
    found = compute(records, [WindowSpan("w", 0.0, 100.0)], KINDS, NAMES)
    zero = ("rounds_held", "participants", "participants_distinct", "lots_sold")
    assert [found.value(m, "w") for m in zero] == [0, 0, 0, 0]
    assert found.value("lots_withdrawn", "w") == 1


def test_nothing_at_all_is_zero_counts_and_undefined_rates() -> None:
    nothing = {name: np.empty(0) for name in BROUGHT}
    found = compute(of(rows(LOTS)), WINDOWS, KINDS, NAMES, proceeds=nothing)
    for name, definition in definitions(NAMES).items():
        value = found.value(name, "all")
        assert (
            value == 0
            or (definition.kind not in ("count", "yuan") and math.isnan(value))
            or name == "mean_price"
        )


def agree(found: MeasureTable, records: Records, windows: list[WindowSpan], brought: Table) -> None:
    """Every number equals the oracle's."""
    keeps: dict[str, Any] = {"all": lambda lot: True}
    keeps |= {name: (lambda lot, i=i: lot["kind"] == i) for i, name in enumerate(KINDS)}
    keeps |= {"movable": lambda lot: lot["movable"], "immovable": lambda lot: not lot["movable"]}
    for window in windows:
        for segment, keep in keeps.items():
            for basis in ("event", "cohort"):
                want = naive(records, window.first, window.last, basis == "cohort", keep, NAMES, brought)
                got = {m: found.value(m, window.name, segment, basis) for m in found.measures}
                assert got == pytest.approx(want, rel=1e-9, abs=1e-9, nan_ok=True), (
                    window.name,
                    segment,
                    basis,
                )


@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1), lots=st.integers(0, 40))
def test_the_oracle_agrees_on_any_records(seed: int, lots: int) -> None:
    records = made_up(seed, lots)
    rng = np.random.default_rng(seed)
    brought = {name: rng.normal(1e5, 1e5, len(records.lots["lot"])) for name in BROUGHT}
    agree(compute(records, WINDOWS, KINDS, NAMES, proceeds=brought), records, WINDOWS, brought)


def test_the_oracle_agrees_on_what_the_model_writes(small: Any) -> None:
    records = simulate(small, 0)
    windows = [WindowSpan("half", 0.0, 180.0), WindowSpan("rest", 180.0, 365.0)]
    kinds, rounds = list(small.kinds), list(small.rounds)
    brought = proceeds(small, 0, records.lots)
    found = compute(records, windows, kinds, rounds, proceeds=brought)
    for window in windows:
        for basis in ("event", "cohort"):
            want = naive(
                records, window.first, window.last, basis == "cohort", lambda lot: True, rounds, brought
            )
            got = {m: found.value(m, window.name, "all", basis) for m in found.measures}
            assert got == pytest.approx(want, rel=1e-9, abs=1e-9, nan_ok=True)


COUNTS = [name for name, d in definitions(NAMES).items() if d.kind == "count"]
ADDITIVE = [name for name in COUNTS if name not in ("cases", "participants_distinct")]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1), lots=st.integers(0, 60))
def test_counts_add_up_over_segments_and_windows(seed: int, lots: int) -> None:
    found = compute(made_up(seed, lots), WINDOWS, KINDS, NAMES)
    parts = [WindowSpan("a", 0.0, 120.0), WindowSpan("b", 120.0, 400.0)]
    cut = compute(made_up(seed, lots), parts, KINDS, NAMES)
    for name in [*ADDITIVE, "turnover", "commission_saved"]:
        whole = found.value(name, "all")
        assert sum(found.value(name, "all", kind) for kind in KINDS) == pytest.approx(whole)
        assert found.value(name, "all", "movable") + found.value(name, "all", "immovable") == pytest.approx(
            whole
        )
    flows = set(ADDITIVE) - {
        "lots_open",
        "lots_ended",
        "backlog_preparing",
    }  # what is true at an end does not add up
    for name in [*flows, "turnover", "commission_saved"]:
        assert cut.value(name, "a") + cut.value(name, "b") == pytest.approx(found.value(name, "all"))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1), lots=st.integers(1, 60))
def test_every_listed_lot_is_somewhere(seed: int, lots: int) -> None:
    """By cohort: listed = sold + failed + withdrawn + open. Over the whole period both bases agree."""
    found = compute(made_up(seed, lots), WINDOWS, KINDS, NAMES)
    for window in ("early", "late", "overlap", "all"):
        parts = ("lots_sold", "lots_failed", "lots_withdrawn", "lots_open")
        listed = found.value("lots_listed", window, basis="cohort")
        assert sum(found.value(part, window, basis="cohort") for part in parts) == listed
    whole = found.values[found.windows.index("all")]
    differ = found.measures.index("backlog_preparing")
    same = np.delete(whole, differ, axis=-1)
    np.testing.assert_array_equal(same[:, 0], same[:, 1])


@settings(max_examples=20, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1), lots=st.integers(0, 40), shuffle=st.integers(0, 2**32 - 1))
def test_the_order_of_the_rows_does_not_matter(seed: int, lots: int, shuffle: int) -> None:
    records, rng = made_up(seed, lots), np.random.default_rng(shuffle)
    mixed = []
    for name in SCHEMAS:
        order = rng.permutation(len(records[name]["lot"]))
        mixed.append({column: values[order] for column, values in records[name].items()})
    a, b = (compute(r, WINDOWS, KINDS, NAMES) for r in (records, Records(*mixed)))
    np.testing.assert_allclose(
        a.values, b.values, rtol=1e-12, atol=1e-12
    )  # sums in another order; premiums are ratio - 1


def test_money_in_another_unit_scales_money_and_nothing_else() -> None:
    records = made_up(5, 60)
    lots = {
        n: c * 2.0 if n in ("price", "start", "start_sold", "reference", "value") else c
        for n, c in records.lots.items()
    }
    a = compute(records, WINDOWS, KINDS, NAMES)
    b = compute(Records(lots, records.rounds, records.registrations, records.bids), WINDOWS, KINDS, NAMES)
    for name in a.measures:
        factor = (
            2.0
            if name in ("turnover", "mean_price", "commission_saved_flat", "debtor_sales_turnover")
            else 1.0
        )
        if name != "commission_saved":  # bands: twice the price is not twice the commission
            assert b.value(name, "all") == pytest.approx(factor * a.value(name, "all"), nan_ok=True)


def test_segments_of_ones_own() -> None:
    records = made_up(3, 50)
    rich = records.lots["reference"].astype(float) > 2e5
    found = compute(
        records, WINDOWS, KINDS, NAMES, {"rich": rich, "poor": ~rich, "nobody": np.zeros_like(rich)}
    )
    want = naive(records, 0.0, 400.0, False, lambda lot: lot["reference"] > 2e5, NAMES)
    assert {m: found.value(m, "all", "rich") for m in found.measures} == pytest.approx(want, nan_ok=True)
    both = sum(found.value("lots_sold", "all", part) for part in ("rich", "poor"))
    assert both == found.value("lots_sold", "all")
    assert found.value("lots_sold", "all", "nobody") == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kinds": KINDS[:1]}, "kind: the records have codes outside the 1 names"),
        ({"rounds": NAMES[:1]}, "round: the records have codes outside the 1 names"),
        ({"windows": [WINDOWS[0], WINDOWS[0]]}, "two windows have the same name"),
        ({"kinds": ["homes", "movable", "land"]}, "two segments are named movable"),
        ({"segments": {"s": [True]}}, r"segment s: the mask has shape \(1,\), there are 30 lots"),
    ],
)
def test_names_that_do_not_fit_are_refused(change: dict[str, Any], words: str) -> None:
    given: dict[str, Any] = {"records": made_up(1, 30), "windows": WINDOWS, "kinds": KINDS, "rounds": NAMES}
    with pytest.raises(ValueError, match=words):
        compute(**given | change)


def test_rounds_of_unknown_lots_are_refused() -> None:
    with pytest.raises(ValueError, match="of lots that are not in the table"):
        compute(
            of(rows(LOTS, A), rows(ROUNDS, ended(9, 0, 0, 1.0, RoundOutcome.FAILED))), WINDOWS, KINDS, NAMES
        )


def test_a_value_is_asked_for_by_name() -> None:
    found = compute(of(rows(LOTS, A)), WINDOWS, KINDS, NAMES)
    with pytest.raises(KeyError, match="'lots' is not among cases, lots_listed"):
        found.value("lots", "all")


def test_published_windows_of_shanxi_are_calendar_years() -> None:
    from sim.experiments.replications import spans

    found = {span.name: (span.first, span.last) for span in spans(scenario("shanxi"))}
    assert found == {
        "2017": (0.0, 365.0),
        "2018": (365.0, 730.0),
        "2019Q1": (730.0, 820.0),
        "all": (0.0, 820.0),
    }
