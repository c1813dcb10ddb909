"""The model as a whole: whose draws are whose, the same result however it is run, and records that hold together."""

from __future__ import annotations

import gc
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
from conftest import SMALL, scenario

from sim.experiments.replications import replicate, replications
from sim.model.bidders import Interested
from sim.model.clock import Clock, Timer
from sim.model.records import SCHEMAS, Outcome, Records, RoundOutcome, join
from sim.model.simulate import by_court, simulate, undivided


def same(a: Records, b: Records) -> bool:
    return all(
        np.array_equal(a[name][column], b[name][column], equal_nan=code.startswith("f"))
        for name, schema in SCHEMAS.items()
        for column, code in schema.items()
    )


def rows_of(records: Records, name: str, lots: np.ndarray) -> dict[str, np.ndarray]:
    keep = np.isin(records[name]["lot"], lots)
    return {column: values[keep] for column, values in records[name].items()}


def test_same_seed_same_records_bit_for_bit(small):
    assert same(simulate(small, 1), simulate(small, 1))


def test_another_seed_or_replication_gives_other_records(small):
    assert not same(simulate(small, 0), simulate(small, 1))
    assert not same(simulate(small, 0), simulate(scenario("base", *SMALL, "run.seed=7"), 0))


@pytest.mark.parametrize("mode", ["arrivals", "listing"])
def test_courts_one_after_another_give_the_records_of_the_undivided_province(mode):
    s = scenario("base", *SMALL, f"arrivals.mode={mode}")
    assert same(simulate(s, 3), undivided(s, 3))
    assert same(join([simulate(s, 3, [0, 1]), simulate(s, 3, [2, 3])]), undivided(s, 3))
    assert len(list(by_court(s, 3))) == 4


def test_one_process_or_many_give_the_same_replications(small):
    with ProcessPoolExecutor(2) as executor:
        many = list(replications(small, range(3), "all", executor))
    for one, other in zip(many, (replicate(small, i, "all") for i in range(3)), strict=True):
        assert one.number == other.number
        assert same(one.records, other.records)
        assert np.array_equal(one.measures.values, other.measures.values, equal_nan=True)


@pytest.mark.parametrize("which", [0, 0.3, -1])
def test_one_bidder_more_in_one_lot_changes_that_lot_only(monkeypatch, which):
    s = scenario("base", *SMALL, "courts.clerks=0", "disposal.withdrawal_rate=0", "interest.mean=1")
    before = simulate(s, 0)
    offered = before.rounds["lot"][before.rounds["attempt"] == 0]  # the test bites only on these
    lot = int(offered[int(which * len(offered)) if which > 0 else which])
    looking = Interested.looking

    def one_more(self, row, stage, start, response):
        interested, eligible = looking(self, row, stage, start, response)
        if self.first + row == lot and stage.position == 0:
            interested, eligible = interested + 1, sorted([*eligible, (0.9, 1e12, 10**18)])
        return interested, eligible

    monkeypatch.setattr(Interested, "looking", one_more)
    after = simulate(s, 0)
    others = np.setdiff1d(before.lots["lot"], [lot])
    for name in SCHEMAS:
        a, b = rows_of(before, name, others), rows_of(after, name, others)
        for column, code in SCHEMAS[name].items():
            assert np.array_equal(a[column], b[column], equal_nan=code.startswith("f")), (name, column)
    assert before.lots["listed"][lot] == after.lots["listed"][lot]
    assert len(rows_of(after, "registrations", np.array([lot]))["lot"]) > 0
    assert rows_of(after, "registrations", np.array([lot]))["value"].max() == 1e12


def test_what_a_run_made_goes_without_the_cycle_collector():
    """Lots that have ended, that are open, and that still wait for a clerk; a tenth of a run if left to it."""
    s = scenario("base", *SMALL, "courts.clerks=1", "courts.survey_days=6")
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        outcomes = simulate(s, 0).lots["outcome"]
        gc.collect()
        left = {type(one).__name__ for one in gc.garbage}
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert {int(Outcome.PREPARING), int(Outcome.OPEN), int(Outcome.SOLD)} <= set(outcomes.tolist())
    assert not left & {"generator", "Begun", "Process", "Lot", "Interested"}


