"""``sim law`` and ``sim check --date``: the law as data on a screen, and mistakes in the reader's language."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path

import pytest
from conftest import ROOT
from typer.testing import CliRunner

from sim.cli.main import app
from sim.experiments.storage.checksum import json_with_checksum, json_without_checksum
from sim.reporting.pages import run_folder
from sim.reporting.pages.folder_page import folder_page
from sim.reporting.pages.run_folder import read_manifest

BASE = str(ROOT / "scenarios" / "base.toml")


def said(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == code, result.output
    return result.output


def test_the_whole_law_is_printed_in_both_languages():
    english, chinese = said("law", "--lang", "en"), said("law", "--lang", "zh")
    for text in ("2016 rules", "2001 rules", "2021 equity rules", "2024 guidance", "2022 draft"):
        assert text in english
    for text in ("法释〔2016〕18号", "法释〔2021〕20号", "草案，非法律", "凭记忆"):
        assert text in chinese
    assert "not verified whether still in force" in english


def test_on_a_day_only_what_holds_then_is_printed():
    before, after = (said("law", "--date", day, "--lang", "en") for day in ("2016-12-31", "2017-01-01"))
    assert "2016 rules: " not in before
    assert "limit: the first reserve is at least 80 % of the appraisal" in before
    assert "limit: the start is at least 70 % of the appraisal" in after
    assert "limit: the first reserve" not in after
    assert "2018 rules: " not in after


@pytest.mark.parametrize(
    ("day", "property", "ended"),
    [
        ("2016-12-31", None, {}),
        ("2017-01-01", None, {"8": ["10", "26"], "27": ["26"], "28": ["26"]}),
        ("2026-11-01", None, {"8": ["10", "26"], "27": ["26", ""], "28": ["26", ""]}),
        ("2026-11-01", "movable", {"8": ["10", "26"], "27": ["26", ""]}),
        ("2026-11-01", "shares", {"8": ["10", "26"], "28": ["26", ""]}),
        (None, None, {"8": ["10", "26"], "27": ["26", ""], "28": ["26", ""]}),
    ],
)
def test_the_state_of_an_article_is_that_of_the_day(day, property, ended):
    """Limits of 2004 ended with 2016; what is checked has a limit that holds, in rows and in lines."""
    of = [*(("--date", day) if day else ()), *(("--property", property) if property else ())]
    rows = json.loads(said("law", *of, "--json", "--lang", "en"))
    instead = {number: [f"2016 rules Art {one}" if one else "2017 notice" for one in some] for number, some in ended.items()}  # fmt: skip
    assert {row["article"]: row["instead"] for row in rows if row["state"] == "ended"} == instead
    assert {row["text"] for row in rows if row["state"] == "ended"} <= {"2004"}
    if day:
        assert all((row["state"] == "checked") == bool(row["limits"]) for row in rows)
    english, chinese = (said("law", *of, "--lang", lang) for lang in ("en", "zh"))
    for some in instead.values():
        assert f"[its limits ended on 2016-12-31; those of {', '.join(some)} hold instead]" in english
    assert english.count("ended on 2016-12-31") == chinese.count("[限度至2016-12-31止，改依") == len(ended)


def test_the_law_before_the_rules_of_2018_is_no_article_of_theirs():
    then, later = (said("law", "--date", day, "--lang", "en") for day in ("2017-08-01", "2018-09-01"))
    assert "law before 2018-09-01: a statement on the law" in then
    assert "from 2005-01-01 to 2018-08-31; known at second hand" in then
    assert "limit: before 2018-09-01 appraisal was the only general method" in then

    assert "its day from memory; its number from memory" in then
    assert "law before" not in later


def test_of_one_property_only_what_speaks_of_it():
    homes, equity = (said("law", "--property", one, "--lang", "en") for one in ("home", "equity"))
    assert "2021 homes rules" in homes
    assert "2021 homes rules" not in equity
    assert "2021 equity rules" in equity


MOVABLES = re.compile("(?<!im)movables")


@pytest.mark.parametrize("property", ["equity", "shares", "home", "immovable"])
def test_limits_of_movables_are_not_listed_of_other_property(property):
    """Nor of movables those of other property, nor what a rule of its own lifts."""
    for day in ((), ("--date", "2016-06-01"), ("--date", "2026-11-01")):
        lines = said("law", *day, "--property", property, "--lang", "en").splitlines()
        limits = [line for line in lines if "limit: " in line]
        assert limits
        assert not [line for line in limits if MOVABLES.search(line)]
        mine = said("law", *day, "--property", "movable", "--lang", "en")
        assert not [line for line in mine.splitlines() if "limit: " in line and "other property" in line]
        third = "      limit: after a second failure a sell-off follows, not a third auction"
        assert (third in lines) == (property != "shares" and day != ("--date", "2016-06-01")), day
    rows = json.loads(said("law", "--property", property, "--json", "--lang", "en"))
    keys = {limit["key"] for row in rows for limit in row["limits"]}
    assert not {key for key in keys if key.startswith("2004.27")}
    assert ("2016.26.auctions" in keys) == (property != "shares")
    changes = said(
        "law", "--date", "2016-12-31", "--to", "2017-01-01", "--property", property, "--lang", "en"
    )
    assert not MOVABLES.search(changes.replace("first notice: movables 15 days, others 30", ""))
    assert ("not a third auction" in changes) == (property != "shares")


def test_what_changes_between_two_days():
    changes = said("law", "--date", "2018-08-31", "--to", "2018-09-01", "--lang", "en").splitlines()
    limits = [line for line in changes if ": holds " in line]
    assert limits[0].startswith("2018-08-31: holds for the last time: before 2018-09-01 appraisal")
    assert all(line.startswith("2018-09-01: holds from this day on") for line in limits[1:])
    assert len(limits) == 10
    assert changes[-10:] == limits, "texts first"
    none = said("law", "--date", "2019-01-01", "--to", "2019-12-31", "--lang", "en")
    assert none.strip() == "nothing changes from 2019-01-01 to 2019-12-31"
    assert "equity" not in said(
        "law", "--date", "2021-01-01", "--to", "2026-01-01", "--property", "home", "--lang", "en"
    )


SINCE_2019 = ("law", "--date", "2019-04-01", "--to", "2026-11-01")


def test_what_changes_has_texts_and_articles_that_set_no_limit():
    homes = said(*SINCE_2019, "--property", "home", "--lang", "en").splitlines()
    assert homes[0].startswith("2021-01-01: renumbered from this day on: 2004 rules: ")
    (at,) = [i for i, line in enumerate(homes) if line.startswith("2022-01-01: new text: 2021 homes rules: ")]
    assert "its number from memory" in homes[at + 1]
    assert [line.split("  ")[1] for line in homes[at + 2 : at + 6]] == ["Art 1", "Art 4", "Art 5", "Art 8"]
    assert homes[at + 2].endswith("may not bid (with Arts 2, 3) (of homes) [modelled]")
    assert any(line.startswith("2024-10-29: new text: 2024 guidance: ") for line in homes)
    assert not any("equity rules" in line for line in homes)
    every = said(*SINCE_2019, "--lang", "zh")
    for some in (
        "新增文本：法释〔2021〕20号",
        "第11条",
        "第13条",
        "第15条",
        "第8条（现第5条）",
        "文号凭记忆",
    ):
        assert some in every
    assert every.index("第15条") < every.index("自该日起：被执行人自行变价股权"), "limits after texts"


def test_what_changes_is_there_for_programs():
    rows = json.loads(said(*SINCE_2019, "--property", "home", "--json", "--lang", "en"))
    new = [row for row in rows if row["change"] == "comes" and row["text"] == "2021-homes"]
    assert [(row["article"], row["day"]) for row in new] == [(one, "2022-01-01") for one in "1458"]
    assert new[0]["assets"] == ["home"]
    assert new[0]["from_memory"] == ["number"]
    (renumbered,) = [row for row in rows if row["change"] == "renumbered" and row["article"] == "8"]
    assert renumbered["now"] == "5"
    equity = json.loads(said(*SINCE_2019, "--property", "equity", "--json", "--lang", "zh"))
    assert {row["article"] for row in equity if row.get("text") == "2021-equity"} == {
        "10",
        "11",
        "12",
        "13",
        "15",
    }
    assert {row["key"] for row in equity if row["change"] == "begins"} == {
        "2021-equity.10.0",
        "2021-equity.12.0",
    }
    assert equity[-1]["change"] == "begins"


@pytest.mark.parametrize(
    ("words", "en", "zh"),
    [
        (("law", "--date", "2019-4-1"), "--date 2019-4-1: is not a date YYYY-MM-DD; did you mean 2019-04-01?", "--date 2019-4-1"),
        (("law", "--property", "hom"), "did you mean home?", "您是不是要找home"),
        (("law", "--property", "car"), "home, equity, shares\n", "home、equity、shares\n"),
        (("law", "--to", "2019-04-01"), "needs --date, the earlier day", "须有--date"),
        (("law", "--date", "2019-04-01", "--to", "2018-04-01"), "is before --date 2019-04-01; --to is the later day", "--to须为较晚的一日"),
        (("run", BASE, "--date", "soon"), "--date soon: is not a date YYYY-MM-DD", "不是YYYY-MM-DD形式的日期"),
        (("compare", BASE, "cut-10", "--date", "soon"), "--date soon: is not a date YYYY-MM-DD", "不是YYYY-MM-DD形式的日期"),
        (("law", "--date", "2019-13-01"), "--date 2019-13-01: is not a date YYYY-MM-DD\n", "日期\n"),
        (("check", BASE, "--date", "soon"), "--date soon: is not a date YYYY-MM-DD", "不是YYYY-MM-DD形式的日期"),
    ],
)  # fmt: skip
def test_mistakes_are_told_in_the_readers_language(words, en, zh):
    assert en in said(*words, "--lang", "en", code=2)
    assert zh in said(*words, "--lang", "zh", code=2)


def test_a_scenario_is_held_against_the_law_of_one_day():
    words = ("check", BASE, "--set", "kinds.equity.start.token_share=1", "--lang", "en")
    later = said(*words, "--date", "2022-01-01")
    assert (
        "allowed by the law of 2022-01-01 on a condition only:\n  only where no valuation report can be had does the law allow"
        in later
    )
    assert "everything" not in later
    found = json.loads(said(*words, "--date", "2022-01-01", "--json"))
    assert (found["lawful"], found["verdict"]) == (None, "allowed on a condition")
    (one,) = found["breaches"]
    assert (one["verdict"], one["disputed"], one["condition"]) == (
        "allowed on a condition",
        False,
        "no valuation report can be had",
    )
    assert (one["article"], one["in_force"], one["in_force_until"]) == (
        "2021 equity rules Art 12",
        "2022-01-01",
        None,
    )
    assert "by the law of 2026-11-01 a reform, if bidding counts:" in said("check", BASE, "--set", "rounds.second.relist_days=16", "--date", "2026-11-01", "--lang", "en")  # fmt: skip
    assert "by the law of 2021-12-31 a reform:" in said(*words, "--date", "2021-12-31")


def test_of_a_day_of_which_no_law_is_known_that_is_said():
    """And nothing is called allowed."""
    assert said("law", "--date", "2000-01-01", "--lang", "en").strip() == "no law of 2000-01-01 is known here; the first that is known is of 2001-09-30"  # fmt: skip
    home = said("law", "--date", "2003-01-01", "--property", "home", "--lang", "zh")
    assert home.strip() == "此处未收录2003-01-01的法律，所收录的最早一日为2005-01-01"
    old = said("check", BASE, "--date", "1900-01-01", "--lang", "en")
    assert "no law of 1900-01-01 is known here; the first that is known is of 2005-01-01" in old
    assert "allowed" not in old
    assert json.loads(said("check", BASE, "--date", "1900-01-01", "--json"))["lawful"] is None
    assert "is known here" not in said("check", BASE, "--date", "2005-01-01", "--lang", "en")


def test_of_days_of_whose_law_not_all_was_read_that_is_said():
    """Before 2017 notices, deposits and the like are not checked; the least that is looked at is said with every verdict."""
    old = said("check", BASE, "--date", "2016-12-31", "--set", "rounds.sell_off.held=false", "--lang", "en")
    not_read = "not checked until 2016-12-31, since those articles of the 2004 rules were not read: notices, deposits, "
    assert not_read in old
    assert "法释〔2004〕16号的下列内容未读到条文，2016-12-31（含）以前不检查：公告期、保证金" in said("check", BASE, "--date", "2016-12-31", "--lang", "zh")  # fmt: skip
    assert "not checked until" not in said("check", BASE, "--date", "2017-01-01", "--lang", "en")
    (line,) = json.loads(said("check", BASE, "--date", "2016-12-31", "--json", "--lang", "en"))["not_checked"]
    assert line.startswith(not_read)
    across = ("--set", "time.start=2016-12-01", "--set", "courts.adoption.2016-12-01=1.0")
    assert not_read in said("check", BASE, *across, "--lang", "en")
    law = said("law", "--date", "2016-12-31", "--lang", "en")
    assert f"  {not_read}" in law
    assert "not checked until" not in said("law", "--date", "2017-01-01", "--lang", "en")
    for text in (old, said("check", BASE, "--set", "start.ratio=0.5", "--lang", "en")):
        assert "not looked at here: holidays, queues for a clerk, the hour of opening" in text
    assert "此处未计入：节假日、等候书记员的时间、开拍时刻；" in said("check", BASE, "--lang", "zh")
    apart = ("--set", "finite_market.patience_days=60", "--set", "finite_market.stagger_days=30")
    for lang, more in (("en", "hour of opening, openings of similar lots kept apart (finite_market.stagger_days);"), ("zh", "开拍时刻、同类标的物错开开拍（finite_market.stagger_days）；")):  # fmt: skip
        assert more in said("check", BASE, *apart, "--lang", lang)
        assert "finite_market.stagger_days" not in said("check", BASE, "--lang", lang)


SMALL = (
    "base",
    "-n",
    "2",
    "-j",
    "1",
    "--no-pictures",
    "--set",
    "arrivals.volume=0.03",
    "--set",
    "courts.number=2",
)


def test_a_run_is_marked_by_the_law_of_the_day_that_is_asked_for(tmp_path: Path) -> None:
    """In the terminal, in the manifest and on the page; a run's own days where none is."""
    deep = (
        *SMALL,
        "--set",
        "rounds.second.cut=0.3",
        "--set",
        "kinds.equity.start.token_share=1",
        "--lang",
        "en",
    )
    for day, cited in (
        ("2026-11-01", {"2021 equity rules Art 12 (allowed on a condition)", "2016 rules Art 26"}),
        (None, {"2016 rules Art 10", "2016 rules Art 26"}),
    ):
        out = tmp_path / str(day)
        text = said("run", *deep, "--no-pictures", *(("--date", day) if day else ()), "--out", str(out))
        assert ("only where no valuation report can be had" in text) == bool(day)
        manifest = read_manifest(out)
        assert manifest.get("law_of") == day
        assert {one.split(": ")[1] for one in manifest["unlawful"]} == cited
        warnings = folder_page(out, "en").warnings
        assert any("no valuation report" in one for one in warnings) == bool(day)
    old = said("run", *SMALL, "--no-pictures", "--date", "1990-01-01", "--out", str(tmp_path / "old"), "--lang", "en")  # fmt: skip
    assert "no law of 1990-01-01 is known here" in old


