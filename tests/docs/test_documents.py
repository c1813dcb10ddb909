"""Every command in README and docs/ runs, every output and marked number is what the program says today."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
from documents import (
    EXECUTED,
    ROOT,
    Desk,
    Step,
    alike,
    arguments,
    documents,
    refreshed,
    steps,
    unfounded,
    untold,
)


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
    assert unfounded(text, desk) == []
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
    with pytest.raises(AssertionError, match="there is no such scenario"):
        desk.run("sim check no-such-scenario")
    with pytest.raises(ValueError, match="is not run by the tests"):
        arguments("rm -rf /")


def test_steps_are_files_and_commands_in_order() -> None:
    text = 'a\n```toml title="my.toml"\nx = 1\n```\n```bash\n# remark\nsim run my.toml \\\n  --seed 1\n\nbash .ci/test\n```\n'
    assert list(steps(text)) == [
        Step(2, file="my.toml", content="x = 1\n"), Step(5, "sim run my.toml --seed 1"), Step(5, "bash .ci/test"),
    ]  # fmt: skip
    assert arguments("bash .ci/test") is None
    assert arguments("bash .ci/sim run shanxi") == arguments(".venv/bin/sim run shanxi")
    assert alike("took 12.3 s, 用时4秒") == "took # s, 用时#秒"
