"""Work in a process of its own, which may take so much memory and time and no more, and ends with this one.

Used for what others have made (a court's files) and for what computes for minutes. The process writes a line of JSON for each step;
it ends when its standard input is closed, so that it never outlives the program, however that ends.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from queue import Empty, Queue
from typing import Any, Final

from sim.app.jobs import Handle, RefusedError
from sim.app.words import w
from sim.locale.language import spoken

EVERY: Final = 0.2  # seconds between two looks at whether to go on
MEMORY: Final = "SIM_APP_MEMORY"  # bytes; the process limits itself
OUT_OF_MEMORY: Final = (
    "MemoryError",
    "failed to map segment",
    "Cannot allocate memory",
    "Unable to allocate",
)
KEPT: Final = 8_000  # characters kept of what it says when it fails
FROM_OUTSIDE: Final = tuple(
    -getattr(signal, name) for name in ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name)
)  # how a process ends that somebody else ends, or the system where the memory of the whole machine runs out


class FailedError(RefusedError):
    """The work failed; the message says why."""


class StoppedError(FailedError):
    """The work was ended, and not for what it was given: done again, it may well succeed."""


def in_own_process(
    handle: Handle, task: str, given: Mapping[str, Any], *, memory: int, seconds: float
) -> Any:
    """What a task of ``tasks.py`` gives. Raises ``FailedError``, ``StoppedError`` where going on may help, and ``CancelledError`` if
    the job is to end.
    """
    environment = {
        **os.environ,
        "SIM_LANG": handle.job.lang,
        MEMORY: str(memory),
        "PYTHONIOENCODING": "utf-8",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "sim.app.tasks", task],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True, encoding="utf-8",
    )  # fmt: skip
    lines: Queue[str] = Queue()
    said: list[str] = []
    readers = [
        threading.Thread(target=_read, args=(process.stdout, lines.put), daemon=True),
        threading.Thread(target=_read, args=(process.stderr, said.append), daemon=True),
    ]
    try:
        assert process.stdin is not None
        process.stdin.write(f"{json.dumps(given)}\n")
        process.stdin.flush()
        for reader in readers:
            reader.start()
        return _followed(handle, process, lines, said, time.monotonic() + seconds)
    finally:
        process.kill()
        process.wait()


def _read(stream: Any, take: Any) -> None:
    for line in stream:
        take(line)


def _followed(
    handle: Handle, process: subprocess.Popen[str], lines: Queue[str], said: list[str], end: float
) -> Any:
    """The answer among the lines of a process; what it says of how far it is goes to the job."""
    while True:
        handle.check()
        try:
            message = json.loads(lines.get(timeout=EVERY))
        except Empty:
            if process.poll() is not None and lines.empty():
                raise _why(handle.job.kind, process, said) from None
            if time.monotonic() > end:
                raise StoppedError(_kept("failed.time", handle.job.kind)) from None
            continue
        match message:
            case {"tick": [int() as done, int() as total, str() as what]}:
                handle.tick(done, total, what)
            case {"answer": answer}:
                return answer
            case {"wrong": str() as wrong}:
                raise FailedError(wrong)
            case {"disk": str() as why}:
                raise StoppedError(_kept("failed.disk", handle.job.kind, why=why))


def _why(kind: str, process: subprocess.Popen[str], said: list[str]) -> FailedError:
    """What is said of a process that has ended without an answer. One that ends without a word was ended by somebody else: a mistake
    of the program leaves a traceback, and so does the limit of memory.
    """
    text = "".join(said)[-KEPT:].strip()
    if any(sign in text for sign in OUT_OF_MEMORY):
        return FailedError(w(f"failed.memory.{kind}", spoken()))
    if process.returncode in FROM_OUTSIDE or (process.returncode > 0 and not text):
        return StoppedError(_kept("failed.killed", kind))
    last = text.splitlines()[-1:] or [_ended(process.returncode)]
    return FailedError(w("failed.own", spoken(), what=last[0]))


def _ended(code: int) -> str:
    """How a process ended, as its system calls it."""
    try:
        return signal.Signals(-code).name
    except ValueError:
        return str(code)


def _kept(key: str, kind: str, **more: str) -> str:
    """What happened, and what is kept of this kind of job, so that it can go on."""
    return w(key, spoken(), kept=w(f"kept.{kind}", spoken()), **more)
