"""What of a scenario the law does not allow: by its own days or by one day, by kind, in both languages."""

from __future__ import annotations

from datetime import date

import pytest
from conftest import ROOT, scenario

from sim.law.verdict import (
    ALLOWED,
    CONDITIONAL,
    DISPUTED,
    FORBIDDEN,
    beyond,
    breaches,
    judged,
    limits,
    verdict,
)
from sim.scenario import load

LAWFUL = ("start.token_share=0",)
ROUND = (
    "held=true", "format=auction", "relist_days=10", "notice_days_movable=7", "notice_days_immovable=15", "window_days=1", "cut=0.1",
    "interest=1", "early_share=0", "late_shape=30", "overhang_minutes=0",
)  # fmt: skip


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
        ("rounds.second.relist_days=15", "rounds.second.relist_days=31", "2016 rules Art 26"),
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
    (low,) = breaches(s)
    assert low.path == "start.token_share", "that there are such starts at all"
    assert all(map(low.brought_by, ("start.token_share", "start.token_ratio")))
    assert not low.brought_by("start.ratio")


def test_a_third_auction_is_not_foreseen():
    third = [f"rounds.sell_off.{value}" for value in ("format=auction", "cut=0.2", "window_days=1")]
    assert found(*third) == [("rounds", "2016 rules Art 26")]


def test_inquiry_before_september_2018_has_no_general_basis():
    ((path, article),) = found("pricing.online_inquiry.since=2017-01-01")
    assert (path, article) == ("pricing.online_inquiry.since", "law before 2018-09-01")


def test_rules_hold_from_their_day_on():
    past = (
        "time.start=2014-01-01", "time.end=2014-12-31", "time.windows.2017=false", "time.windows.2014.first=2014-01-01",
        "time.windows.2014.last=2014-12-31", "arrivals.periods.year.first=2014-01-01", "arrivals.periods.year.last=2014-12-31",
        "courts.adoption.2014-01-01=1.0",
    )  # fmt: skip
    way = found(*past)
    assert {article for _, article in way} == {"2004 rules Art 27", "2004 rules Art 28"}, "the way of 2017"
    assert found(*past, "auction.deposit=0.3") == way, "the 2016 rules came into force on 2017-01-01"
    assert set(found(*past, "rounds.second.cut=0.3")) - set(way) == {
        ("rounds.second.cut", "2004 rules Art 8")
    }


def test_every_breach_speaks_both_languages_and_names_its_article():
    for breach in breaches(
        scenario("base", "start.ratio=0.1", "auction.deposit=0.5", "rounds.sell_off.cut=0.5")
    ):
        assert breach.article in breach.en
        assert breach.rule.article_zh in breach.zh
        assert f"{breach.value:g}" in breach.en
        assert breach.en != breach.zh


def test_what_it_comes_to_is_said_with_the_parameter_that_brings_it_about():
    (low,) = breaches(scenario("base", "rounds.first.cut=0.2"))
    assert "rounds.first.cut = 0.2" in low.en
    assert "opens at 64 % of the reference price" in low.en
    assert "参考价的64%" in low.zh
    (none,) = breaches(scenario("base", "rounds.second.held=false"))
    assert "rounds.second.held = false" in none.en


def test_a_rule_that_comes_into_force_on_the_way_is_named_with_its_day():
    """The notice of 2017 is of July, the scenario begins in January; a value of a date stands under its date."""
    (late,) = breaches(scenario("base", "rounds.sell_off.window_days=30"))
    assert late.since == date(2017, 7, 18)
    assert "from 2017-07-18 on" in late.en
    (dated,) = breaches(scenario("base", "from.2017-06-01.rounds.second.cut=0.3"))
    assert (dated.path, dated.since) == ("from.2017-06-01.rounds.second.cut", None)


