"""Less noise in a difference: what of it goes with something whose mean is known is taken off.

A pair's difference D and its controls C, whose mean is 0 (``sim.experiments.controls``), policy less base:

    D' = D - b C,    E[D'] = E[D] whatever b is, as long as b does not hang on this pair's draws

b is least squares over the other pairs: at one point all pairs but this one, under draws of the parameters, where pairs of one draw share
their means, deviations from these in all other draws. So nothing is biased, however few pairs there are (Avramidis & Wilson 1993, Operations
Research 41, who split the sample for this). Pairs D' are then treated as pairs D are. At one point each control costs a degree of
freedom; that the interval covers is measured (``benchmarks/controls.py``).

Single histories vary as before: ``low``, ``high``, ``sd_monte_carlo``, ``correlation`` and ``variance_reduction`` are those of D.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from sim.experiments.controls import CONTROLS
from sim.experiments.paired import Floats, paired
from sim.measures.rounding import without_rounding

FEWEST: Final = 4  # pairs more than controls at one point; with fewer nothing is taken off
GAIN: Final = "control_gain"
_GO_WITH: Final = {
    ("sold",): ("sale_rate_listed", "sale_rate_ended", "lots_sold"),
    ("sold", "unsold"): ("sale_rate_final", "lots_failed", "lots_returned"),
    ("sold", "sold_first"): ("sale_rate_round", "sold_first", "hazard_second", "failed_second"),
    ("sold_first",): ("failed_first", "hazard_first"),
    ("money",): ("turnover", "mean_price", "commission_saved", "commission_saved_flat"),
}  # fmt: skip
# By measure, which controls: those that it was seen to go with (``benchmarks/controls.py``). Others are left as they are.
GOES_WITH: Final = {measure: which for which, measures in _GO_WITH.items() for measure in measures}


def controlled(
    base: Floats,
    policy: Floats,
    controls: Floats,
    measures: Sequence[str],
    weights: Floats | None = None,
) -> dict[str, Floats]:
    """As ``paired``, with less noise in the difference and its interval, and a column more.

    ``base``, ``policy``: (draws, replications, cells); ``controls``: policy less base, (draws, replications, cells,
    ``CONTROLS``); ``measures``: of each cell. ``control_gain``: variance of the difference within a draw without controls / with them.
    """
    found = paired(base, policy, weights)
    found[GAIN] = np.ones(base.shape[2])
    for which in dict.fromkeys(_GO_WITH):
        cells = np.flatnonzero([GOES_WITH.get(measure) == which for measure in measures])
        if not len(cells) or not _enough(base.shape, len(which)):
            continue
        left = without(base[..., cells], policy[..., cells], _chosen(controls[:, :, cells], which))
        lost = len(which) if len(base) == 1 else 0
        less = paired(np.zeros_like(left), left, weights, lost=lost)
        for name in ("difference", "ci_low", "ci_high", "half", "half_parameters", "sd_parameters"):
            found[name][cells] = less[name]
        found["policy"][cells] = found["base"][cells] + less["difference"]
        with np.errstate(invalid="ignore", divide="ignore"):
            gain = (found["sd_monte_carlo"][cells] / less["sd_monte_carlo"]) ** 2
        found[GAIN][cells] = np.where(np.isfinite(gain), gain, 1.0)
    return found


def _enough(shape: tuple[int, ...], number: int) -> bool:
    """Whether there are pairs enough for coefficients."""
    draws, pairs = shape[:2]
    return (
        pairs >= number + FEWEST if draws == 1 else pairs > 1 and (draws - 1) * (pairs - 1) >= number + FEWEST
    )


def _chosen(controls: Floats, which: Sequence[str]) -> Floats:
    return controls[..., [CONTROLS.index(name) for name in which]]


def without(base: Floats, policy: Floats, controls: Floats) -> Floats:
    """(draws, replications, cells): differences less what goes with the controls; nan where undefined."""
    known = np.isfinite(base) & np.isfinite(policy)
    sizes = np.where(known, np.maximum(np.abs(base), np.abs(policy)), 0.0)
    y = np.where(known, without_rounding(policy - base, sizes), 0.0)
    x = np.where(known[..., None], controls, 0.0)
    n = known.sum(axis=1)[:, None].astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        off_y = np.where(known, y - y.sum(axis=1, keepdims=True) / n, 0.0)
        off_x = np.where(known[..., None], x - x.sum(axis=1, keepdims=True) / n[..., None], 0.0)
    square, cross = off_x[..., :, None] * off_x[..., None, :], off_x * off_y[..., None]
    each, of_each = square.sum(axis=1, keepdims=True), cross.sum(axis=1, keepdims=True)
    if len(base) > 1:
        each, of_each = (whole.sum(axis=0, keepdims=True) - whole for whole in (each, of_each))
    else:  # without one pair: its own square, and what the mean moves by
        with np.errstate(invalid="ignore", divide="ignore"):
            factor = np.where(n > 1.0, n / (n - 1.0), 0.0)[..., None]
        each, of_each = each - factor[..., None] * square, of_each - factor * cross
    return np.where(known, y - (_coefficients(each, of_each) * x).sum(axis=-1), np.nan)


def _coefficients(square: Floats, cross: Floats) -> npt.NDArray[np.float64]:
    """Least squares; 0 for a control that does not vary, or says what another one says."""
    scale = np.sqrt(np.maximum(np.diagonal(square, axis1=-2, axis2=-1), 0.0))
    safe = np.where(scale > 0.0, scale, 1.0)
    alike = square / (safe[..., :, None] * safe[..., None, :])
    inverse = np.linalg.pinv(alike, rcond=1e-9, hermitian=True)
    return np.asarray((inverse @ (cross / safe)[..., None])[..., 0] / safe)
