"""The program as people start it, with its processes: ended and started again, a worker killed, a file that is too much."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from clients import QUESTION, Client, work_folder
from conftest import ROOT
from programs import app_words, eventually, started

from sim.app import own_process as module
from sim.app.context import AppContext
from sim.app.jobs import CancelledError, Handle, Job
from sim.app.own_process import FailedError, StoppedError, in_own_process

pytestmark = pytest.mark.processes
SLOW = QUESTION.replace("effort=quick", "effort=precise")


def _running(word: str) -> list[int]:
    """Processes below this one that were started with a word, by number."""
    found = subprocess.run(["ps", "-eo", "pid=,args="], capture_output=True, text=True, check=True).stdout
    mine = _children(os.getpid())
    return [
        int(line.split()[0]) for line in found.splitlines() if word in line and int(line.split()[0]) in mine
    ]


def _children(parent: int) -> list[int]:
    """Processes below a process, by number."""
    found = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    below = [tuple(map(int, line.split())) for line in found.splitlines()]
    mine = [pid for pid, above in below if above == parent]
    return mine + [pid for one in mine for pid in _children(one)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_whatever_ends_the_program_the_next_start_goes_on(tmp_path: Path, number: int) -> None:
    work = work_folder(tmp_path / "work")
    with started(work) as (process, client):
        name = client.post("/api/run?lang=en", content=SLOW).json()["id"]
        eventually(lambda: client.get(f"/api/jobs/{name}").json()["done"] >= 8)
        below = _children(process.pid)
        process.send_signal(number)
        assert process.wait(20) == (-9 if number == signal.SIGKILL else 128 + number)
        if number != signal.SIGKILL:
            assert process.stderr is not None
            said = process.stderr.read()
            assert "goes on the next time" in said
            assert len(said.splitlines()) == 1, said
    eventually(
        lambda: (
            not any(
                Path(f"/proc/{pid}").exists() and "sim" in Path(f"/proc/{pid}/cmdline").read_text()
                for pid in below
            )
        )
    )
    kept = len(list(work.rglob("*.npz")))
    assert kept >= 8
    with started(work) as (_, client):
        assert client.get(f"/api/jobs/{name}").json()["state"] in ("running", "queued", "done")
        eventually(lambda: client.get(f"/api/jobs/{name}").json()["state"] == "done", 120.0)


def test_the_application_answers_where_posix_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As near to Windows as Linux comes (``tests/cli/without_posix``): a comparison, and a court's file in a process of its own."""
    from lot_files import CASES

    without = ROOT / "tests" / "cli" / "without_posix"
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(without), str(ROOT)]))
    with started(work_folder(tmp_path / "work")) as (_, client):
        names = [
            client.post("/api/run?lang=en", content=QUESTION).json()["id"],
            client.post("/api/lots?lang=zh&name=a.csv&estimate=0", content=CASES.encode()).json()["id"],
        ]
        for name in names:
            eventually(
                lambda name=name: (
                    client.get(f"/api/jobs/{name}").json()["state"] not in ("queued", "running")
                ),
                120.0,
            )
            job = client.get(f"/api/jobs/{name}?lang=en").json()
            assert (job["state"], job["message"]) == ("done", "")


def test_a_worker_that_is_killed_costs_nothing(tmp_path: Path) -> None:
    with started(work_folder(tmp_path / "work")) as (process, client):
        name = client.post("/api/run?lang=en", content=SLOW).json()["id"]
        eventually(lambda: client.get(f"/api/jobs/{name}").json()["done"] >= 4)
        for pid in _children(process.pid)[-1:]:
            os.kill(pid, signal.SIGKILL)
        eventually(
            lambda: client.get(f"/api/jobs/{name}").json()["state"] not in ("queued", "running"), 120.0
        )
        job = client.get(f"/api/jobs/{name}?lang=en").json()
        assert job["state"] == "done" or "Go on" in job["message"]
        assert client.get("/").status_code == 200


@pytest.mark.slow  # each question is read, checked and written
def test_two_hundred_questions_wait_and_can_be_stopped(tmp_path: Path) -> None:
    with started(work_folder(tmp_path / "work")) as (_, client):
        questions = [SLOW.replace("10%25", f"{5 + i / 20:.2f}%25") for i in range(200)]
        names = [client.post("/api/run?lang=en", content=one).json()["id"] for one in questions]
        assert len(set(names)) == 200
        began = time.monotonic()
        assert "ahead of it" in client.get(f"/api/jobs/{names[-1]}?lang=en").json()["said"]
        assert client.post("/api/check?lang=en", content=QUESTION).json()["defects"] == []
        assert time.monotonic() - began < 5.0
        for name in reversed(names):
            client.post(f"/api/jobs/{name}/cancel", content="")
        states = [client.get(f"/api/jobs/{name}").json()["state"] for name in names]
        assert set(states[:-100]) <= {"cancelled", "done", "running"}  # the first were answered meanwhile
        assert set(states[-100:]) == {"cancelled"}