def test_a_day_can_be_chosen():
    s = scenario("base", "kinds.equity.start.token_share=1", "kinds.equity.auction.deposit=0.5")
    paths = {"kinds.equity.start.token_share", "kinds.equity.auction.deposit"}
    assert {one.path for one in breaches(s)} == paths
    assert {one.verdict for one in breaches(s)} == {FORBIDDEN}
    today = breaches(s, date(2022, 1, 1))
    assert {one.path for one in today} == paths
    assert {one.article for one in today} == {"2021 equity rules Art 12"}
    assert judged(today) == CONDITIONAL
    assert breaches(s, date(2000, 1, 1)) == []


def test_what_is_allowed_on_a_condition_says_which_and_is_told_from_what_two_readings_say():
    """Equity without a report: a start below the floor and any deposit; what keeps both asks for nothing."""
    equity, day = "kinds.equity.start.token_share=1", date(2026, 11, 1)
    start, deposit = breaches(scenario("base", equity, "kinds.equity.auction.deposit=0.5"), day)
    assert start.en.startswith(
        "only where no valuation report can be had does the law allow kinds.equity.start.token_share = 1 ("
    )
    assert "仅在无法评估时，法律允许kinds.equity.start.token_share" in start.zh
    assert "a token start is 1.5 % of the reference price" in start.en
    assert "law allow kinds.equity.auction.deposit = 0.5 (" in deposit.en
    for one in (start, deposit):
        assert "(2021 equity rules Art 12, in force since 2022-01-01)" in one.en
        assert "（法释〔2021〕20号第12条，自2022-01-01起施行）" in one.zh
        assert not one.disputed
        assert one.brief.endswith(": 2021 equity rules Art 12 (allowed on a condition)")
    assert breaches(scenario("base", equity, "kinds.equity.start.token_ratio=0.7"), day) == []
    late = breaches(scenario("base", "rounds.second.relist_days=16"), day)
    assert judged(late) == judged([start, *late]) == DISPUTED
    assert judged([*late, *breaches(scenario("base", "start.ratio=0.6"), day), start]) == FORBIDDEN


def test_whose_condition_it_is_and_whose_breach():
    """A token start of all kinds: forbidden but of equity, of which it is said where."""
    forbidden, on_condition = breaches(scenario("base", "start.token_share=0.2"), date(2026, 11, 1))
    assert (forbidden.verdict, on_condition.verdict) == (FORBIDDEN, CONDITIONAL)
    assert "equity" not in dict(forbidden.kinds)
    assert [name for name, _ in on_condition.kinds] == ["equity"]
    assert ", for equity: " in on_condition.en
    assert "，涉及股权" in on_condition.zh
    (shares,) = breaches(scenario("base", "kinds.shares.share=0.1"), date(2026, 11, 1))
    assert [name for name, _ in shares.kinds] == ["shares"]


def test_a_policy_is_excused_what_the_scenario_supposes_on_the_same_condition_and_no_more():
    day = date(2026, 11, 1)
    before = breaches(scenario("base", "kinds.equity.start.token_share=0.5"), day)
    same = breaches(scenario("base", "kinds.equity.start.token_share=0.5", "rounds.second.cut=0.2"), day)
    assert beyond(same, before) == []
    for more in ("kinds.equity.start.token_share=0.6", "kinds.equity.start.token_ratio=0.001"):
        worse = breaches(scenario("base", "kinds.equity.start.token_share=0.5", more), day)
        assert [one.verdict for one in beyond(worse, before)] == [CONDITIONAL], more
    assert judged(beyond(before, [])) == CONDITIONAL


@pytest.mark.parametrize(
    ("since", "begins"),
    [
        ("2016-03-01", None),
        ("2017-01-01", None),
        ("2017-03-01", date(2017, 3, 1)),
        ("2017-07-18", date(2017, 7, 18)),
        ("2017-12-01", date(2017, 12, 1)),
    ],
)
def test_a_method_is_used_from_its_own_day_on(since, begins):
    """Whatever changes in the law of other things before: on 2017-07-18 the notice about sell-offs came into force."""
    (one,) = breaches(scenario("base", f"pricing.online_inquiry.since={since}", "time.end=2018-12-31"))
    assert (one.since, one.until, one.begins) == (begins, date(2018, 8, 31), begins or date.min)
    assert (f", from {begins} to 2018-08-31" in one.en) == (begins is not None)
    (dated,) = breaches(scenario("base", "from.2017-06-01.pricing.online_inquiry.since=2017-06-15"))
    assert (dated.path, dated.since) == ("from.2017-06-01.pricing.online_inquiry.since", date(2017, 6, 15))
    assert dated.begins == date(2017, 6, 15)


