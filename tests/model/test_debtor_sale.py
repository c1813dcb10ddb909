"""The debtor's own sale: time to sell above the failed price, which pauses what comes next; a lot that is sold so is withdrawn at a price."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from conftest import scenario
from two_engines import by_loop, by_simpy, differences

from sim.experiments.replications import measures_of
from sim.measures.against_law import AgainstTheLaw
from sim.measures.lot_history import history
from sim.measures.notable_lots import of_lot
from sim.model.calendar import moment
from sim.model.records import Outcome, Records, sold_by_debtor
from sim.model.simulate import simulate
from sim.scenario.schema import Scenario

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


def given(s: Scenario, records: Records, lot: int, lang: str = "en") -> list[tuple[str, str, str]]:
    """Lines of a lot's history on the days that its debtor was given."""
    words = "日自行处置" if lang == "zh" else "given"
    lines = [(one.when, one.what, one.article) for one in history(s, of_lot(records, lot), lang)]
    return [one for one in lines if words in one[1]]


def test_a_lots_history_says_how_many_days_its_debtor_was_given() -> None:
    """On the day of the last failure, whether they find a buyer or not; of guidance that was not there yet no article is named."""
    s = scenario("base", *LOTS, "debtor_sale.share=0.5", "debtor_sale.success=0.5", "debtor_sale.days=40")
    records = simulate(s, 0)
    lots, rounds = records.lots, records.rounds
    own, waits = sold_by_debtor(lots), rounds["notice"] - np.roll(rounds["closes"], 1)
    sold = int(lots["lot"][own][0])
    looked = rounds["lot"][(rounds["round"] == 2) & (waits > 40.0)]
    asked = rounds["lot"][(rounds["round"] == 2) & (waits < 40.0)]
    for lot, words in ((sold, "the debtor is given 40 days to sell it themself"), (int(looked[0]), "the debtor is given 40 days to sell it themself, and finds no buyer")):  # fmt: skip
        ((when, what, article),) = given(s, records, lot)
        mine = np.flatnonzero((rounds["lot"] == lot) & (rounds["round"] == 1))[-1]
        assert (when, what, article) == (
            f"{moment(float(rounds['closes'][mine]), s.time.start):%Y-%m-%d}",
            words,
            "",
        )
        assert len(given(s, records, lot, "zh")) == 1
    assert given(s, records, int(asked[0])) == []


def test_where_lots_wait_for_clerks_a_history_says_that_days_may_be_either() -> None:
    busy = (
        "courts.notice_again_days=1",
        "courts.clerks=1",
        "debtor_sale.share=1",
        "debtor_sale.success=0",
        "debtor_sale.days=2",
    )
    s = scenario("base", *LOTS, *busy)
    records = simulate(s, 0)
    lot = int(records.rounds["lot"][records.rounds["round"] == 2][0])
    ((_, what, _),) = given(s, records, lot)
    assert what.startswith(
        "the debtor may have been given 2 days to sell it themself without finding a buyer, or"
    )


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


PREPARED = (
    "arrivals.mode=arrivals", "arrivals.periods.year.cases=200", "arrivals.periods.year.lots=600", "kinds.equity.share=3.0",
    "debtor_sale.before_share=0.5", "debtor_sale.success=0.4", "debtor_sale.days=90", "debtor_sale.before_price=0.9",
)  # fmt: skip


def gone_before(records: Records) -> np.ndarray:
    """Lots that their debtors sold before they were listed."""
    return np.asarray(sold_by_debtor(records.lots) & np.isnan(records.lots["listed"]))


def equity(records: Records) -> np.ndarray:
    return np.asarray(records.lots["kind"] == list(scenario("base").kinds).index("equity"))


def test_so_much_equity_is_sold_before_the_first_auction_and_nothing_else() -> None:
    """A share times its success, at even moments of the time given, at a share of the reference price, with no round held."""
    r = run(*PREPARED)
    early = r.lots["priced"] < 200.0  # for which there is time before the run ends
    mine, gone = early & equity(r), gone_before(r)
    n, p = int(mine.sum()), 0.5 * 0.4
    assert n > 120
    assert not (gone & ~equity(r)).any()
    assert (gone & early).sum() / n == pytest.approx(p, abs=4.0 * np.sqrt(p * (1.0 - p) / n))
    days = (r.lots["ended"] - r.lots["priced"])[gone]
    assert ((days >= 0.0) & (days < 90.0)).all()
    assert days.mean() == pytest.approx(45.0, abs=4.0 * 90.0 / np.sqrt(12.0 * len(days)))
    np.testing.assert_allclose(r.lots["price"][gone], 0.9 * r.lots["reference"][gone])
    assert not np.isin(r.rounds["lot"], r.lots["lot"][gone]).any()
    assert set(r.lots["outcome"][gone]) == {Outcome.WITHDRAWN}


