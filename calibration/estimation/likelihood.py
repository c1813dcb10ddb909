"""The likelihood of the published figures: exact for counts, synthetic for the aggregates, discrepancy in both and nowhere hidden.

Sale rates: sold given the published denominator is binomial; with a discrepancy of sd d on the rate it is
beta-binomial, the beta distribution having mean r and sd d. How many lots the denominator holds: normal in the log, with the
variance of ``moments.count`` (chance, timing) and the discrepancy.

Aggregates of a window (log mean price, log commission share, log of 1 + premium): no density is known, so draws at the
parameters stand for it (synthetic likelihood: Wood 2010). At six effective lots they are not normal, so the semi-
parametric form is used (An, Nott & Drovandi 2020): kernel estimates for each, a normal copula between them. One large
lot may take a premium further than any of few draws went, so the kernel has Student t tails: with normal ones a
published figure beyond the draws is next to impossible, and the posterior too narrow. Discrepancy and rounding add to the kernel's
variance and weaken the copula's correlations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, gammaln, ndtri

from calibration.forward_model.moments import Moment, Prediction
from sim.theory.compiled import compiled

Floats = npt.NDArray[np.float64]

FARTHEST = 6.0  # normal scores are cut off there
# The kernel: degrees of freedom, and width beside Silverman's for a normal one. Of those tried (normal, 3 to 7 degrees; 0.7,
# 1, 1.4) they give the published figures of simulated provinces the highest density at the true parameters, with 16, 32 and
# 64 draws alike.
FREEDOM = 3.0
WIDTH = 0.7
LESS = 0.98  # correlations are weakened by this, so that none is 1


@dataclass(frozen=True, slots=True)
class ByMoment:
    """Log likelihoods of n vectors: ``counts`` (n, counts), ``totals`` (n, windows with aggregates). ``residuals`` (n, counts):
    signed roots of twice what each count's lacks of its best, near standard normal; ``off`` (n, aggregates): standardised
    distances of the simulated totals' means.
    """

    counts: Floats
    residuals: Floats
    totals: Floats
    off: Floats


def by_moment(moments: Sequence[Moment], prediction: Prediction) -> ByMoment:
    """The terms of the likelihood, one by one."""
    n = len(prediction.mean)
    counts, residuals, off = [], [], []
    for i, one in enumerate(moments):
        variance = prediction.cov[:, i, i] + one.rounding**2 + one.discrepancy**2
        with np.errstate(divide="ignore", invalid="ignore"):  # draws that are all alike, or undefined
            z = (prediction.mean[:, i] - one.observed) / np.sqrt(variance)
        if one.aggregate:
            off.append(z)
            continue
        found, best = _count(one, prediction.mean[:, i], prediction.cov[:, i, i])
        counts.append(found + one.log_jacobian)
        residuals.append(np.sign(z) * np.sqrt(np.maximum(2.0 * (best - found), 0.0)))
    by_count, root, mean = (np.stack(p, axis=1) if p else np.empty((n, 0)) for p in (counts, residuals, off))
    return ByMoment(by_count, root, totals(moments, prediction.draws), mean)


def totals(moments: Sequence[Moment], draws: Floats) -> Floats:
    """(n, windows) log densities of each window's aggregates. ``draws``: (n, S, moments), those of counts not used."""
    mine = [i for i, one in enumerate(moments) if one.aggregate]
    if not mine:
        return np.empty((len(draws), 0))
    every = [moments[i] for i in mine]
    x = np.ascontiguousarray(np.swapaxes(draws, 1, 2)[:, mine])
    log_f, below, weaker = _kernels(x, every)
    score = np.clip(ndtri(below), -FARTHEST, FARTHEST)
    found = []
    for w in sorted({one.window for one in every}):
        of = np.flatnonzero([one.window == w for one in every])
        density = log_f[:, of].sum(axis=1) + sum(every[i].log_jacobian for i in of)
        if len(of) > 1:
            density += _copula(score[:, of], _correlations(x, of, weaker, _scores(x.shape[2])))
        found.append(density)
    return np.stack(found, axis=1)


def _count(one: Moment, mean: Floats, variance: Floats) -> tuple[Floats, Floats | float]:
    """Log density of a count's moment, and the most that it could be."""
    if one.name == "sale_rate" and np.isfinite(one.number) and one.number > 0:
        sold = round(one.observed * one.number)
        best = beta_binomial(sold, one.number, np.array([one.observed]), one.discrepancy)
        return beta_binomial(sold, one.number, mean, one.discrepancy), float(best[0])
    whole = variance + one.rounding**2 + one.discrepancy**2
    best = -0.5 * np.log(2.0 * np.pi * whole)
    return np.asarray(-0.5 * (one.observed - mean) ** 2 / whole + best), best


