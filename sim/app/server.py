"""The program that serves the page: it listens on this machine, opens the browser, and ends with Ctrl-C."""

from __future__ import annotations

import signal
import socket
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

import uvicorn

from sim.app.context import AppContext
from sim.app.routes import application
from sim.app.running import held
from sim.app.security import Address

SOON = 0.5  # seconds until the browser is opened
NAMES: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # the last two are of POSIX and of Windows
SIGNALS: Final[list[signal.Signals]] = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0: any that is free. Raises ``OSError``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        # An address that may be reused could be taken over by any other program on Windows, which has an option against that.
        option = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)
        found.setsockopt(socket.SOL_SOCKET, option, 1)
        found.bind((host, port))
        found.listen()  # from now on whoever calls waits: the address is printed before there is anybody to answer
    except OSError:
        found.close()
        raise
    except (TypeError, UnicodeError):  # no name of a host in any alphabet
        found.close()
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None
    return found


def serve(
    listens: socket.socket, host: str, work: Path, jobs: int, opened: bool, say: Callable[[str], None]
) -> None:
    """Serve until the program is stopped. ``say`` is given the address. Raises ``OSError`` for a work folder that cannot be used,
    and ``RunningError`` for one that another program uses.
    """
    address = Address(host, listens.getsockname()[1])
    work.mkdir(parents=True, exist_ok=True)
    with held(work, address.link):
        _serve(listens, AppContext(work, jobs), address, opened, say)


def _serve(
    listens: socket.socket, context: AppContext, address: Address, opened: bool, say: Callable[[str], None]
) -> None:
    config = uvicorn.Config(
        application(context, address), log_level="warning", access_log=False, lifespan="on", server_header=False,
        timeout_graceful_shutdown=2, ws="none",
    )  # fmt: skip
    server = _Server(config)
    say(address.link)
    if opened:
        threading.Timer(SOON, webbrowser.open, (address.link,)).start()
    try:
        server.run(sockets=[listens])
        if server.stopped_by is not None:
            signal.raise_signal(server.stopped_by)
    finally:
        context.close()


class _Server(uvicorn.Server):
    """A server that a signal ends in order: what is under way is answered or broken off, and then the program hears the signal.

    Raised where it comes, in the middle of asyncio, it would leave a traceback. A second one does not wait.
    """

    stopped_by: int | None = None

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.getsignal(number) for number in SIGNALS}
        heard = [number for number, what in before.items() if callable(what)]  # what is ignored stays so

        def handler(number: int, frame: FrameType | None) -> None:
            self.stopped_by = number
            self.force_exit, self.should_exit = self.should_exit, True

        for number in heard:
            signal.signal(number, handler)
        try:
            yield
        finally:
            for number in heard:
                signal.signal(number, before[number])
