"""Shanxi, everything on: seconds a replication, replications by two processes, and where the time goes.

``python benchmarks/shanxi.py [--replications R] [--jobs J] [--profile] [--without TRICK]`` prints one JSON object.
A replication is timed from the scenario to all four tables of records as columns. With ``--jobs`` whole
replications (model and measures) are timed, one process against several.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE), str(HERE / "peers")]

from _peer import Watch  # noqa: E402
from model import reference  # noqa: E402
from tricks import TRICKS  # noqa: E402

import sim.model.simulate  # noqa: E402
from sim.experiments.replications import replications  # noqa: E402
from sim.scenario import load  # noqa: E402

ROOMS = {
    "clock.py": "clock: SimPy's loop and queue, as shortened by sim/model/clock.py",
    "disposal.py": "a lot's way (disposal.py)",
    "auction.py": "bidding and its rules (auction.py)",
    "court.py": "the court: cases, clerks (court.py)",
    "pricing.py": "pricing, calendar",
    "calendar.py": "pricing, calendar",
    "bidders.py": "draws: bidders (bidders.py)",
    "lots.py": "draws: lots (lots.py, arrivals.py, random_streams.py)",
    "arrivals.py": "draws: lots (lots.py, arrivals.py, random_streams.py)",
    "random_streams.py": "draws: lots (lots.py, arrivals.py, random_streams.py)",
    "recorder.py": "records (recorder.py, records.py)",
    "records.py": "records (recorder.py, records.py)",
}
INTERVAL = 0.001  # seconds of processor time between two looks


def profile(scenario: Any, runs: int) -> dict[str, float]:
    """Shares of processor time by room: where the program counter of Python is, looked up every millisecond."""
    seen: Counter[str] = Counter()

    def look(_: int, frame: Any) -> None:
        while frame is not None:  # C code (heap, numpy) counts for the room that calls it
            path = Path(frame.f_code.co_filename)
            if "simpy" in path.parts:
                seen["SimPy's own code (processes, requests)"] += 1
                return
            if path.parent.name == "model" and path.name in ROOMS:
                seen[ROOMS[path.name]] += 1
                return
            frame = frame.f_back
        seen["other"] += 1

    was = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)
    for number in range(runs):
        sim.model.simulate.simulate(scenario, number)
    signal.setitimer(signal.ITIMER_PROF, 0.0)
    signal.signal(signal.SIGPROF, was)
    total = sum(seen.values())
    return {room: round(count / total, 4) for room, count in seen.most_common()}


def throughput(scenario: Any, number: int, jobs: int) -> float:
    """Seconds for ``number`` replications by ``jobs`` processes that have been started before."""
    if jobs == 1:
        with Watch() as watch:
            assert len(list(replications(scenario, range(number)))) == number
        return watch.seconds
    with ProcessPoolExecutor(jobs) as pool:
        list(replications(scenario, range(jobs), executor=pool))
        with Watch() as watch:
            assert len(list(replications(scenario, range(number), executor=pool, ahead=2 * jobs))) == number
        return watch.seconds


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--replications", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=0, help="compare so many processes with one")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument(
        "--reference", type=int, default=0, metavar="N", help="profile the reference workload instead"
    )
    parser.add_argument("--without", choices=sorted(TRICKS))
    given = parser.parse_args()
    if given.without:
        TRICKS[given.without]()
    scenario = reference(given.reference, 1) if given.reference else load("shanxi").scenario
    records = sim.model.simulate.simulate(scenario, 1000)
    answer: dict[str, Any] = {"size": records.size}
    if given.profile:
        answer["profile"] = profile(scenario, given.replications)
    elif given.jobs:
        throughput(scenario, 1, 1)
        answer["one"] = throughput(scenario, given.replications, 1)
        answer["many"] = throughput(scenario, given.replications, given.jobs)
    else:
        times = []
        for number in range(given.replications):
            with Watch() as watch:
                sim.model.simulate.simulate(scenario, number)
            times.append((watch.seconds, watch.cpu))
        answer["seconds"], answer["cpu"] = (median(x) for x in zip(*times, strict=True))
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
