"""--json: every command that prints a table takes it, and then standard output is JSON and nothing else."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from commands import sim

import calibration.cli.main
from sim.cli import main

# What prints no table, and what it prints. A new command has to stand here or take --json.
NO_TABLE = {
    "sim app": "the address of a page",
    "sim schema": "JSON as it is",
    "sim report": "the name of a file",
    "sim brief": "names of files",
    "sim explore": "the name of a file",
    "sim new policy": "questions, and what sim check says",
    "sim new scenario": "questions, and what sim check says",
    "sim sweep new": "names of files",
    "sim sweep resume": "names of files",
    "sim sweep retry-failed": "names of files",
    "sim sweep expand": "names of files",
    "sim sweep compact": "names of files",
    "calibrate new": "questions, or the name of a file",
    "calibrate simulate-lots": "names of files",
}
TINY = ("--set", "arrivals.volume=0.02", "--set", "courts.number=4", "-j", "1", "--no-pictures", "-n", "2")


def commands() -> Iterator[tuple[str, Any]]:
    def below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
        if not hasattr(command, "commands"):
            yield name, command
        for word, one in getattr(command, "commands", {}).items():
            yield from below(f"{name} {word}", one)

    yield from below("sim", typer.main.get_command(main.app))
    yield from below("calibrate", typer.main.get_command(calibration.cli.main.app))


def test_every_command_that_prints_a_table_takes_json() -> None:
    without = {name for name, one in commands() if "json" not in {param.name for param in one.params}}
    assert without == set(NO_TABLE)


def said(*words: str, lang: str = "en") -> Any:
    done = sim(*words, "--json", lang=lang)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_run_says_what_its_comparison_csv_says(tmp_path: Path) -> None:
    found = said("run", "shanxi-prior", *TINY, "--full", "--out", str(tmp_path / "run"))
    with (tmp_path / "run" / "comparison.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(found["figures"]) == len(rows) > 20
    for one, row in zip(found["figures"], rows, strict=True):
        assert (one["measure"], one["window"], one["basis"]) == (row["measure"], row["window"], row["basis"])
        assert (one["mean"] is None and row["mean"] == "") or one["mean"] == float(row["mean"])
    assert found["replications"] == 2


def test_a_comparison_says_its_headline_differences(tmp_path: Path) -> None:
    out = tmp_path / "compare"
    found = said("compare", "shanxi-prior", "cut-00", *TINY, "--out", str(out))
    with (out / "differences.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {
            row["measure"]: row
            for row in csv.DictReader(file)
            if (row["window"], row["segment"], row["basis"]) == ("all", "all", "event")
        }
    assert {one["measure"] for one in found["differences"]} >= {"lots_sold", "recovery_all"}
    for one in found["differences"]:
        assert one["difference"] == pytest.approx(float(rows[one["measure"]]["difference"]), rel=1e-9)
        assert one["verdict"] in ("up", "down", "no_difference", "same", "undefined")


def test_the_law_of_a_day_and_what_changes() -> None:
    articles = said("law", "--date", "2019-01-01", "--property", "equity")
    limits = [one for article in articles for one in article["limits"]]
    assert any(one["article"] == "2016 rules Art 26" and one["high"] == 0.2 for one in limits)
    changes = said("law", "--date", "2018-01-01", "--to", "2018-12-31", lang="zh")
    assert {one["change"] for one in changes} == {
        "comes",
        "goes",
        "begins",
        "ends",
    }  # articles, then their limits
    assert all("2018-01-01" <= one["day"] <= "2018-12-31" for one in changes)


def test_a_check_names_each_breach_with_its_rule() -> None:
    found = said("check", "base", "--set", "rounds.first.notice_days_movable=10")
    assert not found["lawful"]
    assert ("rounds.first.notice_days_movable", 10.0) in {
        (one["path"], one["value"]) for one in found["breaches"]
    }
    assert {one["article"] for one in found["breaches"]} == {"2016 rules Art 12"}
    assert "auction.jump" in found["assumptions"]


def test_a_lots_history_and_the_lots_worth_a_look() -> None:
    small = ("--set", "arrivals.volume=0.02", "--set", "courts.number=4")
    notable = said("trace", "shanxi-prior", *small)
    assert notable["notable"]
    number = notable["notable"][0]["lot"]
    history = said("trace", "shanxi-prior", *small, "--lot", str(number), "--no-picture")
    assert history["lot"] == number
    assert all(one["when"] and one["what"] for one in history["history"])


@pytest.mark.slow
def test_searches_and_sweeps_say_their_tables(tmp_path: Path) -> None:
    """Seconds of simulated lots each."""
    base = (
        "shanxi-prior",
        "--set",
        "arrivals.volume=0.02",
        "--set",
        "courts.number=4",
        "-j",
        "1",
        "--no-pictures",
    )
    grid = tmp_path / "grid"
    assert sim("sweep", *base, "--vary", "start.ratio=0.7,1.0", "-n", "2", "--out", str(grid)).returncode == 0
    status = said("sweep", "status", str(grid))
    assert (status["points"], status["runs"], status["done"], status["failures"]) == (2, 4, 4, [])
    morris = said("sensitivity", *base, "-p", "start.ratio=0.7:1.0", "-p", "rounds.second.cut=0:0.2", "--samples", "2", "-n", "1", "--out", str(tmp_path / "m"))  # fmt: skip
    assert {one["parameter"] for one in morris["indices"]} == {"start.ratio", "rounds.second.cut"}
    front = said("optimise", *base, "--variable", "start.ratio=0.7:1.0", "--maximise", "lots_sold", "--points", "4", "-n", "2", "--final", "2", "--out", str(tmp_path / "o"))  # fmt: skip
    assert any(one["on_front"] for one in front["policies"])
    verified = said("verify", "--family", "a", "-j", "1")
    assert [one["passed"] for one in verified["verdicts"]] == [True]
    assert {one["family"] for one in verified["quantities"]} == {"a"}
