"""What must always hold, in random scenarios: bids, rounds, lots, money; and each check can fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from conftest import SMALL, scenario
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from invariants import INVARIANTS, violations
from test_auction import MINUTE, hold

from sim.model.records import Outcome, Records, RoundOutcome
from sim.model.simulate import simulate
from sim.scenario import ScenarioError


def choice(key: str, *values):
    return st.sampled_from([f"{key}={value}" for value in values])


def between(key: str, low: float, high: float):
    return st.floats(low, high).map(lambda x: f"{key}={x!r}")


ANY = st.tuples(
    st.integers(0, 2**32).map(lambda n: f"run.seed={n}"),
    choice("arrivals.mode", "listing", "arrivals"),
    choice("arrivals.exact", "true", "false"),
    choice("courts.clerks", 0, 1, 3),
    choice("auction.bidding", "ladder", "proxy", "once"),
    choice("auction.opens_at", "any", "10:00", "00:00"),
    choice("auction.spring_festival_break", "true", "false"),
    choice("auction.increment", 1e-6, 0.005, 0.3),
    choice("auction.soft_close_minutes", 0.0, 5.0, 60.0),
    choice("auction.deposit", 0.0, 0.1, 1.0),
    choice("auction.priority_share", 0.0, 0.5),
    between("start.ratio", 0.3, 1.3),
    choice("start.token_share", 0.0, 0.3),
    choice("start.cut_relief", 0.0, 0.0, 0.5),
    choice("interest.values", "lognormal", "uniform", "exponential"),
    st.one_of(choice("interest.mean", 0.0), between("interest.mean", 0.01, 6.0)),
    choice("interest.dispersion", 0.3, 2.0, "inf"),
    between("interest.persistence", 0.0, 1.0),
    choice("rounds.first.late_shape", 1.0, 30.0, 3000.0),
    choice("rounds.first.overhang_minutes", 0.0, 60.0),
    between("rounds.second.cut", 0.0, 0.5),
    between("rounds.sell_off.cut", 0.0, 0.5),
    choice("rounds.sell_off.held", "true", "false"),
    choice("disposal.default_rate", 0.0, 0.3, 1.0),
    choice("disposal.withdrawal_rate", 0.0, 0.02),
    choice("disposal.suspension_share", 0.0, 0.5),
    choice("disposal.in_kind_second", 0.0, 0.5),
    choice("disposal.booking_days", 0.0, 0.0, 40.0),
    choice("disposal.booking_by", "never", "12-31"),
    choice("debtor_sale.share", 0.0, 0.0, 0.6),
    choice("disposal.third_party_share", 0.0, 0.0, 0.5),
    choice("debtor_sale.before_share", 0.0, 0.0, 0.6),
    choice("courts.report_valid_days", "inf", "inf", 1.0),
    choice("eligibility.restricted_bidders", 0.0, 0.0, 0.7),
    choice("eligibility.restricted_creditors", 0.0, 0.0, 0.7),
    choice("price_response.elasticity", 0.0, 0.0, 4.0),
    choice("strategic_waiting.share", 0.0, 0.0, 0.5),
    choice("liquidity.short_share", 0.0, 0.0, 0.5),
    choice("finite_market.patience_days", 0.0, 0.0, 60.0),
    choice("creditors.compare_share", 0.0, 0.0, 0.7),
    choice("creditors.prior_share", 0.0, 0.0, 0.7),
    choice("creditors.insist_share", 0.0, 1.0),
    choice("creditors.bid_share", 0.0, 0.5),
)


@given(overrides=ANY)
@settings(
    max_examples=25, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
def test_in_any_scenario(overrides):
    try:
        drawn = scenario("base", *SMALL, *overrides)
    except ScenarioError:
        assume(False)
    assert violations(simulate(drawn, 0), drawn) == []


@pytest.fixture(scope="module")
def lively() -> tuple[Records, object]:
    """A run in which everything happens, and its scenario."""
    drawn = scenario(
        "base", *SMALL, "interest.mean=4", "arrivals.mode=listing", "disposal.default_rate=0.2",
        "disposal.suspension_share=0", "time.end=2018-12-31",
    )  # fmt: skip
    records = simulate(drawn, 0)
    assert violations(records, drawn) == []
    return records, drawn


def first(mask) -> int:
    rows = np.flatnonzero(mask)
    assert len(rows), "the run has nothing to tamper with"
    return int(rows[0])


def tampered(records: Records, table: str, column: str, row: int, value) -> Records:
    columns = dict(records[table])
    columns[column] = columns[column].copy()
    columns[column][row] = value
    return replace(records, **{table: columns})


def faults(records: Records):
    """name of the check that must see it -> records with one number changed."""
    bids, rounds, lots, registrations = records.bids, records.rounds, records.lots, records.registrations
    sold = first(rounds["outcome"] == RoundOutcome.SOLD)
    again = first((bids["lot"][1:] == bids["lot"][:-1]) & (bids["attempt"][1:] == bids["attempt"][:-1])) + 1
    second = first(rounds["attempt"] == 1)
    quiet = first(
        (rounds["extensions"] == 0) & (rounds["round"] == 0) & (rounds["outcome"] == RoundOutcome.FAILED)
    )
    lot_sold = first(lots["outcome"] == Outcome.SOLD)
    yield "bids_below_the_start", tampered(records, "bids", "price", 0, 1.0)
    yield "bids_out_of_order", tampered(records, "bids", "time", again, bids["time"][again - 1] - 1e-3)
    yield "bids_out_of_order", tampered(records, "bids", "price", again, bids["price"][again - 1] * 0.99)
    yield "outside_the_window", tampered(records, "bids", "time", 0, 1e6)
    yield "outside_the_window", tampered(records, "registrations", "time", 0, 0.0)
    yield "bids_of_strangers_or_above_what_it_is_worth", tampered(records, "bids", "bidder", 0, 7)
    yield "bids_of_strangers_or_above_what_it_is_worth", tampered(records, "registrations", "value", 0, 1.0)
    yield "winners_who_did_not_bid_last", tampered(records, "rounds", "winner", sold, 7)
    yield "winners_who_did_not_bid_last", tampered(records, "rounds", "outcome", sold, RoundOutcome.FAILED)
    yield "rounds_out_of_order", tampered(records, "rounds", "notice", second, 0.0)
    yield "rounds_out_of_order", tampered(records, "rounds", "start", second, 1e15)
    unpaid = first(rounds["outcome"] == RoundOutcome.DEFAULTED)
    yield "rounds_out_of_order", tampered(records, "rounds", "outcome", unpaid, RoundOutcome.FAILED)
    yield (
        "ends_that_do_not_follow_from_bids",
        tampered(records, "rounds", "closes", quiet, rounds["closes"][quiet] + 1.0),
    )
    yield "ends_that_do_not_follow_from_bids", tampered(records, "rounds", "extensions", quiet, 1)
    notice, opens, start = (float(rounds[c][second]) for c in ("notice", "opens", "start"))
    yield "rounds_off_their_days", tampered(records, "rounds", "notice", second, notice + 1.0)
    yield "rounds_off_their_days", tampered(records, "rounds", "notice", second, notice - 1.0)
    yield "rounds_off_their_days", tampered(records, "rounds", "opens", second, opens - 1.0)
    yield "starts_that_do_not_follow", tampered(records, "rounds", "start", second, start * 0.995)
    for column in ("sold_round", "start_sold", "winner"):
        value = lots[column][lot_sold] + 1
        yield "lots_that_contradict_their_rounds", tampered(records, "lots", column, lot_sold, value)
    returned = first(lots["outcome"] == Outcome.RETURNED)
    end = lots["ended"][returned] + 1.0
    yield "lots_that_contradict_their_rounds", tampered(records, "lots", "ended", returned, end)
    yield (
        "lots_that_contradict_their_rounds",
        tampered(records, "lots", "price", lot_sold, lots["price"][lot_sold] + 1.0),
    )
    yield (
        "lots_that_contradict_their_rounds",
        tampered(records, "lots", "outcome", lot_sold, Outcome.RETURNED),
    )
    yield "lots_that_contradict_their_rounds", tampered(records, "rounds", "deposit", 0, 1.0)
    yield "counts_that_contradict_their_rows", tampered(records, "rounds", "bids", sold, 0)
    yield "counts_that_contradict_their_rows", tampered(records, "rounds", "registered", sold, 99)
    yield "counts_that_contradict_their_rows", tampered(records, "rounds", "bidders", sold, 99)
    yield "money_lost", tampered(records, "lots", "forfeited", lot_sold, 1e7)
    assert len(registrations["lot"])


def test_every_check_sees_the_fault_it_is_there_for(lively):
    records, drawn = lively
    seen = set()
    for name, wrong in faults(records):
        (check,) = [one for one in INVARIANTS if one.__name__ == name]
        assert check(wrong, drawn), name
        seen.add(name)
    assert seen == {one.__name__ for one in INVARIANTS}


# Events at equal times: their order is fixed by rule, not by chance.


def test_who_comes_at_the_close_comes_too_late():
    held = hold("proxy", [(0.5, 130.0, 1), (1.0, 200.0, 2)])
    assert (held.auction.leader, held.registered) == (1, 1)


def test_a_bid_at_the_first_moment_of_the_last_five_minutes_moves_nothing():
    """The rule says: within five minutes of the end; five minutes before it exactly, the new end would be the old.

    Here they are 1/256 of a day, which binary numbers hold exactly.
    """
    gap = 1.0 / 256.0
    held = hold("proxy", [(1.0 - gap, 130.0, 1)], soft_close=gap)
    assert (held.end, held.auction.extensions) == (1.0, 0)
    later = hold("proxy", [(1.0 - gap / 2.0, 130.0, 1)], soft_close=gap)
    assert (later.end, later.auction.extensions) == (1.0 + gap / 2.0, 1)


def test_of_two_who_come_at_once_the_lower_value_is_heard_first_whatever_their_order():
    one, two = (0.5, 130.0, 1), (0.5, 150.0, 2)
    for bidders in ([one, two], [two, one]):
        held = hold("ladder", bidders)
        assert held.auction.leader == 2
        assert held.bids[0][2] == 1


def test_an_answer_due_when_a_newcomer_arrives_is_given_before_they_are_heard():
    reply = 0.25 * MINUTE
    bidders = [(0.5, 160.0, 1), (0.5 + MINUTE, 140.0, 2), (0.5 + MINUTE + reply, 150.0, 3)]
    held = hold("ladder", bidders, reply=reply, jump=0.0)
    at_once = [b[2] for b in held.bids if b[3] == bidders[2][0]]
    assert at_once[0] == 1
    assert 3 in at_once


def test_lots_listed_at_the_same_moment_keep_the_order_of_their_numbers():
    """A case's lots come in together; the records do not depend on who ran first."""
    drawn = scenario("base", *SMALL, "arrivals.mode=listing", "courts.number=1")
    lots = simulate(drawn, 0).lots
    together = np.diff(lots["listed"]) == 0.0
    assert together.any()
    assert (np.diff(lots["lot"])[together] == 1).all()
    assert (np.diff(lots["case"])[together] == 0).all()
