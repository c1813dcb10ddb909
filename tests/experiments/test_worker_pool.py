"""The worker pool under fire: workers and the server that starts them are killed for real."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from multiprocessing import forkserver
from pathlib import Path

import pool_tasks as tasks
import pytest
from conftest import ROOT
from processes import started, wait_for

from sim.experiments.execution.executors import ExecutorError, in_order
from sim.experiments.execution.worker_pool import TRIES, WorkerDiedError, WorkerPool, make_room, pool

pytestmark = pytest.mark.processes


@pytest.fixture
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(Path(__file__).parent)]))


@pytest.fixture
def workers(importable: None) -> Iterator[WorkerPool]:
    with WorkerPool(2) as made:
        yield made
    assert multiprocessing.active_children() == []


def test_answers_come_in_the_order_of_the_tasks(workers: WorkerPool) -> None:
    assert list(in_order(workers, tasks.double, range(20), 4)) == [2 * i for i in range(20)]
    assert workers.deaths == 0


def test_an_error_travels_with_where_it_arose_and_its_worker_goes_on(workers: WorkerPool) -> None:
    with pytest.raises(LookupError, match="not there") as caught:
        workers.submit(tasks.fail, "not there").result()
    assert "pool_tasks.py" in caught.value.__notes__[0]
    assert workers.submit(tasks.double, 2).result() == 4
    assert workers.deaths == 0


def test_what_cannot_be_pickled_is_an_error_whichever_way_it_goes(workers: WorkerPool) -> None:
    for work, task in ((tasks.double, lambda: None), (tasks.unsendable, 1)):
        with pytest.raises(Exception, match="pickle"):
            workers.submit(work, task).result()
    assert [workers.submit(tasks.double, i).result() for i in range(3)] == [0, 2, 4]
    assert workers.deaths == 0


def test_a_worker_killed_in_the_middle_of_its_answer_is_replaced(workers: WorkerPool, tmp_path: Path) -> None:
    """The others keep their pipes open; a pool that shares one would wait for the other half for ever."""
    others = [workers.submit(tasks.double, i) for i in range(5)]
    assert workers.submit(tasks.die_once, tmp_path / "sign").result(timeout=60) == "answer"
    assert [other.result() for other in others] == [0, 2, 4, 6, 8]
    assert workers.deaths == 1


def test_a_task_that_kills_every_worker_is_given_up_and_the_others_are_done(workers: WorkerPool) -> None:
    killer, other = workers.submit(tasks.die, 0), workers.submit(tasks.double, 4)
    with pytest.raises(
        WorkerDiedError, match=rf"died {TRIES} times at the same task, the last time of SIGKILL"
    ) as e:
        killer.result()
    assert workers.died(e.value)
    assert other.result() == 8
    assert workers.deaths == TRIES
    with pytest.raises(WorkerDiedError, match="exit code 7"):
        workers.submit(tasks.leave, 7).result()


def test_workers_that_die_while_they_wait_cost_no_task_a_try(workers: WorkerPool) -> None:
    pids = {future.result() for future in [workers.submit(tasks.own_pid, 0.3) for _ in range(2)]}
    assert len(pids) == 2
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: all(worker.pipe.poll() for worker in workers._idle))
    assert [workers.submit(tasks.double, i).result() for i in range(3)] == [0, 2, 4]
    assert workers.deaths == 2


def test_another_server_of_workers_takes_the_place_of_one_that_was_killed(workers: WorkerPool) -> None:
    assert workers.submit(tasks.double, 1).result() == 2
    server = forkserver._forkserver._forkserver_pid
    os.kill(server, signal.SIGKILL)
    os.kill(workers.submit(tasks.own_pid, 0.0).result(), signal.SIGKILL)
    assert [workers.submit(tasks.double, i).result() for i in range(4)] == [0, 2, 4, 6]
    assert forkserver._forkserver._forkserver_pid != server


def test_ctrl_c_is_for_the_parent(workers: WorkerPool) -> None:
    assert workers.submit(tasks.interrupt, 0).result() == "heard nothing"
    assert workers.deaths == 0


@pytest.mark.usefixtures("importable")
def test_an_error_ends_workers_at_once() -> None:
    waiting: list[Future[int]] = []

    def failing() -> None:
        with pool(2) as mine:
            assert mine is not None
            waiting.extend(mine.submit(tasks.own_pid, 10_000.0) for _ in range(3))
            wait_for(lambda: len(multiprocessing.active_children()) == 2)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    assert multiprocessing.active_children() == []
    for future in waiting:
        with pytest.raises(CancelledError):
            future.result(timeout=0)


def test_a_single_job_is_done_here() -> None:
    with pool(1) as none:
        assert none is None
    assert list(in_order(None, tasks.own_pid, [0.0], 2)) == [os.getpid()]


def test_room_for_files_is_made_or_the_number_that_has_it_is_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limits = [40, 1000]
    monkeypatch.setattr(resource, "getrlimit", lambda _: tuple(limits))
    monkeypatch.setattr(resource, "setrlimit", lambda _, new: limits.__setitem__(slice(None), new))
    make_room(1)
    assert limits == [40, 1000]
    make_room(20)
    assert limits == [92, 1000]
    with pytest.raises(
        ExecutorError, match=r"500 worker .* need 1532 open files and 1000 are allowed .*--jobs 322 "
    ):
        make_room(500)
    make_room(322)
    assert limits == [998, 1000]


def test_few_open_files_end_in_a_sentence_before_anything_runs(tmp_path: Path) -> None:
    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))

    for words in (("run", "base"), ("sweep", "base", "--vary", "start.ratio=0.8,1.0")):
        command = ("-m", "sim", *words, "-j", "8", "--out", str(tmp_path / "out"))
        with started(*command, preexec_fn=few) as program:
            code, _, said = program.end()
        assert code == 2
        assert said == (
            "--jobs 8: 8 worker processes need 56 open files and 24 are allowed (ulimit -n); "
            "--jobs 1 needs no more than that\n"
        )
    assert list(tmp_path.iterdir()) == []


SLEEPER = """
import sys
from pool_tasks import own_pid
from sim.experiments.execution.worker_pool import WorkerPool
if __name__ == "__main__":
    pool = WorkerPool(2)
    pool.submit(own_pid, 0.0).result()
    waiting = [pool.submit(own_pid, 10_000.0) for _ in range(int(sys.argv[1]))]
    print("ready", flush=True)
    waiting[0].result()
"""


@pytest.mark.parametrize("waiting", ["1", "2"])
def test_workers_end_with_a_parent_that_is_killed_and_hold_no_pipe_open(waiting: str, tmp_path: Path) -> None:
    script = tmp_path / "sleeper.py"
    script.write_text(SLEEPER)
    path = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    with started(str(script), waiting, env={"PYTHONPATH": path}) as program:
        assert program.process.stdout is not None
        assert program.process.stdout.readline() == "ready\n", program.end()
        wait_for(lambda: len(program.workers) == int(waiting))
        program.signal(signal.SIGKILL)
        assert program.end() == (-signal.SIGKILL, "", "")
