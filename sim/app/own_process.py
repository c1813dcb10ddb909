"""Work in a process of its own, which may take so much memory and time and no more, and ends with this one.

Used for what others have made (a court's files) and for what computes for minutes. The process writes a line of JSON for each step;
it ends when its standard input is closed, so that it never outlives the program, however that ends.
"""

from __future__ import annotations

import json
import os
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


class FailedError(RefusedError):
    """The work failed; the message says why."""


def in_own_process(
    handle: Handle, task: str, given: Mapping[str, Any], *, memory: int, seconds: float
) -> Any:
    """What a task of ``tasks.py`` gives. Raises ``FailedError``, and ``CancelledError`` if the job is to end."""
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
                raise FailedError(_why(process, said)) from None
            if time.monotonic() > end:
                raise FailedError(w("failed.time", spoken())) from None
            continue
        match message:
            case {"tick": [int() as done, int() as total, str() as what]}:
                handle.tick(done, total, what)
            case {"answer": answer}:
                return answer
            case {"wrong": str() as wrong}:
                raise FailedError(wrong)


def _why(process: subprocess.Popen[str], said: list[str]) -> str:
    """What is said of a process that has ended without an answer."""
    text = "".join(said)[-KEPT:]
    if any(sign in text for sign in OUT_OF_MEMORY) or process.returncode == -9:
        return w("failed.memory", spoken())
    last = text.strip().splitlines()[-1:] or [str(process.returncode)]
    return w("failed.own", spoken(), what=last[0])
