"""Whether what is wanted fits into memory: said as soon as one replication shows how large it is, not at the end."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path

from sim.locale.language import said
from sim.scenario.errors import SimError

CGROUP = Path("/sys/fs/cgroup")


class TooLargeError(SimError):
    """More replications than fit into memory; the message says how much they need and how many fit."""


def available(meminfo: Path = Path("/proc/meminfo"), cgroup: Path = CGROUP) -> float:
    """Bytes that may still be taken: of the machine, and of the container if there is one; infinite if nobody says."""
    found = [math.inf]
    if os.name == "nt":
        import psutil

        found.append(float(psutil.virtual_memory().available))
    try:
        text = meminfo.read_text(encoding="ascii")
        lines = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
        found.append(1024.0 * float(lines["MemAvailable"].split()[0]))
    except (OSError, KeyError, ValueError, IndexError):
        pass
    try:
        most, used = (
            float((cgroup / name).read_text(encoding="ascii")) for name in ("memory.max", "memory.current")
        )
        found.append(most - used)
    except (OSError, ValueError):  # no container, or "max": no limit
        pass
    return min(found)


def peak() -> float:
    """Megabytes of memory that this process has had at most, Python and packages included."""
    try:
        import resource
    except ImportError:  # Windows
        import psutil

        now = psutil.Process().memory_info()
        return float(getattr(now, "peak_wset", now.rss)) / 2**20
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def check_fits(count: int, each: float, free: float | None = None) -> None:
    """Raise ``TooLargeError`` if ``count`` replications of ``each`` bytes do not fit into what is free."""
    free = available() if free is None else free
    if count * each > free:
        raise TooLargeError(
            said(
                "memory.large",
                n=f"{count:,}",
                all=f"{count * each / 1e9:.1f}",
                each=f"{each / 1e6:.2f}",
                free=f"{free / 1e9:.1f}",
                most=f"{int(free / each):,}",
            )
        )
