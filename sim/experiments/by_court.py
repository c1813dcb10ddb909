"""A replication too large to hold (a nation-year): court by court, shared out among processes, straight to disk.

A process holds the records of one court at a time. The rows are those of ``simulate``, because draws belong to
lots; what has to be known of all lots at once (a median) is for whoever reads the files.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np

from sim.experiments.execution.executors import in_order
from sim.experiments.execution.memory import peak
from sim.experiments.execution.worker_pool import WorkerPool
from sim.experiments.storage.codebook import codebook
from sim.experiments.storage.tables import RecordFiles
from sim.model.behaviour.switches import coupled
from sim.model.records import SCHEMAS
from sim.model.simulate import by_court
from sim.scenario.schema import Scenario


@dataclass(frozen=True, slots=True)
class Part:
    """What one process wrote."""

    folder: Path  # holds lots.parquet, rounds.parquet, registrations.parquet, bids.parquet
    courts: range
    lots: int
    peak_mb: float  # of the process's resident memory, Python and packages included


def stream(scenario: Scenario, folder: Path, replication: int = 0, jobs: int = 1) -> list[Part]:
    """Write one replication to ``folder/part-000`` ... ; the parts one after another are its rows in order.

    Raises ``ValueError`` if courts share bidders: then they must run together (``sim.model.simulate.simulate``), and
    ``FileExistsError`` if a part is there already.
    """
    if coupled(scenario):
        raise ValueError("courts share their bidders (market): they cannot run one after another")
    edges = np.linspace(0, scenario.courts.number, min(jobs, scenario.courts.number) + 1).astype(int).tolist()
    shares = [range(first, end) for first, end in pairwise(edges)]
    folders = [folder / f"part-{number:03}" for number in range(len(shares))]
    for part in folders:
        part.mkdir(parents=True)
    if len(shares) == 1:
        return [_write(scenario, replication, (shares[0], folders[0]))]
    with WorkerPool(len(shares)) as pool:
        write = partial(_write, scenario, replication)
        return list(in_order(pool, write, zip(shares, folders, strict=True), len(shares)))


def _write(scenario: Scenario, replication: int, share: tuple[range, Path]) -> Part:
    courts, folder = share
    lots = 0
    with RecordFiles(folder, tuple(SCHEMAS), codebook(scenario)) as files:
        for records in by_court(scenario, replication, courts):
            files.write(replication, records)
            lots += len(records.lots["lot"])
    return Part(folder, courts, lots, peak())