def test_a_breach_says_from_when_until_when_and_its_rule_since_when():
    """Appraisal was the only method until 31 August 2018; a value has its own days; the law of 2004 has an end."""
    ((early),) = breaches(
        scenario("base", *LAWFUL, "pricing.online_inquiry.since=2017-01-01", "time.end=2019-12-31")
    )
    assert (early.since, early.until) == (None, date(2018, 8, 31))
    assert ", until 2018-08-31: " in early.en
    assert "，至2018-08-31止：" in early.zh
    dated = (
        "from.2017-06-01.rounds.second.cut=0.3",
        "from.2017-09-01.rounds.second.cut=0.1",
        "from.2017-11-01.rounds.second.cut=0.3",
    )
    first, again = breaches(scenario("base", *LAWFUL, *dated))
    assert (first.path, first.until) == ("from.2017-06-01.rounds.second.cut", date(2017, 8, 31))
    assert (again.path, again.until) == ("from.2017-11-01.rounds.second.cut", None)
    assert "2016 rules Art 26, in force since 2017-01-01" in again.en
    old = breaches(scenario("base", "rounds.second.cut=0.3"), date(2016, 12, 31))[0]
    assert "2004 rules Art 8, in force from 2005-01-01 to 2016-12-31; known at second hand" in old.en
    (notice,) = breaches(
        scenario(
            "base",
            *LAWFUL,
            "rounds.sell_off.window_days=30",
            "from.2017-09-01.rounds.sell_off.window_days=60",
        )
    )
    assert (notice.since, notice.until) == (date(2017, 7, 18), date(2017, 8, 31))
    assert ", from 2017-07-18 to 2017-08-31: " in notice.en
    assert "，自2017-07-18至2017-08-31：" in notice.zh


def test_a_breach_that_lasts_longer_is_worse():
    short, long = (
        breaches(scenario("base", *LAWFUL, "rounds.second.cut=0.3", f"from.{day}.rounds.second.cut=0.1"))
        for day in ("2017-06-01", "2017-09-01")
    )
    assert beyond(short, long) == []
    assert beyond(long, short) == long


def test_kinds_are_named_where_a_rule_is_broken_for_some_only():
    later = breaches(scenario("base", "rounds.second.relist_days=16"))
    (only,) = later
    assert only.disputed
    assert dict(only.kinds).keys() == {"homes", "commercial", "land", "equity"}
    assert "住宅" in only.zh
    assert (
        breaches(scenario("base", "rounds.second.relist_days=16", "kinds.homes.share=0"))[0].kinds[0][0]
        == "commercial"
    )


def test_kinds_of_which_there_are_no_lots_do_not_count():
    assert found("rounds.second.cut=0.2") == []
    assert found("kinds.shares.share=0.1") == [("rounds.second.cut", "2001 rules Art 13")]
    assert found("kinds.shares.share=0.1", "kinds.shares.rounds.second.cut=0.1") == []


