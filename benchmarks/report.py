"""The page of results: medians, ratios within rounds, goals, and on what machine."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import sysconfig
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "peers"))

from _peer import EXACT, deviations  # noqa: E402

ROW = dict[str, Any]
TIMEOUTS = 0.3  # millions, in the job of that name
GOAL_TIMEOUTS = 1.5  # millions a second where the goals were set


class Results:
    """What was measured: by name and size, then by round."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, int], dict[int, ROW]] = defaultdict(dict)

    def add(self, number: int, name: str, size: int, found: ROW) -> None:
        self.rows[name, size][number] = found

    def good(self, name: str, size: int = 0) -> dict[int, ROW]:
        return {n: row for n, row in self.rows.get((name, size), {}).items() if "failed" not in row}

    def all(self, name: str, key: str, size: int = 0) -> list[float]:
        return [row[key] for row in self.good(name, size).values() if key in row]

    def mid(self, name: str, size: int = 0, key: str = "seconds") -> float:
        """Median over the rounds; nan where nothing was measured."""
        values = self.all(name, key, size)
        return median(values) if values else float("nan")

    def ratio(self, name: str, other: str, size: int = 0, key: str = "seconds") -> float:
        """Median over the rounds of what ``name`` takes by what ``other`` takes in the same round."""
        a, b = self.good(name, size), self.good(other, size)
        both = [a[n][key] / b[n][key] for n in a if n in b and key in a[n] and key in b[n]]
        return median(both) if both else self.mid(name, size, key) / self.mid(other, size, key)

    def sizes(self, name: str) -> list[int]:
        return sorted(size for known, size in self.rows if known == name)

    def failed(self) -> list[str]:
        return [
            f"{name} ({size}): {row['failed']}"
            for (name, size), rounds in self.rows.items()
            for row in rounds.values()
            if "failed" in row
        ]


def page(results: Results, took: float) -> str:
    """All results as Markdown."""
    speed = TIMEOUTS / results.mid("timeouts", key="cpu")
    parts = [
        "# Benchmarks: results",
        f"Written by `python benchmarks/run.py` on {datetime.now(UTC):%Y-%m-%d}, in {took / 60:.1f} minutes. "
        "Medians over interleaved rounds, each measurement a process of its own; ratios are taken within a round. "
        "What is measured, and how to repeat it: [README.md](README.md).",
        machine(speed, results),
        "## Goals",
        goals(results, speed),
        "## The reference workload",
        engines(results),
        "## The eight figures",
        figures(results),
        "## Where the time goes",
        profiles(results),
        "## What the tricks gain",
        tricks(results),
        "## Memory",
        memory(results),
    ]
    if results.failed():
        parts += ["## Failed", "\n".join(f"- {line}" for line in results.failed())]
    return "\n\n".join(parts) + "\n"


def machine(speed: float, results: Results) -> str:
    names = ("numpy", "simpy", "salabim", "ciw", "pyarrow", "pydantic", "typer")
    built = sysconfig.get_config_var("CONFIG_ARGS") or ""
    optimised = "with" if "--enable-optimizations" in built else "without"
    waited = [
        row["seconds"] / row["cpu"]
        for (name, _), rounds in results.rows.items()
        for row in rounds.values()
        if name in ("floor", "the model") and row.get("cpu")
    ]
    return table(
        ("", ""),
        [
            ("processors", f"{os.cpu_count()} x {_processor()}"),
            ("system", f"{platform.system()} {platform.machine()}"),
            ("Python", f"{platform.python_version()}, built {optimised} profile-guided optimisation"),
            ("packages", ", ".join(f"{name} {_version(name)}" for name in names)),
            ("commit", _commit()),
            ("SimPy's timeouts", f"{speed:.2f} M/s alone (where the goals were set: {GOAL_TIMEOUTS} M/s)"),
            (
                "wall / processor time",
                f"{median(waited):.2f} (1.00: the machine was ours alone)" if waited else "-",
            ),
            ("simmer", "not measured: there is no R on this machine"),
        ],
    )


