"""What sweeps cost beside the runs in them. Writes sweep-results.md.

    python benchmarks/sweep_machinery.py            # some minutes, on a machine that does nothing else
    python benchmarks/sweep_machinery.py --quick    # a minute; prints, writes nothing

Overhead is measured twice: with runs that only wait (wall time of everything between the command and the last file,
processes and disk included), and with runs of the model (processor time in one process). The memory is that of the
parent and of the largest worker, each sweep in processes of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]
os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE.parent), str(HERE)])  # for workers

import numpy as np  # noqa: E402

from sim.experiments.execution.executors import Executor, Given  # noqa: E402
from sim.experiments.execution.worker_pool import WorkerPool  # noqa: E402
from sim.experiments.storage.folders import manifest  # noqa: E402
from sim.experiments.sweep import chunks  # noqa: E402
from sim.experiments.sweep.axes import parse_axis  # noqa: E402
from sim.experiments.sweep.design import Design  # noqa: E402
from sim.experiments.sweep.run_store import Batch, RunStore, create  # noqa: E402
from sim.experiments.sweep.sweep import chunk_size, observation, run_missing  # noqa: E402
from sim.experiments.sweep.tasks import WORKS, made, recipe  # noqa: E402
from sim.scenario import load  # noqa: E402

REPORT = HERE / "sweep-results.md"
WAIT = 0.05  # seconds of a run that only waits


class Wait:
    """A run that takes time and does nothing."""

    columns = ("x", "replication")

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds

    def prepare(self, values: dict[str, Any]) -> float:
        return float(values["x"])

    def run(self, prepared: float, replication: int) -> list[float]:
        if self.seconds:
            time.sleep(self.seconds)
        return [prepared, float(replication)]


WORKS["wait"] = Wait


def about(plan: Design) -> dict[str, Any]:
    """What the manifest of a sweep says besides."""
    given = {"scenario": "", "overrides": []}
    return manifest(
        [], "", kind="sweep", given=given, files_of_scenario=[], seed=1, design=plan.described(), axes=[]
    )


def waiting(folder: Path, points: int, replications: int, seconds: float, chunk: int) -> RunStore:
    """A sweep of runs that wait."""
    plan = Design((parse_axis("x=0:1"),), "sobol", points, 1)
    work = {"work": "wait", "arguments": {"seconds": seconds}}
    return create(
        folder, work, Wait.columns, ["x"], [], plan.blocks(), Batch(0, replications, chunk), "", about(plan)
    )


def modelled(folder: Path, runs: int, chunk: int) -> tuple[RunStore, dict[str, Any]]:
    """A sweep of the model, about 50 ms a run, and its work."""
    loaded = load(
        "base", ["arrivals.periods.year.cases=150", "arrivals.periods.year.lots=375", "courts.number=4"]
    )
    axis = parse_axis("rounds.second.cut=0:0.2")
    work = observation(loaded, (axis,))
    plan = Design((axis,), "sobol", runs // 4, 1)
    columns = made(recipe(work)).columns
    return create(
        folder, work, columns, [axis.path], [], plan.blocks(), Batch(0, 4, chunk), loaded.toml(), about(plan)
    ), work


def clocked(do: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    began = clock()
    do()
    return clock() - began


def warm(executor: Executor) -> Executor:
    """An executor whose workers have started."""
    with tempfile.TemporaryDirectory() as folder:
        run_missing(waiting(Path(folder) / "s", 8, 1, 0.0, 1), executor)
    return executor


def overhead_of_waiting(folder: Path, runs: int) -> dict[str, float]:
    """Runs that wait, one worker: wall time of the sweep beside that of the same waits in a loop."""
    chunk = chunk_size(WAIT, runs, 1)
    work = Wait(WAIT)
    direct = clocked(lambda: [work.run(0.0, r) for r in range(runs)])
    executor = warm(WorkerPool(1))
    store = waiting(folder / "wait", runs, 1, WAIT, chunk)
    swept = clocked(lambda: run_missing(store, executor))
    executor.close()
    return {"runs": runs, "chunk": chunk, "direct": direct, "swept": swept, "overhead": swept / direct - 1.0}


def in_a_loop(store: RunStore, definition: dict[str, Any], points: int | None = None) -> None:
    """The same runs without a sweep; of the first ``points`` only."""
    work = made(recipe(definition))
    for cut in store.design.values(0, points or store.points)["rounds.second.cut"]:
        point = work.prepare({"rounds.second.cut": cut})
        for replication in range(4):
            work.run(point, replication)


def overhead_of_model(folder: Path, runs: int, turns: int) -> dict[str, float]:
    """Runs of the model in this process: processor time of the sweep beside that of a loop, turn by turn."""
    direct, swept = [], []
    for turn in range(turns):
        store, definition = modelled(folder / f"model-{turn}", runs, chunk_size(WAIT, 10**9, 1))
        for loop in (True, False) if turn % 2 else (False, True):
            if loop:
                direct.append(clocked(partial(in_a_loop, store, definition), time.process_time))
            else:
                with ThreadPoolExecutor(1) as executor:
                    swept.append(clocked(partial(run_missing, store, Given(executor, 1)), time.process_time))
    ratios = [b / a - 1.0 for a, b in zip(direct, swept, strict=True)]
    return {
        "runs": runs, "a_run": statistics.median(direct) / runs, "overhead": statistics.median(ratios),
        "low": min(ratios), "high": max(ratios),
    }  # fmt: skip


def speed_up(folder: Path, runs: int, turns: int) -> dict[str, Any]:
    """The model on one process and on two, in turns; wall time, workers started before.

    Beside it what the machine itself allows: a plain loop alone, and two of them, half as long, at the same time.
    """
    swept, plain = [], []
    for turn in range(turns):
        times, loops = {}, {}
        for number in (1, 2) if turn % 2 else (2, 1):
            executor = warm(WorkerPool(number))
            store, _ = modelled(folder / f"speed-{turn}-{number}", runs, chunk_size(WAIT, runs, 2))
            times[number] = clocked(partial(run_missing, store, executor))
            executor.close()
            loops[number] = side_by_side(folder / f"loop-{turn}-{number}", runs, number)
        swept.append(times[1] / times[2])
        plain.append(loops[1] / loops[2])
    return {"runs": runs, "swept": spread_of(swept), "plain": spread_of(plain)}


def spread_of(values: list[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "low": min(values), "high": max(values)}


def side_by_side(folder: Path, runs: int, number: int) -> float:
    """Seconds of the longest of ``number`` plain loops that begin together and share the runs."""
    commands = [
        [sys.executable, str(Path(__file__)), "--loop", str(runs // number), "--folder", str(folder / str(i))]
        for i in range(number)
    ]
    loops = [subprocess.Popen(c, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for c in commands]
    for loop in loops:
        assert loop.stdout
        loop.stdout.readline()  # it is ready
    for loop in loops:
        assert loop.stdin
        loop.stdin.close()
    seconds = [float(loop.stdout.read()) for loop in loops if loop.stdout]
    for loop in loops:
        loop.wait()
    return max(seconds)


def loop(runs: int, folder: Path) -> None:
    """A plain loop, to be run when its standard input ends; prints its seconds."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    store, definition = modelled(folder, runs, 1)
    in_a_loop(store, definition, 1)
    print("ready", flush=True)
    sys.stdin.read()
    print(clocked(partial(in_a_loop, store, definition)))


