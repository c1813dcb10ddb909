"""The law as data: each rule catches what is just outside it, and nothing that is just inside."""

from __future__ import annotations

import pytest
from conftest import ROOT, scenario

from sim.law.provisions import breaches
from sim.scenario import load

LAWFUL = ("start.token_share=0",)


def found(*overrides: str, name: str = "base") -> list[tuple[str, str]]:
    return [(breach.path, breach.article) for breach in breaches(scenario(name, *LAWFUL, *overrides))]


def test_the_base_is_lawful():
    assert found() == []


@pytest.mark.parametrize(
    ("inside", "outside", "article"),
    [
        ("start.ratio=0.7", "start.ratio=0.69", "2016 rules Art 10"),
        ("rounds.first.notice_days_movable=15", "rounds.first.notice_days_movable=14", "2016 rules Art 12"),
        ("rounds.first.notice_days_immovable=30", "rounds.first.notice_days_immovable=29", "2016 rules Art 12"),
        ("rounds.second.notice_days_movable=7", "rounds.second.notice_days_movable=6", "2016 rules Art 26"),
        ("rounds.second.notice_days_immovable=15", "rounds.second.notice_days_immovable=14", "2016 rules Art 26"),
        ("rounds.second.relist_days=30", "rounds.second.relist_days=31", "2016 rules Art 26"),
        ("rounds.second.cut=0.2", "rounds.second.cut=0.21", "2016 rules Art 26"),
        ("rounds.first.window_days=1", "rounds.first.window_days=0.9", "2016 rules Art 20"),
        ("auction.soft_close_minutes=5", "auction.soft_close_minutes=4", "2016 rules Art 20"),
        ("auction.deposit=0.05", "auction.deposit=0.04", "2016 rules Art 17"),
        ("auction.deposit=0.2", "auction.deposit=0.21", "2016 rules Art 17"),
        ("liquidity.refund_hours=24", "liquidity.refund_hours=25", "2016 rules Art 23"),
        ("rounds.sell_off.cut=0", "rounds.sell_off.cut=0.1", "2017 notice"),
        ("rounds.sell_off.window_days=60", "rounds.sell_off.window_days=59", "2017 notice"),
        ("rounds.sell_off.relist_days=15", "rounds.sell_off.relist_days=16", "2017 notice"),
        ("rounds.sell_off.notice_days_immovable=15", "rounds.sell_off.notice_days_immovable=14", "2017 notice"),
    ],
)  # fmt: skip
def test_a_limit_is_inclusive(inside, outside, article):
    path = outside.partition("=")[0]
    assert found(inside) == []
    assert found(outside) == [(path, article)]


def test_a_token_start_is_below_the_floor():
    s = scenario("base", "start.token_share=0.01")
    assert [b.path for b in breaches(s)] == ["start.token_ratio"]


def test_a_third_auction_is_not_foreseen():
    third = [f"rounds.sell_off.{value}" for value in ("format=auction", "cut=0.2", "window_days=1")]
    assert found(*third) == [("rounds", "2016 rules Art 26")]


def test_inquiry_before_september_2018_has_no_general_basis():
    ((path, article),) = found("pricing.online_inquiry.since=2017-01-01")
    assert (path, article) == ("pricing.online_inquiry.since", "2018 rules Art 2")


def test_rules_hold_from_their_day_on():
    past = (
        "time.start=2014-01-01", "time.end=2014-12-31", "time.windows.2017=false", "time.windows.2014.first=2014-01-01",
        "time.windows.2014.last=2014-12-31", "arrivals.periods.year.first=2014-01-01", "arrivals.periods.year.last=2014-12-31",
        "courts.adoption.2014-01-01=1.0",
    )  # fmt: skip
    assert found(*past, "rounds.second.cut=0.3") == [], "the 2016 rules came into force on 2017-01-01"


def test_every_breach_speaks_both_languages_and_names_its_article():
    for breach in breaches(
        scenario("base", "start.ratio=0.1", "auction.deposit=0.5", "rounds.sell_off.cut=0.5")
    ):
        assert breach.article in breach.en
        assert breach.rule.article_zh in breach.zh
        assert f"{breach.value:g}" in breach.en


def test_policies_that_need_a_reform_are_marked_and_the_others_are_not():
    unlawful = set()
    for path in sorted((ROOT / "scenarios" / "policies").glob("*.toml")):
        if breaches(load(path, LAWFUL).scenario):
            unlawful.add(path.stem)
    assert "short-notice" in unlawful
    assert not unlawful & {
        "cut-00",
        "cut-05",
        "cut-10",
        "cut-15",
        "cut-20",
        "start-70",
        "start-80",
        "start-90",
    }
    assert not unlawful & {
        "long-window",
        "deposit-05",
        "deposit-20",
        "no-sell-off",
        "double-lots",
        "double-clerks",
    }
