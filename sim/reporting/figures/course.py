"""What becomes of lots by days: shares that each end has taken, one on top of the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from sim.reporting.style import (
    BLUE,
    FILE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    VERMILION,
    Foot,
    Form,
    Picture,
    drawing,
    finish,
    no_data,
)
from sim.reporting.text import headline

ENDS = (BLUE, ORANGE, PURPLE, GREY, VERMILION, GREEN)  # colours of the ends, from below
MOST_STEPS = 400  # of a curve: more cannot be seen


def lot_course(
    times: npt.ArrayLike,
    shares: npt.ArrayLike,
    ends: Sequence[str],
    lang: str,
    foot: Foot | str | None = None,
    *,
    form: Form = FILE,
) -> Picture:
    """``shares``: (times, ends), by each time the share of lots that has come to each end; ``times`` in days."""
    with drawing(lang, form) as look:
        fig = look.canvas(8.0, 5.6 if form.narrow else 4.6)
        x, y = np.asarray(times, np.float64), np.asarray(shares, np.float64)
        if not len(x):
            no_data(fig, look)
            return finish(fig, look, headline(look.t("course.title")), foot)
        kept = np.unique(np.linspace(0, len(x) - 1, MOST_STEPS).round().astype(np.intp))
        x, y = np.concatenate([[0.0], x[kept]]), np.concatenate([np.zeros((1, y.shape[1])), y[kept]])
        ax = fig.add_subplot()
        below, keys = np.zeros(len(x)), []
        for i, name in enumerate(ends):
            colour = ENDS[i % len(ENDS)]
            ax.fill_between(
                x, 100 * below, 100 * (below + y[:, i]), step="post", color=colour, alpha=0.75, linewidth=0
            )
            keys.append(Patch(color=colour, alpha=0.75, label=look.safe(f"{name}  {100 * y[-1, i]:.1f}%")))
            below = below + y[:, i]
        ax.set_xlim(0, x[-1] or 1.0)
        ax.set_ylim(0, 100)
        ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:.0f}%"))
        ax.set_xlabel(headline(look.t("course.x")))
        ax.set_ylabel(headline(look.t("course.y")))
        fig.legend(handles=keys[::-1], loc="outside lower left", ncols=1 if look.form.narrow else 3)
        return finish(fig, look, headline(look.t("course.title")), foot)
