"""Which engine runs the model: SimPy, which is the reference, or the compiled loop, which gives the same bytes in less time.

``auto`` takes the compiled one where it covers the scenario, is there, and has been compiled on this machine, once a process has
simulated so many lots that loading it pays. So nothing that is found depends on the engine, and nothing says which it was but the
manifest and the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal

from sim.locale.language import said
from sim.scenario.errors import SimError, joined
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    from sim.model.compiled.state import CourtArrays

Engine = Literal["auto", "simpy", "compiled"]
ENGINES: tuple[Engine, ...] = ("auto", "simpy", "compiled")
PAYS = 15_000  # lots simulated by a process before loading the compiled code (some .7 s) pays
# lots of a whole command before compiling pays where it has not been done (half a minute)
COMPILING_PAYS = 1_000_000
_asked: ContextVar[Engine] = ContextVar("engine", default="auto")
_simulated = [0]  # lots, by SimPy in this process


class NotCompiledError(SimError, ValueError):
    """The compiled engine was asked for and cannot run a scenario; ``why`` names what it does not cover, none if it is not there."""

    def __init__(self, why: tuple[str, ...]) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return said("compiled.uncovered", names=joined(self.why)) if self.why else said("compiled.missing")


@contextmanager
def using(engine: Engine) -> Iterator[None]:
    """What is simulated in here is simulated by this engine."""
    token = _asked.set(engine)
    try:
        yield
    finally:
        _asked.reset(token)


def asked() -> Engine:
    """The engine that is asked for now."""
    return _asked.get()


def carried(work: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Work as another process does it, by the engine that is asked for in this one."""
    return work if asked() == "auto" else _Carried(work, asked())


class _Carried:
    """Work, and the engine by which it is done."""

    def __init__(self, work: Callable[[Any], Any], engine: Engine) -> None:
        self.work, self.engine = work, engine

    def __call__(self, task: Any) -> Any:
        with using(self.engine):
            return self.work(task)


def installed() -> bool:
    """Whether there is a compiler at all."""
    from sim.model.compiled.build import installed

    return installed()


def lacking(scenario: Scenario) -> tuple[str, ...]:
    """What a scenario has that the compiled engine does not cover."""
    from sim.model.compiled.coverage import uncovered

    return uncovered(scenario)


def compiled_loop(scenario: Scenario) -> Callable[[CourtArrays], int] | None:
    """The compiled loop, if it runs this scenario; None where SimPy does."""
    engine = asked()
    if engine == "simpy" or (engine == "auto" and not (_simulated[0] >= PAYS and installed() and _on_disk())):
        return None
    why = lacking(scenario)
    if why or not installed():
        if engine == "compiled":
            raise NotCompiledError(why)
        return None
    from sim.model.compiled.build import compiled

    return compiled()


def make_ready(scenarios: Sequence[Scenario], runs: int) -> tuple[str, ...]:
    """Before so many runs of scenarios: compiles what is to be compiled, so that no worker has to; says what ``auto`` falls back for.

    Raises ``NotCompiledError`` where the compiled engine is asked for and cannot run one of them.
    """
    engine = asked()
    few = _lots(scenarios, runs) < PAYS
    if engine == "simpy" or (engine == "auto" and (few or not installed())):
        return ()
    why = tuple(dict.fromkeys(name for one in scenarios for name in lacking(one)))
    if engine == "compiled" and (why or not installed()):
        raise NotCompiledError(why)
    if not why and compiles(scenarios, runs):
        from sim.model.compiled.build import compiled
        from sim.model.compiled.courts import warm_up

        warm_up(scenarios[0], compiled())
    return why


def compiles(scenarios: Sequence[Scenario], runs: int) -> bool:
    """Whether ``make_ready`` would compile first, which takes from half a minute to some minutes, once on a machine."""
    engine = asked()
    if engine == "simpy" or not installed() or _on_disk() or any(lacking(one) for one in scenarios):
        return False
    return engine == "compiled" or _lots(scenarios, runs) >= COMPILING_PAYS


def _lots(scenarios: Sequence[Scenario], runs: int) -> float:
    return runs * max((expected_lots(one) for one in scenarios), default=0.0)


def expected_lots(scenario: Scenario) -> float:
    """Lots that come in, in one replication."""
    return scenario.arrivals.volume * sum(period.lots for period in scenario.arrivals.periods.values())


def has_simulated(lots: int) -> None:
    """SimPy has simulated so many lots more."""
    _simulated[0] += lots


def _on_disk() -> bool:
    from sim.model.compiled.build import on_disk

    return on_disk()
