"""Wave 1, history matching: which parameters, under which reading, are not ruled out by what was printed.

A vector is *implausible* under a reading if any moment lies further than ``CUT`` standard deviations from print, all
known errors counted: I = max |E f(theta) - z| / sqrt(Var_sampling + Var_MonteCarlo + Var_rounding + Var_discrepancy);
3 is Pukelsheim's bound for any unimodal law. And it is if all moments together are as far off (``evaluate``): the multivariate
implausibility of Vernon et al. What is left is a set, not an estimate, and the honest answer.
Sources: Craig, Goldstein, Seheult & Smith (1997); Vernon, Goldstein & Bower (2010); Vernon et al. (2014, Statistical
Science, arXiv 1405.4976). Nothing is emulated: closed forms are fast enough to be asked themselves. How it is looked for: ``search``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.evaluate import Panel
from calibration.fates import Look
from calibration.readings import Reading
from calibration.world import World

Floats = npt.NDArray[np.float64]

CUT: Final = 3.0
DESIGN: Final = 1024  # points of the scrambled Sobol design
TOGETHER: Final = "together"  # name of all moments of a reading as one


@dataclass(frozen=True, slots=True)
class Effort:
    """How closely the set of a reading is looked for. ``proposed``: vectors a round of proposals; ``walkers`` take ``steps``
    each, of which the second half is kept; ``keep``: vectors of the set, at most.
    """

    proposed: int = 192
    rounds: int = 2
    walkers: int = 96
    steps: int = 8
    keep: int = 256


USUAL: Final = Effort()


@dataclass(frozen=True, slots=True)
class History:
    """One reading's wave. ``sample``: (n, p) of the set, empty if ruled out; ``z``: (n, moments + 1) there, all moments
    together last; ``best``: the least implausible vector seen, ``best_z`` of its moments, ``together`` of all, I; ``effective``: how many independent draws the weighted proposals are worth;
    ``share``: of the prior's volume that is not ruled out.
    """

    reading: Reading
    moments: tuple[str, ...]
    sample: Floats
    z: Floats
    best: Floats
    best_z: Floats
    together: float
    implausibility: float
    effective: float
    share: float

    @property
    def ruled_out(self) -> bool:
        return len(self.sample) == 0

    @property
    def worst(self) -> tuple[str, float]:
        """What is furthest from print at the best vector, a moment or all of them together, and by how many sd."""
        size = np.nan_to_num(np.abs(self.best_z))
        i = int(np.argmax(size))
        if np.isfinite(self.together) and self.together > size[i]:
            return TOGETHER, self.together
        return self.moments[i], float(size[i])


def design(world: World, size: int, seed: int) -> Floats:
    """A scrambled Sobol design over the prior, (size, p)."""
    from scipy.stats import qmc

    return world.space.from_unit(qmc.Sobol(len(world.space.slots), seed=seed).random(size))


@dataclass(frozen=True, slots=True)
class Seen:
    """Vectors and their standardised columns, from the design and from fits."""

    theta: Floats
    z: Floats


def starts(world: World, seen: Seen, every: Panel, reading: int, number: int) -> Floats:
    """Where to start fits of a reading: the closest vectors of the design, from both branches in turn."""
    z = seen.z[:, list(every.of[reading])]  # each moment by itself: far from print all together say nothing
    q = np.where(np.isfinite(z), np.minimum(np.abs(z), 10.0), 10.0) ** 2
    order = np.argsort(q.sum(axis=1))
    keen = branch(world, seen.theta[order])
    ranked = np.empty(len(order))
    for side in (keen, ~keen):
        ranked[side] = np.arange(side.sum())
    return np.asarray(seen.theta[order[np.argsort(ranked + 0.5 * ~keen, kind="stable")][:number]])


def branch(world: World, theta: Floats) -> npt.NDArray[np.bool_]:
    """(n,): whether more than half of those interested can pay the first start at the court's mean error (few, keen) or
    less (many, who hesitate). Both give the same figures and different answers, so fits start from both.
    """
    look = Look(world.scenario, world.space.values(theta, world.windows[-1]))
    names = list(world.scenario.pricing)
    bias = np.mean([look(f"pricing.{m}.bias") for m in names], axis=0)
    return np.asarray(look("interest.location") - bias - np.log(look("start.ratio")) > 0.0)
