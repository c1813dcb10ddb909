"""The worker pool: processes on this machine, the same for every command.

A worker has a pipe to its parent that nobody else holds, and a thread there waits for its answer. So a death is
noticed at once, even in the middle of an answer, and it is known which task was lost: another worker gets it.
(In the standard library's pool all workers write into one pipe, which all of them hold open: when one is killed while
it writes, the parent waits for ever for the rest. With answers of 20 MB that happened at 10 of 12 kills.)

A worker ends with its parent, however that ends. It holds one end of a pipe whose other end only the parent holds,
whoever forked it; the kernel closes that one when the parent dies, before anybody has asked how it died.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import forkserver, resource_tracker, spawn
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import ForkingPickler
from typing import Any, NamedTuple, Self

from sim.experiments.execution.executors import Answer, ExecutorError, Task
from sim.locale.foreign import reason
from sim.locale.language import said
from sim.model.engine import carried

TRIES = 2  # deaths of its worker after which a task is given up
STARTS = 4  # of a worker, when the process that starts workers ends again and again
ENDING = 0.5  # seconds that the end of a process may take to be known
FILES, FILES_EACH = 32, 3  # open at once: by this program, and for each worker
NAME = "sim-worker"
# Not forked from here: this process has threads, and a lock that is held at a fork stays held. Where there is no server that
# forks (Windows), each worker begins as a Python of its own.
START = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
_STARTING = threading.Lock()  # of a worker by any pool: what multiprocessing sends it is changed meanwhile


class WorkerDiedError(ExecutorError):
    """A task is given up, since its workers have died repeatedly."""

    def __init__(self, how: str) -> None:
        super().__init__(said("executor.died", tries=TRIES, how=how))
        self.how = how


class _DeathError(Exception):
    """A worker died; of what."""


class _Worker(NamedTuple):
    process: BaseProcess
    pipe: Connection


class WorkerPool:
    """Up to ``number`` workers, each started when there is work for it."""

    def __init__(self, number: int, begin: Callable[[], object] = int) -> None:
        """``begin`` is called in each worker before anything else."""
        self.slots = 2 * number
        self.deaths = 0
        self._begin = begin
        self._lock = threading.Lock()  # of all that follows
        self._workers: set[_Worker] = set()
        self._idle: list[_Worker] = []
        self._ended = False
        self._threads = ThreadPoolExecutor(number, "worker", _without_signals)

    def submit(self, work: Callable[[Task], Answer], task: Task) -> Future[Answer]:
        """Start a task; both must be of what can be pickled."""
        return self._threads.submit(self._do, carried(work), task)

    def died(self, error: BaseException) -> bool:
        return isinstance(error, WorkerDiedError)

    def close(self, now: bool = False) -> None:
        """End the workers; ``now``: without waiting for what is under way."""
        self._threads.shutdown(wait=not now, cancel_futures=True)
        with self._lock:
            self._ended = True
            for worker in self._workers:
                if now:
                    worker.process.kill()  # what it was writing has no name yet
                else:
                    worker.pipe.close()
        self._threads.shutdown()
        for worker in self._workers:
            worker.process.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.close(now=kind is not None)

    def _do(self, work: Callable[[Task], Answer], task: Task) -> Answer:
        """In a thread: what a worker answers, or another one if that dies."""
        how = ""
        for _ in range(TRIES):
            try:
                return self._ask(work, task)
            except _DeathError as death:
                how = str(death)
        raise WorkerDiedError(how)

    def _ask(self, work: Callable[[Task], Answer], task: Task) -> Answer:
        with self._lock:
            worker = self._take()
        try:
            worker.pipe.send((work, task))
            well, answer = worker.pipe.recv()
        except (EOFError, OSError):
            with self._lock:
                raise _DeathError(self._bury(worker)) from None
        except BaseException:  # of pickling: then the worker has been sent nothing, or has answered in full
            self._idle.append(worker)
            raise
        self._idle.append(worker)
        if not well:
            raise answer
        return answer  # type: ignore[no-any-return]

    def _take(self) -> _Worker:
        """A worker that waits, else a new one."""
        if self._ended:
            raise CancelledError
        while self._idle:
            worker = self._idle.pop()
            if not worker.pipe.poll():  # unasked it says nothing: there is something only when it is dead
                return worker
            self._bury(worker)
        return self._start()

    def _start(self) -> _Worker:
        context: Any = multiprocessing.get_context(START)
        if START == "forkserver":
            context.set_forkserver_preload(["sim.experiments.sweep.preload"])
        for _ in range(STARTS):
            try:
                if os.name == "posix":
                    resource_tracker.ensure_running()
                    _without_signals()  # again: starting that process lets SIGINT and SIGTERM through
                mine, its = context.Pipe()
                process = context.Process(target=_serve, name=NAME, args=(its, self._begin), daemon=True)
                with _script_left_alone():
                    process.start()
                its.close()
                break
            except (EOFError, ConnectionError):  # no worker's death: none was there yet
                _see_it_end()
            except OSError as error:
                raise ExecutorError(said("executor.no_process", why=reason(error))) from error
        else:
            raise _DeathError(said("executor.starter"))
        worker = _Worker(process, mine)
        self._workers.add(worker)
        return worker

    def _bury(self, worker: _Worker) -> str:
        """Of what it died."""
        worker.pipe.close()
        worker.process.kill()
        worker.process.join()
        if self._ended:
            raise CancelledError
        self._workers.discard(worker)
        self.deaths += 1
        code = worker.process.exitcode or 0
        names = {one.value: one.name for one in signal.Signals}
        return names.get(-code, said("executor.exit", code=code))


@contextmanager
def _script_left_alone() -> Iterator[None]:
    """A worker starts without running the user's script again, as multiprocessing would have it do.

    What workers are called for stands in modules of ours, never in the script. So a script needs no ``if __name__ == "__main__"``,
    and one that has none does not start itself over and over.
    """
    with _STARTING:
        original = spawn.get_preparation_data

        def without_script(name: str) -> dict[str, Any]:
            data = original(name)
            return {k: v for k, v in data.items() if name != NAME or not k.startswith("init_main")}

        spawn.get_preparation_data = without_script
        try:
            yield
        finally:
            spawn.get_preparation_data = original


def make_room(workers: int) -> None:
    """See that so many workers may have their files open. Raises ``ExecutorError`` if the system does not allow it."""
    try:
        import resource
    except ImportError:  # Windows: the number is not limited
        return
    needed = FILES + FILES_EACH * workers
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if workers == 1 or soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        most = max(1, (hard - FILES) // FILES_EACH)
        raise ExecutorError(said("executor.files", n=workers, needed=needed, allowed=hard, most=most))
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


@contextmanager
def pool(jobs: int) -> Iterator[WorkerPool | None]:
    """Workers; none for a single job, which this process does itself. On an error or Ctrl-C they end at once."""
    if jobs <= 1:
        yield None
        return
    with WorkerPool(jobs) as workers:
        yield workers


def _without_signals() -> None:
    """Signals that stop a command are for its main thread: not for this one, nor for what it starts, which inherits that.

    Windows has no such mask: there Python hears signals in the main thread alone, and a worker ignores Ctrl-C (``_serve``).
    """
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


def _serve(pipe: Connection, begin: Callable[[], object]) -> None:
    """A worker: answer one task after another until there is nobody to ask."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # for a server of workers that somebody else has started
    threading.Thread(target=_end_with_parent, daemon=True).start()
    begin()
    with suppress(EOFError, OSError):  # of the pipe: the parent is gone, or wants no more
        while True:
            question = pipe.recv_bytes()
            pipe.send_bytes(_answer(question))


def _answer(question: bytes) -> memoryview:
    """What a task comes to, pickled: (True, answer) or (False, error)."""
    try:
        work, task = ForkingPickler.loads(question)
        return ForkingPickler.dumps((True, work(task)))
    except BaseException as error:
        error.add_note(f"in a worker process: {traceback.format_exc()}")
        return ForkingPickler.dumps((False, error))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _see_it_end() -> None:
    """Wait until the system knows that the process that starts workers has ended: asked before, it would be asked again instead of
    being started anew. It is not reaped, for ``multiprocessing`` does that itself.
    """
    if START != "forkserver":
        return
    server: int | None = vars(forkserver)["_forkserver"]._forkserver_pid
    end = time.monotonic() + ENDING
    while server is not None and time.monotonic() < end:
        with suppress(ChildProcessError):
            if os.waitid(os.P_PID, server, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                time.sleep(0.01)
                continue
        return