def test_two_laws_and_a_reform_are_compared_side_by_side(tmp_path: Path) -> None:
    reform = tmp_path / "reform.toml"
    law = ROOT / "scenarios" / "policies" / "law-2022.toml"
    reform.write_text(
        f'extends = "{law.as_posix()}"\ntitle = "A"\ntitle_zh = "甲"\n[rounds.second]\ncut = 0.3\n[sources]\n"" = "policy: tried"\n',
        encoding="utf-8",
    )
    out = tmp_path / "laws"
    text = said("compare", SMALL[0], "law-2019", "law-2022", str(reform), *SMALL[1:], "--against", "law-2019", "--date", "2026-11-01", "--out", str(out), "--lang", "en")  # fmt: skip
    assert "law-2022: only where no valuation report can be had" in text.replace("\n", " ")
    assert "reform: the law does not allow rounds.second.cut = 0.3" in text.replace("\n", " ")
    manifest = read_manifest(out)
    assert manifest["law_of"] == "2026-11-01"
    assert [len(manifest["unlawful"][name]) for name in ("law-2019", "law-2022", "reform")] == [0, 1, 2]
    warnings = " ".join(folder_page(out, "en").warnings)
    assert "A (reform)" in warnings or "A: " in warnings
    assert "no valuation report can be had" in warnings
    assert "appraisal was the only general method" not in warnings, "which the days simulated would forbid"
    old = said("compare", SMALL[0], "cut-10", *SMALL[1:], "--date", "1990-01-01", "--out", str(tmp_path / "old"), "--lang", "en")  # fmt: skip
    assert "no law of 1990-01-01 is known here" in old.replace("\n", " ")


