"""The debtor's own sale: time to sell above the failed price, which pauses what comes next; a lot that is sold so is withdrawn at a price."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import scenario
from two_engines import by_loop, by_simpy, differences

from sim.experiments.replications import measures_of
from sim.measures.lot_history import history
from sim.measures.notable_lots import of_lot
from sim.model.records import Outcome, Records, sold_by_debtor
from sim.model.simulate import simulate

LOTS = (
    "arrivals.periods.year.cases=150", "arrivals.periods.year.lots=500", "courts.number=2", "courts.clerks=0", "time.end=2019-12-31",
    "interest.mean=0.6", "disposal.withdrawal_rate=0", "disposal.suspension_share=0", "disposal.default_rate=0", "auction.opens_at=any",
    "auction.spring_festival_break=false",
)  # fmt: skip
SALE = ("debtor_sale.share=0.5", "debtor_sale.success=0.6", "debtor_sale.days=60", "debtor_sale.over=0.05")


def run(*more: str) -> Records:
    return simulate(scenario("base", *LOTS, *more), 0)


def failed_twice(records: Records) -> np.ndarray:
    """Lots of which the second auction, the last before the sell-off, has failed, and when."""
    rounds = records.rounds
    when = np.full(len(records.lots["lot"]), np.nan)
    rows = (rounds["round"] == 1) & (rounds["outcome"] == 1)
    when[np.searchsorted(records.lots["lot"], rounds["lot"][rows])] = rounds["closes"][rows]
    return when


def test_so_many_lots_are_sold_by_their_debtors_at_that_price_and_in_that_time() -> None:
    """A share times its success of the lots that failed twice, at even moments of the time given, above the failed start."""
    r = run(*SALE)
    failed, own = failed_twice(r), sold_by_debtor(r.lots)
    n = int(np.isfinite(failed).sum())
    assert n > 100
    assert np.isfinite(failed[own]).all()
    p = 0.5 * 0.6
    assert own.sum() / n == pytest.approx(p, abs=4.0 * np.sqrt(p * (1.0 - p) / n))
    days = (r.lots["ended"] - failed)[own]
    assert ((days >= 0.0) & (days < 60.0)).all()
    assert days.mean() == pytest.approx(30.0, abs=4.0 * 60.0 / np.sqrt(12.0 * own.sum()))
    last = r.rounds["round"] == 1
    start = dict(zip(r.rounds["lot"][last].tolist(), r.rounds["start"][last].tolist(), strict=True))
    np.testing.assert_allclose(
        r.lots["price"][own], [1.05 * start[lot] for lot in r.lots["lot"][own].tolist()]
    )


def test_a_debtor_who_finds_nobody_delays_what_comes_next_by_the_days_given() -> None:
    """And nothing else: nobody comes to another round than before."""
    free, paused = (
        run(),
        run(
            "debtor_sale.share=1", "debtor_sale.success=0", "debtor_sale.days=40", "disposal.in_kind_last=0.5"
        ),
    )
    free = run("disposal.in_kind_last=0.5")
    np.testing.assert_array_equal(free.lots["outcome"], paused.lots["outcome"])
    sell_off = free.rounds["round"] == 2
    assert sell_off.sum() > 50
    np.testing.assert_allclose((paused.rounds["notice"] - free.rounds["notice"])[sell_off], 40.0)
    np.testing.assert_array_equal(paused.rounds["notice"][~sell_off], free.rounds["notice"][~sell_off])


def test_the_more_debtors_sell_the_fewer_lots_go_back() -> None:
    back = [
        int((run(*SALE, f"debtor_sale.share={x}").lots["outcome"] == Outcome.RETURNED).sum())
        for x in (0.0, 0.3, 0.6, 1.0)
    ]
    assert back == sorted(back, reverse=True)
    assert back[0] > back[-1]


def test_what_debtors_sell_is_counted_apart_and_paid_to_creditors() -> None:
    s = scenario("base", *LOTS, *SALE)
    records = simulate(s, 0)
    table = measures_of(s, 0, records)
    of_all = dict(zip(table.measures, table.values[-1, 0, 0], strict=True))
    own = sold_by_debtor(records.lots)
    assert of_all["debtor_sales"] == own.sum() == of_all["lots_withdrawn"]
    assert of_all["debtor_sales_turnover"] == pytest.approx(records.lots["price"][own].sum())
    without = {**records.lots, "price": np.where(own, np.nan, records.lots["price"])}
    bare = measures_of(s, 0, Records(without, records.rounds, records.registrations, records.bids))
    less = dict(zip(bare.measures, bare.values[-1, 0, 0], strict=True))
    assert less["creditors_receive"] < of_all["creditors_receive"] - 0.5 * of_all["debtor_sales_turnover"]


def test_a_lots_history_says_who_sold_it() -> None:
    s = scenario("base", *LOTS, *SALE)
    records = simulate(s, 0)
    lot = int(records.lots["lot"][sold_by_debtor(records.lots)][0])
    for lang, words in (("en", "sells it themself above the failed price"), ("zh", "自行处置")):
        assert words in history(s, of_lot(records, lot), lang)[-1].what


@pytest.mark.parametrize(
    "more", [(), ('from."2017-08-01".debtor_sale.share=0.9', 'from."2017-10-01".debtor_sale.days=5')]
)
def test_both_engines_let_debtors_sell(more: tuple[str, ...]) -> None:
    small = (
        "arrivals.periods.year.cases=12",
        "arrivals.periods.year.lots=40",
        "disposal.withdrawal_rate=0.003",
        "disposal.in_kind_second=0.3",
    )
    s = scenario("base", *LOTS, *small, *SALE, *more)
    expected = by_simpy(s)
    assert not differences(expected, by_loop(s))
    assert sold_by_debtor(expected.lots).any()
