"""Small sweeps of test work, and the hash of what they give."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import workloads

from sim.experiments.execution.executors import Given
from sim.experiments.storage.folders import manifest
from sim.experiments.sweep.results import write_results
from sim.experiments.sweep.run_store import Batch, RunStore, create
from sim.experiments.sweep.scheduler import Progress, schedule
from sim.experiments.sweep.tasks import WORKS

WORKS |= {
    name: one for name, one in vars(workloads).items() if isinstance(one, type) and hasattr(one, "columns")
}
POINTS = [float(i) for i in range(20)]


def about(**more) -> dict:
    """What the manifest of a sweep says of things that do not matter to it."""
    given = {"scenario": "", "overrides": []}
    described = {"given": given, "files_of_scenario": [], "seed": 1, "design": {"method": "grid"}, "axes": []}
    return manifest(["sim", "sweep"], "", kind="sweep", **(described | more))


def make_sweep(
    folder: Path, replications: int = 5, chunk: int = 4, described: dict | None = None, **arguments
) -> RunStore:
    """Twenty points of ``workloads.Sums``; x = 13 fails at every replication, x = 7 at the second.

    ``described``: what else its manifest says.
    """
    work = {"work": "Sums", "arguments": arguments}
    points = iter([[POINTS[:8]], [POINTS[8:]]])
    batch = Batch(0, replications, chunk)
    return create(
        folder,
        work,
        ("sum", "noise"),
        ["x"],
        [],
        points,
        batch,
        "",
        about(**(described or {})),
    )


def run(store: RunStore, executor=None, part=None, **options) -> Progress:
    """Run what is missing; without an executor in one thread of this process."""
    progress = Progress(store.runs)
    if executor is not None:
        schedule(store.todo(store.state(mend=True), part), executor, progress, **options)
        return progress
    with ThreadPoolExecutor(1) as executor:
        schedule(store.todo(store.state(mend=True), part), Given(executor, 1), progress, **options)
    return progress


def outcome(store: RunStore) -> str:
    """Hash of the tables of results."""
    digest = hashlib.sha256()
    for path in write_results(RunStore(store.folder)):
        digest.update(path.read_bytes())
    return digest.hexdigest()