def test_a_port_in_use_and_other_mistakes_end_with_2(tmp_path: Path) -> None:
    with started(work_folder(tmp_path / "work")) as (_, client):  # the second one has another work folder
        words = app_words("--port", str(client.base_url.port))
        again = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, check=False)
        assert again.returncode == 2
        assert "Give another --port" in again.stderr
    for wrong in (["--port", "70000"], ["--jobs", "-1"]):
        ended = subprocess.run(app_words(*wrong), capture_output=True, text=True, cwd=tmp_path, check=False)
        assert ended.returncode == 2


@pytest.mark.parametrize("port", [0, None], ids=["another-port", "the-same-port"])
def test_a_second_start_gives_the_address_of_the_first(tmp_path: Path, port: int | None) -> None:
    work = work_folder(tmp_path / "work")
    for _ in range(2):  # whatever ended the first one
        with started(work) as (process, client):
            at = str(client.base_url.port if port is None else port)
            words = app_words("--port", at, "--out", str(work))
            again = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
            assert again.returncode == 0, again.stderr
            assert f"open already: {process.address}\n" in again.stdout  # type: ignore[attr-defined]
            (address,) = (path for path in work.iterdir() if "token" in _text(path))
            assert stat.S_IMODE(address.stat().st_mode) == 0o600
            assert client.get("/jobs").status_code == 200


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


# ---- work in a process of its own --------------------------------------------------------------------------------------------


def _handle(context: AppContext, kind: str = "lots") -> Handle:
    job = Job("0" * 16, kind, {}, dict.fromkeys(("en", "zh"), "t"), "en")
    context.jobs.folder(job.id).mkdir()
    return Handle(context.jobs, job)


def test_limits_of_memory_and_time_end_the_process_and_are_said(tmp_path: Path) -> None:
    context = AppContext(work_folder(tmp_path / "work"), 1)
    handle = _handle(context)
    rows = "标的编号,案号,财产类型\n" + "a,b,c\n" * 400_000
    (tmp_path / "a.csv").write_text(rows, encoding="utf-8")
    given = {
        "file": str(tmp_path / "a.csv"),
        "name": "a.csv",
        "out": str(tmp_path / "out"),
        "estimate": False,
    }
    with pytest.raises(FailedError, match="memory"):
        in_own_process(handle, "lots", given, memory=120_000_000, seconds=60.0)
    with pytest.raises(FailedError, match="longer than is allowed"):
        in_own_process(handle, "lots", given, memory=4_000_000_000, seconds=0.0)
    context.jobs.cancelled.add(handle.job.id)
    with pytest.raises(CancelledError):
        in_own_process(handle, "lots", given, memory=4_000_000_000, seconds=60.0)
    assert not _running("sim.app.tasks")


@pytest.mark.parametrize("kind", ["lots", "calibrate"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_who_ends_the_process_is_said_and_not_taken_for_the_limit_of_memory(
    tmp_path: Path, kind: str, number: int
) -> None:
    """A signal from outside is one, of whatever size the process was; going on may help, and is offered."""
    context = AppContext(work_folder(tmp_path / "work"), 1)
    handle = _handle(context, kind)

    def kill() -> None:
        eventually(lambda: _running("sim.app.tasks"))
        os.kill(_running("sim.app.tasks")[0], number)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(StoppedError) as caught:
        in_own_process(handle, "lots", {}, memory=4_000_000_000, seconds=60.0)
    killer.join()
    said = str(caught.value)
    assert said.startswith(
        "The process that computed was ended from outside, or because the computer had no memory left."
    )
    assert ("The file is still here" in said) is (kind == "lots")
    assert "“Go on”" in said


@pytest.mark.parametrize(
    ("code", "text", "key"),
    [(-9, "", "killed"), (1, "", "killed"), (-9, "x\nMemoryError\n", "memory"), (1, "Traceback\nValueError: x", "own"), (-11, "", "own")],
)  # fmt: skip
def test_what_is_said_of_a_process_that_ended_without_an_answer(code: int, text: str, key: str) -> None:
    from types import SimpleNamespace

    from sim.locale.language import answering

    process: Any = SimpleNamespace(returncode=code)
    begins = {
        "en": {"killed": "The process that computed was ended", "memory": "It needed more memory", "own": "A mistake of the program: "},
        "zh": {"killed": "计算进程被外部终止", "memory": "所需内存超过", "own": "程序自身的错误："},
    }  # fmt: skip
    for lang, words in begins.items():
        for kind in ("lots", "calibrate"):
            with answering(lang):
                error = module._why(kind, process, [text])
            assert str(error).startswith(words[key])
            assert isinstance(error, StoppedError) is (key == "killed")
            assert ("split" in str(error) or "拆分" in str(error)) is (key == "memory" and kind == "lots")
    if code == -11:
        assert "SIGSEGV" in str(error)


def test_a_file_goes_through_a_process_of_its_own(tmp_path: Path) -> None:
    from lot_files import CASES

    context = AppContext(work_folder(tmp_path / "work"), 1)
    client = Client(context)
    with client.http:
        client.open()
        sent = client.http.post(
            "/api/lots?lang=zh&name=a.csv&estimate=0",
            content=CASES.encode(),
            headers={"origin": "http://127.0.0.1:8765"},
        )
        job = client.finished(sent.json()["id"], 60.0)
        assert (job["state"], job["final"]) == ("done", True)
        assert list(context.uploads.iterdir()) == []
    assert module.EVERY < 1.0
