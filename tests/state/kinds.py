"""A small folder of every kind that a command opens, how the command is called, and what numbers it gives."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

import calibration.cli.main
import sim.cli.main
from sim.experiments.execution.executors import Given

TINY = (
    "arrivals.periods.year.cases=8",
    "arrivals.periods.year.lots=20",
    "courts.number=1",
    "run.replications=2",
)
SETS = tuple(word for one in TINY for word in ("--set", one))
SWEEP = ("sweep", "base", "--vary", "start.ratio=0.7,0.9", "--vary", "rounds.second.cut=0.1,0.2", *SETS, "--chunk", "2", "--no-pictures")  # fmt: skip
MORRIS = ("sensitivity", "base", "-p", "start.ratio=0.7,0.9", "-p", "interest.mean=2,4", "--samples", "2", *SETS, "--no-pictures")  # fmt: skip
OPTIMISE = (
    "optimise", "base", "--variable", "start.ratio=0.7,0.8,0.9", "--maximise", "lots_sold", "--points", "4", "--replications", "1",
    "--final", "2", "--unlawful", *SETS, "--no-pictures",
)  # fmt: skip
COMPARE = ("compare", "base", "cut-10", "-n", "2", "-j", "1", "--no-pictures", *SETS)


def command(*words: str | Path) -> Result:
    """A command of ``sim``, or of ``calibrate`` if that is the first word, run in this process."""
    named = [str(word) for word in words]
    app, named = (
        (calibration.cli.main.app, named[1:]) if named[0] == "calibrate" else (sim.cli.main.app, named)
    )
    return CliRunner().invoke(app, named, env={"SIM_LANG": "en", "COLUMNS": "120"})


@contextmanager
def no_processes() -> Iterator[None]:
    """Sweeps in a thread of this process: a pool for each of thousands of commands would take hours."""
    import sim.experiments.execution.worker_pool as module

    with ThreadPoolExecutor(1) as thread, pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "WorkerPool", lambda number: Given(thread, 2))
        yield


Words = tuple[str | Path, ...]


@dataclass(frozen=True)
class Kind:
    """A kind of folder: how one is made; what opens it, with the files, beside or in it, that hold what that gives."""

    make: Callable[[Path], None]
    opened: tuple[tuple[Callable[[Path], Words], tuple[str, ...]], ...]


def made_by(*words: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        done = command(*words, "--out", folder)
        assert done.exit_code == 0, done.output

    return make


def halved(folder: Path) -> None:
    """A sweep of which half has not been run."""
    made_by(*SWEEP)(folder)
    for path in sorted((folder / "chunks").iterdir())[::2]:
        path.unlink()
    for name in ("results.parquet", "summary.csv"):
        (folder / name).unlink()


def stopped(folder: Path) -> None:
    """A comparison whose runs are there and whose folder is not, as its name with ``out`` in front says."""
    from sim.experiments.checkpoint import Checkpoint
    from sim.experiments.compare import compare
    from sim.experiments.policies import family

    tried = family("base", ["cut-10"], TINY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.experiments.checkpoint.claim", lambda folder: None)  # it has ended
        compare(
            tried, None, 2, keep=lambda plain, under: Checkpoint(folder.with_suffix(""), tried.names, plain, under)
        )  # fmt: skip


def search_to_be_settled(folder: Path) -> None:
    """A search of policies of which the answer has not been written."""
    made_by(*OPTIMISE)(folder)
    (folder / "front.csv").unlink()


KINDS = {
    "run": Kind(
        made_by("run", "base", "-n", "2", "-j", "1", "--no-pictures", *SETS),
        ((lambda folder: ("report", folder), ("run/report.html",)), (lambda folder: ("check", folder), ())),
    ),
    "compare": Kind(made_by(*COMPARE), ((lambda folder: ("report", folder), ("compare/report.html",)),)),
    "comparison.unfinished": Kind(
        stopped,
        ((lambda folder: (*COMPARE, "--out", folder.with_suffix("")), ("comparison/differences.csv",)),),
    ),
    "half": Kind(
        halved,
        ((lambda folder: ("sweep", "resume", folder, "--no-pictures"), ("half/results.parquet", "half/summary.csv")),
         (lambda folder: ("report", folder), ("half/report.html",))),
    ),
    "sweep": Kind(
        made_by(*SWEEP),
        ((lambda folder: ("sweep", "status", folder), ()),
         (lambda folder: ("report", folder), ("sweep/report.html",)),
         (lambda folder: ("explore", folder), ("sweep/explore.html",)),
         (lambda folder: ("sweep", "compact", folder, "--no-pictures"), ("sweep/results.parquet", "sweep/summary.csv"))),
    ),
    "sensitivity": Kind(
        made_by(*MORRIS),
        ((lambda folder: ("sensitivity", folder, "--no-pictures"), ("sensitivity/sensitivity.csv",)),),
    ),
    "optimise": Kind(
        search_to_be_settled, ((lambda folder: (*OPTIMISE, "--out", folder), ("optimise/front.csv",)),),
    ),
}  # fmt: skip


class Folders:
    """A folder of each kind, made once; copies of them to be spoilt."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._expected: dict[str, list[list[bytes]]] = {}

    def made(self, name: str) -> Path:
        folder = self.home / name
        if not folder.exists():
            with no_processes():
                KINDS[name].make(folder)
        return folder

    def copy(self, name: str, into: Path) -> Path:
        """Under the same name everywhere, for pages say where they are from."""
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir(parents=True)
        return Path(shutil.copytree(self.made(name), into / name))

    def expected(self, name: str, into: Path) -> list[list[bytes]]:
        """What a sound folder gives, command by command."""
        if name not in self._expected:
            done = opened(name, self.copy(name, into))
            assert [one.exit_code for one, _ in done] == [0] * len(KINDS[name].opened), done[-1][0].output
            self._expected[name] = [numbers for _, numbers in done]
        return self._expected[name]


def opened(name: str, folder: Path) -> list[tuple[Result, list[bytes]]]:
    """What the commands say and give that open a folder of this kind, up to the first that refuses."""
    done = []
    with no_processes():
        for words, gives in KINDS[name].opened:
            said = command(*words(folder))
            if said.exit_code:
                return [*done, (said, [])]
            done.append((said, [(folder.parent / file).read_bytes() for file in gives]))
    return done


def assert_ended_well(done: Result) -> None:
    """With a sentence, whatever the exit code."""
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    assert done.exit_code in (0, 1, 2)
    assert "Traceback" not in done.output
    assert done.exit_code == 0 or done.output.strip(), "it says why"
