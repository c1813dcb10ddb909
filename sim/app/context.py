"""What the application has: its work folder, the scenarios to begin with, its workers, and its jobs."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Mapping
from pathlib import Path

from sim.app import comparing, figures, inside, uploads
from sim.app.jobs import DONE, Job, Jobs, RefusedError, Work
from sim.app.question import QuestionError
from sim.app.words import w
from sim.experiments.execution.executors import ExecutorError
from sim.experiments.execution.memory import TooLargeError
from sim.experiments.execution.worker_pool import WorkerPool
from sim.experiments.storage.folders import FolderError
from sim.experiments.sweep.chunks import OtherCodeError
from sim.locale.foreign import reason, translated
from sim.locale.language import spoken
from sim.measures.summary import NothingSharedError
from sim.scenario import ScenarioError, load
from sim.scenario.files import HOMES, scenario_files, stack
from sim.scenario.load import Loaded

FIRST = ("shanxi",)  # scenarios that stand before the others
OWN = "scenarios"  # folder, in the work folder, of those that calibrations have made


class AppContext:
    """Everything that lasts while the program runs. ``number``: of worker processes."""

    def __init__(self, work: Path, number: int) -> None:
        """Raises ``OSError`` where the work folder cannot be used."""
        self.work = work
        self.uploads = work / "uploads"
        for folder in (work / OWN, self.uploads):
            folder.mkdir(parents=True, exist_ok=True)
        self._number = number or os.cpu_count() or 1
        self._pool: WorkerPool | None = None
        self._lock = threading.Lock()
        self._loaded: dict[tuple[str, int], Loaded] = {}
        works: Mapping[str, Work] = {
            "compare": comparing.work(lambda: self.workers(), self.bases),
            "inside": inside.work(self._number, self.bases),
            "calibrate": figures.work(self._number, work / OWN),
            "lots": uploads.work(self.uploads),
        }
        self.jobs = Jobs(work, works, self.explained, self.without_places)
        uploads.swept(self.jobs, self.uploads)

    def workers(self) -> WorkerPool:
        """The workers, started when they are first needed."""
        with self._lock:
            if self._pool is None:
                self._pool = WorkerPool(self._number)
            return self._pool

    def close(self) -> None:
        """End jobs and workers; what is not finished is taken up again the next time."""
        self.jobs.ending = True
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close(now=True)
        self.jobs.close()

    def goes_on(self, job: Job) -> bool:
        """Whether a job that was stopped or has failed can go on: of a file only as long as the file is there."""
        if job.open or job.state == DONE:
            return False
        return job.kind != "lots" or uploads.path_of(job, self.uploads).is_file()

    def bases(self) -> Mapping[str, str | Path]:
        """Name -> how the scenario is found: those of the program by their names, those of calibrations by their files."""
        own = {path.stem: path for path in scenario_files(self.work / OWN)}
        given = {path.stem: path for home in reversed(HOMES) for path in scenario_files(home)}
        names = sorted(given, key=lambda name: (name not in FIRST, name))
        return {**own, **{name: name for name in names}}

    def explained(self, error: Exception) -> str | None:
        """What people read of an error that can be expected; None for one of the program itself."""
        said = explained(error)
        return said and self.without_places(said)

    def without_places(self, text: str) -> str:
        """A text that names files of the work folder by their names alone: where the folder is concerns nobody who reads a page."""
        for work in {str(self.work), str(self.work.absolute()), str(self.work.resolve())}:
            text = re.sub(rf"{re.escape(work)}[\\/](?:[\w.-]+[\\/])*", "", text)
        return text

    def titles(self, lang: str) -> dict[str, str]:
        """Name -> title of every scenario; those that cannot be read are left out."""
        found = {}
        for name, path in self.bases().items():
            try:
                tree = stack(load_path(path)).tree
            except ScenarioError:
                continue
            found[name] = str((tree.get("title_zh") if lang == "zh" else None) or tree.get("title") or name)
        return found

    def loaded(self, name: str) -> Loaded:
        """The scenario of a name, read once. Raises ``ScenarioError``."""
        path = self.bases()[name]
        at = load_path(path)
        key = name, at.stat().st_mtime_ns
        if key not in self._loaded:
            self._loaded[key] = load(path)
        return self._loaded[key]


def load_path(path: str | Path) -> Path:
    """The file of a scenario. Raises ``ScenarioError``."""
    from sim.scenario import find

    return find(path)


def explained(error: Exception) -> str | None:
    """What people read of an error that can be expected; None for one of the program itself."""
    if isinstance(error, ScenarioError | FolderError | TooLargeError | NothingSharedError | RefusedError):
        return str(error)
    if isinstance(error, QuestionError):
        return str(error)
    if isinstance(error, ExecutorError):
        return w("failed.workers", spoken(), why=translated(error), kept=w("kept.runs", spoken()))
    if isinstance(error, OtherCodeError):
        return translated(error)
    if isinstance(error, OSError):
        return w("failed.disk", spoken(), why=reason(error), kept=w("kept.runs", spoken()))
    return None
