"""Money is conserved in every replication, the flows are what the rows say, and tampering shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from conftest import SMALL, scenario

from sim.measures.cash_flows import flows, imbalance
from sim.model.records import SCHEMAS, Outcome, Records, RoundOutcome, table
from sim.model.simulate import simulate

LIVELY = (
    *SMALL,
    "arrivals.mode=listing",
    "interest.mean=4",
    "disposal.default_rate=0.3",
    "time.end=2018-12-31",
)


def by_hand(**changes) -> Records:
    """Two lots. Lot 0: Ann (1) wins at 110 and does not pay, Bob (2) buys in the next round for 90. Lot 1: nobody."""
    nan = float("nan")
    rows = {
        "lots": [(0, forfeited, price, outcome) for forfeited, price, outcome in [(10.0, 90.0, Outcome.SOLD)]]
        + [(1, 0.0, nan, Outcome.RETURNED)],
        "rounds": [
            (0, 0, 10.0, 2, 110.0, 1, RoundOutcome.DEFAULTED),
            (0, 1, 8.0, 1, 90.0, 2, RoundOutcome.SOLD),
            (1, 0, 10.0, 0, nan, -1, RoundOutcome.FAILED),
        ],
        "registrations": [(0, 0, 1), (0, 0, 2), (0, 1, 2)],
        "bids": [(0, 0, 1, 100.0), (0, 0, 2, 105.0), (0, 0, 1, 110.0), (0, 1, 2, 90.0)],
    }
    columns = {
        "lots": ("lot", "forfeited", "price", "outcome"),
        "rounds": ("lot", "attempt", "deposit", "registered", "price", "winner", "outcome"),
        "registrations": ("lot", "attempt", "bidder"),
        "bids": ("lot", "attempt", "bidder", "price"),
    }
    made = {}
    for name, schema in SCHEMAS.items():
        given = {c: i for i, c in enumerate(columns[name])}
        made[name] = table(
            schema, [tuple(row[given[c]] if c in given else 0 for c in schema) for row in rows[name]]
        )
    return Records(**made)


def test_flows_by_hand():
    """Deposits 10 + 10 and 8; Ann's 10 stay with the court, Bob's first 10 come back, the 8 count towards 90."""
    found = flows(by_hand())
    assert found == {
        "deposits_paid": 28.0, "refunded": 10.0, "applied": 8.0, "forfeited": 10.0, "balance_paid": 82.0,
        "hammer": 90.0, "paid_by_bidders": 110.0, "pending": 0.0,
    }  # fmt: skip
    assert found["paid_by_bidders"] - found["refunded"] - found["forfeited"] - found["hammer"] == 0.0
    assert imbalance(by_hand()) == 0.0


SCENARIOS = {
    "base": SMALL,
    "lively": LIVELY,
    "everybody defaults": (*LIVELY, "disposal.default_rate=1"),
    "no deposits": (*LIVELY, "auction.deposit=0"),
    "short of money": (*LIVELY, "liquidity.short_share=0.5"),
    "a finite market": (*LIVELY, "finite_market.patience_days=60"),
    "creditors who reckon": (*LIVELY, "creditors.compare_share=0.7"),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_deposits_prices_forfeits_and_refunds_sum_to_zero_in_every_replication(name):
    drawn = scenario("base", *SCENARIOS[name])
    for number in range(3):
        records = simulate(drawn, number)
        found = flows(records)
        rest = found["paid_by_bidders"] - found["refunded"] - found["forfeited"] - found["hammer"]
        assert abs(rest) <= 1e-9 * max(found["paid_by_bidders"], 1.0)
        assert imbalance(records) < 1e-12
        assert found["deposits_paid"] == pytest.approx(
            found["refunded"] + found["applied"] + found["forfeited"]
        )
        assert found["hammer"] == pytest.approx(found["applied"] + found["balance_paid"])


def test_deposits_under_way_at_the_end_are_counted_apart():
    records = simulate(
        scenario("base", *SMALL, "arrivals.mode=listing", "interest.mean=20", "rounds.first.window_days=60"),
        0,
    )
    assert flows(records)["pending"] > 0
    assert imbalance(records) < 1e-12


def test_no_records_no_money():
    nothing = Records(**{name: table(schema, []) for name, schema in SCHEMAS.items()})
    assert imbalance(nothing) == 0.0
    assert set(flows(nothing).values()) == {0.0}


@pytest.fixture(scope="module")
def lively() -> Records:
    return simulate(scenario("base", *LIVELY), 0)


def one_row(records: Records, name: str, mask, column: str, by: float) -> Records:
    rows = np.flatnonzero(mask)
    assert len(rows)
    columns = dict(records[name])
    columns[column] = columns[column].copy()
    columns[column][rows[0]] += by
    return replace(records, **{name: columns})


def without_first(records: Records, name: str) -> Records:
    return replace(records, **{name: {column: values[1:] for column, values in records[name].items()}})


def test_one_number_changed_anywhere_turns_the_balance_red(lively):
    sold, defaulted = (lively.rounds["outcome"] == o for o in (RoundOutcome.SOLD, RoundOutcome.DEFAULTED))
    lot_sold = lively.lots["outcome"] == Outcome.SOLD
    crowded = lively.rounds["registered"] > 1
    changed = {
        "a hammer price in the rounds": one_row(lively, "rounds", sold, "price", 1.0),
        "a hammer price in the lots": one_row(lively, "lots", lot_sold, "price", 1.0),
        "a forfeit": one_row(lively, "lots", lively.lots["forfeited"] > 0, "forfeited", -1.0),
        "a forfeit made up": one_row(lively, "lots", lively.lots["forfeited"] == 0, "forfeited", 1.0),
        "a deposit kept": one_row(lively, "rounds", defaulted, "deposit", 1.0),
        "the last bid": one_row(lively, "bids", _last_bids(lively), "price", 1.0),
        "a winner who did not register": one_row(lively, "rounds", sold & crowded, "winner", 500),
        "a deposit that nobody paid": one_row(lively, "rounds", crowded, "registered", 1),
        "a registration lost": without_first(lively, "registrations"),
        "a sale undone": one_row(lively, "lots", lot_sold, "outcome", 1),
    }
    assert {name for name, records in changed.items() if imbalance(records) < 1e-12} == set()


def _last_bids(records: Records):
    """The winning bid of each round that sold."""
    bids, rounds = records.bids, records.rounds
    key = bids["lot"] * 1000 + bids["attempt"]
    last = np.append(key[1:] != key[:-1], True)
    sold = rounds["outcome"] == RoundOutcome.SOLD
    return last & np.isin(key, (rounds["lot"] * 1000 + rounds["attempt"])[sold])


def test_rounds_of_unknown_lots_are_refused(lively):
    with pytest.raises(ValueError, match="not in the table of lots"):
        imbalance(without_first(replace(lively, bids=lively.bids), "lots"))
