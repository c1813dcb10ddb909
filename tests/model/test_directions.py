"""Extreme values and directions: each test is named for its claim."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from conftest import scenario

from sim.model.auction import answer_delays
from sim.model.records import Outcome, Records, RoundOutcome
from sim.model.simulate import simulate

LOTS = (
    "arrivals.periods.year.cases=400",
    "arrivals.periods.year.lots=800",
    "arrivals.mode=listing",
    "courts.number=5",
)
LONG = ("time.end=2018-12-31",)  # a year after the last listing: nothing stays open


def run(*overrides: str, replications: int = 1) -> Records:
    return simulate(scenario("base", *LOTS, *LONG, *overrides), 0)


def share(records: Records, outcome: Outcome) -> float:
    return float((records.lots["outcome"] == outcome).mean())


def sold_by(records: Records, position: int) -> int:
    at = records.lots["sold_round"]
    return int(((at >= 0) & (at <= position)).sum())


def test_no_bidders_nothing_sells():
    r = run("interest.mean=0")
    assert share(r, Outcome.SOLD) == 0
    assert len(r.bids["lot"]) == len(r.registrations["lot"]) == 0
    assert (r.rounds["outcome"][r.rounds["outcome"] != RoundOutcome.STOPPED] == RoundOutcome.FAILED).all()


def test_start_near_zero_everything_with_a_comer_sells():
    r = run(
        "start.ratio=1e-9", "disposal.withdrawal_rate=0", "disposal.default_rate=0", "auction.bidding=proxy"
    )
    came = np.zeros(len(r.lots["lot"]), dtype=bool)
    came[r.rounds["lot"][r.rounds["interested"] > 0]] = True
    assert np.array_equal(came, r.lots["outcome"] == Outcome.SOLD)


def test_start_far_above_every_value_nothing_sells():
    assert share(run("start.ratio=10", "interest.location=-5"), Outcome.SOLD) == 0


def test_deeper_cut_more_sold_by_the_second_round():
    sold = [sold_by(run(f"rounds.second.cut={cut}"), 1) for cut in (0.0, 0.1, 0.2, 0.5)]
    assert sold == sorted(sold)
    assert sold[-1] > sold[0]


def test_lower_first_start_more_sold_in_the_first_round_and_at_higher_premiums():
    runs = [run(f"start.ratio={ratio}") for ratio in (1.0, 0.9, 0.8, 0.7)]
    sold = [sold_by(r, 0) for r in runs]
    assert sold == sorted(sold)
    assert sold[-1] > sold[0]
    premium = [np.nanmean(r.lots["price"] / r.lots["start_sold"] - 1) for r in runs]
    assert premium[-1] > premium[0]


def test_without_sell_off_no_lot_is_sold_in_it_and_more_are_returned():
    base, without = run(), run("rounds.sell_off.held=false")
    assert sold_by(without, 1) == sold_by(base, 1)
    assert sold_by(base, 2) > sold_by(base, 1)
    assert share(without, Outcome.RETURNED) > share(base, Outcome.RETURNED)


def test_more_promotion_more_bidders_and_more_sales():
    base, more = run(), run("promotion.effort=4")
    assert more.lots["interest"].sum() > base.lots["interest"].sum()
    assert sold_by(more, 2) > sold_by(base, 2)


def test_a_platform_less_fewer_bidders():
    base, less = run(), run("platforms.taobao.used=false")
    assert less.lots["interest"].sum() < base.lots["interest"].sum()


def test_everybody_defaults_nothing_sells_and_every_deposit_is_forfeited():
    r = run("disposal.default_rate=1")
    assert share(r, Outcome.SOLD) == 0
    defaulted = r.rounds["outcome"] == RoundOutcome.DEFAULTED
    assert defaulted.sum() > 0
    assert r.lots["forfeited"].sum() == r.rounds["deposit"][defaulted].sum()


def test_winners_default_at_their_rate_the_first_and_the_second_alike():
    """Shares within 4.5 standard errors, a false alarm in 70,000 seeds; the seed is fixed."""
    r = run(
        "disposal.default_rate=0.3", "interest.mean=4", "disposal.withdrawal_rate=0", "arrivals.volume=3"
    ).rounds
    won = np.isin(r["outcome"], [RoundOutcome.SOLD, RoundOutcome.DEFAULTED])
    unpaid = (r["outcome"] == RoundOutcome.DEFAULTED).astype(int)
    before = np.cumsum(unpaid) - unpaid
    before = before - before[np.searchsorted(r["lot"], r["lot"])]
    for earlier in (0, 1):
        here = won & (before == earlier)
        assert here.sum() > 200
        off = unpaid[here].mean() - 0.3
        assert abs(off) < 4.5 * np.sqrt(0.21 / here.sum())


def test_a_defaulter_does_not_bid_again():
    r = run("disposal.default_rate=0.5", "interest.persistence=1", "interest.mean=3")
    rounds = r.rounds
    defaulted = {
        (lot, who): attempt
        for lot, who, attempt, outcome in zip(
            rounds["lot"], rounds["winner"], rounds["attempt"], rounds["outcome"], strict=True
        )
        if outcome == RoundOutcome.DEFAULTED
    }
    assert defaulted
    for lot, who, attempt in zip(
        r.registrations["lot"], r.registrations["bidder"], r.registrations["attempt"], strict=True
    ):
        assert attempt <= defaulted.get((lot, who), 10**9)


def test_a_second_round_held_again_has_the_interest_of_second_rounds():
    """Nobody pays, so second rounds are held again and again; fresh bidders are Poisson with the round's own interest."""
    r = run(
        "rounds.first.interest=0", "rounds.second.interest=3", "interest.persistence=0", "disposal.default_rate=1",
        "start.ratio=0.01", "disposal.withdrawal_rate=0", "auction.bidding=proxy",
    )  # fmt: skip
    again = (r.rounds["round"] == 1) & (r.rounds["attempt"] > 1)
    mean = 3.0 * r.lots["interest"][np.searchsorted(r.lots["lot"], r.rounds["lot"][again])].sum()
    assert again.sum() > 500
    assert r.rounds["interested"][again].sum() == pytest.approx(mean, abs=4.5 * np.sqrt(mean))


