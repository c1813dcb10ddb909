"""The two engines on the same workloads, interleaved, processor time: ``python benchmarks/engines.py`` writes ``engines-results.md``.

What is timed is ``sim.model.simulate`` from the scenario to the records; the compiled engine's code is loaded before.
"""

from __future__ import annotations

import platform
import statistics
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE), str(HERE / "peers")]

from model import reference  # noqa: E402

from sim.model.engine import using  # noqa: E402
from sim.model.simulate import by_court, simulate  # noqa: E402
from sim.scenario import load  # noqa: E402
from sim.scenario.schema import Scenario  # noqa: E402

ROUNDS = 7  # of each workload, the engines in turn
LARGE = 40_000  # lots from which three rounds are enough
RESULTS = HERE / "engines-results.md"


def workloads() -> dict[str, tuple[Scenario, int]]:
    """Scenarios by name, and their lots."""
    found = {
        "Shanxi, ladder, clerks, dates": (load("shanxi").scenario, 8_546),
        "base, ladder, clerks": (load("base").scenario, 2_000),
    }
    for lots, courts in ((4_000, 1), (40_000, 10), (400_000, 100)):
        for style in ("proxy", "ladder"):
            if lots < 400_000 or style == "proxy":
                name = f"reference, {lots:,} lots, {style}"
                found[name] = reference(lots, 1, courts, f'auction.bidding="{style}"'), lots
    return found


def seconds(scenario: Scenario, engine: str, replication: int, lots: int) -> float:
    """Processor time of one replication, court by court where it is large."""
    with using(engine):  # type: ignore[arg-type]
        began = time.process_time()
        if lots > LARGE:
            for _ in by_court(scenario, replication):
                pass
        else:
            simulate(scenario, replication)
        return time.process_time() - began


def main() -> None:
    rows = []
    for engine in ("simpy", "compiled"):
        seconds(load("base").scenario, engine, 0, 0)  # loads what is loaded once
    for name, (scenario, lots) in workloads().items():
        rounds = 1 if lots > LARGE else 3 if lots == LARGE else ROUNDS
        times: dict[str, list[float]] = {"simpy": [], "compiled": []}
        for number in range(rounds):
            for engine, taken in times.items():
                taken.append(seconds(scenario, engine, number, lots))
        simpy, compiled = (statistics.median(taken) for taken in times.values())
        ratio = statistics.median(a / b for a, b in zip(*times.values(), strict=True))
        rows.append(
            f"| {name} | {1e3 * simpy:,.0f} | {1e3 * compiled:,.0f} | {ratio:.1f} | {1e6 * compiled / lots:.1f} |"
        )
        print(rows[-1], flush=True)
    packages = ", ".join(f"{one} {version(one)}" for one in ("numpy", "simpy", "numba"))
    RESULTS.write_text(
        "# Engines: results\n\n"
        f"Written by `python benchmarks/engines.py` on {datetime.now(UTC):%Y-%m-%d}; Python {platform.python_version()}, {packages}. "
        "Medians of processor time, the engines in turn; ratios are taken within a round. The compiled code is loaded before.\n\n"
        "| workload | SimPy, ms | compiled, ms | times as fast | compiled, us a lot |\n| --- | --- | --- | --- | --- |\n"
        + "\n".join(rows)
        + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
