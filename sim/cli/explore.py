"""``sim explore``: a sweep's folder as a page of parameters to move."""

from __future__ import annotations

import typer

from sim.cli.shared.ending import refusing
from sim.cli.shared.options import Folder, Force, Lang, Out, command, declared
from sim.locale.language import spoken
from sim.locale.words import other


@declared
class Options:
    folder: Folder
    out: Out = None
    force: Force = False
    lang: Lang


@command
def explore(options: Options) -> None:
    """Write the page and say where it is; a folder that is no sweep ends with exit code 2."""
    from sim.cli.shared.words import w
    from sim.reporting.pages.explore_page import explore_page
    from sim.reporting.pages.folder_page import ELSEWHERE, elsewhere, kind_of
    from sim.reporting.pages.run_folder import read_manifest
    from sim.reporting.pages.shell import PageError, check_target, render, write
    from sim.reporting.pages.sweep_folder import read_sweep

    folder = options.folder
    target = options.out or folder / "explore.html"
    with refusing(PageError):
        manifest = read_manifest(folder)
        kind = kind_of(manifest)
        if kind in ELSEWHERE:
            raise elsewhere(folder, kind)
        if kind != "sweep":
            raise PageError(w("no_sweep", spoken(), folder=folder))
        check_target(target, options.force)
        data = read_sweep(folder, each=True)
        text = render(*(explore_page(data, manifest, lang) for lang in (options.lang, other(options.lang))))
    write(target, text)
    typer.echo(str(target))
