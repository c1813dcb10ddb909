"""Parameters estimated from lots: maximum likelihood, posterior, and what the rows leave open.

Four models explain why a second auction sells more than the first: ``base`` (more people can pay), ``response`` (the lower start
also draws people), ``waiting`` (some who could have paid waited), ``both``. Interest is the same in every round otherwise.

The posterior is sampled by adaptive importance sampling (Cornuet, Marin, Mira & Robert 2012) in normal scores of the prior: draws of
the prior; around modes, climbed to from draws of the prior that are unlike one another, for rows may have two explanations; of laws
with the mean and covariance of the draws around each; at last of a kernel estimate of all. Where few of them count, of a kernel
estimate of where walkers go that began at them. All are weighed as draws of the mixture of these laws, and resampled; the mean
weight is the marginal likelihood.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import ndtr, ndtri

from calibration.estimation.kernel_density import Proposal, smoothed
from calibration.estimation.walk import walked
from calibration.estimation.weights import effective, resampled, tempering
from calibration.lots.histories import Floats
from calibration.lots.likelihood import Likelihood
from calibration.random_streams import Purpose, stream
from calibration.targets.parameter_space import Free, Slot, Space

PARAMETERS: Final = Path(__file__).with_name("parameters.toml")
EXTRA: Final = {
    "base": (),
    "response": ("price_elasticity",),
    "waiting": ("waiting_share",),
    "both": ("price_elasticity", "waiting_share"),
}
BEHAVIOUR: Final = EXTRA["both"]
SAME: Final = 0.01  # standard deviation of ln(start / reference) below which starts never varied
SILENT: Final = 0.1  # of the prior's 95 % interval: what narrows it by less is not identified
STEP: Final = 1e-3  # of numerical second derivatives, in normal scores
WIDE: Final = 1.5  # how much wider than the curvature at the mode the first draws around it are
FAR: Final = 50.0  # squared deviations from a law's mean beyond which it draws nobody
MATCHED: Final = 40.0  # effective draws to which weights are tempered for a mean and a covariance
WALKERS: Final = 48
STRIDE: Final = 12  # steps of all walkers between states that are kept, the first for settling
STATES: Final = 7
EDGE: Final = 1e-9
FEW: Final = (
    100.0  # effective draws below which intervals and the marginal likelihood are not to be relied on
)


@dataclass(frozen=True, slots=True)
class Effort:
    """``prior``: draws of the prior; ``starts``: modes climbed to; ``learning``: draws of each of ``generations`` around a mode;
    ``draws``: of the kernel estimate; ``least``: effective ones below which walkers are sent on and another is made, up to ``most``
    times; ``steps``: of each climb; ``candidates``: draws of prior and posterior each, among which a climb to the best fit of moments
    begins.
    """

    prior: int = 400
    starts: int = 3
    learning: int = 200
    generations: int = 6
    draws: int = 1500
    least: float = 150.0
    most: int = 2
    steps: int = 40
    candidates: int = 100


FULL: Final = Effort()
QUICK: Final = Effort(prior=200, starts=2, learning=150, generations=6, draws=800, least=150.0, most=2)


@lru_cache(maxsize=1)
def parameters() -> dict[str, Free]:
    """All parameters by name."""
    found = {}
    for one in tomllib.loads(PARAMETERS.read_text(encoding="utf-8"))["free"]:
        blank = Free(
            name=one["name"], en=one["en"], zh=one["zh"], paths=(one["name"],), base=(1.0,), transform=one["transform"], low=0.0, high=0.0,
            mean=None, sd=None, scale=False, by_period=False, explains=None, source=one["source"],
        )  # fmt: skip
        low, high = (float(blank.inner(one[end])) for end in ("low", "high"))
        found[one["name"]] = replace(blank, low=low, high=high)
    return found


def space_of(model: str) -> Space:
    """Free parameters of a model."""
    out = [name for name in BEHAVIOUR if name not in EXTRA[model]]
    return Space(tuple(Slot(one, None) for name, one in parameters().items() if name not in out))


def plain(space: Space, theta: Floats) -> list[dict[str, float]]:
    """Parameter vectors (n, p) as values by name."""
    return [dict(zip(space.names, row, strict=True)) for row in space.plain(theta).tolist()]


@dataclass(frozen=True, slots=True)
class Estimate:
    """``theta``: (n, p) draws of the posterior; ``best``: (p,) the likeliest vector, with its log likelihood; ``log_marginal``: of the rows, up to
    a constant that models of the same rows share; ``effective``: how many independent draws they are worth.
    """

    model: str
    space: Space = field(repr=False)
    theta: Floats = field(repr=False)
    best: Floats
    log_likelihood: float
    log_marginal: float
    effective: float
    evaluations: int
    varied: float  # standard deviation of ln(start / reference) in the rows

    def draws(self) -> Floats:
        """(n, p), plain."""
        return self.space.plain(self.theta)

    def interval(self, name: str, level: float = 0.95) -> tuple[float, float, float]:
        """Lower end, median, upper end."""
        x = self.draws()[:, self.space.names.index(name)]
        low, middle, high = np.quantile(x, [(1.0 - level) / 2.0, 0.5, (1.0 + level) / 2.0])
        return float(low), float(middle), float(high)

    @property
    def few(self) -> bool:
        """Whether too few draws count for intervals, answers and the marginal likelihood to be relied on."""
        return self.effective < FEW

    def narrowing(self, name: str) -> float:
        """By how much the posterior's 95 % interval is narrower than the prior's, 0 to 1, on the parameter's scale."""
        i = self.space.names.index(name)
        low, high = np.quantile(self.theta[:, i], [0.025, 0.975])
        unit = np.array([[0.025], [0.975]]).repeat(len(self.space.names), axis=1)
        before = np.diff(self.space.from_unit(unit)[:, i])[0]
        return max(1.0 - float((high - low) / before), 0.0)

    def identified(self, name: str) -> bool:
        """Whether the rows say anything of a parameter. Of a response to the start they cannot where starts never varied."""
        if name in BEHAVIOUR and self.varied < SAME:
            return False
        return self.narrowing(name) >= SILENT


