"""How fast the outbid answer: NumPy's PCG64 in the loop, each war of bids a stream of its own, as ``sim.model.auction.answer_delays``.

Numbers of 128 bits are two of 64. The generator is O'Neill's PCG XSL-RR (Harvey Mudd College, HMC-CS-2014-0905), the jump Brown's
(Random number generation with arbitrary strides, 1994).
"""

from __future__ import annotations

from math import log1p

import numpy as np

from sim.model.auction import ANSWERS
from sim.model.compiled.state import CourtArrays
from sim.model.random_streams import JUMP

U = np.uint64
ZERO, ONE, SIX, ELEVEN, HALF, HIGH, MOST, HALF_BITS = (
    U(0),
    U(1),
    U(58),
    U(11),
    U(32),
    U(64),
    U(63),
    U(0xFFFFFFFF),
)
SIXTEEN = U(16)
FACTOR_HIGH, FACTOR_LOW = U(2549297995355413924), U(4865540595714422341)
JUMP_HIGH, JUMP_LOW = U(JUMP >> 64), U(JUMP & (2**64 - 1))
UNIT = 1.0 / 9007199254740992.0


def times(a_high: U, a_low: U, b_high: U, b_low: U) -> tuple[U, U]:
    """The product of two numbers of 128 bits, without what exceeds 128 bits."""
    a1, a0, b1, b0 = a_low >> HALF, a_low & HALF_BITS, b_low >> HALF, b_low & HALF_BITS
    low = a0 * b0
    middle = a1 * b0 + (low >> HALF)
    other = a0 * b1 + (middle & HALF_BITS)
    high = a1 * b1 + (middle >> HALF) + (other >> HALF)
    return high + a_high * b_low + a_low * b_high, (other << HALF) | (low & HALF_BITS)


def plus(a_high: U, a_low: U, b_high: U, b_low: U) -> tuple[U, U]:
    """The sum of two numbers of 128 bits, without what exceeds 128 bits."""
    low = a_low + b_low
    carry = ONE if low < a_low else ZERO
    return a_high + b_high + carry, low


def advanced(w: CourtArrays, far_high: U, far_low: U) -> tuple[U, U]:
    """The state of the stream of answers so many draws on."""
    s = w.setup[0]
    factor = FACTOR_HIGH, FACTOR_LOW
    step = U(s.step_high), U(s.step_low)
    all_factor, all_step = (ZERO, ONE), (ZERO, ZERO)
    while far_high != ZERO or far_low != ZERO:
        if far_low & ONE:
            all_factor = times(all_factor[0], all_factor[1], factor[0], factor[1])
            scaled = times(all_step[0], all_step[1], factor[0], factor[1])
            all_step = plus(scaled[0], scaled[1], step[0], step[1])
        more = plus(factor[0], factor[1], ZERO, ONE)
        step = times(more[0], more[1], step[0], step[1])
        factor = times(factor[0], factor[1], factor[0], factor[1])
        far_low = (far_low >> ONE) | (far_high << MOST)
        far_high = far_high >> ONE
    moved = times(U(s.high), U(s.low), all_factor[0], all_factor[1])
    return plus(moved[0], moved[1], all_step[0], all_step[1])


def begin(w: CourtArrays, i: int) -> None:
    """Put the stream of a war where the readable model puts it for the next answers."""
    lot, a = w.lots[i], w.auctions[i]
    key, attempt = U(lot.stream), U(lot.rounds)
    high, low = key >> HALF, (key << HALF) | (attempt << SIXTEEN) | U(a.some)
    high, low = plus(high, low, ZERO, ONE)
    high, low = times(high, low, JUMP_HIGH, JUMP_LOW)
    a.high, a.low = advanced(w, high, low)
    a.left = ANSWERS
    a.some += 1


def delay(w: CourtArrays, i: int, extended: bool) -> float:
    """The next answer's delay, exponential, cut off where the soft close would run out; ``extended``: after the end that was set."""
    a, s = w.auctions[i], w.setup[0]
    if a.left == 0:
        begin(w, i)
    a.left -= 1
    high, low = times(U(a.high), U(a.low), FACTOR_HIGH, FACTOR_LOW)
    high, low = plus(high, low, U(s.step_high), U(s.step_low))
    a.high, a.low = high, low
    turn, mixed = high >> SIX, high ^ low
    drawn = (mixed >> turn) | (mixed << ((HIGH - turn) & MOST))
    u = float(drawn >> ELEVEN) * UNIT
    rules = w.rules[w.disposals[i].rules]
    if extended:
        return -rules.reply_extended * log1p(-rules.within_extended * u)  # type: ignore[no-any-return]
    return -rules.reply * log1p(-rules.within * u)  # type: ignore[no-any-return]