def beta_binomial(sold: float, number: float, rate: Floats, sd: float) -> Floats:
    """log P(sold of number), the rate itself spread by ``sd`` around ``rate`` (n,); binomial where sd is 0."""
    r = np.clip(rate, 1e-9, 1.0 - 1e-9)
    ways = float(gammaln(number + 1.0) - gammaln(sold + 1.0) - gammaln(number - sold + 1.0))
    if sd <= 0.0:
        return np.asarray(ways + sold * np.log(r) + (number - sold) * np.log1p(-r))
    size = np.maximum(r * (1.0 - r) / sd**2 - 1.0, 1e-3)  # a + b of the beta distribution
    return np.asarray(
        ways + betaln(sold + r * size, number - sold + (1.0 - r) * size) - betaln(r * size, (1.0 - r) * size)
    )


def _kernels(draws: Floats, moments: Sequence[Moment]) -> tuple[Floats, Floats, Floats]:
    """Of draws (n, aggregates, S): log density and distribution function of each kernel estimate at what was reported, and how much
    the variance that this has of its own, beside the draws', weakens correlations; (n, aggregates) each.

    The kernel is Student's t with three degrees of freedom, density 2 / (pi sqrt 3 (1 + t^2 / 3)^2).
    """
    own = np.array([one.rounding**2 + one.discrepancy**2 for one in moments])
    y = np.array([one.observed for one in moments])
    variance = draws.var(axis=2, ddof=1)
    # A Student t's variance is more than its width's square: own variance counts in full.
    silverman = (WIDTH * 1.06) ** 2 * draws.shape[2] ** -0.4
    width = np.sqrt(silverman * variance + own * (FREEDOM - 2.0) / FREEDOM)
    with np.errstate(divide="ignore", invalid="ignore"):  # draws that are all alike, or undefined
        x = (y[:, None] - draws) / (np.sqrt(3.0) * width)[..., None]
        far = 1.0 + x * x
        nearest = far.min(axis=2)
        height = np.square(nearest[..., None] / far).mean(axis=2)
        log_f = np.log(2.0 / (np.pi * np.sqrt(3.0)) * height) - 2.0 * np.log(nearest) - np.log(width)
        below = 0.5 + (x / far + np.arctan(x)).mean(axis=2) / np.pi
        weaker = np.sqrt(variance / (variance + own))
    known = width > 0.0
    return np.where(known, log_f, -np.inf), np.where(known, below, 0.5), np.where(known, weaker, 0.0)


@lru_cache(maxsize=8)
def _scores(s: int) -> Floats:
    """Normal scores of the ranks of s draws."""
    return np.asarray(ndtri(np.arange(1.0, s + 1.0) / (s + 1.0)))


@compiled
def _correlations(draws: Floats, of: npt.NDArray[np.intp], weaker: Floats, scores: Floats) -> Floats:
    """(n, k, k) correlations of the normal scores of some draws, (n, aggregates, S), weakened, and a little so that they have a
    Cholesky factor. Every step of a walker on the surrogate asks for them; counting ranks of some dozens is faster than sorting.
    """
    n, k, s = len(draws), len(of), draws.shape[2]
    found, z = np.ones((n, k, k)), np.empty((k, s))
    whole = (scores * scores).sum()
    for i in range(n):
        for a in range(k):
            one = draws[i, of[a]]
            for d in range(s):
                rank, own = 0, one[d]
                for e in range(s):
                    rank += 1 if one[e] < own else 0
                for e in range(d):
                    rank += 1 if one[e] == own else 0
                z[a, d] = scores[rank]
            for b in range(a):
                together = weaker[i, of[a]] * weaker[i, of[b]] * (z[a] * z[b]).sum() / whole
                found[i, a, b] = found[i, b, a] = LESS * together
    return found


@compiled
def _copula(score: Floats, correlation: Floats) -> Floats:
    """(n,) log density of the normal copula at normal scores (n, k), by Cholesky factors of the correlations (n, k, k), whose
    diagonal is taken as 1; -inf where they are none.
    """
    n, k = score.shape
    found, root, solved = np.zeros(n), np.zeros((k, k)), np.empty(k)
    for i in range(n):
        for a in range(k):
            for b in range(a + 1):
                left = correlation[i, a, b] if b < a else 1.0
                for c in range(b):
                    left -= root[a, c] * root[b, c]
                root[a, b] = left / root[b, b] if b < a else np.sqrt(max(left, 0.0))
            solved[a] = score[i, a]
            for c in range(a):
                solved[a] -= root[a, c] * solved[c]
            if not root[a, a] > 0.0:
                found[i] = -np.inf
                break
            solved[a] /= root[a, a]
            found[i] += 0.5 * (score[i, a] ** 2 - solved[a] ** 2) - np.log(root[a, a])
    return found
