"""The posterior of one interpretation: independent runs of importance sampling, and whether they may be trusted.

A run draws its own population (``ensemble``), lays a surrogate through it, samples that, looks at the truth at what was
drawn, and does so again with what it has learnt; its last draws are weighed by true density / surrogate density. Runs
know nothing of each other: that they agree is the evidence that each has found the whole posterior.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.estimation.density import Density, Terms, joined
from calibration.estimation.ensemble import assimilated, prior_population
from calibration.estimation.surrogate import Surrogate, surrogate, walk
from calibration.proposal import smoothed
from calibration.weights import effective, resampled

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much a run does. ``members``: of the population; ``totals``: simulated totals a vector (S); ``rounds``: surrogates
    before the last; ``each``: walkers, and vectors looked at in each round; ``steps`` of a walk in a round; ``first``: steps
    of the last walk that are thrown away; ``apart``: steps between its states that are used; ``states``: of these, all walkers
    weighed.
    """

    members: int = 256
    totals: int = 32
    rounds: int = 10
    each: int = 256
    steps: int = 40
    first: int = 120
    apart: int = 30
    states: int = 14


USUAL: Final = Effort()
BRIDGE: Final = 2000  # draws of the law that the surrogate's normalising constant is found with


@dataclass(frozen=True, slots=True)
class Run:
    """Weighted draws of one run. ``y``: (n, p) straight coordinates; ``log_weight``: (n,) true less surrogate log density, plus
    the surrogate's constant, so that the mean weight estimates the marginal likelihood.
    """

    y: Floats
    log_weight: Floats
    terms: Terms = field(repr=False)
    evaluations: int
    seconds: float

    @property
    def log_marginal(self) -> float:
        """Log marginal likelihood."""
        return float(np.logaddexp.reduce(self.log_weight) - np.log(len(self.log_weight)))

    @property
    def effective(self) -> float:
        """Equal weights that these are worth."""
        return effective(self.log_weight)


def run(one: Density, seed: int, effort: Effort = USUAL) -> Run:
    """One run from its own random numbers; the simulated totals are common to all."""
    began = time.process_time()
    rng = np.random.default_rng((seed, 3))
    one = one.drawing(effort.totals)
    ways, found = assimilated(one, prior_population(one, effort.members, seed), seed)
    y, terms = np.concatenate(ways[-3:]), joined(found[-3:])
    for number in range(effort.rounds):
        laid = surrogate(one, y, terms)
        start = _start(y, terms, effort.each, rng)
        drawn = walk(laid, start, effort.steps, (seed, 20 + number), effort.steps)[-1]
        y, terms = np.concatenate([y, drawn]), joined([terms, one.terms(drawn)])
    laid = surrogate(one, y, terms)
    settled = walk(laid, _start(y, terms, effort.each, rng), effort.first, (seed, 5), effort.first)[-1]
    states = walk(laid, settled, effort.apart * effort.states, (seed, 6), effort.apart)
    drawn = states.reshape(-1, y.shape[1])
    exact = one.terms(drawn)
    log_weight = exact.log_posterior - laid.log_density(drawn) + _normalising(laid, drawn, rng)
    evaluations = len(ways) * effort.members + effort.rounds * effort.each + len(drawn)
    return Run(drawn, log_weight, exact, evaluations, time.process_time() - began)


def _start(y: Floats, terms: Terms, number: int, rng: np.random.Generator) -> Floats:
    """Where walkers begin: the likelier of the vectors seen, each once, moved a little so that none are in line."""
    order = np.argsort(-terms.log_posterior)[: 2 * number]
    chosen = y[rng.choice(order, number, replace=len(order) < number)]
    return np.asarray(chosen + 1e-3 * rng.standard_normal(chosen.shape))


