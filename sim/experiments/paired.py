"""What a policy changes: differences within pairs that share their random draws.

The same replication under two scenarios has the same cases, lots, values and bidders (``sim.model.random_streams``), so most
of the randomness cancels in the difference. At known parameters the interval of the mean difference is Student's t over
replications: how exactly the mean effect is computed. It says nothing of parameters.

Under draws of the parameters (k = 1 .. K with weights w_k, R pairs each, every draw with random numbers of its own) the
differences of one history are split by the law of total variance:

    chance      W = sum w_k s_k^2                     variance within a draw
    parameters  B = v - n                             variance between draws' means,
                v = sum w_k (m_k - m)^2 / (1 - c)     less what Monte Carlo error puts into it,
                n = sum w_k (1 - w_k) s_k^2 / R / (1 - c),    c = sum w_k^2

B is unbiased and may come out below zero where the parameters hardly matter; it is then reported as 0. The interval does not
rest on it: ``predicted`` takes v and n with their degrees of freedom, those of v as Satterthwaite has them for unequal
weights, those of n for unequal variances. It is an interval for the policy's mean effect where the parameters are as
uncertain as the draws say. Where a single draw counts there is none. Effects over a posterior are skewed: from
``ENOUGH`` draws on the interval, as wide as it is, is laid about the mean as the ends of the draws' means lie about it.

What is only rounding error (``sim.measures.rounding``) is no difference, and no spread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sim.experiments.prediction_interval import half_width
from sim.measures.rounding import without_rounding
from sim.measures.summary import KEYS, Axes

Floats = npt.NDArray[np.float64]

ENOUGH: Final = 20  # draws from which skewness can be estimated


def keys(axes: Axes) -> dict[str, list[str]]:
    """The names of the cells, as columns."""
    shape = tuple(len(names) for names in axes)
    return {
        what: np.broadcast_to(
            np.array(names, dtype=object).reshape([-1 if i == j else 1 for j in range(len(axes))]), shape
        ).ravel().tolist()
        for i, (what, names) in enumerate(zip(KEYS, axes, strict=True))
    }  # fmt: skip


def paired(
    base: Floats, policy: Floats, weights: Floats | None = None, level: float = 0.95, *, lost: int = 0
) -> dict[str, Floats]:
    """Differences policy - base, cell by cell.

    ``base``, ``policy``: (draws, replications, cells), nan where undefined; a pair counts where both are defined.
    ``weights``: (draws,), adding up to 1; equal where left out; ``lost``: degrees of freedom that the differences have cost.
    Returns columns of (cells,):

    ``base``, ``policy``, ``difference``: means over the pairs; ``ci_low``, ``ci_high``: interval for the mean effect;
    ``low``, ``high``: central ``level`` of the differences of single histories; ``sd_monte_carlo``, ``sd_parameters``:
    square roots of W and B (the latter nan with one draw); ``half``: half-width of the interval from Monte Carlo error
    alone, which more replications narrow; ``half_parameters``: from the parameters alone, were every draw's effect
    computed exactly (nan with one draw); ``correlation`` of the two within a pair; ``variance_reduction``: variance of the difference without pairing / with it (inf where all pairs have the
    same difference); ``pairs``: how many.
    """
    draws, _, _ = base.shape
    w = np.full(draws, 1.0 / draws) if weights is None else weights
    known = np.isfinite(base) & np.isfinite(policy)
    sizes = np.where(known, np.maximum(np.abs(base), np.abs(policy)), 0.0)
    difference = np.where(known, without_rounding(policy - base, sizes), np.nan)
    size = sizes.max(axis=(0, 1))
    n = known.sum(axis=1)  # (draws, cells)
    counted = n >= (2 if draws > 1 else 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(counted, w[:, None], 0.0)
        share = share / share.sum(axis=0)

        def over(by_draw: Floats) -> Floats:
            """Weighted sum over the draws that count; nan where none does."""
            total: Floats = np.where(counted, share * by_draw, 0.0).sum(axis=0)
            return np.where(counted.any(axis=0), total, np.nan)

        mean_d, mean_0, mean_p = (_mean(x, known, n) for x in (difference, base, policy))
        off_d, off_0, off_p = (
            np.where(known, without_rounding(x - m[:, None], size), 0.0)
            for x, m in ((difference, mean_d), (base, mean_0), (policy, mean_p))
        )
        s_d, s_0, s_p = (_covariance(off, off, n) for off in (off_d, off_0, off_p))
        mean, chance = over(mean_d), over(s_d)
        half = _student(over(share * s_d / n), np.where(counted, n - 1.0, 0.0).sum(axis=0) - lost, level)
        if draws == 1:
            parameters, alone, reach = np.full_like(mean, np.nan), np.full_like(mean, np.nan), half
            below = np.full_like(mean, 0.5)
        else:
            between = without_rounding(mean_d - mean, size)
            parameters, alone, reach = under_draws(np.where(counted, share, 0.0), between, s_d, n, level)
            below = _below(np.where(counted, share, 0.0), between, level)
        apart = over(s_0 + s_p)
        low, high = _quantiles(difference, known, share / np.maximum(n, 1), level)
        return {
            "base": over(mean_0),
            "policy": np.where(mean == 0.0, over(mean_0), over(mean_p)),
            "difference": mean,
            "ci_low": mean - 2.0 * below * reach,
            "ci_high": mean + 2.0 * (1.0 - below) * reach,
            "low": low,
            "high": high,
            "sd_monte_carlo": np.sqrt(chance),
            "sd_parameters": np.sqrt(parameters),
            "half": half,
            "half_parameters": alone,
            "correlation": over(_covariance(off_0, off_p, n)) / np.sqrt(over(s_0) * over(s_p)),
            "variance_reduction": np.where(apart > 0.0, apart / chance, np.nan),
            "pairs": n.sum(axis=0).astype(np.float64),
        }


def under_draws(
    share: Floats, between: Floats, within: Floats, n: npt.NDArray[np.intp], level: float
) -> tuple[Floats, Floats, Floats]:
    """Variance that comes from the parameters, half-width of the interval from them alone, and of the whole: (cells,) each.

    All (draws, cells): weights of the draws that count, their means' distances from the grand mean, the variances
    within them, their numbers of pairs.
    """
    c = (share**2).sum(axis=0)
    left = np.where(c < 1.0, 1.0 - c, np.nan)
    v = np.where(share > 0.0, share * between**2, 0.0).sum(axis=0) / left
    f = left**2 / (c - 2.0 * (share**3).sum(axis=0) + c**2)
    error = np.where(share > 0.0, share * (1.0 - share) * within / n, 0.0)
    noise = error.sum(axis=0)
    most = np.where(share > 0.0, n - 1.0, 0.0).sum(axis=0)
    # The square of an estimated variance is too large on average: by (n + 1) / (n - 1).
    g = np.where(noise > 0.0, noise**2 / (error**2 / (n + 1.0)).sum(axis=0), most)
    reach = half_width(v, f, noise / left, np.clip(g, 1.0, most), c, level)
    parameters = np.maximum(v - noise / left, 0.0)
    return parameters, _student(parameters * (1.0 + c), f, level), reach


def _below(share: Floats, between: Floats, level: float) -> Floats:
    """(cells,): how much of the interval lies below the mean. Draws' weights and their means' distances from the grand mean,
    (draws, cells).
    """
    low, high = _quantiles(between[:, None], (share > 0.0)[:, None], share, level)
    skewed = ((share > 0.0).sum(axis=0) >= ENOUGH) & (low < 0.0) & (high > 0.0)
    return np.where(skewed, -low / np.where(skewed, high - low, 1.0), 0.5)


def _student(variance: Floats, degrees: Floats, level: float) -> Floats:
    """Half-width of Student's interval; nan without degrees of freedom."""
    from scipy.special import stdtrit

    t = stdtrit(np.where(degrees > 0.0, degrees, np.nan), 0.5 + level / 2.0)
    return np.asarray(t * np.sqrt(variance))