def lowest(
    f: Callable[[Floats], float], start: Floats, ends: tuple[float, float], steps: int = 100
) -> tuple[Floats, float]:
    """Where a function is lowest downhill of ``start``, every coordinate between ``ends``; and how low."""
    options: Any = {"maxiter": steps, "eps": 1e-6 if ends == (0.0, 1.0) else 1e-5}
    done: Any = minimize(f, start, method="L-BFGS-B", bounds=[ends] * len(start), options=options)
    return np.asarray(done.x, dtype=np.float64), float(done.fun)


class _Target:
    """Log posterior density in normal scores, up to a constant; counts its evaluations."""

    def __init__(self, likelihood: Likelihood, space: Space) -> None:
        self.likelihood, self.space, self.evaluations = likelihood, space, 0

    def theta(self, y: Floats) -> Floats:
        return np.asarray(self.space.from_unit(np.clip(ndtr(y), EDGE, 1.0 - EDGE)))

    def log_likelihoods(self, y: Floats) -> Floats:
        self.evaluations += len(y)
        found = [self.likelihood.log_likelihood(one) for one in plain(self.space, self.theta(y))]
        return np.asarray(np.nan_to_num(np.array(found), nan=-1e9, neginf=-1e9), dtype=np.float64)

    def log_density(self, y: Floats) -> Floats:
        return np.asarray(self.log_likelihoods(y) - 0.5 * (y**2).sum(axis=1))

    def one(self, y: Floats) -> float:
        return float(self.log_likelihoods(y[None, :])[0]) - 0.5 * float(y @ y)


