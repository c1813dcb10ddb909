"""Loops that are compiled: the few that NumPy would spread over many passes through memory.

Numba compiles a function at its first call and keeps it on disk, so that only the first calibration on a machine
waits (some seconds). Arithmetic is as written: no reordering (``fastmath``), so results do not depend on the processor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """The same function, compiled."""
    return cast(Callable[P, R], njit(cache=True)(function))
