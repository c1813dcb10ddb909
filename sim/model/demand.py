"""Demand: how many people are interested in a round of a lot.

mean of the market x attention (platforms, publicity) x kind of lot (of homes: who may bid) x the lot's own popularity,
Gamma(k, 1/k) x round x response to the start of the round:
the model, its finite market, those who wait, calibration and the closed forms take it from here.
"""

from __future__ import annotations

from typing import TypeVar, overload

import numpy as np
import numpy.typing as npt

from sim.scenario.schema import HOME, Kind, Scenario
from sim.theory.interest import reach, thinned

Floats = npt.NDArray[np.float64]
Number = TypeVar("Number", float, Floats)


@overload
def mean_interest(mean: float, attention: float, kind: float = 1.0) -> float: ...
@overload
def mean_interest(mean: float | Floats, attention: float, kind: Floats) -> Floats: ...
def mean_interest(mean: float | Floats, attention: float, kind: float | Floats = 1.0) -> float | Floats:
    """Mean number of people interested in the first round of a lot of a kind, at popularity 1."""
    return mean * attention * kind


def interest_of(
    scenario: Scenario, attention: float, kind: npt.NDArray[np.int64], popularity: Floats
) -> Floats:
    """The same for lots of these kinds, each with its own ``popularity``: Gamma(k, 1), where k is finite."""
    own = np.array([kind_interest(scenario, one) for one in scenario.kinds.values()])[kind]
    interest = mean_interest(scenario.interest.mean, attention, own)
    k = scenario.interest.dispersion
    return np.asarray(interest * popularity / k if np.isfinite(k) else interest)


def kind_interest(scenario: Scenario, kind: Kind) -> float:
    """Interest in lots of a kind relative to the average lot, of those who may bid: of homes, who is not restricted."""
    restricted = scenario.eligibility.restricted_bidders if kind.asset == HOME else 0.0
    return thinned(kind.interest, restricted)


def of_round(interest: Number, multiple: Number, response: float | Number = 1.0) -> Number:
    """Mean number of fresh people interested in a round, of a lot whose first round interests so many.

    ``multiple``: of the round; ``response``: to its start (``sim.theory.interest.price_multiple``).
    """
    return interest * multiple * response


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
