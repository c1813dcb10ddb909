"""All benchmarks in one interleaved run: ``python benchmarks/run.py [--quick]`` writes ``benchmarks/results.md``.

Every measurement is a process of its own. They take turns, round after round, so that whatever else the machine
does falls on all of them alike; ratios are taken within a round, and medians over the rounds. ``--quick`` is one
round of the small sizes, to see that everything runs. ``README.md`` beside this file says more.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from report import Results, page

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
NATION = 400_000
PEERS = {  # script and arguments, by what the table calls them
    "floor": ["peers/floor.py"],
    "floor, bids alone": ["peers/floor.py", "--events", "bids"],
    "plain SimPy": ["peers/plain_simpy.py"],
    "SimPy with AnyOf": ["peers/anyof_simpy.py"],
    "tuned SimPy": ["peers/tuned_simpy.py"],
    "bare heapq": ["peers/bare_heapq.py"],
    "NumPy": ["peers/vector_numpy.py"],
    "Ciw": ["peers/ciw_nearest.py"],
    "salabim, plain": ["peers/salabim_plain.py"],
    "salabim, a component a lot": ["peers/salabim_plain.py", "--style", "lot"],
    "the model": ["model.py"],
}
SLOW = {  # in how many rounds, where not in all; at larger sizes not at all
    ("Ciw", 4_000): 3,
    ("salabim, plain", 4_000): 2,
    ("salabim, a component a lot", 4_000): 3,
    ("salabim, a component a lot", 40_000): 2,
}
TIMEOUTS = """
import json, simpy, time
def sleeper(env):
    for _ in range(300_000):
        yield env.timeout(1.0)
env = simpy.Environment()
env.process(sleeper(env))
began = time.perf_counter(), time.process_time()
env.run()
print(json.dumps({"seconds": time.perf_counter() - began[0], "cpu": time.process_time() - began[1]}))
"""


@dataclass(frozen=True)
class Job:
    """One measurement, and in how many rounds it is made."""

    name: str
    size: int
    argv: list[str]
    rounds: int
    command: bool = False  # a command whose wall time counts, imports and all; else a script that prints JSON
    env: dict[str, str] = field(default_factory=dict)


def jobs(quick: bool, scratch: Path) -> list[Job]:
    """What is measured, in the order in which it is done within a round."""
    python = sys.executable
    found = [Job("timeouts", 0, [python, "-c", TIMEOUTS], 1 if quick else 7)]

    def script(name: str, size: int, argv: list[str], rounds: int) -> None:
        found.append(Job(name, size, [python, *argv], rounds))

    rounds = {1_000: 1} if quick else {4_000: 7, 40_000: 4}
    for size, times in rounds.items():
        for name, (path, *more) in PEERS.items():
            most = SLOW.get((name, size), 0 if size > 4_000 and (name, 4_000) in SLOW else times)
            if most:
                script(name, size, [str(HERE / path), str(size), "1", *more], min(times, most))
        script(
            "ladder",
            size,
            [str(HERE / "model.py"), str(size), "1", "--set", "auction.bidding=ladder"],
            min(times, 3),
        )
    nation = 20_000 if quick else NATION
    courts = ["--courts", str(nation // 4_000)]
    model, lots = str(HERE / "model.py"), str(nation)
    script("nation, court by court", nation, [model, lots, "1", *courts, "--jobs", "1"], 1 if quick else 2)
    script("nation, two processes", nation, [model, lots, "1", *courts, "--jobs", "2"], 1 if quick else 2)
    script("nation, streamed", nation, [model, lots, "1", *courts, "--stream", str(scratch / "nation")], 1)
    script("nation, undivided", nation, [model, lots, "1", *courts, "--undivided"], 1)
    script("floor", nation, [str(HERE / "peers/floor.py"), lots, "1"], 1)
    shanxi = str(HERE / "shanxi.py")
    script("Shanxi", 0, [shanxi, "--replications", "1" if quick else "3"], 1 if quick else 5)
    script(
        "Shanxi, two processes",
        0,
        [shanxi, "--jobs", "2", "--replications", "2" if quick else "10"],
        1 if quick else 3,
    )
    script("Shanxi, profile", 0, [shanxi, "--profile", "--replications", "2" if quick else "8"], 1)
    script(
        "reference, profile",
        0,
        [shanxi, "--profile", "--reference", "4000", "--replications", "2" if quick else "12"],
        1,
    )
    for trick in ("timer", "collector", "late", "neighbours", "jumps"):
        script(
            f"Shanxi without {trick}",
            0,
            [shanxi, "--replications", "1" if quick else "3", "--without", trick],
            1 if quick else 3,
        )
        if trick in ("timer", "collector", "late"):
            of = 1_000 if quick else 40_000
            script(
                f"reference without {trick}",
                of,
                [model, str(of), "1", "--without", trick],
                1 if quick else 2,
            )
    sim = [python, "-m", "sim"]
    out = str(scratch / "run")
    for name, argv, times in (
        ("python -c pass", [python, "-c", "pass"], 9),
        ("sim --help", [*sim, "--help"], 9),
        ("sim check shanxi", [*sim, "check", "shanxi"], 5),
        ("sim run, no pictures", [*sim, "run", "shanxi", "-n", "1", "--jobs", "1", "--no-pictures", "--force", "--out", out], 3),
        ("sim run, pictures", [*sim, "run", "shanxi", "-n", "1", "--jobs", "1", "--force", "--out", out], 2),
    ):  # fmt: skip
        found.append(Job(name, 0, argv, 1 if quick else times, command=True))
    return found


def measure(job: Job) -> dict[str, Any]:
    """Run one job; its JSON, or the wall and processor seconds of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = perf_counter()
    done = subprocess.run(job.argv, capture_output=True, text=True, cwd=ROOT, env={**os.environ, **job.env})
    wall = perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        return {"failed": (done.stderr.strip().splitlines() or ["no message"])[-1]}
    if job.command:
        return {"seconds": wall, "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="one round of small sizes; prints, writes nothing"
    )
    parser.add_argument("--rounds", type=int, default=99, help="at most so many rounds")
    parser.add_argument("--out", type=Path, default=HERE / "results.md")
    given = parser.parse_args()
    began = perf_counter()
    results = Results()
    scratch = Path(tempfile.mkdtemp())
    try:
        todo = jobs(given.quick, scratch)
        for number in range(min(given.rounds, max(job.rounds for job in todo))):
            for job in todo:
                if number < job.rounds:
                    shutil.rmtree(scratch / "nation", ignore_errors=True)
                    found = measure(job)
                    results.add(number, job.name, job.size, found)
                    took = found.get("seconds", found.get("failed", ""))
                    print(
                        f"round {number + 1}  {job.name:28} {job.size or '':>7}  {took}",
                        file=sys.stderr,
                        flush=True,
                    )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    text = page(results, perf_counter() - began)
    if given.quick:
        print(text)
    else:
        given.out.with_suffix(".tmp").write_text(text, encoding="utf-8")
        given.out.with_suffix(".tmp").replace(given.out)
    failed = results.failed()
    if failed:
        sys.exit("failed: " + "; ".join(failed))


if __name__ == "__main__":
    main()
