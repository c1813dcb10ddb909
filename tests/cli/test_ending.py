"""However a command is ended, nothing of it stays: no process, no pipe held open, no half of a file."""

from __future__ import annotations

import os
import re
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from processes import Program, in_front, parent, started, wait_for

from sim.cli.shared import signals

pytestmark = pytest.mark.processes

FEW = ("-j", "2", "--set", "arrivals.volume=0.05")
VARY = ("rounds.second.cut=0:0.2", "start.ratio=0.7:1")
COMMANDS: dict[str, tuple[str, ...]] = {
    "run": ("sim", "run", "shanxi", "-n", "5000", *FEW),
    "compare": ("sim", "compare", "shanxi", "cut-00", "-n", "5000", *FEW),
    "verify": ("sim", "verify", "-j", "2", "--full", "--family", "a"),
    "sweep": ("sim", "sweep", "shanxi", "--vary", VARY[0] + ":0.1", "-n", "5000", "--chunk", "2", *FEW),
    "sensitivity": ("sim", "sensitivity", "shanxi", "-p", VARY[0], "-p", VARY[1], "-n", "500", "--chunk", "2", *FEW),
    "optimise": ("sim", "optimise", "shanxi", "--variable", VARY[0], "--maximise", "lots_sold", "-n", "500", *FEW),
    "calibrate": ("calibration.cli.main", "run", "shanxi", "-j", "2"),
}  # fmt: skip


def each(*quick: str) -> list[Any]:
    """All commands; those not named here, which end in the same way, when there is time."""
    return [name if name in quick else pytest.param(name, marks=pytest.mark.slow) for name in COMMANDS]


def working(program: Program) -> bool:
    assert program.process.poll() is None, program.end()
    return len(program.workers) == 2


@pytest.mark.parametrize("name", each("run", "sweep", "calibrate"))
def test_no_process_and_no_pipe_outlives_a_command_that_was_killed(name: str, tmp_path: Path) -> None:
    """Its reader sees the end, and no worker is left, although nobody could tell them."""
    with started("-m", *COMMANDS[name], "--out", str(tmp_path / "out")) as program:
        wait_for(lambda: working(program))
        program.signal(signal.SIGKILL)
        code, _, said = program.end()
    assert code == -signal.SIGKILL
    assert "Traceback" not in said


@pytest.mark.parametrize("name", each("verify", "calibrate"))
def test_a_request_to_end_ends_a_command_like_ctrl_c(name: str, tmp_path: Path) -> None:
    with started("-m", *COMMANDS[name], "--out", str(tmp_path / "out")) as program:
        wait_for(lambda: working(program))
        program.signal(signal.SIGTERM)
        code, _, said = program.end()
    assert code == 128 + signal.SIGTERM
    assert "stopped" in said
    assert "Traceback" not in said
    if name in ("run", "verify"):
        assert list(tmp_path.iterdir()) == []
    else:
        assert "stopped: SIGTERM" in said


@pytest.mark.parametrize("name", each())
def test_a_worker_that_is_killed_is_replaced(name: str, tmp_path: Path) -> None:
    with started("-m", *COMMANDS[name], "--out", str(tmp_path / "out")) as program:
        wait_for(lambda: working(program))
        before = program.workers
        os.kill(min(before), signal.SIGKILL)
        wait_for(lambda: working(program) and program.workers != before)
        program.signal(signal.SIGINT)
        code, _, said = program.end()
    assert code == 128 + signal.SIGINT
    assert "Traceback" not in said


def test_a_command_whose_workers_die_again_and_again_says_so(tmp_path: Path) -> None:
    """As where memory is scarce: each is killed as soon as it is there."""
    with started("-m", *COMMANDS["run"], "--out", str(tmp_path / "out")) as program:
        while program.process.poll() is None:
            for pid in program.workers:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        code, _, said = program.end()
    assert code == 1
    assert "worker processes died 2 times at the same task" in said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


def behind() -> None:
    """For ``preexec_fn``: as a script's ``&`` or ``nohup`` starts a program."""
    in_front()
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def test_what_runs_behind_is_not_ended_by_a_ctrl_c_that_is_meant_for_another(tmp_path: Path) -> None:
    command = (*COMMANDS["run"], "--out", str(tmp_path / "out"))
    with started("-m", *command, preexec_fn=behind) as program:
        wait_for(lambda: working(program))
        workers = program.workers
        for number in (signal.SIGINT, signal.SIGHUP):
            os.killpg(program.process.pid, number)
        wait_for(lambda: list(tmp_path.glob(".out.*/lots.parquet")))
        assert program.workers == workers
        program.signal(signal.SIGTERM)
        code, _, said = program.end()
    assert code == 128 + signal.SIGTERM
    assert "Nothing was written" in said