def estimate(likelihood: Likelihood, model: str, effort: Effort = FULL, seed: int = 1) -> Estimate:
    """The posterior of a model, and its likeliest vector."""
    space = space_of(model)
    rng = stream(seed, Purpose.LOTS, list(EXTRA).index(model))
    target = _Target(likelihood, space)
    drawn = _Drawn(target, rng)
    drawn.add(_Prior(len(space.slots)), effort.prior)
    begun, found = drawn.y, drawn.log_likelihood
    laws: list[Proposal] = []
    for _ in range(effort.starts):
        start = _unlike(begun, found, laws)
        if start is None:
            break
        near, law = _near(target, start, effort, rng)
        drawn.join(near)
        laws.append(law)
    drawn.add(smoothed(drawn.y, drawn.log_weight, rng), effort.draws)
    for _ in range(effort.most):
        if effective(drawn.log_weight) >= effort.least:
            break
        there = drawn.walked()
        drawn.add(smoothed(there, np.zeros(len(there)), rng), effort.draws)
    log_weight = drawn.log_weight
    weight = np.exp(log_weight - log_weight.max())
    best, height = _likeliest(target, drawn.likeliest, effort.steps)
    return Estimate(
        model, space, target.theta(drawn.y[resampled(weight, effort.draws, rng)]), best, height,
        float(np.log(weight.mean()) + log_weight.max()), effective(log_weight), target.evaluations, likelihood.lots.varied,
    )  # fmt: skip


def _unlike(y: Floats, log_likelihood: Floats, laws: Sequence[Proposal]) -> Floats | None:
    """The likeliest of some vectors that none of these laws would draw; None if they would draw all."""
    far = np.all([law.size(y) > FAR for law in laws], axis=0) if laws else np.ones(len(y), dtype=np.bool_)
    return np.asarray(y[far][int(np.argmax(log_likelihood[far]))]) if far.any() else None


def _near(
    target: _Target, start: Floats, effort: Effort, rng: np.random.Generator
) -> tuple[_Drawn, Proposal]:
    """Draws around the mode uphill of a vector, and the law that they have in the end."""
    drawn = _Drawn(target, rng)
    mode = lowest(lambda x: -target.one(x), start, (-8.0, 8.0), effort.steps)[0]
    law = _around(target, mode)
    for _ in range(effort.generations):
        drawn.add(law, effort.learning)
        law = drawn.matched()
    return drawn, law


@dataclass(frozen=True, slots=True)
class _Prior:
    """The prior as a proposal: standard normal."""

    parameters: int

    def draw(self, number: int, rng: np.random.Generator) -> Floats:
        return rng.standard_normal((number, self.parameters))

    def log_density(self, y: Floats) -> Floats:
        return np.asarray(-0.5 * (y**2).sum(axis=1) - 0.5 * self.parameters * np.log(2.0 * np.pi))


