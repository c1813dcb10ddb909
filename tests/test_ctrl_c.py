"""A long command at a terminal: progress with remaining time is shown; Ctrl-C ends it and says what is kept and how to go on."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CONTROL_C = b"\x03"
SMALL = ("-j", "1", "--set", "docket.volume=0.05")
VARY = ("rounds.second.cut=0:0.2", "start.ratio=0.7:1")
SWEEP = ["sweep", "shanxi", "--vary", "rounds.second.cut=0,0.1,0.2", "-n", "100", "--chunk", "2", *SMALL]
SENSITIVITY = ["sensitivity", "shanxi", "-p", VARY[0], "-p", VARY[1], "--chunk", "2", *SMALL]
OPTIMISE = ["optimise", "shanxi", "--lever", VARY[0], "--lever", VARY[1], "--maximise", "lots_sold", "--chunk", "2", *SMALL]  # fmt: skip


def read_until(terminal: int, pattern: str, seconds: float) -> str:
    """What the terminal shows until the pattern is there."""
    shown, end = "", time.monotonic() + seconds
    while not re.search(pattern, shown):
        ready, _, _ = select.select([terminal], [], [], max(0.0, end - time.monotonic()))
        assert ready, f"{pattern} did not appear in {shown[-500:]!r}"
        try:
            shown += os.read(terminal, 65_536).decode("utf-8", "replace")
        except OSError:  # the other side is gone
            break
    return shown


@contextmanager
def at_terminal(words: list[str]) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The program at a terminal of its own."""
    master, slave = pty.openpty()
    env = os.environ | {"TERM": "xterm", "COLUMNS": "100", "PYTHONPATH": str(ROOT), "SIM_LANG": "en"}
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", *words],
        stdin=slave, stdout=slave, stderr=slave, cwd=ROOT, env=env, start_new_session=True,
        preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),
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
        read_until(terminal, r"\b[1-9]\d*/\d+\b.*\d:\d\d:\d\d", 60.0)  # done / all, remaining time
        os.write(terminal, CONTROL_C)
        read_until(terminal, "stopped, nothing was written; the same command starts again", 30.0)
        assert process.wait(30) == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "again"),
    [(SWEEP, "sim sweep resume {out}"), (SENSITIVITY, "the same command"), (OPTIMISE, "the same command")],
    ids=lambda words: words[0] if isinstance(words, list) else "",
)
def test_what_is_finished_is_kept_and_the_way_on_is_told(
    command: list[str], again: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with at_terminal([*command, "--out", str(out)]) as (process, terminal):
        read_until(terminal, r"\b[1-9]\d*/\d+\b.*about \d+:\d\d left", 60.0)
        os.write(terminal, CONTROL_C)
        said = read_until(terminal, "go on with", 30.0) + read_until(terminal, "\n", 30.0)
        told = re.search(r"stopped: Ctrl-C\. (\d+) of [\d,]+ runs are finished and kept; go on with: ([^\r\n]*)", said)  # fmt: skip
        assert told, said
        assert told[2] == again.format(out=out)
        assert process.wait(30) == 130
    kept = sum(2 for _ in out.rglob("chunks/*.parquet"))
    assert 0 < int(told[1]) == kept


def test_a_comparison_keeps_what_is_finished_too(tmp_path: Path) -> None:
    command = ["compare", "shanxi", "cut-00", "-n", "400", *SMALL, "--out", str(tmp_path / "out")]
    with at_terminal(command) as (process, terminal):
        read_until(terminal, r"\b[1-9]\d*/\d+\b.*\d:\d\d:\d\d", 60.0)  # done / all, remaining time
        os.write(terminal, CONTROL_C)
        said = read_until(terminal, "go on with: the same command", 30.0)
        assert process.wait(30) == 130
    told = re.search(r"([\d,]+) runs are finished and kept", said)
    assert told, said
    assert [path.name for path in tmp_path.iterdir()] == ["out.unfinished"]
    assert int(told[1]) == len(list((tmp_path / "out.unfinished").glob("*.npz"))) > 0