def left_to(pid: int, which: str) -> set[signal.Signals]:
    """Signals that a process blocks (``SigBlk``) or ignores (``SigIgn``)."""
    found = re.search(rf"{which}:\t(\w+)", Path(f"/proc/{pid}/status").read_text())
    assert found
    return {one for one in signal.Signals if int(found[1], 16) >> (one - 1) & 1}


def test_what_a_command_starts_leaves_the_signals_of_its_group_to_it(tmp_path: Path) -> None:
    """From their first moment: a Ctrl-C while they load their modules would end them in tracebacks."""
    with started("-m", *COMMANDS["run"], "--out", str(tmp_path / "out")) as program:
        wait_for(lambda: working(program))
        others = program.family - {program.process.pid}
        for pid in others:
            assert {*signals.SIGNALS} <= left_to(pid, "SigBlk") | left_to(pid, "SigIgn")
        for server in {parent(pid) for pid in program.workers}:
            assert {*signals.SIGNALS} <= left_to(server, "SigBlk")
        assert len(others) == 4  # two workers, their server, multiprocessing's tracker of resources


COMMAND = """
import os, signal, time, typer
from sim.cli.shared import signals
app = typer.Typer(cls=signals.Stoppable)

@app.callback()
def nothing() -> None: ...

def ask(number=signal.SIGTERM):
    os.kill(os.getpid(), number)

@app.command()
def stop() -> None:
{body}
signals.main(app)
"""
IN_THE_END_OF_AN_OBJECT = """
    class Object:
        def __del__(self): ask()
    Object()
    time.sleep(100)
"""
CAUGHT = """
    for _ in range(2):
        try:
            ask()
            time.sleep(100)
        except BaseException:
            pass
    time.sleep(100)
"""
IMPATIENT = """
    try:
        ask()
    finally:
        for _ in range(5):
            ask(signal.SIGINT)
        try:
            raise ValueError
        except ValueError:
            ask()
        print("taken back")
"""
SAYS_WHAT_IS_KEPT = """
    with signals.stopping(lambda why: f"stopped: {why}; much is kept"):
        ask(signal.SIGHUP)
"""
REPLACED = """
    with signals.stopping(lambda why: f"stopped: {why}; much is kept"):
        try:
            ask(signal.SIGINT)
        except BaseException:
            raise TypeError("Cannot compare structured arrays") from None
"""
BEFORE_THE_COMMAND = """
    print("not reached")

class Early(signals.Stoppable):
    def parse_args(self, ctx, words):
        ask(signal.SIGHUP)

app.info.cls = Early
"""
LEAVES_A_THREAD = """
    import threading
    threading.Thread(target=time.sleep, args=[1000]).start()
    ask(signal.SIGINT)
"""


@pytest.mark.parametrize(
    ("body", "code", "out", "said"),
    [
        (IN_THE_END_OF_AN_OBJECT, 143, "", "Nothing was written"),
        (CAUGHT, 143, "", "Nothing was written"),
        (IMPATIENT, 143, "taken back\n", "Nothing was written"),
        (SAYS_WHAT_IS_KEPT, 129, "", "stopped: SIGHUP; much is kept\n"),
        (REPLACED, 130, "", "stopped: Ctrl-C; much is kept\n"),
        (BEFORE_THE_COMMAND, 129, "", "stopped: SIGHUP. Nothing was written"),
        (LEAVES_A_THREAD, 130, "", "Nothing was written"),
    ],
    ids=["ignored by Python", "caught", "impatient", "says what is kept", "replaced by another error", "before the command",
         "leaves a thread"],
)  # fmt: skip
def test_the_way_out(body: str, code: int, out: str, said: str) -> None:
    """What Python ignores and what a library catches is raised again; the impatient do not interrupt the taking back; no thread is waited for."""
    with started("-c", COMMAND.format(body=body), "stop") as program:
        found = program.end()
    assert found[:2] == (code, out)
    assert said in found[2]
    assert "Traceback" not in found[2]
