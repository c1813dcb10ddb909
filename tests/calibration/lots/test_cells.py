"""Texts of cells as amounts, counts, times: in every way in which they are met, and nothing guessed."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.lots import cells


def amount(text: str, unit: float = 1.0) -> tuple[float, bool, str]:
    read, currency = cells.amounts(pa.array([text]), unit)
    return float(read.values[0]), bool(read.bad[0]), str(currency[0])


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("1,234.5", 1234.5, ""), ("123.4万", 1_234_000, ""), ("1.2亿", 120_000_000, ""), ("１２３．４", 123.4, ""),
        ("¥12万", 120_000, "CNY"), ("3.5万元", 35_000, "CNY"), ("5 元", 5, "CNY"), ("$5", 5, "USD"), ("12万美元", 120_000, "USD"),
        ("３，６１３，８１７．５６", 3_613_817.56, ""), ("1e3", 1000, ""), ("人民币12元", 12, "CNY"), (".5", 0.5, ""),
    ],
)  # fmt: skip
def test_amounts(text: str, value: float, currency: str) -> None:
    assert amount(text) == (pytest.approx(value, rel=1e-12), False, currency)


@pytest.mark.parametrize(
    "text", ["12,34", "abc", "1,2,3", "五万", "=B2*0.8", "$5元", "1.2.3", "12 34", "#REF!"]
)
def test_what_is_no_amount_is_marked(text: str) -> None:
    value, bad, _ = amount(text)
    assert np.isnan(value)
    assert bad


@pytest.mark.parametrize("text", ["", " ", "-", "NaN", "—", "None", "/", "暂无", "　"])
def test_what_stands_for_nothing_is_neither_a_number_nor_marked(text: str) -> None:
    value, bad, _ = amount(text)
    assert np.isnan(value)
    assert not bad


def test_the_unit_of_a_column_holds_where_a_cell_names_none() -> None:
    assert amount("12", 1e4)[0] == 120_000
    assert amount("12元", 1e4)[0] == 12
    assert amount("12亿", 1e4)[0] == 1_200_000_000


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**12), st.sampled_from(["", "万", "亿", "元", "万元"]), st.booleans())
def test_numbers_are_read_as_they_were_written(n: int, unit: str, wide: bool) -> None:
    text = f"{n:,}{unit}"
    if wide:
        text = text.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789,"})
    size = {"": 1, "万": 1e4, "亿": 1e8, "元": 1, "万元": 1e4}[unit]
    assert amount(text)[:2] == (pytest.approx(n * size, rel=1e-12), False)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2026年05月26日 10:20:46", "2026-05-26T10:20:46"), ("2024/1/2", "2024-01-02"), ("2024.1.2 9:05", "2024-01-02T09:05"),
        ("20240102", "2024-01-02"), ("2024-01-02T10:00:00Z", "2024-01-02T18:00"), ("２０２４年１月２日", "2024-01-02"),
        ("2024-01-02 10:00:00+08:00", "2024-01-02T10:00"), ("2024年1月2日10时5分", "2024-01-02T10:05"),
        ("2024-01-02 10:00:00.123", "2024-01-02T10:00"), ("2024-02-29", "2024-02-29"),
    ],
)  # fmt: skip
def test_times(text: str, when: str) -> None:
    read = cells.times(pa.array([text]))
    assert read.values[0] == np.datetime64(when, "s")
    assert not read.bad[0]


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-29",
        "1900-01-01",
        "2099-01-01",
        "2024-13-01",
        "01/02/2024",
        "2024-01-02 25:00",
        "昨天",
        "45292",
    ],
)
def test_what_is_no_time_is_marked(text: str) -> None:
    read = cells.times(pa.array([text]))
    assert np.isnat(read.values[0])
    assert read.bad[0]


@settings(max_examples=40, deadline=None)
@given(st.datetimes(min_value=datetime(1991, 1, 1), max_value=datetime(2050, 1, 1)))
def test_every_time_is_read_back(when: datetime) -> None:
    second = when.replace(microsecond=0)
    for text in (second.isoformat(), second.isoformat(" "), second.strftime("%Y年%m月%d日 %H:%M:%S")):
        assert cells.times(pa.array([text])).values[0] == np.datetime64(second, "s")


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=20))
def test_no_text_stops_the_reader(text: str) -> None:
    column = pa.array([text])
    for read in (cells.amounts(column)[0], cells.counts(column), cells.times(column), cells.flags(column)):
        assert len(read.values) == len(read.bad) == 1


def test_counts_and_flags() -> None:
    read = cells.counts(pa.array(["3", "3人", "12 次", "5.0", "", "-1", "2.5", "三"]))
    assert read.values[:4].tolist() == [3, 3, 12, 5]
    assert np.isnan(read.values[4:]).all()
    assert read.bad.tolist() == [False] * 5 + [True] * 3
    read = cells.flags(pa.array(["true", "0", "是", "否", "", "maybe"]))
    assert read.values[:4].tolist() == [1, 0, 1, 0]
    assert read.bad.tolist() == [False] * 5 + [True]
