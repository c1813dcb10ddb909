"""Random numbers belong to the thing they are about, not to the order of events.

Every stream is keyed by (seed, replication, purpose, entity): the first three are spawn keys of numpy's
``SeedSequence`` (equal to ``SeedSequence.spawn`` bit for bit), the entity is a jump (``PCG64.jumped``) from there.
The scenario is not in the key, so two policies have common random numbers; nothing is drawn from a stream by two entities,
so one bidder more in one lot changes that lot alone.

Draws are made in blocks: a scalar draw costs 0.8 us, a draw in a block 0.05 us, a jump 3 us. A block
covers ``BLOCK`` consecutive lots of one court, in rows of fixed width, so that a lot's numbers do not depend
on how many its neighbours use. What befalls few lots (a war of bids, a round held again) has a stream of its own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.random import PCG64, Generator, SeedSequence

LAYOUT = 1  # of draws: who has which stream, and in what order it is read. Both engines have the same
BLOCK = 4096  # lots drawn at once: 1.5 MB of potential bidders, and 100 blocks a nation-year
JUMP = 0x9E3779B97F4A7C15F39CC0605CEDC835  # how far numpy's ``PCG64.jumped`` goes: 2**128 / golden ratio


class Purpose(IntEnum):
    """What a stream is for. Numbers are part of the results' identity: append, never renumber."""

    COURTS = 0  # sizes and going-online order of courts
    CASES = 1  # when cases come in, where, with how many lots
    TRAITS = 2  # uniform draws about a lot: kind, token start, method, ...
    VALUES = 3  # normal draws about a lot: true value, valuation error
    POPULARITY = 4  # gamma factor of a lot's interest
    COUNTS = 5  # how many people are interested in a round
    ARRIVALS = 6  # when they come
    SHOCKS = 7  # what the lot is worth to them
    RETURNS = 8  # whether they come back for the next round
    MANY = 9  # those beyond the fixed width of a row
    AGAIN = 10  # rounds held again after a default, and rounds beyond the third
    REPLIES = 11  # how fast outbid bidders answer
    PAYMENT = 12  # whether a winner pays
    FORESIGHT = 13  # who looks ahead
    CASH = 14  # ready money
    CLAIMS = 15  # what creditors claim and how they decide
    PEOPLE = 16  # who enters a finite market, and for how long
    WANTS = 17  # how many lots somebody wants
    DRAWN_BY_PRICE = 18  # those beyond the fixed width of a row, where interest answers to the start
    PRICED_AGAIN = 19  # valuation error of a report that takes the place of one that has run out
    SOLD_BEFORE = 20  # whether a debtor sells equity before its first auction, and when
    THIRD_PARTY = 21  # whether a third party objects to a lot, when, and for how long


def stream(seed: int, replication: int, purpose: Purpose, *entity: int) -> Generator:
    """The generator for one purpose of one entity of one replication."""
    return Generator(PCG64(SeedSequence(seed, spawn_key=(replication, int(purpose), *entity))))


class Piece(NamedTuple):
    """A block of consecutive lots of one court: what has streams of its own."""

    court: int
    block: int
    lots: int


class RandomDraws:
    """The draws of some lots, one row a lot: of one piece, or of several side by side.

    What is drawn for a piece does not depend on what stands beside it. Small courts are put side by side because
    what is made of the draws costs far less for a thousand lots than for a hundred times ten.
    """

    def __init__(self, seed: int, replication: int, pieces: Sequence[Piece]) -> None:
        self.seed, self.replication, self.pieces = seed, replication, pieces
        self.ends: list[int] = np.cumsum([piece.lots for piece in pieces]).tolist()
        self._bases: dict[Purpose, tuple[Generator, Any]] = {}

    def uniform(self, purpose: Purpose, *width: int) -> npt.NDArray[np.float64]:
        """(lots, *width), uniform on [0, 1)."""
        return np.concatenate([self._of(purpose, p).random((p.lots, *width)) for p in self.pieces])

    def normal(self, purpose: Purpose, *width: int) -> npt.NDArray[np.float64]:
        """(lots, *width), standard normal."""
        return np.concatenate([self._of(purpose, p).standard_normal((p.lots, *width)) for p in self.pieces])

    def gamma(self, purpose: Purpose, shape: float) -> npt.NDArray[np.float64]:
        """(lots,), Gamma(shape, 1)."""
        return np.concatenate([self._of(purpose, p).standard_gamma(shape, p.lots) for p in self.pieces])

    def alone(self, purpose: Purpose, row: int, *entity: int) -> Generator:
        """The stream of something that befalls one row; to be drawn from before the next one is asked for."""
        which = bisect_right(self.ends, row)
        piece = self.pieces[which]
        where = (piece.court << 20 | piece.block) << 12 | row - self.ends[which] + piece.lots
        for part in entity:
            where = where << 16 | part
        return self._at(purpose, where)

    def _of(self, purpose: Purpose, piece: Piece) -> Generator:
        return self._at(purpose, piece.court << 20 | piece.block)

    def _at(self, purpose: Purpose, where: int) -> Generator:
        """The purpose's generator, put where ``PCG64.jumped(where + 1)`` would put it.

        3 us instead of the 38 us of a new generator: a tenth of a run of Shanxi, whose 133 courts have eight each.
        """
        if purpose not in self._bases:
            generator = stream(self.seed, self.replication, purpose)
            self._bases[purpose] = generator, generator.bit_generator.state
        generator, state = self._bases[purpose]
        generator.bit_generator.state = state
        generator.bit_generator.advance((where + 1) * JUMP % 2**128)  # type: ignore[attr-defined]
        return generator


class KeptDraws(RandomDraws):
    """The same draws, kept to be read again: under the parameters of another period."""

    def __init__(self, seed: int, replication: int, pieces: Sequence[Piece]) -> None:
        super().__init__(seed, replication, pieces)
        self._kept: dict[tuple[Any, ...], npt.NDArray[np.float64]] = {}

    def uniform(self, purpose: Purpose, *width: int) -> npt.NDArray[np.float64]:
        """(lots, *width), uniform on [0, 1)."""
        return self._once(
            ("uniform", purpose, *width), lambda: super(KeptDraws, self).uniform(purpose, *width)
        )

    def normal(self, purpose: Purpose, *width: int) -> npt.NDArray[np.float64]:
        """(lots, *width), standard normal."""
        return self._once(("normal", purpose, *width), lambda: super(KeptDraws, self).normal(purpose, *width))

    def gamma(self, purpose: Purpose, shape: float) -> npt.NDArray[np.float64]:
        """(lots,), Gamma(shape, 1)."""
        return self._once(("gamma", purpose, shape), lambda: super(KeptDraws, self).gamma(purpose, shape))

    def _once(
        self, what: tuple[Any, ...], draw: Callable[[], npt.NDArray[np.float64]]
    ) -> npt.NDArray[np.float64]:
        if what not in self._kept:
            self._kept[what] = draw()
        return self._kept[what]
