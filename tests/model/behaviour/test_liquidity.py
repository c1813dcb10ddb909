"""Ready money where every lot has bidders of its own: who cannot pay the deposit stays away, and nobody else."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from conftest import SMALL, scenario
from reacting import same, sold

from sim.model.behaviour.liquidity import liquidity_of
from sim.model.bidders import LOT_STRIDE
from sim.model.demand import attention
from sim.model.records import Outcome
from sim.model.simulate import simulate

LISTED = (
    "arrivals.mode=listing",
    "arrivals.periods.year.cases=500",
    "arrivals.periods.year.lots=1000",
    "courts.number=4",
    "time.end=2018-12-31",
    "interest.persistence=0",
    "disposal.default_rate=0",
)
SHORT = ("liquidity.short_share=1", "liquidity.held=0.1")


def run(*overrides: str):
    return simulate(scenario("base", *LISTED, *overrides), 0)


def keys(registrations) -> set[tuple[int, int]]:
    return set(zip(registrations["lot"].tolist(), registrations["bidder"].tolist(), strict=True))


def test_where_nobody_is_short_the_rest_of_the_table_says_nothing(small):
    other = ("liquidity.held=0.001", "liquidity.held_log_sd=2", "liquidity.refund_hours=1")
    assert same(simulate(small, 0), simulate(scenario("base", *SMALL, *other), 0))


def test_in_first_rounds_those_and_only_those_register_who_can_pay_the_deposit():
    s = scenario("base", *LISTED, *SHORT)
    liquidity, rich, poor = liquidity_of(s, 0), run(), simulate(s, 0)
    value = dict(zip(rich.lots["lot"].tolist(), rich.lots["value"].tolist(), strict=True))
    deposit = {
        lot: d
        for lot, at, d in zip(*(rich.rounds[c].tolist() for c in ("lot", "attempt", "deposit")), strict=True)
        if at == 0
    }
    both = [
        {name: column[r.registrations["attempt"] == 0] for name, column in r.registrations.items()}
        for r in (rich, poor)
    ]
    can = {(lot, who) for lot, who in keys(both[0]) if liquidity.of(who) >= deposit[lot] / value[lot]}
    assert 0.2 < len(can) / len(keys(both[0])) < 0.8
    assert keys(both[1]) >= can - late(rich)
    assert all(liquidity.of(who) >= deposit[lot] / value[lot] for lot, who in keys(both[1]))


def late(records) -> set[tuple[int, int]]:
    """Registrations in the last minutes or after: fewer bids before them may have closed the round earlier."""
    ends = {
        lot: opens + 1.0
        for lot, at, opens in zip(
            *(records.rounds[c].tolist() for c in ("lot", "attempt", "opens")), strict=True
        )
        if at == 0
    }
    r = records.registrations
    return {
        (lot, who)
        for lot, who, at, when in zip(
            *(r[c].tolist() for c in ("lot", "bidder", "attempt", "time")), strict=True
        )
        if at == 0 and when > ends[lot]
    }


def test_the_higher_the_deposit_the_fewer_come_and_the_fewer_are_sold():
    runs = [run(*SHORT, f"auction.deposit={ratio}") for ratio in (0.0, 0.05, 0.1, 0.2)]
    for measure in (sold, lambda r: len(r.registrations["lot"])):
        found = [measure(r) for r in runs]
        assert found == sorted(found, reverse=True)
        assert found[-1] < 0.8 * found[0]
    assert same(run("auction.deposit=0.05"), run("auction.deposit=0.05", "liquidity.short_share=0"))


def test_the_price_level_does_not_matter():
    """Everything ten times as dear: the same people can pay the deposits."""
    cheap = (
        "kinds.homes.share=1",
        *(f"kinds.{k}.share=0" for k in ("commercial", "land", "vehicles", "equipment", "equity", "goods")),
    )
    median = scenario("base").kinds["homes"].value_median
    here, there = (run(*SHORT, *cheap, f"kinds.homes.value_median={m}") for m in (median, 10.0 * median))
    assert keys(here.registrations) == keys(there.registrations)


@pytest.mark.parametrize("deposit", [0.0, 0.05, 0.1, 0.4])
@pytest.mark.parametrize("spread", [0.0, 0.5])
def test_the_share_who_can_pay_is_what_rivals_reckon_with(deposit, spread):
    liquidity = liquidity_of(
        scenario(
            "base", "liquidity.short_share=0.6", "liquidity.held=0.1", f"liquidity.held_log_sd={spread}"
        ),
        0,
    )
    held = np.array([liquidity.of(who) for who in range(20_000)])
    p = liquidity.share_able(deposit)
    assert (held >= deposit).mean() == pytest.approx(p, abs=4.5 * np.sqrt(0.25 / len(held)))


def test_in_later_rounds_the_deposit_is_that_of_their_own_start():
    """The second start is a fifth lower: some can pay its deposit who could not pay the first one's."""
    s = scenario("base", *LISTED, *SHORT, "liquidity.held_log_sd=0.3", "rounds.second.cut=0.2")
    liquidity, r = liquidity_of(s, 0), simulate(s, 0)
    value = dict(zip(r.lots["lot"].tolist(), r.lots["value"].tolist(), strict=True))
    deposit, first = {}, {}
    for lot, attempt, d in zip(*(r.rounds[c].tolist() for c in ("lot", "attempt", "deposit")), strict=True):
        deposit[lot, attempt] = d
        first.setdefault(lot, d)
    rows = zip(*(r.registrations[c].tolist() for c in ("lot", "attempt", "bidder")), strict=True)
    later = [
        (liquidity.of(who) * value[lot], deposit[lot, n], first[lot])
        for lot, n, who in rows
        if n and (lot, n) in deposit
    ]
    assert all(held >= needed for held, needed, _ in later)
    assert sum(held < at_first for held, _, at_first in later) > 10


