"""The model's clock: SimPy's environment with a short way for timers, the one event that a lot sleeps by.

A lot sleeps many times, never twice at once. So it has one event that it sets again and again instead of a
``Timeout`` for each sleep; that saves the object and, by giving an absolute time, the rounding of
``now + (when - now)``: a lot's times do not depend on what else runs. And because a timer wakes one process and
no other, ``Clock`` wakes it directly instead of through a list of callbacks. Every other event (requests for
clerks, timeouts, ends that somebody waits for) goes SimPy's own way, and all of them in SimPy's own order.
What each trick gains stands in ``benchmarks/results.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from heapq import heapify, heappop, heappush, heappushpop
from operator import attrgetter
from typing import Any

import simpy
from simpy.events import NORMAL, PENDING, Event, Process


class Timer(Event):
    """``yield timer.at(when)`` sleeps until model time ``when`` (days), which must not lie in the past.

    It belongs to the first process that yields it, is yielded as soon as it is set, and can neither be part of a
    condition nor be interrupted; but it can be set to an ``earlier`` time.
    """

    __slots__ = ("env", "sleeper", "wake", "when")
    _ok, _value, _defused = True, None, False

    def __init__(self, env: Clock) -> None:
        self.env = env
        self.when = 0.0
        self.sleeper: Any = None
        self.wake: Callable[[], Any]

    def at(self, when: float) -> Timer:
        self.when = when
        return self

    def earlier(self, when: float) -> None:
        """Wake the sleeper at ``when`` already, for reasons of another process. Rare: it goes through all that sleep."""
        queue = self.env._queue
        place = next(i for i, item in enumerate(queue) if item[3] is self)
        queue[place] = (when, NORMAL, next(self.env._eid), self)
        heapify(queue)
        self.when = when

    @property
    def callbacks(self) -> Any:  # type: ignore[override]
        """Where SimPy writes down who waits. No list: it is always the same process."""
        return self

    def append(self, resume: Any) -> None:
        """SimPy says that a process, woken by another event than the timer itself, goes to sleep by it."""
        process = getattr(resume, "__self__", None)
        if self.sleeper is None and isinstance(process, Process):
            self.sleeper, self.wake = process, process._generator.__next__
        elif process is not self.sleeper:
            raise RuntimeError("a timer wakes the process it belongs to and nothing else")
        heappush(self.env._queue, (self.when, NORMAL, next(self.env._eid), self))


class Clock(simpy.Environment):
    """SimPy's environment, with timers dealt with in its own loop."""

    now = property(attrgetter("_now"))  # SimPy's, read in C: asked for some times a round, 1 % of a run

    def run(self, until: Any = None) -> Any:
        """As SimPy's ``run``. Up to a time, what happens at that very time does not happen any more."""
        if not isinstance(until, float):
            return super().run(until)
        queue, number, normal = self._queue, self._eid.__next__, NORMAL
        if not queue:
            self._now = until
            return None
        item = heappop(queue)
        event: Any
        while item[0] < until:
            self._now, event = item[0], item[3]
            if event.__class__ is Timer:
                self._active_proc = sleeper = event.sleeper
                try:
                    target = event.wake()
                except StopIteration as end:
                    self._ended(sleeper, end.value)
                else:
                    if target is event:
                        # Setting the timer and taking the next event are one operation on the heap, and none
                        # at all if the same lot goes on before any other (as in a war of bids).
                        item = heappushpop(queue, (event.when, normal, number(), event))
                        continue
                    self._waits(sleeper, target)
            else:
                self._happens(event)
            if not queue:
                break
            item = heappop(queue)
        else:
            heappush(queue, item)
        self._now = until
        return None

    def step(self) -> None:
        """One event, whichever it is."""
        if self._queue and isinstance(self._queue[0][3], Timer):
            timer: Any
            self._now, _, _, timer = heappop(self._queue)
            timer.sleeper._resume(timer)
        else:
            super().step()

    def close(self) -> None:
        """End all processes asleep, so that they and the environment go without Python's cycle collector."""
        for _, _, _, event in self._queue:
            if isinstance(event, Timer):
                event.sleeper._generator.close()
                event.sleeper = None
        self._queue.clear()

    def _happens(self, event: Event) -> None:
        """Any event but a timer: SimPy's ``step``, the event being off the queue already."""
        callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]
        for callback in callbacks:
            callback(event)
        if not event._ok and not getattr(event, "_defused", False):
            raise event._value

    def _ended(self, process: Process, value: Any) -> None:
        """A process has come to its end, which is an event only if somebody waits for it."""
        self._active_proc = None
        process._target = None  # type: ignore[assignment]  # its timer knows it in turn: a cycle to collect
        process._ok, process._value = True, value
        if process.callbacks:
            self.schedule(process)
        else:
            process.callbacks = None  # type: ignore[assignment]

    def _waits(self, process: Process, target: Event) -> None:
        """A process that has just begun, or was woken by its timer, waits for another event now."""
        if target.__class__ is Timer and target.sleeper is None:
            target.sleeper, target.wake = process, process._generator.__next__
            heappush(self._queue, (target.when, NORMAL, next(self._eid), target))
        elif target.callbacks is None:
            process._resume(target)
        else:
            target.callbacks.append(process._resume)
            process._target = target
        self._active_proc = None


class Begun(Process):
    """A process that begins at once instead of by an event of its own at the same moment (6 % of a run)."""

    def __init__(self, env: Clock, generator: Generator[Any, Any, Any]) -> None:
        self.env = env
        self.callbacks = []
        self._generator = generator
        self._value = PENDING
        self._defused = False
        outer = env._active_proc
        env._active_proc = self
        try:
            target = generator.send(None)
        except StopIteration as end:
            env._ended(self, end.value)
        else:
            env._waits(self, target)
        env._active_proc = outer
