"""Tables of parameters and of what print tells of them: ranges and sets, quantities asked for, verification, identification, adequacy."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from calibration.moments import moments
from calibration.parameters import Free, Slot
from calibration.policy import OUTCOMES, Interval, effects, interval, questions
from calibration.report.mixture import mixture
from calibration.report.policy_tables import outcome_value, policy_name
from calibration.report.tables import Floats, Row, moment_name, number, reading_name, short, table, z_score
from calibration.result import Result
from calibration.words import w
from sim.report import formats
from sim.report.page.table import Column, Table
from sim.rounding import extent

AT_THE_END: Final = 0.03  # share of a range within which an end of the set counts as the range's


def plain(slot: Slot, x: float, lang: str = "en") -> str:
    """A parameter's value in its own unit."""
    if not math.isfinite(x):
        return formats.NOTHING
    if slot.free.transform == "date":
        from calibration.world import as_date

        return as_date(x).isoformat()
    return number(x)


def parameter_rows(result: Result) -> list[Row]:
    """Requirements 2, 4 and 5: range, prior, estimate with its errors, the set, what was learnt."""
    lead = result.leading or result.cases[0]
    slots = result.world.space.slots
    draws, weights = mixture(result)
    rows = []
    for i, slot in enumerate(slots):
        free = slot.free
        told = lead.evidence.inference if lead.evidence else None
        found = interval(draws[:, i], weights) if len(draws) else interval(np.empty(0))
        sd = float(np.sqrt(np.average((draws[:, i] - np.average(draws[:, i], weights=weights)) ** 2, weights=weights))) if len(draws) else math.nan  # fmt: skip
        prior_sd = float(told.prior_sd[i]) if told else math.nan
        rows.append({
            "parameter": slot.name, "paths": " ".join(free.paths), "transform": free.transform, "scale": int(free.scale),
            "low": float(free.plain(free.low)), "high": float(free.plain(free.high)),
            "prior": "flat" if free.mean is None else "normal", "source": free.source,
            "estimate": float(free.plain(lead.estimate.theta[i])),
            "se": float(told.se[i]) if told else math.nan, "regular_se": float(told.posterior_se[i]) if told else math.nan,
            "monte_carlo": float(told.monte_carlo[i]) if told else math.nan, "prior_sd": prior_sd,
            "set_low": float(free.plain(found.low)), "set_median": float(free.plain(found.median)), "set_high": float(free.plain(found.high)),
            "learnt": max(1.0 - (sd / prior_sd) ** 2, 0.0) if prior_sd > 0 else math.nan,
            "ends": _ends(free, found),
        })  # fmt: skip
    return rows


def _ends(free: Free, found: Interval) -> str:
    """At which ends of its assumed range the set of a parameter stops: "low", "high", "both" or ""."""
    room = AT_THE_END * (free.high - free.low)
    low, high = found.low < free.low + room, found.high > free.high - room
    return "both" if low and high else "low" if low else "high" if high else ""


def parameter_table(result: Result, lang: str) -> Table:
    slots = {slot.name: slot for slot in result.world.space.slots}

    def of(key: str) -> Callable[[Mapping[str, Any]], str]:
        return lambda r: plain(slots[r["parameter"]], r[key])

    return table(
        "parameters", lang, parameter_rows(result),
        [
            ("parameter", lambda r: slots[r["parameter"]].word(lang), False),
            ("range", lambda r: f"{plain(slots[r['parameter']], r['low'])} – {plain(slots[r['parameter']], r['high'])}", True),
            ("estimate", of("estimate"), True),
            ("se", lambda r: w("se.none", lang) if math.isinf(r["se"]) else number(r["se"], 2), True),
            ("regular_se", lambda r: number(r["regular_se"], 2), True),
            ("monte_carlo", lambda r: number(r["monte_carlo"], 2), True),
            ("set", lambda r: f"{of('set_median')(r)} [{of('set_low')(r)} – {of('set_high')(r)}]", True),
            ("learnt", lambda r: formats.percent(r["learnt"], 0), True),
            ("ends", lambda r: w(f"ends.{r['ends']}", lang) if r["ends"] else "", False),
        ],
        ["parameter", "paths", "transform", "scale", "low", "high", "prior", "source", "estimate", "se", "regular_se", "monte_carlo", "prior_sd", "set_low", "set_median", "set_high", "learnt", "ends"],
    )  # fmt: skip