def test_higher_withdrawal_hazard_more_withdrawn():
    assert share(run("disposal.withdrawal_rate=0"), Outcome.WITHDRAWN) == 0
    assert (
        share(run("disposal.withdrawal_rate=0.01"), Outcome.WITHDRAWN) > share(run(), Outcome.WITHDRAWN) > 0
    )


def test_a_certain_withdrawal_on_the_first_day_stops_everything_before_it_opens():
    r = run("disposal.withdrawal_rate=1")
    assert share(r, Outcome.WITHDRAWN) > 0.99


def test_creditors_who_always_take_in_kind_leave_nothing_for_the_sell_off():
    r = run("disposal.in_kind_second=1", "disposal.default_rate=0")
    assert not (r.rounds["round"] == 2).any()
    taken = r.lots["outcome"] == Outcome.IN_KIND
    assert taken.any()
    last = dict(zip(r.rounds["lot"], r.rounds["start"], strict=True))
    assert all(
        last[lot] == price for lot, price in zip(r.lots["lot"][taken], r.lots["price"][taken], strict=True)
    )


def test_creditors_are_asked_after_the_last_auction_and_again_at_the_end_each_time_at_its_own_rate():
    """Shares within 4.5 standard errors, a false alarm in 70,000 seeds; the seed is fixed."""
    plain = ("disposal.default_rate=0", "disposal.withdrawal_rate=0", "disposal.suspension_share=0")
    for second, at_end in ((0.0, 1.0), (0.3, 0.0), (0.2, 0.6)):
        r = run(*plain, f"disposal.in_kind_second={second}", f"disposal.in_kind_last={at_end}")
        reached = np.zeros(len(r.lots["lot"]), dtype=int)
        np.maximum.at(reached, r.rounds["lot"], r.rounds["round"])
        taken, unsold = r.lots["outcome"] == Outcome.IN_KIND, r.lots["outcome"] != Outcome.SOLD
        two, three = unsold & (reached >= 1) | (reached == 2), unsold & (reached == 2)
        for eligible, took, rate in (
            (two, taken & (reached == 1), second),
            (three, taken & (reached == 2), at_end),
        ):
            n = eligible.sum()
            assert n > 100
            assert abs(took.sum() - rate * n) <= 4.5 * np.sqrt(n * rate * (1.0 - rate))
        assert share(r, Outcome.RETURNED) == pytest.approx((three & ~taken).mean())