class _Drawn:
    """Draws of all generations, weighed as draws of the mixture of all their proposals."""

    def __init__(self, target: _Target, rng: np.random.Generator) -> None:
        self.target, self.rng = target, rng
        self.prior = _Prior(len(target.space.slots))
        self.proposals: list[tuple[_Prior | Proposal, int]] = []
        self.y, self.log_likelihood = np.empty((0, self.prior.parameters)), np.empty(0)
        self.density = np.empty(0)  # log of the sum of proposals' densities, each times its number of draws

    def add(self, proposal: _Prior | Proposal, number: int) -> None:
        """One more generation."""
        new = proposal.draw(number, self.rng)
        own = proposal.log_density(np.concatenate([self.y, new])) + np.log(number)
        others = [of.log_density(new) + np.log(n) for of, n in self.proposals]
        before = np.logaddexp.reduce(others, axis=0) if others else np.full(number, -np.inf)
        self.density = np.logaddexp(np.concatenate([self.density, before]), own)
        self.y = np.concatenate([self.y, new])
        self.log_likelihood = np.concatenate([self.log_likelihood, self.target.log_likelihoods(new)])
        self.proposals.append((proposal, number))

    def join(self, other: _Drawn) -> None:
        """Those of another, too."""
        self.proposals += other.proposals
        self.y = np.concatenate([self.y, other.y])
        self.log_likelihood = np.concatenate([self.log_likelihood, other.log_likelihood])
        parts = [of.log_density(self.y) + np.log(n) for of, n in self.proposals]
        self.density = np.logaddexp.reduce(parts, axis=0)

    @property
    def log_weight(self) -> Floats:
        """Posterior, unnormalised, over the mixture's density: their mean is the marginal likelihood."""
        return np.asarray(
            self.log_likelihood + self.prior.log_density(self.y) - self.density + np.log(len(self.y))
        )

    @property
    def likeliest(self) -> Floats:
        return np.asarray(self.y[int(np.argmax(self.log_likelihood))])

    def walked(self) -> Floats:
        """States of walkers that began at the draws: where weights are uneven, walks still find all of the posterior."""
        log_weight = tempering(self.log_weight, MATCHED) * self.log_weight
        weight = np.exp(log_weight - log_weight.max())
        y = self.y[resampled(weight, WALKERS, self.rng)][None]
        y = y + 1e-3 * self.rng.standard_normal(y.shape)
        found = []
        for _ in range(STATES):
            y = walked(self.target, y, STRIDE, self.rng)
            found.append(y[0])
        return np.concatenate(found[1:])

    def matched(self) -> Proposal:
        """A Student t law with the mean and covariance of the draws, their weights tempered while few of them count."""
        log_weight = tempering(self.log_weight, MATCHED) * self.log_weight
        w = np.exp(log_weight - log_weight.max())
        w /= w.sum()
        mean = w @ self.y
        off = self.y - mean
        covariance = (off.T * w) @ off * WIDE + 1e-6 * np.eye(len(mean))
        return Proposal(mean[None, :], np.linalg.cholesky(covariance)[None])


def _around(target: _Target, mode: Floats) -> Proposal:
    """A Student t law with the curvature at a mode."""
    p = len(mode)
    steps = STEP * np.eye(p) * 10.0
    centre, hessian = target.one(mode), np.empty((p, p))
    ends = [(target.one(mode + s), target.one(mode - s)) for s in steps]
    for i in range(p):
        for j in range(i, p):
            if i == j:
                second = ends[i][0] - 2.0 * centre + ends[i][1]
            else:
                both = target.one(mode + steps[i] + steps[j]) + target.one(mode - steps[i] - steps[j])
                second = 0.5 * (both - sum(ends[i]) - sum(ends[j]) + 2.0 * centre)
            hessian[i, j] = hessian[j, i] = -second / (STEP * 10.0) ** 2
    size, axes = np.linalg.eigh(hessian)
    sd = WIDE / np.sqrt(np.maximum(size, 1.0))  # the prior has curvature 1
    return Proposal(mode[None, :], np.linalg.cholesky((axes * sd**2) @ axes.T + 1e-12 * np.eye(p))[None])


def _likeliest(target: _Target, y: Floats, steps: int) -> tuple[Floats, float]:
    """The vector of greatest likelihood within the ends of the priors, and its log likelihood."""
    unit = np.clip(ndtr(y), 1e-6, 1.0 - 1e-6)

    def off(u: Floats) -> float:
        return -float(target.log_likelihoods(ndtri(np.clip(u, EDGE, 1.0 - EDGE))[None, :])[0])

    u, height = lowest(off, unit, (0.0, 1.0), steps)
    return target.theta(ndtri(np.clip(u, EDGE, 1.0 - EDGE))[None, :])[0], -height


def separated(found: Sequence[Estimate], least: float = 3.0) -> bool:
    """Whether the rows prefer one of two models to the other by a Bayes factor of twenty or more (``least`` log points)."""
    first, second = (one.log_marginal for one in found)
    return abs(first - second) >= least
