"""Who comes to a round, when, and what the lot is worth to them (竞买人).

Base model: independent private values around the lot's true market value; the number of people interested in
a round is Poisson given the lot's popularity, and popularity is Gamma over lots (so counts are negative
binomial over all lots: Poisson alone fits no data set we know). Each round has fresh potential bidders; those who went
away without the lot come back for the next round with probability ``persistence``.

A potential bidder is known to the auction only as (when, value, bidder number): where they come from is the behaviour's
business, so that bidders who wait, are short of money or are shared can stand in their place.
"""

from __future__ import annotations

from array import array
from struct import Struct
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.model.demand import of_round
from sim.model.random_streams import Purpose, RandomDraws
from sim.model.rules import Rules, Stage
from sim.scenario.schema import Scenario
from sim.theory.coming import coming, comings
from sim.theory.poisson import poisson_count, poisson_quantile
from sim.theory.values import ValueLaw

if TYPE_CHECKING:
    from sim.model.lots import Lot

WIDTH = 12  # potential bidders a round that a row of draws holds; more come from a stream of the round's own
DRAWN = 3  # rounds that a row of draws holds
LOT_STRIDE, ROUND_STRIDE = 1_000_000_000, 10_000_000  # bidder number = lot, round, holding and slot, readable
HOLDING_STRIDE = 100_000

PotentialBidder = tuple[float, float, int]  # (days after the opening, value in yuan, bidder number)
# (arrival draw, value, bidder number, return draw, probability of all returns so far; CERTAIN: comes to the next round)
Departing = tuple[float, float, int, float, float]
CERTAIN = 0.0
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
BYTES = 24  # of a packed potential bidder
unpack_bidders = Struct("ddq").iter_unpack


class Offered(NamedTuple):
    """Lots as potential bidders see them, one row a lot."""

    number: Integers
    value: Floats
    interest: Floats  # mean number of people interested in a first round


