"""Which rounds of a lot are followed, what is set aside, and in which rounds a lot can have been seen to end."""

from __future__ import annotations

import numpy as np
import pytest
from test_histories import histories

from calibration.lots.followed import followed
from calibration.lots.histories import Histories, Outcome

DAY = np.datetime64("2024-01-01", "s")
S, F, P, W, I = Outcome.SOLD, Outcome.FAILED, Outcome.POSTPONED, Outcome.WITHDRAWN, Outcome.IN_KIND  # noqa: E741


def rows(*lots: list[tuple[Outcome, float, int]], price: float = 0.9) -> Histories:
    """Lots as (outcome, start / reference, day) of their rounds."""
    every = [(i, *one) for i, lot in enumerate(lots) for one in lot]
    when = np.array([DAY + np.timedelta64(one[3], "D") for one in every])
    outcome = np.array([one[1] for one in every], dtype=np.int8)
    found = histories(
        [one[0] for one in every], start=np.array([100.0 * one[2] for one in every]), outcome=outcome, opened=when, ended=when,
        price=np.where(outcome == S, 100.0 * price, np.nan),
    )  # fmt: skip
    object.__setattr__(found, "closes", when.max())
    return found


def test_from_the_first_auction_to_the_first_win():
    lots = followed(
        rows(
            [(P, 1.0, 0), (F, 1.0, 10), (P, 0.8, 30), (S, 0.8, 40), (F, 0.8, 80), (S, 0.8, 120)],
            [(F, 1.0, 10), (W, 0.8, 40)],
            [(S, 1.0, 5)],
        ),
        "all listed",
    )
    assert lots.rounds.tolist() == [2, 1, 1]
    assert lots.sold.tolist() == [True, False, True]
    assert lots.price[0] == pytest.approx(0.9)
    assert (lots.opened[0] - DAY) / np.timedelta64(1, "D") == 10
    assert lots.stopped == pytest.approx(1 / 5)
    assert lots.days == 30.0
    assert lots.starts[lots.path] == pytest.approx(np.array([[1.0, 0.8]] * 3), rel=1e-3)


def test_what_is_set_aside_is_counted_once():
    lots = followed(
        rows(
            [(F, 0.8, 0), (S, 0.9, 30)],
            [(P, 1.0, 0)],
            [(S, np.nan, 0)],
            [(F, 1.0, 0)],
            [(F, 1.0, 0), (S, 0.8, 30)],
            [(S, 0.7, 0)],
        ),
        "sold only",
        wanted=((1.0, 0.8), 0.01),
    )
    assert lots.set_aside == {"unheld": 1, "no_start": 1, "start_rises": 1, "not_sold": 1, "other_starts": 1}
    assert len(lots) == 1
    assert lots.starts[0, :4] == pytest.approx([1.0, 0.8, 0.64, 0.512])


def test_rounds_in_which_a_file_of_sold_lots_can_have_seen_the_sale():
    lots = followed(
        rows([(F, 1.0, 0), (S, 0.8, 30)], [(S, 1.0, 60)], [(S, 1.0, 130)]), "sold only", days=30.0
    )
    assert lots.first.tolist() == [1, 1, 1]
    assert lots.final.tolist() == [5, 3, 1]  # a round every thirty days up to day 130
    late = lots.within(DAY + np.timedelta64(25, "D"), DAY + np.timedelta64(65, "D"))
    assert late.first.tolist() == [2, 1, 1]
    assert late.final.tolist() == [3, 1, 1]


def test_nothing_is_known_of_later_rounds():
    lots = followed(rows([(F, 1.0, 0), (F, 0.8, 30), (S, 0.64, 60)], [(S, 1.0, 90)]), "sold only", days=30.0)
    one = lots.up_to(1)
    assert one.rounds.tolist() == [1, 1]
    assert one.sold.tolist() == [False, True]
    assert one.later.tolist() == [True, False]
    assert np.isnan(one.price[0])
    again = lots.up_to(3)
    assert again.rounds.tolist() == lots.rounds.tolist()
    assert again.sold.tolist() == lots.sold.tolist()


def test_starts_that_never_varied():
    assert followed(rows([(F, 0.8, 0), (S, 0.8, 30)], [(S, 0.8, 0)]), "all listed").varied < 1e-6
    assert followed(rows([(F, 0.8, 0), (S, 0.64, 30)], [(S, 0.8, 0)]), "all listed").varied > 0.05
