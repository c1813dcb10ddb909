"""What a brief says of assumptions that stand with the scenario: reactions that are off, published figures, the model."""

from __future__ import annotations

from typing import Final

from sim.reporting.briefs.content import Line, clipped, w
from sim.reporting.differences import window_name
from sim.scenario.schema import Scenario

REACTIONS: Final = {
    "strategic_waiting": ("share",),
    "price_response": ("elasticity",),
    "liquidity": ("short_share",),
    "finite_market": ("patience_days",),
    "creditors": ("compare_share", "prior_share"),
}


def of_scenario(scenario: Scenario, lang: str, figures: bool = True) -> list[Line]:
    """Which reactions are left out, which figures the scenario is held against, and what no interval contains. ``figures``: whether it is."""
    join = w("list", lang)
    off = [name for name, keys in REACTIONS.items() if not any(getattr(getattr(scenario, name), key) for key in keys)]  # fmt: skip
    texts = []
    if off:
        reactions = join.join(w(f"reaction.{name}", lang) for name in off)
        texts.append(w("reactions_off", lang, reactions=reactions))
    if figures and scenario.published:
        windows = join.join(window_name(name, lang) for name in scenario.published)
        texts.append(w("published", lang, windows=clipped(windows, 60)))
    return [Line(text, bullet=True) for text in (*texts, w("model", lang))]
