"""The model with one of its tricks taken out, to see what the trick gains.

``model.py`` and ``shanxi.py`` take ``--without NAME``. Each function puts the ordinary thing in the place of the
trick; the records stay the same but for rounding of times (timer) and for random draws (jumps).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any

import simpy

import sim.model.court
import sim.model.disposal
import sim.model.lots
import sim.model.simulate
from sim.model.random_streams import RandomDraws, stream


class PlainTimer:
    """A ``Timeout`` for every sleep."""

    def __init__(self, env: Any) -> None:
        self.env = env

    def at(self, when: float) -> Any:
        return self.env.timeout(when - self.env.now)


class PlainClock(simpy.Environment):
    def close(self) -> None:
        """Nothing: the collector finds what is left."""


def timer() -> None:
    """SimPy's own environment, a Timeout for every sleep and a beginning event for every lot."""
    sim.model.court.Timer = PlainTimer  # type: ignore[misc, assignment]
    sim.model.court.Begun = simpy.events.Process  # type: ignore[misc]
    sim.model.simulate.Clock = PlainClock  # type: ignore[misc, assignment]


def collector() -> None:
    """Python's cycle collector as it is by default."""

    @contextmanager
    def nothing() -> Any:
        yield

    sim.model.simulate.patient_collector = nothing


def neighbours() -> None:
    """Every court drawn by itself."""
    sim.model.lots._neighbours = lambda courts: ([court] for court in courts)


def late() -> None:
    """All lots of a block made as soon as it is drawn."""
    sim.model.lots.SOME = sim.model.lots.BLOCK


def jumps() -> None:
    """A new generator for every war of bids and every round held again."""

    def alone(self: RandomDraws, purpose: Any, row: int, *entity: int) -> Any:
        return stream(self.seed, self.replication, purpose, self.pieces[0].court, row, *entity)

    RandomDraws.alone = alone  # type: ignore[method-assign]


TRICKS = {"timer": timer, "collector": collector, "neighbours": neighbours, "late": late, "jumps": jumps}
