"""How a command ends before its end: with a sentence on standard error and an exit code.

2: the command cannot be done, and nothing was. 1: it stopped on the way, or some runs failed; what is finished is kept.
Being stopped from outside is ``signals``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

from sim.locale.foreign import reason
from sim.locale.language import said, spoken

BAD_INPUT = 2
TROUBLE = 1


def fail(message: object) -> NoReturn:
    """Say what is wrong and exit with 2."""
    typer.echo(str(message), err=True)
    raise typer.Exit(BAD_INPUT)


def trouble(message: object) -> NoReturn:
    """Say what went wrong and exit with 1."""
    typer.echo(str(message), err=True)
    raise typer.Exit(TROUBLE)


@contextmanager
def refusing(*errors: type[Exception]) -> Iterator[None]:
    """Errors that say all that a user has to know: said, and exit with 2."""
    try:
        yield
    except errors as error:
        fail(error)


@contextmanager
def writing(place: object, message: str = "out.unwritten") -> Iterator[None]:
    """A place that the system does not let be written: said, by this message, and exit with 2."""
    try:
        yield
    except OSError as error:
        fail(said(message, name=place, why=reason(error)))


@contextmanager
def system_refusing() -> Iterator[None]:
    """What the system refuses, whoever met it first. Commands that know more say so before it gets here."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        from sim.cli.shared.words import w
        from sim.scenario.errors import brief

        name = brief(error.filename if error.filename is not None else said("out.a_file"))
        fail(w("refused", spoken(), name=name, reason=reason(error)))


class Checks:
    """Checks, each in a ``with`` of its own: every one is made and says what is wrong before ``end`` exits with 2."""

    failed = False

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        reported = isinstance(error, typer.Exit)
        self.failed |= reported
        return reported

    def end(self) -> None:
        if self.failed:
            raise typer.Exit(BAD_INPUT)
