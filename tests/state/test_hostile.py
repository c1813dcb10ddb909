"""Folders that somebody else has laid out: whatever they hold, opening them runs nothing of it, and ends in a sentence."""

from __future__ import annotations

import io
import json
import pickle
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import small
import typer
from kinds import COMPARE, MORRIS, OPTIMISE, SETS, SWEEP, Folders, assert_ended_well, command, no_processes
from signing import sign
from test_codec import Mine, hostile

import calibration.cli.main
import sim.cli.main
from calibration import pipeline
from calibration.targets.reader.load import load_targets
from sim.experiments.storage.checksum import json_without_checksum, with_checksum

pytestmark = pytest.mark.processes

# What each command opens of what it is given. A new command has to say so here.
OPEN_NOTHING = {
    "show", "schema", "trace", "list", "measures", "law", "calibrate new", "calibrate simulate-lots",
    "new policy", "new scenario",
    "app",  # it serves until it is stopped; its own tests look at what it opens
}  # fmt: skip
OPENING = {
    "run": lambda folder: ("run", "base", "-n", "2", "-j", "1", "--no-pictures", *SETS, "--out", folder),
    "run --force": lambda folder: ("run", "base", "-n", "2", "-j", "1", "--no-pictures", *SETS, "--force", "--out", folder),
    "run --date": lambda folder: ("run", "base", "-n", "2", "-j", "1", "--no-pictures", "--date", "2019-04-01", *SETS, "--out", folder),
    "verify": lambda folder: ("verify", "--out", folder),
    "compare": lambda folder: (*COMPARE, "--out", folder),
    "compare --force": lambda folder: (*COMPARE, "--force", "--out", folder),
    "compare --date": lambda folder: (*COMPARE, "--date", "2019-04-01", "--out", folder),
    "compare, stopped": lambda folder: (*COMPARE, "--out", folder.with_name("stopped")),
    "report": lambda folder: ("report", folder),
    "check of a folder": lambda folder: ("check", folder),
    "check of a folder --date": lambda folder: ("check", folder, "--date", "2019-04-01"),
    "brief": lambda folder: ("brief", folder),
    "explore": lambda folder: ("explore", folder),
    "sensitivity": lambda folder: (*MORRIS, "--out", folder),
    "sensitivity of a folder": lambda folder: ("sensitivity", folder, "--no-pictures"),
    "optimise": lambda folder: (*OPTIMISE, "--out", folder),
    "optimise, begun": lambda folder: (*OPTIMISE, "--out", folder.with_name("begun")),
    "sweep new": lambda folder: (*SWEEP, "--out", folder),
    "sweep new --force": lambda folder: (*SWEEP, "--force", "--out", folder),
    "sweep status": lambda folder: ("sweep", "status", folder),
    "sweep resume": lambda folder: ("sweep", "resume", folder, "--no-pictures"),
    "sweep resume --force": lambda folder: ("sweep", "resume", folder, "--force", "--no-pictures"),
    "sweep retry-failed": lambda folder: ("sweep", "retry-failed", folder, "--force", "--no-pictures"),
    "sweep expand": lambda folder: ("sweep", "expand", folder, "--replications", "+1", "--force", "--no-pictures"),
    "sweep compact": lambda folder: ("sweep", "compact", folder, "--no-pictures"),
    "calibrate audit": lambda folder: ("calibrate", "audit", "shanxi", "--out", folder),
    "calibrate audit --force": lambda folder: ("calibrate", "audit", "shanxi", "--force", "--out", folder),
    "calibrate lots": lambda folder: ("calibrate", "lots", folder / "manifest.json", "--out", folder),
    "calibrate run": lambda folder: ("calibrate", "run", "shanxi", "--out", folder),
}  # fmt: skip


def commands() -> Iterator[str]:
    for app in (sim.cli.main.app, calibration.cli.main.app):
        group: Any = typer.main.get_command(app)
        for name, one in group.commands.items():
            front = "calibrate " if app is calibration.cli.main.app else ""
            yield from (f"{name} {verb}" for verb in getattr(one, "commands", None) or [])
            if not hasattr(one, "commands"):
                yield front + name


def test_every_command_is_tried_or_opens_nothing() -> None:
    tried = {name.split(",")[0].split(" --")[0].removesuffix(" of a folder") for name in OPENING}
    assert set(commands()) == tried | OPEN_NOTHING


# --- the bait -----------------------------------------------------------------------------------------------


def parquet(canary: Path) -> bytes:
    """A table whose type, to a pyarrow before 14.0.1, is a pickle (CVE-2023-47248)."""
    extension = {
        "ARROW:extension:name": "arrow.py_extension_type",
        "ARROW:extension:metadata": pickle.dumps(Mine(str(canary))),
    }
    names = ("start.ratio", "point", "replication", "error", "values", "lot", "measure")
    fields = [pa.field(name, pa.int64(), metadata=extension) for name in names]
    table = pa.Table.from_arrays([pa.array([0, 1])] * len(names), schema=pa.schema(fields))
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def pickled(canary: Path) -> bytes:
    """An npz file of an array that is a pickle."""
    return hostile(str(canary))[0]