def test_who_finds_nobody_before_the_first_auction_is_listed_so_many_days_later() -> None:
    """And all else of the lot stays as it was; lots of other kinds are not touched."""
    free = run(*PREPARED, "debtor_sale.before_share=0")
    late = run(*PREPARED, "debtor_sale.before_share=1", "debtor_sale.success=0", "debtor_sale.days=40")
    listed = np.isfinite(late.lots["listed"])
    gap = (late.lots["listed"] - free.lots["listed"])[listed]
    np.testing.assert_allclose(gap, np.where(equity(free)[listed], 40.0, 0.0), atol=1e-9)
    assert equity(free)[listed].any()


def test_where_lots_come_with_their_listing_dates_nothing_is_sold_before() -> None:
    listing = tuple(one for one in PREPARED if not one.startswith("arrivals.mode"))
    with_it, without = (
        run(*listing, "arrivals.mode=listing", f"debtor_sale.before_share={x}") for x in (0.5, 0.0)
    )
    assert not differences(with_it, without)


def test_what_is_sold_before_the_first_auction_is_counted_and_paid_out() -> None:
    s = scenario("base", *LOTS, *PREPARED)
    records = simulate(s, 0)
    table = measures_of(s, 0, records)
    of_all = dict(zip(table.measures, table.values[-1, 0, 0], strict=True))
    own = gone_before(records) & (records.lots["ended"] < 1e9)
    assert own.sum() > 20
    assert of_all["debtor_sales"] == own.sum()
    assert of_all["debtor_sales_turnover"] == pytest.approx(records.lots["price"][own].sum())
    assert of_all["creditors_receive"] > 0.0
    lot = int(records.lots["lot"][own][0])
    assert "sells the equity themself" in history(s, of_lot(records, lot), "en")[-1].what
    ((when, what, _),) = given(s, records, lot)
    assert (
        when
        == f"{moment(float(records.lots['priced'][records.lots['lot'] == lot][0]), s.time.start):%Y-%m-%d}"
    )
    assert what == f"the debtor is given {s.debtor_sale.days:.0f} days to sell it themself"


def test_days_of_a_debtor_are_no_delay_of_the_sale() -> None:
    """Ten days from the price to the sale (2018 rules Art 30) leave out what a debtor was given; beside it they do not."""
    s = scenario("base", *LOTS, *PREPARED, "debtor_sale.success=0")
    records = simulate(s, 0)

    def late(of: Scenario) -> int:
        held = AgainstTheLaw(of, date(2026, 11, 1))
        held.add(0, records)
        return sum(one.broken for one in held.findings if one.quantity == "price_to_sale")

    blind = scenario("base", *LOTS, *PREPARED, "debtor_sale.before_share=0")
    assert late(s) == 0 < late(blind)
    then = AgainstTheLaw(s, date(2021, 12, 31))  # when no text yet let a debtor sell first
    then.add(0, records)
    equity = list(s.kinds).index("equity")
    waited = (records.lots["kind"] == equity) & (
        np.floor(records.lots["listed"]) - np.floor(records.lots["priced"]) > 10.0
    )
    assert {one.quantity: one.broken for one in then.findings}["price_to_sale_debtor"] == waited.sum() > 0


@pytest.mark.parametrize("more", [(), ("courts.clerks=1", "courts.objection_share=0.5", "courts.objection_wait_days=9", "courts.report_valid_days=60"), ('from."2017-08-01".debtor_sale.before_share=0.9', 'from."2017-10-01".debtor_sale.before_price=0.5')])  # fmt: skip
def test_both_engines_let_debtors_sell_before_the_first_auction(more: tuple[str, ...]) -> None:
    small = ("arrivals.periods.year.cases=20", "arrivals.periods.year.lots=50")
    s = scenario("base", *LOTS, *PREPARED, *small, *more)
    expected = by_simpy(s)
    assert not differences(expected, by_loop(s))
    assert gone_before(expected).any()
