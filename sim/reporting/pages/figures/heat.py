"""A measure over two parameters: a field of shades with the numbers in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from sim.reporting.pages.figures.svg import Drawing, width_of

Floats = npt.NDArray[np.float64]
LINE, TOP, BOTTOM, WIDTH = 26.0, 6.0, 34.0, 400.0


def heat(
    field: Floats, across: tuple[str, Sequence[str]], down: tuple[str, Sequence[str]], told: Callable[[float], str], label: str
) -> Markup:  # fmt: skip
    """``field``: (down, across), nan where there is nothing. ``across``, ``down``: name and ticks of the two parameters."""
    left = 12 + max(width_of(tick, 11.5) for tick in down[1])
    drawing = Drawing(WIDTH, TOP + LINE * len(down[1]) + BOTTOM, label)
    known = field[np.isfinite(field)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    cell = (WIDTH - left) / len(across[1])
    for i, tick in enumerate(reversed(down[1])):
        y = TOP + LINE * i
        drawing.text(left - 6, y + 17, tick, "small soft", "end")
        for j, x in enumerate(field[len(down[1]) - 1 - i].tolist()):
            if not math.isfinite(x):
                continue
            share = (x - low) / ((high - low) or 1.0)
            words = told(x)
            drawing.rect(
                left + cell * j,
                y + 1,
                cell - 1,
                LINE - 2,
                "f-blue",
                f"{down[1][-1 - i]}, {across[1][j]}: {words}",
                0.05 + 0.45 * share,
            )
            if width_of(words, 11.5) < cell - 2:
                drawing.text(left + cell * (j + 0.5), y + 17, words, "small", "middle")
    step = max(1, math.ceil(max(width_of(tick, 11.5) + 8 for tick in across[1]) / cell))
    for j, tick in enumerate(across[1]):
        if j % step == 0:
            drawing.text(left + cell * (j + 0.5), drawing.height - 20, tick, "small soft", "middle")
    drawing.text(WIDTH, drawing.height - 4, across[0], "small soft", "end")
    return drawing.render()
