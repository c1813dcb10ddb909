"""Who comes to a round, when, and what the lot is worth to them (竞买人).

Base model: independent private values around the lot's true market value; the number of people interested in
a round is Poisson given the lot's popularity, and popularity is Gamma over lots (so counts are negative
binomial over all lots: Poisson alone fits no data set we know). Each round has fresh comers; those who went
away empty-handed come back for the next round with probability ``persistence``.

A comer is known to the auction only as (when, value, bidder number): where comers come from is the market's
business, so that a market with waiting, short-of-money or shared bidders can stand in this one's place.
"""

from __future__ import annotations

from array import array
from struct import Struct
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.model.random_streams import Purpose, RandomDraws
from sim.model.rules import Rules, Stage
from sim.scenario.schema import Scenario

WIDTH = 12  # comers a round that a row of draws holds; more come from a stream of the round's own
DRAWN = 3  # rounds that a row of draws holds
LOT_STRIDE, ROUND_STRIDE = 1_000_000_000, 10_000_000  # bidder number = lot, round, holding and slot, readable
HOLDING_STRIDE = 100_000

PotentialBidder = tuple[float, float, int]  # (days after the opening, value in yuan, bidder number)
Departing = tuple[
    float, float, int, float, float
]  # (arrival draw, value, bidder number, return draw, probability of all returns so far; CERTAIN: comes to the next round)
CERTAIN = 0.0
Floats = npt.NDArray[np.float64]
COMER = 24  # bytes of a packed comer
unpack_bidders = Struct("ddq").iter_unpack


class Interested:
    """The comers of a block of lots, drawn together, handed out lot by lot and round by round."""

    __slots__ = (
        "arrival",
        "bounds",
        "comers",
        "first",
        "keenest",
        "law",
        "persistent",
        "random",
        "returns",
        "rounds",
        "rows",
    )  # fmt: skip

    def __init__(
        self,
        scenario: Scenario,
        rules: Rules,
        random: RandomDraws,
        number: npt.NDArray[np.int64],
        value: Floats,
        interest: Floats,
        some: npt.NDArray[np.int64] | slice = slice(None),
    ) -> None:
        """``number``, ``value``, ``interest``: of all lots whose draws ``random`` has; ``some``: the rows wanted."""
        self.random = random
        self.first = int(number[0])
        self.rows = np.arange(len(number))[some]
        number, value, interest = number[some], value[some], interest[some]
        n = len(number)
        self.law = scenario.interest
        self.persistent = rules.returning
        stages = rules.stages[:DRAWN]
        self.rounds = len(stages)
        multiple = np.array([stage.interest for stage in stages])
        counts = poisson_quantile(
            random.uniform(Purpose.COUNTS, DRAWN)[some, : self.rounds], interest[:, None] * multiple
        )
        every, kept = counts.ravel(), np.minimum(counts, WIDTH).ravel()  # by group: a round of a lot
        group = np.arange(len(every)).repeat(kept)
        slot = np.arange(len(group)) - (np.cumsum(kept) - kept).repeat(kept)
        at = group if self.rounds == DRAWN else group // self.rounds * DRAWN + group % self.rounds
        place = at * WIDTH + slot
        shocks = random.normal if self.law.values == "lognormal" else random.uniform
        parts = [
            random.uniform(Purpose.ARRIVALS, DRAWN, WIDTH)[some].ravel().take(place),
            shocks(Purpose.SHOCKS, DRAWN, WIDTH)[some].ravel().take(place),
        ]
        if self.persistent:
            parts.append(random.uniform(Purpose.RETURNS, DRAWN, WIDTH)[some].ravel().take(place))
        crowded = np.flatnonzero(every > WIDTH)
        if len(crowded):
            group, slot, parts = self._many(crowded, every, group, slot, parts)
        late = parts[0] ** np.tile([stage.late for stage in stages], n).take(group)
        order = np.lexsort(
            (late, group)
        )  # not by group + late: beside a large group two early comers look alike
        # From here on group by group, those of a group in order of coming.
        offsets = late.take(order) * np.tile([stage.span for stage in stages], n).repeat(every)
        values = value.repeat(counts.sum(axis=1)) * self._worth(parts[1].take(order))
        first = number[:, None] * LOT_STRIDE + np.arange(self.rounds) * ROUND_STRIDE
        who = first.ravel().repeat(every) + slot.take(order)
        # Packed, and cut into comers when a round comes up: a block held as tuples would be 7 MB that every lot's
        # turn drives out of the processor's cache, and two of five rounds are never held.
        packed = np.empty(len(who), dtype=[("after", "f8"), ("value", "f8"), ("who", "i8")])
        packed["after"], packed["value"], packed["who"] = offsets, values, who
        self.comers = packed.tobytes()
        bounds = np.concatenate(([0], np.cumsum(every)))
        self.bounds = array("q", bounds.tobytes())
        keenest = np.full(len(every), -np.inf)
        somebody = np.flatnonzero(every)
        if len(somebody):
            keenest[somebody] = np.maximum.reduceat(values, bounds[somebody])
        self.keenest = array("d", keenest.tobytes())
        if self.persistent:
            self.arrival, self.returns = (
                array("d", parts[0].take(order).tobytes()),
                array("d", parts[2].take(order).tobytes()),
            )

    def looking(self, row: int, stage: Stage, start: float) -> tuple[int, list[PotentialBidder]]:
        """How many fresh comers look at a round; those of them to whom the lot is worth ``start``, in order of coming.

        The keenest one's value answers for all in half of all rounds, which is a tenth of the model's time.
        """
        group = row * self.rounds + stage.position
        a, b = self.bounds[group], self.bounds[group + 1]
        if self.keenest[group] < start:
            return b - a, []
        return b - a, [one for one in unpack_bidders(self.comers[a * COMER : b * COMER]) if one[1] >= start]

    def departing(self, row: int, stage: Stage, winner: int, persistence: float) -> list[Departing]:
        """Fresh comers who went away empty-handed and whose draw of coming back is below ``persistence``."""
        group = row * self.rounds + stage.position
        a, b = self.bounds[group], self.bounds[group + 1]
        drawn = zip(
            unpack_bidders(self.comers[a * COMER : b * COMER]),
            self.arrival[a:b],
            self.returns[a:b],
            strict=True,
        )
        return [
            (arrival, value, who, back, 1.0)
            for (_, value, who), arrival, back in drawn
            if back < persistence and who != winner
        ]

    def again(self, row: int, worth: float, mean: float, stage: Stage, holding: int) -> list[Departing]:
        """Fresh comers of a round beyond the third, or held again after a default: a stream of its own."""
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
        """Number of the first comer of a round; ``row`` is a row or an array of rows."""
        return (self.first + row) * LOT_STRIDE + position * ROUND_STRIDE + holding * HOLDING_STRIDE

    def _shocks(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        return rng.standard_normal(shape) if self.law.values == "lognormal" else rng.random(shape)

    def _worth(self, shock: Floats) -> Floats:
        """Bidder's value / true market value."""
        if self.law.values == "lognormal":
            return np.asarray(np.exp(self.law.location + self.law.spread * shock))
        if self.law.values == "uniform":
            return self.law.spread * shock
        return -self.law.spread * np.log1p(-shock)

    def _many(
        self,
        crowded: npt.NDArray[np.int64],
        counts: npt.NDArray[np.int64],
        group: npt.NDArray[np.int64],
        slot: npt.NDArray[np.int64],
        parts: list[Floats],
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], list[Floats]]:
        """Add the comers whom a row of fixed width cannot hold."""
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


