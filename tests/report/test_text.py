from __future__ import annotations

import re
from string import Formatter

import pytest

from sim.report.fonts import LATIN, drawable
from sim.report.style import Foot, columns, fold
from sim.report.text import WORDS, headline, known, t


@pytest.mark.parametrize("key", WORDS)
def test_both_languages_say_the_same(key: str) -> None:
    en, zh = WORDS[key]
    fields = [{name for _, name, _, _ in Formatter().parse(words) if name is not None} for words in (en, zh)]
    assert en
    assert zh
    assert fields[0] == fields[1]
    assert drawable(en, [LATIN]) == en, "English must need no other font than matplotlib's own"


def test_chinese_is_chinese() -> None:
    plain = [key for key, (_, zh) in WORDS.items() if not re.search(r"[一-鿿]", zh)]
    assert plain == []


def test_every_measure_of_the_readings_has_a_name() -> None:
    measures = pytest.importorskip("sim.measures")
    assert [m for ms in measures.READINGS.values() for m in ms if m not in WORDS] == []


def test_t() -> None:
    assert t("lots_sold", "zh") == "成交量"
    assert t("sold", "zh", round="一拍") == "一拍成交"
    assert known("round.fourth", "zh", "fourth") == "fourth"
    assert headline("lots sold") == "Lots sold"
    with pytest.raises(KeyError):
        t("no such key", "en")
    with pytest.raises(ValueError, match="index"):
        t("lots_sold", "fr")


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
