"""Values that change at a date: what holds when, and that draws stay a lot's own across a date."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import pytest
from conftest import scenario

from sim.model.behaviour.creditors import proceeds
from sim.model.calendar import day_of
from sim.model.records import SCHEMAS, Outcome, Records, RoundOutcome
from sim.model.simulate import simulate, undivided
from sim.scenario.schema import Scenario
from sim.theory.rounds import rounds as closed_form
from sim.theory.values import ValueLaw

TINY = (
    "arrivals.periods.year.cases=50",
    "arrivals.periods.year.lots=120",
    "courts.number=3",
    "courts.clerks=0",
)
LIVELY = (
    *TINY, "interest.persistence=0.6", "disposal.default_rate=0.2", "disposal.in_kind_second=0.2",
    "disposal.withdrawal_rate=0.002", "disposal.suspension_share=0.2", "auction.priority_share=0.2",
    "start.cut_relief=0.1", "start.token_share=0.1", "courts.objection_share=0.3", "courts.notice_again_days=0.5",
    "courts.clerks=1", "interest.mean=4",
)  # fmt: skip
REACTING = (
    "strategic_waiting.share=0.4",
    "liquidity.short_share=0.3",
    "creditors.prior_share=0.3",
    "creditors.compare_share=0.3",
)
MARKET = ("finite_market.patience_days=60", "finite_market.fit=0.1", "interest.mean=1")
# One kind, no chance but who comes, and rounds that open as soon as their notice has run.
PLAIN = (
    "arrivals.mode=listing", "arrivals.exact=true", "arrivals.periods.year.cases=60", "arrivals.periods.year.lots=60", "courts.number=1",
    "auction.opens_at=any", "auction.spring_festival_break=false", "rounds.sell_off.held=false", "interest.mean=0",
    "disposal.withdrawal_rate=0", "disposal.suspension_share=0", "disposal.in_kind_second=0", "disposal.in_kind_last=0",
    "disposal.default_rate=0", "interest.persistence=0",
)  # fmt: skip


def same(one: Records, other: Records) -> bool:
    return all(
        np.array_equal(one[table][name], other[table][name], equal_nan=one[table][name].dtype.kind == "f")
        for table in SCHEMAS
        for name in one[table]
    )


def day(text: str, s: Scenario) -> float:
    return day_of(date.fromisoformat(text), s.time.start)


@pytest.mark.parametrize(
    "on", [LIVELY, (*LIVELY, *REACTING), (*LIVELY, *MARKET), (*LIVELY, *MARKET, *REACTING)],
    ids=["base", "reacting", "market", "both"],
)  # fmt: skip
def test_a_date_on_which_nothing_changes_changes_nothing(on):
    plain = scenario("base", *on)
    again = scenario(
        "base", *on, "from.2017-04-03.rounds.second.cut=0.2", "from.2017-08-10.start.token_share=0.1"
    )
    assert len(again.periods) == 3
    for replication in (0, 1):
        records = simulate(plain, replication)
        assert same(records, simulate(again, replication))
        assert same(records, undivided(again, replication))
        for name, found in proceeds(plain, replication, records.lots).items():
            assert np.array_equal(found, proceeds(again, replication, records.lots)[name])


CHANGES = [
    "rounds.second.cut=0.05", "interest.mean=1.5", "interest.dispersion=0.7", "interest.dispersion=inf", "interest.location=-0.4",
    "interest.persistence=0.9", "kinds.homes.share=0.1", "kinds.homes.value_median=1e6", "kinds.homes.interest=3.0",
    "start.ratio=0.7", "start.token_share=0.3", "pricing.appraisal.noise=0.5", "pricing.appraisal.days_low=50.0",
    "disposal.withdrawal_rate=0.01", "disposal.default_rate=0.5", "disposal.in_kind_second=0.8", "promotion.effort=3.0",
    "platforms.taobao.used=false", "rounds.sell_off.held=false", "courts.survey_days=4.0", "auction.deposit=0.2",
    "auction.bidding=proxy", "rounds.first.window_days=2.0", "strategic_waiting.share=0.7", "creditors.prior_share=0.7",
    "liquidity.held=0.05", "auction.priority_share=0.6", "courts.objection_share=0.9", "rounds.second.interest=2.0",
]  # fmt: skip


@cache
def unchanged(on):
    return simulate(scenario("base", *on))


@pytest.mark.parametrize("change", CHANGES)
def test_a_date_at_the_start_of_time_is_the_base_and_one_on_the_last_day_hardly_anything(change):
    on = (
        (*LIVELY, *REACTING)
        if change.split(".")[0] in ("strategic_waiting", "creditors", "liquidity")
        else LIVELY
    )
    plain, changed = unchanged(on), simulate(scenario("base", *on, change))
    assert not same(plain, changed)  # or the rest would show nothing
    assert same(changed, simulate(scenario("base", *on, f"from.2017-01-01.{change}")))
    last = simulate(scenario("base", *on, f"from.2017-12-31.{change}"))
    for table, when in (("lots", "listed"), ("rounds", "opens"), ("bids", "time")):
        before = plain[table][when] < 363.0  # a lot that comes in on the last day is that day's
        for name in ("value", "price", "start", "interested"):
            if name in plain[table] and len(plain[table][when]) == len(last[table][when]):
                assert np.array_equal(plain[table][name][before], last[table][name][before], equal_nan=True)
    assert len(last.lots["lot"]) == len(plain.lots["lot"])
    ended = plain.lots["ended"] < 364.0
    assert np.array_equal(plain.lots["price"][ended], last.lots["price"][ended], equal_nan=True)


def test_each_rule_holds_by_its_own_day():
    """No one comes; what can be seen is when rounds are held and at what start. Worked out by hand."""
    s = scenario(
        "base", *PLAIN, "arrivals.periods.year.cases=200", "arrivals.periods.year.lots=200", "from.2017-06-01.rounds.second.cut=0.1", "from.2017-06-01.rounds.second.relist_days=40",
        "from.2017-06-01.rounds.second.notice_days_movable=20", "from.2017-06-01.rounds.second.notice_days_immovable=20",
        "from.2017-06-01.start.ratio=0.7", "from.2017-06-01.rounds.first.window_days=3",
    )  # fmt: skip
    change = day("2017-06-01", s)
    records = simulate(s)
    lots, rounds = records.lots, records.rounds
    assert lots["start"] / lots["reference"] == pytest.approx(np.where(lots["listed"] >= change, 0.7, 0.8))
    of = {lot: row for row, lot in enumerate(lots["lot"].tolist())}
    seen = set()
    for lot in of:
        mine = np.flatnonzero(rounds["lot"] == lot)
        if not len(mine):
            continue
        first = mine[0]
        failed = rounds["notice"][first] + (15.0 if lots["movable"][of[lot]] else 30.0)
        failed += 3.0 if rounds["notice"][first] >= change else 1.0
        if failed < 365.0:
            assert rounds["closes"][first] == pytest.approx(failed)
        if len(mine) < 2:
            continue
        second = mine[1]
        notice = rounds["notice"][second]
        assert notice - failed == pytest.approx(
            40.0 if failed >= change else 10.0
        )  # by the day of the failure
        new = notice >= change
        assert rounds["start"][second] / rounds["start"][first] == pytest.approx(0.9 if new else 0.8)
        wait = 20.0 if new else 7.0 if lots["movable"][of[lot]] else 15.0
        assert rounds["opens"][second] - notice == pytest.approx(wait)
        seen.add((rounds["notice"][first] >= change, failed >= change, new))
    assert seen == {(False, False, False), (False, False, True), (False, True, True), (True, True, True)}


def test_a_notice_that_clerks_write_after_a_date_has_the_cut_of_that_day_unless_the_round_is_held_again():
    """The second notice is due after ten days, and written after twelve; whoever buys at a second auction does not pay."""
    s = scenario(
        "base", *PLAIN, "arrivals.mode=arrivals", "courts.clerks=0", "courts.notice_again_days=12", "arrivals.periods.year.cases=300",
        "arrivals.periods.year.lots=300", "from.2017-06-01.rounds.second.cut=0.1", "rounds.first.interest=0",
        "interest.mean=20", "start.ratio=0.3", "disposal.default_rate=1", "disposal.payment_days=1",
    )  # fmt: skip
    change = day("2017-06-01", s)
    lots, rounds = (simulate(s)[name] for name in ("lots", "rounds"))
    starts = dict(zip(lots["lot"].tolist(), lots["start"].tolist(), strict=True))
    seen = set()
    for lot in np.unique(rounds["lot"][rounds["round"] == 1]).tolist():
        mine = rounds["lot"] == lot
        (failed,) = rounds["closes"][mine & (rounds["round"] == 0)]
        second = np.flatnonzero(mine & (rounds["round"] == 1))
        notice = rounds["notice"][second]
        assert notice[0] - failed == pytest.approx(12.0)
        kept = rounds["start"][second] / starts[lot]
        assert kept == pytest.approx(0.9 if notice[0] >= change else 0.8)
        seen.add((failed + 10.0 >= change, bool(notice[0] >= change), bool(notice[-1] >= change)))
    assert {(False, False, True), (False, True, True)} <= seen


def test_a_payment_is_awaited_by_the_rules_of_the_hammer_and_the_round_comes_again_by_those_of_its_end():
    """Nobody pays: 4 days for it and 3 until the next notice, 20 and 9 from the date on."""
    s = scenario(
        "base", *PLAIN, "interest.mean=20", "start.ratio=0.3", "disposal.default_rate=1", "disposal.payment_days=4",
        "rounds.first.relist_days=3", "from.2017-06-01.disposal.payment_days=20", "from.2017-06-01.rounds.first.relist_days=9",
    )  # fmt: skip
    change = day("2017-06-01", s)
    rounds = simulate(s).rounds
    again = np.flatnonzero((rounds["attempt"] > 0) & (rounds["round"] == 0))
    closes, notice = rounds["closes"][again - 1], rounds["notice"][again]
    payment = np.where(closes >= change, 20.0, 4.0)
    relist = np.where(closes + payment >= change, 9.0, 3.0)
    assert notice - closes == pytest.approx(payment + relist)
    assert {(p, r) for p, r in zip(payment.tolist(), relist.tolist(), strict=True)} == {
        (4.0, 3.0),
        (4.0, 9.0),
        (20.0, 9.0),
    }


def test_whether_a_winner_pays_and_a_creditor_takes_the_lot_goes_by_the_day_of_its_listing():
    s = scenario(
        "base", *PLAIN, "interest.mean=20", "start.ratio=0.3", "from.2017-06-01.disposal.default_rate=1"
    )
    change = day("2017-06-01", s)
    records = simulate(s)
    lots, rounds = records.lots, records.rounds
    listed = lots["listed"][np.searchsorted(lots["lot"], rounds["lot"])]
    held = rounds["winner"] >= 0
    assert (held & (listed < change) & (rounds["closes"] >= change)).any()
    assert np.array_equal(rounds["outcome"][held] == RoundOutcome.DEFAULTED, listed[held] >= change)
    for key in ("in_kind_last", "in_kind_second"):
        lots = simulate(scenario("base", *PLAIN, f"from.2017-06-01.disposal.{key}=1")).lots
        ended = ~np.isnan(lots["ended"])
        assert (ended & (lots["listed"] < change) & (lots["ended"] >= change)).any()
        assert np.array_equal(lots["outcome"][ended] == Outcome.IN_KIND, lots["listed"][ended] >= change)


def test_who_comes_is_decided_on_the_day_of_the_opening():
    s = scenario("base", *PLAIN, "from.2017-06-01.interest.mean=50", "interest.dispersion=inf")
    change = day("2017-06-01", s)
    rounds = simulate(s).rounds
    crossing = (rounds["notice"] < change) & (rounds["opens"] >= change)
    assert crossing.any()
    assert np.array_equal(rounds["interested"] > 0, rounds["opens"] >= change)
    back = scenario(
        "base", *PLAIN, "interest.mean=50", "interest.dispersion=inf", "from.2017-06-01.interest.mean=0"
    )
    rounds = simulate(back).rounds
    assert np.array_equal(rounds["interested"] > 0, rounds["opens"] < change)


def test_whoever_comes_back_comes_back_by_the_day_of_the_round_to_which_they_come():
    on = ("rounds.second.interest=0", "interest.mean=6", "start.ratio=10", "interest.dispersion=inf")
    s = scenario("base", *PLAIN, *on, "from.2017-06-01.interest.persistence=1")
    change = day("2017-06-01", s)
    rounds = simulate(s).rounds
    second = rounds["round"] == 1
    came = dict(zip(rounds["lot"][~second].tolist(), rounds["interested"][~second].tolist(), strict=True))
    wanted = [
        came[lot] if opens >= change else 0
        for lot, opens in zip(rounds["lot"][second].tolist(), rounds["opens"][second].tolist(), strict=True)
    ]
    assert rounds["interested"][second].tolist() == wanted
    assert 0 < np.count_nonzero(wanted) < len(wanted)


def test_a_lot_is_what_it_is_on_the_day_of_its_listing_and_keeps_its_draws():
    on = (*TINY, "courts.clerks=1", "courts.survey_days=6", "kinds.homes.value_log_sd=0.9")
    s = scenario("base", *on, "from.2017-06-01.kinds.homes.value_median=1000000.0")
    plain = scenario("base", *on)
    change = day("2017-06-01", s)
    old, new = simulate(plain), simulate(s)
    lots = new.lots
    home = lots["kind"] == 0
    listed, seized = ~np.isnan(lots["listed"]), lots["seized"]
    later = np.where(listed, lots["listed"] >= change, seized >= change)
    assert (listed & (seized < change) & later).any()
    sure = listed & home
    ratio = lots["value"][sure] / old.lots["value"][sure]
    assert ratio == pytest.approx(np.where(later[sure], 2.0, 1.0))
    assert np.array_equal(lots["value"][~home], old.lots["value"][~home])
    # The court's error is that of its estimate, whatever the lot is worth when it is listed.
    error = lots["reference"] / lots["value"]
    both = sure & ~np.isnan(old.lots["listed"])
    assert error[both] == pytest.approx((old.lots["reference"] / old.lots["value"])[both])


def test_popularity_keeps_its_rank_when_its_spread_changes():
    on = ("base", *PLAIN, "interest.mean=3", "kinds.homes.share=1")
    few = [f"kinds.{name}.interest=1.0" for name in scenario("base").kinds]
    one = scenario(*on, *few, "interest.dispersion=0.5")
    s = scenario(*on, *few, "interest.dispersion=0.5", "from.2017-02-01.interest.dispersion=5.0")
    before, after = (simulate(x).lots for x in (one, s))
    late = before["listed"] >= 31.0
    ranks = [np.argsort(np.argsort(x["interest"][late])) for x in (before, after)]
    assert np.array_equal(*ranks)
    assert np.std(np.log(after["interest"][late])) < 0.6 < np.std(np.log(before["interest"][late]))


def test_a_round_may_begin_or_end_at_a_date():
    on = [one for one in PLAIN if not one.startswith("rounds.sell_off")]
    s = scenario("base", *on, "from.2017-06-01.rounds.sell_off.held=false")
    assert s.held == ["first", "second", "sell_off"]
    records = simulate(s)
    change = day("2017-06-01", s)
    rounds = records.rounds
    failed = {
        lot: t
        for lot, t, r in zip(*(rounds[c].tolist() for c in ("lot", "closes", "round")), strict=True)
        if r == 1
    }
    sold_off = set(rounds["lot"][rounds["round"] == 2].tolist())
    assert sold_off == {lot for lot, t in failed.items() if t < change}
    assert 0 < len(sold_off) < len(failed)


def test_bidders_who_look_ahead_expect_the_rules_of_the_day_on_which_they_decide():
    """A cut that comes in force later is none to them; one in force is, though the second round is weeks away."""
    on = (
        *PLAIN, "interest.mean=1", "interest.dispersion=inf", "strategic_waiting.share=1", "strategic_waiting.first_round=sealed", "strategic_waiting.reoffer=1",
        "strategic_waiting.discount=1", "rounds.second.cut=0", "interest.location=0.2",
    )  # fmt: skip
    s = scenario("base", *on, "from.2017-06-01.rounds.second.cut=0.5")
    change = day("2017-06-01", s)
    rounds = simulate(s).rounds
    first = rounds["round"] == 0
    before, after = first & (rounds["opens"] < change), first & (rounds["opens"] >= change)
    plain = simulate(scenario("base", *on)).rounds
    cut = simulate(scenario("base", *on, "rounds.second.cut=0.5")).rounds
    assert np.array_equal(
        rounds["bidders"][before], plain["bidders"][(plain["round"] == 0) & (plain["opens"] < change)]
    )
    assert np.array_equal(
        rounds["bidders"][after], cut["bidders"][(cut["round"] == 0) & (cut["opens"] >= change)]
    )
    without = plain["bidders"][(plain["round"] == 0) & (plain["opens"] >= change)]
    assert rounds["bidders"][after].sum() < without.sum()


CROSSING = (
    "arrivals.mode=listing", "arrivals.exact=true", "arrivals.periods.year=false", "courts.number=1", "auction.opens_at=any",
    "auction.spring_festival_break=false", "auction.bidding=proxy", "auction.increment=1e-6", "rounds.sell_off.held=false",
    "disposal.withdrawal_rate=0", "disposal.suspension_share=0", "disposal.default_rate=0", "disposal.in_kind_second=0",
    "disposal.in_kind_last=0", "auction.priority_share=0", "pricing.appraisal.noise=0", "interest.dispersion=0.5",
    "interest.mean=1.5", "interest.persistence=0", "interest.location=-0.1", "interest.spread=0.3", "start.ratio=0.8",
    "rounds.second.interest=1", "rounds.second.cut=0.2",
)  # fmt: skip
FROM = {"rounds.second.cut": 0.05, "interest.mean": 2.5, "interest.persistence": 0.4, "start.ratio": 0.9}
# A second round is noticed 41 days after the listing and opens 15 later.
DAYS = {
    "before": "2017-01-10",
    "opens after": "2017-03-01",
    "noticed after": "2017-03-12",
    "after": "2017-07-01",
}


def test_lots_before_across_and_after_a_date_sell_as_the_closed_form_says():
    """Opened first before the date and again after it: each round by the parameters of its own day."""
    n = 3000
    periods = [
        f'arrivals.periods."{name}"={{first={when}, last={when}, cases={n}.0, lots={n}.0}}'
        for name, when in DAYS.items()
    ]
    alike = [f"kinds.{name}.interest=1.0" for name in scenario("base").kinds]
    movable = [f"kinds.{name}.movable=false" for name in scenario("base").kinds]
    change = [f"from.2017-04-20.{key}={value}" for key, value in FROM.items()]
    s = scenario("base", *CROSSING, *periods, *alike, *movable, *change)
    lots = simulate(s).lots
    law = ValueLaw("lognormal", -0.1, 0.3)
    exact = {  # the cut by the second round's notice, who comes and comes back by its opening
        "before": closed_form([1.5, 1.5], law, [0.8, 0.64], 0.0, 0.5),
        "opens after": closed_form([1.5, 2.5], law, [0.8, 0.64], 0.4, 0.5),
        "noticed after": closed_form([1.5, 2.5], law, [0.8, 0.8 * 0.95], 0.4, 0.5),
        "after": closed_form([2.5, 2.5], law, [0.9, 0.9 * 0.95], 0.4, 0.5),
    }
    for name, when in DAYS.items():
        mine = np.floor(lots["listed"]) == day(when, s)
        assert mine.sum() == n
        for position in (0, 1):
            sold = mine & (lots["outcome"] == Outcome.SOLD) & (lots["sold_round"] == position)
            share = float(exact[name].sold[position])
            assert sold.sum() / n == pytest.approx(share, abs=4.5 * np.sqrt(share * (1.0 - share) / n))
            ratio = lots["price"][sold] / lots["value"][sold]
            mean = float(exact[name].revenue[position]) / share
            assert ratio.mean() == pytest.approx(mean, abs=4.5 * ratio.std() / np.sqrt(len(ratio)))


def test_the_reform_from_2019_is_no_cut_before_it_and_the_usual_cut_after():
    reform, none = (simulate(scenario(f"policies/{name}")).rounds for name in ("cut-20-from-2019", "cut-00"))
    change = 730.0  # 2019-01-01
    before = (reform["round"] == 1) & (reform["attempt"] == 1)
    first = {
        lot: start
        for lot, start, a in zip(
            reform["lot"].tolist(), reform["start"].tolist(), reform["attempt"].tolist(), strict=True
        )
        if a == 0
    }
    kept = reform["start"][before] / np.array([first[lot] for lot in reform["lot"][before].tolist()])
    assert kept == pytest.approx(np.where(reform["notice"][before] >= change, 0.8, 1.0))
    assert (reform["notice"][before] >= change).any()
    assert np.array_equal(
        reform["price"][reform["closes"] < change], none["price"][none["closes"] < change], equal_nan=True
    )
