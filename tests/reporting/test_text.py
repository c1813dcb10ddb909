from __future__ import annotations

import re

import pytest

from sim.measures import DEFINITIONS, INTERPRETATIONS
from sim.reporting.style import Foot, columns, fold
from sim.reporting.text import headline, known, name_of, round_name, t
from sim.reporting.text_explore import of_base
from sim.reporting.values import short_name
from sim.scenario.keys import read_key


def test_measures_and_rounds_are_named_with_their_definitions() -> None:
    assert all(re.search(r"[一-鿿]", d.zh) and d.en.isascii() for d in DEFINITIONS.values())
    assert [m for ms in INTERPRETATIONS.values() for m in ms if name_of(m, "zh") == m] == []
    assert name_of("sold_first", "en") == "sold at first auction"
    assert name_of("sold_encore", "en") == "sold_encore"  # of a round that only a scenario knows
    assert round_name("second", "zh") == "二拍"
    assert round_name("fourth", "zh") == "fourth"


def test_names_are_unique() -> None:
    for lang in ("en", "zh"):
        names = [name_of(m, lang) for m in DEFINITIONS]
        assert len(set(names)) == len(names)


def test_t() -> None:
    assert name_of("lots_sold", "zh") == "成交量"
    assert t("sold", "zh", round="一拍") == "一拍成交"
    assert known("figure.rainfall", "zh", "rainfall") == "rainfall"
    assert headline("lots sold") == "Lots sold"
    with pytest.raises(KeyError):
        t("no such key", "en")


def test_fold_counts_a_chinese_character_as_two() -> None:
    assert columns("成交a") == 5
    assert fold("one two three", 7) == "one two\nthree"
    assert all(columns(line) <= 12 for line in fold("成交标的物半数在上拍后售出", 12).split("\n"))
    assert fold("", 10) == ""
    assert "".join(fold("成交率，溢价率，成交量", 6).split("\n")) == "成交率，溢价率，成交量"


def test_foot_speaks_the_language() -> None:
    foot = Foot("Shanxi", "山西", 7, 20)
    assert foot.line("en") == "Shanxi · seed 7 · replications: 20"
    assert foot.line("zh") == "山西 · 种子7 · 重复20次"


@pytest.mark.parametrize(
    ("key", "en", "zh"),
    [
        ("rounds.second.cut", "second auction cut", "二拍降价幅度"),
        ("rounds.sell_off.notice_days_movable", "sell-off notice days movable", "变卖公告期（动产）"),
        ("from.2018-01-01.start.ratio", "start ratio", "起拍率"),
        ("kinds.homes.interest", "homes interest", "homes关注度"),
        ("unknown.key", "unknown.key", "unknown.key"),
    ],
)
def test_a_parameter_has_a_short_name(key: str, en: str, zh: str) -> None:
    assert [short_name(read_key(key), lang) for lang in ("en", "zh")] == [en, zh]


def test_a_base_is_called_so_once() -> None:
    assert of_base("Base: the rules", "en") == "the rules"
    assert of_base("基准：现行规则", "zh") == "现行规则"
    assert of_base("Shanxi", "en") == "Shanxi"
