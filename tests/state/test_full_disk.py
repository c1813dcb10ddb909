"""A disk that is full at one write or another: a sentence, nothing half-written, and the same command goes on."""

from __future__ import annotations

import errno
import gc
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import lot_files
import numpy as np
import pytest
import small
from kinds import COMPARE, MORRIS, OPTIMISE, SETS, SWEEP, Folders, assert_ended_well, command, no_processes

from calibration.estimation.posterior import Diagnostics

pytestmark = pytest.mark.processes

RUN = ("run", "base", "-n", "2", "-j", "1", "--no-pictures", *SETS)
WRITING = {
    "report": (("report", "FOLDER"), "run"),
    "explore": (("explore", "FOLDER"), "sweep"),
    "audit": (("calibrate", "audit", "shanxi", "--out", "OUT"), ""),
    "lots": (("calibrate", "lots", "LOTS", "--out", "OUT"), ""),
    "run": ((*RUN, "--out", "OUT"), ""),
    "compare": ((*COMPARE, "--out", "OUT"), ""),
    "sweep": ((*SWEEP, "--out", "OUT"), ""),
    "sensitivity": ((*MORRIS, "--out", "OUT"), ""),
    "optimise": ((*OPTIMISE, "--out", "OUT"), ""),
}


@contextmanager
def full_from(number: int) -> Iterator[None]:
    """Writes that reach the disk until ``number`` have; from then on it is full."""
    real, done = os.fsync, []

    def fsync(handle: int) -> None:
        if len(done) >= number:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        done.append(real(handle))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        yield


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """The system itself refuses what is longer (Python ignores the signal that goes with it)."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def words_of(name: str, folders: Folders, place: Path) -> list[str | Path]:
    words, kind = WRITING[name]
    names = {"FOLDER": folders.copy(kind, place / "in") if kind else None, "OUT": place / "out"}
    if "LOTS" in words:
        names["LOTS"] = lot_files.write(place, lot_files.CASES)
    return [names.get(word) or word for word in words]


def half_written(place: Path) -> list[Path]:
    return list(place.rglob("*.sim-*"))


@pytest.mark.parametrize("name", WRITING)
def test_whenever_the_disk_is_full_there_is_a_sentence_and_the_same_command_goes_on(
    name: str, folders: Folders, tmp_path: Path
) -> None:
    words, number = words_of(name, folders, tmp_path), 0
    while True:
        with full_from(number), no_processes():  # until the last of what was under way has ended
            done = command(*words)
        assert_ended_well(done)
        claims = [path for path in half_written(tmp_path) if path.name.startswith(".claim.")]
        assert half_written(tmp_path) == claims
        if done.exit_code == 0:
            break
        assert "No space left on device" in done.output
        number += 1
    assert number > 0, "it writes"


@pytest.mark.parametrize(
    "size", [pytest.param(100, marks=pytest.mark.slow), 3_000, pytest.param(20_000, marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("name", ["report", "audit", "run", "compare", "sweep"])
def test_where_the_system_refuses_a_write_there_is_a_sentence(
    name: str, size: int, folders: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, later = words_of(name, folders, tmp_path), []
    monkeypatch.setattr(sys, "unraisablehook", later.append)
    with no_file_longer_than(size), no_processes():
        done = command(*words)
        assert_ended_well(done)
        assert (done.exit_code == 0) == ("File too large" not in done.output)
        del done
        gc.collect()  # while nothing can be written: pyarrow tries once more to close what is still open
    assert [str(one.exc_value) for one in later] == []
    assert not [path for path in half_written(tmp_path) if not path.name.startswith(".claim.")]


def test_a_calibration_keeps_its_finished_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    targets = tmp_path / "small.toml"
    targets.write_text(small.TARGETS, encoding="utf-8")
    one = Diagnostics(np.ones(3), np.ones(3), np.ones(3))

    def run(targets, effort, number, cache, tick, variants):
        cache.put("evidence", 1, one)
        cache.put("evidence", 2, one)

    monkeypatch.setattr("calibration.pipeline.run", run)
    out = tmp_path / "out"
    with full_from(0):
        done = command("calibrate", "run", targets, "--out", out)
    assert_ended_well(done)
    assert "manifest.json" in done.output
    assert not out.exists(), "not even an empty folder"
    with full_from(2):
        done = command("calibrate", "run", targets, "--out", out)
    assert_ended_well(done)
    assert done.exit_code == 1
    said = " ".join(done.output.split())
    assert "No space left on device" in said
    assert "finished steps are kept" in said
    assert len(list((out / "steps").iterdir())) == 1


@pytest.mark.slow
def test_a_calibration_goes_on_wherever_the_disk_was_full(tmp_path: Path) -> None:
    targets = tmp_path / "small.toml"
    targets.write_text(small.TARGETS, encoding="utf-8")
    small.calibrate(targets, tmp_path / "never", 1)
    tables = sorted(path.name for path in (tmp_path / "never").glob("*.csv"))
    number, stops, done = 1, 0, False
    while not done:
        with full_from(number), suppress(OSError):
            small.calibrate(targets, tmp_path / "out", 1)
            done = True
        stops += not done
        number += 1
    assert stops >= 8
    for name in tables:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "never" / name).read_bytes()
