"""A lot's alarm clock: one SimPy event, set again and again.

A lot sleeps many times, never twice at once. Re-arming its own event instead of making a ``Timeout`` for each
sleep saves the object and, by giving an absolute time, the rounding of ``now + (when - now)``: a lot's times do
not depend on what else runs. See ``benchmarks/results.md`` for the gain.
"""

from __future__ import annotations

from collections.abc import Generator
from heapq import heappush
from typing import Any

from simpy.core import NORMAL
from simpy.events import PENDING, Event, Process


class Alarm(Event):
    """``yield alarm.at(when)`` sleeps until model time ``when`` (days), which must not lie in the past."""

    __slots__ = ("_next", "_queue")

    def __init__(self, env: Any) -> None:
        self.env = env
        self._ok, self._value, self._defused = True, None, False
        self._queue, self._next = env._queue, env._eid.__next__

    def at(self, when: float) -> Alarm:
        self.callbacks = []
        heappush(self._queue, (when, NORMAL, self._next(), self))
        return self


class _Begin:
    """What a beginning process is woken by: an event that has already happened."""

    _ok, _value = True, None


_begin = _Begin()


class Begun(Process):
    """A process that begins at once instead of by an event of its own at the same moment (6 % of a run)."""

    def __init__(self, env: Any, generator: Generator[Any, Any, Any]) -> None:
        self.env = env
        self.callbacks = []
        self._generator = generator
        self._value = PENDING
        self._defused = False
        self._resume(_begin)
