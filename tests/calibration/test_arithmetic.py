"""Arithmetic on published numbers against numbers found by other means."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from calibration.audit.arithmetic import (
    chance_of_fitting,
    commission_bounds,
    denominators,
    numerators,
    stationary,
    two_sample_z,
)
from calibration.targets.published_numbers import as_published_number
from sim.law.commission import commission


@pytest.mark.parametrize(
    ("count", "rate"), [(304, "37.44%"), (1243, "37.51%"), (271, "62.01%"), (7, "50%"), (3, "0.9%")]
)
@pytest.mark.parametrize("rounding", ["rounded", "truncated"])
def test_denominators_are_all_that_a_search_of_every_whole_number_finds(count, rate, rounding):
    published = as_published_number(rate)
    digits = 2 if "." in rate else 0
    digits = 1 if rate == "0.9%" else digits
    scale = 10**digits

    def as_published_at(n: int) -> int:
        shifted = (
            100 * count * scale * 2 // n
        )  # twice the figure in units of the last digit, exact in whole numbers
        return (shifted + 1) // 2 if rounding == "rounded" else shifted // 2

    wanted = round(float(rate[:-1]) * scale)
    assert list(denominators(count, published, rounding)) == [
        n for n in range(count, 40_000) if as_published_at(n) == wanted
    ]


def test_numerators_of_a_rate_that_is_no_share_of_the_count_are_none():
    assert list(numerators(1175, as_published_number("90.59%"))) == []
    assert list(numerators(340, as_published_number("54.41%"))) == [185]
    assert list(numerators(0, as_published_number("54.41%"))) == []


@pytest.mark.parametrize("rounding", ["rounded", "truncated", "either", "exact"])
@pytest.mark.parametrize("rate", ["0%", "0.0%", "100%", "37%", "37.4%", "0.4%", "33.3333%", 1, 0])
def test_whole_numbers_of_small_counts_are_all_that_a_search_finds(rate, rounding):
    published = as_published_number(rate, rounding)
    for count in range(8):
        tried = range(
            max(count, 1), 320
        )  # 1 of 201 is the first that rounds to 0 %, 1 of 285 the last to 0.4 %
        found = denominators(count, published)
        assert [n for n in tried if n in found] == [
            n for n in tried if count and published.covers(Fraction(count, n))
        ]
        assert list(numerators(count, published)) == [
            x for x in range(count + 1) if count and published.covers(Fraction(x, count))
        ]


def test_denominators_of_billions_cost_nothing():
    found = denominators(10**11, as_published_number("37.44%"))
    assert found.start == math.floor(Fraction(10**11) / Fraction("0.3745")) + 1
    assert len(found) > 10**8
    assert 10**11 in numerators(10**12, as_published_number("10%"))
    assert chance_of_fitting(10**11, as_published_number("37.44%")) == 1.0


def test_chance_of_fitting_beyond_what_is_looked_through_is_that_of_the_search(monkeypatch):
    for count, rate in ((3_000, "1.2345%"), (9_000, "4.12345%"), (20_000, "37.441%"), (40_000, "37.44123%")):
        one = as_published_number(rate)
        searched = chance_of_fitting(count, one)
        monkeypatch.setattr("calibration.audit.arithmetic.FEW", 0)
        assert chance_of_fitting(count, one) == pytest.approx(searched, abs=0.01)
        monkeypatch.undo()


def test_chance_of_fitting_is_the_share_of_printable_rates_that_a_whole_denominator_gives():
    # Of small counts hardly any two-digit rate is a ratio, of large ones nearly all are.
    assert chance_of_fitting(28, as_published_number("33.33%")) < 0.05
    assert chance_of_fitting(1243, as_published_number("37.51%")) > 0.8
    assert chance_of_fitting(100_000, as_published_number("37.51%")) == 1.0


def test_z_of_two_shares_is_that_of_the_textbook():
    # 30 of 100 against 45 of 100: pooled .375, z = .15 / sqrt(.375 x .625 x .02)
    assert two_sample_z(30, 100, 45, 100) == pytest.approx(2.1909, abs=1e-4)
    assert two_sample_z(10, 10, 10, 10) == 0.0


def test_the_stationary_process_is_found_from_windows_that_it_made():
    def seen(ever: float, lag: float, days: int, lots: int = 10**7) -> int:
        return round(lots * ever * (1.0 - lag / days))

    a, b = ((seen(0.3, 20, d), seen(0.3, 20, d) + seen(0.6, 70, d), 10**7, d) for d in (365, 90))
    one = stationary(a, b)
    assert one.possible
    assert (one.sold, one.days_to_sale, one.failed, one.days_to_failure) == pytest.approx(
        (0.3, 20, 0.6, 70), rel=1e-4
    )
    assert one.rate == pytest.approx(1 / 3, rel=1e-5)


def test_a_rate_that_falls_in_a_short_window_is_no_window_effect():
    assert not stationary((300, 800, 2000, 365), (20, 400, 1000, 90)).possible


def test_no_lot_is_dearer_than_all_lots_together_even_where_the_commission_cannot_be():
    assert commission_bounds(1e8, 0.0)[1] == 1e8


@pytest.mark.parametrize(
    ("sold", "failed", "possible"),
    [
        ((0.4, 20), (0.5, 70), True),
        ((0.7, 20), (0.6, 70), False),
        ((0.3, 20), (0.3, -30), False),
        ((0.3, -5), (0.3, 30), False),
    ],
)
def test_no_process_has_more_ends_than_lots_or_ends_before_their_listing(sold, failed, possible):
    """(share that ever ends so, mean days to it); what two windows count when this is so."""
    a, b = (
        (
            x := round(10**6 * sold[0] * (1 - sold[1] / d)),
            x + round(10**6 * failed[0] * (1 - failed[1] / d)),
            10**6,
            d,
        )
        for d in (365, 90)
    )
    assert stationary(a, b).possible == possible


def test_commission_bounds_hold_for_real_sets_of_prices_and_are_reached():
    rng = np.random.default_rng(5)
    for spread in (1.0, 2.0, 3.0):
        prices = np.exp(13.0 + spread * rng.standard_normal(500))
        above, largest = commission_bounds(prices.sum(), commission(prices).sum())
        share = np.maximum(prices - 2e6, 0.0).sum() / prices.sum()
        assert above[0] - 1e-12 <= share <= above[1] + 1e-12
        assert prices.max() <= largest * (1 + 1e-9)
    alone = np.array([3e8, *[1e5] * 50])
    assert commission_bounds(alone.sum(), commission(alone).sum())[1] == pytest.approx(3e8, rel=1e-6)
