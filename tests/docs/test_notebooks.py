"""Notebooks are run again and show what they showed; both languages hold one code; what the text says is what the cells show."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from documents import ASIDE, NUMBER, squeezed
from notebooks import LANGUAGE, Notebook, code, english, executed, notebooks, prose, read, shown, texts, twin

HEAVIEST = 300_000  # bytes
MACHINE = re.compile(r"/(?:home|root|tmp|Users|work|usr|opt)/|[A-Z]:\\")
CHARACTER = re.compile(
    r"[\u3000-\u9fff\uff00-\uffef]"
)  # Chinese: a number may stand beside one without a blank
WHOLE = re.compile(  # of two digits or more: no years, no parts of names, dates or decimals
    r"(?<![\w.,§#/〔\-–×=+])(?!(?:19|20)\d\d(?!\d))\d{2,}(?![A-Za-z0-9_/〕–]|-\w|[.,]\d|\s?%|号)"
)
VALUE = re.compile(r"\d[\d,]*(?:\.\d+)?")
CLOSE = 0.02
CLOSE_DRAWS = 0.1  # of a calibration: other last bits are other draws
PATHS = notebooks()


def from_nowhere(notebook: Notebook) -> list[str]:
    """Numbers of the text that no cell shows or holds."""
    known = squeezed(shown(notebook) + "\n".join(code(notebook)))
    running = CHARACTER.sub(" ", ASIDE.sub(" ", prose(notebook)))
    return [
        one for one in [*NUMBER.findall(running), *WHOLE.findall(running)]
        if not re.search(rf"(?<![\d.,]){re.escape(squeezed(one))}(?!\d|[.,]\d)", known)
    ]  # fmt: skip


def differences(old: Notebook, new: Notebook, close: float = CLOSE) -> list[str]:
    """Cells that show something else: another kind of output, other words, or numbers farther off than ``CLOSE``."""
    found = []
    for before, after in zip(old["cells"], new["cells"], strict=True):
        if before["cell_type"] == "code":
            was, now = texts(before), texts(after)
            words = [VALUE.sub("#", one) for one in was], [VALUE.sub("#", one) for one in now]
            numbers = [
                [float(x.replace(",", "")) for x in VALUE.findall("\n".join(one))] for one in (was, now)
            ]
            if words[0] != words[1] or numbers[1] != pytest.approx(numbers[0], rel=close, abs=1e-3):
                found.append(f"{before['id']}: {was} -> {now}")
    return found


def test_there_are_twins_of_one_code() -> None:
    assert [path.stem for path in english()] == ["calibrate", "change-a-rule", "compare-with-draws", "run"]
    assert sorted([*english(), *map(twin, english())]) == PATHS
    for path in english():
        ours, theirs = read(path), read(twin(path))
        assert [one.replace(LANGUAGE.format("en"), LANGUAGE.format("zh")) for one in code(ours)] == code(
            theirs
        )
        assert LANGUAGE.format("en") in code(ours)[0]
        assert [cell["id"] for cell in ours["cells"]] == [cell["id"] for cell in theirs["cells"]]
        assert f"[中文]({twin(path).name})" in prose(ours)
        assert f"[English]({path.name})" in prose(theirs)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_a_notebook_is_sound(path: Path) -> None:
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed: pip install .[test]")
    notebook = read(path)
    nbformat.validate(nbformat.reads(path.read_text(encoding="utf-8"), as_version=4))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1)), "run from the top"
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert {output["output_type"] for output in outputs} <= {"execute_result", "stream", "display_data"}
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 1
    assert path.stat().st_size < HEAVIEST
    assert MACHINE.findall("\n".join([shown(notebook), prose(notebook), *code(notebook)])) == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_what_the_text_says_is_what_the_cells_show(path: Path) -> None:
    assert from_nowhere(read(path)) == []


def test_what_is_wrong_is_seen() -> None:
    path = english()[0]
    claimed, changed = read(path), read(path)
    claimed["cells"][0]["source"].append("It sells 98.7 % of 4321 lots.")
    assert from_nowhere(claimed) == ["98.7 %", "4321"]
    cell = next(cell for cell in changed["cells"] if cell.get("outputs") and cell["outputs"][0].get("text"))
    cell["outputs"][0]["text"] = ["Something else"]
    assert len(differences(read(path), changed)) == 1
    assert differences(read(path), read(path)) == []


@pytest.mark.docs
@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_run_again_a_notebook_shows_what_it_showed(path: Path) -> None:
    pytest.importorskip("nbclient", reason="nbclient is not installed: pip install .[test]")
    old = read(path)
    close = CLOSE_DRAWS if path.name.startswith("calibrate") else CLOSE
    assert differences(old, executed(old), close) == [], (
        "python tests/docs/notebooks.py writes in what cells show"
    )
