"""Where short names stand beside dots, so that each can be read: on no other dot and on no other name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

Place = tuple[float, float]  # across and up, pixels
NEAR: Final[tuple[Place, ...]] = (
    (13, 11), (13, -11), (-13, 11), (-13, -11), (0, 17), (0, -17), (19, 0), (-19, 0),
)  # fmt: skip
RINGS: Final = (26.0, 36.0, 48.0, 62.0, 80.0)  # pixels: farther places, which need a line to their dot
AROUND: Final = 16  # places on a ring
DOT: Final = 5.0  # pixels: half of a dot, with its edge
TALL: Final = 7.0  # half of a line of words
LETTER: Final = 3.6  # half of a letter
LEADER: Final = 24.0  # from where on a name needs a line to its dot


def placed(dots: Sequence[Place], names: Sequence[str], frame: Place) -> list[Place]:
    """How far from its dot the middle of each name stands, in pixels: the first place that is free and within ``frame`` (width,
    height), else the one that covers least."""
    taken = [(x, y, DOT, DOT) for x, y in dots]
    found: list[Place] = []
    for (x, y), name in zip(dots, names, strict=True):
        half = LETTER * len(name)
        tried = [
            (across + math.copysign(half - LETTER, across) if across else 0.0, float(up))
            for across, up in NEAR
        ]
        tried += [
            (r * math.cos(turn) + math.copysign(half, math.cos(turn)), r * math.sin(turn))
            for r in RINGS
            for turn in (math.tau * (k + 0.5) / AROUND for k in range(AROUND))
        ]
        covered = [_covered((x + across, y + up, half, TALL), taken, frame) for across, up in tried]
        best = covered.index(min(covered))
        found.append(tried[best])
        taken.append((x + tried[best][0], y + tried[best][1], half, TALL))
    return found


def _covered(box: tuple[float, ...], taken: Sequence[tuple[float, ...]], frame: Place) -> float:
    """Square pixels of a box (middle and half sizes) that lie on others or outside the frame."""
    x, y, half, tall = box
    total = 0.0
    for a, b, wide, high in taken:
        across = min(x + half, a + wide) - max(x - half, a - wide)
        up = min(y + tall, b + high) - max(y - tall, b - high)
        total += max(across, 0.0) * max(up, 0.0)
    inside = max(min(x + half, frame[0]) - max(x - half, 0.0), 0.0) * max(
        min(y + tall, frame[1]) - max(y - tall, 0.0), 0.0
    )
    return round(total + 4.0 * half * tall - inside, 6)
