"""Policies and scenarios from answers: what is asked, what the file holds, what is refused, and that an end leaves nothing."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from calibration.cli.main import app as calibrate
from sim.cli.main import app
from sim.cli.new.draft import explained
from sim.cli.new.policy import POLICY
from sim.cli.new.scenario import SCENARIO
from sim.scenario import load


def run(*words: str, answers: str = "", lang: str = "en") -> Result:
    return CliRunner().invoke(app, ["new", *words, "--lang", lang], input=answers)


def tree(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def test_answers_make_a_policy_that_is_checked_and_the_next_command_is_named(tmp_path: Path) -> None:
    path = tmp_path / "eighty.toml"
    answers = ["0.8", "much", "2", "15%", *[""] * 4, "no", *[""] * 3, "2018-07-01", ""]
    done = run("policy", str(path), "--base", "shanxi-prior", answers="\n".join(answers) + "\n")
    assert done.exit_code == 0, done.output
    assert tree(path) == {
        "extends": "shanxi-prior",
        "title": "Start ratio 80%, second auction cut 15%, sell-off held no",
        "title_zh": "起拍率为80%，二拍降价幅度为15%，变卖是否进行为否",
        "from": {"2018-07-01": {"start": {"ratio": 0.8}, "rounds": {"second": {"cut": 0.15}, "sell_off": {"held": False}}}},
        "sources": {"": "policy: what is tried"},
    }  # fmt: skip
    assert "2.0 is out of range; allowed: at least 0 and below 1" in done.stderr
    assert "--set" not in done.stderr
    assert "law: the start is cut by at most 20 % (2016 rules Art 26)" in done.stdout
    assert "runs, marked as a reform" in done.stdout
    assert done.stdout.rstrip().endswith(f"next: sim compare shanxi-prior {path}")
    scenario = load(path).scenario
    assert scenario.on(date(2018, 7, 1)).rounds["second"].cut == 0.15
    assert scenario.rounds["second"].cut == 0.2


def test_options_answer_instead_and_nothing_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "降价"
    done = run(
        "policy", str(path), "--set", "rounds.second.cut=0.1", "--title", "少降一些", "--yes", lang="zh"
    )
    assert done.exit_code == 0, done.output
    assert tree(path.with_suffix(".toml")) == {
        "extends": "shanxi", "title": "Second auction cut 10%", "title_zh": "少降一些",
        "rounds": {"second": {"cut": 0.1}}, "sources": {"": "policy: what is tried"},
    }  # fmt: skip
    assert "下一步：sim compare shanxi" in done.stdout


def test_a_place_has_its_days_its_windows_and_its_lots(tmp_path: Path) -> None:
    path = tmp_path / "place.toml"
    answers = [
        "2018-07-01",
        "2019-06-30",
        "many",
        "1,200",
        "3000",
        "45",
        *[""] * 6,
        "",
        "Court statistics 2019",
    ]
    done = run("scenario", str(path), answers="\n".join(answers) + "\n")
    assert done.exit_code == 0, done.output
    scenario = load(path).scenario
    assert {name: (one.first, one.last) for name, one in scenario.time.windows.items()} == {
        "2018": (date(2018, 7, 1), date(2018, 12, 31)), "2019": (date(2019, 1, 1), date(2019, 6, 30)),
    }  # fmt: skip
    assert [(one.cases, one.lots) for one in scenario.arrivals.periods.values()] == [(1200.0, 3000.0)]
    assert scenario.courts.number == 45
    assert load(path).source(("courts", "number"), "") == "Court statistics 2019"
    assert f"next: sim run {path}" in done.stdout


def test_a_place_with_published_figures_keeps_its_days(tmp_path: Path) -> None:
    path = tmp_path / "half.toml"
    refused = run("scenario", str(path), "--base", "shanxi", "--first", "2018-01-01", "--yes")
    assert refused.exit_code == 2
    assert "--base base" in refused.stderr
    done = run("scenario", str(path), "--base", "shanxi", "--set", "arrivals.volume=0.5", "--yes")
    assert done.exit_code == 0, done.output
    assert load(path).scenario.arrivals.volume == 0.5


def test_a_base_beside_the_file_is_named_by_its_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text('extends = "base"\n[courts]\nnumber = 3\n', encoding="utf-8")
    done = run("policy", "in/p.toml", "--base", "mine.toml", "--set", "start.ratio=0.7", "--yes")
    assert done.exit_code == 0, done.output
    assert tree(Path("in/p.toml"))["extends"] == "../mine.toml"
    assert load("in/p.toml").scenario.courts.number == 3


@pytest.mark.parametrize("verb", ["policy", "scenario"])
def test_an_end_before_the_last_question_writes_nothing(verb: str, tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    done = run(verb, str(path), answers="\n")
    assert done.exit_code == 2
    assert "nothing was written" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_is_wrong_with_options_is_said_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    done = run("policy", str(path), "--set", "rounds.second.cut=2", "--set", "start.ration=1", "--yes")
    assert done.exit_code == 2
    assert "rounds.second.cut" in done.stderr
    assert "start.ratio" in done.stderr
    assert "nothing differs" in run("policy", str(path), "--set", "start.ratio=1.0", "--yes").stderr
    assert run("scenario", str(path), "--cases", "-3", "--yes").exit_code == 2
    assert run("scenario", str(path), "--first", "2019-01-01", "--yes").exit_code == 2
    assert run("policy", str(tmp_path / "x.doc"), "--yes").exit_code == 2
    assert list(tmp_path.iterdir()) == []
    path.write_text("mine", encoding="utf-8")
    assert run("policy", str(path), "--set", "start.ratio=0.9", "--yes").exit_code == 2
    assert path.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_question_says_what_it_asks_for_in_one_line(lang: str) -> None:
    base = load("base")
    lines = {key: explained(base, key, lang) for key in (*POLICY, *SCENARIO)}
    assert all(key in line and "\n" not in line for key, line in lines.items())
    law = "law:" if lang == "en" else "法律："
    assert [key for key in POLICY if law in lines[key]] == [
        "start.ratio", "rounds.second.cut", "rounds.first.notice_days_movable", "rounds.first.notice_days_immovable",
        "rounds.first.window_days", "auction.deposit", "rounds.sell_off.held",
    ]  # fmt: skip


def test_a_pricing_method_is_named_in_the_reader_s_language() -> None:
    """It once was "Online_inquiry占比"."""
    from sim.reporting.values import short_name

    key = ("pricing", "online_inquiry", "share")
    assert short_name(key, "zh") == "网络询价占比"
    assert short_name(key, "en") == "online inquiry share"
    assert short_name(("pricing", "of_my_own", "share"), "zh") == "of_my_own占比"


@pytest.mark.parametrize("name", ["policy p.toml", "scenario p.toml", "calibrate t.xlsx"])
def test_a_file_that_is_there_is_refused_by_options_that_the_command_has(name: str, tmp_path: Path) -> None:
    verb, file = name.split()
    path = tmp_path / file
    path.write_text("mine", encoding="utf-8")
    for lang, words in (("en", "give another name, or --force"), ("zh", "请换用其他文件名，或用--force替换")):
        if verb == "calibrate":
            refused = CliRunner().invoke(calibrate, ["new", str(path), "--lang", lang])
        else:
            refused = run(verb, str(path), lang=lang)
        assert refused.exit_code == 2
        assert words in refused.stderr
        assert "--out" not in refused.stderr
    assert path.read_text(encoding="utf-8") == "mine"