def _mean(x: Floats, known: npt.NDArray[np.bool_], n: npt.NDArray[np.intp]) -> Floats:
    mean: Floats = np.where(known, x, 0.0).sum(axis=1) / n
    return mean


def _covariance(x: Floats, y: Floats, n: npt.NDArray[np.intp]) -> Floats:
    """Within each draw, of what is left of two columns without their means: (draws, cells); nan for a single pair."""
    covariance: Floats = (x * y).sum(axis=1) / np.where(n > 1, n - 1.0, np.nan)
    return covariance


def _quantiles(
    x: Floats, known: npt.NDArray[np.bool_], weight: Floats, level: float
) -> tuple[Floats, Floats]:
    """Central ``level`` of the single values, each counting by its draw's ``weight``; interpolated."""
    draws, replications, number = x.shape
    heavy = np.where(known, weight[:, None, :], 0.0).reshape(draws * replications, number)
    flat = np.where(heavy > 0.0, x.reshape(heavy.shape), np.inf)  # what does not count, last
    order = np.argsort(flat, axis=0, kind="stable")
    flat, heavy = np.take_along_axis(flat, order, 0), np.take_along_axis(heavy, order, 0)
    last = np.maximum((heavy > 0.0).sum(axis=0) - 1, 0)[None]
    # A value stands at the middle of its mass, stretched so that the first is at 0 and the last at 1.
    at = np.cumsum(heavy, axis=0) - heavy / 2.0
    at = np.where(last > 0, (at - at[0]) / (np.take_along_axis(at, last, 0) - at[0]), 0.0)

    def end(share: float) -> Floats:
        """Between the two values around it, as ``np.interp``, of all cells at once: a loop took ten times as long."""
        below = np.clip((at <= share).sum(axis=0) - 1, 0, last)
        above = np.minimum(below + 1, last)
        (here, there), (low, high) = (
            (np.take_along_axis(one, below, 0), np.take_along_axis(one, above, 0)) for one in (at, flat)
        )
        between = np.where(
            (above == below) | (here == share), low, (high - low) / (there - here) * (share - here) + low
        )
        return np.asarray(np.where(np.isfinite(between), between, np.nan)[0])

    return end((1.0 - level) / 2.0), end((1.0 + level) / 2.0)


def wide(rows: Mapping[str, Sequence[Any]], tolerances: Mapping[str, float], basis: str) -> list[int]:
    """Rows of all lots on a basis whose ``half`` is above what ``tolerances`` allows the measure."""
    columns = (rows[name] for name in ("segment", "basis", "measure", "half"))
    return [
        i
        for i, (segment, on, measure, half) in enumerate(zip(*columns, strict=True))
        if segment == "all" and on == basis and half > tolerances.get(measure, np.inf)
    ]
