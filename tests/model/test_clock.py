"""The clock: timers in SimPy's order, beside SimPy's own events, and ends that somebody waits for."""

from __future__ import annotations

import random
from collections.abc import Generator
from typing import Any

import pytest
import simpy
from simpy.events import Process

from sim.model.clock import Begun, Clock, Timer


def life(env: Any, rng: random.Random, name: int, log: list[tuple[float, int, str]], desk: Any) -> Generator[Any, Any, int]:  # fmt: skip
    """A process that sleeps (half of the times to a whole hour, so that many wake at once) and queues."""
    timer = Timer(env) if isinstance(env, Clock) else None
    for _ in range(rng.randrange(1, 12)):
        gap = rng.random() if rng.random() < 0.5 else float(rng.randrange(3))
        when = float(int(env.now + gap)) if gap > 1.0 else env.now + gap
        when = max(when, env.now)
        yield timer.at(when) if timer else env.timeout(when - env.now)
        log.append((round(env.now, 9), name, "woke"))
        if rng.random() < 0.3:
            with desk.request() as turn:
                yield turn
                log.append((round(env.now, 9), name, "turn"))
                yield env.timeout(0.25)
    return name


def play(env: Any, seed: int, until: float) -> list[tuple[float, int, str]]:
    log: list[tuple[float, int, str]] = []
    desk = simpy.Resource(env, 1)
    for name in range(30):
        env.process(life(env, random.Random(seed * 100 + name), name, log, desk))
    env.run(until=until)
    assert env.now == until
    return log


@pytest.mark.parametrize("seed", range(20))
def test_a_clock_wakes_in_the_order_of_simpys_own_environment(seed):
    assert play(Clock(), seed, 5.0) == play(simpy.Environment(), seed, 5.0)


def test_a_run_can_be_taken_up_where_it_stopped():
    whole, halves = Clock(), Clock()
    logs: list[list[float]] = [[], []]

    def sleeper(env: Clock, log: list[float]) -> Generator[Any, Any, None]:
        timer = Timer(env)
        for hour in range(10):
            yield timer.at(hour / 2)
            log.append(env.now)

    for env, log in zip((whole, halves), logs, strict=True):
        Begun(env, sleeper(env, log))
    whole.run(until=4.0)
    halves.run(until=2.0)
    assert logs[1] == [0.0, 0.5, 1.0, 1.5], "what happens at the very end happens no more"
    halves.run(until=4.0)
    assert logs[0] == logs[1]


@pytest.mark.parametrize("begin", [Process, Begun])
@pytest.mark.parametrize("stepwise", [False, True])
def test_who_waits_for_a_sleepers_end_gets_its_value(begin, stepwise):
    env = Clock()
    heard = []

    def sleeper() -> Generator[Any, Any, str]:
        yield Timer(env).at(3.0)
        return "slept"

    def waiter(of: Process) -> Generator[Any, Any, None]:
        heard.append(((yield of), env.now))
        heard.append(((yield of), env.now))  # an end that is past is there at once

    done = env.process(waiter(begin(env, sleeper())))
    if stepwise:
        env.run(until=done)
    else:
        env.run(until=10.0)
    assert heard == [("slept", 3.0)] * 2


def test_an_alarm_wakes_nobody_but_its_owner():
    env = Clock()
    timer = Timer(env)

    def owner() -> Generator[Any, Any, None]:
        yield timer.at(1.0)

    def stranger() -> Generator[Any, Any, None]:
        yield timer.at(2.0)

    Begun(env, owner())
    env.process(stranger())
    with pytest.raises(RuntimeError, match="the process it belongs to"):
        env.run(until=3.0)


@pytest.mark.parametrize("stepwise", [False, True])
def test_an_alarm_can_be_set_to_an_earlier_time_while_its_owner_sleeps(stepwise: bool) -> None:
    env, woke = Clock(), []
    timers = [Timer(env) for _ in range(9)]

    def sleeper(name: int) -> Generator[Any, Any, None]:
        for when in (10.0 + name, 30.0 + name):
            yield timers[name].at(when)
            woke.append((env.now, name))

    def other() -> Generator[Any, Any, None]:
        yield env.timeout(2.0)
        timers[7].earlier(3.0)
        timers[5].earlier(11.5)

    for name in range(9):
        Begun(env, sleeper(name))
    env.process(other())
    if stepwise:
        while env.peek() < float("inf"):
            env.step()
    else:
        env.run(until=50.0)
    first = [(3.0, 7), (10.0, 0), (11.0, 1), (11.5, 5), (12.0, 2), (13.0, 3), (14.0, 4), (16.0, 6), (18.0, 8)]
    assert woke == first + [(30.0 + name, name) for name in range(9)]


@pytest.mark.parametrize("begin", [Begun, simpy.Process])
@pytest.mark.parametrize("failure", [ZeroDivisionError, KeyboardInterrupt])
@pytest.mark.parametrize("by_alarm", [True, False])
def test_a_failure_in_a_process_stops_the_run_as_it_is(begin, failure, by_alarm):
    env = Clock()

    def broken() -> Generator[Any, Any, None]:
        yield Timer(env).at(1.0) if by_alarm else env.timeout(1.0)
        raise failure("this one")

    begin(env, broken())
    with pytest.raises(failure, match="this one"):
        env.run(until=2.0)


def test_closing_ends_those_who_sleep():
    env = Clock()
    ended = []

    def sleeper() -> Generator[Any, Any, None]:
        try:
            yield Timer(env).at(9.0)
        finally:
            ended.append(env.now)

    Begun(env, sleeper())
    env.run(until=2.0)
    env.close()
    assert ended == [2.0]
    assert env.peek() == float("inf")
