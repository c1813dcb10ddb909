"""What tests of the application share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import chrome
import pytest
from clients import Client, work_folder

from sim.app import comparing
from sim.app.context import AppContext
from sim.experiments.execution.executors import Here


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """The application on a work folder of its own; runs are done in its thread, so that no process is started."""
    context = AppContext(work_folder(tmp_path / "work"), 1)
    monkeypatch.setattr(context, "workers", Here)
    one = Client(context)
    with one.http:
        one.open()
        yield one


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers without workbook and pictures, which take most of the time of a small one."""
    monkeypatch.setattr(comparing, "compare_workbook", lambda *_: None)
    monkeypatch.setattr(comparing, "draw", lambda *_: None)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chrome.Chrome]:
    yield from chrome.started(tmp_path_factory.mktemp("chrome"))
