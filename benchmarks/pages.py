"""How heavy pages are and how fast a lever answers, in the browser that the tests use.

    python benchmarks/pages.py

prints a table. The sweep is made up (smooth functions of five parameters): what counts is the number of points.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy.stats import qmc

ROOT = Path(__file__).resolve().parents[1]
sys.path += [str(ROOT), str(ROOT / "tests" / "report_page")]

from chrome import Chrome, missing  # noqa: E402

from sim.experiments.observation import Observation  # noqa: E402
from sim.report.page.explore_page import explore_page  # noqa: E402
from sim.report.page.shell import render, write  # noqa: E402
from sim.report.page.sweep_data import Axis, SweepData  # noqa: E402
from sim.scenario import load  # noqa: E402

AXES = (
    ("start.ratio", 0.5, 1.0), ("rounds.second.cut", 0.0, 0.3), ("rounds.first.notice_days_immovable", 10.0, 60.0),
    ("promotion.effort", 0.5, 3.0), ("auction.deposit", 0.05, 0.2),
)  # fmt: skip
MOVES = 60
MOVE = """
const done = arguments[2], axis = arguments[0] % EXPLORER.inputs.length, input = EXPLORER.inputs[axis];
input.value = Number(input.min) + (Number(input.max) - Number(input.min)) * arguments[1];
const began = performance.now();
input.dispatchEvent(new Event("input", { bubbles: true }));
document.body.getBoundingClientRect();
const numbers = performance.now() - began;
requestAnimationFrame(() => setTimeout(() => done([numbers, performance.now() - began])));
"""


def sweep(points: int, grid: bool) -> SweepData:
    """Made-up results at ``points`` points of five parameters: on a grid of equal sides, or spread evenly."""
    loaded = load(ROOT / "scenarios" / "shanxi.toml")
    columns = Observation(loaded.toml(), {}).columns
    side = round(points ** (1 / len(AXES)))
    axes = [
        Axis(path, tuple(path.split(".")), tuple(np.linspace(low, high, side).tolist()) if grid else (), low, high)
        for path, low, high in AXES
    ]  # fmt: skip
    if grid:
        share = np.stack(np.meshgrid(*[np.linspace(0, 1, side)] * len(AXES), indexing="ij"), -1).reshape(
            -1, len(AXES)
        )
    else:
        share = qmc.Halton(len(AXES), rng=np.random.default_rng(1)).random(points)
    low, high = (np.array([axis[k] for axis in AXES]) for k in (1, 2))
    level = 0.2 + 0.6 * np.cos(share).mean(axis=1, keepdims=True) * np.linspace(0.5, 1.0, len(columns))
    values = [tuple(x) for x in (low + share * (high - low)).tolist()]
    method = "grid" if grid else "scattered"
    return SweepData(
        loaded.scenario, axes, method, columns, values, level, level / 20, np.full(len(values), 10)
    )


def main() -> None:
    """Print the table."""
    why = missing()
    if why:
        sys.exit(why)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        browser = Chrome(folder)
        print("| sweep | points | page | numbers: median | slowest of 60 | pictures too: median | slowest |")
        print("|---|---|---|---|---|---|---|")
        for points, grid in ((1_024, True), (7_776, True), (1_000, False), (10_000, False)):
            data = sweep(points, grid)
            path = folder / "page.html"
            write(path, render(explore_page(data, {"scenario": ""}, "zh")))
            browser.open(path)
            luck = np.random.default_rng(7).random(MOVES).tolist()
            took = [browser.driver.execute_async_script(MOVE, i, share) for i, share in enumerate(luck)]
            kind = "grid" if grid else "scattered"
            told = [
                f"{statistics.median(column):.0f} ms | {max(column):.0f} ms"
                for column in zip(*took, strict=True)
            ]
            print(
                f"| {kind} | {len(data.values):,} | {path.stat().st_size / 1e6:.1f} MB | {' | '.join(told)} |"
            )
        browser.quit()


if __name__ == "__main__":
    main()
