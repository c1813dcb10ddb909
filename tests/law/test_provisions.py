"""The texts of the law as data: whole, in both languages, in an order that can be read."""

from __future__ import annotations

import re
from datetime import date

import pytest
from conftest import ROOT

from sim.law.provisions import LAW, Rule, Text, changes, cited, events_cited, in_force, rules, texts
from sim.law.verdict import w
from sim.model.records import Outcome, RoundOutcome
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


def test_what_befell_a_lot_is_cited_by_the_law_of_its_day_and_says_whether_that_is_in_force() -> None:
    day, shares = date(2019, 4, 1), frozenset({"immovable", "shares"})
    assert cited(day, "en", "in_kind") == "2004 rules Art 19 (now 16)"
    assert cited(date(2021, 1, 1), "en", "in_kind") == "2004 rules Art 16"
    assert cited(day, "en", "of_shares", shares) == "2001 rules Art 13 (not verified whether still in force)"
    assert cited(day, "zh", "of_shares", shares) == "法释〔2001〕28号第13条（是否仍有效未核实）"
    assert cited(day, "en", "of_shares", frozenset({"immovable"})) == ""
    starts = {year: cited(date(year, 6, 1), "en", "start") for year in (2004, 2016, 2017)}
    assert starts == {2004: "", 2016: "2004 rules Art 8 (now 5)", 2017: "2016 rules Art 10"}
    back = [cited(day, "en", "returned", frozenset({one})) for one in ("movable", "immovable")]
    assert back == ["2004 rules Art 27 (now 24)", "2004 rules Art 28 (now 25)"]
    assert cited(day, "en", "sell_off_opens") == "2017 notice"
    assert cited(date(2017, 7, 17), "en", "sell_off_opens") == "2016 rules Art 37"


def test_every_line_for_which_the_data_have_an_article_is_one_that_a_history_writes() -> None:
    """And the code of histories names no article of its own."""
    code = (ROOT / "sim" / "measures" / "lot_history.py").read_text(encoding="utf-8")
    asked = set(re.findall(r'"([a-z_]+)"', code)) | {
        f"sell_off_{one}" for one in ("opens", "bid", "between", "failed")
    }
    asked |= {one.name.lower() for one in (*Outcome, *RoundOutcome)}
    assert events_cited() <= asked
    assert not re.search(r'"(2001|2004|2016|2017|2018|2021-equity|2024)"', code)


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
