"""Executors under fire: workers, the driver and a dask worker are killed for real; the results are the same bytes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT
from processes import started, wait_for
from sweeps import make_sweep, outcome, run

from sim.experiments.execution.executors import Dask, ExecutorError
from sim.experiments.execution.worker_pool import TRIES, WorkerPool
from sim.experiments.provenance import provenance
from sim.experiments.sweep.results import RESULTS
from sim.experiments.sweep.run_store import RunStore
from sim.experiments.sweep.scheduler import DIED, StoppedError, last_line
from sim.locale.language import speaking

pytestmark = pytest.mark.processes

HERE = str(Path(__file__).parent)
ENV = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), HERE])}


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """The hash of the sweep, run in order without anything happening."""
    store = make_sweep(tmp_path_factory.mktemp("expected") / "s")
    run(store)
    return outcome(store)


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    """Workers find the work; and the code is looked at anew, lest an edit since the last test be refused."""
    monkeypatch.setenv("PYTHONPATH", ENV["PYTHONPATH"])
    provenance.cache_clear()


def test_a_worker_killed_in_the_middle_changes_nothing(tmp_path, expected):
    """A run kills its own process once: its chunk and all under way are lost, and made again."""
    store = make_sweep(tmp_path / "s", kill=str(tmp_path / "killed"), killers=[11.0])
    executor = WorkerPool(2)
    progress = run(store, executor)
    executor.close()
    assert (tmp_path / "killed").exists()
    # Now and then (one time in six on a busy machine) a worker that is just being started goes too; why is not known yet.
    assert progress.deaths in (1, 2)
    assert (progress.done, progress.failed) == (100, 6)
    assert outcome(store) == expected


def test_a_run_that_kills_its_worker_every_time_is_a_failed_row_and_the_rest_is_done(tmp_path):
    store = make_sweep(tmp_path / "s", replications=2, killers=[3.0])
    executor = WorkerPool(2)
    progress = run(store, executor)
    executor.close()
    assert progress.deaths == 3 * TRIES
    assert store.state().missing == 0
    outcome(store)
    table = pd.read_parquet(tmp_path / "s" / RESULTS)
    killed = table[table["error"] == DIED]
    assert list(zip(killed["point"], killed["replication"], strict=True)) == [(3, 0), (3, 1)]
    others = table[~table["point"].isin([3, 7, 13])]
    assert others["error"].isna().all()
    assert others["sum"].tolist() == others["x"].tolist()


DRIVER = """
import sys
from pathlib import Path
from sweeps import make_sweep, run
from sim.experiments.execution.worker_pool import WorkerPool
if __name__ == "__main__":
    executor = WorkerPool(2)
    run(make_sweep(Path(sys.argv[1]), pause=0.05), executor, tick=lambda progress: print(progress.done, flush=True))
"""


def test_the_driver_killed_costs_what_was_under_way_and_leaves_no_process(tmp_path):
    script = tmp_path / "driver.py"
    script.write_text(DRIVER)
    with started(str(script), str(tmp_path / "s"), env=ENV) as driver:
        wait_for(
            lambda: (
                (tmp_path / "s" / "manifest.json").exists() and RunStore(tmp_path / "s").state().missing <= 20
            )
        )
        assert len(driver.workers) == 2
        driver.signal(signal.SIGKILL)
        driver.end()
    store = RunStore(tmp_path / "s")
    state = store.state()
    assert 0 < state.missing <= 20
    assert state.damaged == 0
    run(store)
    whole = make_sweep(tmp_path / "t", pause=0.0)
    run(whole)
    assert outcome(store) == outcome(whole)


def port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def cluster():
    """A real scheduler and two workers on loopback, as processes."""
    pytest.importorskip("distributed")
    address = f"tcp://127.0.0.1:{port()}"
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", address, "--no-dashboard"]
    options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1"]
    quiet = {"env": ENV, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    processes = [subprocess.Popen(command, **quiet)]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, *options]
    processes += [subprocess.Popen(worker, **quiet) for _ in range(2)]
    yield address, processes
    for process in processes:
        process.kill()
        process.wait()


def test_a_dask_worker_killed_in_the_middle_changes_nothing_and_a_lost_scheduler_costs_nothing(
    tmp_path, expected, cluster
):
    address, (scheduler, first, _) = cluster
    executor = Dask(address, patience=60.0)
    executor._client.wait_for_workers(2, timeout=60)
    store = make_sweep(tmp_path / "s", pause=0.01)

    def kill(progress):
        if progress.done >= 20 and first.poll() is None:
            first.kill()
            first.wait()

    progress = run(store, executor, tick=kill)
    assert progress.done == 100
    assert outcome(store) == expected

    other = make_sweep(tmp_path / "t", pause=0.02)

    def lose(progress):
        if progress.done >= 20:
            scheduler.kill()

    with pytest.raises(StoppedError):
        run(other, executor, tick=lose)
    executor.close(now=True)
    kept = other.state()
    assert 0 < kept.missing <= 20
    run(RunStore(other.folder))
    assert outcome(other) == expected


def test_a_scheduler_that_does_not_answer_is_reported():
    pytest.importorskip("distributed")
    with pytest.raises(ExecutorError, match=r"no dask scheduler answers at tcp://127.0.0.1:9 "):
        Dask("tcp://127.0.0.1:9", patience=0.5)
    with socket.socket() as silent:  # a port that is open and says nothing
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(ExecutorError, match="no dask scheduler answers"):
            Dask(f"tcp://127.0.0.1:{silent.getsockname()[1]}", patience=0.5)
    with pytest.raises(ExecutorError, match="no dask scheduler answers"):
        Dask("not an address", patience=0.5)


@pytest.mark.parametrize(("lang", "words"), [("en", "the worker process died again"), ("zh", "反复中途退出")])
def test_why_a_run_failed_is_said_in_the_readers_language(lang: str, words: str) -> None:
    with speaking(lang):
        assert words in last_line(DIED)
        assert last_line("Traceback\n  here\nValueError: x\n") == "ValueError: x"
        assert last_line(None) == "?"
