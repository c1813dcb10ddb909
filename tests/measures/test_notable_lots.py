"""Lots worth a look: each reason finds a lot of which it is true."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import SMALL, scenario

from sim.locale.language import speaking
from sim.measures.notable_lots import REASONS, notable_lots, of_lot, records_of, why_notable
from sim.model.records import SCHEMAS, Outcome, Records, RoundOutcome
from sim.model.simulate import simulate
from sim.scenario.schema import Scenario

EVERYTHING = (  # long enough for sell-offs to end
    *SMALL, "arrivals.periods.year.cases=160", "arrivals.periods.year.lots=400", "time.end=2018-12-31", "start.token_share=0.2", "disposal.default_rate=0.2", "disposal.suspension_share=0.2", "interest.mean=3.0",
)  # fmt: skip


@pytest.fixture(scope="module")
def eventful() -> Scenario:
    return scenario("base", *EVERYTHING)


@pytest.fixture(scope="module")
def records(eventful: Scenario) -> Records:
    return simulate(eventful, 0)


@pytest.mark.parametrize("why", REASONS)
def test_the_reason_is_true_of_the_lot(why: str, records: Records) -> None:
    found = notable_lots(records, 3)
    one = of_lot(records, found[why])
    lot = {name: column[0] for name, column in one.lots.items()}
    bids = one.rounds["bids"]
    sold = records.lots["outcome"] == Outcome.SOLD
    token = records.lots["token"].astype(bool)

    def most(these: np.ndarray) -> int:
        lots = records.lots["lot"][these]
        held = np.isin(records.rounds["lot"], lots) & (records.rounds["outcome"] == RoundOutcome.SOLD)
        return int(records.rounds["bids"][held].max())

    true = {
        "contested": lambda: not lot["token"] and bids.max() >= most(sold & ~token),
        "ordinary": lambda: lot["outcome"] == Outcome.SOLD and lot["rounds"] == 1,
        "second": lambda: lot["sold_round"] == 1,
        "late": lambda: lot["sold_round"] == 2,
        "unsold": lambda: lot["outcome"] == Outcome.RETURNED,
        "in_kind": lambda: lot["outcome"] == Outcome.IN_KIND,
        "defaulted": lambda: (one.rounds["outcome"] == RoundOutcome.DEFAULTED).any(),
        "withdrawn": lambda: lot["outcome"] == Outcome.WITHDRAWN and lot["rounds"] > 0,
        "suspended": lambda: lot["suspended"] > 0,
        "token": lambda: lot["token"] and lot["outcome"] == Outcome.SOLD,
    }
    assert true[why]()


def test_each_lot_once(records: Records) -> None:
    found = notable_lots(records, 3)
    assert set(found) == set(REASONS)
    assert len(set(found.values())) == len(found)


def test_nothing_to_see_in_no_lots(records: Records) -> None:
    empty = Records(**{name: {c: v[:0] for c, v in records[name].items()} for name in SCHEMAS})
    assert notable_lots(empty, 3) == {}


@pytest.mark.parametrize("lot", [0, 77, 149])
def test_a_lot_alone_is_what_it_is_among_all(eventful: Scenario, records: Records, lot: int) -> None:
    if lot >= len(records.lots["lot"]):
        lot = len(records.lots["lot"]) - 1
    alone, among = records_of(eventful, lot, 0), of_lot(records, lot)
    for name, schema in SCHEMAS.items():
        for column in schema:
            np.testing.assert_array_equal(alone[name][column], among[name][column])
    assert alone.lots["lot"].tolist() == [lot]


def test_where_courts_share_their_bidders_a_lot_is_what_it_is_among_all() -> None:
    """Its court alone would be another story: the neighbours' lots take bidders away."""
    shared = scenario(
        "base", *SMALL, "finite_market.patience_days=60", "finite_market.fit=0.3", "finite_market.areas=1"
    )
    records = simulate(shared, 0)
    for lot in range(0, len(records.lots["lot"]), 40):
        alone, among = records_of(shared, lot, 0), of_lot(records, lot)
        for name, schema in SCHEMAS.items():
            for column in schema:
                np.testing.assert_array_equal(alone[name][column], among[name][column])


def test_no_such_lot(eventful: Scenario) -> None:
    with pytest.raises(IndexError, match=r"lot 99999: replication 0 has \d+ lots, numbered 0 to \d+"):
        records_of(eventful, 99_999)
    with pytest.raises(IndexError, match="has no lots"):
        records_of(scenario("base", "arrivals.volume=0.0"), 0)


def test_no_such_lot_is_said_in_chinese(eventful: Scenario) -> None:
    with speaking("zh"):
        with pytest.raises(IndexError, match=r"没有99999号标的物：第0次重复共[0-9]+件，编号0至"):
            records_of(eventful, 99_999)
        with pytest.raises(IndexError, match="没有0号标的物：第3次重复没有标的物"):
            records_of(scenario("base", "arrivals.volume=0.0"), 0, 3)


def test_every_reason_is_said_in_both_languages() -> None:
    assert all(why_notable(reason, lang) for reason in REASONS for lang in ("en", "zh"))
