"""The table of what bidding adds to the start, against the auction that it is read for."""

from __future__ import annotations

import numpy as np
import pytest

from sim.theory.english import english
from sim.theory.price_excess import LOW, price_excess
from sim.theory.values import ValueLaw

LAW = ValueLaw("lognormal", -0.2, 0.3)


@pytest.mark.parametrize("k", [0.3, 2.0, 50.0])
def test_what_a_contest_adds_to_the_start_is_what_an_english_auction_adds(k):
    """At means and starts between the table's points, and at starts below which everybody can pay."""
    one = np.ones(1)
    table = price_excess(0.01 * one, 8.0 * one, k * one, LAW.location * one, LAW.spread * one)
    for c in (0.0123, 0.117, 0.93, 2.1, 7.3):
        for z in (LOW - 1.0, LOW - 0.013, -1.987, -0.512, 0.777, 1.83):
            start = float(np.exp(LAW.location + LAW.spread * z))
            exact = english(c, LAW, start, k, square=True)
            excess, square = (float(x[0]) for x in table.read(c * one, z * one))
            assert excess == pytest.approx(exact.revenue - start * exact.sale, rel=0.045)
            assert excess - (exact.revenue - start * exact.sale) < 0.012 * exact.revenue
            assert square == pytest.approx(exact.square - start**2 * exact.sale, rel=0.045)
