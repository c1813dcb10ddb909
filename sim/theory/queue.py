"""One clerk, first come first served: the M/D/1 queue.

Lots come to a clerk as a Poisson process of rate lambda, each needs D days of the clerk's time, and the clerk is
busy for a share rho = lambda D < 1 of the time. In the long run

    E[wait] = rho D / (2 (1 - rho))
    Var[wait] = E[wait]^2 + lambda D^3 / (3 (1 - rho))
    P(wait = 0) = 1 - rho

Source: Pollaczek 1930, Khinchine 1932 (mean wait); Takacs 1962, Introduction to the Theory of Queues (moments).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.theory.values import Floats


@dataclass(frozen=True, slots=True)
class Queue:
    """``wait``: mean time before the clerk begins, days; ``variance``: of the same, days^2; ``idle``: P(no wait)."""

    wait: Floats
    variance: Floats
    idle: Floats


def queue(rate: npt.ArrayLike, work: npt.ArrayLike) -> Queue:
    """``rate`` lots a day, ``work`` days each; both broadcast. Raises ``ValueError`` unless 0 < rate x work < 1."""
    lam, days = np.asarray(rate, dtype=np.float64), np.asarray(work, dtype=np.float64)
    load = lam * days
    if not ((load > 0.0) & (load < 1.0)).all():
        raise ValueError(
            "the clerk's load, rate x work, is above 0 and below 1: beyond it the queue has no limit"
        )
    free = 1.0 - load
    wait = load * days / (2.0 * free)
    return Queue(wait=wait, variance=wait**2 + lam * days**3 / (3.0 * free), idle=free)