def goals(r: Results, speed: float) -> str:
    """Each goal, what was measured, and whether it was met."""
    scale = speed / GOAL_TIMEOUTS
    rows: list[tuple[str, ...]] = []

    def goal(what: str, wanted: str, wall: float, cpu: float, better: Any, unit: str = "") -> None:
        counts = cpu if cpu == cpu else wall
        if counts != counts:
            rows.append((what, wanted, "not measured", "", "", ""))
            return
        there = f"{counts * scale:.3g} s" if unit == " s" else ""
        measured = [f"{x:.3g}{unit}" if x == x else "" for x in (wall, cpu)]
        rows.append((what, wanted, *measured, there, "met" if better(counts) else "**missed**"))

    def ratio(what: str, name: str, other: str, size: int, limit: float, least: bool) -> None:
        wanted = f"at least {limit:g} times" if least else f"at most {limit:g} times"
        values = [r.ratio(name, other, size, key) for key in ("seconds", "cpu")]
        goal(f"1. {what}, {size:,} lots", wanted, *values, lambda x: x >= limit if least else x <= limit)

    def most(what: str, limit: float, wall: float, cpu: float = float("nan"), unit: str = "") -> None:
        goal(what, f"at most {limit:g}{unit}", wall, cpu, lambda x: x <= limit, unit)

    for size in r.sizes("the model"):
        ratio("the model / SimPy's floor", "the model", "floor", size, 1.7, False)
        ratio(
            "faster than plain SimPy", "plain SimPy", "the model", size, 2.5 if size < 40_000 else 3.5, True
        )
        for name, limit in (("Ciw", 8.0), ("salabim, plain", 10.0), ("salabim, a component a lot", 10.0)):
            if r.good(name, size):
                ratio(f"faster than {name}", name, "the model", size, limit, True)
    worst = max(
        (
            x
            for size in r.sizes("the model")
            for row in r.good("the model", size).values()
            for x in deviations(row, row["n"]).values()
        ),
        default=float("nan"),
    )
    most("1. the eight figures: largest deviation, standard errors", 4.0, worst)
    for size in r.sizes("nation, court by court"):
        for name, limit in (("court by court", 12.0), ("undivided", 30.0)):
            job = f"nation, {name}"
            most(
                f"2. {size:,} lots, one core, {name}", limit, r.mid(job, size), r.mid(job, size, "cpu"), " s"
            )
        most(f"2. {size:,} lots, two processes", 6.0, r.mid("nation, two processes", size), unit=" s")
        peak = _peak(r, "nation, two processes", size)
        most("2. memory of each of two processes", 100.0, peak, unit=" MB")
    most("3. Shanxi, a replication", 0.6, r.mid("Shanxi"), r.mid("Shanxi", key="cpu"), " s")
    pairs = [row["one"] / row["many"] for row in r.good("Shanxi, two processes").values()]
    many = median(pairs) if pairs else float("nan")
    goal("4. replications by two processes", "at least 1.9 times", many, float("nan"), lambda x: x >= 1.9)
    for what, limit in (("sim --help", 0.150), ("sim check shanxi", 0.600)):
        most(f"5. `{what}`", limit, r.mid(what), r.mid(what, key="cpu"), " s")
    outside = [
        r.mid("sim run, no pictures", key=key) - r.mid("Shanxi", key=key) for key in ("seconds", "cpu")
    ]
    most("5. `sim run shanxi -n 1` outside the model, no pictures", 1.5, *outside, " s")
    return table(("goal", "wanted", "wall", "processor", "at 1.5 M timeouts/s", ""), rows) + (
        "\n\nWhere a single process did the work, its processor time counts, so that a busy machine is not held against "
        "it; on a quiet one the two are the same. The column before the last scales seconds to the machine on which the "
        "goals were set, by the rate of SimPy's own timeouts: a guess, not a measurement."
    )


def engines(r: Results) -> str:
    """Seconds of every engine, and by how much the model is ahead or behind."""
    names = list(dict.fromkeys(name for name, _ in r.rows))
    sizes = r.sizes("the model")
    first = [*names[1 : names.index("ladder")], "ladder"]
    rows = []
    for name in first:
        row = ["the model, ladder bids" if name == "ladder" else name]
        for size in sizes:
            if r.good(name, size):
                row += [
                    _s(r.mid(name, size)),
                    _s(r.mid(name, size, "cpu")),
                    f"{r.ratio(name, 'the model', size, 'cpu'):.2f}",
                ]
            else:
                row += ["", "", ""]
        rows.append(tuple(row))
    head = [
        "",
        *(f"{size:,}: {what}" for size in sizes for what in ("wall, s", "processor, s", "of it / the model")),
    ]
    text = table(tuple(head), rows)
    nation = [
        (name, f"{size:,}", _s(r.mid(name, size)), _s(r.mid(name, size, "cpu")) if "two" not in name else "")
        for name in (
            "nation, court by court",
            "nation, two processes",
            "nation, streamed",
            "nation, undivided",
            "floor",
        )
        for size in r.sizes("nation, undivided")
        if r.good(name, size)
    ]
    return (
        text
        + "\n\nA nation-year, as courts of 4,000 lots:\n\n"
        + table(("", "lots", "wall, s", "processor, s"), nation)
    )


