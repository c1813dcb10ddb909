"""A long command at a terminal: progress with remaining time is shown; Ctrl-C ends it and says what is kept and how to go on."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from processes import PATIENCE, in_front
from typer.testing import CliRunner

from sim.cli.main import app

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]
CONTROL_C = b"\x03"
SMALL = ("-j", "1", "--set", "arrivals.volume=0.05")
VARY = ("rounds.second.cut=0:0.2", "start.ratio=0.7:1")
SWEEP = ["sweep", "shanxi", "--vary", "rounds.second.cut=0,0.1,0.2", "-n", "100", "--chunk", "2", *SMALL]
SENSITIVITY = ["sensitivity", "shanxi", "-p", VARY[0], "-p", VARY[1], "--chunk", "2", *SMALL]
TARGETS = """\
title = "Small"
source = "made up for tests"
definitions = { sale_rate = "sale_rate_final", premium = "premium_mean" }
windows = { "2018" = { first = 2018-01-01, last = 2018-06-30, lots = 300, sold = 100, sale_rate = "56.50%", turnover = "1.2亿" } }
"""
OPTIMISE = ["optimise", "shanxi", "--variable", VARY[0], "--variable", VARY[1], "--maximise", "lots_sold", "--chunk", "2", *SMALL]  # fmt: skip


def read_until(terminal: int, pattern: str) -> str:
    """What the terminal shows until the pattern is there."""
    shown, end = "", time.monotonic() + PATIENCE
    while not re.search(pattern, shown):
        ready, _, _ = select.select([terminal], [], [], max(0.0, end - time.monotonic()))
        assert ready, f"{pattern} did not appear in {shown[-500:]!r}"
        try:
            shown += os.read(terminal, 65_536).decode("utf-8", "replace")
        except OSError:  # the other side is gone
            break
    return shown


def own_terminal() -> None:
    in_front()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@contextmanager
def at_terminal(words: list[str], program: str = "sim") -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The program at a terminal of its own."""
    master, slave = pty.openpty()
    env = os.environ | {"TERM": "xterm", "COLUMNS": "100", "PYTHONPATH": str(ROOT), "SIM_LANG": "en"}
    process = subprocess.Popen(
        [sys.executable, "-m", program, *words],
        stdin=slave, stdout=slave, stderr=slave, cwd=ROOT, env=env, start_new_session=True,
        preexec_fn=own_terminal,
    )  # fmt: skip
    os.close(slave)
    try:
        yield process, master
    finally:
        process.kill()
        os.close(master)


@pytest.mark.parametrize(
    "command",
    [
        ["run", "shanxi", "-n", "400", *SMALL],
        ["verify", "-j", "1", "--full", "--family", "a"],
    ],
    ids=lambda words: words[0],
)
def test_progress_is_shown_and_ctrl_c_leaves_nothing_behind(command: list[str], tmp_path: Path) -> None:
    with at_terminal([*command, "--out", str(tmp_path / "out")]) as (process, terminal):
        read_until(terminal, r"\b[1-9]\d*/\d+\b.*\d:\d\d:\d\d")  # done / all, remaining time
        os.write(terminal, CONTROL_C)
        read_until(terminal, "stopped: Ctrl-C. Nothing was written; the same command starts again")
        assert process.wait(PATIENCE) == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "again"),
    [(SWEEP, "sim sweep resume {out}"), (SENSITIVITY, "the same command"), (OPTIMISE, "the same command")],
    ids=lambda words: words[0] if isinstance(words, list) else "",
)
def test_what_is_finished_is_kept_and_the_way_on_is_reported(
    command: list[str], again: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with at_terminal([*command, "--out", str(out)]) as (process, terminal):
        read_until(terminal, r"\b[1-9]\d*/\d+\b.*\d:\d\d:\d\d")  # done / all, remaining time
        os.write(terminal, CONTROL_C)
        said = read_until(terminal, "continue with") + read_until(terminal, "\n")
        found = re.search(r"stopped: Ctrl-C\. (\d+) of [\d,]+ runs are finished and kept; continue with: ([^\r\n]*)", said)  # fmt: skip
        assert found, said
        assert found[2] == again.format(out=out)
        assert process.wait(PATIENCE) == 130
    kept = sum(2 for _ in out.rglob("chunks/*.parquet"))
    assert 0 < int(found[1]) == kept


def test_a_comparison_keeps_what_is_finished_too(tmp_path: Path) -> None:
    command = ["compare", "shanxi", "cut-00", "-n", "400", *SMALL, "--out", str(tmp_path / "out")]
    with at_terminal(command) as (process, terminal):
        read_until(terminal, r"\b[1-9]\d*/\d+\b.*\d:\d\d:\d\d")  # done / all, remaining time
        os.write(terminal, CONTROL_C)
        said = read_until(terminal, "continue with: the same command")
        assert process.wait(PATIENCE) == 130
    found = re.search(r"([\d,]+) runs are finished and kept", said)
    assert found, said
    assert [path.name for path in tmp_path.iterdir()] == ["out.unfinished"]
    assert int(found[1]) == len(list((tmp_path / "out.unfinished").glob("*.npz"))) > 0


def test_a_calibration_keeps_its_finished_steps_and_goes_on_from_them(tmp_path: Path) -> None:
    targets, out = tmp_path / "small.toml", tmp_path / "out"
    targets.write_text(TARGETS, encoding="utf-8")
    command = ["run", str(targets), "-j", "1", "--out", str(out)]
    with at_terminal(command, "calibration.cli.main") as (process, terminal):
        while not list(out.glob("steps/*.npz")):
            read_until(terminal, r".")
        os.write(terminal, CONTROL_C)
        said = read_until(terminal, "goes on from there")
        assert f"stopped: Ctrl-C; finished steps are kept in {out}: the same command" in " ".join(
            said.split()
        )
        assert process.wait(PATIENCE) == 130
    kept = {path.name: path.stat().st_mtime_ns for path in out.glob("steps/*.npz")}
    assert kept
    assert not (out / "report.html").exists()
    assert not list(tmp_path.rglob("*.tmp"))
    with at_terminal(command, "calibration.cli.main") as (_, terminal):
        while len(list(out.glob("steps/*.npz"))) == len(kept):
            read_until(terminal, r".")
    assert {name: (out / "steps" / name).stat().st_mtime_ns for name in kept} == kept


@pytest.mark.parametrize("command", ["explore", "report"])
def test_a_page_that_was_stopped_leaves_what_was_there(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages take seconds, too short to be hit from outside: the interrupt comes while the page is being made."""
    out = tmp_path / "page.html"
    words = ["sweep", "base", "--vary", "start.ratio=0.8,1.0", "-n", "1", "-j", "1", "--no-pictures"]
    few = ["--set", "arrivals.periods.year.cases=5.0", "--set", "arrivals.periods.year.lots=9.0"]
    assert CliRunner().invoke(app, [*words, *few, "--out", str(tmp_path / "s")]).exit_code == 0
    words = [command, str(tmp_path / "s"), "--out", str(out)]
    assert CliRunner().invoke(app, words).exit_code == 0
    before, there = out.read_bytes(), sorted(tmp_path.rglob("*"))

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    for place in ("sim.reporting.pages.shell.render", "os.replace"):
        with monkeypatch.context() as patched:
            patched.setattr(place, interrupt)
            found = CliRunner().invoke(app, words)
        assert found.exit_code == 130
        assert "Nothing was written; the same command starts again" in found.output
        assert out.read_bytes() == before
        assert sorted(tmp_path.rglob("*")) == there
