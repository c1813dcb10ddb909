"""The listed platforms and publicity: how many of the people who might come learn of a lot."""

from __future__ import annotations

from math import prod

from sim.scenario.schema import Scenario


def reach(audiences: list[float]) -> float:
    """Share of potential comers who look at one platform at least, if audiences overlap at random."""
    return 1.0 - prod(1.0 - audience for audience in audiences)


def attention(scenario: Scenario) -> float:
    """Factor on everybody's interest: publicity effort, and platforms used against all listed ones.

    1.0 under today's effort on all platforms. Effort acts as ``effort ** elasticity``, bent towards ``ceiling``
    (assumptions: twice the effort finds less than twice the people, and people are not without end); platforms act
    by their joint reach.
    """
    listed = [platform.audience for platform in scenario.platforms.values()]
    used = [platform.audience for platform in scenario.platforms.values() if platform.used]
    whole = reach(listed)
    share = reach(used) / whole if whole > 0.0 else 1.0
    return share * scenario.promotion.multiple()
