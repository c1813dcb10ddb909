"""A folder of broken scenario files, one defect each; their first comment lines are the messages they must give."""

from __future__ import annotations

from pathlib import Path

import pytest

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


def test_the_folder_is_not_empty():
    assert len(FILES) > 40
