"""``sim run``: replications of one scenario, summarised, left in a folder."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.experiments.folder import command_line, manifest, new_folder, write_manifest
from sim.experiments.replicate import (
    Keep,
    Replication,
    curve_days,
    precise,
    replications,
    until_precise,
)
from sim.experiments.tables import RecordFiles, write_csv
from sim.law import breaches
from sim.measures import summarise
from sim.measures.curves import stack
from sim.measures.flows import Link, mean_links
from sim.scenario import Loaded
from sim.scenario.schema import Scenario

Floats = npt.NDArray[np.float64]
AUTO = 0  # number of replications that means: until precise
RECORD_NAMES: dict[Keep, tuple[str, ...]] = {
    "none": (), "lots": ("lots",), "all": ("lots", "rounds", "registrations", "bids"),
}  # fmt: skip


@dataclass(slots=True)
class Result:
    """What a run leaves behind in memory: the summary and what the pictures are drawn from."""

    summary: dict[str, list[Any]]
    flow: list[Link]  # mean over replications
    curve_days: Floats  # (days,)
    open_lots: dict[str, Floats]  # (replications, days) each: listed, open, sold
    days_to_sale: Floats  # (sold,) of all replications together
    premiums: Floats  # (sold, 2): hammer price, starting price of its round
    replications: int
    precise: bool  # false: ``auto`` stopped at its limit before the headline measures were known well enough
    seconds: float


@contextmanager
def pool(jobs: int) -> Iterator[Executor | None]:
    """Processes on this machine; none for a single job. On an error or Ctrl-C they end at once."""
    if jobs <= 1:
        yield None
        return
    others = multiprocessing.active_children()
    with ProcessPoolExecutor(jobs, initializer=_obey) as executor:
        try:
            with _deaf():
                executor.submit(int)  # starts the workers
            yield executor
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            workers = [child for child in multiprocessing.active_children() if child not in others]
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.join()
            raise


STOPS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def _deaf() -> Iterator[None]:
    """Signals wait until the workers have been started: Python swallows what is raised in the middle of a fork."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _obey() -> None:
    """A worker that is told to stop stops, and leaves the talking to its parent."""
    for number in STOPS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)


def run(
    loaded: Loaded,
    out: Path,
    count: int,
    jobs: int = 1,
    keep: Keep = "all",
    force: bool = False,
    also: Callable[[Path, Result], None] = lambda folder, result: None,
    tick: Callable[[int], None] = lambda done: None,
) -> Result:
    """Run ``count`` replications (``AUTO``: until precise) and write the folder ``out``.

    ``also`` writes more into the folder before it takes its name (what people look at: see ``sim.report``);
    ``tick`` is told how many replications are done. Raises ``FolderError`` before anything runs if ``out`` cannot be used.
    """
    scenario = loaded.scenario
    began = time.perf_counter()
    with new_folder(out, force) as folder:
        with pool(jobs) as executor, RecordFiles(folder, RECORD_NAMES[keep]) as files:
            result = _collect(scenario, count, keep, executor, jobs, files, tick)
        write_csv(folder / "measures.csv", result.summary)
        (folder / "scenario.toml").write_text(loaded.toml(), encoding="utf-8")
        also(folder, result)
        result.seconds = time.perf_counter() - began
        write_manifest(
            folder,
            manifest(
                command_line(),
                loaded.toml(),
                files_of_scenario=[str(name) for name in loaded.files],
                seed=scenario.run.seed,
                replications=result.replications,
                jobs=jobs,
                precise=result.precise,
                records=keep,
                seconds=round(result.seconds, 3),
                unlawful=[f"{b.path}: {b.article}" for b in breaches(scenario)],
            ),
        )
    return result


def _collect(
    scenario: Scenario,
    count: int,
    keep: Keep,
    executor: Executor | None,
    jobs: int,
    files: RecordFiles,
    tick: Callable[[int], None],
) -> Result:
    def source(numbers: range) -> Iterator[Replication]:
        return replications(scenario, numbers, keep, executor, ahead=2 * jobs)

    stream = until_precise(source, list(scenario.time.windows)) if count == AUTO else source(range(count))
    tables, flows, curves, days, premiums = [], [], [], [], []
    for one in stream:
        files.write(one.number, one.records)
        tables.append(one.measures)
        flows.append(one.flow)
        curves.append(one.open_lots)
        days.append(one.days_to_sale)
        premiums.append(one.premiums)
        tick(len(tables))
    return Result(
        summary=summarise(tables),
        flow=mean_links(flows),
        curve_days=curve_days(scenario),
        open_lots=stack(curves),
        days_to_sale=np.concatenate(days),
        premiums=np.concatenate(premiums),
        replications=len(tables),
        precise=count != AUTO or precise(tables, list(scenario.time.windows)),
        seconds=0.0,
    )
