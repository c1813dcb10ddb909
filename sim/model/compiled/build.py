"""The loop compiled by numba, and kept on disk until any of its source changes."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from sim.model import auction, rules
from sim.model.compiled import bidding, disposal, loop, replies, who_comes
from sim.model.compiled.state import World

SHARED: list[Any] = [
    auction.steps, auction.ascend, auction.step_up, auction.move_end, auction.next_step, rules.cut_of,
]  # fmt: skip


def functions() -> list[Any]:
    """All that is compiled."""
    return [*SHARED, *(one for module in (replies, who_comes, bidding, disposal, loop) for one in _own(module))]


def _own(module: ModuleType) -> list[Any]:
    return [one for one in vars(module).values() if isinstance(one, FunctionType) and one.__module__ == module.__name__]


@cache
def compiled() -> Callable[[World], int]:
    """The loop, compiled at its first call unless it is on disk already."""
    from numba import njit
    from numba.extending import register_jitable

    for one in functions():
        register_jitable(one)
    found: Callable[[World], int] = njit(cache=True)(_entry(_source()))
    return found


def _source() -> str:
    """A digest of what is compiled: numba itself looks at one file only."""
    modules = {inspect.getmodule(one) for one in functions()} | {inspect.getmodule(World)}
    text = "".join(sorted(inspect.getsource(one) for one in modules if one is not None))
    return hashlib.sha256(text.encode()).hexdigest()


def _entry(source: str) -> Callable[[World], int]:
    def run(w: World) -> int:
        # ``source`` is part of what the code on disk is found by.
        return drive(w) if source else 0

    drive = loop.drive
    return run