def figures(r: Results) -> str:
    """The eight figures of every engine at the largest size that it was run at."""
    rows = [("C++, 8 million lots", "", *(f"{EXACT[name]:g}" for name in EXACT), "")]
    last: dict[str, int] = {}
    for name, size in r.rows:
        if any(key in row for row in r.good(name, size).values() for key in EXACT):
            last[name] = max(size, last.get(name, 0))
    for name, size in last.items():
        row = next(iter(r.good(name, size).values()))
        if name == "ladder":
            continue
        worst = max(deviations(row, row["n"]).values())
        rows.append((name, f"{size:,}", *(f"{row[key]:.4g}" for key in EXACT), f"{max(worst, 0.0):.1f}"))
    return table(("", "lots", *EXACT, "largest deviation, s.e."), rows)


def profiles(r: Results) -> str:
    """Shares of processor time by room, for Shanxi and the reference workload."""
    shares = [
        next(iter(r.good(name).values()), {}).get("profile", {})
        for name in ("Shanxi, profile", "reference, profile")
    ]
    rooms = sorted(
        {room for share in shares for room in share}, key=lambda room: -max(s.get(room, 0.0) for s in shares)
    )
    rows = [(room, *(f"{100 * share.get(room, 0.0):.0f} %" for share in shares)) for room in rooms]
    own = [sum(v for room, v in share.items() if "SimPy" in room) for share in shares]
    rows.append(("**SimPy's own: clock and code together**", *(f"**{100 * x:.0f} %**" for x in own)))
    return (
        "Sampled every millisecond of processor time; what C code takes counts for the room that calls it.\n\n"
        + table(("", "Shanxi", "reference, 4,000 lots"), rows)
    )


def tricks(r: Results) -> str:
    words = {
        "timer": "timers: a Timeout for every sleep and SimPy's own loop instead",
        "collector": "patient collector: Python's default instead",
        "late": "lots made late: a whole block at once instead",
        "neighbours": "small courts drawn together: each by itself instead",
        "jumps": "jumps of one generator: a new generator for every war of bids instead",
    }
    size = max(r.sizes("reference without alarm"), default=0)

    def gain(name: str, without: str, at: int) -> str:
        both = r.ratio(without, name, at, "cpu")
        return f"{both:.2f}" if both == both else ""

    rows = [
        (
            text,
            gain("Shanxi", f"Shanxi without {name}", 0),
            gain("the model", f"reference without {name}", size),
        )
        for name, text in words.items()
    ]
    return "Processor time without the trick, by that with it.\n\n" + table(
        ("", "Shanxi", f"reference, {size:,} lots"), rows
    )


def memory(r: Results) -> str:
    rows = []
    for name, size in r.rows:
        peak = _peak(r, name, size)
        if peak == peak and size >= 40_000:
            rows.append((name, f"{size:,}", f"{peak:.0f}"))
    return (
        "Peak resident memory of the largest process, MB, Python and its packages included (a process that has only "
        "imported the model holds about 50). `nation, streamed` writes Parquet court by court; pyarrow takes 40 of "
        "its MB. `nation, undivided` and 40,000 lots in one court hold all records.\n\n"
        + table(("", "lots", "MB"), rows)
    )


def _peak(r: Results, name: str, size: int) -> float:
    """Of the largest process; of those that did the work, where they were several or others read what they wrote."""
    rows = [row for row in r.good(name, size).values() if "peak_mb" in row]
    return max((max(row.get("peaks_mb") or [row["peak_mb"]]) for row in rows), default=float("nan"))


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def _s(seconds: float) -> str:
    return f"{seconds:.3g}" if seconds == seconds else ""


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "-"


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"
