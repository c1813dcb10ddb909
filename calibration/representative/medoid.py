"""One vector that stands for a posterior: the medoid of its draws, polished in the simulator.

The medoid is the draw of least mean distance from all others, in straight coordinates whitened by the draws' covariance. What
``polish`` makes of it must still be a likely vector (inside the 90 % highest-density region of its interpretation) and a
typical one (its policy effects inside the central half of the posterior's), and meet every published figure with room to spare;
where it does not, the next-nearest draws are tried, of those that can. That it then meets the published figures is by construction and no evidence; evidence is their place among the draws.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.answers import policy
from calibration.estimation.posterior import Posterior
from calibration.forward_model.forward_model import BATCH
from calibration.forward_model.inflow import Arrivals
from calibration.representative.polish import FigureReproduced, Play, Polished, polished
from calibration.targets.interpretations import Interpretation

Floats = npt.NDArray[np.float64]

DRAWS: Final = 400  # of the interpretation's posterior, that the medoid is found among
TRIED: Final = 6  # draws that are polished at most
AMID: Final = (0.1, 0.9)  # share of a draw's simulated totals below each published one, for it to be tried
REGION: Final = 0.9  # highest-density region
HALF: Final = (0.25, 0.75)  # probabilities between which effects must lie
REPORTED: Final = ("sold_ever", "recovery_all", "days_to_sale")  # effects that must be central


@dataclass(frozen=True, slots=True)
class Representative:
    """``figures``: published figures at the polished vector, as ``sim run`` shows them; ``tried``: draws polished for it;
    ``density``: share of the interpretation's draws that are less likely; ``effects``: (questions, outcomes) probabilities of the
    posterior below its own; ``refused``: which of "figures", "density", "effects" it fails.
    """

    interpretation: Interpretation
    theta: Floats
    arrivals: Arrivals
    figures: tuple[FigureReproduced, ...] = field(repr=False)
    tried: int
    density: float
    effects: Floats = field(repr=False)
    refused: tuple[str, ...]


def medoid_first(y: Floats) -> npt.NDArray[np.intp]:
    """Places of draws (n, p): that of least mean whitened distance to the others, then the nearest to it first."""
    root = np.linalg.cholesky(np.cov(y.T).reshape(y.shape[1], -1) + 1e-9 * np.eye(y.shape[1]))
    white = np.linalg.solve(root, (y - y.mean(axis=0)).T).T
    square = (white**2).sum(axis=1)
    distance = np.sqrt(np.maximum(square[:, None] + square - 2.0 * white @ white.T, 0.0))
    return np.argsort(distance[int(np.argmin(distance.mean(axis=1)))], kind="stable")


def representative(of: Posterior, effects: Floats, seed: int, play: Play) -> Representative:
    """The representative of an interpretation. ``effects``: (draws, questions, outcomes) of the whole posterior's draws."""
    model = of.one.model
    y = of.one.straight.forward(of.draws(DRAWS, seed))
    likely = of.one.terms(y).log_posterior
    best: Representative | None = None
    for tried, place in enumerate(_candidates(of, y, effects), start=1):
        arrivals = model.arrivals(of.one.straight.back(y[place][None])[0][0])
        found = polished(of.one, y[place], np.asarray(np.cov(y.T), dtype=np.float64), arrivals, play)
        one = _judged(of, found, likely, effects, tried)
        if best is None or len(one.refused) < len(best.refused):
            best = one
        if not one.refused or tried == TRIED:
            break
    assert best is not None
    return best


def _candidates(of: Posterior, y: Floats, effects: Floats) -> Iterator[int]:
    """Draws to be polished, from the medoid on; none whose own effects lie outside already, or from which a published total,
    which polishing hardly moves, is far. The medoid itself where there is no other.
    """
    order, some = medoid_first(y), False
    for first in range(0, len(order), BATCH):
        places = order[first : first + BATCH]
        theta, _ = of.one.straight.back(y[places])
        amid = _amid(of, theta)
        for place, below, good in zip(places, _below(of, theta, effects), amid, strict=True):
            if good and _central(below):
                some = True
                yield int(place)
    if not some:
        yield int(order[0])


def _amid(of: Posterior, theta: Floats) -> npt.NDArray[np.bool_]:
    """(n,) whether every published total lies amid those that are simulated at vectors (n, p)."""
    one = of.one
    places = one.aggregates
    observed = np.array([one.moments[i].observed for i in places])
    below = (one.predict(theta).draws[:, :, places] < observed).mean(axis=1)
    return np.asarray(((below >= AMID[0]) & (below <= AMID[1])).all(axis=1))


def _judged(of: Posterior, found: Polished, likely: Floats, effects: Floats, tried: int) -> Representative:
    theta, _ = of.one.straight.back(found.y[None])
    density = float((likely < of.one.log_posterior(found.y[None])[0]).mean())
    below = _below(of, theta, effects)[0]
    met = all(one.inside if one.role == "input" else one.well for one in found.figures if one.must)
    failed = (("figures", met), ("density", density >= 1.0 - REGION), ("effects", _central(below)))
    refused = tuple(name for name, good in failed if not good)
    return Representative(
        of.one.interpretation, theta[0], found.arrivals, found.figures, tried, density, below, refused
    )


def _below(of: Posterior, theta: Floats, effects: Floats) -> Floats:
    """(n, questions, outcomes) probabilities that the posterior's effects lie below those of vectors (n, p)."""
    model = of.one.model
    questions = policy.questions(model)
    own = policy.effects(model, policy.answers(model, theta, questions), questions)
    return np.stack([(effects < one).mean(axis=0) + 0.5 * (effects == one).mean(axis=0) for one in own])


def _central(below: Floats) -> bool:
    """Whether all reported effects lie in the posterior's central half; a reference policy's effect is 0 at every draw, so in the middle."""
    reported = below[:, [policy.OUTCOMES.index(name) for name in REPORTED]]
    return bool(((reported >= HALF[0]) & (reported <= HALF[1])).all())
