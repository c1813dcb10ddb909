"""``sim run``: replications of one scenario, summarised, compared with print, left in a folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.experiments.folder import command_line, manifest, new_folder, write_manifest
from sim.experiments.replicate import (
    Keep,
    Replication,
    curve_days,
    held_rounds,
    replications,
    spans,
    until_precise,
)
from sim.experiments.tables import RecordFiles, write_csv
from sim.law import breaches
from sim.measures import READINGS, summarise
from sim.scenario import Loaded
from sim.scenario.schema import Scenario

AUTO = 0  # number of replications that means: until precise
RECORD_NAMES: dict[Keep, tuple[str, ...]] = {
    "none": (), "lots": ("lots",), "all": ("lots", "rounds", "registrations", "bids"),
}  # fmt: skip


@dataclass(slots=True)
class Result:
    """What a run leaves behind in memory: the summary and what the pictures are drawn from."""

    summary: dict[str, list[Any]]
    flow: list[Any]
    curve: Any
    days_to_sale: Any
    premiums: Any
    replications: int
    seconds: float


@contextmanager
def pool(jobs: int) -> Iterator[Executor | None]:
    """Processes on this machine; none for a single job."""
    if jobs <= 1:
        yield None
        return
    with ProcessPoolExecutor(jobs) as executor:
        try:
            yield executor
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            raise


def run(
    loaded: Loaded,
    out: Path,
    count: int,
    jobs: int = 1,
    keep: Keep = "all",
    force: bool = False,
    lang: str = "zh",
    pictures: bool = True,
    tick: Callable[[int], None] = lambda done: None,
) -> Result:
    """Run ``count`` replications (``AUTO``: until precise) and write the folder ``out``.

    Raises ``FolderError`` before anything runs if ``out`` cannot be used.
    """
    scenario = loaded.scenario
    began = time.perf_counter()
    with new_folder(out, force) as folder:
        with pool(jobs) as executor, RecordFiles(folder, RECORD_NAMES[keep]) as files:
            result = _collect(scenario, count, keep, executor, jobs, files, tick)
        write_csv(folder / "measures.csv", result.summary)
        if pictures:
            from sim.report.pictures import draw_run

            draw_run(folder, scenario, result, lang)
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
        flow=mean_flow(flows),
        curve=np.array(curves),
        days_to_sale=np.concatenate(days),
        premiums=np.concatenate(premiums),
        replications=len(tables),
        seconds=0.0,
    )


def mean_flow(flows: list[list[Any]]) -> list[Any]:
    """Lots from stage to stage, on average over replications."""
    total: dict[tuple[str, str], float] = {}
    for flow in flows:
        for origin, target, number in flow:
            total[origin, target] = total.get((origin, target), 0.0) + number
    return [(origin, target, number / len(flows)) for (origin, target), number in total.items()]


__all__ = ["AUTO", "READINGS", "Result", "curve_days", "held_rounds", "run", "spans"]
