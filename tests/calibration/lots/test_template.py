"""A mapping to complete: what is guessed for columns, and that the text can be read whatever the columns are called."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calibration.lots import template as module
from calibration.lots.mapping import Columns, MappingError, checked
from calibration.lots.template import ROWS, needed, template

OURS = ["标的号", "标题", "评估价（万元）", "起拍价（万元）", "结束日期", "状态", "成交价（元）"]


def mapping(header: list[str], lang: str = "zh") -> Columns:
    return checked(Path("x"), template(header, "我院", lang))


def test_columns_are_guessed_with_their_units() -> None:
    columns = mapping(OURS)
    found = dict(columns.entries())
    assert {key: entry.column for key, entry in found.items()} == {
        "lot": "标的号", "reference": "评估价（万元）", "start": "起拍价（万元）", "ended": "结束日期", "outcome": "状态", "price": "成交价（元）",
    }  # fmt: skip
    assert [found[key].size for key in ("reference", "start", "price")] == [1e4, 1e4, 1.0]
    assert columns.mapping.rows == "rounds"


def test_rounds_side_by_side_are_tables_and_bids_are_bids() -> None:
    columns = mapping(["资产类型", "一拍起拍价", "一拍结果", "二拍成交价", "二拍结果", "变卖结果"])
    assert columns.mapping.rows == "lots"
    assert [one.stage for one in columns.rounds] == ["auction", "auction", "sell-off"]
    assert [key for key, _ in columns.entries()] == [
        "kind", "rounds.1.start", "rounds.1.outcome", "rounds.2.price", "rounds.2.outcome", "rounds.3.outcome",
    ]  # fmt: skip
    assert mapping(["竞买号", "价格（元）", "出价时间"]).mapping.rows == "bids"


def test_what_is_needed_and_not_guessed_is_left_to_be_filled_in() -> None:
    for lang in ("en", "zh"):
        with pytest.raises(MappingError) as error:
            mapping(["甲", "乙"], lang)
        assert [one.key for one in error.value.defects] == ["outcome"]


@settings(max_examples=50, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(max_size=300), max_size=30), st.text(max_size=120), st.sampled_from(["en", "zh"]))
def test_the_text_is_toml_whatever_the_columns_are_called(header: list[str], title: str, lang: str) -> None:
    tree = tomllib.loads(template(header, title, lang))
    assert tree["rows"] in ROWS


def test_every_kind_of_row_says_what_it_needs() -> None:
    """As the check of a mapping has it."""
    assert len(needed("en")) == len(needed("zh")) == len(ROWS)
    for rows, keys in ROWS.items():
        whole = {one.partition("|")[0]: "x" for one in keys}
        assert checked(Path("x"), _toml(rows, whole))
        for key in whole:
            with pytest.raises(MappingError):
                checked(Path("x"), _toml(rows, {k: v for k, v in whole.items() if k != key}))
    assert set(module._names()) - {"stages"} == set(module.OF_LOT) | set(module.ROUND) | set(module.OF_BID)


def _toml(rows: str, keys: dict[str, str]) -> str:
    return f'title = "x"\nrows = "{rows}"\n' + "".join(f'{k} = "{v}"\n' for k, v in keys.items())
