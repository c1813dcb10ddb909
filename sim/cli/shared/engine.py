"""``--engine``: which engine runs the model, and what is said of it before it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from sim.cli.shared.ending import fail, refusing
from sim.locale.language import said

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


@contextmanager
def by_engine(engine: str) -> Iterator[None]:
    """What is simulated in here is simulated by this engine; what is none ends with exit code 2."""
    if engine == "auto":
        yield
        return
    from sim.model.engine import ENGINES, NotCompiledError, using

    if engine not in ENGINES:
        fail(said("option.engine", value=engine))
    with using(engine), refusing(NotCompiledError):
        yield


def ready(scenarios: Sequence[Scenario], runs: int) -> None:
    """Before many runs: compile if it is to be, and say what ``auto`` falls back to SimPy for."""
    from sim.model.engine import NotCompiledError, make_ready
    from sim.scenario.errors import joined

    with refusing(NotCompiledError):
        why = make_ready(scenarios, runs)
    if why:
        typer.echo(said("compiled.falls_back", names=joined(why)), err=True)
