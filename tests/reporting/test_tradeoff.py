"""What policies give and take: the number of a policy stands where it can be read."""

from __future__ import annotations

import math

from sim.reporting.figures.tradeoff import FREE, beside


def test_numbers_beside_dots_lie_on_no_other_dot_or_number() -> None:
    dots = [(100.0, 100.0), (101.0, 99.0), (104.0, 101.0), (300.0, 50.0)]
    ways = beside(dots)
    places = [(x + across, y + up) for (x, y), (across, up) in zip(dots, ways, strict=True)]
    for i, place in enumerate(places):
        others = [*places[:i], *dots[:i], *dots[i + 1 :]]
        assert min(math.dist(place, other) for other in others) >= FREE - 4
    assert ways[3] == (13, 11), "alone, it stands where the eye looks first"
