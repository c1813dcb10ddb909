"""Weighted quantiles and intervals, and what groups of lots have of a total that a few large lots make."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.answers.summary import interval, quantiles
from calibration.answers.totals import shares_of_total


def test_quantiles_are_those_of_draws_repeated_as_often_as_they_weigh():
    x, w = np.array([3.0, 1.0, 2.0, 10.0]), np.array([2.0, 5.0, 4.0, 1.0])
    many = np.repeat(x, (1000 * w).astype(int))
    found = quantiles(x, (0.1, 0.5, 0.9), w)
    # Between draws both interpolate, from the middle of one draw's weight to the middle of the next's.
    assert found[0] == pytest.approx(1.0)
    assert quantiles(many, (0.5,))[0] == 2.0
    assert 1.5 < found[1] < 2.1
    assert quantiles(np.arange(101.0), (0.25, 0.5))[1] == 50.0


def test_undefined_draws_are_left_out_and_an_interval_knows_its_sign():
    x = np.array([np.nan, 0.2, 0.3, 0.4])
    assert interval(x).median == pytest.approx(0.3)
    assert interval(x).sign == 1
    assert interval(np.array([-1.0, -0.1, 0.5, 1.0])).below == 0.5
    assert interval(np.array([-1.0, -0.1, 0.5, 1.0])).sign == 0
    assert np.isnan(interval(np.array([np.nan])).median)


def test_shares_of_a_total_without_spread_are_shares_of_the_expectation():
    number, median = np.array([[40.0, 10.0]]), np.array([[1.0, 8.0]])
    found = shares_of_total(number * 1e4, median, np.full((1, 2), 0.1))
    assert found[0] == pytest.approx([40.0 / 120.0, 80.0 / 120.0], abs=1e-4)


def test_a_heavy_tail_has_less_of_a_finite_total_than_of_its_expectation():
    number, median, sd = np.array([200.0, 60.0]), np.array([1.0, 0.5]), np.array([0.8, 2.4])
    rng = np.random.default_rng(3)
    share = np.empty(4000)
    for i in range(len(share)):
        totals = [
            (m * np.exp(s * rng.standard_normal(rng.poisson(n)))).sum()
            for n, m, s in zip(number, median, sd, strict=True)
        ]
        share[i] = totals[1] / sum(totals)
    found = shares_of_total(number[None], median[None], sd[None])[0]
    expectation = number * median * np.exp(sd**2 / 2.0)
    assert found.sum() == pytest.approx(1.0)
    assert abs(found[1] - share.mean()) < 4.0 * share.std() / len(share) ** 0.5
    assert found[1] < expectation[1] / expectation.sum() - 0.04