def test_a_folder_whose_day_is_none_is_refused(a_run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    shutil.copytree(a_run, folder)
    content = json_without_checksum((folder / "manifest.json").read_bytes())
    (folder / "manifest.json").write_bytes(json_with_checksum({**content, "law_of": "2019-02-30"}))
    assert "law_of" in said("report", str(folder), "--lang", "en", code=2)


@pytest.fixture(scope="module")
def a_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that reoffers too late and takes too high a deposit."""
    folder = tmp_path_factory.mktemp("law") / "run"
    beyond = ("rounds.second.relist_days=31", "auction.deposit=0.25", "disposal.suspension_share=0")
    said(
        "run",
        *SMALL,
        *(word for one in beyond for word in ("--set", one)),
        "--out",
        str(folder),
        "--lang",
        "en",
    )
    return folder


def test_a_run_is_held_against_the_law_event_by_event(a_run: Path) -> None:
    english, chinese = (said("check", str(a_run), "--lang", lang) for lang in ("en", "zh"))
    assert english.startswith(f"{a_run}: 2 replications, ")
    assert "event by event against the law of their days" in english
    (late,) = [
        line
        for line in english.splitlines()
        if line.startswith("  auctioned again within 30 days of the failure (")
    ]
    assert "(2016 rules Art 26, in force since 2017-01-01): not kept in " in late
    assert "the next notice comes 31 days after the failure" in english
    assert "the deposit is 25 % of the start" in english
    (unseen,) = [line for line in english.splitlines() if line.startswith("records do not show: ")]
    assert (
        "handover within 15 days of its service: 25 days (2004 rules Art 30 (now 27), in force since 2005-01-01; known at second hand); losers have"
        in unseen
    )
    assert "逐项按当日法律核对" in chinese
    assert "保证金为起拍价的25%" in chinese


def test_what_is_allowed_on_a_condition_is_not_called_broken(tmp_path: Path) -> None:
    equity = ("kinds.equity.share=5", "kinds.equity.start.token_share=1", "rounds.second.relist_days=10")
    folder = tmp_path / "equity"
    said("run", *SMALL, *(word for one in equity for word in ("--set", one)), "--out", str(folder))
    english, chinese = (
        said("check", str(folder), "--date", "2026-11-01", "--lang", lang) for lang in ("en", "zh")
    )
    (line,) = [one for one in english.splitlines() if "2021 equity rules Art 12" in one]
    assert re.search(
        r"\): (\d+) of \1 events \(100 %\), \1 lots, allowed only where no valuation report can be had$", line
    )
    assert "not kept" not in line
    (line,) = [one for one in chinese.splitlines() if "法释〔2021〕20号第12条" in one]
    assert line.endswith("仅在无法评估时允许")
    assert "未遵守" not in line


def test_of_a_day_on_which_single_articles_are_known_no_more_is_claimed_than_these():
    """Before 2005 of shares of listed companies alone; a plan that keeps that article is not called lawful."""
    shares = ("check", "base", "--date", "2003-05-01", "--set", "kinds.shares.share=0.1", "--lang", "en")
    deep, kept = said(*shares), said(*shares, "--set", "rounds.second.cut=0.1")
    known = "of the law of 2003-05-01 nothing is known here but 2001 rules Art 13; not verified whether still in force; the rest is known from 2005-01-01 on"
    for one in (deep, kept):
        assert known in one
        assert "no law of 2003-05-01" not in one
    assert "for shares: shares of listed companies: each reserve is at least 90 % of the one before" in deep
    assert "allowed by the law" not in kept
    assert "by the law of 2003-05-01" not in kept
    assert "2003-05-01的法律此处仅收录法释〔2001〕28号第13条" in said(*shares[:-1], "zh")
    assert json.loads(said(*shares[:-2], "--set", "rounds.second.cut=0.1", "--json"))["lawful"] is None


@pytest.mark.parametrize(
    ("day", "set", "words"),
    [
        ("2018-06-01", "debtor_sale.before_share=0.1", "not checked before 2022-01-01, since no text of those days is known on it: whether a debtor may sell equity themself"),
        ("2022-01-01", "debtor_sale.before_share=0.1", ""),
        ("2024-10-28", "debtor_sale.share=0.1", "not checked before 2024-10-29, since no text of those days is known on it: whether a debtor may sell property other than equity themself after a failed auction"),
        ("2024-10-29", "debtor_sale.share=0.1", ""),
        ("2018-06-01", "debtor_sale.share=0", ""),
    ],
)  # fmt: skip
def test_what_no_text_of_a_day_speaks_of_is_said_to_be_unchecked(day, set, words):
    english = said("check", "base", "--date", day, "--set", set, "--lang", "en")
    assert [line for line in english.splitlines() if line.startswith("not checked")] == (
        [words] if words else []
    )
    chinese = said("check", "base", "--date", day, "--set", set, "--lang", "zh")
    assert ("未见当时对此有规定的文本" in chinese) == bool(words)


def test_programs_are_told_the_conclusion_as_readers_are():
    for more in (
        (),
        ("--set", "rounds.second.cut=0.3"),
        ("--date", "2019-04-01"),
        ("--date", "1990-01-01"),
    ):
        for lang in ("en", "zh"):
            lines = said("check", "base", *more, "--lang", lang).splitlines()
            found = json.loads(said("check", "base", *more, "--lang", lang, "--json"))
            assert all(found[one] in lines for one in ("conclusion", "not_looked_at") if found[one])
            assert bool(found["conclusion"]) == bool(found["not_looked_at"]) == (more[1:] != ("1990-01-01",))


def test_a_run_can_be_held_against_the_law_of_one_day(a_run: Path) -> None:
    english = said("check", str(a_run), "--date", "2016-12-31", "--lang", "en")
    assert "against the law of 2016-12-31" in english
    assert "the deposit is" not in english
    assert "not checked until 2016-12-31" in english


def test_a_run_held_against_a_day_of_which_no_law_is_known_keeps_nothing(a_run: Path) -> None:
    for day, first in (("1900-01-01", "2005-01-01"), ("2003-01-01", "2005-01-01")):
        english = said("check", str(a_run), "--date", day, "--lang", "en")
        assert f"no law of {day} is known here; the first that is known is of {first}" in english
        assert "nothing that happened is against it" not in english
        assert "kept in every event" not in english
    assert "此处未收录1900-01-01的法律" in said("check", str(a_run), "--date", "1900-01-01", "--lang", "zh")
    known = "other limits kept in every event"
    assert known in said("check", str(a_run), "--date", "2005-01-01", "--lang", "en")
    for day, is_known in (("1900-01-01", False), ("2019-01-01", True)):
        assert json.loads(said("check", str(a_run), "--date", day, "--json"))["law_known"] is is_known


def test_what_a_run_has_of_the_law_is_there_for_programs(a_run: Path) -> None:
    found = json.loads(said("check", str(a_run), "--json", "--lang", "en"))
    by_quantity = {one["quantity"]: one for one in found["limits"]}
    assert found["replications"] == 2
    assert by_quantity["deposit"]["broken"] == by_quantity["deposit"]["events"] > 0
    assert by_quantity["first_start"]["broken"] == 0
    assert by_quantity["failure_to_bidding"]["broken"] == 0, "what no reading allows is said once"
    worst = by_quantity["failure_to_notice"]["worst"][0]
    assert worst["value"] == 31.0
    lines = said(
        "trace",
        str(a_run / "scenario.toml"),
        "--lot",
        str(worst["lot"]),
        "--replication",
        str(worst["replication"]),
        "--no-picture",
        "--lang",
        "en",
    )
    assert worst["day"] in lines, "the lot that is named is the one that it was"


def test_a_run_is_refused_where_it_cannot_be_checked(a_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(a_run)
    assert "what happened in it stays" in said(
        "check", folder, "--set", "start.ratio=0.7", "--lang", "en", code=2
    )
    manifest = read_manifest(a_run)
    monkeypatch.setattr(
        run_folder,
        "read_manifest",
        lambda path: manifest | {"records": "lots", "files": {"lots.parquet": ""}},
    )
    assert "run it anew with --records all" in said("check", folder, "--lang", "en", code=2)
    monkeypatch.setattr(run_folder, "read_manifest", lambda path: manifest | {"kind": "compare"})
    assert "里不是一次运行，而是compare" in said("check", folder, "--lang", "zh", code=2)


def test_every_event_that_broke_a_limit_stands_in_a_file(a_run: Path, tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    found = json.loads(
        said("check", str(a_run), "--json", "--out", str(file), "--lang", "en").partition(str(file))[2]
    )
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    for limit in found["limits"]:
        mine = [row for row in rows if (row["rule"], row["quantity"]) == (limit["rule"], limit["quantity"])]
        assert len(mine) == limit["broken"]
        assert len({(row["replication"], row["lot"]) for row in mine}) == limit["lots"]
    late = [row for row in rows if row["quantity"] == "failure_to_notice"]
    assert {row["value"] for row in late} == {"31.0"}
    assert rows == sorted(rows, key=lambda row: (int(row["replication"]), int(row["lot"]), row["when"]))
    assert f"{file} exists" in said("check", str(a_run), "--out", str(file), "--lang", "en", code=2)
    said("check", str(a_run), "--out", str(file), "--force", "--lang", "zh")
    assert "法释〔2016〕18号第26条" in file.read_text(encoding="utf-8-sig")
    assert "it names a file for what happened in a run" in said(
        "check", BASE, "--out", str(file), "--lang", "en", code=2
    )