def test_suspension_delays_and_is_counted():
    base, halted = run("disposal.suspension_share=0"), run("disposal.suspension_share=1")
    assert base.lots["suspended"].sum() == 0
    assert (halted.lots["suspended"] > 0).mean() > 0.5
    assert (
        np.nanmean(halted.lots["ended"] - halted.lots["listed"])
        > np.nanmean(base.lots["ended"] - base.lots["listed"]) + 5
    )


def test_a_suspension_costs_its_days_once_and_nobody_comes_meanwhile():
    """Common random numbers with and without: before the opening all moves, within the window what was still to come."""
    plain = (
        "auction.opens_at=any", "auction.spring_festival_break=false", "auction.soft_close_minutes=0", "auction.bidding=proxy",
        "rounds.second.held=false", "rounds.sell_off.held=false", "rounds.first.window_days=20", "rounds.first.late_shape=1",
        "disposal.default_rate=0", "disposal.withdrawal_rate=0", "disposal.in_kind_second=0", "disposal.in_kind_last=0",
        "interest.mean=4",
    )  # fmt: skip
    free, halted = (run(*plain, f"disposal.suspension_share={share}") for share in (0, 1))
    days = halted.lots["suspended"]
    assert np.allclose(halted.lots["ended"] - free.lots["ended"], days)
    for column in ("outcome", "price", "winner"):
        assert np.array_equal(halted.lots[column], free.lots[column], equal_nan=True)
    a, b = free.registrations, halted.registrations
    assert np.array_equal(a["bidder"], b["bidder"])
    later, of = b["time"] - a["time"], days[b["lot"]]
    moved = later > 1e-9
    assert np.allclose(later, np.where(moved, of, 0.0))
    same = b["lot"][1:] == b["lot"][:-1]
    assert not (same & moved[:-1] & ~moved[1:]).any(), "who comes after one who was moved is moved"
    assert (same & ~moved[:-1] & moved[1:]).sum() > 50, "some windows must be interrupted for this to bite"
    assert (same & moved[:-1] & moved[1:]).sum() > 50


def test_days_to_withdrawal_are_exponential():
    """A chance of 5 % a day: 20 days on average to withdrawal, before the opening and in the window alike.

    Mean within 4.5 standard errors, a false alarm in 150,000; the seed is fixed.
    """
    r = run(
        "disposal.withdrawal_rate=0.05", "rounds.first.notice_days_immovable=15", "rounds.first.notice_days_movable=15",
        "rounds.first.window_days=300", "interest.mean=0", "disposal.suspension_share=0", "time.end=2019-12-31",
    )  # fmt: skip
    days = (r.lots["ended"] - r.lots["listed"])[r.lots["outcome"] == Outcome.WITHDRAWN]
    assert len(days) > 750
    assert abs(days.mean() - 20.0) < 4.5 * 20.0 / np.sqrt(len(days))
    assert (days < 15.0).sum() > 300
    assert (days > 16.5).sum() > 300


def test_shorter_notices_sell_sooner():
    days = lambda r: float(np.mean((r.lots["ended"] - r.lots["listed"])[r.lots["outcome"] == Outcome.SOLD]))  # noqa: E731
    assert (
        days(run("rounds.first.notice_days_immovable=10", "rounds.first.notice_days_movable=5"))
        < days(run()) - 5
    )


