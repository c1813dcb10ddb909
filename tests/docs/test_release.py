"""``.ci/release``: what is refused, in which order things are done, and that a failed test leaves no tag."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
CHANGES = "# Changes\n\n## 1.2.3 (2026-11-30)\n\n- All.\n"
CITED = "cff-version: 1.2.0\nversion: 1.2.3\ndate-released: 2026-11-30\n"


def git(folder: Path, *words: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    env = kept | {f"GIT_{who}_{what}": "a@b.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}  # fmt: skip
    done = subprocess.run(["git", *words], cwd=folder, env=env, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A small repository that can be released, whose steps only say that they ran."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "release", tmp_path / ".ci" / "release")
    (tmp_path / ".ci" / "run").write_text("echo run >>ran\n")
    (tmp_path / ".ci" / "slow").write_text("echo slow >>ran\ngit rev-parse HEAD >tests/slow-result.toml\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "slow-result.toml").write_text("not run\n")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "wheel $*" >>ran\n')
    python.chmod(0o755)
    (tmp_path / ".gitignore").write_text(".venv/\nout/\nran\n")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1.2.3"\n')
    (tmp_path / "CITATION.cff").write_text(CITED)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "changelog.md").write_text(CHANGES)
    git(tmp_path, "init", "-q", "-b", "main")
    committed(tmp_path)
    return tmp_path


def committed(folder: Path) -> None:
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "x")


def release(folder: Path, *options: str) -> tuple[int, str]:
    """Exit code and all that is said."""
    env = os.environ | {
        f"GIT_{who}_{what}": "a@b.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    done = subprocess.run(
        ["bash", ".ci/release", *options], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_every_command_of_the_readme_is_run_from_the_wheel() -> None:
    """``.ci/wheel --all`` runs them outside the repository, as ``.ci/slow`` asks: what a command needs and the wheel has not is found there."""
    table = re.findall(
        r"^\| `((?:sim|calibrate) [^`]+)`(?:, `((?:sim|calibrate) [^`]+)`)?",
        (ROOT / "README.md").read_text(encoding="utf-8"),
        re.M,
    )
    named = {
        " ".join(word for word in one.split() if word.islower() and not word.startswith("-"))
        for pair in table
        for one in pair
        if one
    }
    script = (
        (ROOT / ".ci" / "wheel")
        .read_text(encoding="utf-8")
        .replace('python "$root/tests/docs/calibrate_in_small.py" run', "calibrate run")
    )
    assert len(named) >= 23
    assert [name for name in sorted(named) if not re.search(rf"^ *{name} ?", script, re.M)] == []
    assert "bash .ci/wheel --all" in (ROOT / ".ci" / "slow").read_text(encoding="utf-8")


def test_a_dry_run_does_nothing(place: Path) -> None:
    code, said = release(place, "--dry-run")
    assert (code, "1.2.3 can be released" in said) == (0, True)
    assert not (place / "ran").exists()
    assert git(place, "tag") == ""


def test_tests_then_the_wheel_then_the_tag(place: Path) -> None:
    tested = git(place, "rev-parse", "HEAD")
    code, said = release(place)
    assert code == 0, said
    ran = (place / "ran").read_text().splitlines()
    assert ran[:2] == ["run", "slow"]
    assert ran[2].startswith("wheel -m pip wheel")
    assert git(place, "tag") == "v1.2.3\n"
    assert git(place, "show", "v1.2.3:tests/slow-result.toml") == tested
    assert git(place, "diff", "--name-only", tested.strip(), "v1.2.3") == "tests/slow-result.toml\n"
    assert git(place, "rev-parse", "v1.2.3^{commit}") == git(place, "rev-parse", "main")
    assert git(place, "status", "--porcelain") == ""
    assert release(place) == (1, "release: the tag v1.2.3 is there already\n")


def test_a_failed_test_leaves_no_tag(place: Path) -> None:
    (place / ".ci" / "slow").write_text("exit 3\n")
    committed(place)
    assert release(place)[0] == 3
    assert (place / "ran").read_text() == "run\n"
    assert git(place, "tag") == ""


@pytest.mark.parametrize("step", ["run", "slow"])
def test_tests_that_change_files_leave_no_tag(place: Path, step: str) -> None:
    with (place / ".ci" / step).open("a") as file:
        file.write("echo x >>CITATION.cff\n")
    committed(place)
    before = git(place, "rev-parse", "HEAD")
    code, said = release(place)
    assert git(place, "rev-parse", "HEAD") == before
    assert (code, "the tests have changed files" in said) == (1, True)
    assert git(place, "tag") == ""


def test_all_that_is_wrong_is_said_at_once(place: Path) -> None:
    git(place, "checkout", "-q", "-b", "aside")
    (place / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1.2.4"\n')
    code, said = release(place, "--dry-run")
    assert code == 1
    assert said.splitlines() == [
        "release: there are changes that are not committed: git status",
        "release: releases are made from main, not from aside",
        "release: CITATION.cff has version 1.2.3, pyproject.toml 1.2.4",
        "release: docs/changelog.md begins with '## 1.2.3 (2026-11-30)', not with '## 1.2.4 (YYYY-MM-DD)'",
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("docs/changelog.md", "(2026-11-30)", "(not yet released)", "begins with '## 1.2.3 (not yet released)'"),
        ("CITATION.cff", "date-released: 2026-11-30\n", "", "date-released none, the changelog 2026-11-30"),
        ("docs/changelog.md", "## 1.2.3 (2026-11-30)\n", "", "begins with 'no heading'"),
    ],
)  # fmt: skip
def test_a_version_that_is_not_ready_is_refused(
    place: Path, file: str, old: str, new: str, said: str
) -> None:
    path = place / file
    path.write_text(path.read_text().replace(old, new))
    committed(place)
    code, out = release(place, "--dry-run")
    assert code == 1
    assert said in out
    assert len(out.splitlines()) == 1


def test_an_unknown_option_is_refused(place: Path) -> None:
    assert release(place, "--dry")[0] == 2