class Interested:
    """The potential bidders of a block of lots, drawn together, handed out lot by lot and round by round."""

    __slots__ = (
        "arrival", "bounds", "drawn", "first", "keenest", "law", "offered", "packed", "persistent", "random", "returns", "rounds", "rows", "stages",
    )  # fmt: skip

    def __init__(
        self,
        scenario: Scenario,
        rules: Rules,
        random: RandomDraws,
        offered: Offered,
        some: Integers | slice = slice(None),
    ) -> None:
        """``offered``: all lots whose draws ``random`` has; ``some``: the rows wanted."""
        self.random = random
        self.drawn: dict[int, tuple[tuple[int, float], list[Departing]]] = {}  # of lots whose round is open
        self.first = int(offered.number[0])
        self.rows = np.arange(len(offered.number))[some]
        interest = scenario.interest
        self.law = ValueLaw(interest.values, interest.location, interest.spread)
        self.persistent = rules.returning
        self.stages = rules.stages[:DRAWN]
        self.rounds = len(self.stages)
        self.offered = wanted = Offered(offered.number[some], offered.value[some], offered.interest[some])
        multiple = np.array([stage.interest for stage in self.stages])
        counts = poisson_quantile(
            random.uniform(Purpose.COUNTS, DRAWN)[some, : self.rounds],
            of_round(wanted.interest[:, None], multiple),
        )
        self._arrange(wanted, counts, *self._drawn(counts.ravel(), some))

    def _drawn(self, every: Integers, some: Integers | slice) -> tuple[Integers, Integers, list[Floats]]:
        """Group (a round of a lot), slot within it, and draws of all who come: when, what it is worth, coming back."""
        kept = np.minimum(every, WIDTH)
        group = np.arange(len(every)).repeat(kept)
        slot = np.arange(len(group)) - (np.cumsum(kept) - kept).repeat(kept)
        at = group if self.rounds == DRAWN else group // self.rounds * DRAWN + group % self.rounds
        place = at * WIDTH + slot
        random = self.random
        shocks = random.normal if self.law.kind == "lognormal" else random.uniform
        parts = [
            random.uniform(Purpose.ARRIVALS, DRAWN, WIDTH)[some].ravel().take(place),
            shocks(Purpose.SHOCKS, DRAWN, WIDTH)[some].ravel().take(place),
        ]
        if self.persistent:
            parts.append(random.uniform(Purpose.RETURNS, DRAWN, WIDTH)[some].ravel().take(place))
        crowded = np.flatnonzero(every > WIDTH)
        return self._many(crowded, every, group, slot, parts) if len(crowded) else (group, slot, parts)

    def _arrange(
        self, offered: Offered, counts: Integers, group: Integers, slot: Integers, parts: list[Floats]
    ) -> None:
        """Group by group, those of a group in order of coming."""
        every, n = counts.ravel(), len(counts)
        early, late = (np.tile([getattr(one, name) for one in self.stages], n) for name in ("early", "late"))
        when = comings(parts[0], early.take(group) if early.any() else 0.0, late.take(group))
        order = np.lexsort(
            (when, group)
        )  # not by group + when: beside a large group two who come early look alike
        offsets = when.take(order) * np.tile([stage.span for stage in self.stages], n).repeat(every)
        values = offered.value.repeat(counts.sum(axis=1)) * self._worth(parts[1].take(order))
        first = offered.number[:, None] * LOT_STRIDE + np.arange(self.rounds) * ROUND_STRIDE
        who = first.ravel().repeat(every) + slot.take(order)
        # Packed, and cut into tuples when a round comes up: a block held as tuples would be 7 MB that every lot's
        # turn drives out of the processor's cache, and two of five rounds are never held.
        packed = np.empty(len(who), dtype=[("after", "f8"), ("value", "f8"), ("who", "i8")])
        packed["after"], packed["value"], packed["who"] = offsets, values, who
        self.packed = packed.tobytes()
        bounds = np.concatenate(([0], np.cumsum(every)))
        self.bounds = array("q", bounds.tobytes())
        keenest = np.full(len(every), -np.inf)
        somebody = np.flatnonzero(every)
        if len(somebody):
            keenest[somebody] = np.maximum.reduceat(values, bounds[somebody])
        self.keenest = array("d", keenest.tobytes())
        if self.persistent:
            self.arrival = array("d", parts[0].take(order).tobytes())
            self.returns = array("d", parts[2].take(order).tobytes())

    def looking(
        self, row: int, stage: Stage, start: float, response: float = 1.0
    ) -> tuple[int, list[PotentialBidder]]:
        """How many fresh people are interested in a round; those of them to whom the lot is worth ``start``, in order of coming.

        ``response``: factor on interest that the start makes. The keenest one's value answers for all in half of all rounds,
        which is a tenth of the model's time.
        """
        if response != 1.0:
            found = self.responding(row, stage, response)
            return len(found), sorted(timed([one for one in found if one[1] >= start], stage))
        group = row * self.rounds + stage.position
        a, b = self.bounds[group], self.bounds[group + 1]
        if self.keenest[group] < start:
            return b - a, []
        return b - a, [one for one in unpack_bidders(self.packed[a * BYTES : b * BYTES]) if one[1] >= start]

    def departing(
        self, row: int, stage: Stage, winner: int, persistence: float, response: float = 1.0
    ) -> list[Departing]:
        """Fresh potential bidders who went away without the lot and whose draw of coming back is below ``persistence``."""
        if response != 1.0:
            found = self.responding(row, stage, response)
            return [one for one in found if one[3] < persistence and one[2] != winner]
        group = row * self.rounds + stage.position
        a, b = self.bounds[group], self.bounds[group + 1]
        drawn = zip(
            unpack_bidders(self.packed[a * BYTES : b * BYTES]),
            self.arrival[a:b],
            self.returns[a:b],
            strict=True,
        )
        return [
            (arrival, value, who, back, 1.0)
            for (_, value, who), arrival, back in drawn
            if back < persistence and who != winner
        ]

    def responding(self, row: int, stage: Stage, response: float) -> list[Departing]:
        """All fresh potential bidders of a round whose start makes interest so many times as large, in order of coming.

        From the lot's own draws, so that a lower start takes nobody away: for one round what is done above for a block. Who came to a
        round is asked for once more when it has failed (a quarter of the time of a run in which starts draw people).
        """
        known = self.drawn.pop(row, None)
        if known is not None and known[0] == (stage.position, response):
            return known[1]
        self.drawn[row] = (stage.position, response), self._responding(row, stage, response)
        return self.drawn[row][1]

    def _responding(self, row: int, stage: Stage, response: float) -> list[Departing]:
        at, random = (int(self.rows[row]), stage.position), self.random
        mean = of_round(float(self.offered.interest[row]), stage.interest, response)
        n = poisson_count(float(random.uniform(Purpose.COUNTS, DRAWN)[at]), mean)
        shocks = random.normal if self.law.kind == "lognormal" else random.uniform
        drawn = [random.uniform(Purpose.ARRIVALS, DRAWN, WIDTH)[at], shocks(Purpose.SHOCKS, DRAWN, WIDTH)[at]]
        drawn.append(random.uniform(Purpose.RETURNS, DRAWN, WIDTH)[at] if self.persistent else np.ones(WIDTH))
        if n > WIDTH:  # a stream for each kind of draw, so that the first of many are the first of more
            for i, part in enumerate(drawn):
                rng = random.alone(Purpose.DRAWN_BY_PRICE, *at, i)
                more = self._shocks(rng, (n - WIDTH,)) if i == 1 else rng.random(n - WIDTH)
                drawn[i] = np.concatenate((part, more))
        value = self.offered.value[row] * self._worth(drawn[1][:n])
        first = self.bidder(row, stage.position, 0)
        arrival, back = drawn[0][:n].tolist(), drawn[2][:n].tolist()
        found = [
            (u, v, first + i, b, 1.0)
            for i, (u, v, b) in enumerate(zip(arrival, value.tolist(), back, strict=True))
        ]
        return sorted(found)

    def again(self, row: int, worth: float, mean: float, stage: Stage, holding: int) -> list[Departing]:
        """Fresh potential bidders of a round beyond the third, or held again after a default: a stream of its own."""
        rng = self.random.alone(Purpose.AGAIN, row, stage.position, holding)
        n = int(rng.poisson(mean))
        base = self.bidder(row, stage.position, holding)
        value = worth * self._worth(self._shocks(rng, (n,)))
        return [
            (u, v, base + i, back, 1.0)
            for i, (u, v, back) in enumerate(
                zip(rng.random(n).tolist(), value.tolist(), rng.random(n).tolist(), strict=True)
            )
        ]

    def bidder(self, row: Any, position: int, holding: int) -> Any:
        """Number of the first potential bidder of a round; ``row`` is a row or an array of rows."""
        return (self.first + row) * LOT_STRIDE + position * ROUND_STRIDE + holding * HOLDING_STRIDE

    def _shocks(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        return rng.standard_normal(shape) if self.law.kind == "lognormal" else rng.random(shape)

    def _worth(self, shock: Floats) -> Floats:
        """Bidder's value / true market value."""
        return self.law.value(shock)

    def _many(
        self, crowded: Integers, counts: Integers, group: Integers, slot: Integers, parts: list[Floats]
    ) -> tuple[Integers, Integers, list[Floats]]:
        """Add those whom a row of fixed width cannot hold."""
        groups, slots = [group], [slot]
        columns = [[part] for part in parts]
        for g in crowded.tolist():
            more = int(counts[g]) - WIDTH
            rng = self.random.alone(Purpose.MANY, int(self.rows[g // self.rounds]), g % self.rounds)
            groups.append(np.full(more, g))
            slots.append(WIDTH + np.arange(more))
            columns[0].append(rng.random(more))
            columns[1].append(self._shocks(rng, (more,)))
            if self.persistent:
                columns[2].append(rng.random(more))
        return np.concatenate(groups), np.concatenate(slots), [np.concatenate(column) for column in columns]


def returning(departing: list[Departing], persistence: float) -> list[Departing]:
    """Those who return for the next round. One draw serves a bidder's whole life: back m times if u < p1 x ... x pm."""
    return [
        (arrival, value, who, back, so_far * persistence if so_far else 1.0)
        for arrival, value, who, back, so_far in departing
        if back < so_far * persistence or so_far == CERTAIN
    ]


def timed(bidders: list[Departing], stage: Stage) -> list[PotentialBidder]:
    """When bidders from another round come to this one."""
    early, late = stage.early, stage.late
    return [(stage.span * coming(arrival, early, late), value, who) for arrival, value, who, _, _ in bidders]


def again(lot: Lot, stage: Stage, held_again: int) -> list[Departing]:
    """Fresh potential bidders of a lot's round beyond the third, or held again after a default."""
    mean = of_round(lot.interest, stage.interest, lot.price_response)
    return lot.interested.again(lot.row, lot.value, mean, stage, held_again)
