"""Keyed draws: the published generator's numbers, one value a key, no pattern where people and lots are counted up.

Each test of uniformity or independence is at 10^-4, each correlation within 4.5 standard errors (7 x 10^-6); seeds are fixed.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from scipy import stats

from sim.model.counter_streams import key, mixed, mixed_all, normal, normals, uniform, uniforms
from sim.model.random_streams import Purpose


def test_numbers_are_those_of_splitmix64():
    """The first outputs for seed 1234567, as printed with the reference implementation (Vigna, splitmix64.c)."""
    assert [mixed(1234567, i) for i in range(3)] == [
        6457827717110365317, 3203168211198807973, 9817491932198370423,
    ]  # fmt: skip


def test_one_by_one_or_all_at_once():
    numbers = np.array([0, 1, 17, 2**40, 4_000_000_000_000_000_000])
    state = np.array([99], dtype=np.uint64)
    assert mixed_all(state, numbers).tolist() == [mixed(99, n) for n in numbers.tolist()]
    states = mixed_all(state, numbers)
    assert mixed_all(states, 5).tolist() == [mixed(s, 5) for s in states.tolist()]
    assert uniforms(mixed_all(states, 5)).tolist() == [uniform(99, n, 5) for n in numbers.tolist()]


def test_keys_differ_by_seed_replication_and_purpose():
    keys = {key(s, r, p) for s in (1, 2) for r in (0, 1) for p in (Purpose.CASH, Purpose.CLAIMS)}
    assert len(keys) == 8
    assert key(1, 0, Purpose.CASH) == key(1, 0, Purpose.CASH)


@pytest.mark.parametrize("step", [1, 1_000_000_000, 10_000_000])
def test_neighbouring_people_have_independent_random_draws(step):
    """Uniform, and not correlated with the neighbour's, across bidder numbers as they are given out."""
    n = 40_000
    state = np.array([key(3, 0, Purpose.FORESIGHT)], dtype=np.uint64)
    u = uniforms(mixed_all(state, step * np.arange(n)))
    assert stats.kstest(u, "uniform").pvalue > 1e-4
    for lag in (1, 2, 12):
        assert abs(np.corrcoef(u[lag:], u[:-lag])[0, 1]) < 4.5 / np.sqrt(n)
    pairs = stats.chi2_contingency(np.histogram2d(u[1:], u[:-1], bins=8)[0]).pvalue
    assert pairs > 1e-4


def test_draws_of_a_pair_are_independent_of_each_other_and_of_whether_the_lot_suits():
    n = 40_000
    states = mixed_all(np.array([key(3, 0, Purpose.PEOPLE)], dtype=np.uint64), np.arange(n))
    pair = mixed_all(states, 7)
    suits, value, time = uniforms(pair), uniforms(mixed_all(pair, 0)), uniforms(mixed_all(pair, 1))
    for a, b in ((suits, value), (suits, time), (value, time)):
        assert abs(np.corrcoef(a, b)[0, 1]) < 4.5 / np.sqrt(n)
    few = suits < 0.05
    assert stats.kstest(value[few], "uniform").pvalue > 1e-4
    assert stats.kstest(time[few], "uniform").pvalue > 1e-4


def test_normal_draws_are_those_of_python_one_by_one_or_all_at_once():
    states = mixed_all(np.array([5], dtype=np.uint64), np.arange(3000))
    found = [normal(5, n) for n in range(3000)]
    assert normals(states).tolist() == found
    assert found == pytest.approx([NormalDist().inv_cdf(uniform(5, n)) for n in range(3000)], rel=1e-14)
