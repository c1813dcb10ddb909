"""How heavy pages are and how fast a parameter answers, in the browser that the tests use.

    python benchmarks/pages.py           # two minutes; writes pages-results.md
    python benchmarks/pages.py --print   # prints instead

The sweeps are made up (smooth functions of five parameters): what counts is the number of points. The run is
Shanxi, twenty replications, as `sim run shanxi` leaves it.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.stats import qmc

ROOT = Path(__file__).resolve().parents[1]
sys.path += [str(ROOT), str(ROOT / "tests" / "reporting" / "pages")]

from chrome import Chrome, missing  # noqa: E402

from sim.experiments.run import run  # noqa: E402
from sim.experiments.sweep.observation import Observation  # noqa: E402
from sim.reporting.pages.explore_page import explore_page  # noqa: E402
from sim.reporting.pages.folder_page import folder_page  # noqa: E402
from sim.reporting.pages.shell import render, write  # noqa: E402
from sim.reporting.pages.sweep_data import Axis, SweepData  # noqa: E402
from sim.scenario import load  # noqa: E402

AXES = (
    ("start.ratio", 0.5, 1.0), ("rounds.second.cut", 0.0, 0.3), ("rounds.first.notice_days_immovable", 10.0, 60.0),
    ("promotion.effort", 0.5, 3.0), ("auction.deposit", 0.05, 0.2),
)  # fmt: skip
MOVES = 60
RESULTS = Path(__file__).with_name("pages-results.md")
HEAD = """# Pages: weight, and how fast a parameter answers

Written by `python benchmarks/pages.py`: {browser} on {machine}, {processors} processors; other programs were running.
The limits are those the project set itself: a run's page under 3 MB, the explorer of a sweep with 10,000 points under
5 MB, a parameter answered within 100 ms.

| page | what is in it | weight |
|---|---|---|"""
MIDDLE = """
A parameter is moved {moves} times to random places, one parameter after the other. *Numbers*: from the move until the table and the
flow of lots stand on the page and are laid out. *Pictures too*: until the frame after it, with the profiles along a parameter
drawn anew. Milliseconds.

| sweep | points | numbers: median | slowest | pictures too: median | slowest |
|---|---|---|---|---|---|"""
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


def weights(folder: Path) -> Iterator[str]:
    """A row for the page of a run, in either language."""
    out = folder / "run"
    run(load(ROOT / "scenarios" / "shanxi.toml"), out, 20, jobs=os.cpu_count() or 1)
    for lang in ("zh", "en"):
        size = len(render(folder_page(out, lang)).encode())
        yield f"| run, {lang} | Shanxi, 20 replications, all records | {size / 1e6:.2f} MB |"


def explorers(browser: Chrome, folder: Path) -> Iterator[tuple[str, str]]:
    """For each sweep a row of weights and a row of times."""
    for points, grid in ((1_024, True), (7_776, True), (1_000, False), (10_000, False)):
        data = sweep(points, grid)
        path = folder / "page.html"
        write(path, render(explore_page(data, {"scenario": ""}, "zh")))
        browser.open(path)
        shares = np.random.default_rng(7).random(MOVES).tolist()
        took = [browser.driver.execute_async_script(MOVE, i, share) for i, share in enumerate(shares)]
        kind = "grid" if grid else "scattered"
        cells = [f"{statistics.median(c):.0f} | {max(c):.0f}" for c in zip(*took, strict=True)]
        size = path.stat().st_size / 1e6
        yield (
            f"| explorer, {kind} | {len(data.values):,} points of five parameters | {size:.2f} MB |",
            f"| {kind} | {len(data.values):,} | {' | '.join(cells)} |",
        )


def main() -> None:
    """Measure; write the page, or print it."""
    why = missing()
    if why:
        sys.exit(why)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        browser = Chrome(folder)
        found = browser.driver.capabilities
        heavy, fast = zip(*explorers(browser, folder), strict=True)
        browser.quit()
        head = HEAD.format(
            browser=f"{found['browserName']} {found['browserVersion']}, headless",
            machine=f"{platform.system()} {platform.machine()}",
            processors=os.cpu_count(),
        )
        lines = [head, *weights(folder), *heavy, MIDDLE.format(moves=MOVES), *fast]
    text = "\n".join(lines) + "\n"
    if "--print" in sys.argv[1:]:
        print(text, end="")
    else:
        write(RESULTS, text)


if __name__ == "__main__":
    main()
