"""``sim brief``: a comparison or a calibration on two pages, as DOCX and PDF, for people who decide."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from sim.cli.shared.ending import refusing
from sim.cli.shared.options import Folder, ForceOnly, Lang, LawOf, Out, as_day, command, declared


@declared
class Options:
    folder: Folder
    policy: Annotated[list[str] | None, typer.Option("--policy")] = None
    date: LawOf = None
    out: Out = None
    force: ForceOnly = False
    lang: Lang


@command
def brief(options: Options) -> None:
    """Write the pages and say where they are; a folder that cannot be read ends with exit code 2."""
    from sim.reporting.briefs.content import BriefError
    from sim.reporting.briefs.files import targets, write_brief
    from sim.reporting.briefs.folder_brief import folder_brief
    from sim.reporting.pages.shell import PageError

    day = as_day(options.date) or date.today()
    target = options.out or options.folder / "brief"
    with refusing(BriefError, PageError):
        targets(target, options.lang)
        pages = folder_brief(options.folder, options.lang, day, options.policy or ())
        written = write_brief(pages, target, day, force=options.force)
    for path in written:
        typer.echo(str(path))
