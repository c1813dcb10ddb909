"""The project's own model on the reference workload, through the ordinary scenario file; prints like a peer.

``python benchmarks/model.py N SEED [--courts C] [--jobs J] [--undivided] [--stream FOLDER]``. What is timed is
``sim.model.simulate`` from the scenario to the records as columns; loading the scenario and imports are not. With
``--stream`` records leave court by court for Parquet files, and the time of writing them counts.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE), str(HERE / "peers")]

import numpy as np  # noqa: E402
from _peer import WARM_UP, Figures, Tally, Watch, arguments, report  # noqa: E402
from tricks import TRICKS  # noqa: E402

from sim.experiments.by_court import Part, stream  # noqa: E402
from sim.model.records import SCHEMAS, Records  # noqa: E402
from sim.model.simulate import by_court, simulate, undivided  # noqa: E402
from sim.scenario import load  # noqa: E402
from sim.scenario.schema import Scenario  # noqa: E402


def reference(n: int, seed: int, courts: int = 1, *more: str) -> Scenario:
    """The reference workload with ``n`` lots."""
    size = [f"arrivals.periods.year.{what}={float(n)}" for what in ("cases", "lots")]
    return load(
        HERE / "reference.toml", [*size, f"run.seed={seed}", f"courts.number={courts}", *more]
    ).scenario


def add(tally: Tally, records: Records) -> None:
    """What records say of the eight figures."""
    lots: dict[str, Any] = dict(records.lots)
    rounds: dict[str, Any] = dict(records.rounds)
    sold = lots["sold_round"] >= 0
    tally.sold += int(sold.sum())
    tally.first += int((lots["sold_round"] == 0).sum())
    tally.premium += float((lots["price"][sold] / lots["start_sold"][sold] - 1.0).sum())
    tally.days += float((lots["ended"] - lots["listed"])[sold].sum())
    tally.rounds += len(rounds["lot"])
    tally.bidders += int(rounds["interested"].sum())
    tally.bids += int(rounds["bids"].sum())
    tally.extensions += int(rounds["extensions"].sum())


def run(n_lots: int, seed: int) -> Figures:
    """One court, all records kept."""
    tally = Tally()
    add(tally, simulate(reference(n_lots, seed)))
    return tally.figures(n_lots)


def nation(scenario: Scenario, courts: range) -> tuple[Tally, float]:
    """Some courts one after another, records let go; the peak of this process's memory in MB."""
    tally = Tally()
    for records in by_court(scenario, 0, courts):
        add(tally, records)
    return tally, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def side_by_side(scenario: Scenario, jobs: int) -> list[tuple[Tally, float]]:
    """The courts shared out among ``jobs`` processes."""
    if jobs == 1:
        return [nation(scenario, range(scenario.courts.number))]
    edges = np.linspace(0, scenario.courts.number, jobs + 1).astype(int).tolist()
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        return [
            one.result() for one in [pool.submit(nation, scenario, range(a, b)) for a, b in pairwise(edges)]
        ]


def written(parts: list[Part]) -> Tally:
    """The tally of what has been streamed to disk."""
    import pyarrow.parquet as pq

    tally = Tally()
    for part in parts:
        tables = {
            name: {
                column: np.empty(0) if name in ("registrations", "bids") else pq.read_table(
                    part.folder / f"{name}.parquet", columns=[column]
                )[column].to_numpy()
                for column in schema
            }
            for name, schema in SCHEMAS.items()
        }  # fmt: skip
        add(tally, Records(**tables))
    return tally


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--courts", type=int, default=1)
    parser.add_argument(
        "--jobs", type=int, default=0, help="processes, each with its share of the courts, court by court"
    )
    parser.add_argument("--undivided", action="store_true", help="all courts in one environment")
    parser.add_argument("--stream", default="", metavar="FOLDER", help="write records there, court by court")
    parser.add_argument("--set", action="append", default=[], help="path.to.key=value")
    parser.add_argument("--without", choices=sorted(TRICKS), help="take out a trick")
    given = arguments(parser)
    if given.without:
        TRICKS[given.without]()
    scenario = reference(given.n, given.seed, given.courts, *given.set)
    simulate(reference(WARM_UP, 0, 1, *given.set))
    tally, peaks = Tally(), []
    if given.stream:
        with Watch() as watch:
            parts = stream(scenario, Path(given.stream), jobs=max(given.jobs, 1))
        peaks = [round(part.peak_mb, 1) for part in parts]
        tally = written(parts)
    elif given.jobs:
        with Watch() as watch:
            done = side_by_side(scenario, given.jobs)
        for part, peak in done:
            peaks.append(round(peak, 1))
            for name in Tally.__slots__:
                setattr(tally, name, getattr(tally, name) + getattr(part, name))
    else:
        with Watch() as watch:
            records = (undivided if given.undivided else simulate)(scenario)
        add(tally, records)
    more = {"courts": given.courts, "jobs": given.jobs, "undivided": given.undivided}
    report("model", given.n, given.seed, tally.figures(given.n), watch, **more, peaks_mb=peaks)


if __name__ == "__main__":
    main()