@pytest.mark.parametrize(
    ("own", "brought", "articles"),
    [
        ("rounds.second.cut=0.5", "rounds.second.cut", {"2001 rules Art 13", "2016 rules Art 26"}),
        ("rounds.second.cut=0.1", "", set()),
        (
            "rounds.second.cut=0.11",
            "rounds.second.cut",
            {"2001 rules Art 13"},
        ),  # though the base's would be deeper
        ("start.ratio=0.1", "start.ratio", {"2016 rules Art 10"}),
        ("rounds.second.held=false", "rounds.second.held", {"2016 rules Art 26"}),
        ("auction.deposit=0.3", "auction.deposit", {"2016 rules Art 17"}),
    ],
)
def test_what_is_set_for_a_kind_of_which_there_are_no_lots_is_judged_and_said_to_be_of_none(
    own, brought, articles
):
    """And nothing else of such a kind: the base's cut of 20 % would be too deep for shares, of which it has none."""
    s = scenario("base", *LAWFUL, f"kinds.shares.{own}")
    named = breaches(s)
    assert {one.article for one in named} == articles
    assert {one.path for one in named} == ({f"kinds.shares.{brought}"} if brought else set())
    for one in named:
        assert ", for shares, of which there are no lots: " in one.en
        assert "（情景中没有此类标的物）" in one.zh
        assert beyond([one], breaches(scenario("base", *LAWFUL))) == [one], (
            "no policy may have it for nothing"
        )
    dated = breaches(scenario("base", *LAWFUL, f"from.2017-06-01.kinds.shares.{own}"))
    assert {one.path for one in dated} == ({f"from.2017-06-01.kinds.shares.{brought}"} if brought else set())


def test_a_third_auction_of_a_kind_of_which_there_are_no_lots_is_judged_by_what_it_was_without():
    third = "kinds.shares.rounds.sell_off.format=auction"
    assert breaches(scenario("base", *LAWFUL, third)) == [], "three are lawful for shares"
    (four,) = breaches(
        scenario("base", *LAWFUL, third, *(f"rounds.last.{value}" for value in ROUND), "rounds.last.held=false", "kinds.shares.rounds.last.held=true")
    )  # fmt: skip
    assert (four.article, four.no_lots) == ("2001 rules Art 13", True)


def test_two_readings_of_an_article_are_one_breach_where_both_forbid():
    (breach,) = breaches(scenario("base", "rounds.second.relist_days=40"))
    assert not breach.disputed
    assert breach.value == 40.0


def test_a_deposit_of_all_lots_is_said_once_though_some_have_a_token_start() -> None:
    """Where all lots of some kinds have one, theirs alone; what is not said counts when a policy goes further."""
    free = ("start.token_share=0.2", "start.token_ratio=0.7", "auction.deposit=0.5")
    (one,) = breaches(scenario("base", *free))
    assert (one.quantity, one.kinds) == ("deposit", ())
    assert {beneath.quantity for beneath in one.beneath} == {"token_deposit"}
    more = breaches(scenario("base", *free, "start.token_share=0.3"))
    assert beyond(more, [one]) == more
    apart = breaches(scenario("base", *free, "kinds.equity.start.token_share=1"))
    assert {(each.quantity, len(each.kinds)) for each in apart} == {("deposit", 6), ("token_deposit", 0)}


@pytest.mark.parametrize(("kind", "number", "lawful"), [("shares", 3, True), ("shares", 4, False)])
def test_shares_have_three_auctions_and_no_fourth(kind, number, lawful):
    more = [f"rounds.{name}.{value}" for name in ("sell_off", "fourth")[: number - 2] for value in ROUND]
    s = scenario("base", "rounds.second.cut=0.1", *more)
    assert verdict(s, kind, date(2026, 11, 1))[0] == (ALLOWED if lawful else FORBIDDEN)


def test_before_2017_an_immovable_had_three_auctions_and_no_fourth():
    more = [f"rounds.{name}.{value}" for name in ("sell_off", "fourth") for value in ROUND]
    assert verdict(scenario("base", *more), "homes", date(2016, 6, 1))[0] == FORBIDDEN


def test_before_2017_a_sell_off_is_of_immovables_alone_and_comes_after_three_failures():
    """Each with its parameter: that there is a sell-off, that a third auction is missing, the notice after the failure."""
    found_then = {
        (one.rule.key, one.path, tuple(name for name, _ in one.kinds))
        for one in breaches(scenario("base"), date(2016, 6, 1))
    }
    movable, other = ("vehicles", "equipment", "goods"), ("homes", "commercial", "land", "equity")
    assert found_then == {
        ("2004.27.2", "rounds.sell_off.held", movable),
        ("2004.28.1", "rounds", other),
        ("2004.28.3", "rounds.sell_off.relist_days", other),
    }


