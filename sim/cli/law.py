"""``sim law``: the law as data, on a day, for a kind of property, and what changes between two days."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.shared.ending import fail
from sim.cli.shared.listing import Json, show_json
from sim.cli.shared.options import Lang, LawOf, as_day, command, declared
from sim.locale.language import said


@declared
class Options:
    date: LawOf = None
    to: Annotated[str | None, typer.Option("--to")] = None
    property: Annotated[str | None, typer.Option("--property")] = None
    json: Json = False
    lang: Lang


@command
def law(options: Options) -> None:
    """Print texts, articles and limits; with two days, what changes from one to the other."""
    from sim.reporting.law import ASSETS, change_lines, change_rows, law_lines, law_rows
    from sim.scenario.errors import joined, near

    day, to, asset, lang = as_day(options.date), as_day(options.to, "--to"), options.property, options.lang
    problems = []
    if asset is not None and asset not in ASSETS:
        problem, hint = said("option.property", value=asset, names=joined(ASSETS)), near(asset, ASSETS)
        problems.append(said("hint", said=problem, hint=hint) if hint else problem)
    if to is not None and day is None:
        problems.append(said("option.to", value=to))
    if to is not None and day is not None and to < day:
        problems.append(said("option.to_before", value=to, day=day))
    if problems:
        fail("\n".join(problems))
    if options.json:
        show_json(change_rows(lang, day, to, asset) if day and to else law_rows(lang, day, asset))
        return
    if day is not None and to is not None:
        lines = change_lines(lang, day, to, asset)
    else:
        lines = law_lines(lang, day, asset)
    typer.echo("\n".join(lines))
