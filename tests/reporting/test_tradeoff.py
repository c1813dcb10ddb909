"""What policies give and take: the name of a policy stands where it can be read."""

from __future__ import annotations

import numpy as np

from sim.reporting.figures.labels import DOT, LETTER, TALL, placed

Box = tuple[float, float, float, float]


def apart(one: Box, other: Box) -> bool:
    """Whether two boxes (middle and half sizes) lie on each other nowhere."""
    return abs(one[0] - other[0]) >= one[2] + other[2] or abs(one[1] - other[1]) >= one[3] + other[3]


def boxes(dots: list[tuple[float, float]], names: list[str]) -> list[Box]:
    ways = placed(dots, names, (300.0, 200.0))
    return [
        (x + a, y + u, LETTER * len(name), TALL)
        for (x, y), (a, u), name in zip(dots, ways, names, strict=True)
    ]


def test_names_beside_dots_lie_on_no_other_dot_or_name() -> None:
    """Four policies nearly alike, one alone; then as many as a search settles, close together."""
    rng = np.random.default_rng(1)
    crowd = [(150.0 + 12.0 * x, 100.0 + 12.0 * y) for x, y in rng.standard_normal((16, 2)).tolist()]
    for dots in ([(100.0, 100.0), (101.0, 99.0), (104.0, 101.0), (280.0, 50.0)], crowd):
        names = [f"P{i + 1}" for i in range(len(dots))]
        found = boxes(dots, names)
        for i, box in enumerate(found):
            assert all(apart(box, other) for other in found[:i])
            assert all(apart(box, (x, y, DOT, DOT)) for x, y in dots)
            assert box[2] <= box[0] <= 300.0 - box[2], "within the frame"


def test_alone_a_name_stands_where_the_eye_looks_first() -> None:
    (way,) = placed([(150.0, 100.0)], ["1"], (300.0, 200.0))
    assert way == (13.0, 11.0)
