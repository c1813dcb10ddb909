"""What the law says of a scenario, in the words of pages, briefs and commands: allowed on a condition is neither allowed nor forbidden."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import scenario

from sim.cli.shared.checks import note_unlawful
from sim.law.verdict import Breach, breaches
from sim.reporting.briefs.law import breach_lines, verdict_words
from sim.reporting.law import breach_short, change_lines, page_of_articles
from sim.reporting.pages.compare_page import _unlawful
from sim.scenario import load

TODAY = date(2026, 11, 1)
FREE, STEEP, LATE = (
    "kinds.equity.start.token_share=1",
    "rounds.second.cut=0.3",
    "rounds.second.relist_days=16",
)


def broken(*overrides: str) -> list[Breach]:
    return breaches(scenario("base", *overrides), TODAY)


@pytest.mark.parametrize(
    ("overrides", "en", "zh"),
    [
        ((), "allowed", "允许"),
        ((FREE,), "allowed on a condition: 2021 equity rules Art 12", "附条件允许：法释〔2021〕20号第12条"),
        ((FREE, LATE), "allowed under one interpretation only: ", "仅在一种理解下允许："),
        ((FREE, STEEP), "not allowed: ", "不允许："),
    ],
)
def test_a_brief_tells_a_condition_from_a_ban(overrides: tuple[str, ...], en: str, zh: str) -> None:
    assert verdict_words(broken(*overrides), (), "en").startswith(en)
    assert verdict_words(broken(*overrides), (), "zh").startswith(zh)


def test_a_line_of_a_brief_names_condition_article_and_day() -> None:
    for lang, words in (
        ("en", ("Only where no valuation report can be had", "in force since 2022-01-01")),
        ("zh", ("仅在无法评估时", "自2022-01-01起施行")),
    ):
        (line,) = breach_lines([("", one) for one in broken(FREE)], lang)
        assert all(word in line.text for word in words), line.text


def test_the_page_of_a_comparison_says_each_verdict_by_itself() -> None:
    found = {"base": [], "a": broken(FREE), "b": broken(FREE, STEEP, LATE), "c": []}
    folder: Any = SimpleNamespace(base="base", policies=["a", "b", "c"], breaches=found.get)
    titles = {"a": "Free", "b": "All", "c": "None"}
    english, chinese = (_unlawful(folder, titles, lang) for lang in ("en", "zh"))
    assert len(english) == 4
    assert (
        "where no valuation report can be had (2021 equity rules Art 12, in force since 2022-01-01)"
        in english[0]
    )
    assert english[1].startswith("All: the law does not allow ")
    assert english[2].startswith("All: if bidding counts, the law does not allow ")
    assert "Art 12" not in english[1] + english[2]
    assert chinese[0].startswith("Free：法律仅附条件允许")
    assert "须无法评估（法释〔2021〕20号第12条" in chinese[0]


def test_what_lasts_for_some_days_says_so_in_a_list_too() -> None:
    (one,) = breaches(
        scenario("base", "from.2017-06-01.rounds.second.cut=0.3", "from.2017-09-01.rounds.second.cut=0.1")
    )
    assert ", until 2017-08-31 (2016 rules Art 26, in force since 2017-01-01)" in breach_short(one, "en")


def test_a_command_that_runs_does_not_call_a_condition_a_breach(capsys: pytest.CaptureFixture[str]) -> None:
    days = ("time.start=2022-01-01", "time.end=2022-12-31", "time.windows.2017.first=2022-01-01", "time.windows.2017.last=2022-12-31",
            "arrivals.periods.year.first=2022-01-01", "arrivals.periods.year.last=2022-12-31")  # fmt: skip
    note_unlawful(load("base", [*days, FREE]), "en")
    on_condition = capsys.readouterr().err
    assert on_condition.startswith("The scenario supposes what the law allows on a condition only:\n")
    note_unlawful(load("base", [*days, FREE, STEEP]), "zh")
    assert capsys.readouterr().err.startswith("情景中有法律不允许的设定")


def test_the_page_about_the_law_says_what_is_checked_today() -> None:
    """Limits that ended with their own text were checked as long as it was law; those that ended before it are not."""
    rows = page_of_articles("en").splitlines()
    (of_2004,) = [row for row in rows if row.startswith("| Art 8 (now 5) |")]
    assert (
        "| its limits ended on 2016-12-31; those of 2016 rules Art 10, 2016 rules Art 26 hold instead |"
        in of_2004
    )
    (before_2018,) = [row for row in rows if "only general method" in row]
    assert "| checked |" in before_2018
    assert page_of_articles("zh").count("| 限度至2016-12-31止，改依") == 3
    changes = change_lines("en", date(2020, 12, 31), date(2021, 1, 1))
    assert len([line for line in changes if "its limits ended on 2016-12-31" in line]) == 3
