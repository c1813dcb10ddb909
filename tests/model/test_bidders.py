"""Who comes: counts by inversion, arrival times, values, and who comes back."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import scenario
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.model.bidders import Interested, Offered, returning, timed, unpack_bidders
from sim.model.random_streams import Piece, RandomDraws
from sim.model.rules import rules_of
from sim.theory.poisson import poisson_quantile

ONE_ROUND = (
    "rounds.second.held=false", "rounds.sell_off.held=false", "rounds.first.overhang_minutes=0",
)  # fmt: skip


def bidders(n: int, interest: float, *overrides: str, number: int = 0) -> Interested:
    s = scenario("base", *overrides)
    random = RandomDraws(s.run.seed, 0, [Piece(0, 0, n)])
    return Interested(
        s, rules_of(s), random, Offered(number + np.arange(n), np.ones(n), np.full(n, interest))
    )


def everybody(interested: Interested) -> np.ndarray:
    """(bidders, 3): when, value, number."""
    packed = b"".join(interested.everyone_in(position).packed for position in range(interested.rounds))
    return np.array(list(unpack_bidders(packed)))


def fresh(interested: Interested, row: int, stage) -> list:
    """All fresh bidders of a round."""
    return interested.looking(row, stage, 0.0)[1]


@given(st.floats(1e-6, 1 - 1e-9), st.floats(0.0, 900.0))
@settings(deadline=None)  # the first example imports SciPy
def test_counts_are_poisson_quantiles(u, mean):
    count = int(poisson_quantile(np.array([u]), np.array([mean]))[0])
    assert stats.poisson.cdf(count, mean) >= u * (1 - 1e-9) - 1e-12
    assert count == 0 or stats.poisson.cdf(count - 1, mean) <= u + 1e-9


@given(st.floats(1e-6, 1 - 1e-9), st.floats(0.0, 300.0), st.floats(0.0, 300.0))
@settings(deadline=None)
def test_a_larger_mean_never_gives_fewer(u, a, b):
    low, high = sorted((a, b))
    counts = poisson_quantile(np.array([u, u]), np.array([low, high]))
    assert counts[0] <= counts[1]


def test_bidders_of_a_lot_do_not_depend_on_its_neighbours():
    few, many = bidders(5, 3.0), bidders(50, 3.0)
    stage = rules_of(scenario()).stages[0]
    for row in range(5):
        assert fresh(few, row, stage) == fresh(many, row, stage)


@pytest.mark.parametrize("interest", [0.0, 0.3, 5.0])
def test_those_who_could_pay_the_start_are_distinguished_from_those_who_look(interest):
    """Also where nobody comes, where nobody could pay, and at a start that is somebody's value exactly."""
    some = bidders(60, interest)
    for stage in rules_of(scenario()).stages:
        for row in range(60):
            everyone = fresh(some, row, stage)
            for start in (0.5, 1.2, 9e9, *(value for _, value, _ in everyone)):
                interested, eligible = some.looking(row, stage, start)
                assert interested == len(everyone)
                assert eligible == [one for one in everyone if one[1] >= start]


def test_bidders_beyond_the_width_of_a_row_are_drawn_for_that_round_alone():
    crowd = bidders(40, 30.0)
    stage = rules_of(scenario()).stages[1]
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
    s = bidders(3000, 4.0, *ONE_ROUND, f"interest.values={values}", f"interest.spread={spread}")
    assert stats.kstest(everybody(s)[:, 1], law.cdf).pvalue > 1e-4, "false alarm rate 1e-4, fixed seed"


def test_arrivals_follow_the_late_shape():
    s = bidders(3000, 4.0, *ONE_ROUND, "rounds.first.late_shape=20", "rounds.first.early_share=0")
    times = everybody(s)[:, 0]
    assert stats.kstest(times, lambda t: np.clip(t, 0, 1) ** 20).pvalue > 1e-4, (
        "false alarm rate 1e-4, fixed seed"
    )


def test_one_draw_decides_a_bidders_whole_life():
    left = [(0.5, 1.0, i, i / 10, 1) for i in range(10)]
    once = returning(left, 0.5)
    twice = returning(once, 0.5)
    assert [one[2] for one in once] == [0, 1, 2, 3, 4]
    assert [one[2] for one in twice] == [0, 1, 2]
    assert returning(left, 0.0) == []
    assert len(returning(left, 1.0)) == 10


def test_a_returning_bidder_comes_within_the_new_window():
    stage = rules_of(scenario()).stages[2]
    ((when, value, who),) = timed([(0.25, 7.0, 3, 0.1, 1)], stage)
    assert when == pytest.approx(0.25 * stage.span)
    assert (value, who) == (7.0, 3)


