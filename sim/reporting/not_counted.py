"""What an answer does not count: reactions that are off, that the model may be wrong, draws that were left for later."""

from __future__ import annotations

from typing import Final

from sim.experiments.paired import ENOUGH
from sim.locale.signs import listed
from sim.locale.words import Words
from sim.scenario.schema import Scenario

w: Final = Words("not_counted")
REACTIONS: Final = {
    "strategic_waiting": ("share",),
    "price_response": ("elasticity",),
    "liquidity": ("short_share",),
    "finite_market": ("patience_days",),
    "creditors": ("compare_share", "prior_share"),
}


def reactions_off(scenario: Scenario, lang: str) -> list[str]:
    """How people could react that the scenario leaves out, in a sentence; none where it leaves out nothing."""
    off = [name for name, keys in REACTIONS.items() if not any(getattr(getattr(scenario, name), key) for key in keys)]  # fmt: skip
    return (
        [w("reactions", lang, names=listed([w(f"reaction.{name}", lang) for name in off], lang))]
        if off
        else []
    )


def model_error(lang: str) -> str:
    """That no interval contains that the model may be wrong."""
    return w("model", lang)


def few_draws(number: int, lang: str) -> list[str]:
    """That an answer over so few draws of the parameters is a first one; none where they are enough, or none were used."""
    return [w("few_draws", lang, n=number)] if 1 < number < ENOUGH else []
