"""``sim check``: is a scenario valid, and what of it does today's law not allow?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from sim.cli.ending import fail, refusing
from sim.cli.options import Lang, Overrides, Scenario, command, declared, load_scenario

if TYPE_CHECKING:
    from sim.law.provisions import Breach
    from sim.scenario import Loaded
    from sim.scenario.schema import Scenario as Assumed

_WORDS = {
    "ok": ("{file}: valid; {n} values from {files}", "{file}：有效；{n} 个取值，来自 {files}"),
    "lawful": ("everything in it is allowed by today's law", "全部符合现行规定"),
    "unlawful": ("runs, marked as a reform; today's law does not allow:", "可以运行，但以下各项现行规定不允许，将标注为改革方案："),
    "holidays": (
        "no holiday announcement is on record for {years}: the Spring Festival break follows the lunar calendar",
        "未见{years}年放假安排：春节暂停按农历推算",
    ),
    "sources": ("{n} values rest on assumptions (no figure has been published that we know of)", "{n} 个取值为假设（未见公开数据）"),
}  # fmt: skip


@declared
class Options:
    scenario: Scenario
    overrides: Overrides = None
    lang: Lang = "zh"


@command
def check(options: Options) -> None:
    """Validate, and say what is not lawful; the draws that the scenario names are validated too."""
    loaded = load_scenario(options.scenario, options.overrides)
    said, _ = text(loaded, options.lang)
    typer.echo(said + _draws(loaded, options.overrides or [], options.lang))


def text(loaded: Loaded, lang: str) -> tuple[str, list[Breach]]:
    """What is said of a valid scenario, and what of it the law does not allow."""
    from sim.law.provisions import breaches
    from sim.scenario.table import rows

    language = 1 if lang == "zh" else 0
    found = rows(loaded, lang)
    files = " + ".join(str(file) for file in loaded.files)
    lines = [_WORDS["ok"][language].format(file=loaded.path, n=len(found), files=files)]
    assumed = sum(1 for row in found if row[4].startswith("assumption"))
    lines.append(_WORDS["sources"][language].format(n=assumed))
    years = _computed(loaded.scenario, lang)
    if years:
        lines.append(_WORDS["holidays"][language].format(years=("、" if lang == "zh" else ", ").join(years)))
    unlawful = breaches(loaded.scenario)
    lines.append(_WORDS["unlawful" if unlawful else "lawful"][language])
    lines += [f"  {breach.zh if lang == 'zh' else breach.en}" for breach in unlawful]
    return "\n".join(lines), unlawful


def _computed(scenario: Assumed, lang: str) -> list[str]:
    """Stretches of years in which the break of the Spring Festival is computed instead of announced."""
    from sim.law.holidays import unannounced

    if not scenario.auction.spring_festival_break:
        return []
    return [
        str(first) if first == last else f"{first}{'至' if lang == 'zh' else ' to '}{last}"
        for first, last in unannounced(scenario.time.start, scenario.time.end)
    ]


def _draws(loaded: Loaded, overrides: Sequence[str], lang: str) -> str:
    """What is said of the draws that a scenario names, each of which must be a scenario; else nothing."""
    from sim.experiments.over import SCENARIO, drawn
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
