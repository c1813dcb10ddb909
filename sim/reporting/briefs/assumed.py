"""What a brief says of assumptions that stand with the scenario: reactions that are off, published figures, the model."""

from __future__ import annotations

from sim.reporting.briefs.content import Line, clipped, w
from sim.reporting.differences import window_name
from sim.reporting.not_counted import model_error, reactions_off
from sim.scenario.schema import Scenario


def of_scenario(scenario: Scenario, lang: str, figures: bool = True) -> list[Line]:
    """Which reactions are left out, which figures the scenario is held against, and what no interval contains. ``figures``: whether it is."""
    texts = reactions_off(scenario, lang)
    if figures and scenario.published:
        windows = w("list", lang).join(window_name(name, lang) for name in scenario.published)
        texts.append(w("published", lang, windows=clipped(windows, 60)))
    return [Line(text, bullet=True) for text in (*texts, model_error(lang))]
