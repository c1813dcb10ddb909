"""Who comes: counts by inversion, arrival times, values, and who comes back."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import scenario
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.bidders import Interested, coming_back, poisson_quantile, timed, unpack_comers
from sim.streams import Luck, Piece
from sim.terms import terms

ONE_ROUND = (
    "rounds.second.held=false", "rounds.sell_off.held=false", "rounds.first.overhang_minutes=0",
)  # fmt: skip


def comers(n: int, interest: float, *overrides: str, number: int = 0) -> Interested:
    s = scenario("base", *overrides)
    luck = Luck(s.run.seed, 0, [Piece(0, 0, n)])
    return Interested(s, terms(s), luck, number + np.arange(n), np.ones(n), np.full(n, interest))


def everybody(interested: Interested) -> np.ndarray:
    """(comers, 3): when, value, number."""
    return np.array(list(unpack_comers(interested.comers)))


def fresh(interested: Interested, row: int, stage) -> list:
    """All fresh comers of a round."""
    return interested.looking(row, stage, 0.0)[1]


@given(st.floats(1e-6, 1 - 1e-9), st.floats(0.0, 900.0))
def test_counts_are_poisson_quantiles(u, mean):
    count = int(poisson_quantile(np.array([u]), np.array([mean]))[0])
    assert stats.poisson.cdf(count, mean) >= u * (1 - 1e-9) - 1e-12
    assert count == 0 or stats.poisson.cdf(count - 1, mean) <= u + 1e-9


@given(st.floats(1e-6, 1 - 1e-9), st.floats(0.0, 300.0), st.floats(0.0, 300.0))
def test_a_larger_mean_never_gives_fewer(u, a, b):
    low, high = sorted((a, b))
    counts = poisson_quantile(np.array([u, u]), np.array([low, high]))
    assert counts[0] <= counts[1]


def test_comers_of_a_lot_do_not_depend_on_its_neighbours():
    few, many = comers(5, 3.0), comers(50, 3.0)
    stage = terms(scenario()).stages[0]
    for row in range(5):
        assert fresh(few, row, stage) == fresh(many, row, stage)


@pytest.mark.parametrize("interest", [0.0, 0.3, 5.0])
def test_those_who_could_pay_the_start_are_told_from_those_who_look(interest):
    """Also where nobody comes, where nobody could pay, and at a start that is somebody's value exactly."""
    some = comers(60, interest)
    for stage in terms(scenario()).stages:
        for row in range(60):
            everyone = fresh(some, row, stage)
            for start in (0.5, 1.2, 9e9, *(value for _, value, _ in everyone)):
                looked, able = some.looking(row, stage, start)
                assert looked == len(everyone)
                assert able == [one for one in everyone if one[1] >= start]


def test_comers_beyond_the_width_of_a_row_are_drawn_for_that_round_alone():
    crowd = comers(40, 30.0)
    stage = terms(scenario()).stages[1]
    sizes = [len(fresh(crowd, row, stage)) for row in range(40)]
    assert np.mean(sizes) == pytest.approx(30.0, abs=4 * np.sqrt(30 / 40))
    for row in range(40):
        here = fresh(crowd, row, stage)
        assert here == sorted(here)
        assert len({who for _, _, who in here}) == len(here)


@pytest.mark.parametrize(
    ("values", "spread", "law"),
    [
        ("lognormal", 0.25, stats.lognorm(0.25, scale=np.exp(-0.1))),
        ("uniform", 1.5, stats.uniform(0, 1.5)),
        ("exponential", 0.8, stats.expon(scale=0.8)),
    ],
)
def test_values_follow_their_law(values, spread, law):
    s = comers(3000, 4.0, *ONE_ROUND, f"interest.values={values}", f"interest.spread={spread}")
    assert stats.kstest(everybody(s)[:, 1], law.cdf).pvalue > 1e-4, "false alarm rate 1e-4, fixed seed"


def test_arrivals_follow_the_late_shape():
    s = comers(3000, 4.0, *ONE_ROUND, "rounds.first.late_shape=20")
    times = everybody(s)[:, 0]
    assert stats.kstest(times, lambda t: np.clip(t, 0, 1) ** 20).pvalue > 1e-4, (
        "false alarm rate 1e-4, fixed seed"
    )


def test_one_draw_decides_a_bidders_whole_life():
    left = [(0.5, 1.0, i, i / 10, 1) for i in range(10)]
    once = coming_back(left, 0.5)
    twice = coming_back(once, 0.5)
    assert [one[2] for one in once] == [0, 1, 2, 3, 4]
    assert [one[2] for one in twice] == [0, 1, 2]
    assert coming_back(left, 0.0) == []
    assert len(coming_back(left, 1.0)) == 10


def test_a_returning_bidder_comes_within_the_new_window():
    stage = terms(scenario()).stages[2]
    ((when, value, who),) = timed([(0.25, 7.0, 3, 0.1, 1)], stage)
    assert when == pytest.approx(0.25 * stage.span)
    assert (value, who) == (7.0, 3)
