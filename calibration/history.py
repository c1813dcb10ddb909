"""Wave 1, history matching: which parameters, under which reading, are not ruled out by what was printed.

A vector is *implausible* under a reading if any moment lies further than ``CUT`` standard deviations from print, all
known errors counted: I = max |E f(theta) - z| / sqrt(Var_sampling + Var_MonteCarlo + Var_rounding + Var_discrepancy);
3 is Pukelsheim's bound for any unimodal law. And it is if all moments together are as far off (``evaluate``): the multivariate
implausibility of Vernon et al. What is left is a set, not an estimate, and the honest answer.
Sources: Craig, Goldstein, Seheult & Smith (1997); Vernon, Goldstein & Bower (2010); Vernon et al. (2014, Statistical
Science, arXiv 1405.4976). Nothing is emulated: closed forms are fast enough to be asked themselves.

The set may be a millionth of the box, so it is not waited for to be hit. Fits from several starts (``distance``) find
where print is met; there the moments are linear enough to say how far one may go in which direction. Student t laws
of that shape, one around each fit, propose vectors, weights make up for where they propose more often (adaptive
importance sampling: Cappe, Guillin, Marin & Robert 2004), and random walks of the resampled set forget what was
proposed. The result spreads over the set; it is not a posterior, and no share of it is a probability.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from calibration.coordinates import Coordinates, coordinates
from calibration.distance import Objective, objective
from calibration.evaluate import Panel, implausible, panel, standardised
from calibration.fates import Look
from calibration.inference import bread
from calibration.parameters import Free
from calibration.readings import Reading
from calibration.world import World

Floats = npt.NDArray[np.float64]

CUT: Final = 3.0
DESIGN: Final = 1024  # points of the scrambled Sobol design
FREEDOM: Final = 6.0  # of the proposing laws
WIDER: Final = 1.5  # how much wider than the linear picture they are: |z| < 3 is wider than a normal law
WIDE: Final = 4.0  # prior spread of interest in straight coordinates, for proposals
DIFFERENCE: Final = 0.03  # step of numerical derivatives in straight coordinates
WALL: Final = 0.02
NEAR: Final = 5.0  # fits whose worst moment is further off are no centres of proposals
FEWEST: Final = 8  # vectors in the set below which nothing is resampled
SHORT: Final = 0.5  # a reading that misses the cut by less is looked at again before it is ruled out
PASSES: Final = 8  # of that look, ever closer
TOGETHER: Final = "together"  # name of all moments of a reading as one
CLOSE: Final = 0.5  # of a proposing law's width: where to look around the few vectors of a very small set


@dataclass(frozen=True, slots=True)
class Effort:
    """How closely the set of a reading is looked for. ``proposed``: vectors a round of proposals; ``walkers`` take ``steps``
    each, of which the second half is kept; ``keep``: vectors of the set, at most.
    """

    proposed: int = 256
    rounds: int = 2
    walkers: int = 96
    steps: int = 8
    keep: int = 256


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


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mixture of Student t laws in straight coordinates."""

    centres: Floats  # (k, p)
    roots: Floats  # (k, p, p) lower Cholesky factors of their shapes

    def draw(self, number: int, rng: np.random.Generator) -> Floats:
        """(number, p), laws taken in turn."""
        k = np.arange(number) % len(self.centres)
        x = np.einsum("npq,nq->np", self.roots[k], rng.standard_normal((number, self.centres.shape[1])))
        return np.asarray(self.centres[k] + x * np.sqrt(FREEDOM / rng.chisquare(FREEDOM, number))[:, None])

    def log_density(self, y: Floats) -> Floats:
        """(n,) of the mixture."""
        p = y.shape[1]
        parts = []
        for centre, root in zip(self.centres, self.roots, strict=True):
            size = (np.linalg.solve(root, (y - centre).T) ** 2).sum(axis=0)
            parts.append(-0.5 * (FREEDOM + p) * np.log1p(size / FREEDOM) - np.log(np.diag(root)).sum())
        whole = np.logaddexp.reduce(np.stack(parts), axis=0) - np.log(len(parts))
        return np.asarray(
            whole + gammaln((FREEDOM + p) / 2) - gammaln(FREEDOM / 2) - 0.5 * p * np.log(FREEDOM * np.pi)
        )


