"""How wave 1 looks for the set of a reading.

The set may be a millionth of the box, so it is not waited for to be hit. Fits from several starts (``distance``) find
where print is met; there the moments are linear enough to say how far one may go in which direction. Student t laws
of that shape, one around each fit, propose vectors, weights make up for where they propose more often (adaptive
importance sampling: Cappe, Guillin, Marin & Robert 2004), and random walks of the resampled set forget what was
proposed. The result spreads over the set; it is not a posterior, and no share of it is a probability.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.coordinates import Coordinates, coordinates
from calibration.distance import objective
from calibration.evaluate import implausible, panel, standardised
from calibration.history import CUT, USUAL, Effort, History, Seen
from calibration.parameters import Free
from calibration.proposal import Proposal, adapted, around
from calibration.readings import Reading
from calibration.weights import effective, tempered
from calibration.world import World

Floats = npt.NDArray[np.float64]
Found = tuple[Floats, Floats]  # vectors, and their z

NEAR: Final = 5.0  # fits whose worst moment is further off are no centres of proposals
WALL: Final = 0.02  # of the box: how far inside it centres are moved, where their neighbourhood can be seen on both sides
FEWEST: Final = 8  # vectors in the set below which nothing is resampled
SHORT: Final = 0.5  # a reading that misses the cut by less is looked at again before it is ruled out
PASSES: Final = 8  # of that look, ever closer
CLOSE: Final = 0.5  # of a proposing law's width: where to look around the few vectors of a very small set


def match(
    world: World, reading: Reading, ends: Floats, seen: Seen, seed: int, cut: float = CUT,
    effort: Effort = USUAL,
) -> History:  # fmt: skip
    """The set of one reading. ``ends``: fits to propose around; ``seen``: the design, z under this reading's panel."""
    search = Search(world, reading, ends, seen, seed, cut)
    found, size, share = search.nothing, 0.0, 0.0
    law = search.first_law()
    if law is not None:
        y, z, log_weight = search.propose(law, effort)
        if cut <= search.worst.min() < cut + SHORT:
            search.closer(law, effort.proposed)
        size, share = effective(log_weight), _share(world, search.straight, log_weight)
        if np.isfinite(log_weight).sum() >= FEWEST:
            found = search.walk(y, z, log_weight, effort)
        elif search.worst.min() < cut:
            found = search.nearby(law, effort.proposed)
    return search.history(found, effort.keep, size, share)