def _normalising(laid: Surrogate, drawn: Floats, rng: np.random.Generator) -> float:
    """Log of the integral of the surrogate's density, by bridge sampling (Meng & Wong 1996) from a mixture of Student laws."""
    half = len(drawn) // 2
    law = smoothed(drawn[:half], np.zeros(half), rng)
    own, other = drawn[half:], law.draw(BRIDGE, rng)
    log_own = laid.log_density(own) - law.log_density(own)
    log_other = laid.log_density(other) - law.log_density(other)
    n, m = len(own), len(other)
    log_r = 0.0
    middle = float(np.median(log_own))
    a, b = log_own - middle, log_other - middle
    for _ in range(200):
        top = np.logaddexp.reduce(
            b - np.logaddexp(np.log(n / (n + m)) + b, np.log(m / (n + m)) + log_r)
        ) - np.log(m)
        below = np.logaddexp.reduce(
            -np.logaddexp(np.log(n / (n + m)) + a, np.log(m / (n + m)) + log_r)
        ) - np.log(n)
        new = float(top - below)
        if abs(new - log_r) < 1e-8:
            break
        log_r = new
    return log_r + middle


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """``rhat``: (p,) rank-normalised, over runs; ``pareto_k``: of all weights, the worst run's; ``effective``: what all weights are
    worth; ``tail``: (p,) the least that 5 and 95 % quantiles of each parameter are worth; ``marginal_sd``: of the runs'
    log marginal likelihoods.
    """

    rhat: Floats
    pareto_k: float
    effective: float
    tail: Floats
    marginal_sd: float

    def refusal(self) -> str:
        """Why the draws must not be used; empty if they may."""
        if not self.pareto_k < GOOD_K:
            return f"Pareto k {self.pareto_k:.2f}, not below {GOOD_K:g}"
        if not float(np.max(self.rhat)) < GOOD_RHAT:
            return f"R-hat {np.max(self.rhat):.3f}, not below {GOOD_RHAT:g}"
        least = min(self.effective, float(np.min(self.tail)))
        if not least >= GOOD_SIZE:
            return f"effective draws {least:.0f}, fewer than {GOOD_SIZE:.0f}"
        return ""


GOOD_RHAT: Final = 1.01
GOOD_K: Final = 0.7
GOOD_SIZE: Final = 400.0


@dataclass(frozen=True, slots=True)
class Posterior:
    """All runs of one interpretation. ``theta``: (n, p) parameter vectors; ``weight``: (n,), adding up to 1."""

    one: Density = field(repr=False)
    runs: tuple[Run, ...] = field(repr=False)
    theta: Floats = field(repr=False)
    weight: Floats = field(repr=False)
    diagnostics: Diagnostics

    @property
    def log_marginal(self) -> float:
        """Log marginal likelihood of the published numbers (and of the facts, where they are fitted): runs pooled."""
        each = np.array([one.log_marginal for one in self.runs])
        return float(np.logaddexp.reduce(each) - np.log(len(each)))

    def draws(self, number: int, seed: int) -> Floats:
        """(number, p) draws of equal weight."""
        return self.theta[resampled(self.weight, number, np.random.default_rng((seed, 9)))]


def posterior(one: Density, runs: Sequence[Run]) -> Posterior:
    """Runs pooled, each weighed by its own estimate of the marginal likelihood."""
    y = np.concatenate([part.y for part in runs])
    log_weight = np.concatenate([part.log_weight for part in runs])
    weight = np.exp(log_weight - log_weight.max())
    theta, _ = one.straight.back(y)
    return Posterior(one, tuple(runs), theta, weight / weight.sum(), diagnosed(runs))


def diagnosed(runs: Sequence[Run]) -> Diagnostics:
    """By the field's rules: Vehtari et al. 2021 (R-hat), Vehtari et al. 2024 (Pareto k)."""
    from arviz_stats.base import array_stats

    log_weight = np.concatenate([part.log_weight for part in runs])
    y = np.concatenate([part.y for part in runs])
    each = min(len(part.y) for part in runs)
    rng = np.random.default_rng(11)
    alike = np.stack(
        [part.y[resampled(_plain(part.log_weight), each, rng)] for part in runs]
    )  # (run, draw, p)
    rhat = np.array(
        [array_stats.rhat(alike[:, :, i], chain_axis=0, draw_axis=1) for i in range(y.shape[1])],
        dtype=np.float64,
    )
    # ArviZ takes log likelihoods left out, whose weights are their inverses: hence the sign.
    with np.errstate(divide="ignore", invalid="ignore"):  # hardly any weight but one
        k = max(float(array_stats.psislw(-part.log_weight)[1]) for part in runs)
    w = _plain(log_weight)
    tail = np.array([min(_worth(y[:, i], w, q) for q in (0.05, 0.95)) for i in range(y.shape[1])])
    sd = float(np.std([part.log_marginal for part in runs], ddof=1)) if len(runs) > 1 else np.nan
    return Diagnostics(rhat, k, effective(log_weight), tail, sd)


def _plain(log_weight: Floats) -> Floats:
    w = np.exp(log_weight - log_weight.max())
    return np.asarray(w / w.sum())


def _worth(x: Floats, weight: Floats, q: float) -> float:
    """Independent draws that would tell the quantile's probability as well."""
    order = np.argsort(x)
    at = x[order][min(int(np.searchsorted(np.cumsum(weight[order]), q)), len(x) - 1)]
    below = (x <= at).astype(np.float64)
    p = float(weight @ below)
    error = float((weight**2 * (below - p) ** 2).sum())
    return p * (1.0 - p) / error if error > 0.0 else 0.0
