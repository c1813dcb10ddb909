"""Published numbers: their value, their last digit, and what would be published so."""

from __future__ import annotations

from decimal import Decimal

import pytest

from calibration.targets.published_numbers import as_published_number


@pytest.mark.parametrize(
    ("written", "value", "step"),
    [
        (1243, 1243.0, 0.0),
        ("1,243", 1243.0, 0.0),
        ("37.44%", 0.3744, 1e-4),
        ("116%", 1.16, 0.01),
        ("8.9亿", 8.9e8, 1e7),
        ("24.49亿元", 2.449e9, 1e6),
        ("2504.29万", 2.504290e7, 100.0),
        ("0.89 bn", 8.9e8, 1e7),
        (Decimal("0.3744"), 0.3744, 1e-4),
        (Decimal("8.90E8"), 8.9e8, 1e6),
    ],
)
def test_a_number_keeps_its_digits(written, value, step):
    one = as_published_number(written)
    assert one.value == pytest.approx(value)
    assert one.step == pytest.approx(step)


def test_rounding_and_cutting_off_print_different_intervals():
    one = as_published_number("8.9亿")
    assert one.interval("rounded") == pytest.approx((8.85e8, 8.95e8))
    assert one.interval("truncated") == pytest.approx((8.9e8, 9.0e8))
    assert one.interval("either") == pytest.approx((8.85e8, 9.0e8))
    assert one.interval("exact") == (8.9e8, 8.9e8)


@pytest.mark.parametrize(
    ("x", "rounded", "truncated"), [(0.37438, True, False), (0.37444, True, True), (0.37446, False, True)]
)
def test_what_is_published_so(x, rounded, truncated):
    one = as_published_number("37.44%")
    assert one.covers(x, "rounded") is rounded
    assert one.covers(x, "truncated") is truncated


@pytest.mark.parametrize("written", [True, "", "many", "12 apples", "nan", [1], None, Decimal("NaN")])
def test_what_is_no_number_is_refused(written):
    with pytest.raises(ValueError, match=r"needed|unit"):
        as_published_number(written)
