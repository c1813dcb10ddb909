"""Published numbers: their value, their last digit, and what would be published so."""

from __future__ import annotations

from decimal import Decimal

import pytest

from calibration.targets.published_numbers import as_published_number
from sim.locale.language import speaking


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


@pytest.mark.parametrize(
    ("text", "value", "digit"),
    [
        ("1,799件", 1799, 0),
        ("1243宗", 1243, 0),
        ("898 人次", 898, 0),
        ("８３３案", 833, 0),
        ("1.2万件", 12_000, 1000),
    ],
)
def test_what_is_counted_may_stand_behind_a_number(text: str, value: int, digit: int) -> None:
    """As a court writes it, and as the application and its template ask: in the unit that was published."""
    number = as_published_number(text)
    assert (number.exact, number.digit) == (value, digit)
    assert number.rounding == ("either" if digit else "exact")


def test_units_that_are_allowed_are_named_in_the_readers_language() -> None:
    with speaking("zh"), pytest.raises(ValueError, match=r"可用：%、‰、成、元、万、万元、亿、亿元$"):
        as_published_number("5斤")
    with speaking("en"), pytest.raises(ValueError, match=r"percent, .*bn yuan"):
        as_published_number("5斤")