def quantity_rows(result: Result) -> list[Row]:
    """What is asked for, before print and after: how prices are spread, outcomes as things are, effects of policies."""
    alive = [case for case in result.alive if len(case.answers)]
    if not alive:
        return []
    asked = questions(result.world)
    _, weights = mixture(result)
    answers = np.concatenate([c.answers for c in alive])
    before, spread = result.before
    rows = [_learnt("price_dispersion", "", spread, np.concatenate([c.spread for c in alive]), weights)]
    after_less, before_less = effects(result.world, answers, asked), effects(result.world, before, asked)
    for o, outcome in enumerate(OUTCOMES):
        rows.append(_learnt(outcome, "", before[:, 0, o], answers[:, 0, o], weights))
    references = {one.family: one.value for one in reversed(asked)}
    for q, one in enumerate(asked):
        if one.value != references[one.family]:
            for outcome in ("sold_ever", "recovery_all"):
                o = OUTCOMES.index(outcome)
                rows.append(_learnt(outcome, one.key, before_less[:, q, o], after_less[:, q, o], weights) | {"family": one.family, "value": one.value})  # fmt: skip
    return rows


def _learnt(quantity: str, policy: str, before: Floats, after: Floats, weights: Floats) -> Row:
    prior, found = interval(before), interval(after, weights)
    variance = float(np.average((after - np.average(after, weights=weights)) ** 2, weights=weights))
    return {
        "quantity": quantity, "policy": policy, "family": "", "value": math.nan, "prior_low": prior.low, "prior_high": prior.high,
        "low": found.low, "median": found.median, "high": found.high,
        "learnt": max(1.0 - variance / float(np.nanvar(before)), 0.0) if extent(before) else math.nan,
    }  # fmt: skip


def quantity_name(row: Mapping[str, Any], lang: str) -> str:
    """In words, with the policy whose effect it is."""
    told = w(f"outcome.{row['quantity']}", lang)
    if not row["policy"]:
        return told
    return w("quantity.effect", lang, policy=policy_name(row["family"], row["value"], lang), outcome=told)


def quantity_table(result: Result, lang: str) -> Table:
    def value(r: Mapping[str, Any], key: str) -> str:
        if r["quantity"] == "price_dispersion":
            return number(r[key])
        return outcome_value(r["quantity"], r[key], lang, bool(r["policy"]))

    return table(
        "quantities", lang, quantity_rows(result),
        [
            ("quantity", lambda r: quantity_name(r, lang), False),
            ("before", lambda r: f"[{value(r, 'prior_low')}, {value(r, 'prior_high')}]", True),
            ("set", lambda r: f"{value(r, 'median')} [{value(r, 'low')}, {value(r, 'high')}]", True),
            ("learnt", lambda r: formats.percent(r["learnt"], 0), True),
        ],
        ["quantity", "policy", "family", "value", "prior_low", "prior_high", "low", "median", "high", "learnt"],
    )  # fmt: skip


def source_table(result: Result, lang: str) -> Table:
    """Where each range comes from; apart, for it is long."""
    slots = {slot.name: slot for slot in result.world.space.slots}
    return table(
        "sources", lang, parameter_rows(result),
        [
            ("parameter", lambda r: slots[r["parameter"]].word(lang), False),
            ("path", lambda r: r["paths"], False),
            ("source", lambda r: r["source"], False),
        ],
        ["parameter", "paths", "prior", "source"], folded=True,
    )  # fmt: skip


def verification_rows(result: Result) -> list[Row]:
    """Requirement 3: closed forms against the simulator, at the scenario's own values (same listing times where shared)."""
    from calibration.verification import compare

    return compare(result)


