"""What the workload's events cost in SimPy as it comes: the same events at the same times, and no logic.

Everything is decided beforehand (by ``vector_numpy``) and outside the timed part: draws, bids, closes. What is
timed is plain SimPy: one source process with a ``Timeout`` for every listing, one
process a lot, and in it one ``Timeout`` for the end of each notice, each arrival before the close, and the close,
of every round held. A process also costs SimPy two events of its own (its beginning and its end). The delays of a
lot are a slice of one flat list; the cycle collector waits, as it does for the model. Lots start when they are listed,
so that what is pending stays small.

``--events bids`` leaves out the arrivals that come to nothing: the events of a model that sleeps from bid to bid. A
model that leaves out events may be below the floor with arrivals.

The figures returned are those of the precomputation. The peak of memory includes it, too.
"""

from __future__ import annotations

import argparse
import gc
from collections.abc import Generator
from typing import Any, NamedTuple

import numpy as np
import simpy
from _peer import WARM_UP, Figures, Floats, Watch, arguments, report
from vector_numpy import Indices
from vector_numpy import run as decide

Process = Generator[simpy.Event, Any, None]
NOTHING_TO_DO = "silence"


class Timetable(NamedTuple):
    """When everything happens: the delays before the listings, and lot after lot the delays of its events."""

    listings: list[float]
    delays: list[float]
    ends: list[int]  # of a lot's delays in ``delays``


def run(n_lots: int, seed: int, events: str = "arrivals") -> Figures:
    figures, timetable = prepare(n_lots, seed, events)
    replay(timetable)
    return figures


def prepare(n_lots: int, seed: int, events: str = "arrivals") -> tuple[Figures, Timetable]:
    """The part that is not timed."""
    happened: list[tuple[str, Indices, Floats]] = []
    figures = decide(n_lots, seed, watch=lambda what, lot, when: happened.append((what, lot, when)))
    wanted = [one for one in happened if events == "arrivals" or one[0] != NOTHING_TO_DO]
    lots, times = np.concatenate([one[1] for one in wanted]), np.concatenate([one[2] for one in wanted])
    order = np.lexsort((times, lots))
    lots, times = lots[order], times[order]
    listing = np.searchsorted(lots, np.arange(n_lots))  # a lot's first event is its listing
    delays = np.delete(np.diff(times, prepend=0.0), listing)
    ends = np.cumsum(np.bincount(lots, minlength=n_lots) - 1)
    return figures, Timetable(np.diff(times[listing], prepend=0.0).tolist(), delays.tolist(), ends.tolist())


def replay(timetable: Timetable) -> None:
    """The part that is timed."""
    env = simpy.Environment()
    env.process(source(env, timetable))
    env.run()


def source(env: simpy.Environment, timetable: Timetable) -> Process:
    listings, delays, ends = timetable
    begins = 0
    for wait, end in zip(listings, ends, strict=True):
        yield env.timeout(wait)
        env.process(lot(env, delays[begins:end]))
        begins = end


def lot(env: simpy.Environment, delays: list[float]) -> Process:
    timeout = env.timeout
    for delay in delays:
        yield timeout(delay)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", choices=("arrivals", "bids"), default="arrivals")
    given = arguments(parser)
    run(WARM_UP, 0, given.events)
    figures, timetable = prepare(given.n, given.seed, given.events)
    gc.set_threshold(200_000, 50, 1000)  # as ``sim.model.simulate`` has it
    with Watch() as watch:
        replay(timetable)
    waits = len(timetable.listings) + len(timetable.delays)
    report("floor", given.n, given.seed, figures, watch, events=given.events, timeouts=waits)


if __name__ == "__main__":
    main()
