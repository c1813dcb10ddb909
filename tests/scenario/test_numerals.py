"""Numbers as people write them: read exactly, or refused with the interpretation proposed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario.numerals import numeral
from sim.scenario.units import quantity


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("1243", "1243", ""),
        ("1,243", "1243", ""),
        ("1,234,567.80", "1234567.80", ""),
        ("8.9亿", "8.9", "亿"),
        ("24.49 bn", "24.49", "bn"),
        (".5", "0.5", ""),
        ("-.5", "-0.5", ""),
        ("1e5", "1e5", ""),
        ("２５０４.２９万", "2504.29", "万"),
        ("37．44％", "37.44", "%"),
        ("１，２４３", "1243", ""),
        ("“37.44%”", "37.44", "%"),
        ("\u221213 %", "-13", "%"),
        (" 5  m   yuan ", "5", "m yuan"),
    ],
)
def test_a_number_is_read_digit_by_digit(text, number, unit):
    found = numeral(text)
    assert str(found.number) == str(Decimal(number))
    assert found.unit == unit


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("8,9亿", "8.9亿 or 89亿"),
        ("8，9亿", "8.9亿 or 89亿"),
        ("2504,29万", "2504.29万 or 250429万"),
        ("3,04", "3.04 or 304"),
        ("0,304", "0.304"),
        ("1234,567", "1234.567 or 1234567"),
        ("1.234,56", "1234.56"),
        ("1.234.567", "1234567"),
        ("1 243", "1243"),
        ("1_243", "1243"),
        ("1,234,56", "123456"),
        ("约8.9亿元", "8.9亿元"),
        ("¥8.9亿", "8.9亿"),
    ],
)
def test_odd_separators_are_refused_with_the_interpretation_proposed(text, meant):
    with pytest.raises(ValueError, match="did you mean ") as caught:
        numeral(text)
    assert str(caught.value).endswith(f"did you mean {meant}?")


@pytest.mark.parametrize("text", ["", "%", "abc", "1.2.3", "9-10%", "½", "٣", "nan", "1\n2\n3"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match=r"number is needed|commas stand"):
        numeral(text)


@pytest.mark.parametrize("text", ["1e999999999999", "1e-5000", "1e301", "9" * 61])
def test_a_number_is_of_a_size_that_can_be_computed_with(text):
    with pytest.raises(ValueError, match=r"too large or too small|at most 60"):
        numeral(text)


@given(st.integers(0, 10**9), st.integers(0, 6))
def test_a_share_in_per_cent_is_the_double_nearest_to_it(digits, places):
    text = f"{Decimal(digits).scaleb(-places):f}"
    assert quantity(f"{text}%", "share of start") == float(Decimal(text).scaleb(-2))


@given(st.integers(0, 10**6))
def test_a_time_is_the_same_in_its_own_unit(number):
    for unit, own in (("s", "seconds"), ("min", "minutes"), ("h", "hours"), ("天", "days")):
        assert quantity(f"{number} {unit}", own) == number
    assert quantity(f"{number} min", "seconds") == 60 * number
    assert quantity(f"{number} s", "days") == number / 86400


def test_the_double_nearest_to_what_was_written():
    assert quantity("70%", "share of start") == 0.7
    assert quantity("37.44%", "share") == 0.3744
    assert quantity("15 s", "seconds") == 15.0
    assert quantity("24 h", "hours") == 24.0
    assert quantity("8.9亿", "yuan") == 8.9e8


@given(st.text(max_size=70), st.sampled_from(["share", "days", "yuan", ""]))
def test_no_text_ends_in_anything_but_a_number_or_a_sentence(text, unit):
    try:
        assert abs(quantity(text, unit)) < float("inf")
    except ValueError as error:
        said = str(error)
    else:
        said = "a number"
    assert said


def test_the_largest_number_still_has_room_for_its_unit():
    assert quantity("9e290 bn", "yuan") < float("inf")
