"""How often the interval of `sim compare --draws` holds the effect: in data sets whose variances are known. Not a time.

    python benchmarks/intervals.py              # some minutes; writes coverage-results.md and .csv
    python benchmarks/intervals.py --trials 200 # a look; prints, writes nothing

A data set has K draws of the parameters, the effect of the policy under each, R pairs of runs a draw with Monte Carlo error of
variance 1, and the effect under one more draw: the truth that the interval should hold. *Ratio* is the variance between
draws. The interval is `sim.experiments.paired.under_draws`; beside it stand two that were not taken.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import numpy as np  # noqa: E402
import numpy.typing as npt  # noqa: E402
from scipy.special import stdtrit  # noqa: E402

from sim.experiments.paired import under_draws  # noqa: E402

Floats = npt.NDArray[np.float64]
DRAWS, PAIRS, RATIOS = (3, 5, 10, 30, 100), (2, 5, 20), (0.0, 0.01, 0.1, 1.0, 10.0)
SPLITS = (
    (12, 10),
    (20, 6),
    (24, 5),
    (30, 4),
    (40, 3),
    (60, 2),
)  # draws and pairs that make the same number of runs
SPLIT = "equal weights, the same number of runs"
TRIALS = 4000
AT_ONCE = 500  # trials held in memory
KINDS = {
    "equal": "equal weights, normal effects and errors",
    "weights": "weights 1 to K, whatever the effects",
    "importance": "draws 1.3 times as wide as what they stand for, weighted by the ratio of the densities",
    "unequal": "errors of some draws ten times as large as of others",
    "skewed": "exponential errors",
}


def model(
    kind: str, draws: int, pairs: int, ratio: float, trials: int, rng: np.random.Generator
) -> tuple[Floats, ...]:
    """Effects seen in every pair (draws, pairs, trials), weights (draws, trials), the truth (trials,)."""
    size = np.sqrt(ratio)
    wider = 1.3 if kind == "importance" else 1.0
    z = wider * rng.standard_normal((draws, trials))
    weights = np.ones((draws, trials))
    if kind == "weights":
        weights *= np.arange(1.0, draws + 1.0)[:, None]
    if kind == "importance":
        weights = np.exp(0.5 * (z / wider) ** 2 - 0.5 * z**2)
    error = rng.standard_normal((draws, pairs, trials))
    if kind == "skewed":
        error = rng.standard_exponential((draws, pairs, trials)) - 1.0
    if kind == "unequal":
        sd = np.geomspace(1.0, 10.0, draws)
        error *= (sd / np.sqrt((sd**2).mean()))[:, None, None]
    truth = size * rng.standard_normal(trials)
    return size * z[:, None] + error, weights / weights.sum(axis=0), truth


def intervals(seen: Floats, weights: Floats) -> tuple[Floats, dict[str, Floats]]:
    """The mean effect and half-widths (trials,) around it: the interval that is used, and those that are not."""
    pairs = seen.shape[1]
    means, within = seen.mean(axis=1), seen.var(axis=1, ddof=1)
    mean = (weights * means).sum(axis=0)
    parameters, _, used = under_draws(weights, means - mean, within, np.full(means.shape, pairs), 0.95)
    c = (weights**2).sum(axis=0)
    total = (weights * (means - mean) ** 2).sum(axis=0) / (1.0 - c)
    t = stdtrit(1.0 / c - 1.0, 0.975)
    return mean, {
        "used": used,
        "cut": t * np.sqrt(parameters + total * c),
        "total": t * np.sqrt(total * (1.0 + c)),
    }


def row(kind: str, draws: int, pairs: int, ratio: float, trials: int, seed: int) -> dict[str, Any]:
    """Coverage and median width of each interval for one kind of data set; widths beside those at known variances."""
    rng = np.random.default_rng([seed, draws, pairs, int(100 * ratio), list(KINDS).index(kind)])
    inside: dict[str, list[Floats]] = {}
    width: dict[str, list[Floats]] = {}
    for _ in range(-(-trials // AT_ONCE)):
        seen, weights, truth = model(kind, draws, pairs, ratio, min(AT_ONCE, trials), rng)
        mean, halves = intervals(seen, weights)
        c = (weights**2).sum(axis=0)
        known = 1.959964 * np.sqrt(ratio * (1.0 + c) + c / pairs)
        for name, half in halves.items():
            inside.setdefault(name, []).append(np.abs(mean - truth) <= half)
            width.setdefault(name, []).append(half / known)
    found: dict[str, Any] = {"kind": kind, "draws": draws, "pairs": pairs, "ratio": ratio}
    for name in inside:
        found[name] = float(np.concatenate(inside[name]).mean())
        found[f"{name}_width"] = float(np.median(np.concatenate(width[name])))
    return found


def page_lines(rows: list[dict[str, Any]], trials: int) -> Iterator[str]:
    """The page."""
    equal = [one for one in rows if one["kind"] == "equal"]
    yield "# How often an interval under draws holds the effect\n"
    yield f"{trials:,} data sets a cell (standard error of 95 %: {95 * np.sqrt(5 / 95 / trials):.1f} points). Monte Carlo error of a pair has"
    yield "variance 1; *ratio* is the variance between draws of the parameters beside it. Written by `python benchmarks/intervals.py`;"
    yield "the method: `sim/experiments/prediction_interval.py`.\n"
    yield "## The interval of `sim compare --draws`\n"
    yield "Nominal 95 %. In brackets: how wide it is (median) beside an interval that knows both variances.\n"
    head = ["draws", "pairs", *(f"ratio {ratio:g}" for ratio in RATIOS)]
    yield from _table(head, (_line(equal, draws, pairs) for draws in DRAWS for pairs in PAIRS))
    runs = SPLITS[0][0] * SPLITS[0][1]
    yield f"\n## How many draws, how many pairs of each: {runs} pairs in all\n"
    yield "In brackets: how wide the interval is (median) beside one that knows both variances and has any number of draws."
    yield "`sim compare` takes 40 draws with 3 pairs each: near the narrowest whatever the ratio.\n"
    yield from _table(head, (_split(rows, *split, runs) for split in SPLITS))
    yield "\n## Other data\n"
    yield "Lowest and highest coverage over numbers of pairs and ratios.\n"
    yield from _table(
        ["data sets", *(f"{draws} draws" for draws in DRAWS)],
        ([words, *(_ends(rows, kind, draws) for draws in DRAWS)] for kind, words in KINDS.items()),
    )
    yield "\n## Intervals that were not taken\n"
    yield "*Cut off*: t with the estimated variance between draws, cut off at zero, and what the mean is uncertain by; before, this was"
    yield "the interval. *Total*: t with the variance of draws' means, which counts the Monte Carlo error of a draw as if it were the"
    yield "parameters'. Equal weights; lowest coverage, and greatest width beside an interval that knows both variances.\n"
    names = {"used": "the interval", "cut": "cut off", "total": "total"}
    yield from _table(
        ["interval", *(f"{draws} draws" for draws in DRAWS)],
        ([words, *(_worst(equal, name, draws) for draws in DRAWS)] for name, words in names.items()),
    )


def _table(head: list[str], lines: Iterator[list[str]] | Any) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for line in lines:
        yield f"| {' | '.join(line)} |"


def _line(rows: list[dict[str, Any]], draws: int, pairs: int) -> list[str]:
    mine = [one for one in rows if (one["draws"], one["pairs"]) == (draws, pairs)]
    return [str(draws), str(pairs), *(f"{100 * one['used']:.1f} % ({one['used_width']:.2f})" for one in mine)]


def _split(rows: list[dict[str, Any]], draws: int, pairs: int, runs: int) -> list[str]:
    line = [str(draws), str(pairs)]
    for one in rows:
        if (one["kind"], one["draws"], one["pairs"]) == (SPLIT, draws, pairs):
            wider = np.sqrt((one["ratio"] * (1.0 + 1.0 / draws) + 1.0 / runs) / (one["ratio"] + 1.0 / runs))
            line.append(f"{100 * one['used']:.1f} % ({one['used_width'] * wider:.2f})")
    return line


def _ends(rows: list[dict[str, Any]], kind: str, draws: int) -> str:
    mine = [one["used"] for one in rows if (one["kind"], one["draws"]) == (kind, draws)]
    return f"{100 * min(mine):.1f} to {100 * max(mine):.1f} %"


def _worst(rows: list[dict[str, Any]], name: str, draws: int) -> str:
    mine = [one for one in rows if one["draws"] == draws]
    least: Callable[[str], list[float]] = lambda key: [one[key] for one in mine]  # noqa: E731
    return f"{100 * min(least(name)):.1f} % ({max(least(name + '_width')):.1f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rows = [
        row(kind, draws, pairs, ratio, options.trials, options.seed)
        for kind in KINDS for draws in DRAWS for pairs in PAIRS for ratio in RATIOS
    ]  # fmt: skip
    rows += [
        row("equal", *split, ratio, options.trials, options.seed) | {"kind": SPLIT}
        for split in SPLITS
        for ratio in RATIOS
    ]
    page = "\n".join(page_lines(rows, options.trials)) + "\n"
    print(page)
    if options.trials == TRIALS:
        (HERE / "coverage-results.md").write_text(page, encoding="utf-8")
        with (HERE / "coverage-results.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(
                {key: f"{x:.4f}" if isinstance(x, float) and key != "ratio" else x for key, x in one.items()}
                for one in rows
            )


if __name__ == "__main__":
    main()