class Search:
    """What has been seen of one reading, and ways to look further. ``theta``, ``z``: the design, the fits, then all else."""

    def __init__(
        self, world: World, reading: Reading, ends: Floats, seen: Seen, seed: int, cut: float
    ) -> None:
        self.world, self.reading, self.cut = world, reading, cut
        self.panel = panel(world, [reading])
        self.straight = coordinates(world)
        self.rng = np.random.default_rng((seed, 77))
        self.fits = slice(len(seen.theta), len(seen.theta) + len(ends))
        self.theta = np.concatenate([seen.theta, ends])
        self.z = np.concatenate([seen.z, self.looked(ends)])

    @property
    def nothing(self) -> Found:
        return self.theta[:0], self.z[:0]

    @property
    def worst(self) -> Floats:
        """(n,) implausibility of all that was seen."""
        return implausible(self.panel, self.z)[:, 0]

    def looked(self, theta: Floats, cut: float | None = None) -> Floats:
        return standardised(self.world, self.panel, theta, cut)

    def see(self, theta: Floats, z: Floats) -> None:
        self.theta, self.z = np.concatenate([self.theta, theta]), np.concatenate([self.z, z])

    def back(self, y: Floats) -> tuple[Floats, Floats]:
        """Vectors from straight coordinates, and the log of the prior's density there; -inf outside the box."""
        theta, log_jacobian = self.straight.back(y)
        return theta, self.world.space.log_prior(theta) + log_jacobian

    def first_law(self) -> Proposal | None:
        """A law around each fit that is near print; None if none is."""
        ends = self.theta[self.fits][self.worst[self.fits] < NEAR]
        if not len(ends):
            return None
        low, high = self.world.space.low, self.world.space.high
        room = WALL * (high - low)
        centres = self.straight.forward(np.clip(ends, low + room, high - room))
        shapes = around(objective(self.world, self.reading), self.straight, centres)
        return Proposal(centres, np.asarray(np.linalg.cholesky(shapes)))

    def propose(self, law: Proposal, effort: Effort) -> tuple[Floats, Floats, Floats]:
        """Rounds of proposals: straight coordinates, z, and log weights, -inf outside the set."""
        parts: list[tuple[Floats, Floats, Floats]] = []
        for number in range(effort.rounds):
            y = law.draw(effort.proposed, self.rng)
            theta, prior = self.back(y)
            rows = np.flatnonzero(np.isfinite(prior))
            z = np.full((len(y), self.panel.width), np.nan)
            z[rows] = self.looked(theta[rows], 2.0 * self.cut)
            inside = implausible(self.panel, z)[:, 0] < self.cut
            weight = np.where(inside, prior - law.log_density(y), -np.inf)
            parts.append((y, z, weight))
            self.see(theta[rows], z[rows])
            if number + 1 < effort.rounds:
                law = adapted(law, y, weight)
        y, z, log_weight = (np.concatenate([part[i] for part in parts]) for i in range(3))
        return y, z, log_weight

    def closer(self, law: Proposal, number: int) -> None:
        """Search on from the least implausible vector. Fits minimise the distance, not the worst moment, so a reading that
        fails by little may have vectors within the cut close by; only if they are not found there is it ruled out.
        """
        for reach in CLOSE * np.geomspace(1.0, 0.1, PASSES):
            best = self.straight.forward(self.theta[[int(np.argmin(self.worst))]])
            theta = self._around(best, reach, law, number // PASSES)
            self.see(theta, self.looked(theta))

    def nearby(self, law: Proposal, number: int) -> Found:
        """A set so small that proposals hardly hit it: the few vectors known to be in it, and what is close to them."""
        known = self.worst < self.cut
        centres = self.straight.forward(self.theta[known])
        reach = CLOSE * np.geomspace(0.1, 1.0, number)[:, None]
        theta = self._around(centres[np.arange(number) % len(centres)], reach, law, number)
        z = self.looked(theta, self.cut)
        inside = implausible(self.panel, z)[:, 0] < self.cut
        return np.concatenate([self.theta[known], theta[inside]]), np.concatenate([self.z[known], z[inside]])

    def _around(self, centres: Floats, reach: Floats | float, law: Proposal, number: int) -> Floats:
        """Vectors of the box that lie around centres as the first law has it, so much closer."""
        step = self.rng.standard_normal((number, centres.shape[1])) @ law.roots[0].T
        theta, prior = self.back(centres + reach * step)
        return theta[np.isfinite(prior)]

    def walk(self, y: Floats, z: Floats, log_weight: Floats, effort: Effort) -> Found:
        """Resample, then let every one walk inside the set by differences of two others (ter Braak 2006); the second half
        of the walk is kept.
        """
        rng = self.rng
        chosen = rng.choice(len(y), effort.walkers, p=tempered(log_weight))
        here, here_z = y[chosen].copy(), z[chosen].copy()
        _, level = self.back(here)
        p = y.shape[1]
        kept: list[Found] = []
        for step in range(effort.steps):
            a, b = rng.integers(len(here), size=(2, len(here)))
            stride = np.where(rng.random(len(here)) < 0.1, 1.0, 2.38 / np.sqrt(2.0 * p))
            moved = here + stride[:, None] * (here[a] - here[b]) + 0.01 * rng.standard_normal(here.shape)
            theta, new_level = self.back(moved)
            rows = np.flatnonzero(np.log(rng.random(len(here))) < new_level - level)
            if len(rows):
                new = self.looked(theta[rows], self.cut)
                good = implausible(self.panel, new)[:, 0] < self.cut
                at = rows[good]
                here[at], here_z[at], level[at] = moved[at], new[good], new_level[at]
            if step >= effort.steps // 2:
                kept.append((self.straight.back(here)[0], here_z.copy()))
        return np.concatenate([t for t, _ in kept]), np.concatenate([x for _, x in kept])

    def history(self, found: Found, keep: int, size: float, share: float) -> History:
        """What it came to. Fits that meet print come first in the set: walks may have passed them by."""
        worst = self.worst
        met = self.fits.start + np.flatnonzero(worst[self.fits] < self.cut)
        some = self.rng.permutation(len(found[0]))[: max(keep - len(met), 0)]
        best = int(np.argmin(worst))
        return History(
            reading=self.reading,
            moments=tuple(c.moment.key for c in self.panel.columns),
            sample=np.concatenate([self.theta[met], found[0][some]]),
            z=np.concatenate([self.z[met], found[1][some]]),
            best=self.theta[best],
            best_z=self.z[best][:-1],
            together=float(self.z[best][-1]),
            implausibility=float(worst[best]),
            effective=size,
            share=share,
        )


def _share(world: World, straight: Coordinates, log_weight: Floats) -> float:
    """Share of the prior that is in the set, from the weights: the prior's densities as ``log_prior`` and ``back`` give them
    are those of normal scores up to a factor, for interest up to the height of its density.
    """
    finite = np.isfinite(log_weight)
    if not finite.any():
        return 0.0
    slots = world.space.slots
    heights = sum(_log_height(slots[i].free) for i in straight.slots)
    scores = -0.5 * np.log(2.0 * np.pi) * (len(slots) - len(straight.slots))
    mean = np.logaddexp.reduce(log_weight[finite]) - np.log(len(log_weight))
    return float(min(np.exp(mean + heights + scores), 1.0))


def _log_height(free: Free) -> float:
    """What must be added to ``log_prior`` of a parameter to make it the log of a density."""
    y = np.linspace(free.low, free.high, 4096)
    return -float(np.log(np.mean(np.exp(free.log_prior(y))) * (free.high - free.low)))
