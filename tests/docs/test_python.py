"""Python in documents runs, block after block as a reader would type it, and is the same in both languages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from documents import FENCE, ROOT, documents, translations

pytestmark = pytest.mark.docs


def blocks(path: Path) -> list[str]:
    """The Python of a document."""
    found = FENCE.findall(path.read_text(encoding="utf-8"))
    return [body for language, _, body in found if language == "python"]


WITH = [path for path in documents() if blocks(path)]


@pytest.mark.parametrize("path", WITH, ids=lambda p: str(p.relative_to(ROOT)))
def test_python_in_documents_runs_as_a_script(path: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("\n".join(blocks(path)), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, cwd=tmp_path, timeout=600, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT), "SIM_LANG": "en"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(tmp_path.iterdir()) == [script], "results stay in memory"


def test_python_is_the_same_in_both_languages() -> None:
    assert len(WITH) >= 1
    assert {path for path in translations() if blocks(path)} <= {
        path.with_name(path.name.removesuffix(".md") + ".zh.md") for path in WITH
    }
    for path in WITH:
        assert blocks(path) == blocks(path.with_name(path.name.removesuffix(".md") + ".zh.md"))
