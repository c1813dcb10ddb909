"""``sim app``: the application in the browser of this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.shared.checks import check_jobs
from sim.cli.shared.ending import Checks, fail
from sim.cli.shared.options import Jobs, Lang, Out, command, declared
from sim.cli.shared.signals import stopping
from sim.locale.foreign import reason
from sim.locale.language import said, spoken_by_all

LAST_PORT = 65_535
LOOPBACK = ("127.0.0.1", "::1", "localhost")  # addresses that other machines cannot reach


@declared
class Options:
    port: Annotated[int, typer.Option()] = 8765
    host: Annotated[str, typer.Option()] = "127.0.0.1"
    opened: Annotated[bool, typer.Option("--open/--no-open")] = True
    out: Out = None
    jobs: Jobs = 0
    lang: Lang


@command
def app_(options: Options) -> None:
    """Serve the page until the program is stopped, or open that of a program that does already; bad input, a port in use or packages that are not there end with exit code 2."""
    import errno
    import socket

    from sim.cli.shared.words import w
    from sim.scenario.errors import shortened

    checks = Checks()
    with checks:
        check_jobs(options.jobs)
    with checks:
        if not 0 <= options.port <= LAST_PORT:
            fail(said("app.port", value=options.port, most=LAST_PORT))
    checks.end()
    try:
        from sim.app.running import RunningError, check_free
        from sim.app.server import listening, serve
    except ImportError as error:
        fail(said("app.install", name=error.name))
    folder, lang = options.out or Path("out") / "app", options.lang
    try:
        check_free(folder)
    except RunningError as error:
        _open_already(error.address, folder, options)
        return
    except OSError as error:
        fail(said("out.unwritable", name=error.filename or folder, why=reason(error)))
    try:
        listens = listening(options.host, options.port)
    except OSError as error:
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            fail(said("app.host", host=shortened(options.host)))
        fail(said("app.listen", host=options.host, port=options.port, why=reason(error)))

    def say(address: str) -> None:
        typer.echo(w("app.address", lang, address=address, folder=folder))
        if options.host not in LOOPBACK:
            typer.echo(w("app.reachable", lang, host=options.host), err=True)

    with spoken_by_all(lang), stopping(lambda why: w("app.stopped", lang, why=why, folder=folder)):
        try:
            serve(listens, options.host, folder, options.jobs, options.opened, say)
        except RunningError as error:  # it began at the same moment
            _open_already(error.address, folder, options)
        except OSError as error:
            fail(said("out.unwritable", name=error.filename or folder, why=reason(error)))


def _open_already(address: str, folder: Path, options: Options) -> None:
    """Open the page of the program that runs already on a work folder."""
    import webbrowser

    from sim.cli.shared.words import w

    if not address:
        fail(said("app.taken", folder=folder))
    typer.echo(w("app.running", options.lang, address=address, folder=folder))
    if options.opened:
        webbrowser.open(address)
