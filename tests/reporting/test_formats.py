from __future__ import annotations

import math

import pytest

from sim.reporting import formats as f


@pytest.mark.parametrize(
    ("x", "en", "zh"),
    [
        (8.9e8, "¥890 m", "8.90亿元"),
        (2.449e9, "¥2.45 bn", "24.5亿元"),
        (2.50429e7, "¥25.0 m", "2,504万元"),
        (199_900.0, "¥200 k", "20.0万元"),
        (999.0, "¥999", "999元"),
        (0.0, "¥0", "0元"),
        (-3.5e4, "-¥35.0 k", "-3.50万元"),
        (math.nan, "–", "–"),
        (math.inf, "–", "–"),
    ],
)
def test_money(x: float, en: str, zh: str) -> None:
    assert f.money(x, "en") == en
    assert f.money(x, "zh") == zh


def test_a_unit_is_never_left_at_its_edge() -> None:
    assert f.money(9_999.9, "zh") == "1.00万元"
    assert f.money(999_999.0, "en") == "¥1.00 m"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.3744, "37.4%"), (0.0, "0.0%"), (1.8139, "181.4%"), (363.61, "36,361%"), (math.nan, "–")],
)
def test_percent(share: float, text: str) -> None:
    assert f.percent(share) == text


def test_a_published_value_keeps_its_digits() -> None:
    assert f.value("sale_rate", 0.3744, "en", digits=2) == "37.44%"
    assert f.value("turnover", 2.449e9, "zh", digits=2) == "24.49亿元"
    assert f.value("turnover", 8.9e8, "zh", digits=2) == "8.9亿元"
    assert f.value("turnover", 8e8, "en", digits=2) == "¥800 m"
    assert f.value("sold", 1243.0, "zh", digits=2) == "1,243"


def test_counts() -> None:
    assert [f.count(x) for x in (1243, 12.34, 12.0, 100.4, math.nan)] == ["1,243", "12.3", "12", "100", "–"]


def test_interval_has_one_unit() -> None:
    assert f.interval("sale_rate", 0.381, 0.35, 0.412, "en") == "38.1% [35.0–41.2]"
    assert f.interval("turnover", 8.9e8, 7.1e8, 1.05e9, "en") == "¥890 m [710–1,050]"
    assert f.interval("turnover", 8.9e8, 7.1e8, 1.05e9, "zh") == "8.90亿元 [7.10–10.5]"
    assert f.interval("sold", 304.0, 280.0, 330.0, "zh") == "304 [280–330]"
    assert f.interval("sold", math.nan, 280.0, 330.0, "zh") == "–"
    assert f.interval("sold", 3.0, math.nan, 330.0, "zh") == "3"


@pytest.mark.parametrize(
    ("text", "set_"),
    [
        ("-39 [-63, -16]", "−39 [−63, −16]"),
        ("成交率-0.8个百分点", "成交率−0.8个百分点"),
        ("-¥35.0 k [-40–-30]", "−¥35.0 k [−40–−30]"),
        ("2017-12-31, 2017-2019, cut-20, a --jobs", "2017-12-31, 2017-2019, cut-20, a --jobs"),
    ],
)
def test_a_minus_of_print_stands_before_numbers_alone(text: str, set_: str) -> None:
    assert f.minus(text) == set_
