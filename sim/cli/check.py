"""``sim check``: is a scenario valid, and what of it does the law not allow?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from sim.cli.shared.checked import content, text
from sim.cli.shared.ending import fail, refusing
from sim.cli.shared.listing import Json, show_json
from sim.cli.shared.options import Lang, LawOf, Overrides, Scenario, as_day, command, declared, load_scenario

if TYPE_CHECKING:
    from sim.scenario import Loaded


@declared
class Options:
    scenario: Scenario
    date: LawOf = None
    overrides: Overrides = None
    json: Json = False
    lang: Lang


@command
def check(options: Options) -> None:
    """Validate, and say what is not lawful; the draws that the scenario names are validated too."""
    loaded = load_scenario(options.scenario, options.overrides)
    said, unlawful = text(loaded, options.lang, as_day(options.date))
    drawn = _draws(loaded, options.overrides or [], options.lang)
    if options.json:
        show_json(content(loaded, unlawful, options.lang))
    else:
        typer.echo(said + drawn)


def _draws(loaded: Loaded, overrides: Sequence[str], lang: str) -> str:
    """What is said of the draws that a scenario names, each of which must be a scenario; else nothing."""
    from sim.experiments.over_draws import SCENARIO, drawn
    from sim.reporting.text_explore import e
    from sim.scenario import ScenarioError, load

    if loaded.draws is None:
        return ""
    with refusing(ScenarioError):
        draws, defects = drawn(loaded, SCENARIO, overrides), []
    for overlay in draws.overlays:
        try:
            load(loaded.path, overrides, [overlay])
        except ScenarioError as error:
            defects += error.defects
    if defects:
        fail(ScenarioError(list(dict.fromkeys(defects))))
    return "\n" + e("draws.valid", lang, n=f"{draws.total:,}", keys=len(draws.varied), file=str(draws.path))
