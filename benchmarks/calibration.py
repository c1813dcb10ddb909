"""What ``calibrate run shanxi`` costs: wall time, processor time and memory of all its processes.

    python benchmarks/calibration.py [--quick] [--no-variants] [--jobs 2] [--keep DIR]

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
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
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


def measured(command: list[str]) -> dict[str, float]:
    """Run a command to its end."""
    began, load, looks = time.perf_counter(), os.getloadavg()[0], 0
    used: dict[int, float] = {}
    peak, loads = 0.0, 0.0
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while running.poll() is None:
        alive = tree(running.pid)
        for pid in alive:
            used[pid] = max(used.get(pid, 0.0), processor(pid))
        peak = max(peak, sum(map(memory, alive)))
        loads, looks = loads + os.getloadavg()[0], looks + 1
        time.sleep(1.0)
    if running.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {running.returncode}")
    wall = time.perf_counter() - began
    return {
        "wall": wall,
        "cpu": sum(used.values()),
        "memory": peak,
        "load": loads / max(looks, 1),
        "before": load,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-variants", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="leave the folder of the run here")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        out = given.keep or Path(temporary) / "out"
        command = [
            sys.executable,
            "-m",
            "calibration.cli",
            "run",
            str(ROOT / "calibration/targets/shanxi.toml"),
        ]
        options = [f"--{name}" for name in ("quick", "no-variants") if getattr(given, name.replace("-", "_"))]
        command += ["--out", str(out), "--jobs", str(given.jobs), *options]
        found = measured(command)
    print("| options | processes | wall, s | processor, s | memory, MB | load before | load meanwhile |")
    print("|---|---|---|---|---|---|---|")
    print(
        f"| {' '.join(options) or 'default'} | {given.jobs} | {found['wall']:.0f} | {found['cpu']:.0f} |"
        f" {found['memory']:.0f} | {found['before']:.1f} | {found['load']:.1f} |"
    )


if __name__ == "__main__":
    main()