def around(one: Objective, straight: Coordinates, centres: Floats) -> Floats:
    """(k, p, p) how far one may go from each fit: (G' V^-1 G + prior)^-1, widened; in straight coordinates."""
    p = centres.shape[1]
    spread = np.where(np.isin(np.arange(p), straight.slots), WIDE, 1.0)
    found = []
    for y in centres:
        theta = straight.back(y[None, :])[0][0]
        errors = np.sqrt(np.diag(one.covariance(theta)))
        points = np.concatenate([y + DIFFERENCE * np.eye(p), y - DIFFERENCE * np.eye(p)])
        mean = one.predict(straight.back(points)[0]).mean
        slope = ((mean[:p] - mean[p:]) / (2.0 * DIFFERENCE)).T / errors[:, None]
        found.append(bread(np.nan_to_num(slope), np.eye(len(errors)), np.diag(1.0 / spread**2)) * WIDER**2)
    return np.stack(found)


def match(
    world: World, reading: Reading, ends: Floats, seen: Seen, seed: int, cut: float = CUT,
    effort: Effort = Effort(),
) -> History:  # fmt: skip
    """The set of one reading. ``ends``: fits to propose around; ``seen``: the design, z under this reading's panel."""
    one = panel(world, [reading])
    straight = coordinates(world)
    rng = np.random.default_rng((seed, 77))
    z = np.concatenate([seen.z, standardised(world, one, ends)])
    theta = np.concatenate([seen.theta, ends])
    worst = implausible(one, z)[:, 0]
    near = worst[len(seen.theta) :] < NEAR
    moments_ = tuple(c.moment.key for c in one.columns)
    best = int(np.argmin(worst))
    if not near.any():
        return History(
            reading,
            moments_,
            theta[:0],
            z[:0],
            theta[best],
            z[best][:-1],
            float(z[best][-1]),
            float(worst[best]),
            0.0,
            0.0,
        )
    centres = straight.forward(_off_walls(world, ends[near]))
    law = Proposal(
        centres, np.asarray(np.linalg.cholesky(around(objective(world, reading), straight, centres)))
    )
    parts: list[tuple[Floats, Floats, Floats]] = []
    for number in range(effort.rounds):
        y = law.draw(effort.proposed, rng)
        drawn, log_jacobian = straight.back(y)
        prior = world.space.log_prior(drawn) + log_jacobian
        rows = np.flatnonzero(np.isfinite(prior))
        drawn_z = np.full((len(y), one.width), np.nan)
        drawn_z[rows] = standardised(world, one, drawn[rows], 2.0 * cut)
        weight = np.where(implausible(one, drawn_z)[:, 0] < cut, prior - law.log_density(y), -np.inf)
        parts.append((y, drawn_z, weight))
        theta, z = np.concatenate([theta, drawn[rows]]), np.concatenate([z, drawn_z[rows]])
        if number + 1 < effort.rounds:
            law = _adapted(law, y, weight)
    worst = implausible(one, z)[:, 0]
    if cut <= worst.min() < cut + SHORT:
        theta, z = _closest(world, one, straight, theta, z, law.roots[0], effort.proposed, rng)
        worst = implausible(one, z)[:, 0]
    best = int(np.argmin(worst))
    y, y_z, log_weight = (np.concatenate([part[i] for part in parts]) for i in range(3))
    size, share = _effective(log_weight), _share(world, straight, log_weight)
    found = (theta[:0], z[:0])
    if np.isfinite(log_weight).sum() >= FEWEST:
        found = _walk(world, one, straight, y, y_z, log_weight, cut, effort, rng)
    elif worst[best] < cut:
        found = _near(
            world, one, straight, theta[worst < cut], z[worst < cut], law.roots[0], cut, effort.proposed, rng
        )
    met = len(seen.theta) + np.flatnonzero(worst[len(seen.theta) : len(seen.theta) + len(ends)] < cut)
    some = rng.permutation(len(found[0]))[: max(effort.keep - len(met), 0)]
    return History(
        reading,
        moments_,
        np.concatenate(
            [theta[met], found[0][some]]
        ),  # fits that meet print first: walks may have passed them by
        np.concatenate([z[met], found[1][some]]),
        theta[best],
        z[best][:-1],
        float(z[best][-1]),
        float(worst[best]),
        size,
        share,
    )


