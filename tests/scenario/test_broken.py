"""A folder of broken scenario files, one defect each; their first comment lines are the messages they must give."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.locale.language import speaking
from sim.scenario import ScenarioError, load

FOLDER = Path(__file__).resolve().parents[1] / "broken"
FILES = sorted(FOLDER.glob("*.toml"))


def expected(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    wanted = []
    for line in lines:
        if not line.startswith("# "):
            break
        wanted.append(line.removeprefix("# "))
    return wanted


@pytest.mark.parametrize("path", FILES, ids=[p.stem for p in FILES])
def test_each_broken_file_gives_its_message_and_no_other(path):
    with pytest.raises(ScenarioError) as caught:
        load(path)
    wanted = expected(path)
    lines = str(caught.value).splitlines()
    assert wanted, "a broken file begins with the message it must give"
    for message in wanted:
        assert any(line.startswith(f"{path}: {message}") for line in lines), (
            f"{message!r} not in\n" + "\n".join(lines)
        )
    assert len(lines) == len(wanted), "a defect must not be reported as two:\n" + "\n".join(lines)


ENGLISH = re.compile("[A-Za-z]+ [A-Za-z]+ [A-Za-z]+|[\u4e00-\u9fff][,;:?]")
OF_OTHERS = {"not-toml", "key-twice", "impossible-date"}  # what the reader of TOML says


@pytest.mark.parametrize("path", [p for p in FILES if p.stem not in OF_OTHERS], ids=lambda p: p.stem)
def test_in_chinese_each_message_is_chinese(path):
    with pytest.raises(ScenarioError) as caught, speaking("zh"):
        load(path)
    with speaking("zh"):
        lines = [line.removeprefix(f"{path}：") for line in str(caught.value).splitlines()]
    assert len(lines) == len(expected(path))
    for line in lines:
        assert re.search("[\u4e00-\u9fff]", line), line
        assert not ENGLISH.search(line), line


def test_the_folder_is_not_empty():
    assert len(FILES) > 40
