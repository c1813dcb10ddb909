"""``sim measures``: every measure, its unit and its formula."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.shared.listing import Json, Word, holding, show_json, show_lines
from sim.cli.shared.options import Lang, command, declared, load_scenario


@declared
class Options:
    word: Word = None
    scenario: Annotated[str, typer.Option()] = "base"
    json: Json = False
    lang: Lang


@command
def measures(options: Options) -> None:
    """Every measure of a scenario: its name, what people call it, its unit, its formula."""
    from sim.locale.signs import bracketed
    from sim.measures.definitions import UNITS_ZH, definitions
    from sim.reporting.text import t

    known = definitions(list(load_scenario(options.scenario, []).scenario.rounds))
    lang = options.lang
    found = holding(
        list(known.values()), options.word, lambda one: (one.name, one.en, one.zh, one.says(lang))
    )
    if options.json:
        entries = [
            {
                "name": one.name,
                "en": one.en,
                "zh": one.zh,
                "unit": one.unit,
                "kind": one.kind,
                "formula": one.says(lang),
            }
            for one in found
        ]
        show_json(entries)
        return
    width = max(len(one.name) for one in found)
    lines = [t("measures.lead", options.lang)]
    for one in found:
        called, unit = (
            (one.zh, UNITS_ZH[one.unit])
            if options.lang == "zh"
            else (bracketed(one.en, one.zh, options.lang), one.unit)
        )
        lines += [f"{one.name:<{width}}  {called} [{unit}]", f"{'':<{width}}  {one.says(options.lang)}"]
    show_lines(lines)
