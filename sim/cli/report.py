"""``sim report``: a folder as one page."""

from __future__ import annotations

import typer

from sim.cli.shared.ending import refusing
from sim.cli.shared.options import Folder, Force, Lang, Out, command, declared


@declared
class Options:
    folder: Folder
    out: Out = None
    force: Force = False
    lang: Lang


@command
def report(options: Options) -> None:
    """Write the page and say where it is; a folder that cannot be read ends with exit code 2."""
    from sim.reporting.pages.folder_page import folder_page
    from sim.reporting.pages.shell import PageError, check_target, render, write

    target = options.out or options.folder / "report.html"
    with refusing(PageError):
        page = folder_page(options.folder, options.lang)
        check_target(target, options.force)
        text = render(page)
    write(target, text)
    typer.echo(str(target))