def works(canary: Path) -> list[dict[str, Any]]:
    """Work that would leave the canary, as an earlier version called it, and otherwise."""
    return [
        {"work": "subprocess:getoutput", "arguments": {"cmd": f"touch {canary}"}},
        {"work": "pathlib:Path", "arguments": {}},
        {"work": "os:system", "arguments": {"command": f"touch {canary}"}},
        {"work": "sim.experiments.sweep.observation:Observation", "arguments": {"scenario": "", "keys": {}}},
        {"work": "observation", "arguments": {"scenario": "", "keys": {}, "measures": [], "cmd": f"touch {canary}"}},
    ]  # fmt: skip


def spoilt(folder: Path, canary: Path) -> None:
    """Put a table with a pickle in it in the place of every table, all checksums set right."""
    data = parquet(canary)
    for path in folder.rglob("*.parquet"):
        if path.parent.name == "chunks":
            name, failed, _, end = path.name.split(".")
            path.unlink()
            path = path.with_name(f"{name}.{failed}.{zlib.crc32(data):08x}.{end}")
        path.write_bytes(data)
    sign(folder)


def lay(folders: Folders, into: Path, canary: Path) -> Iterator[Path]:
    """Hostile folders, one after another in the same place."""
    for work in works(canary):
        folder = folders.copy("half", into)
        sign(folder, work=work)
        yield folder
    path = folder / "manifest.json"
    path.write_text(json.dumps(json_without_checksum(path.read_bytes())), encoding="utf-8")
    yield folder
    for name in ("half", "sweep", "run", "compare", "sensitivity"):
        folder = folders.copy(name, into)
        spoilt(folder, canary)
        yield folder
    folder = into / "any"
    shutil.rmtree(folder, ignore_errors=True)
    for text in (
        "",
        "{}",
        "[]",
        "null",
        '{"program": "judicial-auction-sim"}',
        "[" * 100_000,
        "\ufeff{}",
        "\x00",
    ):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "manifest.json").write_text(text, encoding="utf-8")
        (folder / "steps").mkdir(exist_ok=True)
        (folder / "steps" / "listings-0123456789abcdef.pickle").write_bytes(pickle.dumps(Mine(str(canary))))
        (folder / "chunks").mkdir(exist_ok=True)
        yield folder


@pytest.fixture(scope="module")
def beside(folders: Folders, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What commands open that lies beside the folder they are given."""
    place = tmp_path_factory.mktemp("beside")
    canary = place / "canary"
    runs = folders.copy("comparison.unfinished", place / "a")
    for path in runs.glob("*.npz"):
        path.write_bytes(pickled(canary))
    shutil.move(runs, place / "stopped.unfinished")
    begun = folders.copy("optimise", place / "b")
    for step in ("search-0", "final"):
        spoilt(begun / step, canary)
    shutil.move(begun, place / "begun")
    return place


# One command of each kind of folder in .ci/run; the others, which open these in the same way, in .ci/slow.
IN_RUN = {
    "run --force",
    "compare, stopped",
    "report",
    "optimise, begun",
    "sweep resume",
    "calibrate audit --force",
}


@pytest.mark.parametrize(
    "name", [name if name in IN_RUN else pytest.param(name, marks=pytest.mark.slow) for name in OPENING]
)
def test_a_hostile_folder_runs_nothing(name: str, folders: Folders, beside: Path, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    for path in ("stopped.unfinished", "begun"):
        shutil.copytree(beside / path, tmp_path / "x" / path)
    with no_processes(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "calibration.pipeline.run", lambda *_: pytest.fail("it is not refused, and would take minutes")
        )
        for number, folder in enumerate(lay(folders, tmp_path / "x", canary)):
            if number and "," in name:
                break  # the folder given does not matter: what lies beside it does
            words = OPENING[name](folder)
            if name in ("verify", "calibrate run") and not (folder / "manifest.json").exists():
                continue
            assert_ended_well(command(*words))
            assert not canary.exists(), f"{name}: folder {number}"
    assert not (beside / "canary").exists()


def test_no_step_of_a_calibration_is_unpickled(tmp_path: Path) -> None:
    """The first step reads what lies under its own name, however it got there."""
    path = tmp_path / "small.toml"
    path.write_text(small.TARGETS, encoding="utf-8")
    targets, canary, aside = load_targets(path), tmp_path / "canary", []
    cache = pipeline.cache_of(tmp_path / "out", targets, aside.append)
    key = ((), small.SETTINGS.listings)
    file = cache.path("listings", key)
    file.parent.mkdir(parents=True)
    file.with_suffix(".pickle").write_bytes(pickle.dumps(Mine(str(canary))))
    for data in (pickled(canary), with_checksum(pickled(canary), cache.key("listings", key))):
        file.write_bytes(data)
        found = pipeline.inflows(targets, small.SETTINGS, 1, cache, lambda *_: None)
        assert [one.arrivals.unmet for one in found] == [()]
    assert len(aside) == 2
    assert not canary.exists()


def test_the_bait_is_one(tmp_path: Path) -> None:
    """What is laid out does run where it is unpickled."""
    canary = tmp_path / "canary"
    with np.load(io.BytesIO(pickled(canary)), allow_pickle=True) as arrays:
        arrays["0"][0].close()
    assert canary.exists()
