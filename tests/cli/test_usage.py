"""Typical mistakes at a terminal, reported in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import pytest
from typer import Typer
from typer.main import get_command
from typer.testing import CliRunner

from calibration.cli.main import app as calibrate
from sim.cli.main import app
from sim.cli.shared.usage import SENTENCES, translated, w
from sim.locale.language import said, speaking, spoken

CHINESE = {
    "rnu": "错误：没有这个命令：“rnu”。您是不是要找“run”？",
    "nothing": "错误：没有这个命令：“nothing”。",
    "run base --repplications 3": "错误：没有这个选项：--repplications。您是不是要找--replications？",
    "run base -x": "错误：没有这个选项：-x",
    "run": "错误：缺少参数“情景”。",
    "run base more": "错误：多余的参数：more",
    "run base --jobs": "错误：选项“--jobs”后面缺少取值。",
    "run base --jobs x": "错误：“--jobs” / “-j”的取值无效：应为整数",
    "run base --pictures=3": "错误：选项“--pictures”不带取值。",
    "run base --heads fr": "错误：“--heads”的取值无效：没有“fr”；可取“zh”、“en”",
    "trace base --replication -1": "错误：“--replication”的取值无效：应不小于0",
    "run base --jobs -1": "--jobs -1：可取0（处理器个数）及正整数",
    "run base -n 0": "--replications 0：可取auto及1至100000的整数",
    "sweep base --vary rounds.second.cut=0:0.5": (
        "--vary rounds.second.cut：网格需要步长：参数路径=起:止:步长"
    ),
    "sweep base --vary run.seed=1,2": "--vary run.seed=1,2：run.seed规定重复次数和种子；请用--replications和--seed",
    "compare base cut-20 --draws no.txt": "no.txt：既不是.csv也不是.toml；请给出抽样文件",
    "trace base --lot best": (
        "--lot best：可取从0起的编号，或contested、ordinary、second、late、unsold、in_kind、defaulted、withdrawn、"
        "suspended、token之一"
    ),
    "check shanxy": "shanxy：没有这个情景文件；您是不是要找shanxi？",
    "check base --set rounds.second.cutt=0.3": "--set：rounds.second.cutt：没有这个参数；您是不是要找cut？",
    "check base --set rounds.second.cut=3": (
        "--set：rounds.second.cut：3.0超出范围；可取不小于0且小于1（占前次起拍价）；含义：降价幅度"
    ),
    "check base --set rounds.second.held=2": "--set：rounds.second.held：2不是true或false；含义：是否进行",
    "check base --set kinds.homes=3": "--set：kinds.homes：给出的是3，应为表；请写作[kinds.homes]",
    "check base --set docket.volume=3": "--set：docket.volume：已改名为arrivals.volume",
    "sweep status nowhere": "nowhere：没有这个文件夹",
    "sweep status docs": "docs中没有manifest.json，因此不是扫描的文件夹",
    "sweep base --vary start.ratio=0.7,1 --out docs --no-pictures": "docs已存在且不是扫描的文件夹；请换用其他--out",
    "sensitivity docs --samples 3": "docs是已运行的设计：不能用--set、--seed、--samples、--replications和--draws改动",
    "report docs": "docs中没有manifest.json；请给出sim run、compare或sweep写出的文件夹",
    "check base --set cut": "--set：cut：应写作“参数路径=取值”：不是以点连接的参数路径；例如rounds.second.cut=0.1",
}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders that people have left in the checkout, as ``out/compare-base``, are none of these commands' business."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("#\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def reported(command: str, lang: str) -> str:
    done = CliRunner().invoke(app, command.split(), env={"SIM_LANG": lang})
    assert done.exit_code == 2, done.output
    return done.stderr


@pytest.mark.parametrize("command", CHINESE)
def test_mistakes_are_reported_in_chinese_to_a_chinese_session(command: str) -> None:
    lines = reported(command, "zh").splitlines()
    assert lines[-1] == CHINESE[command]
    if len(lines) > 1:
        assert lines[0].startswith("用法：sim ")
        assert lines[1].startswith("用法说明见“sim ")


def test_english_is_as_typer_says_it() -> None:
    assert reported("run base --repplications 3", "en").splitlines() == [
        "Usage: sim run [OPTIONS] {scenario}",
        "Try 'sim run -h' for help.",
        "",
        "Error: No such option: --repplications (Possible options: --replications)",
    ]


def test_the_option_counts_for_messages_too_and_what_was_spoken_is_forgotten() -> None:
    done = CliRunner().invoke(app, ["check", "nosuchfile", "--lang", "zh"], env={"SIM_LANG": "en"})
    assert "没有这个情景文件" in done.stderr
    assert spoken() == "en"


def test_each_sentence_is_found_by_its_english() -> None:
    assert {"hint", "error", *SENTENCES} == set(w.keys())
    with speaking("zh"):
        assert translated("Missing command.") == "缺少命令。"
        assert translated("something that Typer has never said") == "something that Typer has never said"
    assert said("missing") == "is missing"


def test_a_damaged_folder_is_reported_in_chinese(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    assert reported(f"sweep status {tmp_path}", "zh").splitlines() == [
        f"{tmp_path / 'manifest.json'}：没有校验和：由早期版本写出，或被改动过；用同一命令可重新生成",
        "它无法修复，没有它就不能继续运行",
    ]


def _refused() -> Iterator[tuple[str, Typer, list[str]]]:
    """Every option of both programs that takes a number or one of some words, with what it cannot take."""
    for program in (app, calibrate):
        todo = [([], get_command(program))]
        while todo:
            path, command = todo.pop()
            todo += [([*path, name], sub) for name, sub in getattr(command, "commands", {}).items()]
            for option in () if hasattr(command, "commands") else command.params:
                kind = getattr(option.type_descriptor.annotation, "__mro__", ())
                given = ["x"] if {int, float, Enum} & set(kind) and bool not in kind else []
                given += [str(option.min - 1)] if option.min is not None else []
                given += [str(option.max + 1)] if option.max is not None else []
                for value in given:
                    words = [*path, option.opts[0], value]
                    yield " ".join(words), program, words


@pytest.mark.parametrize(
    ("program", "words"), [case[1:] for case in _refused()], ids=[case[0] for case in _refused()]
)
def test_what_an_option_cannot_take_is_said_in_chinese(program: Typer, words: list[str]) -> None:
    done = CliRunner().invoke(program, words, env={"SIM_LANG": "zh"})
    assert done.exit_code == 2, done.output
    assert re.search(r"[a-z]+ [a-z]+ [a-z]+", done.stderr.splitlines()[-1]) is None