def test_two_policies_share_their_random_draws():
    free = "courts.clerks=0"  # or else a lot sold by one policy only would hold up others by its handover
    base = simulate(scenario("base", *SMALL, free), 0)
    policy = simulate(scenario("base", *SMALL, free, "rounds.second.cut=0.1"), 0)
    first = lambda r: rows_of(r, "rounds", r.lots["lot"][r.lots["rounds"] > 0])  # noqa: E731
    a, b = first(base), first(policy)
    for column in ("start", "opens", "interested", "registered", "price"):
        assert np.array_equal(a[column][a["attempt"] == 0], b[column][b["attempt"] == 0], equal_nan=True)
    for column in ("value", "reference", "kind", "seized", "interest"):
        assert np.array_equal(base.lots[column], policy.lots[column], equal_nan=True)


def test_more_interest_never_takes_a_comer_away():
    few = simulate(scenario("base", *SMALL, "interest.persistence=0", "arrivals.mode=listing"), 0)
    many = simulate(
        scenario("base", *SMALL, "interest.persistence=0", "arrivals.mode=listing", "interest.mean=4"), 0
    )
    first_few, first_many = (
        few.rounds["interested"][few.rounds["attempt"] == 0],
        many.rounds["interested"][many.rounds["attempt"] == 0],
    )
    assert (first_many >= first_few).all()
    assert first_many.sum() > first_few.sum()


def test_every_lot_has_one_end_and_rounds_that_tell_the_same_story(small):
    r = simulate(small, 0)
    lots, rounds = r.lots, r.rounds
    assert np.array_equal(lots["lot"], np.arange(len(lots["lot"])))
    ended = np.isin(lots["outcome"], [Outcome.SOLD, Outcome.IN_KIND, Outcome.RETURNED, Outcome.WITHDRAWN])
    assert np.array_equal(ended, ~np.isnan(lots["ended"]))
    assert np.array_equal(np.bincount(rounds["lot"], minlength=len(lots["lot"])), lots["rounds"])
    sold = rounds["outcome"] == RoundOutcome.SOLD
    assert np.array_equal(np.sort(rounds["lot"][sold]), lots["lot"][lots["outcome"] == Outcome.SOLD])
    assert np.array_equal(rounds["price"][sold], lots["price"][rounds["lot"][sold]])
    assert np.array_equal(rounds["closes"][sold], lots["ended"][rounds["lot"][sold]])
    assert (rounds["price"][sold] >= rounds["start"][sold]).all()
    assert (rounds["closes"] >= rounds["opens"]).all()
    assert (rounds["opens"] > rounds["notice"]).all()
    assert (rounds["bidders"] <= rounds["registered"]).all()
    assert (rounds["registered"] <= rounds["interested"]).all()
    failed = rounds["outcome"] == RoundOutcome.FAILED
    assert (rounds["bids"][failed] == 0).all()


def test_bids_and_registrations_add_up_to_their_rounds(small):
    r = simulate(small, 0)
    for name, column in (("bids", "bids"), ("registrations", "registered")):
        per_round = {}
        for key in zip(r[name]["lot"].tolist(), r[name]["attempt"].tolist(), strict=True):
            per_round[key] = per_round.get(key, 0) + 1
        ended = dict(
            zip(
                zip(r.rounds["lot"].tolist(), r.rounds["attempt"].tolist(), strict=True),
                r.rounds[column].tolist(),
                strict=True,
            )
        )
        for key, n in ended.items():
            assert per_round.pop(key, 0) == n
        # What is left belongs to rounds still under way at the end of the horizon.
        assert set(per_round) <= {
            (lot, n) for lot, n in zip(r.lots["lot"].tolist(), r.lots["rounds"].tolist(), strict=True)
        }


def test_an_alarm_wakes_at_the_exact_time_it_was_set_for():
    env = Clock()
    woken = []

    def sleeper():
        timer = Timer(env)
        for when in (0.1, 0.1 + 0.2, 7.7):
            yield timer.at(when)
            woken.append(env.now)

    env.process(sleeper())
    env.run()
    assert woken == [0.1, 0.1 + 0.2, 7.7]
