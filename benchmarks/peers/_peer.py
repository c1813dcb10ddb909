"""What every peer shares: the law of the reference workload, draws, the eight figures, the command line.

Peers are scripts: ``python benchmarks/peers/tuned_simpy.py 4000 1`` prints one JSON object. To import one, put
this folder on ``sys.path``. Times are days, money is yuan.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import random
import resource
import sys
from collections.abc import Callable, Iterator
from time import perf_counter, process_time
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

YEAR = 365.0
NOTICE = (30.0, 15.0, 15.0)
WINDOW = (1.0, 1.0, 60.0)
ROUNDS = 3
MINUTES_5 = 5.0 / 1440.0
RATIO, CUT, INCREMENT = 0.7, 0.8, 0.01
INTEREST, LATE = 4.0, 20.0
MARKET_MEAN, MARKET_SD = 13.8, 0.9
REFERENCE_MEAN, REFERENCE_SD = 0.2, 0.4
WORTH_MEAN, WORTH_SD = -0.35, 0.25

WARM_UP = 200  # lots run before the clock starts: lazy imports, caches, the interpreter's own warming up

Figures = dict[str, float]
Floats = npt.NDArray[np.float64]

# From eight million lots in C++, as published; and the standard deviation of what each is a mean of (of single
# lots, or of single sold lots for premium and days), measured over 400,000 lots of the model.
EXACT: Figures = {
    "sale_rate": 0.8832, "sold_first": 0.5149, "premium": 0.2024, "days_to_sale": 49.80,
    "rounds": 1.745, "bidders": 6.979, "bids": 1.733, "extensions": 0.0826,
}  # fmt: skip
LAST_DIGIT: Figures = {
    "sale_rate": 5e-5, "sold_first": 5e-5, "premium": 5e-5, "days_to_sale": 5e-3,
    "rounds": 5e-4, "bidders": 5e-4, "bids": 5e-4, "extensions": 5e-5,
}  # fmt: skip
SPREAD: Figures = {
    "sale_rate": 0.321, "sold_first": 0.500, "premium": 0.318, "days_to_sale": 32.4,
    "rounds": 0.842, "bidders": 3.97, "bids": 1.151, "extensions": 0.300,
}  # fmt: skip


class Lot(NamedTuple):
    """One lot with all its random draws: what the processes of the tuned peers are given."""

    listed: float
    start: float  # of round one
    drawn: tuple[int, int, int]  # bidders who come to each round, should it be held
    serious: tuple[
        list[tuple[float, float]], ...
    ]  # of these, who can pay the start: (after the opening, value)


def lots(n: int, seed: int, block: int = 2000) -> Iterator[Lot]:
    """Lots in order of listing, drawn block by block with NumPy.

    No decision of the auction is made here except the one that needs no history: who cannot pay the start of a
    round is counted and left out.
    """
    rng = np.random.default_rng(seed)
    listed = np.sort(rng.uniform(0.0, YEAR, n))
    discounts, windows = CUT ** np.arange(ROUNDS), np.array(WINDOW)
    for first in range(0, n, block):
        when = listed[first : first + block]
        market = rng.lognormal(MARKET_MEAN, MARKET_SD, len(when))
        start = RATIO * market * rng.lognormal(REFERENCE_MEAN, REFERENCE_SD, len(when))
        drawn = rng.poisson(INTEREST, (len(when), ROUNDS))
        group = np.repeat(np.arange(drawn.size), drawn.ravel())
        value = market[group // ROUNDS] * rng.lognormal(WORTH_MEAN, WORTH_SD, len(group))
        able = value >= (start[:, None] * discounts).ravel()[group]
        group, value = group[able], value[able]
        late = rng.random(len(group)) ** (1.0 / LATE)
        order = np.lexsort((late, group))
        after = (late * (windows + MINUTES_5)[group % ROUNDS])[order]
        bidders = list(zip(after.tolist(), value[order].tolist(), strict=True))
        ends = np.cumsum(np.bincount(group, minlength=drawn.size)).reshape(drawn.shape).tolist()
        begins = 0
        for listing, price, counts, (one, two, three) in zip(
            when.tolist(), start.tolist(), drawn.tolist(), ends, strict=True
        ):
            yield Lot(listing, price, counts, (bidders[begins:one], bidders[one:two], bidders[two:three]))
            begins = three


class Tally:
    """Running sums from which the eight figures follow; no record of a single lot is kept."""

    __slots__ = ("bidders", "bids", "days", "extensions", "first", "premium", "rounds", "sold")

    def __init__(self) -> None:
        self.sold = self.first = self.rounds = self.bidders = self.bids = self.extensions = 0
        self.premium = self.days = 0.0

    def figures(self, n: int) -> Figures:
        sold = max(self.sold, 1)
        return {
            "sale_rate": self.sold / n,
            "sold_first": self.first / n,
            "premium": self.premium / sold,
            "days_to_sale": self.days / sold,
            "rounds": self.rounds / n,
            "bidders": self.bidders / n,
            "bids": self.bids / n,
            "extensions": self.extensions / n,
        }


def deviations(figures: Figures, n: int) -> Figures:
    """How many standard errors of ``n`` lots each figure is from the exact one (which is rounded itself)."""
    sold = n * EXACT["sale_rate"]
    return {
        name: (abs(figures[name] - EXACT[name]) - LAST_DIGIT[name])
        / (SPREAD[name] / (sold if name in ("premium", "days_to_sale") else n) ** 0.5)
        for name in EXACT
    }


def poisson(rng: random.Random, mean: float) -> int:
    """A Poisson count, one uniform at a time (Knuth): what plain peers draw with."""
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def arguments(parser: argparse.ArgumentParser | None = None) -> argparse.Namespace:
    """``N SEED``, and what else the peer has defined."""
    parser = parser or argparse.ArgumentParser()
    parser.add_argument("n", type=int, nargs="?", default=4000, metavar="N", help="number of lots (4000)")
    parser.add_argument("seed", type=int, nargs="?", default=1, metavar="SEED", help="seed of the draws (1)")
    return parser.parse_args()


class Watch:
    """Wall and processor seconds of the part that counts."""

    def __enter__(self) -> Watch:
        gc.collect()  # what came before is not the run's to clean up
        self.began = perf_counter(), process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds, self.cpu = perf_counter() - self.began[0], process_time() - self.began[1]


def report(peer: str, n: int, seed: int, figures: Figures, watch: Watch, **more: Any) -> None:
    """One JSON object: the figures, the seconds, and the peak of resident memory of this Python process."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    rounded = {name: round(value, 6) for name, value in figures.items()}
    print(json.dumps({
        "peer": peer, "n": n, "seed": seed, **more, **rounded, "seconds": round(watch.seconds, 4),
        "cpu": round(watch.cpu, 4), "peak_mb": round(peak, 1),
    }))  # fmt: skip


def main(peer: str, run: Callable[[int, int], Figures]) -> None:
    """The command line of a peer: time ``run``, draws included, imports not."""
    given = arguments()
    run(WARM_UP, 0)
    with Watch() as watch:
        figures = run(given.n, given.seed)
    report(peer, given.n, given.seed, figures, watch)
