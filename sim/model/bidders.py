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
from itertools import repeat
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


class Attendance(NamedTuple):
    """Who comes to one round of a block's lots, in order of coming, lot by lot.

    Packed, and cut into tuples when a round comes up: a block held as tuples would be 7 MB that every lot's turn drives out of the
    processor's cache, and two of five rounds are never held.
    """

    packed: bytes
    bounds: array[int]  # (lots + 1,) where each lot's people begin
    keenest: array[float]  # (lots,) the highest value; minus infinity where nobody comes
    arrival: array[float]  # draws of coming and of coming back; empty where nobody ever comes back
    returns: array[float]


class Interested:
    """The potential bidders of a block of lots, drawn together round by round, handed out lot by lot."""

    __slots__ = (
        "drawn", "first", "law", "offered", "persistent", "random", "rounds", "rows", "shared", "stages", "together",
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
        self.offered = Offered(offered.number[some], offered.value[some], offered.interest[some])
        self.shared: tuple[Floats, ...] = ()  # all draws of a row's width, from when the first are needed
        self.together: list[Attendance | None] = [None] * self.rounds

    def everyone_in(self, position: int) -> Attendance:
        """Who comes to a round of all lots; drawn when the first of them is asked for, for in many scenarios no lot ever is."""
        found = self.together[position]
        if found is None:
            found = self.together[position] = self._attendance(self.stages[position])
            if all(self.together):
                self.shared = ()
        return found

    def _rows(self) -> tuple[Floats, ...]:
        """(lots, DRAWN), then (lots, DRAWN, WIDTH) each: draws of how many, when, what it is worth, coming back."""
        if not self.shared:
            random = self.random
            shocks = random.normal if self.law.kind == "lognormal" else random.uniform
            found = [random.uniform(Purpose.COUNTS, DRAWN), random.uniform(Purpose.ARRIVALS, DRAWN, WIDTH), shocks(Purpose.SHOCKS, DRAWN, WIDTH)]  # fmt: skip
            if self.persistent:
                found.append(random.uniform(Purpose.RETURNS, DRAWN, WIDTH))
            whole = len(self.rows) == len(found[0])
            self.shared = tuple(part if whole else part[self.rows] for part in found)
        return self.shared

    def _attendance(self, stage: Stage) -> Attendance:
        number, *draws = self._rows()
        at, offered = stage.position, self.offered
        every = poisson_quantile(number[:, at], of_round(offered.interest, np.full(1, stage.interest)))
        kept = np.minimum(every, WIDTH)
        lot = np.arange(len(every)).repeat(kept)
        slot = np.arange(len(lot)) - (np.cumsum(kept) - kept).repeat(kept)
        parts = [part[:, at].ravel().take(lot * WIDTH + slot) for part in draws]
        crowded = np.flatnonzero(every > WIDTH)
        if len(crowded):
            lot, slot, parts = self._many(at, crowded, every, lot, slot, parts)
        return self._arranged(stage, every, lot, slot, parts)

    def _arranged(
        self, stage: Stage, every: Integers, lot: Integers, slot: Integers, parts: list[Floats]
    ) -> Attendance:
        """Lot by lot, those of a lot in order of coming."""
        offered = self.offered
        when = comings(parts[0], stage.early, np.full(len(lot), stage.late))
        # Not by lot + when: beside a large number two who come early look alike.
        order = np.lexsort((when, lot))
        values = offered.value.repeat(every) * self._worth(parts[1].take(order))
        packed = np.empty(len(order), dtype=[("after", "f8"), ("value", "f8"), ("who", "i8")])
        packed["after"], packed["value"] = when.take(order) * stage.span, values
        first = offered.number * LOT_STRIDE + stage.position * ROUND_STRIDE
        packed["who"] = first.repeat(every) + slot.take(order)
        bounds = np.concatenate(([0], np.cumsum(every)))
        keenest = np.full(len(every), -np.inf)
        somebody = np.flatnonzero(every)
        if len(somebody):
            keenest[somebody] = np.maximum.reduceat(values, bounds[somebody])
        again = [part.take(order) for part in parts[::2]] if self.persistent else [np.empty(0)] * 2
        arrival, returns = (array("d", part.tobytes()) for part in again)
        bounded, best = array("q", bounds.tobytes()), array("d", keenest.tobytes())
        return Attendance(packed.tobytes(), bounded, best, arrival, returns)

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
        packed, bounds, keenest, *_ = self.together[stage.position] or self.everyone_in(stage.position)
        a, b = bounds[row], bounds[row + 1]
        if keenest[row] < start:
            return b - a, []
        return b - a, [one for one in unpack_bidders(packed[a * BYTES : b * BYTES]) if one[1] >= start]

    def departing(
        self, row: int, stage: Stage, winner: int, persistence: float, response: float = 1.0
    ) -> list[Departing]:
        """Fresh potential bidders who went away without the lot and whose draw of coming back is below ``persistence``."""
        if response != 1.0:
            found = self.responding(row, stage, response)
            return [one for one in found if one[3] < persistence and one[2] != winner]
        packed, bounds, _, arrivals, returns = self.everyone_in(stage.position)
        a, b = bounds[row], bounds[row + 1]
        drawn = zip(unpack_bidders(packed[a * BYTES : b * BYTES]), arrivals[a:b], returns[a:b], strict=True)
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
        arrival, value, who, back = (x.tolist() for x in self.responding_columns(row, stage, response))
        return list(zip(arrival, value, who, back, repeat(1.0)))

    def responding_columns(
        self, row: int, stage: Stage, response: float
    ) -> tuple[Floats, Floats, Integers, Floats]:
        """The same as columns: arrival draw, value, bidder number, return draw."""
        number, *draws = self._rows()
        at = stage.position
        mean = of_round(float(self.offered.interest[row]), stage.interest, response)
        n = poisson_count(float(number[row, at]), mean)
        parts = [part[row, at, :n] for part in draws]
        if n > WIDTH:  # a stream for each kind of draw, so that the first of many are the first of more
            for i, part in enumerate(parts):
                rng = self.random.alone(Purpose.DRAWN_BY_PRICE, int(self.rows[row]), at, i)
                more = self._shocks(rng, (n - WIDTH,)) if i == 1 else rng.random(n - WIDTH)
                parts[i] = np.concatenate((part, more))
        value = self.offered.value[row] * self._worth(parts[1])
        order = np.lexsort((value, parts[0]))
        back = parts[2][order] if self.persistent else np.ones(n)
        return parts[0][order], value[order], self.bidder(row, at, 0) + order, back

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
        self,
        position: int,
        crowded: Integers,
        every: Integers,
        lot: Integers,
        slot: Integers,
        parts: list[Floats],
    ) -> tuple[Integers, Integers, list[Floats]]:
        """Add those whom a row of fixed width cannot hold."""
        more = every[crowded] - WIDTH
        columns = [[part] for part in parts]
        for row, n in zip(self.rows[crowded].tolist(), more.tolist(), strict=True):
            rng = self.random.alone(Purpose.MANY, row, position)
            columns[0].append(rng.random(n))
            columns[1].append(self._shocks(rng, (n,)))
            if self.persistent:
                columns[2].append(rng.random(n))
        beyond = np.arange(more.sum()) - (np.cumsum(more) - more).repeat(more)
        return (
            np.concatenate((lot, crowded.repeat(more))),
            np.concatenate((slot, WIDTH + beyond)),
            [np.concatenate(column) for column in columns],
        )


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
