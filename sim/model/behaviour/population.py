"""The people of one segment of a finite market: when they come, how long they stay, which lots suit them.

A segment is a kind of lot in an area. People enter by a Poisson process whose rate is such that as many look at a lot
as in the base model if nobody is busy, served or short of money; the market is in its steady state on the first day.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, expm1, sqrt

import numpy as np
import numpy.typing as npt

from sim.model.bidders import PotentialBidder
from sim.model.counter_streams import Floats, Keys, mixed_all, uniforms
from sim.model.demand import attention, kind_interest, mean_interest, of_round
from sim.model.lots import Lot
from sim.model.random_streams import Purpose, stream
from sim.model.rules import Stage, horizon
from sim.scenario.schema import Scenario
from sim.theory.coming import comings
from sim.theory.values import ValueLaw

SEGMENT_STRIDE = 100_000_000  # bidder number = FIRST + segment x stride + place in it
FIRST = 4_000_000_000_000_000_000  # above all numbers of the base model
BEFORE = 8.0  # patiences before the first day from which people are still there: all but one in 3,000
ALL = 2.0**64 - 2048.0  # the largest float below the number of keys: nobody is certain to like everything
VALUE, TIME = (
    0,
    1,
)  # draws of a pair: what the lot is worth to them; then when they look at each of its rounds


@dataclass(slots=True)
class Segment:
    """Its people in order of entry; ``departed`` are those who have got what they wanted."""

    base: int  # bidder number of the first
    seeds: Keys
    entry: Floats
    exit: Floats
    stays_until: Floats  # the longest exit so far, in order of entry
    departed: npt.NDArray[np.bool_]
    fit: float
    interest: float  # mean number who look at a first round of the average lot
    law: ValueLaw
    opens_next: float = -np.inf  # earliest opening of the next first round, if similar lots are kept apart

    def interested(self, lot: Lot, stage: Stage, opens: float) -> list[PotentialBidder]:
        """Who will look at a round of ``lot`` that opens then, as far as they are not busy; in order of coming.

        A person whom a lot suits looks at a random moment of its window, if they are in the market at that moment.
        """
        if self.interest == 0.0:
            return []
        first = int(self.stays_until.searchsorted(opens, side="right"))
        last = int(self.entry.searchsorted(opens + stage.span))
        pairs = mixed_all(self.seeds[first:last], lot.lot)
        suits = -expm1(-of_round(self.fit * lot.interest / self.interest, stage.interest, lot.price_response))
        place = (pairs < np.uint64(int(suits * ALL))).nonzero()[0]
        if not len(place):
            return []
        pairs, place = pairs[place], place + first
        after = stage.span * comings(uniforms(mixed_all(pairs, TIME + lot.rounds)), stage.early, stage.late)
        when = opens + after
        here = ((self.entry[place] <= when) & (when < self.exit[place]) & ~self.departed[place]).nonzero()[0]
        if not len(here):
            return []
        here = here[np.argsort(after[here])]
        value = lot.value * self.law.quantile(uniforms(mixed_all(pairs[here], VALUE)))
        return list(
            zip(after[here].tolist(), value.tolist(), (self.base + place[here]).tolist(), strict=True)
        )


def entrants(scenario: Scenario, kind: int) -> tuple[float, float]:
    """For a kind of lot: mean number of people who look at an average lot, and people who enter an area a day."""
    market, name = scenario.finite_market, list(scenario.kinds)[kind]
    interest = mean_interest(
        scenario.interest.mean, attention(scenario), kind_interest(scenario, scenario.kinds[name])
    )
    return interest, interest / (market.fit * market.patience_days)


def segment(scenario: Scenario, replication: int, kind: int, area: int) -> Segment:
    """The people of one segment, drawn from a stream of its own."""
    interest, rate = entrants(scenario, kind)
    patience = scenario.finite_market.patience_days
    whose = scenario.run.seed, replication, Purpose.PEOPLE, kind, area
    expected = rate * (horizon(scenario) + BEFORE * patience)
    # Too few for the horizon once in 10^15; nobody where even one would be as rare.
    number = ceil(expected + 8.0 * sqrt(expected)) if expected > 1e-15 else 0
    between = stream(*whose, 0).standard_exponential(number)
    entry = np.cumsum(between) / rate - BEFORE * patience if rate else between
    exit_ = entry + patience * stream(*whose, 1).standard_exponential(number)
    seeds = stream(*whose, 2).integers(0, 2**64, number, dtype=np.uint64)
    return Segment(
        base=FIRST + (kind * scenario.finite_market.areas + area) * SEGMENT_STRIDE,
        seeds=seeds,
        entry=entry,
        exit=exit_,
        stays_until=np.maximum.accumulate(exit_),
        departed=np.zeros(number, dtype=np.bool_),
        fit=scenario.finite_market.fit,
        interest=interest,
        law=ValueLaw(scenario.interest.values, scenario.interest.location, scenario.interest.spread),
    )
