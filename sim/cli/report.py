"""``sim report``: a folder as one page."""

from __future__ import annotations

import typer

from sim.cli.shared.ending import refusing
from sim.cli.shared.options import Folder, Force, Lang, Out, command, declared
from sim.locale.words import other


@declared
class Options:
    folder: Folder
    out: Out = None
    force: Force = False
    lang: Lang


@command
def report(options: Options) -> None:
    """Write the page and say where it is; a folder that cannot be read ends with exit code 2."""
    from sim.reporting.pages.folder_page import folder_pages
    from sim.reporting.pages.shell import PageError, check_target, render, write

    target = options.out or options.folder / "report.html"
    with refusing(PageError):
        pages = folder_pages(options.folder, (options.lang, other(options.lang)))
        check_target(target, options.force)
        text = render(*pages)
    write(target, text)
    typer.echo(str(target))
