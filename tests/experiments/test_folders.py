"""An output folder: whole or not at all, never over another, and reproducible from what stands in it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sim.experiments.storage import folders as module
from sim.experiments.storage.folders import (
    FolderError,
    check_target,
    check_writable,
    manifest,
    new_folder,
    ours,
    write_manifest,
)
from sim.scenario import ScenarioError, find


def made(target: Path, force: bool = False, text: str = "one") -> None:
    with new_folder(target, force) as work:
        (work / "inside").mkdir()
        (work / "inside" / "table.csv").write_text(text)
        write_manifest(work, manifest(["sim", "run"], "title = 'x'", kind="verify", seed=7))


def left(parent: Path) -> list[str]:
    return sorted(path.name for path in parent.iterdir())


def test_the_folder_appears_whole_and_nothing_else(tmp_path: Path) -> None:
    with new_folder(tmp_path / "out") as work:
        (work / "table.csv").write_text("x")
        assert not (tmp_path / "out").exists()
    assert left(tmp_path) == ["out"]
    assert left(tmp_path / "out") == ["table.csv"]
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_whatever_goes_wrong_nothing_is_left(tmp_path: Path, error: type[BaseException]) -> None:
    def fail() -> None:
        with new_folder(tmp_path / "a" / "b" / "out") as work:
            (work / "table.csv").write_text("x")
            raise error

    with pytest.raises(error):
        fail()
    assert left(tmp_path) == []


def test_a_failure_takes_back_only_the_folders_it_made(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(RuntimeError), new_folder(tmp_path / "mine" / "out"):
        raise RuntimeError
    assert left(tmp_path) == ["mine"]


def test_an_existing_folder_is_never_replaced_without_force(tmp_path: Path) -> None:
    made(tmp_path / "out")
    with pytest.raises(FolderError, match=r"not empty; give another --out, or --force"):
        made(tmp_path / "out", text="two")
    assert (tmp_path / "out/inside/table.csv").read_text() == "one"
    made(tmp_path / "out", force=True, text="two")
    assert (tmp_path / "out/inside/table.csv").read_text() == "two"
    assert left(tmp_path) == ["out"]


def test_a_failed_replacement_leaves_the_old_folder(tmp_path: Path) -> None:
    made(tmp_path / "out")
    with pytest.raises(RuntimeError), new_folder(tmp_path / "out", force=True):
        raise RuntimeError
    assert left(tmp_path) == ["out"]
    assert (tmp_path / "out/inside/table.csv").read_text() == "one"


@pytest.mark.parametrize(
    "content", [None, "", "[]", "{", '{"name": "my web page"}', '{"program": "another"}']
)
def test_force_replaces_only_what_a_run_left(tmp_path: Path, content: str | None) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    if content is not None:
        (tmp_path / "thesis" / "manifest.json").write_text(content)
    with pytest.raises(FolderError, match=r"no run made it; --force does not replace it"):
        made(tmp_path / "thesis", force=True)
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "years of work"


def test_an_empty_folder_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    made(tmp_path / "out")
    assert ours(tmp_path / "out")


def test_a_file_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(FolderError, match="is a file, not a folder"):
        check_target(tmp_path / "file", force=True)
    with pytest.raises(FolderError, match="is a file, not a folder"):
        check_target(tmp_path / "file" / "out", force=False)


def test_a_folder_that_cannot_be_written_is_said_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(module, "partial_folder", refused)
    with pytest.raises(FolderError, match="cannot be written to: Permission denied"):
        check_target(tmp_path / "out", force=False)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("a" * 300, "File name too long"),
        ("new/" + "a" * 300 + "/out", "File name too long"),
        ("loop/out", "leads nowhere"),
    ],
)
def test_names_that_no_system_takes_are_refused_and_nothing_is_made(
    tmp_path: Path, name: str, why: str
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for check in (lambda path: check_target(path, True), check_writable):
        with pytest.raises(FolderError, match=why):
            check(tmp_path / name)
    assert left(tmp_path) == ["loop"]


def test_a_folder_that_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    def overtaken() -> None:
        with new_folder(tmp_path / "out") as work:
            (work / "late").write_text("late")
            made(tmp_path / "out", text="early")

    with pytest.raises(FolderError, match="not empty"):
        overtaken()
    assert (tmp_path / "out/inside/table.csv").read_text() == "early"
    assert left(tmp_path) == ["out"]


def test_a_link_keeps_pointing_where_it_did(tmp_path: Path) -> None:
    made(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    made(tmp_path / "link", force=True, text="two")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real/inside/table.csv").read_text() == "two"


def test_the_manifest_tells_how_to_make_it_again_and_proves_the_files(tmp_path: Path) -> None:
    made(tmp_path / "out")
    content = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert content["command"] == ["sim", "run"]
    assert content["scenario"] == "title = 'x'"
    assert content["seed"] == 7
    assert content["packages"]["numpy"]
    assert {"version", "commit", "modified", "written", "python", "system", "processors"} <= set(content)
    assert content["files"] == {os.path.join("inside", "table.csv"): hashlib.sha256(b"one").hexdigest()}


def test_the_commit_is_null_where_there_is_no_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*args: object, **kwargs: object) -> None:
        raise FileNotFoundError("git")

    monkeypatch.setattr(module.subprocess, "run", none)
    assert module.commit() == {"commit": None, "modified": None}


def test_code_installed_below_somebodys_repository_is_not_at_its_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*words: str) -> None:
        who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True, capture_output=True)

    home = tmp_path / "site-packages" / "sim"
    home.mkdir(parents=True)
    (home / "__init__.py").write_text("")
    git("init")
    git("commit", "--allow-empty", "-m", "theirs")
    monkeypatch.setattr(module.sim, "__file__", str(home / "__init__.py"))
    assert module.commit() == {"commit": None, "modified": None}
    git("add", ".")
    git("commit", "-m", "ours")
    assert module.commit()["modified"] is False


@contextmanager
def nobody() -> Iterator[None]:
    """Without root's rights, which no permission holds back."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_what_may_not_be_looked_at_or_written_ends_in_a_sentence(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    (locked / "inside").mkdir(parents=True)
    locked.chmod(0)
    try:
        with nobody():
            for name in (locked / "out", locked / "inside" / "out"):
                with pytest.raises(FolderError, match="cannot be written to: Permission denied"):
                    check_target(name, force=True)
                with pytest.raises(ScenarioError, match="cannot be read: Permission denied"):
                    find(name)
    finally:
        locked.chmod(0o755)
