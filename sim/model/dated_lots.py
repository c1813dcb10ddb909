"""Lots in a scenario whose values change at dates: what a lot is, and who comes to it, as of the day that counts.

What a lot is goes by the day of its listing, until then by the day on which it is interested at; who comes to a round goes by
the day on which it opens, how the round is held by the day of its notice. Draws stay the lot's own: a lot that crosses a
date keeps them. Made only where something changes at a date.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammainc, gammaincc, gammainccinv, gammaincinv

from sim.model.bidders import Interested, Offered
from sim.model.demand import interest_of
from sim.model.random_streams import Purpose
from sim.model.rules import Rules, Stage
from sim.model.traits import Draws, Floats, traits_of
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    from sim.model.lots import Lot

CHUNK = 128.0  # days: lots seized within so many are drawn together, so that few are drawn for a period they never see


@dataclass(frozen=True, slots=True)
class Opened:
    """Rounds that were noticed in one period and open in another, of the lots of a chunk that were listed in a third."""

    interested: Interested
    interest: list[float]
    stages: tuple[Stage, ...]


def anchor(scenario: Scenario) -> float:
    """The dispersion with which popularity is drawn, of whose draws those of every other period are made."""
    finite = [k for _, one in scenario.periods if isfinite(k := one.interest.dispersion)]
    return finite[0] if finite else 1.0


def in_period(popularity: Floats, drawn: float, k: float) -> Floats:
    """Popularity drawn with one dispersion as it is with another: a lot keeps its rank among all."""
    if k == drawn:
        return popularity
    lower, upper = gammainc(drawn, popularity), gammaincc(drawn, popularity)
    return np.asarray(np.where(lower < 0.5, gammaincinv(k, lower), gammainccinv(k, upper)))


class Crossing:
    """A block of lots, and what they are in each period."""

    def __init__(self, scenario: Scenario, rules: Rules, draws: Draws, seized: Floats) -> None:
        self.whole, self.draws = scenario, draws
        self.periods = [one for _, one in scenario.periods]
        self.rules = [rules]
        while self.rules[-1].later is not None:
            self.rules.append(self.rules[-1].later)
        chunk = (seized // CHUNK).astype(np.int64)
        self.chunks = {int(c): np.flatnonzero(chunk == c) for c in np.unique(chunk)}
        self.places = np.empty(len(chunk), dtype=np.int64)  # of each row among those of its chunk
        for rows in self.chunks.values():
            self.places[rows] = np.arange(len(rows))
        self.traits = [traits_of(scenario, one, draws) for one in self.periods]
        self.columns: dict[
            int, dict[str, list[Any]]
        ] = {}  # by period: the same as plain lists, by name in ``Lot``
        self.opened: dict[tuple[int, int, int, int, int], Opened] = {}
        self.anchor = anchor(scenario)

    def begin(self, lots: list[Lot]) -> None:
        """Give lots that are made what they need to cross dates; they are what they are on the day they come in."""
        places = self.places[lots[0].row : lots[-1].row + 1].tolist()
        for lot, place in zip(lots, places, strict=True):
            lot.crossing, lot.place = self, place
            self.renew(lot, self.rules[0].on(lot.seized).period)

    def renew(self, lot: Lot, period: int) -> None:
        """Make of a lot what it is in a period."""
        if lot.period == period:
            return
        if period not in self.columns:
            self.columns[period] = self._columns(period)
        lot.period, row = period, lot.row
        for name, column in self.columns[period].items():
            setattr(lot, name, column[row])

    def _columns(self, period: int) -> dict[str, list[Any]]:
        return {name: column.tolist() for name, column in self.arrays(period).items()}

    def arrays(self, period: int) -> dict[str, npt.NDArray[Any]]:
        """What all lots of the block are in a period, by name in ``Lot``."""
        traits, every = self.traits[period], np.arange(len(self.draws.number))
        columns = {name: getattr(traits, name) for name in ("kind", "movable", "token", "value")}
        return columns | {"interest": self.interest(period, period, every)} | traits.chances

    def opening(
        self, lot: Lot, listed: Rules, noticed: Rules, opens: float, position: int
    ) -> tuple[Rules, Stage]:
        """The rules of the day on which a round opens, and the round as it is then; the lot is given who comes to it."""
        there = noticed.on(opens)
        found = self.drawn(int(lot.seized // CHUNK), listed.period, noticed, there)
        lot.interested, lot.interest = found.interested, found.interest[lot.place]
        return there, found.stages[position]

    def drawn(self, chunk: int, listed: int, noticed: Rules, there: Rules) -> Opened:
        """Who comes to rounds of a chunk's lots, drawn once."""
        key = chunk, noticed.kind, listed, noticed.period, there.period
        if key not in self.opened:
            self.opened[key] = self._open(chunk, listed, noticed, there)
        return self.opened[key]

    def _open(self, chunk: int, listed: int, noticed: Rules, there: Rules) -> Opened:
        stages = tuple(
            replace(one, interest=other.interest)
            for one, other in zip(noticed.stages, there.stages, strict=True)
        )
        rows = self.chunks[chunk]
        interest = np.zeros(len(self.draws.number))
        interest[rows] = self.interest(listed, there.period, rows)
        interested = Interested(
            self.periods[there.period], replace(noticed, stages=stages), self.draws.random,
            Offered(self.draws.number, self.traits[listed].value, interest), rows,
        )  # fmt: skip
        return Opened(interested, interest[rows].tolist(), stages)

    def interest(self, listed: int, opened: int, rows: npt.NDArray[np.int64]) -> Floats:
        """Mean number of people who look at a first round that opens in a period, of lots listed in another."""
        k = self.periods[opened].interest.dispersion
        popularity = np.ones(1)
        if isfinite(k):
            popularity = in_period(
                self.draws.random.gamma(Purpose.POPULARITY, self.anchor)[rows], self.anchor, k
            )
        kind = self.traits[listed].kind[rows]
        return interest_of(self.periods[opened], self.rules[opened].attention, kind, popularity)
