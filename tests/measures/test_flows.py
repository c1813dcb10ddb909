"""Counts of lots from round to round, on records whose answer is known."""

from __future__ import annotations

from collections import Counter

from records_by_hand import NAN, lots, records, rounds

from sim.measures.flows import flow_links, mean_links
from sim.model.records import Outcome
from sim.model.records import RoundOutcome as R

NAMES = ("first", "second", "sell_off")
EVERY_WAY = records(
    lots(
        (0, 0.0, 31.0, Outcome.SOLD),  # at the first auction
        (1, 0.0, 60.0, Outcome.SOLD),  # at the second
        (2, 0.0, 150.0, Outcome.RETURNED),
        (3, 0.0, 62.0, Outcome.IN_KIND),  # after the second
        (4, 0.0, 140.0, Outcome.IN_KIND),  # after the sell-off
        (5, 0.0, 10.0, Outcome.WITHDRAWN),  # before its first auction ended
        (6, 0.0, 45.0, Outcome.WITHDRAWN),  # while waiting for the second
        (7, 0.0, NAN, Outcome.OPEN),  # first auction not held yet
        (8, 0.0, NAN, Outcome.OPEN),  # waiting for the sell-off
        (9, 0.0, NAN, Outcome.OPEN),  # defaulted at the first auction, goes again
        (10, 0.0, 70.0, Outcome.SOLD),  # defaulted at the first auction, then sold there
        (11, NAN, NAN, Outcome.PREPARING),  # never listed
        (12, 0.0, 31.5, Outcome.WITHDRAWN),  # stopped during its first auction
    ),
    rounds(
        (0, 0, 0, R.SOLD),
        (1, 0, 0, R.FAILED),
        (1, 1, 1, R.SOLD),
        (2, 0, 0, R.FAILED),
        (2, 1, 1, R.FAILED),
        (2, 2, 2, R.FAILED),
        (3, 0, 0, R.FAILED),
        (3, 1, 1, R.FAILED),
        (4, 0, 0, R.FAILED),
        (4, 1, 1, R.FAILED),
        (4, 2, 2, R.FAILED),
        (6, 0, 0, R.FAILED),
        (8, 0, 0, R.FAILED),
        (8, 1, 1, R.FAILED),
        (9, 0, 0, R.DEFAULTED),
        (10, 0, 0, R.DEFAULTED),
        (10, 1, 0, R.SOLD),
        (12, 0, 0, R.STOPPED),
    ),
)


def test_every_way_is_counted_once() -> None:
    links = {(a, b): n for a, b, n in flow_links(EVERY_WAY, NAMES)}
    assert links == {
        ("listed", "first"): 12,
        ("first", "sold:first"): 2,
        ("first", "second"): 6,
        ("first", "withdrawn"): 2,
        ("first", "open"): 2,
        ("second", "sold:second"): 1,
        ("second", "sell_off"): 3,
        ("second", "in_kind"): 1,
        ("second", "withdrawn"): 1,
        ("sell_off", "returned"): 1,
        ("sell_off", "in_kind"): 1,
        ("sell_off", "open"): 1,
    }


def test_what_flows_into_a_round_flows_out() -> None:
    into, out = Counter[str](), Counter[str]()
    for a, b, n in flow_links(EVERY_WAY, NAMES):
        out[a] += int(n)
        into[b] += int(n)
    assert all(into[name] == out[name] for name in NAMES)
    assert sum(n for name, n in into.items() if name not in NAMES) == out["listed"] == 12


def test_order_of_the_rows_does_not_matter() -> None:
    backwards = {name: column[::-1] for name, column in EVERY_WAY.rounds.items()}
    assert flow_links(records(EVERY_WAY.lots, backwards), NAMES) == flow_links(EVERY_WAY, NAMES)


def test_listed_but_no_round_held() -> None:
    only = records(lots((5, 3.0, NAN, Outcome.OPEN)), rounds())
    assert flow_links(only, NAMES) == [("listed", "first", 1), ("first", "open", 1.0)]


def test_no_lots_no_links() -> None:
    assert flow_links(records(lots(), rounds()), NAMES) == []
    assert flow_links(records(lots((0, NAN, NAN, Outcome.PREPARING)), rounds()), NAMES) == []


def test_mean_counts_a_missing_link_as_zero() -> None:
    first = [("listed", "first", 4.0), ("first", "open", 4.0)]
    second = [("listed", "first", 2.0), ("first", "sold:first", 2.0)]
    assert mean_links([first, second]) == [
        ("listed", "first", 3.0),
        ("first", "open", 2.0),
        ("first", "sold:first", 1.0),
    ]
    assert mean_links([]) == []
