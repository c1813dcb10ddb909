"""What is under way and what is done: a job is a folder of the work folder, so that closing a page, or the program, loses nothing.

    jobs/ID/job.json      the question, in which state it is
    jobs/ID/answer/       what came of it, written whole or not at all

Jobs of a lane are done one after another: comparisons do not wait for calibrations. Whatever ends the program, the jobs that were
waiting or under way are taken up again when it starts, and go on with the runs that are kept.
"""

from __future__ import annotations

import json
import math
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from sim.app.words import w
from sim.experiments.storage.atomic import write_whole
from sim.locale.foreign import reason
from sim.locale.language import answering, spoken
from sim.reporting.pace import Pace

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
FILE: Final = "job.json"
MOST_WAITING: Final = 400  # jobs; more are refused
MOST_KEPT: Final = 200  # jobs that are listed
LANES: Final = {"compare": "runs", "inside": "runs", "calibrate": "long", "lots": "files"}


class RefusedError(Exception):
    """A job that is not taken; the message says why. ``status``: of the answer to the browser."""

    def __init__(self, message: str, status: int = 409) -> None:
        super().__init__(message)
        self.status = status


class CancelledError(Exception):
    """The job has been cancelled, or the program ends."""


@dataclass
class Job:
    """One job. ``done`` of ``total`` pieces; ``version`` counts answers; ``message`` says what went wrong."""

    id: str
    kind: str
    request: Mapping[str, Any]
    titles: Mapping[str, str]  # by language
    lang: str  # in which it was submitted
    created: float = field(default_factory=time.time)
    state: str = QUEUED
    done: int = 0
    total: int = 0
    what: str = ""  # what is being done, a key of its words
    version: int = 0
    final: bool = False  # the answer is the last one
    message: str = ""
    began: float = 0.0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.pace = Pace()  # of this time: no field, for it is not kept

    @property
    def open(self) -> bool:
        return self.state in (QUEUED, RUNNING)

    @property
    def remaining(self) -> float | None:
        """Seconds until it is done; None where nobody knows yet, or ever, as where it counts steps of one kind after another."""
        left = self.pace.left()
        return None if self.state != RUNNING or self.what[:1] == "=" or math.isnan(left) else left


class Handle:
    """What a job's work is given: where to write, how to say how far it is, whether to go on."""

    def __init__(self, jobs: Jobs, job: Job) -> None:
        self._jobs, self.job = jobs, job
        self.folder = jobs.folder(job.id)
        self.lock = jobs.locked(job.id)

    @property
    def ending(self) -> bool:
        """Whether the program ends, and the job will be taken up again."""
        return self._jobs.ending

    def tick(self, done: int, total: int | None = None, what: str = "") -> None:
        """Say how far it is. Raises ``CancelledError``."""
        self.check()
        self.job.done = done
        self.job.total = self.job.total if total is None else total
        self.job.what = what or self.job.what
        self.job.pace.tick(self.job.done, self.job.total)

    def check(self) -> None:
        """Raise ``CancelledError`` if it is to end."""
        if self._jobs.ending or self.job.id in self._jobs.cancelled:
            raise CancelledError

    def answered(self, final: bool = False) -> None:
        """There is an answer, better than the one before."""
        self.job.version += 1
        self.job.final = final
        self._jobs.save(self.job)


Work = Callable[[Handle], None]


