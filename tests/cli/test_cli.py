"""The command line as a user meets it: what it prints, where, and with which exit code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import sim
from conftest import ROOT


def test_help_names_every_command_and_loads_nothing_heavy():
    listed = sim("--help")
    assert listed.returncode == 0
    for command in ("run", "show", "check", "schema", "trace"):
        assert f"\n  {command} " in listed.stdout
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, sim.cli.main; print(*sys.modules)"],
        capture_output=True,
        text=True,
        cwd=ROOT,
    ).stdout.split()
    assert not {"numpy", "simpy", "pandas", "matplotlib", "scipy", "pydantic", "rich"} & set(loaded)


def test_check_says_valid_on_standard_output():
    done = sim("check", "base")
    assert (done.returncode, done.stderr) == (0, "")
    assert "valid" in done.stdout
    assert "有效" in sim("check", "base", lang="zh").stdout


@pytest.mark.parametrize("command", ["run", "show", "check", "trace"])
def test_a_broken_scenario_gives_all_defects_on_standard_error_and_exit_code_2(command, tmp_path):
    before = sorted(Path(tmp_path).iterdir())
    done = sim(
        command,
        "tests/broken/many-at-once.toml",
        *(["--out", str(tmp_path / "x")] if command == "run" else []),
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 7
    assert "Traceback" not in done.stderr
    assert sorted(Path(tmp_path).iterdir()) == before, "nothing is written"


def test_an_unknown_scenario_suggests_one():
    done = sim("check", "shanksi")
    assert done.returncode == 2
    assert "did you mean shanxi?" in done.stderr


def test_an_unknown_language_is_refused():
    done = sim("check", "base", "--lang", "fr")
    assert done.returncode == 2
    assert "allowed are zh and en" in done.stderr


def test_schema_is_json_for_editors():
    assert json.loads(sim("schema").stdout)["properties"]["extends"]["type"] == "string"


def test_schema_names_parameters_in_the_readers_language() -> None:
    found = json.loads(sim("schema", lang="zh").stdout)["$defs"]
    of_all = [one for part in found.values() for one in part.get("properties", {}).values() if "zh" in one]
    assert len(of_all) > 50
    assert all(one["title"] == one["zh"] for one in of_all)
    (cut,) = {one["description"] for one in of_all if one["zh"] == "降价幅度"}
    assert cut == "降价幅度（占前次起拍价）"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_schema_says_what_its_tables_are_in_the_readers_language(lang: str) -> None:
    def texts(node: Any) -> Iterator[str]:
        for one in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            yield from texts(one)
        if isinstance(node, dict):
            yield from (node[key] for key in ("title", "description") if isinstance(node.get(key), str))

    schema = json.loads(sim("schema", lang=lang).stdout)
    found = list(texts(schema))
    assert len(found) > 200
    foreign = [one for one in found if lang == "zh" and not re.search("[\u4e00-\u9fff]", one)]
    assert foreign == []
    assert [one for one in found if "``" in one] == []
    said = {"en": "Who comes and what a lot is worth to them.", "zh": "谁会来，标的物对他们值多少。"}
    assert schema["$defs"]["Interest"]["description"] == said[lang]


def test_show_has_the_value_its_source_and_the_file_that_set_it():
    text = sim("show", "shanxi").stdout
    assert "ratio" in text
    assert "一拍不降价" in text
    assert "scenarios/shanxi.toml" in text


def test_completion_can_be_shown():
    done = subprocess.run(
        [sys.executable, "-m", "sim", "--show-completion", "bash"],
        capture_output=True, text=True, cwd=ROOT, env={**os.environ, "SHELL": "/bin/bash", "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
    )  # fmt: skip
    assert done.returncode == 0
    assert "complete" in done.stdout


def test_a_closed_pipe_is_no_error():
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m sim show shanxi | head -1"],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert "Traceback" not in done.stderr
    assert len(done.stdout.splitlines()) == 1