def verification_table(result: Result, lang: str) -> Table:
    return table(
        "verification", lang, verification_rows(result),
        [
            ("where", lambda r: w(f"where.{r['where']}", lang), False),
            ("window", lambda r: r["window"], False),
            ("measure", lambda r: short(r["measure"], lang) + f" ({w('basis.' + r['basis'], lang)})", False),
            ("closed", lambda r: number(r["closed"], 4), True),
            ("simulator", lambda r: number(r["simulated"], 4), True),
            ("standard_error", lambda r: number(r["se"], 2), True),
            ("z", lambda r: z_score(r["z"]), True),
        ],
        ["where", "window", "basis", "measure", "closed", "simulated", "se", "z", "seed", "replications"],
        marked=lambda r: "bad" if abs(r["z"]) > 4 else "",
    )  # fmt: skip


def start_rows(result: Result) -> list[Row]:
    """Requirement 4: where each start of each reading led."""
    rows = []
    for case in result.cases:
        for i, (distance, end) in enumerate(zip(case.estimate.starts, case.estimate.ends, strict=True)):
            values = result.world.space.plain(end[None, :])[0]
            rows.append({"reading": case.reading.key, "start": i, "distance": distance, **dict(zip(result.world.space.names, values.tolist(), strict=True))})  # fmt: skip
    return rows


def start_table(result: Result, lang: str) -> Table:
    slots = [s for s in result.world.space.slots if s.free.paths[0].split(".")[0] in ("interest", "pricing")]
    by_key = {case.reading.key: case.reading for case in result.cases}
    rows = start_rows(result)
    columns: list[tuple[str, Callable[[Mapping[str, Any]], str], bool]] = [
        ("reading", lambda r: reading_name(by_key[r["reading"]], lang), False),
        ("distance", lambda r: number(r["distance"], 3), True),
    ]
    short_ = table("starts", lang, rows, columns, list(rows[0]) if rows else [], folded=True)
    more = [Column(slot.word(lang), lambda r, s=slot: plain(s, r[s.name]), True) for slot in slots]  # type: ignore[misc]
    return replace(short_, columns=[*short_.columns, *more])


def direction_rows(result: Result) -> list[Row]:
    lead = result.leading or result.cases[0]
    if lead.evidence is None:
        return []
    found = lead.evidence.directions
    names = result.world.space.names
    rows = []
    for i, (value, row) in enumerate(zip(found.values, found.rows, strict=True)):
        order = np.argsort(-np.abs(row))[:3]
        made = " ".join(f"{'+' if row[j] > 0 else '-'}{names[j]}({abs(row[j]):.2f})" for j in order)
        rows.append({"direction": i + 1, "singular_value": float(value), "made_of": made})
    return rows


def direction_table(result: Result, lang: str) -> Table:
    return table(
        "directions", lang, direction_rows(result),
        [
            ("direction", lambda r: str(r["direction"]), True),
            ("singular_value", lambda r: number(r["singular_value"], 2), True),
            ("made_of", lambda r: r["made_of"], False),
        ],
        ["direction", "singular_value", "made_of"],
        marked=lambda r: "good" if r["singular_value"] > 1 else "bad",
    )  # fmt: skip


def adequacy_rows(result: Result) -> list[Row]:
    """Requirement 6: cell by cell, at the leading reading's estimate."""
    lead = result.leading or result.cases[0]
    if lead.evidence is None:
        return []
    power = lead.evidence.inference.power
    z = dict(zip(lead.history.moments, lead.history.best_z, strict=True))
    rows = []
    for i, one in enumerate(moments(result.targets, lead.reading)):
        rows.append({"moment": one.key, "z": float(z.get(one.key, math.nan)), "power": float(power[i])})
    return rows


def adequacy_table(result: Result, lang: str) -> Table:
    return table(
        "adequacy", lang, adequacy_rows(result),
        [
            ("moment", lambda r: moment_name(r["moment"], lang), False),
            ("z", lambda r: z_score(r["z"]), True),
            ("power", lambda r: formats.percent(r["power"], 0), True),
        ],
        ["moment", "z", "power"], marked=lambda r: "bad" if abs(r["z"]) > 3 else "",
    )  # fmt: skip
