"""How a command ends that is stopped: by Ctrl-C, by a request to end (SIGTERM), by its terminal's closing (SIGHUP; on Windows SIGBREAK).

All three are the same: what is half-written is taken back, workers end, what is kept and how to go on is said, and the
exit code is 128 and the signal's number (130, 143, 129).

A signal that was ignored when the program began stays ignored, as is the custom. A shell without job control starts
`command &` in that way, so that a Ctrl-C meant for what is in front does not end what runs behind; nohup does it with
the terminal's closing. SIGTERM ends both.
"""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from types import FrameType
from typing import Any

import typer
from typer.core import TyperGroup

SIGNALS: tuple[signal.Signals, ...] = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)
AGAIN = 0.2  # seconds until a stop that did not arrive is raised again
_received: list[Stopped] = []  # signals to this program since it began


class Stopped(KeyboardInterrupt):
    """The program has been stopped from outside."""

    def __init__(self, number: int = signal.SIGINT) -> None:
        super().__init__()
        self.number, self.code = number, 128 + number
        self.said = False  # to the user
        self.why = "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name


@contextmanager
def stopping(words: Callable[[str], str]) -> Iterator[None]:
    """If the program is stopped while it is in here, say ``words`` (given by what it was stopped) and exit."""
    try:
        yield
    except (KeyboardInterrupt, Exception) as error:
        stopped = _stop(error)
        if stopped is None:
            raise
        stopped.said = True
        with suppress(OSError):  # the terminal may be gone
            typer.echo(words(stopped.why), err=True)
        raise typer.Exit(stopped.code) from None


def _stop(error: BaseException) -> Stopped | None:
    """The stop that an error comes of, if it does.

    What a signal raises does not always arrive: where it comes while structured arrays are compared (as
    ``np.unique(axis=0)`` does) NumPy says "TypeError: cannot compare" in its place.
    """
    if isinstance(error, Stopped):
        return error
    if isinstance(error, KeyboardInterrupt):
        return Stopped()
    if isinstance(error, typer.Exit) or _said():  # the end has been decided on
        return None
    return next(iter(_received), None)


def _said() -> bool:
    """Whether the user has been told that the program stops."""
    return any(one.said for one in _received)


class Stoppable(TyperGroup):
    """Commands that keep what is finished say so themselves; of the others nothing is left."""

    def make_context(self, *words: Any, **more: Any) -> Any:
        with _nothing():
            return super().make_context(*words, **more)

    def invoke(self, ctx: Any) -> Any:
        with _nothing():
            return super().invoke(ctx)


def _nothing() -> AbstractContextManager[None]:
    """Stopping says that nothing was written."""

    def words(why: str) -> str:
        from sim.cli.shared.words import w
        from sim.locale.language import spoken

        return w("stopped", spoken(), why=why)

    return stopping(words)


def main(app: typer.Typer) -> None:
    """A program from beginning to end. A closed pipe ends it quietly."""
    with _heard():
        try:
            app()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        except SystemExit as end:
            if _received and isinstance(end.code, int):  # do not wait for threads whose end was interrupted
                with suppress(OSError):
                    sys.stdout.flush()
                os._exit(end.code)
            raise


@contextmanager
def _heard() -> Iterator[None]:
    """Signals raise ``Stopped`` in the main thread, again and again until the program is on its way out.

    For what is raised does not always arrive: Python drops it where an object is being destroyed, and a library may
    catch all there is, or keep it for an event that nobody waits for any more.
    """
    over = threading.Event()

    def handler(number: int, frame: FrameType | None) -> None:
        _received.append(Stopped(number))
        if len(_received) == 1:
            threading.Thread(target=insist, args=(number,), daemon=True).start()
        if not _said() and not _ending(sys.exc_info()[1]):  # the impatient must not interrupt the taking back
            raise _received[0]

    def insist(number: int) -> None:
        while not over.wait(AGAIN):
            _raise_again(number)

    def swallowed(what: sys.UnraisableHookArgs) -> None:
        if not isinstance(what.exc_value, Stopped):
            sys.__unraisablehook__(what)

    before = {number: signal.getsignal(number) for number in SIGNALS}
    heard = [number for number in SIGNALS if before[number] != signal.SIG_IGN]
    for number in heard:
        signal.signal(number, handler)
    hook, sys.unraisablehook = sys.unraisablehook, swallowed
    try:
        yield
    finally:
        over.set()
        _received.clear()
        sys.unraisablehook = hook
        for number in heard:
            signal.signal(number, before[number])


def _raise_again(number: int) -> None:
    """A signal to the main thread once more."""
    main_thread = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main_thread is not None:
        signal.pthread_kill(main_thread, number)
    else:  # Windows: heard when the main thread next runs Python
        _thread.interrupt_main(signal.Signals(number))


def _ending(error: BaseException | None) -> bool:
    """Whether the program is on its way out already."""
    while error is not None and not isinstance(error, Stopped):
        error = error.__context__
    return error is not None
