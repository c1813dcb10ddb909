"""Verification before calibration: what the closed forms expect against what the simulator reports.

At the scenario's own values and (each window under its own parameters) at the best vector. The closed forms take their
listing times from other runs of the simulator, so both sides have an error; the standard error counts both.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from calibration.exposure import BASES as _NUMBER
from calibration.readings import BASES
from calibration.sheet import AGGREGATES
from calibration.world import Outcome
from sim.measures.tables import MeasureTable
from sim.rounding import negligible

if TYPE_CHECKING:
    from calibration.result import Result

Floats = npt.NDArray[np.float64]

COUNTS: Final = ("lots_listed", "lots_sold", "lots_failed", "lots_ended", "rounds_held", "participants")
SHARES: Final = ("sale_rate_final", "sale_rate_ended")
LOGS: Final = (
    "mean_price",
    "premium_mean",
    "premium_turnover",
    "commission_saved",
)  # compared as logs: heavy tails
assert len(BASES) == _NUMBER


def compare(result: Result) -> list[dict[str, Any]]:
    """Rows of the table: closed form, simulator, standard error, z."""
    world = result.world
    rows = _rows(result, "own", world.space.base, dict.fromkeys(world.windows, result.own))
    lead = result.leading or (result.cases[0] if result.cases else None)
    if lead is not None and result.simulated:
        rows += _rows(result, "best", lead.estimate.theta, result.simulated)
    return rows


def _rows(
    result: Result, where: str, theta: Floats, tables: dict[str, list[MeasureTable]]
) -> list[dict[str, Any]]:
    world = result.world
    outcome = world.outcome(theta[None, :])
    rows = []
    for w, window in enumerate(world.windows):
        for b, basis in enumerate(BASES):
            for measure in (*SHARES, *COUNTS, *LOGS):
                closed, own_se = _closed(outcome, measure, w, b)
                found = _transform(measure, np.array([t.value(measure, window, basis=basis) for t in tables[window]]), tables[window], window, basis)  # fmt: skip
                found = found[np.isfinite(found)]
                if len(found) < 2 or not math.isfinite(closed):
                    continue
                spread = max(float(found.std(ddof=1)), _chance(outcome, measure, w, b, found))
                se = math.sqrt(spread**2 / len(found) + own_se**2)
                if negligible(se, closed):
                    continue
                rows.append({
                    "where": where, "window": window, "basis": basis, "measure": measure, "closed": closed,
                    "simulated": float(found.mean()), "se": se, "z": (closed - float(found.mean())) / se,
                    "seed": result.targets.loaded.scenario.run.seed, "replications": len(found),
                })  # fmt: skip
    return rows


def _transform(measure: str, x: Floats, tables: list[MeasureTable], window: str, basis: str) -> Floats:
    """Measures on the scale on which they are compared."""
    with np.errstate(invalid="ignore", divide="ignore"):
        if measure == "mean_price":
            return np.asarray(np.log(x))
        if measure == "commission_saved":
            turnover = np.array([t.value("turnover", window, basis=basis) for t in tables])
            return np.asarray(np.log(x / turnover))
        return np.asarray(np.log1p(x)) if measure in LOGS else x


def _closed(outcome: Outcome, measure: str, w: int, b: int) -> tuple[float, float]:
    """Expectation of one vector, and its own error from listing times or draws."""
    if measure in LOGS:
        assert outcome.sheets is not None
        x = dict(zip(AGGREGATES, np.moveaxis(outcome.sheets[0, w, b], -1, 0), strict=True))
        draws = {
            "mean_price": lambda: np.log(x["turnover"]),
            "premium_mean": lambda: np.log(x["ratios"]),
            "premium_turnover": lambda: np.log(x["turnover"] / x["starts"]),
            "commission_saved": lambda: np.log(x["commission_saved"] / x["turnover"]),
        }[measure]()
        return float(draws.mean()), float(draws.std(ddof=1) / math.sqrt(len(draws)))
    runs = _runs(outcome, measure, w, b)
    own = float(runs.std(ddof=1) / math.sqrt(len(runs))) if len(runs) > 1 else 0.0
    return float(runs.mean()), own


def _runs(outcome: Outcome, measure: str, w: int, b: int) -> Floats:
    """(replications of listing times,) expectations."""
    s = outcome.sums

    def of(name: str) -> Floats:
        return np.asarray(getattr(s, name)[0, :, w, b])

    sold = of("lots_sold")
    if measure == "sale_rate_final":
        return sold / np.maximum(sold + of("lots_failed"), 1e-9)
    if measure == "sale_rate_ended":
        return sold / np.maximum(sold + of("lots_failing"), 1e-9)
    return sold + of("lots_failing") if measure == "lots_ended" else of(measure)


def _chance(outcome: Outcome, measure: str, w: int, b: int, found: Floats) -> float:
    """The least spread that chance alone gives one replication: few replications may agree by accident."""
    s = outcome.sums
    if measure in SHARES:
        rate = float(_runs(outcome, measure, w, b).mean())
        number = float(s.lots_sold[0, :, w, b].mean()) / max(rate, 1e-9)
        return math.sqrt(max(rate * (1.0 - rate), 0.0) / max(number, 1.0))
    if measure in LOGS:
        return _closed(outcome, measure, w, b)[1] * math.sqrt(outcome.sheets.shape[3]) if outcome.sheets is not None else 0.0  # fmt: skip
    mean = float(_runs(outcome, measure, w, b).mean())
    return 0.0 if measure == "lots_listed" else math.sqrt(max(mean, 0.0))