NOBODY_CAN = ("liquidity.short_share=1", "liquidity.held=1e-6", "liquidity.held_log_sd=0")


def test_a_creditor_bids_without_a_deposit_where_nobody_else_can_pay_one():
    """Art 17: of all lots, then of none; the first who may come to a lot is its creditor, and the rounds are theirs."""
    every, none, rich = run(*NOBODY_CAN, "creditors.bid_share=1"), run(*NOBODY_CAN), run()
    assert len(none.registrations["lot"]) == 0
    assert len(every.registrations["lot"]) > 100
    assert (every.registrations["bidder"] == every.registrations["lot"] * LOT_STRIDE).all()
    first = rich.registrations["bidder"] == rich.registrations["lot"] * LOT_STRIDE
    assert keys(every.registrations) >= set(
        keys({n: c[first] for n, c in rich.registrations.items()})
    ) - late(rich)


@pytest.mark.parametrize("share", [0.3, 0.7])
def test_so_many_lots_sell_to_their_creditors_as_have_one_who_comes(share):
    """Sales in the first round by their closed form: somebody comes, the first is the creditor, and the lot is worth its start to them."""
    kinds = ("commercial", "land", "vehicles", "equipment", "goods", "equity")
    alike = (
        *(f"kinds.{kind}.share=0" for kind in kinds), "kinds.homes.interest=1", "pricing.appraisal.noise=0", "disposal.withdrawal_rate=0",
        "disposal.suspension_share=0", "interest.mean=1.5", "interest.dispersion=0.8", "rounds.second.held=false", "rounds.sell_off.held=false",
        "auction.spring_festival_break=false", "pricing.negotiation=false", "pricing.directed_inquiry=false", "pricing.online_inquiry=false",
    )  # fmt: skip
    s = scenario("base", *LISTED, *NOBODY_CAN, *alike, f"creditors.bid_share={share}")
    somebody = 1.0 - (0.8 / (0.8 + 1.5 * attention(s))) ** 0.8
    worth = 1.0 - NormalDist(s.interest.location, s.interest.spread).cdf(np.log(s.start.ratio))
    p, lots = share * somebody * worth, simulate(s, 0).lots
    n = len(lots["lot"])
    assert (lots["outcome"] == Outcome.SOLD).mean() == pytest.approx(p, abs=4.0 * np.sqrt(p * (1.0 - p) / n))


def test_in_a_finite_market_nobody_is_a_lots_creditor(small):
    market = (*SMALL, *NOBODY_CAN, "finite_market.patience_days=30")
    assert same(
        simulate(scenario("base", *market), 0),
        simulate(scenario("base", *market, "creditors.bid_share=1"), 0),
    )
