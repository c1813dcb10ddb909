"""``sim measures``: every measure, its unit and its formula."""

from __future__ import annotations

import typer

from sim.cli.options import Lang, Scenario, command, declared, load_scenario


@declared
class Options:
    scenario: Scenario = "base"
    lang: Lang


@command
def measures(options: Options) -> None:
    """Every measure of a scenario: its name, what people call it, its unit, its formula."""
    from sim.measures.definitions import UNITS_ZH, definitions
    from sim.reporting.text import t

    known = definitions(list(load_scenario(options.scenario, []).scenario.rounds))
    width = max(map(len, known))
    lines = [t("measures.lead", options.lang)]
    for one in known.values():
        called, unit = (
            (one.zh, UNITS_ZH[one.unit]) if options.lang == "zh" else (f"{one.en} ({one.zh})", one.unit)
        )
        lines += [f"{one.name:<{width}}  {called} [{unit}]", f"{'':<{width}}  {one.says(options.lang)}"]
    typer.echo("\n".join(lines))
