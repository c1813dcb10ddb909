"""What a policy changes: differences within pairs that share their luck.

The same replication under two scenarios has the same cases, lots, values and comers (``sim.streams``), so most
of the luck cancels in the difference. The interval of the mean difference is Student's t over replications.

Under draws of the parameters (k = 1 .. K with weights w_k, R pairs each, every draw with luck of its own) the
differences of one history are split by the law of total variance:

    luck        W = sum w_k s_k^2                     variance within a draw
    parameters  B = V - sum w_k (1 - w_k) s_k^2 / R / (1 - sum w_k^2)     variance between draws' means,
                V = sum w_k (m_k - m)^2 / (1 - sum w_k^2)                 less what luck puts into it

B is unbiased and may come out below zero where the parameters hardly matter; it is then told as 0. The interval
is for the policy's mean effect in a world whose parameters are as little known as the draws say: t with
1 / sum w_k^2 - 1 degrees of freedom and variance B + V sum w_k^2 (a prediction for one more draw). With a single
draw it is the interval at known parameters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.measures import MeasureTable

Floats = npt.NDArray[np.float64]
Axes = tuple[tuple[str, ...], ...]
KEYS = ("window", "segment", "basis", "measure")


def shared(tables: Sequence[MeasureTable]) -> Axes:
    """The windows, segments, bases and measures that all tables have, in the first one's order.

    Raises ``ValueError`` if there is nothing in common on one of the axes.
    """
    axes = tuple(
        tuple(name for name in tables[0].axes[i] if all(name in table.axes[i] for table in tables))
        for i in range(len(KEYS))
    )
    for names, what in zip(axes, KEYS, strict=True):
        if not names:
            raise ValueError(f"the scenarios have no {what} in common")
    return axes


def cells(table: MeasureTable, axes: Axes) -> Floats:
    """The values at ``axes`` in one row: (cells,)."""
    where = [[axis.index(name) for name in names] for axis, names in zip(table.axes, axes, strict=True)]
    values: Floats = table.values[np.ix_(*where)].ravel()
    return values


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
    base: Floats, policy: Floats, weights: Floats | None = None, level: float = 0.95
) -> dict[str, Floats]:
    """Differences policy - base, cell by cell.

    ``base``, ``policy``: (draws, replications, cells), nan where undefined; a pair counts where both are defined.
    ``weights``: (draws,), adding up to 1; equal where left out. Returns columns of (cells,):

    ``base``, ``policy``, ``difference``: means over the pairs; ``ci_low``, ``ci_high``: interval for the mean effect;
    ``low``, ``high``: central ``level`` of the differences of single histories; ``sd_luck``, ``sd_parameters``:
    square roots of W and B (the latter nan with one draw); ``parameter_share``: B / (W + B); ``half``: half-width of
    the interval of ``difference`` as far as more replications would take it away; ``correlation`` of the two within a
    pair; ``variance_reduction``: variance of the difference without pairing / with it (inf where all pairs have the
    same difference); ``pairs``: how many.
    """
    from scipy.special import stdtrit

    draws, _, _ = base.shape
    w = np.full(draws, 1.0 / draws) if weights is None else weights
    difference = np.where(np.isfinite(base) & np.isfinite(policy), policy - base, np.nan)
    known = np.isfinite(difference)
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
        s_d, s_0, s_p = (
            _variance(x, known, n, m) for x, m in ((difference, mean_d), (base, mean_0), (policy, mean_p))
        )
        mean, luck = over(mean_d), over(s_d)
        free = np.where(counted, share * share, 0.0).sum(axis=0)  # 1 / number of draws, as it were
        tail = 0.5 + level / 2.0
        degrees = np.where(counted, n - 1.0, 0.0).sum(axis=0)
        half = stdtrit(np.where(degrees > 0.0, degrees, np.nan), tail) * np.sqrt(over(share * s_d / n))
        if draws == 1:
            parameters, reach = np.full_like(mean, np.nan), half
        else:
            between = over((mean_d - mean) ** 2) / (1.0 - free)
            from_luck = over((1.0 - share) * s_d / n) / (1.0 - free)
            parameters = np.maximum(between - from_luck, 0.0)
            spread = np.sqrt(parameters + between * free)
            reach = stdtrit(np.where(free < 1.0, 1.0 / free - 1.0, np.nan), tail) * spread
        covariance = over(_covariance(base, policy, known, n, mean_0, mean_p))
        apart = over(s_0 + s_p)
        low, high = _quantiles(difference, known, share / np.maximum(n, 1), level)
        return {
            "base": over(mean_0),
            "policy": over(mean_p),
            "difference": mean,
            "ci_low": mean - reach,
            "ci_high": mean + reach,
            "low": low,
            "high": high,
            "sd_luck": np.sqrt(luck),
            "sd_parameters": np.sqrt(parameters),
            "parameter_share": parameters / (parameters + luck),
            "half": half,
            "correlation": covariance / np.sqrt(over(s_0) * over(s_p)),
            "variance_reduction": np.where(apart > 0.0, apart / luck, np.nan),
            "pairs": n.sum(axis=0).astype(np.float64),
        }


def _mean(x: Floats, known: npt.NDArray[np.bool_], n: npt.NDArray[np.intp]) -> Floats:
    mean: Floats = np.where(known, x, 0.0).sum(axis=1) / n
    return mean


def _variance(x: Floats, known: npt.NDArray[np.bool_], n: npt.NDArray[np.intp], mean: Floats) -> Floats:
    """Within each draw: (draws, cells); nan for a single pair."""
    return _covariance(x, x, known, n, mean, mean)


def _covariance(
    x: Floats,
    y: Floats,
    known: npt.NDArray[np.bool_],
    n: npt.NDArray[np.intp],
    mean_x: Floats,
    mean_y: Floats,
) -> Floats:
    products = np.where(known, (x - mean_x[:, None]) * (y - mean_y[:, None]), 0.0).sum(axis=1)
    covariance: Floats = products / np.where(n > 1, n - 1.0, np.nan)
    return covariance


def _quantiles(
    x: Floats, known: npt.NDArray[np.bool_], weight: Floats, level: float
) -> tuple[Floats, Floats]:
    """Central ``level`` of the single values, each counting by its draw's ``weight``; interpolated."""
    draws, replications, number = x.shape
    flat = np.where(known, x, np.inf).reshape(draws * replications, number)
    heavy = np.where(known, weight[:, None, :], 0.0).reshape(draws * replications, number)
    order = np.argsort(flat, axis=0, kind="stable")
    flat, heavy = np.take_along_axis(flat, order, 0), np.take_along_axis(heavy, order, 0)
    ends = np.full((2, number), np.nan)
    for c in range(number):
        mine = heavy[:, c] > 0.0
        values, mass = flat[mine, c], heavy[mine, c]
        if len(values):
            # A value stands at the middle of its mass, stretched so that the first is at 0 and the last at 1.
            at = np.cumsum(mass) - mass / 2.0
            at = (at - at[0]) / (at[-1] - at[0]) if len(values) > 1 else np.zeros(1)
            ends[:, c] = np.interp([(1.0 - level) / 2.0, (1.0 + level) / 2.0], at, values)
    return ends[0], ends[1]


def wide(rows: Mapping[str, Sequence[Any]], tolerances: Mapping[str, float]) -> list[int]:
    """Rows of all lots on the event basis whose ``half`` is above what ``tolerances`` allows the measure."""
    columns = (rows[name] for name in ("segment", "basis", "measure", "half"))
    return [
        i
        for i, (segment, basis, measure, half) in enumerate(zip(*columns, strict=True))
        if segment == "all" and basis == "event" and half > tolerances.get(measure, np.inf)
    ]
