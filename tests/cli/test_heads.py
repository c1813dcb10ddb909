"""--heads: copies of tables with heads in words, which programs refuse by saying which file to take."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import typer
from commands import calibrate, sim

import calibration.cli.main
from sim.cli import main
from sim.experiments.storage.spreadsheet import in_words, rows_of
from sim.locale.words import texts
from sim.reporting.headed_copies import leave_copies
from sim.reporting.pages.run_folder import read_run
from sim.reporting.workbooks.sheets import heads

TINY = ("--set", "arrivals.volume=0.02", "--set", "courts.number=4", "-j", "1", "--no-pictures", "-n", "2")
LEAVE_TABLES = {
    "sim run", "sim compare", "sim sensitivity", "sim optimise", "sim sweep new", "sim sweep resume",
    "sim sweep retry-failed", "sim sweep expand", "sim sweep compact", "calibrate audit", "calibrate lots", "calibrate run",
}  # fmt: skip


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_a_copy_has_heads_in_chinese_and_the_same_cells(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = sim("run", "shanxi-prior", *TINY, "--out", str(out), "--heads", "zh")
    assert done.returncode == 0, done.stderr
    plain, copy = rows(out / "measures.csv"), rows(out / "measures.zh.csv")
    assert copy[0][:5] == ["统计期", "标的物类型", "归期", "指标", "模拟均值"]
    assert copy[1:] == plain[1:]
    assert plain[0] == list(next(rows_of(out / "measures.csv")))
    assert read_run(out).windows  # the folder reads as ever
    with pytest.raises(ValueError, match=r"give measures\.csv"):
        next(rows_of(out / "measures.zh.csv"))


def test_draws_with_heads_in_words_are_refused_with_the_name_of_their_table(tmp_path: Path) -> None:
    (tmp_path / "draws.csv").write_text(
        "start.ratio,rounds.second.cut\n0.8,0.1\n0.7,0.2\n", encoding="utf-8-sig"
    )
    [copy] = leave_copies(tmp_path, "zh")
    done = sim("compare", "base", "cut-00", "--draws", str(copy), *TINY, lang="zh")
    assert done.returncode == 2
    assert "请改用draws.csv" in done.stderr


def test_what_an_earlier_run_left_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("measure,mean\nx,1\n", encoding="utf-8-sig")
    leave_copies(tmp_path, "zh")
    assert leave_copies(tmp_path, None) == []
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_every_known_head_is_recognised_and_identifiers_are_not() -> None:
    names = [name for name in texts("zh")["columns"] if "." not in name]
    assert in_words(heads(names, "zh"))
    assert not in_words(names)
    assert not in_words(["window", "统计期"])
    assert not in_words(["案号", "标的物"])  # of a court's own file


def test_every_command_that_leaves_tables_takes_heads(tmp_path: Path) -> None:
    found = set()
    for program, app in (("sim", main.app), ("calibrate", calibration.cli.main.app)):
        todo = [(program, typer.main.get_command(app))]
        while todo:
            name, one = todo.pop()
            todo += [(f"{name} {word}", below) for word, below in getattr(one, "commands", {}).items()]
            found |= {name} if "heads" in {param.name for param in one.params} else set()
    assert found == LEAVE_TABLES
    refused = calibrate("audit", "shanxi", "--heads", "fr")
    assert refused.returncode == 2
    assert "--heads" in refused.stderr