class Jobs:
    """All jobs of a work folder. ``works``: what is done for each kind of job; ``explain``: what an error says to people;
    ``shown``: what of another one's text they may read.
    """

    def __init__(
        self,
        folder: Path,
        works: Mapping[str, Work],
        explain: Callable[[Exception], str | None],
        shown: Callable[[str], str] = str,
    ) -> None:
        """Raises ``OSError`` where the folder cannot be used."""
        self.home = folder / "jobs"
        self.home.mkdir(parents=True, exist_ok=True)
        self.ending = False
        self.cancelled: set[str] = set()
        self._works, self._explain, self._shown = works, explain, shown
        self._jobs: dict[str, Job] = {}
        self._locks: dict[str, threading.RLock] = {}
        self._changed = threading.Condition()
        self._waiting: dict[str, deque[str]] = {lane: deque() for lane in dict.fromkeys(LANES.values())}
        self._read()
        self._threads = [
            threading.Thread(target=self._serve, args=(lane,), name=f"jobs-{lane}", daemon=True)
            for lane in self._waiting
        ]

    def start(self) -> None:
        """Begin to work."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """End: what is under way stays to be taken up again."""
        with self._changed:
            self.ending = True
            self._changed.notify_all()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def folder(self, name: str) -> Path:
        return self.home / name

    def locked(self, name: str) -> threading.RLock:
        """Held while an answer is replaced or read."""
        return self._locks.setdefault(name, threading.RLock())

    def get(self, name: str) -> Job | None:
        return self._jobs.get(name)

    def every(self, most: int | None = MOST_KEPT) -> list[Job]:
        """Jobs, the newest first; with None all of them."""
        with self._changed:
            found = sorted(self._jobs.values(), key=lambda one: -one.created)
        return found[:most]

    def ahead(self, job: Job) -> int:
        """How many jobs come before it."""
        with self._changed:
            waiting = list(self._waiting[LANES[job.kind]])
            under_way = sum(
                one.state == RUNNING and LANES[one.kind] == LANES[job.kind] for one in self._jobs.values()
            )
        return waiting.index(job.id) + under_way if job.id in waiting else 0

    def submit(self, job: Job) -> Job:
        """Take a job; one that is there already, waiting, running or done, is the same. Raises ``RefusedError``."""
        with self._changed:
            there = self._jobs.get(job.id)
            if there is not None and there.state in (QUEUED, RUNNING, DONE):
                if there.kind == "compare" and job.request != there.request:
                    there.request = job.request  # held against the law of another day
                    with suppress(OSError):  # what is asked now counts until the program ends, all the same
                        self._write(there)
                return there
            if sum(map(len, self._waiting.values())) >= MOST_WAITING:
                raise RefusedError(w("refused.many", spoken(), n=MOST_WAITING), 429)
            if there is not None:
                job.version, job.created = there.version, there.created
            try:
                self.folder(job.id).mkdir(exist_ok=True)
                self._write(job)
            except OSError as error:
                with suppress(OSError):
                    if there is None:
                        self.folder(job.id).rmdir()
                raise RefusedError(w("refused.disk", spoken(), why=reason(error)), 507) from None
            self.cancelled.discard(job.id)
            self._jobs[job.id] = job
            self._waiting[LANES[job.kind]].append(job.id)
            self._changed.notify_all()
        return job

    def cancel(self, name: str) -> None:
        """Stop a job: one that waits at once, one that is under way at its next step. What is found so far stays."""
        with self._changed:
            job = self._jobs.get(name)
            if job is None or not job.open:
                return
            self.cancelled.add(name)
            waiting = self._waiting[LANES[job.kind]]
            if name in waiting:
                waiting.remove(name)
                job.state = CANCELLED
                self.save(job)

    def ended(self, job: Job, seconds: float) -> bool:
        """Wait until a job that has been cancelled has ended. False if it takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not job.open, seconds)

    def delete(self, name: str) -> None:
        """Remove a job with all that came of it. Raises ``RefusedError`` while it is under way, and ``OSError``."""
        with self._changed:
            job = self._jobs.get(name)
            if job is None:
                return
            if job.open:
                raise RefusedError(w("refused.open", spoken()))
            with self.locked(name):
                shutil.rmtree(self.folder(name))
            del self._jobs[name]

    def save(self, job: Job) -> None:
        """Keep a job's state; where the disk is full the state in memory counts, and the job is taken up again after a restart."""
        with suppress(OSError):
            self._write(job)

    def _write(self, job: Job) -> None:
        text = json.dumps(asdict(job), ensure_ascii=False, indent=1)
        write_whole(self.folder(job.id) / FILE, text.encode())

    def _read(self) -> None:
        """Jobs of earlier times; a file that cannot be read is left alone."""
        for path in sorted(self.home.glob(f"*/{FILE}")):
            try:
                job = Job(**json.loads(path.read_text(encoding="utf-8")))
                wrong = job.id != path.parent.name or job.kind not in self._works
            except (OSError, ValueError, TypeError):
                continue
            if wrong:
                continue
            if job.open:
                job.state, job.done = QUEUED, 0
            self._jobs[job.id] = job
        for job in sorted(self._jobs.values(), key=lambda one: one.created):
            if job.open:
                self._waiting[LANES[job.kind]].append(job.id)

    def _serve(self, lane: str) -> None:
        """A lane's thread: one job after another."""
        waiting = self._waiting[lane]
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self.ending or bool(waiting))
                if self.ending:
                    return
                job = self._jobs[waiting.popleft()]
                job.state, job.began, job.message, job.pace = RUNNING, time.monotonic(), "", Pace()
            self._do(job)

    def _do(self, job: Job) -> None:
        self.save(job)
        message = ""
        with answering(job.lang):
            try:
                self._works[job.kind](Handle(self, job))
                state = DONE
            except CancelledError:
                state = QUEUED if self.ending else CANCELLED
            except Exception as error:
                if self.ending:
                    state = QUEUED
                elif job.id in self.cancelled:
                    state = CANCELLED
                else:
                    state, message = FAILED, self._explain(error) or w("failed.own", job.lang, what=self._shown(f"{type(error).__name__}: {error}"))  # fmt: skip
        with (
            self._changed
        ):  # saved before anybody sees the state: who deletes an ended job deletes what is saved too
            job.state, job.message, job.seconds = state, message, time.monotonic() - job.began
            self.cancelled.discard(job.id)
            self.save(job)
            self._changed.notify_all()
