"""What killed processes leave unfinished is cleared away by the next one in the same place, and nothing else is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.experiments.storage import leftovers
from sim.experiments.storage.atomic import writing
from sim.experiments.storage.folders import manifest, new_folder, write_manifest
from sim.experiments.storage.leftovers import (
    ELSEWHERE,
    alive,
    clear,
    machine,
    owned,
    partial_folder,
    replaced,
)

pytestmark = pytest.mark.processes


def dead() -> int:
    """The number of a process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def left_by(process: int, place: Path, what: str = "partial", of: str = "") -> Path:
    """A folder that a process has left beside a place."""
    path = place.with_name(f".{place.name}.{of or machine()}-{process}-abcd0123.sim-{what}")
    path.mkdir()
    (path / "lots.parquet").write_text("half")
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_only_what_the_dead_have_left_is_removed(tmp_path: Path) -> None:
    gone = left_by(dead(), tmp_path / "out")
    mine = left_by(os.getpid(), tmp_path / "out")
    stays = [mine.name]
    for name in (
        ".out-settings",
        ".out-abcd0123",
        ".git",
        "out.sim-partial",
        ".out.sim-partial",
        ".a.b.sim-partial",
    ):
        (tmp_path / name).mkdir()
        stays.append(name)
    clear(tmp_path)
    assert not gone.exists()
    assert names(tmp_path) == sorted(stays)


def test_a_file_half_written_is_removed_and_a_name_may_hold_dots_and_chinese(tmp_path: Path) -> None:
    for name in ("front.csv", "报告.2.html", "a\nb"):
        path = tmp_path / f".{name}.{machine()}-{dead()}-abcd0123.sim-partial"
        path.write_text("half")
    clear(tmp_path)
    assert names(tmp_path) == []


def test_what_another_machine_has_left_is_removed_when_it_has_not_been_touched_for_a_day(
    tmp_path: Path,
) -> None:
    fresh = left_by(1, tmp_path / "fresh", of="0123abcd")
    old = left_by(1, tmp_path / "old", of="0123abcd")
    before = time.time() - ELSEWHERE - 60.0
    for path in (old, old / "lots.parquet", fresh):  # a file within is younger than its folder
        os.utime(path, (before, before))
    clear(tmp_path)
    assert names(tmp_path) == [fresh.name]


def test_a_folder_that_was_being_replaced_is_put_back_unless_the_new_one_is_there(tmp_path: Path) -> None:
    left_by(dead(), tmp_path / "lost", "replaced")
    left_by(dead(), tmp_path / "there", "replaced")
    (tmp_path / "there").mkdir()
    clear(tmp_path)
    assert names(tmp_path) == ["lost", "there"]
    assert (tmp_path / "lost" / "lots.parquet").read_text() == "half"
    assert list((tmp_path / "there").iterdir()) == []


KILLED_AT = """
import os, signal, sys
from pathlib import Path
from sim.experiments.storage import folders as module
def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)
target = Path(sys.argv[1])
rename = Path.rename
def until(self, to):
    if to == target:
        killed()
    return rename(self, to)
Path.rename = until
with module.new_folder(target, force=True) as work:
    (work / "new").write_text("new")
"""


def test_a_kill_between_two_names_loses_nothing(tmp_path: Path) -> None:
    """The old folder has been moved aside, the new one has not its name yet."""
    with new_folder(tmp_path / "out") as work:
        (work / "old").write_text("old")
        write_manifest(work, manifest(["sim", "run"], "", kind="verify"))
    ended = subprocess.run([sys.executable, "-c", KILLED_AT, str(tmp_path / "out")], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert not (tmp_path / "out").exists()
    with new_folder(tmp_path / "other"):
        pass
    assert names(tmp_path) == ["other", "out"]
    assert (tmp_path / "out" / "old").read_text() == "old"


def test_the_next_command_in_the_same_place_clears_up_behind_a_killed_run(tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "sim", "run", "base", "--no-pictures", "-j", "1", "-n", "100000", "--out", str(tmp_path / "a"),
    ]  # fmt: skip
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while running.poll() is None and not list(tmp_path.glob(".a.*/lots.parquet")):
        time.sleep(0.02)
    with new_folder(tmp_path / "b"):
        assert len(list(tmp_path.glob(".a.*"))) == 1, "it is still at work"
    running.kill()
    assert running.wait() == -signal.SIGKILL
    with new_folder(tmp_path / "c"):
        assert not list(tmp_path.glob(".a.*"))
    assert names(tmp_path) == ["b", "c"]


def test_whoever_writes_a_file_clears_its_folder(tmp_path: Path) -> None:
    (tmp_path / f".front.csv.{machine()}-{dead()}-abcd0123.sim-partial").write_text("half")
    leftovers.clear_once.cache_clear()
    with writing(tmp_path / "front.csv") as temporary:
        temporary.write_text("whole")
    assert names(tmp_path) == ["front.csv"]


def test_names_say_whose_they_are(tmp_path: Path) -> None:
    prefix, suffix = owned(tmp_path / "out")
    path = partial_folder(tmp_path / "out")
    assert (path.name.startswith(prefix), path.name.endswith(suffix)) == (True, True)
    assert str(os.getpid()) in prefix
    assert leftovers._NAME.fullmatch(path.name)
    assert leftovers._NAME.fullmatch(replaced(path).name)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux says that a process is a zombie")
def test_a_zombie_is_not_alive() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not alive(child.pid)
    child.wait()
    assert not alive(child.pid)
    assert alive(os.getpid())
    assert not alive(10**18)
