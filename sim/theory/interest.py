"""What interest answers to: the price at which a round starts, and the platforms on which it is shown.

Assumptions of form, not results: interest falls with the start by a constant elasticity, up to a ceiling; audiences of
platforms overlap at random.
"""

from __future__ import annotations

from math import prod
from typing import overload

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@overload
def price_multiple(share: float, elasticity: float, ceiling: float) -> float: ...
@overload
def price_multiple(share: Floats, elasticity: Floats, ceiling: Floats) -> Floats: ...
def price_multiple(
    share: float | Floats, elasticity: float | Floats, ceiling: float | Floats
) -> float | Floats:
    """Factor on interest that a start makes which is ``share`` of the reference price: min(ceiling, share^-elasticity).

    1 at elasticity 0, and where the start is the reference price.
    """
    found = np.exp(np.minimum(np.log(ceiling), -elasticity * np.log(share)))
    return float(found) if isinstance(share, float) else np.asarray(found)


def thinned(mean: float, share: float) -> float:
    """Mean of a Poisson number of people of whom each stays away with probability ``share``: Poisson again, by thinning."""
    return mean * (1.0 - share)


def reach(audiences: list[float]) -> float:
    """Share of potential bidders who look at one platform at least, if audiences overlap at random."""
    return 1.0 - prod(1.0 - audience for audience in audiences)
