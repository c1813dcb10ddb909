"""Programs as processes of their own: with the signals that a terminal gives to what runs in front, and nothing left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 300.0  # seconds for anything to happen: how long that takes is the machine's business
FAMILY = "FAMILY_OF_A_TEST"  # in the environment of a program and all that it starts


def in_front() -> None:
    """For ``preexec_fn``: signals as they are at a terminal, though the tests themselves may have been started behind."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def wait_for(condition: Callable[[], object], what: str = "what was waited for") -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(0.02)


@dataclass
class Program:
    """A process, and all that it has started."""

    process: subprocess.Popen[str]
    mark: str

    @property
    def family(self) -> set[int]:
        """Those that live, whoever their parent is by now."""
        return {pid for pid in _processes() if f"{FAMILY}={self.mark}".encode() in _environment(pid)}

    @property
    def workers(self) -> set[int]:
        """Children of the server that starts workers."""
        return {pid for pid in self.family if parent(pid) in self.family - {self.process.pid}}

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self) -> tuple[int, str, str]:
        """Exit code and what was said, once nobody holds its pipes any more and nothing of it is left."""
        out, err = self.process.communicate(timeout=PATIENCE)
        wait_for(lambda: not self.family, "the end of all that it had started")
        return self.process.returncode, out or "", err or ""


@contextmanager
def started(*words: str, **more: Any) -> Iterator[Program]:
    """``python WORDS`` in a session of its own."""
    mark = uuid.uuid4().hex
    env = {**os.environ, "SIM_LANG": "en", "PYTHONPATH": str(ROOT), **more.pop("env", {})}
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, *words], cwd=ROOT, env={**env, "PYTHONIOENCODING": "utf-8", FAMILY: mark}, encoding="utf-8",
        start_new_session=True, stdout=pipe, stderr=pipe, **{"preexec_fn": in_front, **more},
    )  # fmt: skip
    program = Program(process, mark)
    try:
        yield program
    finally:
        for pid in program.family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.communicate()


def parent(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    return 0


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _environment(pid: int) -> bytes:
    """Nothing of the dead, those not yet fetched by their parent among them."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/environ").read_bytes()
    return b""
