"""How a command ends that is stopped."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from sim.report.text import t


@contextmanager
def ends_cleanly(lang: str, words: Callable[[], str] | None = None) -> Iterator[Callable[[], None]]:
    """Ctrl-C or a request to end takes back what is half-written, says so (``words``), and ends with 130 or 143.

    Yields a function that leaves if that was asked. The handler leaves at once, but Python swallows what is raised
    in the middle of a collection: then the next call leaves. The end is a hard one: the standard library's pool
    may wait for ever for the rest of what a killed worker was saying.
    """
    asked: list[int] = []

    def leave() -> None:
        if asked:
            raise KeyboardInterrupt if asked[0] == signal.SIGINT else SystemExit(128 + asked[0])

    def handler(number: int, frame: object) -> None:
        asked.append(number)
        if len(asked) == 1:  # the impatient must not interrupt the taking back
            leave()

    if threading.current_thread() is not threading.main_thread():  # only the main one may ask for signals
        yield leave
        return
    heard = [n for n in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(n) != signal.SIG_IGN]
    before = [signal.signal(number, handler) for number in heard]
    try:
        yield leave
    except BaseException:
        if asked:
            typer.echo(words() if words else t("stopped", lang), err=True)
            sys.stdout.flush()
            os._exit(128 + asked[0])
        raise
    finally:
        for number, old in zip(heard, before, strict=True):
            signal.signal(number, old)
