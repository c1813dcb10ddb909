"""What numba does with the loop. Nothing else imports this file, or numba."""

from __future__ import annotations

from typing import Any

from numba import njit
from numba.extending import intrinsic, register_jitable

from sim.model.compiled.loop import drive
from sim.model.compiled.state import CourtArrays


def compiled_by_numba(functions: list[Any], source: str) -> Any:
    """The loop, compiled at its first call unless it is on disk; ``source`` is part of what it is found by there."""
    for one in functions:
        # Within one another, for the world is many arrays: handing it on took half of the time.
        register_jitable(forceinline=True)(one)

    def run(w: CourtArrays) -> int:
        return drive(_borrowed(w)) if source else 0

    return njit(cache=True)(run)


@register_jitable
def _borrowed(w: CourtArrays) -> CourtArrays:
    return CourtArrays(
        borrowed(w.setup),
        borrowed(w.court),
        borrowed(w.bounds),
        borrowed(w.lots),
        borrowed(w.disposals),
        borrowed(w.auctions),
        borrowed(w.heap_time),
        borrowed(w.heap_number),
        borrowed(w.heap_lot),
        borrowed(w.queue),
        borrowed(w.chains),
        borrowed(w.rules),
        borrowed(w.stages),
        borrowed(w.closed),
        borrowed(w.ends),
        borrowed(w.changes),
        borrowed(w.menus),
        borrowed(w.menu),
        borrowed(w.edges),
        borrowed(w.durations),
        borrowed(w.costs),
        borrowed(w.starts),
        borrowed(w.people),
        borrowed(w.together),
        borrowed(w.groups),
        borrowed(w.keenest),
        borrowed(w.dated),
        borrowed(w.opened),
        borrowed(w.interest),
        borrowed(w.rounds),
        borrowed(w.registrations),
        borrowed(w.bids),
    )


def _as_it_is(_context: Any, array: Any) -> Any:
    """An array as the loop has it: who holds it is not counted, which took nine tenths of what was left."""

    def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        found = context.make_array(signature.args[0])(context, builder, value=values[0])
        for name in ("meminfo", "parent"):
            setattr(found, name, getattr(found, name).type(None))
        return found._getvalue()

    return array(array), code


borrowed: Any = intrinsic(_as_it_is)
