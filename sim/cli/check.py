"""``sim check``: is a scenario valid, and what of it does the law not allow?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from sim.cli.shared.ending import fail, refusing
from sim.cli.shared.options import Lang, LawOf, Overrides, Scenario, as_day, command, declared, load_scenario

if TYPE_CHECKING:
    from datetime import date

    from sim.law.verdict import Breach
    from sim.scenario import Loaded
    from sim.scenario.schema import Scenario as Assumed


@declared
class Options:
    scenario: Scenario
    date: LawOf = None
    overrides: Overrides = None
    lang: Lang


@command
def check(options: Options) -> None:
    """Validate, and say what is not lawful; the draws that the scenario names are validated too."""
    loaded = load_scenario(options.scenario, options.overrides)
    said, _ = text(loaded, options.lang, as_day(options.date))
    typer.echo(said + _draws(loaded, options.overrides or [], options.lang))


def text(loaded: Loaded, lang: str, day: date | None = None) -> tuple[str, list[Breach]]:
    """What is said of a valid scenario, and what of it the law does not allow: on a day, or on those simulated."""
    from sim.cli.shared.words import w
    from sim.law.verdict import breaches
    from sim.scenario.table import rows

    found = rows(loaded, lang)
    files = " + ".join(str(file) for file in loaded.files)
    lines = [w("check.ok", lang, file=loaded.path, n=len(found), files=files)]
    assumed = sum(1 for row in found if row[4].startswith("assumption"))
    lines.append(w("check.sources", lang, n=assumed))
    years = _computed(loaded.scenario, lang)
    if years:
        lines.append(w("check.holidays", lang, years=w("check.join", lang).join(years)))
    unlawful = breaches(loaded.scenario, day)
    key = "check.unlawful" if unlawful else "check.lawful"
    lines.append(w(f"{key}.on" if day else key, lang, day=day))
    lines += [f"  {breach.zh if lang == 'zh' else breach.en}" for breach in unlawful]
    return "\n".join(lines), unlawful


def _computed(scenario: Assumed, lang: str) -> list[str]:
    """Stretches of years in which the break of the Spring Festival is computed instead of announced."""
    from sim.cli.shared.words import w
    from sim.law.holidays import unannounced

    if not scenario.auction.spring_festival_break:
        return []
    return [
        str(first) if first == last else w("check.years", lang, first=first, last=last)
        for first, last in unannounced(scenario.time.start, scenario.time.end)
    ]


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