def test_a_report_holds_for_a_year():
    days = "courts.notice_days=365"
    assert "2018 rules Art 27" in {
        one.article for one in breaches(scenario("base", days, "courts.pricing_days=1"), date(2019, 4, 1))
    }
    listing = scenario("base", days, "arrivals.mode=listing")
    assert breaches(listing, date(2019, 4, 1)) == [], (
        "where lots come with their listing dates nothing is said of it"
    )


def test_the_policies_of_a_law_are_what_the_law_of_their_day_allows():
    """That of 2022 on the condition of its equity; neither is what the law before it allowed."""
    then, since = (
        load(ROOT / "scenarios" / "policies" / f"law-{year}.toml").scenario for year in (2019, 2022)
    )
    assert judged(breaches(then, date(2019, 4, 1))) == judged(breaches(then, date(2026, 11, 1))) == ALLOWED
    assert judged(breaches(then, date(2018, 8, 31))) == FORBIDDEN
    assert [one.article for one in breaches(since, date(2022, 1, 1))] == ["2021 equity rules Art 12"]
    assert judged(breaches(since, date(2022, 1, 1))) == CONDITIONAL
    assert judged(breaches(since, date(2021, 12, 31))) == FORBIDDEN


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


@pytest.mark.parametrize(
    ("work", "relist", "path"),
    [
        (5.5, 10.0, "courts.notice_again_days"),  # 10 and 15 days alone would do
        (0.5, 31.0, "rounds.second.relist_days"),
        (20.0, 31.0, "rounds.second.relist_days"),
    ],
)
def test_what_passes_a_limit_is_named_and_not_what_keeps_it(work: float, relist: float, path: str) -> None:
    """A clerk's work on the notice comes on top of the interval: it is to blame where the interval alone is allowed."""
    held = ("rounds.sell_off.held=false", f"rounds.second.relist_days={relist}")
    s = scenario("base", *held, f"courts.notice_again_days={work}")
    found = breaches(s, date(2019, 4, 1))
    assert found
    assert {one.path for one in found} == {path}
    assert all(one.brought_by("rounds.second.relist_days") for one in found)


def test_of_a_clerks_work_on_later_notices_the_limits_on_days_after_a_failure_are_said() -> None:
    s, key = scenario("base"), ("courts", "notice_again_days")
    bounds = {one for rule in limits(s, [key], date(2019, 4, 1)) for one in rule.bounds}
    of_failures = {"failure_to_notice", "failure_to_bidding", "failure_to_sell_off_notice"}
    assert bounds == of_failures | {"report_to_auction"}  # whose age it adds to


@pytest.mark.parametrize(
    ("longest", "named"),
    [
        (("rounds.first.notice_days_immovable=550", "rounds.first.notice_days_movable=550"), "rounds.first.notice_days_{}"),
        (("rounds.second.notice_days_immovable=550", "rounds.second.notice_days_movable=550"), "rounds.second.notice_days_{}"),
        (("rounds.first.window_days=550",), "rounds.first.window_days"),
    ],
)  # fmt: skip
def test_a_report_that_is_too_old_is_due_to_what_takes_longest(longest: tuple[str, ...], named: str) -> None:
    """Not to the last notice, which may be as short as the law lets it be already; and each part has the limit among its own."""
    one, day = scenario("base", *LAWFUL, *longest), date(2026, 11, 1)
    old = [breach for breach in breaches(one, day) if breach.article == "2018 rules Art 27"]
    assert {breach.path for breach in old} == {named.format(of) for of in ("movable", "immovable")}
    for key in (("rounds", "first", "notice_days_immovable"), ("rounds", "second", "relist_days"), ("courts", "notice_again_days")):  # fmt: skip
        assert "2018 rules Art 27" in {rule.article for rule in limits(one, [key], day)}
