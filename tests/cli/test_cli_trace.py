"""``sim trace`` as a user meets it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import Result
from conftest import ROOT, SMALL
from typer.testing import CliRunner

from sim.cli.main import app

SETS = [word for one in SMALL for word in ("--set", one)]


def trace(*arguments: object, lang: str = "en") -> Result:
    words = ["trace", ROOT / "scenarios" / "base.toml", *SETS, *arguments]
    return CliRunner().invoke(app, [str(word) for word in words], env={"SIM_LANG": lang})


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_without_a_lot_it_says_which_are_worth_a_look(tmp_path: Path) -> None:
    done = trace()
    assert done.exit_code == 0
    assert re.match(r"1\d\d lots, numbered 0 to 1\d\d", done.stdout)
    assert re.search(r"--lot \d+ +--lot contested +the sale with the most bids", done.stdout)
    assert "出价次数最多的成交" in trace(lang="zh").stdout
    assert list(tmp_path.iterdir()) == []


def test_a_number_and_the_word_for_it_tell_the_same_life() -> None:
    number = re.search(r"--lot (\d+) +--lot contested", trace().stdout)
    assert number
    by_number = trace("--lot", number.group(1), "--no-picture")
    assert by_number.exit_code == 0
    assert by_number.stdout == trace("--lot", "contested", "--no-picture").stdout
    assert by_number.stdout.startswith(f"Lot {number.group(1)} (replication 0, seed 20190416)\n")


def test_lines_have_dates_and_articles_and_stand_in_columns() -> None:
    lines = trace("--lot", "contested", "--no-picture", lang="zh").stdout.splitlines()[1:]
    assert all(re.match(r"20\d\d-\d\d-\d\d( \d\d:\d\d:\d\d| {9})  \S", line) for line in lines)
    assert all(re.search(r"\[.*(法释|通知|法律).*\]$", line) for line in lines[1:])


def test_a_picture_by_default_and_none_without_a_bid(tmp_path: Path) -> None:
    done = trace("--lot", "contested")
    names = [Path(line) for line in done.stdout.splitlines()[-2:]]
    assert [path.suffix for path in names] == [".png", ".svg"]
    assert all((tmp_path / path).exists() for path in names)
    assert trace("--lot", "contested").exit_code == 0, "pictures in out/trace are ours to replace"
    quiet = trace("--lot", "unsold")
    assert "no picture" in quiet.stderr
    assert len(list((tmp_path / "out" / "trace").iterdir())) == 2


def test_a_picture_that_the_user_named_is_not_replaced_without_force(tmp_path: Path) -> None:
    (tmp_path / "mine.svg").write_text("mine")
    refused = trace("--lot", "contested", "--out", tmp_path / "mine")
    assert refused.exit_code == 2
    assert "exists; give another --out, or --force" in refused.stderr
    assert (tmp_path / "mine.svg").read_text() == "mine"
    assert trace("--lot", "contested", "--out", tmp_path / "mine", "--force").exit_code == 0
    assert (tmp_path / "mine.svg").read_text().startswith("<?xml")


def test_another_replication_or_seed_is_another_lot() -> None:
    histories = {
        trace("--lot", 3, "--no-picture", *more).stdout for more in ((), ("--replication", 1), ("--seed", 5))
    }
    assert len(histories) == 3


@pytest.mark.parametrize(
    ("lot", "words"),
    [
        ("99999", r"lot 99999: replication 0 has 1\d\d lots, numbered 0 to 1\d\d"),
        ("-1", "--lot -1: allowed are a number from 0, or one of contested"),
        ("best", "--lot best: allowed are a number from 0, or one of contested"),
        ("1.5", "--lot 1.5"),
        ("token", "--lot token: replication 0 has no such lot; it has contested"),
    ],
)
def test_no_such_lot(lot: str, words: str, tmp_path: Path) -> None:
    refused = trace("--lot", lot)
    assert refused.exit_code == 2
    assert re.search(words, refused.stderr)
    assert list(tmp_path.iterdir()) == []


def test_no_lots_at_all() -> None:
    assert "0 lots" in trace("--set", "arrivals.volume=0.0").stdout
    refused = trace("--set", "arrivals.volume=0.0", "--lot", 0)
    assert refused.exit_code == 2
    assert "has no lots" in refused.stderr


def test_a_picture_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    refused = trace("--lot", "contested", "--out", tmp_path / "file" / "picture")
    assert refused.exit_code == 2
    assert "is a file, not a folder" in refused.stderr
    assert refused.stdout == ""  # said before anything is traced
