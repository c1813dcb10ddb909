"""``sim run``: replications of one scenario, summarised, left in a folder."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.experiments.draws import file_named
from sim.experiments.execution.memory import check_fits
from sim.experiments.execution.worker_pool import pool
from sim.experiments.replications import Keep, Replication, curve_days, precise, replications, until_precise
from sim.experiments.storage.codebook import codebook
from sim.experiments.storage.folders import command_line, manifest, new_folder, write_manifest
from sim.experiments.storage.tables import Keeps, RecordFiles, RecordsHeld, write_csv
from sim.law.verdict import breaches
from sim.measures import Gathered, summarise
from sim.measures.flows import Link, mean_links
from sim.measures.months import FLOWS, STOCKS
from sim.scenario import Loaded
from sim.scenario.departure import with_figures
from sim.scenario.schema import Scenario

Floats = npt.NDArray[np.float64]
PEAK = 2.0  # bytes in use at the end for each byte that a replication leaves: the summary and the pictures copy some
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
    months: dict[str, Floats]  # (replications, months) each; empty unless something changes at a date
    replications: int
    precise: bool  # false: ``auto`` stopped at its limit before the headline measures were known well enough
    seconds: float
    deaths: int = 0  # of workers, whose work was done again


def run(
    loaded: Loaded,
    out: Path,
    count: int,
    jobs: int = 1,
    keep: Keep = "all",
    force: bool = False,
    also: Callable[[Path, Result], None] = lambda folder, result: None,
    tick: Callable[[int], None] = lambda done: None,
    *,
    law_of: date | None = None,
) -> Result:
    """Run ``count`` replications (``AUTO``: until precise) and write the folder ``out``.

    ``law_of``: the day by whose law the scenario is marked; None: by that of the days simulated.

    ``also`` writes more into the folder before it takes its name (what people look at: see ``sim.reporting``);
    ``tick`` is called with how many replications are done. Raises ``FolderError`` before anything runs if ``out`` cannot be used.
    """
    scenario = loaded.scenario
    began = time.perf_counter()
    with new_folder(out, force) as folder:
        with pool(jobs) as workers, RecordFiles(folder, RECORD_NAMES[keep], codebook(scenario)) as files:
            source = partial(replications, scenario, keep=keep, workers=workers, ahead=2 * jobs)
            result = _collect(scenario, count, source, files, tick)
        result.deaths = workers.deaths if workers else 0
        write_csv(folder / "measures.csv", result.summary)
        (folder / "scenario.toml").write_text(loaded.toml(), encoding="utf-8", newline="\n")
        also(folder, result)
        result.seconds = time.perf_counter() - began
        write_manifest(
            folder,
            manifest(
                command_line(),
                loaded.toml(),
                kind="run",
                files_of_scenario=[str(name) for name in loaded.files],
                figures_of=None if (base := with_figures(loaded)) is None else base.toml(),
                draws_file=file_named(loaded),
                seed=scenario.run.seed,
                replications=result.replications,
                jobs=jobs,
                precise=result.precise,
                records=keep,
                seconds=round(result.seconds, 3),
                unlawful=[breach.brief for breach in breaches(scenario, law_of)],
                **({"law_of": str(law_of)} if law_of else {}),
                extensions=scenario.extensions.described,
            ),
        )
    return result


def gather(
    scenario: Scenario,
    count: int,
    jobs: int = 1,
    keep: Keep = "all",
    tick: Callable[[int], None] = lambda done: None,
) -> tuple[Result, RecordsHeld]:
    """The same without a folder: results, and the records of all replications, are held in memory.

    Raises ``TooLargeError`` if they do not fit.
    """
    began = time.perf_counter()
    held = RecordsHeld(RECORD_NAMES[keep], count)
    with pool(jobs) as workers:
        source = partial(replications, scenario, keep=keep, workers=workers, ahead=2 * jobs)
        result = _collect(scenario, count, source, held, tick)
    result.deaths = workers.deaths if workers else 0
    result.seconds = time.perf_counter() - began
    return result, held


def _collect(
    scenario: Scenario,
    count: int,
    source: Callable[[range], Iterator[Replication]],
    files: Keeps,
    tick: Callable[[int], None],
) -> Result:
    """Results of the replications that ``source`` gives for their numbers."""
    windows = list(scenario.time.windows)
    auto = count == AUTO
    stream = until_precise(source, windows, scenario.basis) if auto else source(range(count))
    tables = Gathered()
    kept = {name: array("d") for name in ("listed", "open", "sold", "days", "premiums")}
    monthly = {name: array("d") for name in (*FLOWS, *STOCKS)}

    def flows() -> Iterator[list[Link]]:
        """The links of each replication; what else it leaves is kept as bare numbers."""
        for one in stream:
            files.write(one.number, one.records)
            tables.add(one.measures)
            for name, x in {**one.open_lots, "days": one.days_to_sale, "premiums": one.premiums}.items():
                kept[name].frombytes(np.ascontiguousarray(x, dtype=np.float64).tobytes())
            for name, x in one.months.items():
                monthly[name].frombytes(x.tobytes())
            if len(tables) == 1:
                check_fits(count, PEAK * (one.measures.values.nbytes + 8 * sum(map(len, kept.values()))))
            tick(len(tables))
            yield one.flow

    flow = mean_links(flows())
    days = curve_days(scenario)
    numbers = {name: np.frombuffer(x) for name, x in kept.items()}
    return Result(
        summary=summarise(tables),
        flow=flow,
        curve_days=days,
        open_lots={name: numbers[name].reshape(-1, len(days)) for name in ("listed", "open", "sold")},
        days_to_sale=numbers["days"],
        premiums=numbers["premiums"].reshape(-1, 2),
        months={name: np.frombuffer(x).reshape(len(tables), -1) for name, x in monthly.items() if x},
        replications=len(tables),
        precise=not auto or precise(tables, windows, scenario.basis),
        seconds=0.0,
    )
