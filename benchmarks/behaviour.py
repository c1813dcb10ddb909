"""What behaviours cost: switched off against the model without them, switched on against the base model.

``python benchmarks/behaviour.py [--pairs N] [--write]`` prints a table; ``--write`` puts it into behaviour-results.md.

*Off*: the commit that brought the behaviours into the model, against its parent, each in a worktree of its own. Two
processes that have run once before simulate the same replication in turns, so that whatever else the machine
does falls on both; ratios are taken within a turn. *On*: this checkout with one behaviour after another. Times are
processor time, from the scenario to the records.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BROUGHT = "547a3f8"  # the commit that brought the behaviours into disposal, court and model
SCENARIOS = {
    "Shanxi": ("scenarios/shanxi.toml", ()),
    "reference workload, 4,000 lots": ("benchmarks/reference.toml", ()),
}
ON = {
    "half look ahead": ("strategic_waiting.share=0.5",),
    "half are short of money": ("liquidity.short_share=0.5",),
    "half of creditors compare, a fifth of lots with prior claims": (
        "creditors.compare_share=0.5", "creditors.prior_share=0.2",
    ),
    "a finite market, patience 60 days, fit 0.05": ("finite_market.patience_days=60",),
    "a finite market, patience 120 days, fit 0.1": ("finite_market.patience_days=120", "finite_market.fit=0.1"),
    "all of it": (
        "strategic_waiting.share=0.5", "liquidity.short_share=0.5", "creditors.compare_share=0.5", "creditors.prior_share=0.2",
        "finite_market.patience_days=120", "finite_market.fit=0.1",
    ),
}  # fmt: skip
PROVINCE_YEAR = "scenarios/base.toml"  # one year of one province
CHILD = """
import sys
from time import process_time
sys.path.insert(0, ".")
from sim.scenario import load
from sim.model.simulate import simulate
scenario = load(sys.argv[1], sys.argv[2:]).scenario
simulate(scenario, 1000)
for line in sys.stdin:
    at = process_time()
    simulate(scenario, int(line))
    print(process_time() - at, flush=True)
"""


class Runner:
    """A process that simulates replications of one scenario on request."""

    def __init__(self, tree: Path, scenario: str, overrides: tuple[str, ...] = ()) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-c", CHILD, scenario, *overrides],
            cwd=tree, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def seconds(self, replication: int) -> float:
        """Processor time of one replication."""
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self.child.stdin.write(f"{replication}\n")
        self.child.stdin.flush()
        return float(self.child.stdout.readline())

    def close(self) -> None:
        self.child.communicate()


def in_turns(runners: list[Runner], turns: int) -> list[list[float]]:
    """Seconds of every runner, turn by turn; who begins changes from turn to turn."""
    times: list[list[float]] = [[] for _ in runners]
    for turn in range(turns):
        order = list(range(len(runners)))
        for i in order if turn % 2 else reversed(order):
            times[i].append(runners[i].seconds(turn))
    for runner in runners:
        runner.close()
    return times


@contextmanager
def worktree(commit: str) -> Iterator[Path]:
    """The repository as it was at ``commit``."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        subprocess.run(["git", "worktree", "add", "-q", "--detach", tree, commit], cwd=ROOT, check=True)
        try:
            yield tree
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=ROOT, check=True)


def off(turns: int) -> Iterator[str]:
    """Rows of the first table."""
    yield "| scenario | before, s | with behaviours off, s | ratio: median (quartiles) |"
    yield "| --- | --- | --- | --- |"
    with worktree(f"{BROUGHT}^") as before, worktree(BROUGHT) as after:
        for name, (file, overrides) in SCENARIOS.items():
            old, new = in_turns([Runner(before, file, overrides), Runner(after, file, overrides)], turns)
            ratios = [b / a for a, b in zip(old, new, strict=True)]
            low, _, high = quantiles(ratios, n=4)
            yield f"| {name} | {median(old):.2f} | {median(new):.2f} | {median(ratios):.3f} ({low:.3f} to {high:.3f}) |"


def on(turns: int) -> Iterator[str]:
    """Rows of the second table."""
    yield "| switched on | province-year, s | times the base model |"
    yield "| --- | --- | --- |"
    runners = [Runner(ROOT, PROVINCE_YEAR, overrides) for overrides in ((), *ON.values())]
    base, *others = in_turns(runners, turns)
    yield f"| nothing | {median(base):.2f} | 1 |"
    for name, times in zip(ON, others, strict=True):
        ratios = [b / a for a, b in zip(base, times, strict=True)]
        yield f"| {name} | {median(times):.2f} | {median(ratios):.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=21, help="turns of every comparison, at least 2")
    parser.add_argument("--write", action="store_true", help="write behaviour-results.md")
    given = parser.parse_args()
    lines = [
        "# What behaviours cost", "",
        "Written by `python benchmarks/behaviour.py --write`. Processor time, medians of "
        f"{given.pairs} turns in which the compared processes simulate the same replication one after the other.",
        "", "## Switched off: under 2 % is asked for", "",
    ]  # fmt: skip
    print("\n".join(lines))
    for row in (*off(given.pairs), "", "## Switched on: within 5 times is asked for", "", *on(given.pairs)):
        print(row, flush=True)
        lines.append(row)
    if given.write:
        (HERE / "behaviour-results.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
