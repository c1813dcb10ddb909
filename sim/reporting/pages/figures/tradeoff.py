"""What each policy gives and takes: two measures against each other, the base and a mark a policy."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from sim.reporting.pages.figures.svg import Drawing, Scale, ticks

COLOURS = ("blue", "orange", "green", "purple", "sky", "red")
HEIGHT, LEFT, BOTTOM, WIDTH = 280.0, 56.0, 44.0, 400.0
WAYS = (
    (13, -11),
    (13, 11),
    (-13, -11),
    (-13, 11),
    (0, -17),
    (0, 17),
    (19, 0),
    (-19, 0),
)  # from a dot to its number
FREE = 15.0  # pixels between the middles of a number and of what it must not lie on


@dataclass(frozen=True, slots=True)
class Spot:
    """A policy's place, its intervals, and its name."""

    name: str
    x: float
    y: float
    x_ends: tuple[float, float]
    y_ends: tuple[float, float]


def tradeoff(
    spots: Sequence[Spot], base: tuple[float, float], names: tuple[str, str], told: tuple[Callable[[float], str], Callable[[float], str]]
) -> Markup:  # fmt: skip
    """One panel. ``names``: of the two axes; ``told``: how their ticks are written."""
    across = [v for s in spots for v in (s.x, *s.x_ends)] + [base[0]]
    up = [v for s in spots for v in (s.y, *s.y_ends)] + [base[1]]
    drawing = Drawing(WIDTH, HEIGHT, f"{names[1]} / {names[0]}: {', '.join(s.name for s in spots)}")
    x = _scale(across, LEFT, WIDTH - 14)
    y = _scale(up, HEIGHT - BOTTOM, 26)
    for tick in ticks(x.low, x.high, 4):
        drawing.line(x(tick), 26, x(tick), HEIGHT - BOTTOM, "s-pale thin")
        drawing.text(x(tick), HEIGHT - BOTTOM + 15, told[0](tick), "small soft", "middle")
    for tick in ticks(y.low, y.high, 4):
        drawing.line(LEFT, y(tick), WIDTH - 14, y(tick), "s-pale thin")
        drawing.text(LEFT - 6, y(tick) + 4, told[1](tick), "small soft", "end")
    drawing.text(LEFT, 12, names[1], "small soft")
    drawing.text(WIDTH - 14, HEIGHT - 8, names[0], "small soft", "end")
    drawing.diamond(x(base[0]), y(base[1]), 7, "f-ink")
    for i, spot in enumerate(spots):
        colour = COLOURS[i % len(COLOURS)]
        drawing.line(x(spot.x_ends[0]), y(spot.y), x(spot.x_ends[1]), y(spot.y), f"s-{colour}")
        drawing.line(x(spot.x), y(spot.y_ends[0]), x(spot.x), y(spot.y_ends[1]), f"s-{colour}")
        drawing.dot(x(spot.x), y(spot.y), 6, f"f-{colour}", spot.name)
    places = _beside([(x(spot.x), y(spot.y)) for spot in spots])
    for i, (at, up_at) in enumerate(places):
        drawing.text(at, up_at, str(i + 1), "bold halo", "middle")
    return drawing.render()


def _beside(dots: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A place for the number of each dot: the first beside it that lies on no other dot or number, else the freest."""
    found: list[tuple[float, float]] = []
    for i, (x, y) in enumerate(dots):
        others = [*found, *dots[:i], *dots[i + 1 :]]
        tried = [(x + across, y + down) for across, down in WAYS]
        room = [min((math.dist(one, other) for other in others), default=math.inf) for one in tried]
        found.append(next((one for one, free in zip(tried, room, strict=True) if free >= FREE), tried[room.index(max(room))]))  # fmt: skip
    return [(x, y + 5) for x, y in found]


def _scale(values: Sequence[float], left: float, right: float) -> Scale:
    known = [v for v in values if math.isfinite(v)]
    room = 0.12 * (max(known) - min(known)) or abs(known[0]) * 0.1 or 1.0
    return Scale(min(known) - room, max(known) + room, left, right)
