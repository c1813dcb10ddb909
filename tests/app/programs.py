"""``sim app`` as people start it, for tests that need its processes or a browser."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx


def app_words(*words: str) -> list[str]:
    """The words of a command line."""
    return [sys.executable, "-m", "sim", "app", "--no-open", "--lang", "en", *words]


@contextmanager
def started(work: Path) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    """``sim app`` and a browser that has opened what it printed."""
    words = app_words("--port", "0", "--jobs", "1", "--out", str(work))
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=_hears_ctrl_c
    ) as process:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", process.stdout.readline())
        assert found
        address = found[0]
        process.address = address  # type: ignore[attr-defined]
        try:
            with httpx.Client(
                base_url=address.partition("/?")[0], follow_redirects=True, timeout=30.0
            ) as client:
                client.headers["origin"] = str(client.base_url).rstrip("/")
                eventually(lambda: _opened(client, address))
                yield process, client
        finally:
            process.kill()


def _hears_ctrl_c() -> None:
    """Tests may run in the background of a shell, which ignores SIGINT; what is ignored when the program begins stays so."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _opened(client: httpx.Client, address: str) -> bool:
    try:
        return client.get(address).status_code == 200
    except httpx.ConnectError:
        return False


def eventually(true: Any, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)
