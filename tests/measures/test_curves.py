"""Lots over time and moves of a round's end, on records whose answer is known."""

from __future__ import annotations

import pytest
from records_by_hand import NAN, lots, records, rounds

from sim.measures.curves import closing, extension_times, open_lots_curve
from sim.model.records import Outcome

MINUTE = 1 / 1440


def test_open_lots_rise_with_listings_and_fall_with_ends() -> None:
    four = records(
        lots(
            (0, 1.0, 3.0, Outcome.SOLD),
            (1, 2.0, NAN, Outcome.OPEN),
            (2, 2.5, 4.0, Outcome.RETURNED),
            (3, NAN, NAN, Outcome.PREPARING),
        ),
        rounds(),
    )
    curve = open_lots_curve(four, [0.0, 1.0, 2.0, 2.9, 3.0, 5.0])
    assert curve["listed"].tolist() == [0, 1, 2, 3, 3, 3]
    assert curve["open"].tolist() == [0, 1, 2, 3, 2, 1]
    assert curve["sold"].tolist() == [0, 0, 0, 0, 1, 1]


def test_open_lots_of_nothing() -> None:
    curve = open_lots_curve(records(lots(), rounds()), [0.0, 1.0])
    assert {name: c.tolist() for name, c in curve.items()} == {n: [0, 0] for n in ("listed", "open", "sold")}


def test_only_bids_in_the_last_minutes_move_the_end() -> None:
    bids = [1.0 - 60 * MINUTE, 1.0 - 6 * MINUTE, 1.0 - 4 * MINUTE, 1.0, 1.0 + 7 * MINUTE]
    ends = extension_times(bids, 1.0, 5.0)
    # the bid at +7 minutes comes after the second extension (to +5) has run out
    assert ends == pytest.approx([1.0 + 1 * MINUTE, 1.0 + 5 * MINUTE])


def test_no_soft_close_no_extension() -> None:
    assert extension_times([0.5, 1.0], 1.0, 0.0) == []
    assert extension_times([], 1.0, 5.0) == []


def test_set_close_of_an_auction_of_a_sell_off_and_of_a_suspended_round() -> None:
    late = [1.0 - 2 * MINUTE]
    moved = {"opens": 0.0, "closes": 1.0 + 3 * MINUTE}
    end, moves = closing(moved, late, window=1.0, sell_off=False, suspended=0.0, soft_close_minutes=5.0)
    assert (end, moves) == (1.0, pytest.approx([1.0 + 3 * MINUTE]))
    # the first bid of a sell-off starts 24 hours
    assert closing({"opens": 0.0, "closes": 31.0}, [30.0], 60.0, True, 0.0, 5.0) == (31.0, [])
    assert closing({"opens": 0.0, "closes": 60.0}, [], 60.0, True, 0.0, 5.0) == (60.0, [])
    # seven days of suspension within the round move its end; before it, they do not
    assert closing({"opens": 0.0, "closes": 8.0}, [0.5], 1.0, False, 7.0, 5.0) == (8.0, [])
    assert closing({"opens": 0.0, "closes": 1.0}, [0.5], 1.0, False, 7.0, 5.0) == (1.0, [])
