"""Figures and policy outcomes by the simulator, on common random numbers: what closed forms are checked against."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from calibration.answers import policy
from calibration.answers.policy import OUTCOMES, Question
from calibration.forward_model import overlays
from calibration.forward_model.durations import stage_days
from calibration.forward_model.forward_model import ForwardModel
from calibration.forward_model.listing_times import spans_of
from calibration.forward_model.lot_outcomes import rules
from calibration.forward_model.moments import ENDED, Moment
from calibration.targets.interpretations import RATIOS, UNSOLD
from sim.measures import MeasureTable, WindowSpan, compute
from sim.model.records import Outcome, Records
from sim.model.simulate import simulate
from sim.scenario.load import Overlay
from sim.scenario.schema import Scenario

Floats = npt.NDArray[np.float64]

SUSPENSIONS = 4.0  # mean suspensions that a lot is given time for beyond its usual way


@dataclass(frozen=True, slots=True)
class Simulated:
    """One replication at a parameter vector. ``figures``: (moments,) as things are; ``outcomes``: (policies, OUTCOMES) of all
    lots listed in the windows, each followed to its end.
    """

    figures: Floats
    outcomes: Floats


def played(
    model: ForwardModel,
    theta: Floats,
    of: Sequence[Moment],
    basis: str,
    wanted: Sequence[Question],
    number: int,
) -> Simulated:
    """Replication ``number`` at one vector: as things are, and under each policy."""
    policy.followed(model, wanted)
    own = Overlay("draw", model.overlay(theta, "draw").tree)
    as_is = _going_on(model, [own])
    spans = spans_of(as_is, model.windows)
    records = simulate(as_is, number)
    table = compute(records, spans, list(as_is.kinds), [one.name for one in rules(as_is).stages])
    found = []
    for one in wanted:
        scenario = _going_on(model, [own, one.laid])
        found.append(_outcomes(records if scenario == as_is else simulate(scenario, number), spans))
    figures = np.array([figure(table, one, basis) for one in of])
    return Simulated(figures, np.array(found).reshape(len(wanted), len(OUTCOMES)))


def _going_on(model: ForwardModel, laid: Sequence[Overlay]) -> Scenario:
    """The scenario under values laid over it, its run long enough for nearly every lot to end: one default and some
    suspensions among them. What windows report does not depend on what comes after them.
    """
    own = overlays.over(model.targets, laid)
    _, again, failed = stage_days(own, rules(own))
    days = math.ceil(max(again.max(), failed.max()) + SUSPENSIONS * own.disposal.suspension_days)
    return overlays.over(
        model.targets, [*laid, Overlay("end", {"time": {"end": own.time.end + timedelta(days=days)}})]
    )


def _outcomes(records: Records, spans: Sequence[WindowSpan]) -> list[float]:
    lots = records.lots
    listed, price, reference, ended = (
        lots[name].astype(np.float64) for name in ("listed", "price", "reference", "ended")
    )
    mine = np.zeros(len(listed), dtype=np.bool_)
    for span in spans:
        mine |= (listed >= span.first) & (listed < span.last)
    sold = mine & (lots["outcome"] == Outcome.SOLD)
    number = max(int(mine.sum()), 1)
    return [
        float((sold & (lots["sold_round"] == 0)).sum()) / number,
        float(sold.sum()) / number,
        float(price[sold].sum() / reference[mine].sum()) if mine.any() else math.nan,
        float((ended - listed)[sold].mean()) if sold.any() else math.nan,
    ]


def figure(table: MeasureTable, one: Moment, basis: str) -> float:
    """A simulated figure on its moment's scale (see ``moments``)."""

    def value(measure: str) -> float:
        return table.value(measure, one.window_name, basis=basis)

    sold, lots = value("lots_sold"), value("lots_listed")
    with np.errstate(divide="ignore", invalid="ignore"):
        if one.name == "sale_rate":
            return value(one.measure)
        if one.name == ENDED:
            rounds = UNSOLD[one.measure] == "rounds_not_sold"
            whole = value("rounds_held") if rounds else sold / value(one.measure)
            return float(np.log(np.float64(whole) / lots))
        if one.figure == "premium":
            return float(np.log1p(np.float64(value(RATIOS.get(one.measure, one.measure)))))
        below = {"turnover": sold, "participants": sold, "commission": value("turnover")}.get(
            one.figure, lots
        )
        above = sold if one.figure == "sold" else value(one.measure)
        return float(np.log(np.float64(above) / below))
