"""``sim report``: a folder as one page."""

from __future__ import annotations

from pathlib import Path

import typer

from sim.cli.options import fail
from sim.reporting.pages.folder_page import folder_page
from sim.reporting.pages.shell import PageError, check_target, render, write


def report_command(folder: Path, out: Path | None, force: bool, lang: str) -> None:
    """Write the page and say where it is; a folder that cannot be read ends with exit code 2."""
    target = out or folder / "report.html"
    try:
        page = folder_page(folder, lang)
        check_target(target, force)
        text = render(page)
    except PageError as error:
        fail(error)
    write(target, text)
    typer.echo(str(target))
