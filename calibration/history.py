"""Wave 1, history matching: which parameters, under which reading, are not ruled out by what was printed.

A vector is *implausible* under a reading if any moment lies further than ``CUT`` standard deviations from print, all
known errors counted: I = max |E f(theta) - z| / sqrt(Var_sampling + Var_MonteCarlo + Var_rounding + Var_discrepancy);
3 is Pukelsheim's bound for any unimodal law. What is left is a set, not an estimate, and the honest answer.
Sources: Craig, Goldstein, Seheult & Smith (1997); Vernon, Goldstein & Bower (2010); Vernon et al. (2014, Statistical
Science, arXiv 1405.4976). Nothing is emulated: closed forms are fast enough to be asked themselves.

The set may be a millionth of the box, so it is not waited for to be hit. Fits from several starts (``distance``) find
where print is met; there the moments are linear enough to say how far one may go in which direction. Student t laws
of that shape, one around each fit, propose vectors, weights make up for where they propose more often (adaptive
importance sampling: Cappe, Guillin, Marin & Robert 2004), and random walks of the resampled set forget what was
proposed. The result spreads over the set; it is not a posterior, and no share of it is a probability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.distance import Objective, objective, prior_spread
from calibration.evaluate import Panel, implausible, panel, standardised
from calibration.fates import Look
from calibration.inference import bread, inverse
from calibration.parameters import Free
from calibration.readings import Reading
from calibration.world import World

Floats = npt.NDArray[np.float64]

CUT: Final = 3.0
DESIGN: Final = 1024  # points of the scrambled Sobol design
PROPOSED: Final = 384  # vectors a round of proposals
ROUNDS: Final = 2
WALKERS: Final = 96
STEPS: Final = 8  # of each walker; the second half is kept
FREEDOM: Final = 6.0  # of the proposing laws
WIDER: Final = 1.5  # how much wider than the linear picture they are: |z| < 3 is wider than a normal law
NEAR: Final = 5.0  # fits whose worst moment is further off are no centres of proposals
FEWEST: Final = 8  # vectors in the set below which nothing is resampled


@dataclass(frozen=True, slots=True)
class History:
    """One reading's wave. ``sample``: (n, p) of the set, empty if ruled out; ``z``: (n, moments) there; ``best``: the least
    implausible vector seen and its I; ``effective``: how many independent draws the weighted proposals are worth;
    ``share``: of the prior's volume that is not ruled out.
    """

    reading: Reading
    moments: tuple[str, ...]
    sample: Floats
    z: Floats
    best: Floats
    best_z: Floats
    implausibility: float
    effective: float
    share: float

    @property
    def ruled_out(self) -> bool:
        return len(self.sample) == 0


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
    z = seen.z[:, list(every.of[reading])]
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
    """A mixture of Student t laws in the box. ``inside``: share of each law that lies in the box."""

    centres: Floats  # (k, p)
    roots: Floats  # (k, p, p) lower Cholesky factors of their shapes
    inside: Floats  # (k,)
    low: Floats
    high: Floats

    def draw(self, number: int, rng: np.random.Generator) -> Floats:
        """(number, p), laws taken in turn."""
        return np.concatenate(
            [
                self._some(k, len(range(k, number, len(self.centres))), rng)[0]
                for k in range(len(self.centres))
            ]
        )

    def _some(self, k: int, number: int, rng: np.random.Generator) -> tuple[Floats, float]:
        """Draws of one law inside the box, and the share of its draws that were."""
        found, tried = np.empty((0, len(self.low))), 0
        while len(found) < number and tried < 4_000_000:
            n = 2000
            x = rng.standard_normal((n, len(self.low))) @ self.roots[k].T
            x *= np.sqrt(FREEDOM / rng.chisquare(FREEDOM, n))[:, None]
            x += self.centres[k]
            tried += n
            found = np.concatenate([found, x[((x >= self.low) & (x <= self.high)).all(axis=1)]])
        return found[:number], len(found) / max(tried, 1)

    def log_density(self, theta: Floats) -> Floats:
        """(n,) of the mixture, up to a constant that the laws share."""
        p = len(self.low)
        parts = []
        for centre, root, inside in zip(self.centres, self.roots, self.inside, strict=True):
            y = np.linalg.solve(root, (theta - centre).T)
            size = (y**2).sum(axis=0)
            log_root = np.log(np.diag(root)).sum()
            parts.append(
                -0.5 * (FREEDOM + p) * np.log1p(size / FREEDOM) - log_root - np.log(max(inside, 1e-9))
            )
        return np.asarray(np.logaddexp.reduce(np.stack(parts), axis=0) - np.log(len(parts)))


def proposal(world: World, centres: Floats, shapes: Sequence[Floats], rng: np.random.Generator) -> Proposal:
    """Laws around ``centres`` with covariances ``shapes``."""
    roots = np.stack([np.linalg.cholesky(shape) for shape in shapes])
    bare = Proposal(centres, roots, np.ones(len(centres)), world.space.low, world.space.high)
    inside = np.array([bare._some(k, 400, rng)[1] for k in range(len(centres))])
    return Proposal(centres, roots, np.maximum(inside, 1e-6), world.space.low, world.space.high)


def around(one: Objective, ends: Floats) -> list[Floats]:
    """How far one may go from each fit: (G' V^-1 G + prior)^-1, widened."""
    precision = np.diag(1.0 / prior_spread(one.world) ** 2)
    found = []
    for theta in ends:
        errors = np.diag(np.diag(one.covariance(theta)))
        found.append(bread(one.jacobian(theta), inverse(errors), precision) * WIDER**2)
    return found


def match(
    world: World, reading: Reading, ends: Floats, seen: Seen, seed: int, cut: float = CUT, keep: int = 256
) -> History:
    """The set of one reading. ``ends``: fits to propose around; ``seen``: the design, z under this reading's panel."""
    one = panel(world, [reading])
    rng = np.random.default_rng((seed, 77))
    z = np.concatenate([seen.z, standardised(world, one, ends)])
    theta = np.concatenate([seen.theta, ends])
    worst = implausible(one, z)[:, 0]
    near = worst[len(seen.theta) :] < NEAR
    moments_ = tuple(c.moment.key for c in one.columns)
    best = int(np.argmin(worst))
    if not near.any():
        return History(
            reading, moments_, theta[:0], z[:0], theta[best], z[best], float(worst[best]), 0.0, 0.0
        )
    law = proposal(world, ends[near], around(objective(world, reading), ends[near]), rng)
    weighted: list[tuple[Floats, Floats, Floats]] = []
    for number in range(ROUNDS):
        drawn = law.draw(PROPOSED, rng)
        drawn_z = standardised(world, one, drawn, 2.0 * cut)
        weight = np.where(
            implausible(one, drawn_z)[:, 0] < cut,
            world.space.log_prior(drawn) - law.log_density(drawn),
            -np.inf,
        )
        weighted.append((drawn, drawn_z, weight))
        theta, z = np.concatenate([theta, drawn]), np.concatenate([z, drawn_z])
        if number + 1 < ROUNDS:
            law = _adapted(world, law, *weighted[-1], rng)
    worst = implausible(one, z)[:, 0]
    best = int(np.argmin(worst))
    log_weight = np.concatenate([w for _, _, w in weighted])
    size, share = _effective(log_weight), _share(world, log_weight)
    found = (theta[:0], z[:0])
    if np.isfinite(log_weight).sum() >= FEWEST:
        drawn, drawn_z = (np.concatenate([part[i] for part in weighted]) for i in (0, 1))
        found = _walk(world, one, drawn, drawn_z, log_weight, cut, rng)
    some = rng.permutation(len(found[0]))[:keep]
    return History(
        reading,
        moments_,
        found[0][some],
        found[1][some],
        theta[best],
        z[best],
        float(worst[best]),
        size,
        share,
    )


def _effective(log_weight: Floats) -> float:
    """Effective number of weighted draws, (sum w)^2 / sum w^2."""
    if not np.isfinite(log_weight).any():
        return 0.0
    w = np.exp(log_weight - log_weight.max())
    return float(w.sum() ** 2 / (w**2).sum())


def _share(world: World, log_weight: Floats) -> float:
    """Share of the prior's volume that is in the set, from the weights; up to the t laws' common constant."""
    from scipy.special import gammaln

    p = len(world.space.slots)
    log_t = gammaln((FREEDOM + p) / 2) - gammaln(FREEDOM / 2) - 0.5 * p * np.log(FREEDOM * np.pi)
    finite = np.isfinite(log_weight)
    if not finite.any():
        return 0.0
    u = (np.arange(4096) + 0.5) / 4096
    log_prior = sum(_log_height(slot.free, u) for slot in world.space.slots)
    return float(
        np.exp(np.logaddexp.reduce(log_weight[finite]) - np.log(len(log_weight)) - log_t + log_prior)
    )


def _log_height(free: Free, u: Floats) -> float:
    """What must be added to ``log_prior`` of a parameter to make it the log of a density."""
    y = np.linspace(free.low, free.high, len(u))
    return -float(np.log(np.mean(np.exp(free.log_prior(y))) * (free.high - free.low)))


def _adapted(
    world: World, law: Proposal, drawn: Floats, z: Floats, log_weight: Floats, rng: np.random.Generator
) -> Proposal:
    """The mixture with one more law: mean and covariance of what the first round found."""
    size = _effective(log_weight)
    p = drawn.shape[1]
    if size < 2.0:
        return law
    w = np.exp(log_weight - log_weight.max())
    w /= w.sum()
    centre = w @ drawn
    spread = (drawn - centre).T @ ((drawn - centre) * w[:, None])
    prior = np.diag((world.space.high - world.space.low) ** 2 / 12.0)
    mixed = min(size / (size + 2.0 * p), 1.0)
    shape = mixed * spread + (1.0 - mixed) * np.minimum(law.roots[0] @ law.roots[0].T, prior.max())
    shapes = [root @ root.T for root in law.roots]
    return proposal(world, np.concatenate([law.centres, centre[None, :]]), [*shapes, shape], rng)


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
    world: World, one: Panel, theta: Floats, z: Floats, log_weight: Floats, cut: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:  # fmt: skip
    """Resample, then let every one walk inside the set by differences of two others (ter Braak 2006); the second half
    of the walk is kept.
    """
    space = world.space
    chosen = rng.choice(len(theta), WALKERS, p=_tempered(log_weight))
    here, here_z = theta[chosen].copy(), z[chosen].copy()
    p = theta.shape[1]
    jitter = 1e-3 * (space.high - space.low)
    kept: list[tuple[Floats, Floats]] = []
    for step in range(STEPS):
        a, b = rng.integers(len(here), size=(2, len(here)))
        stride = np.where(rng.random(len(here)) < 0.1, 1.0, 2.38 / np.sqrt(2.0 * p))
        moved = here + stride[:, None] * (here[a] - here[b]) + jitter * rng.standard_normal(here.shape)
        log_ratio = space.log_prior(moved) - space.log_prior(here)
        rows = np.flatnonzero(np.log(rng.random(len(here))) < log_ratio)
        if len(rows):
            new = standardised(world, one, moved[rows], cut)
            good = implausible(one, new)[:, 0] < cut
            here[rows[good]], here_z[rows[good]] = moved[rows[good]], new[good]
        if step >= STEPS // 2:
            kept.append((here.copy(), here_z.copy()))
    return np.concatenate([t for t, _ in kept]), np.concatenate([x for _, x in kept])