def _closest(
    world: World, one: Panel, straight: Coordinates, theta: Floats, z: Floats, root: Floats, number: int,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Search on from the least implausible vector. Fits minimise the distance, not the worst moment, so a reading that
    fails by little may have vectors within the cut close by; only if they are not found there is it ruled out.
    """
    for reach in CLOSE * np.geomspace(1.0, 0.1, PASSES):
        best = straight.forward(theta[[int(np.argmin(implausible(one, z)[:, 0]))]])
        y = best + reach * (rng.standard_normal((number // PASSES, best.shape[1])) @ root.T)
        near, log_jacobian = straight.back(y)
        near = near[np.isfinite(world.space.log_prior(near) + log_jacobian)]
        theta, z = np.concatenate([theta, near]), np.concatenate([z, standardised(world, one, near)])
    return theta, z


def _near(
    world: World, one: Panel, straight: Coordinates, theta: Floats, z: Floats, root: Floats, cut: float,
    number: int, rng: np.random.Generator,
) -> tuple[Floats, Floats]:  # fmt: skip
    """A set so small that proposals hardly hit it: the few vectors known to be in it, and what is close to them."""
    centres = straight.forward(theta)
    reach = CLOSE * np.geomspace(0.1, 1.0, number)[:, None]
    y = centres[np.arange(number) % len(centres)]
    y = y + reach * (rng.standard_normal(y.shape) @ root.T)
    near, log_jacobian = straight.back(y)
    near = near[np.isfinite(world.space.log_prior(near) + log_jacobian)]
    near_z = standardised(world, one, near, cut)
    inside = implausible(one, near_z)[:, 0] < cut
    return np.concatenate([theta, near[inside]]), np.concatenate([z, near_z[inside]])


def _off_walls(world: World, theta: Floats) -> Floats:
    """Vectors moved inside the box by ``WALL`` of it, where their neighbourhood can be seen on both sides."""
    room = WALL * (world.space.high - world.space.low)
    return np.asarray(np.clip(theta, world.space.low + room, world.space.high - room))


def _effective(log_weight: Floats) -> float:
    """Effective number of weighted draws, (sum w)^2 / sum w^2."""
    if not np.isfinite(log_weight).any():
        return 0.0
    w = np.exp(log_weight - log_weight.max())
    return float(w.sum() ** 2 / (w**2).sum())


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


def _adapted(law: Proposal, y: Floats, log_weight: Floats) -> Proposal:
    """The mixture with one more law: mean and covariance of what the first round found, shrunk to the first law's."""
    size, p = _effective(log_weight), y.shape[1]
    if size < 2.0:
        return law
    w = _tempered(log_weight)
    centre = w @ y
    spread = (y - centre).T @ ((y - centre) * w[:, None])
    number = float(np.isfinite(log_weight).sum())
    mixed = number / (number + 2.0 * p)
    shape = mixed * spread * WIDER + (1.0 - mixed) * law.roots[0] @ law.roots[0].T
    return Proposal(
        np.concatenate([law.centres, centre[None, :]]),
        np.concatenate([law.roots, np.linalg.cholesky(shape)[None]]),
    )


def _tempered(log_weight: Floats) -> Floats:
    """Weights to the power that leaves an effective size of half the draws that are in the set: few draws of a wide law
    in many dimensions would otherwise be resampled again and again. The walk makes up for what that leaves undone.
    """
    inside = np.isfinite(log_weight)
    low, high = 0.0, 1.0
    for _ in range(30):
        power = (low + high) / 2.0
        enough = _effective(np.where(inside, log_weight * power, -np.inf)) >= inside.sum() / 2.0
        low, high = (power, high) if enough else (low, power)
    scaled = np.where(inside, log_weight * low, -np.inf)
    w = np.exp(scaled - scaled.max())
    return np.asarray(w / w.sum())


def _walk(
    world: World, one: Panel, straight: Coordinates, y: Floats, z: Floats, log_weight: Floats, cut: float,
    effort: Effort, rng: np.random.Generator,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Resample, then let every one walk inside the set by differences of two others (ter Braak 2006); the second half
    of the walk is kept.
    """

    def height(points: Floats) -> tuple[Floats, Floats]:
        theta, log_jacobian = straight.back(points)
        return theta, world.space.log_prior(theta) + log_jacobian

    chosen = rng.choice(len(y), effort.walkers, p=_tempered(log_weight))
    here, here_z = y[chosen].copy(), z[chosen].copy()
    _, level = height(here)
    p = y.shape[1]
    kept: list[tuple[Floats, Floats]] = []
    for step in range(effort.steps):
        a, b = rng.integers(len(here), size=(2, len(here)))
        stride = np.where(rng.random(len(here)) < 0.1, 1.0, 2.38 / np.sqrt(2.0 * p))
        moved = here + stride[:, None] * (here[a] - here[b]) + 0.01 * rng.standard_normal(here.shape)
        theta, new_level = height(moved)
        rows = np.flatnonzero(np.log(rng.random(len(here))) < new_level - level)
        if len(rows):
            new = standardised(world, one, theta[rows], cut)
            good = implausible(one, new)[:, 0] < cut
            at = rows[good]
            here[at], here_z[at], level[at] = moved[at], new[good], new_level[at]
        if step >= effort.steps // 2:
            kept.append((straight.back(here)[0], here_z.copy()))
    return np.concatenate([t for t, _ in kept]), np.concatenate([x for _, x in kept])
