"""Whose draws are whose: keys, pieces side by side, jumps."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import PCG64, Generator, SeedSequence

from sim.model.random_streams import Piece, Purpose, RandomDraws, stream

PIECES = [Piece(3, 0, 40), Piece(4, 0, 1), Piece(5, 2, 25)]


def test_a_stream_is_the_one_that_numpy_spawns():
    child = SeedSequence(7).spawn(3)[2].spawn(9)[Purpose.POPULARITY].spawn(6)[5]
    assert np.array_equal(stream(7, 2, Purpose.POPULARITY, 5).random(9), Generator(PCG64(child)).random(9))


@pytest.mark.parametrize("draw", ["uniform", "normal", "gamma"])
def test_what_is_drawn_for_a_court_does_not_depend_on_what_stands_beside_it(draw):
    args = (0.4,) if draw == "gamma" else (3,)
    together = getattr(RandomDraws(1, 0, PIECES), draw)(Purpose.TRAITS, *args)
    alone = [getattr(RandomDraws(1, 0, [piece]), draw)(Purpose.TRAITS, *args) for piece in PIECES]
    assert np.array_equal(together, np.concatenate(alone))


def test_a_row_has_the_same_stream_of_its_own_whatever_stands_beside_it():
    together, alone = RandomDraws(1, 0, PIECES), RandomDraws(1, 0, [PIECES[2]])
    for row in (0, 24):
        a = together.alone(Purpose.REPLIES, 41 + row, 1, 0).random(5)
        assert np.array_equal(a, alone.alone(Purpose.REPLIES, row, 1, 0).random(5))


def test_the_stream_of_a_piece_is_a_jump_too():
    base = stream(1, 4, Purpose.VALUES).bit_generator
    drawn = RandomDraws(1, 4, [PIECES[2]]).normal(Purpose.VALUES, 2)
    assert np.array_equal(drawn, Generator(base.jumped((5 << 20 | 2) + 1)).standard_normal((25, 2)))


def test_streams_of_single_rows_are_numpys_jumps_and_all_different():
    random = RandomDraws(1, 0, PIECES)
    base = stream(1, 0, Purpose.REPLIES).bit_generator
    where = (((3 << 20 | 0) << 12 | 7) << 16 | 2) << 16 | 1
    assert np.array_equal(
        random.alone(Purpose.REPLIES, 7, 2, 1).random(5), Generator(base.jumped(where + 1)).random(5)
    )
    rows = range(sum(piece.lots for piece in PIECES))
    first = {
        random.alone(Purpose.REPLIES, row, a, b).random() for row in rows for a in range(3) for b in range(3)
    }
    assert len(first) == len(rows) * 9


def test_jumps_leave_no_correlation_between_neighbours():
    """Uniform draws of 4,096 rows: means and products of neighbours within 5 standard errors (timer: 6e-7 each)."""
    random = RandomDraws(2, 0, [Piece(0, 0, 4096)])
    x = np.array([random.alone(Purpose.AGAIN, row, 0, 0).random(8) for row in range(4096)]) - 0.5
    assert abs(x.mean()) < 5 * np.sqrt(1 / 12 / x.size)
    for product in (x[1:] * x[:-1], x[:, 1:] * x[:, :-1], x[64:] * x[:-64]):
        assert abs(product.mean()) < 5 / 12 / np.sqrt(product.size)
