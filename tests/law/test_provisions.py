"""The texts of the law as data: whole, in both languages, in an order that can be read."""

from __future__ import annotations

import re
from datetime import date

import pytest

from sim.law.provisions import LAW, Rule, Text, changes, cited, in_force, rules, texts
from sim.law.verdict import w
from sim.measures.lot_history import _ARTICLES
from sim.scenario.schema import Kind

CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize("text", texts(), ids=lambda text: text.key)
def test_a_text_is_said_in_both_languages_with_its_standing_and_source(text: Text) -> None:
    assert text.standing in (*LAW, "guidance", "draft")
    assert text.source in ("read in full", "read", "read in part", "second hand", "memory")
    for one in (text.short, text.title, *(article.says for article in text.articles)):
        assert one
        assert not CHINESE.search(one)
    for one in (text.short_zh, text.title_zh, *(article.says_zh for article in text.articles)):
        assert CHINESE.search(one)
    for article in text.articles:
        assert bool(article.model) == bool(article.model_zh)
        assert bool(article.left_out) == bool(article.left_out_zh)
        assert article.rules or article.model or article.left_out


def test_what_is_no_law_sets_no_limit() -> None:
    assert {text.key for text in texts() if text.standing not in LAW} == {"2022-draft", "2024"}
    assert all(rule.standing in LAW for rule in rules())


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.key)
def test_a_rule_bounds_something_that_is_known(rule: Rule) -> None:
    assert rule.low is not None or rule.high is not None or rule.lifts
    assert all(f"comes.{quantity}" in w for quantity in rule.bounds)
    assert set(rule.lifts) <= {one.key for one in rules()}
    known = set(Kind.model_fields["asset"].annotation.__args__[0].__args__) | {"movable", "immovable"}  # type: ignore[union-attr]
    assert rule.assets <= known
    assert rule.until is None or rule.until >= rule.since


def test_how_far_a_text_was_read_is_said_as_it_was() -> None:
    known = {text.key: text for text in texts()}
    assert {key for key, text in known.items() if text.source == "read in full"} == {
        "2016",
        "2018",
        "2021-equity",
    }
    assert known["2001"].source == "read"
    assert known["2024"].source == "read in part"
    assert set(known["2017"].recalled) == {"day", "number"}
    assert (known["before-2018"].source, known["before-2018"].until) == ("second hand", date(2018, 8, 31))


def test_what_is_cited_is_in_the_data_and_says_whether_it_is_in_force() -> None:
    day = date(2019, 4, 1)
    assert cited(day, "en", ("2004", "8")) == "2004 rules Art 8 (now 5)"
    assert cited(day, "en", ("2001", "13")) == "2001 rules Art 13 (not verified whether still in force)"
    assert cited(day, "zh", ("2001", "13")) == "法释〔2001〕28号第13条（是否仍有效未核实）"
    with pytest.raises(KeyError):
        cited(day, "en", ("2004", "4"))


@pytest.mark.parametrize("articles", _ARTICLES.values(), ids=_ARTICLES)
def test_every_article_that_a_history_may_cite_is_in_the_data(articles: list[tuple[str, str]]) -> None:
    known = {(text.key, article.number) for text in texts() for article in text.articles}
    assert set(articles) <= known


def test_keys_are_of_one_rule_each() -> None:
    keys = [rule.key for rule in rules()]
    assert len(keys) == len(set(keys))


def test_the_days_on_which_the_law_changes() -> None:
    assert date(2017, 1, 1) in changes()
    assert date(2018, 9, 1) in changes(), "the day after a rule's last"
    assert not in_force(date(2000, 1, 1), frozenset({"immovable"})) or date(2000, 1, 1) < changes()[0]


def test_a_rule_holds_on_its_first_and_on_its_last_day() -> None:
    old = next(rule for rule in rules() if rule.key == "2004.8.0")
    nothing = frozenset[str]()
    assert old.holds(date(2005, 1, 1), nothing)
    assert old.holds(date(2016, 12, 31), nothing)
    assert not old.holds(date(2004, 12, 31), nothing)
    assert not old.holds(date(2017, 1, 1), nothing)