def test_clerks_too_few_make_a_backlog_and_more_clerks_clear_it():
    busy = ("arrivals.mode=arrivals", "courts.survey_days=4", "courts.notice_days=3", "time.end=2017-12-31")
    waits = []
    for clerks in (1, 2, 4, 0):
        lots = run(*busy, f"courts.clerks={clerks}").lots
        waits.append(int((lots["outcome"] == Outcome.PREPARING).sum()))
    assert waits == sorted(waits, reverse=True)
    assert waits[0] > waits[-1] + 100


def test_token_starts_make_a_mean_premium_and_leave_the_median_alone():
    base, token = run("start.token_share=0"), run("start.token_share=0.03")
    premium = [(r.lots["price"] / r.lots["start_sold"] - 1)[r.lots["sold_round"] >= 0] for r in (base, token)]
    assert premium[1].mean() > premium[0].mean() + 0.5
    assert abs(np.median(premium[1]) - np.median(premium[0])) < 0.1


def test_movables_are_noticed_for_fifteen_and_seven_days_immovables_for_thirty_and_fifteen():
    r = run("auction.opens_at=any", "auction.spring_festival_break=false", "disposal.suspension_share=0")
    movable = r.lots["movable"][r.rounds["lot"]]
    notice = r.rounds["opens"] - r.rounds["notice"]
    for position, (days_movable, days_immovable) in enumerate([(15, 30), (7, 15), (7, 15)]):
        at = r.rounds["round"] == position
        assert np.allclose(notice[at & movable], days_movable)
        assert np.allclose(notice[at & ~movable], days_immovable)


def test_bidding_opens_at_ten_and_never_in_the_spring_festival():
    r = run()
    assert np.allclose(r.rounds["opens"] % 1.0, 10 / 24)
    days = np.floor(r.rounds["opens"])
    assert not np.isin(days, np.arange(26, 33)).any(), "2017-01-27 to 2017-02-02"
    assert not np.isin(days, np.arange(410, 417)).any(), "2018-02-15 to 2018-02-21"


def test_appraisal_was_the_only_method_before_september_2018():
    r = run("time.end=2018-12-31", "arrivals.periods.year.last=2018-12-31")
    change = 608  # 2018-09-01
    method = r.lots["method"]
    appraisal = 3
    assert (method[r.lots["listed"] < change] == appraisal).all()
    assert (method[r.lots["listed"] >= change] != appraisal).any()


def test_most_bids_of_a_contested_lot_fall_in_its_last_half_hour_and_its_extensions():
    r = run("interest.mean=3")
    closes = {
        (lot, a): (o + 1.0, n)
        for lot, a, o, n in zip(
            r.rounds["lot"], r.rounds["attempt"], r.rounds["opens"], r.rounds["bidders"], strict=True
        )
    }
    late = [
        time > closes[lot, a][0] - 30 / 1440
        for lot, a, time in zip(r.bids["lot"], r.bids["attempt"], r.bids["time"], strict=True)
        if (lot, a) in closes and closes[lot, a][1] >= 2
    ]
    assert np.mean(late) > 0.5


@pytest.mark.parametrize("extended", [False, True])
@pytest.mark.parametrize("reply", [15.0, 200.0])
def test_who_is_outbid_answers_after_an_exponential_time_cut_off_at_the_soft_close(reply, extended):
    """Mean r - L e^(-L/r) / (1 - e^(-L/r)) of an exponential law with mean r below L; within 4.5 standard errors."""
    rules = SimpleNamespace(soft_close=300.0, reply=1.0, reply_extended=1.0)
    setattr(rules, "reply_extended" if extended else "reply", reply)
    random = SimpleNamespace(alone=lambda *key: np.random.default_rng(key))
    lot = SimpleNamespace(interested=SimpleNamespace(random=random), row=3)
    delay = answer_delays(rules, lot, 0)
    times = np.array([delay(extended) for _ in range(20_000)])
    beyond = np.exp(-300.0 / reply)
    assert times.max() < 300.0
    assert times.mean() == pytest.approx(
        reply - 300.0 * beyond / (1.0 - beyond), abs=4.5 * reply / np.sqrt(20_000)
    )
