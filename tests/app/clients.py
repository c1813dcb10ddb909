"""A browser for tests of the application: a work folder with a village in it, and a client that has the key."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from sim.app.context import OWN, AppContext
from sim.app.routes import application
from sim.app.security import Address

PORT = 8765
HOST = f"127.0.0.1:{PORT}"
VILLAGE = """
extends = "base"
title = "Village"
title_zh = "村庄"
courts.number = 1
[arrivals.periods.year]
cases = 8.0
lots = 20.0
[kinds]
commercial = false
land = false
equipment = false
equity = false
goods = false
"""
QUESTION = "scenario=village&effort=quick&policy=;rounds.second.cut=10%25"


def work_folder(path: Path) -> Path:
    (path / OWN).mkdir(parents=True)
    (path / OWN / "village.toml").write_text(VILLAGE, encoding="utf-8")
    return path


class Client:
    """A browser that has opened the address."""

    def __init__(self, context: AppContext) -> None:
        self.context, self.address = context, Address("127.0.0.1", PORT, "a-token")
        self.http = TestClient(
            application(context, self.address), base_url=f"http://{HOST}", follow_redirects=False
        )

    def get(self, path: str, **more: Any) -> Any:
        return self.http.get(path, **more)

    def post(self, path: str, body: str = "", **headers: str) -> Any:
        return self.http.post(path, content=body, headers={"origin": f"http://{HOST}"} | headers)

    def open(self) -> None:
        assert self.get("/?token=a-token").status_code == 303

    def finished(self, name: str, seconds: float = 120.0) -> dict[str, Any]:
        """A job when it is done, failed or stopped."""
        end, pause = time.monotonic() + seconds, 0.01
        while True:
            job: dict[str, Any] = self.get(f"/api/jobs/{name}").json()
            if job["state"] not in ("queued", "running"):
                return job
            assert time.monotonic() < end, job
            time.sleep(pause)
            pause = min(pause * 1.3, 0.25)  # a question costs more than the wait
