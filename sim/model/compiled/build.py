"""The loop compiled by numba, and kept on disk until any of its source changes."""

from __future__ import annotations

import hashlib
import inspect
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from sim.locale.language import said
from sim.model import auction, rules
from sim.model.behaviour import creditors, liquidity
from sim.model.compiled import behaviour, bidding, counter_draws, disposal, loop, replies, who_comes
from sim.model.compiled.state import CourtArrays
from sim.theory import normal_quantile
from sim.theory.coming import coming

SHARED: list[Any] = [
    auction.steps, auction.ascend, auction.step_up, auction.move_end, auction.next_step, rules.cut_of, coming, liquidity.ready_money,
    creditors.sale_of_their_own, creditors.prior_claims, creditors.start_above,
    normal_quantile.polynomial, normal_quantile.middle, normal_quantile.normal_quantile,
]  # fmt: skip


def functions() -> list[Any]:
    """All that is compiled."""
    return [
        *SHARED,
        *(
            one
            for module in (replies, counter_draws, behaviour, who_comes, bidding, disposal, loop)
            for one in _own(module)
        ),
    ]


def _own(module: ModuleType) -> list[Any]:
    return [
        one
        for one in vars(module).values()
        if isinstance(one, FunctionType) and one.__module__ == module.__name__
    ]


@cache
def compiled() -> Callable[[CourtArrays], int]:
    """The loop, compiled at its first call unless it is on disk already."""
    # By name, for what is computed does not depend on numba: manifests and what sweeps go on by name no release of it.
    loop_of = import_module("sim.model.compiled.numba_loop").compiled_by_numba(functions(), _source())
    entry: list[Callable[[CourtArrays], int]] = []

    def run(w: CourtArrays) -> int:
        if entry:
            return entry[0](w)
        if not on_disk():
            sys.stderr.write(said("compiled.compiling") + "\n")
        needed: int = loop_of(w)
        # What the arrays are is found out once: for arrays of rows numba takes milliseconds, a call.
        (one,) = loop_of.overloads.values()
        entry.append(one.entry_point)
        _mark()
        return needed

    return run


def on_disk() -> bool:
    """Whether the loop has been compiled on this machine."""
    return installed() and _marker().exists()


@cache
def installed() -> bool:
    """Whether there is a compiler."""
    return find_spec("numba") is not None


def _mark() -> None:
    if not on_disk():
        with suppress(OSError):  # where nothing can be kept, the next process compiles again
            _marker().touch()


@cache
def _marker() -> Path:
    """A file that is there once the loop, as its source is now, has been compiled by this release of the compiler."""
    python = ".".join(map(str, sys.version_info[:2]))
    return (
        Path(__file__).parent / "__pycache__" / f"loop-{_source()[:16]}-numba-{version('numba')}-py{python}"
    )


@cache
def _source() -> str:
    """A digest of what is compiled: numba itself looks at one file only."""
    modules = {inspect.getmodule(one) for one in functions()} | {inspect.getmodule(CourtArrays)}
    text = "".join(sorted(inspect.getsource(one) for one in modules if one is not None))
    return hashlib.sha256(text.encode()).hexdigest()
