"""What ``calibrate run shanxi`` costs: wall time, processor time and memory of all its processes.

    python benchmarks/calibration.py [--quick] [--no-variants] [--jobs 2] [--keep DIR]    # one run; prints
    python benchmarks/calibration.py --write    # without and with the variants; writes calibration-results.md

Read from /proc once a second while the command runs (Linux): processor seconds of every process it started, and the
largest proportional set size (memory shared between processes counted once). The command starts from an empty folder.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
REFUSED = 4  # exit code of a calibration that is done and whose answer is refused
TICKS = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """A process and all its descendants."""
    try:
        children = [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:
        return []
    return [pid, *(one for child in children for one in tree(child))]


def memory(pid: int) -> float:
    """Proportional set size in MB."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024.0


def processor(pid: int) -> float:
    """Processor seconds used so far."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


@dataclass(frozen=True)
class Cost:
    """Seconds and MB of one run; ``before``, ``meanwhile``: the machine's load."""

    wall: float
    processor: float
    memory: float
    before: float
    meanwhile: float
    refused: bool


def measured(command: list[str]) -> Cost:
    """Run a command to its end."""
    began, before = time.perf_counter(), os.getloadavg()[0]
    used: dict[int, float] = {}
    peak, loads = 0.0, [before]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while running.poll() is None:
        alive = tree(running.pid)
        for pid in alive:
            used[pid] = max(used.get(pid, 0.0), processor(pid))
        peak = max(peak, sum(map(memory, alive)))
        loads.append(os.getloadavg()[0])
        time.sleep(1.0)
    if running.returncode not in (0, REFUSED):
        raise SystemExit(f"{' '.join(command)} ended with {running.returncode}")
    wall = time.perf_counter() - began
    return Cost(
        wall, sum(used.values()), peak, before, sum(loads) / len(loads), running.returncode == REFUSED
    )


def row(options: list[str], jobs: int, keep: Path | None) -> str:
    """A line of the table: Shanxi calibrated under these options."""
    with tempfile.TemporaryDirectory() as temporary:
        out = keep or Path(temporary) / "out"
        targets = ROOT / "calibration" / "targets" / "shanxi.toml"
        command = [sys.executable, "-m", "calibration.cli.main", "run", str(targets), *options]
        found = measured([*command, "--out", str(out), "--jobs", str(jobs)])
    return (
        f"| {' '.join(options) or 'none'} | {jobs} | {found.wall:.0f} | {found.processor:.0f} | {found.memory:.0f} |"
        f" {found.before:.1f} | {found.meanwhile:.1f} | {'refused' if found.refused else ''} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-variants", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="leave the folder of the run here")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    own = [f"--{name}" for name in ("quick", "no-variants") if getattr(given, name.replace("-", "_"))]
    lines = [
        "| options | processes | wall, s | processor, s | memory, MB | load before | load meanwhile | answer |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        row(options, given.jobs, given.keep)
        for options in ([["--no-variants"], []] if given.write else [own])
    ]
    print("\n".join(lines))
    if given.write:
        text = [
            "# What calibrating Shanxi costs", "",
            f"Written by `python benchmarks/calibration.py --write` on {date.today()}, a machine with {os.cpu_count()} processors;",
            "each run starts from an empty folder.", "", *lines, "",
        ]  # fmt: skip
        (HERE / "calibration-results.md").write_text("\n".join(text), encoding="utf-8")


if __name__ == "__main__":
    main()