def resume(folder: Path, runs: int, chunk: int) -> dict[str, float]:
    """A sweep of which every run is finished: time to find that out, in a new process's state."""
    store = waiting(folder / f"resume-{chunk}", runs // 10, 10, 0.0, chunk)
    real, os.fsync = os.fsync, lambda handle: None  # making it is not what is measured
    try:
        for one in store.todo(store.state()):
            size = one.stop - one.start
            chunks.write(one, chunks.Rows(np.zeros((size, 2)), [None] * size))
    finally:
        os.fsync = real
    executor = WorkerPool(1)
    seconds = clocked(lambda: run_missing(RunStore(store.folder), executor))
    executor.close()
    return {"runs": runs, "files": -(-runs // chunk), "seconds": seconds}


def memory(runs: int, folder: Path) -> dict[str, float]:
    """Peak memory of a sweep of so many runs that do nothing, in a process of its own."""
    command = [sys.executable, str(Path(__file__)), "--memory", str(runs), "--folder", str(folder)]
    found: dict[str, float] = json.loads(
        subprocess.run(command, capture_output=True, text=True, check=True).stdout
    )
    return found


def measure_memory(runs: int, folder: Path) -> None:
    began = time.perf_counter()
    executor = WorkerPool(2)
    replications = 10
    store = waiting(
        folder / f"memory-{runs}", runs // replications, replications, 0.0, chunk_size(1e-6, runs, 2)
    )
    run_missing(store, executor)
    workers = [int(pid) for pid in _children(os.getpid())]
    peak = max((_peak(pid) for pid in workers), default=0.0)
    executor.close()
    parent = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = time.perf_counter() - began
    assert store.state().missing == 0
    print(json.dumps({"runs": runs, "parent": parent, "worker": peak, "seconds": seconds}))


def _children(pid: int) -> list[str]:
    found: list[str] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [child, *_children(int(child))]
    return found


def _peak(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return float(line.split()[1]) / 1024
    return 0.0


def turns_text(found: dict[str, float]) -> str:
    return f"{found['median']:.2f} ({found['low']:.2f} to {found['high']:.2f})"


def page_text(found: dict[str, Any]) -> str:
    """The figures as a page."""
    wait, model, two = found["wait"], found["model"], found["two"]
    lines = [
        "# What sweeps cost beside the runs in them",
        "",
        "Written by `python benchmarks/sweep_machinery.py`; not edited by hand.",
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} processors, "
        f"load when it began: {found['load']:.1f} (a figure above 0.3 means that the machine was busy with other things, "
        "and wall times are worse than they would be).",
        "",
        "| what | measured | goal |",
        "| --- | --- | --- |",
        f"| overhead a run of {1000 * WAIT:.0f} ms that waits: wall time, one worker, {wait['runs']:,} runs in chunks of {wait['chunk']} | {100 * wait['overhead']:.1f} % | under 3 % |",
        f"| overhead a run of the model ({1000 * model['a_run']:.0f} ms): processor time, one process, {model['runs']:,} runs; median of turns | {100 * model['overhead']:.1f} % ({100 * model['low']:.1f} to {100 * model['high']:.1f} %) | under 3 % |",
        f"| speed-up on 2 processes, {two['runs']:,} runs of the model; median of turns | {turns_text(two['swept'])} | 1.9 |",
        f"| the same of two plain loops side by side, without a sweep: what the machine allows | {turns_text(two['plain'])} | |",
    ]
    lines += [
        f"| resume of {one['runs']:,} finished runs in {one['files']:,} files | {one['seconds']:.1f} s | under 5 s |"
        for one in found["resume"]
    ]
    lines += [
        f"| peak memory of {one['runs']:,} tiny runs ({one['seconds']:.0f} s): parent; largest worker | {one['parent']:.0f} MB; {one['worker']:.0f} MB | flat |"
        for one in found["memory"]
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--memory", type=int)
    parser.add_argument("--loop", type=int)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.loop:
        loop(options.loop, options.folder)
        return
    if options.memory:
        measure_memory(options.memory, options.folder)
        return
    small = options.quick
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".sweep-benchmark-") as name:
        folder = Path(name)
        found = {
            "load": os.getloadavg()[0],
            "wait": overhead_of_waiting(folder, 100 if small else 400),
            "model": overhead_of_model(folder, 40 if small else 120, 2 if small else 5),
            "two": speed_up(folder, 80 if small else 240, 1 if small else 5),
            "resume": [resume(folder, 10_000 if small else 100_000, chunk) for chunk in (40, 1)],
            "memory": [memory(runs, folder) for runs in ((1_000, 10_000) if small else (10_000, 1_000_000))],
        }
    page = page_text(found)
    print(page)
    if not small:
        REPORT.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
