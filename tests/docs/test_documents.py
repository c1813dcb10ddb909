"""Every command in README and docs/ runs, every output and marked number is what the program says today."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
from documents import (
    EXECUTED,
    PICTURE,
    ROOT,
    Desk,
    Step,
    alike,
    arguments,
    documents,
    refreshed,
    small_arguments,
    steps,
    unfounded,
    unknown_commands,
    untold,
)

pytestmark = pytest.mark.docs


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_what_the_document_says_is_what_happens(path: Path, tmp_path: Path) -> None:
    desk = Desk(tmp_path.resolve())
    text = path.read_text(encoding="utf-8")
    desk.follow(text)
    now = refreshed(text, desk)
    changed = [
        line for line in difflib.unified_diff(alike(text).splitlines(), alike(now).splitlines(), lineterm="", n=0)
        if not line.startswith(("---", "+++"))
    ]  # fmt: skip
    assert changed == [], "python tests/docs/refresh.py writes in what the program says"
    assert [made for _, made in PICTURE.findall(text) if not (desk.folder / made).is_file()] == []
    assert unfounded(text, desk) == []
    assert unknown_commands(text) == []
    assert untold(text, desk) == [], (
        "mark them (see documents.py), or declare them: <!-- given: NUMBER; NUMBER: why -->"
    )
    for test in EXECUTED.findall(text):
        assert (ROOT / test).is_file()


def test_the_mechanism_sees_what_is_wrong(tmp_path: Path) -> None:
    desk = Desk(tmp_path.resolve())
    (tmp_path / "t.csv").write_text("window,mean\r\n2017,0.3744\r\n2018,1243\r\n")
    right = "sold **37.4%**<!-- is t.csv window=2017 mean .1% --> and 1,243<!-- is t.csv window=2018 mean ,.0f -->"
    assert refreshed(right, desk) == right
    assert refreshed(right.replace("37.4", "38.4"), desk) == right
    assert refreshed("-1<!-- is t.csv window=2017 mean x100:.1f -->", desk).startswith("37.4<!--")
    with pytest.raises(AssertionError, match="0 rows"):
        refreshed(right.replace("2017", "2016"), desk)
    assert unfounded("0.5<!-- in: sim show base -->", desk) == []
    assert unfounded("98765<!-- in: sim show base -->", desk) == [
        "98765 is not in what `sim show base` prints"
    ]
    assert untold("about 37.4 % of 1,243, by law 20 %; `0.5` and 2017", desk) == ["37.4 %", "1,243"]
    assert untold("37.4%<!-- given: 37.4 %; 1,243: printed --> of 1,243", desk) == []
    assert untold("in 2017 of 1997, Art 26, 第10、12条, 3 lots of 57, 16; 1984 lots", desk) == ["57", "16"]
    assert untold("57<!-- given: 57; 16: printed --> and 16 of them", desk) == []
    with pytest.raises(AssertionError, match="there is no such scenario"):
        desk.run("sim check no-such-scenario")
    with pytest.raises(ValueError, match="is not run by the tests"):
        arguments("rm -rf /")


def test_what_is_spoken_of_as_a_command_exists() -> None:
    right = "`sim sweep SCENARIO --vary X`, `sim sweep status`, `--draws`, `python benchmarks/pages.py`, `calibrate run X --quick`"
    assert unknown_commands(right) == []
    wrong = "`sim sweeep X`, `sim run X --jbos 2`, `--drawz`, `python nowhere.py`\n\n    sim run base\n"
    assert unknown_commands(wrong) == [
        "indented, so not run: sim run base", "sim sweeep X: no such command", "sim run X --jbos 2: no --jbos",
        "--drawz: no command has it", "python nowhere.py: no such file",
    ]  # fmt: skip


def test_what_a_test_has_not_is_run_for_less(tmp_path: Path) -> None:
    block = "```sh\nsim sweep base --dask tcp://host:8786 --out /shared/x  # remark\n```\n"
    (step,) = steps(f"{block}<!-- in small: -n 1 -->\n")
    words = small_arguments(step, tmp_path, "tcp://127.0.0.1:1")
    assert words[1:] == ["-m", "sim", "sweep", "base", "--dask", "tcp://127.0.0.1:1", "--out", f"{tmp_path}/shared-1/x", "-n", "1"]  # fmt: skip
    with pytest.raises(ValueError, match="must follow"):
        list(steps(block))


def test_steps_are_files_and_commands_in_order() -> None:
    text = 'a\n```toml title="my.toml"\nx = 1\n```\n```bash\n# remark\nsim run my.toml \\\n  --seed 1\n\nbash .ci/test\n```\n'
    assert list(steps(text)) == [
        Step(2, file="my.toml", content="x = 1\n"), Step(5, "sim run my.toml --seed 1"), Step(5, "bash .ci/test"),
    ]  # fmt: skip
    assert arguments("bash .ci/test") is None
    assert arguments("bash .ci/sim run shanxi") == arguments(".venv/bin/sim run shanxi")
    assert alike("took 12.3 s, 用时4秒") == "took # s, 用时#秒"
