"""A long command at a terminal: progress with remaining time is shown; Ctrl-C ends it with a sentence and leaves nothing."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CONTROL_C = b"\x03"


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


@pytest.mark.parametrize(
    "command", [["run", "shanxi"], ["compare", "shanxi", "cut-00"]], ids=lambda words: words[0]
)
def test_progress_is_shown_and_ctrl_c_leaves_nothing_behind(command: list[str], tmp_path: Path) -> None:
    master, slave = pty.openpty()
    words = [sys.executable, "-m", "sim", *command, "-n", "400", "-j", "1", "--set", "docket.volume=0.05"]
    env = os.environ | {"TERM": "xterm", "COLUMNS": "100", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [*words, "--out", str(tmp_path / "out")],
        stdin=slave, stdout=slave, stderr=slave, cwd=ROOT, env=env, start_new_session=True,
        preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(slave)
    try:
        read_until(master, r"\b[1-9]\d*/400\b.*\d:\d\d:\d\d", 60.0)  # done / all, remaining time
        os.write(master, CONTROL_C)
        said = read_until(master, "nothing was written", 30.0)
        assert "已停止" in said
        assert process.wait(30) == 130
    finally:
        process.kill()
        os.close(master)
    assert list(tmp_path.iterdir()) == []
