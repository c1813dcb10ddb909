"""What the compiled engine covers: every parameter by name, and what must be off.

It fails closed. A parameter of the schema that does not stand here is one the engine knows nothing of, whatever its value, and SimPy
runs the scenario. Who adds a parameter to the readable model adds it here when the loop heeds it, or its neutral value below.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from sim.model.dated_lots import CHUNK
from sim.model.rules import horizon
from sim.scenario.schema import Scenario

# By table; ``*`` is any name. A table whose parameters are all here may still have to be off.
COVERED: dict[str, str] = {
    "": "title title_zh from_",
    "time": "start end",
    "time.windows.*": "first last",
    "arrivals": "mode exact volume",
    "arrivals.periods.*": "first last cases lots",
    "courts": "number size_log_sd adoption clerks survey_days notice_days handover_days pricing_days objection_share objection_days objection_wait_days "
    "notice_again_days report_valid_days",
    "pricing.*": "since share days_low days_high cost_base cost_rate bias noise",
    "kinds.*": "name_zh share movable asset value_median value_log_sd interest",
    "kinds.*.start": "ratio token_share token_ratio cut_relief",
    "kinds.*.rounds.*": "held format relist_days notice_days_movable notice_days_immovable window_days cut",
    "kinds.*.auction": "increment soft_close_minutes deposit",
    "start": "ratio token_share token_ratio cut_relief",
    "rounds.*": "held format relist_days notice_days_movable notice_days_immovable window_days cut interest early_share late_shape overhang_minutes",
    "auction": "bidding opens_at spring_festival_break increment soft_close_minutes deposit reply_seconds reply_seconds_extensions "
    "jump single_steps priority_share",
    "interest": "mean dispersion persistence values location spread",
    "eligibility": "restricted_bidders restricted_creditors",
    "promotion": "effort elasticity ceiling",
    "platforms.*": "name_zh used audience",
    "disposal": "withdrawal_rate suspension_share suspension_days resume_days third_party_share third_party_days default_rate payment_days in_kind_second in_kind_last booking_days "
    "booking_by",
    "price_response": "elasticity ceiling",
    "strategic_waiting": "share reoffer discount announced expected_cut first_round",
    "liquidity": "short_share held held_log_sd refund_hours",
    "finite_market": "patience_days fit areas several_share several stagger_days",
    "debtor_sale": "share days success over before_share before_price",
    "creditors": "compare_share resale resale_noise resale_days discount_yearly claim claim_log_sd prior_share prior prior_log_sd "
    "insist_share bid_share",
    "run": "replications seed",
}
# What measures are held against; the model reads none of it.
NOT_READ = ("published", "interpretation")
# Behaviours, each scaled by one parameter; on, they are SimPy's.
OFF = (("finite_market", "patience_days"),)
MOST_OPENINGS = 5_000_000  # of chunks of lots by kinds, and by periods of listing, notice and opening
MOST_DATED = 200_000  # lots of one court, held in every period


def uncovered(scenario: Scenario) -> tuple[str, ...]:
    """Why the compiled engine does not run a scenario: names of parameters and parts, none if it does."""
    return tuple(dict.fromkeys((*unknown(), *_on(scenario), *_too_large(scenario))))


@cache
def unknown() -> tuple[str, ...]:
    """Parameters that do not stand here."""
    return tuple(parameter for parameter in parameters(Scenario) if not _stands(parameter))


def parameters(model: type[BaseModel], at: str = "") -> Iterator[str]:
    """All parameters of a part of the schema, by path."""
    for name, info in model.model_fields.items():
        if at == "" and name in NOT_READ:
            continue
        part, named = _part(info.annotation)
        path = f"{at}.{name}" if at else name
        if part is None:
            yield path
        else:
            yield from parameters(part, f"{path}.*" if named else path)


def _part(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """The part that a field holds, and whether it holds many by name."""
    for inner in (annotation, *get_args(annotation)):
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            return inner, get_origin(annotation) is dict
    return None, False


def _stands(parameter: str) -> bool:
    table, _, name = parameter.rpartition(".")
    return name in COVERED.get(table, "").split()


def _on(scenario: Scenario) -> Iterator[str]:
    """Behaviours that are on at some time, and parts that are given as objects."""
    for table, name in OFF:
        if any(getattr(getattr(one, table), name) for _, one in scenario.periods):
            yield f"{table}.{name}"
    given = scenario.extensions
    yield from (
        type(one).__name__ for one in (given.pricing, given.bidding, given.reaction) if one is not None
    )


def _too_large(scenario: Scenario) -> Iterator[str]:
    """Values that change at so many dates, or for so many lots, that the loop's tables would not fit."""
    periods = len(scenario.periods)
    if periods == 1:
        return
    lots = sum(period.lots for period in scenario.arrivals.periods.values()) * scenario.arrivals.volume
    openings = (horizon(scenario) / CHUNK + 1.0) * (1 + len(scenario.kinds)) * periods**3
    if openings > MOST_OPENINGS or lots > MOST_DATED * scenario.courts.number:
        yield "from"