ROUNDS = (
    "rounds.first.late_shape=20", "rounds.second.late_shape=5", "rounds.sell_off.late_shape=1",
    "rounds.first.early_share=0.1", "rounds.second.early_share=0.3", "rounds.sell_off.early_share=0",
    "rounds.first.overhang_minutes=0", "rounds.second.overhang_minutes=720", "rounds.sell_off.overhang_minutes=1440",
    "rounds.first.interest=1", "rounds.second.interest=0.6", "rounds.sell_off.interest=1.5",
)  # fmt: skip
LAWS = [
    (0.1, 20.0, 1.0, 1.0),
    (0.3, 5.0, 1.5, 0.6),
    (0.0, 1.0, 61.0, 1.5),
]  # share who come evenly; late shape; window and overhang, days; interest


def law_of(early, late, days):
    """When people come, days after the opening: a distribution function."""

    def below(t):
        x = np.clip(t / days, 0, 1)
        return early * x + (1.0 - early) * x**late

    return below


def test_each_round_has_its_own_late_shape_its_own_time_and_its_own_interest():
    """Sizes within 4.5 standard errors; false alarm rate of each law 1e-4, fixed seed."""
    n, interest = 3000, 3.0
    s = scenario("base", *ROUNDS)
    some = bidders(n, interest, *ROUNDS)
    for stage, (early, late, days, multiple) in zip(rules_of(s).stages, LAWS, strict=True):
        rounds = [fresh(some, row, stage) for row in range(n)]
        times = np.array([when for one in rounds for when, _, _ in one])
        assert len(times) / n == pytest.approx(
            interest * multiple, abs=4.5 * np.sqrt(interest * multiple / n)
        )
        assert stats.kstest(times, law_of(early, late, days)).pvalue > 1e-4, stage.name
        assert all(one == sorted(one) for one in rounds)


def test_those_who_come_back_come_as_late_as_the_others_of_the_round():
    for stage, (early, late, days, _) in zip(rules_of(scenario("base", *ROUNDS)).stages, LAWS, strict=True):
        ((when, _, _),) = timed([(0.4, 7.0, 3, 0.1, 1)], stage)
        assert when == pytest.approx(days * ((0.4 - early) / (1.0 - early)) ** (1.0 / late))


def test_who_goes_away_empty_handed_is_everybody_but_the_winner_below_the_persistence():
    n = 2000
    some = bidders(n, 3.0, "interest.persistence=0.4")
    stage = rules_of(scenario()).stages[0]
    back = everyone = 0
    for row in range(n):
        here = fresh(some, row, stage)
        winner = here[0][2] if here else -1
        left = some.departing(row, stage, winner, 1.0)
        assert {one[2] for one in left} == {who for _, _, who in here} - {winner}
        kept = some.departing(row, stage, winner, 0.4)
        assert all(one[3] < 0.4 and one[4] == 1 for one in kept)
        back, everyone = back + len(kept), everyone + len(left)
    assert back / everyone == pytest.approx(0.4, abs=4.5 * np.sqrt(0.24 / everyone))


def test_a_round_held_again_has_fresh_bidders_by_the_same_laws_under_numbers_of_their_own():
    """After a default: as many on average as at first, with values of the same law; nobody has the number of another."""
    n, mean = 2000, 2.5
    some = bidders(n, mean, "interest.persistence=0.4")
    stage = rules_of(scenario()).stages[0]
    numbers, values, counts = [], [], []
    for row in range(n):
        for holding in (1, 2):
            again = some.again(row, 100.0, mean, stage, holding)
            counts.append(len(again))
            values += [value / 100.0 for _, value, _, _, _ in again]
            numbers += [who for _, _, who, _, _ in again]
        numbers += [who for _, _, who in fresh(some, row, stage)]
    assert len(set(numbers)) == len(numbers)
    assert np.mean(counts) == pytest.approx(mean, abs=4.5 * np.sqrt(mean / len(counts)))
    assert np.var(counts) == pytest.approx(mean, rel=0.1)
    assert stats.kstest(values, stats.lognorm(0.25, scale=np.exp(-0.1)).cdf).pvalue > 1e-4


def test_crowds_of_two_rounds_beyond_the_width_are_drawn_apart():
    crowd = bidders(5, 60.0)
    first, second = (rules_of(scenario()).stages[i] for i in (0, 1))
    for row in range(5):
        a, b = ({value for _, value, _ in fresh(crowd, row, stage)} for stage in (first, second))
        assert not a & b
