"""Random numbers belong to the thing they are about, not to the order of events.

Every stream is keyed by (seed, replication, purpose, entity): numpy's ``SeedSequence`` spawn keys, which
equal ``SeedSequence.spawn`` bit for bit. The scenario is not in the key, so two policies share their luck;
nothing is drawn from a stream by two entities, so one bidder more in one lot changes that lot alone.

Draws are made in blocks: a scalar draw costs 0.8 us, a draw in a block 0.05 us, a new stream 12 us. A block
covers ``BLOCK`` consecutive lots of one court, in rows of fixed width, so that a lot's numbers do not depend
on how many its neighbours use.
"""

from __future__ import annotations

from enum import IntEnum

from numpy.random import PCG64, Generator, SeedSequence

BLOCK = 4096  # lots drawn at once: 1.5 MB of comers, and 100 blocks a nation-year


class Purpose(IntEnum):
    """What a stream is for. Numbers are part of the results' identity: append, never renumber."""

    COURTS = 0  # sizes and going-online order of courts
    DOCKET = 1  # when cases come in, where, with how many lots
    TRAITS = 2  # uniform draws about a lot: kind, token start, method, ...
    VALUES = 3  # normal draws about a lot: true value, valuation error
    POPULARITY = 4  # gamma factor of a lot's interest
    COUNTS = 5  # how many comers a round has
    ARRIVALS = 6  # when they come
    SHOCKS = 7  # what the lot is worth to them
    RETURNS = 8  # whether they come back for the next round
    MANY = 9  # comers beyond the fixed width of a row
    AGAIN = 10  # rounds held again after a default, and rounds beyond the third
    REPLIES = 11  # how fast outbid bidders answer
    PAYMENT = 12  # whether a winner pays


def stream(seed: int, replication: int, purpose: Purpose, *entity: int) -> Generator:
    """The generator for one purpose of one entity of one replication."""
    return Generator(PCG64(SeedSequence(seed, spawn_key=(replication, int(purpose), *entity))))
