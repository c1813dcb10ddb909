"""Expected variance reduction of an answer by an observation: regression on draws (Strong, Oakley, Brennan & Breeze 2015).

An observation is simulated for every draw of the posterior. The answer's conditional mean is a smooth function of the
observation, estimated by regression: a straight line or cubic splines, whichever has the smallest leave-one-out error. The
expected posterior variance is the mean over observations of the answer's conditional variance.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.interpolate import BSpline
from scipy.special import ndtri

Floats = npt.NDArray[np.float64]

KNOTS: Final = (0, 3, 7, 15)  # inside; the curves that are tried beside a straight line
DRAWS_EACH: Final = 8  # draws a term of the regression, at least
CUBIC: Final = 3


def left_over(answers: Floats, observed: Floats) -> Floats:
    """(answers,): the expected sd of each answer (n, answers) after the observation, as a share of today's.

    ``observed`` (n,): as it would be at each draw, its error in it. 1 where the observation does not reduce the variance, or there is none to reduce.
    """
    left = np.ones(answers.shape[1])
    known = np.isfinite(observed) & np.isfinite(answers).all(axis=1)
    y, x = answers[known], observed[known]
    if len(y) < 2 * DRAWS_EACH or not x.std() > 0.0:
        return left
    sd = y.std(axis=0)
    moves = sd > 1e-9 * np.maximum(np.abs(y).max(axis=0), 1e-12)
    if not moves.any():
        return left
    at = ndtri((x.argsort().argsort() + 0.5) / len(x))  # evenly spread, whatever its scale
    off = np.min([_left_out(terms, y[:, moves]) for terms in _curves(at)], axis=0)
    left[moves] = np.minimum(np.sqrt(off) / sd[moves], 1.0)
    return left


def _curves(at: Floats) -> Iterator[Floats]:
    """Terms of the regressions, (n, terms)."""
    yield np.column_stack([np.ones(len(at)), at])
    for inside in KNOTS:
        if len(at) < DRAWS_EACH * (inside + CUBIC + 1):
            return
        ends = at.min(), at.max()
        knots = np.quantile(at, np.arange(1, inside + 1) / (inside + 1))
        whole = np.concatenate([[ends[0]] * (CUBIC + 1), knots, [ends[1]] * (CUBIC + 1)])
        yield BSpline.design_matrix(at, whole, CUBIC).toarray()


def _left_out(terms: Floats, y: Floats) -> Floats:
    """Mean squared error of predicting each draw from all others, of each column of ``y``, by least squares."""
    q, _ = np.linalg.qr(terms)
    off = y - q @ (q.T @ y)
    own = np.minimum((q * q).sum(axis=1), 1.0 - 1e-9)
    return np.asarray(((off / (1.0 - own)[:, None]) ** 2).mean(axis=0))
