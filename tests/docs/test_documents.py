"""Every command in README and docs/ runs, and what it prints is what the document shows; Chinese documents say the same."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
from documents import (
    ROOT,
    Desk,
    Step,
    alike,
    arguments,
    commands,
    documents,
    english_of,
    known,
    moved,
    notes,
    refreshed,
    small_arguments,
    steps,
    translations,
    unknown_commands,
    unlike,
    untold,
)

GOLDEN = {
    "README.md",
    "docs/guides/policy.md",
    "docs/guides/another-place.md",
}  # word for word; of the others numbers
TO_MEND = "python tests/docs/refresh.py writes in what the program says"


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.docs
@pytest.mark.parametrize("path", documents(), ids=name_of)
def test_what_the_document_says_is_what_happens(path: Path, tmp_path: Path) -> None:
    desk = Desk(tmp_path.resolve())
    text = path.read_text(encoding="utf-8")
    desk.follow(text, notes(path).get("less", ()))
    now = refreshed(text, desk)
    if name_of(path) in GOLDEN:
        changed = difflib.unified_diff(alike(text).splitlines(), alike(now).splitlines(), lineterm="", n=0)
        assert list(changed) == [], TO_MEND
    assert moved(text, now) == [], TO_MEND
    assert [
        made for made in notes(path).get("pictures", {}).values() if not (desk.folder / made).is_file()
    ] == []
    if "executed_by" not in notes(path):
        assert untold(text, known(path, text, desk)) == [], "see documents.toml"


@pytest.mark.parametrize("path", [*documents(), *translations()], ids=name_of)
def test_what_is_spoken_of_as_a_command_exists_in(path: Path) -> None:
    executed = notes(path).get("executed_by", ())
    assert unknown_commands(path.read_text(encoding="utf-8")) == [] or executed
    assert [test for test in executed if not (ROOT / test).is_file()] == []


@pytest.mark.parametrize("path", translations(), ids=name_of)
def test_a_translation_has_the_same_commands_and_numbers(path: Path) -> None:
    text, english = path.read_text(encoding="utf-8"), english_of(path).read_text(encoding="utf-8")
    assert commands(text) == commands(english)
    own = "\n".join((english, *notes(english_of(path)).get("given", {}), *notes(path).get("given", {})))
    assert untold(text, own) == []
    assert unlike(text, english) == []


@pytest.mark.parametrize("path", translations(), ids=name_of)
def test_what_a_chinese_document_has_typed_answers_in_chinese(path: Path) -> None:
    """Commands of both languages are compared without ``--lang``, so that one left in English would not be seen."""
    text = path.read_text(encoding="utf-8")
    assert [step.command for step in steps(text) if "--lang en" in step.command] == []


def test_every_document_of_the_notes_is_there() -> None:
    from documents import _notes

    assert [name for name in _notes() if not (ROOT / name).is_file()] == []


def test_the_mechanism_sees_what_is_wrong(tmp_path: Path) -> None:
    desk = Desk(tmp_path.resolve())
    (tmp_path / "t.csv").write_text("window,mean\r\n2017,0.3744\r\n2018,1243\r\n")
    assert desk.cell("t.csv window=2017 mean .1%") == "37.4%"
    assert desk.cell("t.csv window=2017 mean x100:.1f") == "37.4"
    with pytest.raises(AssertionError, match="0 rows"):
        desk.cell("t.csv window=2016 mean .1f")
    assert untold("about 37.4 % of 1,243, by law 20 %; `0.5` and 2017", "37.4% 20%") == ["1,243"]
    with pytest.raises(AssertionError, match="there is no such scenario"):
        desk.run("sim check no-such-scenario --lang en")
    with pytest.raises(ValueError, match="is not run by the tests"):
        arguments("rm -rf /")


def test_an_output_that_moved_is_seen_and_a_last_digit_is_not() -> None:
    def shown(words: str) -> str:
        return f"<!-- begin: sim x -->\n```text\n{words}\n```\n<!-- end -->"

    assert moved(shown("sold 1,543 [0.17] in 43 s"), shown("Sold: 1,544 [0.18] in 9 s")) == []
    assert moved(shown("sold 1,543"), shown("sold 1,643")) == ["sim x"]
    assert moved(shown("sold 1,543"), shown("sold 1,543 of 9")) == ["sim x"]
    assert unlike(shown("成交1,543件，32.5亿元，约2.0亿"), shown("1,543 lots, 3.25 bn, 201 m")) == []
    assert unlike(shown("成交1,643件"), shown("1,543 lots")) == ["1,643"]


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
    (step,) = steps(block)
    words = small_arguments(step, "-n 1", tmp_path, "tcp://127.0.0.1:1")
    assert words[1:] == ["-m", "sim", "sweep", "base", "--dask", "tcp://127.0.0.1:1", "--out", f"{tmp_path}/shared-1/x", "-n", "1"]  # fmt: skip
    with pytest.raises(AssertionError, match="options for 0"):
        Desk(tmp_path / "x").follow(block) if (tmp_path / "x").mkdir() is None else None


def test_steps_are_files_and_commands_in_order() -> None:
    text = 'a\n```toml title="my.toml"\nx = 1\n```\n```bash\n# remark\nsim run my.toml \\\n  --seed 1 --lang en\n\nbash .ci/test\n```\n'
    assert list(steps(text)) == [
        Step(2, file="my.toml", content="x = 1\n"), Step(5, "sim run my.toml --seed 1 --lang en"), Step(5, "bash .ci/test"),
    ]  # fmt: skip
    assert commands(text) == ["sim run my.toml --seed 1", "bash .ci/test"]
    assert arguments("bash .ci/test") is None
    assert arguments("bash .ci/sim run shanxi") == arguments(".venv/bin/sim run shanxi")
    assert alike("took 12.3 s, 用时4秒") == "took # s, 用时#秒"
