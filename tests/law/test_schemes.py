"""The law's verdict on schemes of sale, against a table that was written from the law's texts before any code that judges.

Each line of ``schemes.csv``: a kind of lot of the base, a day, what is set, the verdict, the articles that forbid it (of what
is allowed: the one that has the limit), and how far the source can be relied on.
"""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from conftest import scenario

from sim.law.provisions import rules, texts
from sim.law.verdict import ALLOWED, CONDITIONAL, DISPUTED, FORBIDDEN, verdict
from sim.scenario.schema import Scenario

SCHEMES = list(csv.DictReader((Path(__file__).parent / "schemes.csv").open(encoding="utf-8")))
# Before 2017: an immovable is auctioned three times, then sold off.
PLANS = {
    "plan-of-2016": (
        "rounds.sell_off.format=auction", "rounds.sell_off.cut=0.2", "rounds.sell_off.window_days=1", "rounds.last.held=true",
        "rounds.last.format=sell-off", "rounds.last.relist_days=7", "rounds.last.notice_days_movable=7", "rounds.last.notice_days_immovable=15",
        "rounds.last.window_days=60", "rounds.last.cut=0", "rounds.last.interest=0.5", "rounds.last.early_share=0",
        "rounds.last.late_shape=1", "rounds.last.overhang_minutes=1440",
    ),
    "sold-off-again": (
        "rounds.again.held=true", "rounds.again.format=sell-off", "rounds.again.relist_days=5", "rounds.again.notice_days_movable=7",
        "rounds.again.notice_days_immovable=15", "rounds.again.window_days=60", "rounds.again.cut=0", "rounds.again.interest=0.5",
        "rounds.again.early_share=0", "rounds.again.late_shape=1", "rounds.again.overhang_minutes=1440",
    ),
}  # fmt: skip
MARKS = {"not verified": "read, not verified whether in force", "": "read"}


@cache
def assumed(overrides: str) -> Scenario:
    """The base with what a line sets; a plan stands for all that it sets."""
    return scenario("base", *(one for each in overrides.split() for one in PLANS.get(each, (each,))))


def named(article: str) -> str:
    """An article as the table has it: text and number."""
    text, _, number = article.partition(" Art ")
    year = text.split()[0]
    return f"{year} Art {number.split()[0]}" if number else text  # without what it is now


@pytest.mark.parametrize("row", SCHEMES, ids=lambda row: f"{row['kind']} {row['date']} {row['set']}")
def test_the_verdict_is_that_of_the_table(row: dict[str, str]) -> None:
    day = date.fromisoformat(row["date"])
    found, why = verdict(assumed(row["set"]), row["kind"], day)
    assert found == row["verdict"], [one.en for one in why]
    if found == ALLOWED:
        known = {named(rule.article) for rule in rules()}
        known |= {f"{text.key} Art {article.number}" for text in texts() for article in text.articles}
        assert row["articles"] in known
        return
    assert {named(one.article) for one in why} == set(row["articles"].split("; "))
    marks = {MARKS.get(one.rule.mark, one.rule.mark) for one in why}
    recalled = {
        "memory" for one in why for text in texts() if text.recalled and one.article.startswith(text.short)
    }
    assert row["source"] in marks | recalled


def test_the_table_is_as_long_and_as_wide_as_it_must_be() -> None:
    assert len(SCHEMES) >= 80
    assert {row["verdict"] for row in SCHEMES} == {ALLOWED, CONDITIONAL, DISPUTED, FORBIDDEN}
    assert {row["kind"] for row in SCHEMES} >= {"homes", "vehicles", "equity", "shares"}


def test_every_limit_of_the_law_is_held_against_some_scheme_that_it_forbids() -> None:
    """A rule that forbids nothing in the table is one whose limit nobody has looked at."""
    seen = set()
    for row in SCHEMES:
        seen |= {
            one.rule.key
            for one in verdict(assumed(row["set"]), row["kind"], date.fromisoformat(row["date"]))[1]
        }
    unseen = {rule.key for rule in rules() if rule.low is not None or rule.high is not None} - seen
    assert unseen == {"2004.28.0", "2001.13.1"}, "four auctions: see test_verdict.py"
