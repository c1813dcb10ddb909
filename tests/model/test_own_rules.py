"""Kinds with a start, rounds and an auction of their own: neutral where they say what all have, and only of their own lots."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import SMALL, scenario

from sim.locale.language import speaking
from sim.model.records import Records
from sim.model.simulate import simulate
from sim.scenario import ScenarioError

REACTING = (
    "strategic_waiting.share=0.4",
    "liquidity.short_share=0.4",
    "creditors.prior_share=0.3",
    "creditors.compare_share=0.3",
)
DATED = ("from.2017-06-01.rounds.second.relist_days=12", "from.2017-08-01.interest.mean=3.0")


def run(*overrides: str) -> Records:
    return simulate(scenario("base", *SMALL, *overrides), 0)


def same(one: Records, other: Records, of: int | None = None) -> bool:
    """Whether all lots, or those of a kind, and what happened to them are the same to the last bit."""
    mine = [lots["lot"] if of is None else lots["lot"][lots["kind"] == of] for lots in (one.lots, other.lots)]
    return all(
        np.array_equal(
            one[table][column][np.isin(one[table]["lot"], mine[0])],
            other[table][column][np.isin(other[table]["lot"], mine[1])],
            equal_nan=True,
        )
        for table in ("lots", "rounds", "bids", "registrations")
        for column in one[table]
    )


@pytest.mark.parametrize(
    "more", [(), DATED, REACTING, (*DATED, *REACTING)], ids=["plain", "dated", "reacting", "both"]
)
def test_a_kind_that_says_what_all_have_changes_nothing(more):
    own = (
        "kinds.homes.rounds.second.cut=0.2",
        "kinds.vehicles.auction.deposit=0.1",
        "kinds.equity.start.ratio=0.8",
    )
    assert same(run(*more), run(*more, *own))


@pytest.mark.parametrize(
    "more", [(), DATED, REACTING, (*DATED, *REACTING)], ids=["plain", "dated", "reacting", "both"]
)
def test_all_kinds_with_the_same_of_their_own_are_as_if_all_had_it(more):
    kinds = scenario("base").kinds
    values = (
        "rounds.second.cut=0.1",
        "rounds.first.window_days=2",
        "auction.deposit=0.2",
        "start.token_share=0.3",
        "auction.increment=0.01",
    )
    own = [f"kinds.{kind}.{value}" for kind in kinds for value in values]
    assert same(run(*more, *values), run(*more, *own))


@pytest.mark.parametrize("more", [(), DATED], ids=["plain", "dated"])
def test_lots_of_other_kinds_are_what_they_were(more):
    more = (*more, "courts.clerks=0")  # who are few would make the others wait longer or less long
    before = run(*more)
    after = run(
        *more,
        "kinds.homes.rounds.first.window_days=3",
        "kinds.homes.auction.deposit=0.2",
        "kinds.homes.start.ratio=0.9",
    )
    assert not same(before, after, 0)
    assert all(same(before, after, kind) for kind in range(1, 7))


def test_a_kinds_own_values_are_those_of_its_rounds():
    records = run(
        "kinds.homes.start.ratio=0.9", "kinds.homes.auction.deposit=0.2", "kinds.homes.rounds.second.cut=0.05"
    )
    at = np.searchsorted(records.lots["lot"], records.rounds["lot"])
    homes = records.lots["kind"][at] == 0
    assert np.allclose(records.rounds["deposit"] / records.rounds["start"], np.where(homes, 0.2, 0.1))
    first = records.rounds["round"] == 0
    over = records.rounds["start"] / records.lots["reference"][at]
    assert np.allclose(over[first], np.where(homes[first], 0.9, 0.8))
    second = records.rounds["round"] == 1
    assert second.any()
    assert np.allclose(over[second], np.where(homes[second], 0.9 * 0.95, 0.64))


def test_a_kind_may_leave_a_round_out_or_have_one_more():
    without = run("kinds.homes.rounds.sell_off.held=false")
    at = np.searchsorted(without.lots["lot"], without.rounds["lot"])
    assert not (without.lots["kind"][at][without.rounds["round"] == 2] == 0).any()
    alone = run("rounds.sell_off.held=false", "kinds.homes.rounds.sell_off.held=true")
    at = np.searchsorted(alone.lots["lot"], alone.rounds["lot"])
    assert set(alone.lots["kind"][at][alone.rounds["round"] == 2].tolist()) == {0}


@pytest.mark.parametrize("cut", [0.0, 0.2])
def test_the_start_of_a_lot_is_that_at_which_it_is_first_offered(cut):
    records = run(f"rounds.first.cut={cut}")
    first = records.rounds["attempt"] == 0
    at = np.searchsorted(records.lots["lot"], records.rounds["lot"][first])
    assert np.array_equal(records.lots["start"][at], records.rounds["start"][first])
    assert np.allclose(records.lots["start"][at] / records.lots["reference"][at], 0.8 * (1.0 - cut))


@pytest.mark.parametrize(
    ("overrides", "key", "en", "zh"),
    [
        (["kinds.homes.rounds.third.cut=0.1"], "kinds.homes.rounds.third", "first, second, sell_off", "first"),
        (["kinds.homes.start.ratio=0.9", "finite_market.patience_days=60"], "kinds.homes", "finite market", "有限市场"),
        (["kinds.homes.auction.deposit=2"], "kinds.homes.auction.deposit", "0 to 1", "0至1"),
        (["kinds.homes.rounds.second.cutt=0.1"], "kinds.homes.rounds.second.cutt", "cut", "cut"),
        (["kinds.homes.asset=house"], "kinds.homes.asset", "home", "home"),
    ],
)  # fmt: skip
def test_what_a_kind_cannot_have_is_refused_in_the_readers_language(overrides, key, en, zh):
    for lang, word in (("en", en), ("zh", zh)):
        with speaking(lang), pytest.raises(ScenarioError) as caught:
            scenario("base", *overrides)
        assert [defect.key for defect in caught.value.defects] == [key]
        assert word in str(caught.value)
