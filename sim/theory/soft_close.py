"""The soft close: bids at a constant rate, and an end that moves to g minutes after the last of them.

Bids are Poisson(mu a minute); the auction ends at the first t >= T with no bid in (t - g, t]. Counted from T - g
the bids are memoryless, so the overtime is the time to the first gap of length g, less g, and every bid on the way
extends:

    E[overtime] = (e^{mu g} - 1)/mu - g,   Var = (e^{2 mu g} - 2 mu g e^{mu g} - 1)/mu^2
    P(n extensions) = (1 - e^{-mu g})^n e^{-mu g}

Source: a pedestrian's wait for a gap in Poisson traffic (Adams 1936; Tanner 1951, Biometrika 38, 383-392).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.theory.values import Floats


@dataclass(frozen=True, slots=True)
class SoftClose:
    """``overtime``: mean, minutes; ``variance``: of the overtime, minutes^2; ``extensions``: mean number;
    ``quiet``: P(no extension).
    """

    overtime: Floats
    variance: Floats
    extensions: Floats
    quiet: Floats

    def at_least(self, n: npt.ArrayLike) -> Floats:
        """P(n extensions or more)."""
        return np.asarray((1.0 - self.quiet) ** np.asarray(n))


def soft_close(mu: npt.ArrayLike, g: npt.ArrayLike) -> SoftClose:
    """Bids at ``mu`` a minute, extension of ``g`` minutes; both broadcast. Raises ``ValueError`` unless positive."""
    rate, gap = np.asarray(mu, dtype=np.float64), np.asarray(g, dtype=np.float64)
    if not ((rate > 0.0).all() and (gap > 0.0).all()):
        raise ValueError("rate of bids and length of the extension are positive")
    a = rate * gap
    growth = np.expm1(a)
    return SoftClose(
        overtime=growth / rate - gap,
        variance=(np.expm1(2.0 * a) - 2.0 * a * np.exp(a)) / rate**2,
        extensions=growth,
        quiet=np.exp(-a),
    )
