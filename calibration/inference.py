"""Inference for a minimum-distance estimate: pure functions of matrices.

m: moments, p: parameters. ``jacobian`` (m, p): derivative of the model's moments; ``weights`` (m, m): of the distance;
``cov`` (m, m): of (model moments - printed moments) at the truth: sampling of the province, (1 + 1/S) times where the
model's moments are simulated with S draws, rounding, discrepancy.

Sources: McFadden (1989) and Pakes & Pollard (1989) for the simulated estimator and its (1 + 1/S); Hansen (1982) for the
test of over-identification; Andrews, Gentzkow & Shapiro (2017, QJE) for sensitivity. The algebra is held against
``estimagic`` and against numbers worked out by hand in the tests.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, chdtri, chndtr

Floats = npt.NDArray[np.float64]

SINGULAR = 1e-9  # singular values below this share of the largest are zero


def inverse(cov: Floats) -> Floats:
    """The inverse of a covariance matrix: the weights of a distance."""
    return np.asarray(np.linalg.inv(cov), dtype=np.float64)


def bread(jacobian: Floats, weights: Floats, prior: Floats | None = None) -> Floats:
    """(G'WG + P)^-1, (p, p); ``prior``: precision matrix P, nothing if None. Pseudo-inverse where singular."""
    a = jacobian.T @ weights @ jacobian + (0.0 if prior is None else prior)
    return np.asarray(np.linalg.pinv(a, rcond=SINGULAR, hermitian=True))


def sandwich(jacobian: Floats, weights: Floats, cov: Floats) -> Floats:
    """Covariance (p, p) of the estimate: (G'WG)^-1 G'W cov WG (G'WG)^-1."""
    inner = bread(jacobian, weights) @ jacobian.T @ weights
    return np.asarray(inner @ cov @ inner.T)


def sensitivity(jacobian: Floats, weights: Floats, prior: Floats | None = None) -> Floats:
    """(p, m): change of the estimate per unit of each printed moment, (G'WG + P)^-1 G'W.

    Andrews, Gentzkow & Shapiro write Lambda = -(G'WG)^-1 G'W for moments g = model - data; printed moments enter g with
    a minus, hence the sign here.
    """
    return np.asarray(bread(jacobian, weights, prior) @ jacobian.T @ weights)


def inflated(sampling: Floats, simulated: npt.NDArray[np.bool_], draws: int) -> Floats:
    """Sampling covariance with (1 + 1/S) on the block of moments that are simulated."""
    both = np.outer(simulated, simulated)
    return np.asarray(np.where(both, sampling * (1.0 + 1.0 / draws), sampling))


@dataclass(frozen=True, slots=True)
class Test:
    """Over-identification: ``statistic`` ~ chi2(``freedom``) if the model is right; ``p``; ``critical`` at ``level``."""

    statistic: float
    freedom: int
    p: float
    level: float
    critical: float


def over_identification(
    residual: Floats, jacobian: Floats, cov: Floats, level: float = 0.05, scale: Floats | None = None
) -> Test:
    """J = g' cov^-1 g at the estimate made with W = cov^-1, against chi2 with a moment's freedom for each that the parameters do
    not take up (``taken_up``). No freedom, no test: p is nan.
    """
    statistic = float(residual @ np.linalg.solve(cov, residual))
    freedom = len(residual) - taken_up(jacobian, cov, scale).shape[1]
    if freedom <= 0:
        return Test(statistic, 0, float("nan"), level, float("nan"))
    return Test(statistic, freedom, float(chdtrc(freedom, statistic)), level, float(chdtri(freedom, level)))


def power(
    jacobian: Floats, cov: Floats, wrong: Floats, level: float = 0.05, scale: Floats | None = None
) -> Floats:
    """(m,): chance that the test rejects when one moment alone is off by ``wrong`` (m,), others right.

    An error in moment i shifts the whitened residual by L^-1 e_i wrong_i less what the parameters take up; its squared
    length is the non-centrality of the chi-square.
    """
    half = np.linalg.inv(np.linalg.cholesky(cov))
    fitted = taken_up(jacobian, cov, scale)
    freedom = len(cov) - fitted.shape[1]
    if freedom <= 0:
        return np.full(len(cov), level)
    shift = (np.eye(len(cov)) - fitted @ fitted.T) @ half * wrong
    return np.asarray(1.0 - chndtr(chdtri(freedom, level), freedom, (shift**2).sum(axis=0)))


def taken_up(jacobian: Floats, cov: Floats, scale: Floats | None = None) -> Floats:
    """(m, k) orthonormal: along which directions of the whitened moments the parameters follow print whatever it says.

    ``scale`` (p,): prior standard deviations; a direction along which the whole of them moves the moments by less than one
    standard error follows nothing, and to take a degree of freedom for it would make the test reject what is right.
    Without ``scale`` every direction counts that is not flat.
    """
    left, values, _ = np.linalg.svd(
        whitened(jacobian, cov) * (1.0 if scale is None else scale), full_matrices=False
    )
    least = 1.0 if scale is not None else SINGULAR * values.max(initial=0.0)
    return np.asarray(left[:, values > max(least, np.finfo(float).tiny)])


def whitened(jacobian: Floats, cov: Floats) -> Floats:
    """L^-1 G with cov = L L': derivatives in units of the moments' errors."""
    return np.asarray(np.linalg.solve(np.linalg.cholesky(cov), jacobian))


def scaled_singular(jacobian: Floats, cov: Floats, scale: Floats) -> tuple[Floats, Floats]:
    """Singular values of the Jacobian in units of the moments' errors and of the parameters' prior sd; directions.

    A value of 1 means: along that direction (a row of the second result) the data say as much as the prior.
    """
    _, values, directions = np.linalg.svd(whitened(jacobian, cov) * scale, full_matrices=True)
    full = np.zeros(jacobian.shape[1])
    full[: len(values)] = values
    return full, np.asarray(directions)