def returning(left: list[Departing], persistence: float) -> list[Departing]:
    """Those who return for the next round. One draw serves a bidder's whole life: back m times if u < p1 x ... x pm."""
    return [
        (arrival, value, who, back, so_far * persistence if so_far else 1.0)
        for arrival, value, who, back, so_far in left
        if back < so_far * persistence or so_far == CERTAIN
    ]


def timed(comers: list[Departing], stage: Stage) -> list[PotentialBidder]:
    """When bidders from another round come to this one."""
    return [(stage.span * arrival**stage.late, value, who) for arrival, value, who, _, _ in comers]


def poisson_quantile(u: Floats, mean: Floats) -> npt.NDArray[np.int64]:
    """Poisson counts by inversion: the same ``u`` gives more comers under a larger mean, never fewer.

    Coupling two policies needs this; numpy's own sampler is faster but not monotone.
    """
    shape = np.broadcast_shapes(u.shape, mean.shape)
    v, lam = np.broadcast_to(u, shape).ravel(), np.broadcast_to(mean, shape).ravel()
    count = np.zeros(v.shape, dtype=np.int64)
    large = lam > 200.0
    if large.any():
        from scipy.special import pdtrik

        count[large] = np.ceil(pdtrik(v[large], lam[large])).astype(np.int64)
    todo = np.flatnonzero(~large)
    p = np.exp(-lam[todo])
    v, lam, below = v[todo], lam[todo], p.copy()
    k = 0
    while True:
        keep = (v > below) & (p > 0.0)
        if not keep.any():
            break
        todo, v, lam, p, below = todo[keep], v[keep], lam[keep], p[keep], below[keep]
        k += 1
        p = p * (lam / k)
        below = below + p
        count[todo] = k
    return count.reshape(shape)
