"""Tables of the report: rows once, for the page and for the CSV files beside it."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from calibration.audit_words import figure_name
from calibration.history import TOGETHER
from calibration.moments import Moment, moments
from calibration.parameters import Free, Slot
from calibration.pipeline import Case, Result
from calibration.policy import OUTCOMES, Interval, effects, interval, questions
from calibration.predictive import Fit
from calibration.readings import Reading, name_of_measure
from calibration.report.mixture import mixture
from calibration.targets import HOME
from calibration.words import w
from sim.report import formats
from sim.report.page.table import Column, Table

Row = dict[str, Any]
Floats = npt.NDArray[np.float64]

POSTERIOR: Final = "posterior:"  # before a reading's key: its posterior and not its set
MONEY: Final = ("turnover", "commission")
NOTHING: Final = 0.0005  # a change of a share that is printed as 0.0 points
AT_THE_END: Final = 0.03  # share of a range within which an end of the set counts as the range's
RATES: Final = ("sale_rate", "premium")


def number(x: float, digits: int = 3) -> str:
    """A plain number with as many digits as count."""
    return formats.NOTHING if not math.isfinite(x) else f"{x:.{digits}g}"


def signed_number(x: float) -> str:
    """A difference to one place, without a sign where that place is 0."""
    told = f"{x:+.1f}"
    return "0.0" if told in ("+0.0", "-0.0") else told


def z_score(z: float) -> str:
    """A standardised distance to two places."""
    told = f"{z:.2f}"
    return formats.NOTHING if not math.isfinite(z) else ("0.00" if told == "-0.00" else told)


def figure(name: str, x: float, lang: str) -> str:
    """A printed figure in its unit."""
    if not math.isfinite(x):
        return formats.NOTHING
    if name in MONEY:
        return formats.money(x, lang)
    return formats.percent(x, 1) if name in RATES else formats.count(round(x))


def reading_name(reading: Reading, lang: str) -> str:
    """A reading in words."""
    parts = [w(f"basis.{reading.basis}", lang)]
    parts += [short(measure, lang) for name, measure in reading.measures if name != "commission"]
    return (" · " if lang == "en" else "·").join(parts)


def short(measure: str, lang: str) -> str:
    """A measure without the figure's name where that is clear: "premium, mean of lots"."""
    return name_of_measure(measure, lang)


def _table(
    name: str, lang: str, rows: Sequence[Row], columns: Sequence[tuple[str, Callable[[Mapping[str, Any]], str], bool]],
    fields: Sequence[str], marked: Callable[[Mapping[str, Any]], str] = lambda row: "", folded: bool = False,
) -> Table:  # fmt: skip
    return Table(
        name=name, caption=w(f"{name}.caption", lang),
        columns=[Column(w(f"col.{head}", lang), show, numeric) for head, show, numeric in columns],
        rows=rows, fields=fields, marked=marked, folded=folded,
    )  # fmt: skip


# fit -------------------------------------------------------------------------------------------------------


def fit_rows(case: Case) -> list[Row]:
    return [_fit_row(one) for one in case.fits]


def _fit_row(one: Fit) -> Row:
    return {
        "reading": one.reading, "window": one.window, "figure": one.figure, "printed": one.printed, "measure": one.measure,
        "basis": one.basis, "role": one.role, "median": one.median, "low": one.low, "high": one.high,
        "best": one.best, "z": one.z,
        "inside": int(one.inside),
    }  # fmt: skip


def fit_table(rows: Sequence[Row], lang: str, name: str = "fit", folded: bool = False) -> Table:
    """Figure, printed, definition, model with interval, z."""

    def interval_of(row: Mapping[str, Any]) -> str:
        f = row["figure"]
        return (
            f"{figure(f, row['median'], lang)} [{figure(f, row['low'], lang)}–{figure(f, row['high'], lang)}]"
        )

    return _table(
        name, lang, rows,
        [
            ("window", lambda r: r["window"], False),
            ("figure", lambda r: figure_name(r["figure"], lang), False),
            ("printed", lambda r: figure(r["figure"], r["printed"], lang), True),
            ("definition", lambda r: f"{short(r['measure'], lang)} ({w('basis.' + r['basis'], lang)})", False),
            ("model", interval_of, True),
            ("best", lambda r: figure(r["figure"], r["best"], lang), True),
            ("z", lambda r: z_score(r["z"]), True),
            ("role", lambda r: w(f"role.{r['role']}", lang), False),
        ],
        list(rows[0]) if rows else ["window"],
        marked=lambda r: "good" if r["inside"] else "bad",
        folded=folded,
    )  # fmt: skip


# readings --------------------------------------------------------------------------------------------------


def reading_rows(result: Result) -> list[Row]:
    rows = []
    for case in result.cases:
        test = case.evidence.inference.test if case.evidence else None
        rows.append({
            "reading": case.reading.key, "prior_weight": case.reading.weight, "implausibility": case.history.implausibility,
            "worst": case.history.worst[0], "ruled_out": int(case.ruled_out), "weight": case.weight,
            "distance": case.estimate.distance, "freedom": test.freedom if test else 0, "p": test.p if test else math.nan,
            "vectors": len(case.history.sample), "share": case.history.share,
            "posterior": "" if case.posterior is None else (case.posterior.refused or "accepted"),
        })  # fmt: skip
    return rows


def reading_table(result: Result, lang: str) -> Table:
    by_key = {case.reading.key: case.reading for case in result.cases}
    return _table(
        "readings", lang, reading_rows(result),
        [
            ("reading", lambda r: reading_name(by_key[r["reading"]], lang), False),
            ("prior_weight", lambda r: formats.percent(r["prior_weight"], 0), True),
            ("implausibility", lambda r: z_score(r["implausibility"]), True),
            ("worst", lambda r: moment_name(r["worst"], lang), False),
            ("distance", lambda r: number(r["distance"], 3), True),
            ("p", lambda r: number(r["p"], 2), True),
            ("verdict", lambda r: w("ruled_out" if r["ruled_out"] else "not_ruled_out", lang), False),
        ],
        ["reading", "prior_weight", "implausibility", "worst", "ruled_out", "weight", "distance", "freedom", "p", "vectors", "share", "posterior"],
        marked=lambda r: "bad" if r["ruled_out"] else "good",
    )  # fmt: skip


def moment_name(key: str, lang: str) -> str:
    """``premium@2018`` in words."""
    if key == TOGETHER:
        return w("moment.together", lang)
    name, _, window = key.partition("@")
    told = w("moment.ended", lang) if name == "ended" else figure_name(name, lang)
    return f"{told} {window}" if lang == "en" else f"{window}{told}"


# targets ---------------------------------------------------------------------------------------------------


def target_rows(result: Result) -> list[Row]:
    """Requirement 1: every target with its source, definitions, errors, and whether it is independent."""
    lead = result.leading or result.cases[0]
    of = {(m.window_name, m.figure): (m, i) for i, m in enumerate(moments(result.targets, lead.reading))}
    errors = np.sqrt(np.diag(lead.estimate.covariance)) if len(of) else np.empty(0)
    rows = []
    for one in result.targets.figures():
        excluded = result.excluded.get(one.name, set())
        moment, i = of.get((one.window, one.name), (None, -1))
        sampling = (
            math.nan
            if moment is None
            else math.sqrt(max(errors[i] ** 2 - moment.rounding**2 - moment.discrepancy**2, 0.0))
        )
        rows.append({
            "window": one.window, "figure": one.name, "printed_text": one.printed.text, "printed": one.value,
            "candidates": " ".join(one.measures), "excluded": " ".join(sorted(excluded)), "role": one.role,
            "moment": "" if moment is None else moment.name, "rounding": math.nan if moment is None else moment.rounding,
            "sampling": sampling, "discrepancy": math.nan if moment is None else moment.discrepancy,
            "independent": _independent(moment), "reason": one.reason, "reason_zh": one.reason_zh, "source": one.source,
        })  # fmt: skip
    return rows


def _independent(moment: Moment | None) -> str:
    if moment is None:
        return ""
    return "joint" if moment.aggregate else "alone"


def target_table(result: Result, lang: str) -> Table:
    def candidates(row: Mapping[str, Any]) -> str:
        out = set(row["excluded"].split())
        told = [short(m, lang) + (w("struck", lang) if m in out else "") for m in row["candidates"].split()]
        return ("; " if lang == "en" else ";").join(told)

    def role(row: Mapping[str, Any]) -> str:
        told = w(f"role.{row['role']}", lang)
        why = (row["reason_zh"] if lang == "zh" else "") or row["reason"]
        return told + (": " if lang == "en" else ":") + why if why else told

    return _table(
        "targets", lang, target_rows(result),
        [
            ("window", lambda r: r["window"], False),
            ("figure", lambda r: figure_name(r["figure"], lang), False),
            ("printed", lambda r: r["printed_text"], True),
            ("candidates", candidates, False),
            ("role", role, False),
            ("rounding", lambda r: number(r["rounding"], 2), True),
            ("sampling", lambda r: number(r["sampling"], 2), True),
            ("discrepancy", lambda r: number(r["discrepancy"], 2), True),
            ("independent", lambda r: w(f"independent.{r['independent']}", lang) if r["independent"] else "", False),
        ],
        ["window", "figure", "printed_text", "printed", "candidates", "excluded", "role", "moment", "rounding", "sampling", "discrepancy", "independent", "reason", "source"],
    )  # fmt: skip


# parameters ------------------------------------------------------------------------------------------------


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

    return _table(
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
    weights = np.concatenate([np.full(len(c.answers), c.weight / len(c.answers)) for c in alive])
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
        "learnt": max(1.0 - variance / float(np.nanvar(before)), 0.0),
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

    return _table(
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
    return _table(
        "sources", lang, parameter_rows(result),
        [
            ("parameter", lambda r: slots[r["parameter"]].word(lang), False),
            ("path", lambda r: r["paths"], False),
            ("source", lambda r: r["source"], False),
        ],
        ["parameter", "paths", "prior", "source"], folded=True,
    )  # fmt: skip


# verification, identification ------------------------------------------------------------------------------


def verification_rows(result: Result) -> list[Row]:
    """Requirement 3: closed forms against the simulator, at the scenario's own values (same listing times where shared)."""
    from calibration.verification import compare

    return compare(result)


def verification_table(result: Result, lang: str) -> Table:
    return _table(
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
    table = _table("starts", lang, rows, columns, list(rows[0]) if rows else [], folded=True)
    more = [Column(slot.word(lang), lambda r, s=slot: plain(s, r[s.name]), True) for slot in slots]  # type: ignore[misc]
    return Table(table.name, table.caption, [*table.columns, *more], table.rows, table.fields, folded=True)


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
    return _table(
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
    return _table(
        "adequacy", lang, adequacy_rows(result),
        [
            ("moment", lambda r: moment_name(r["moment"], lang), False),
            ("z", lambda r: z_score(r["z"]), True),
            ("power", lambda r: formats.percent(r["power"], 0), True),
        ],
        ["moment", "z", "power"], marked=lambda r: "bad" if abs(r["z"]) > 3 else "",
    )  # fmt: skip


# validation ------------------------------------------------------------------------------------------------


def validation_rows(result: Result) -> list[Row]:
    """Requirement 8: everything that was predicted without having been used."""
    lead = result.leading or result.cases[0]
    rows = [{"kind": "held", "place": "", **_fit_row(one)} for one in lead.fits if one.role == "held_out"]
    if result.validation is not None:
        for found in result.validation.windows.values():
            rows += [{"kind": "left", "place": "", **_fit_row(one)} for one in found]
        for place, found in result.validation.places.items():
            rows += [{"kind": "place", "place": place, **_fit_row(one)} for one in found]
    return rows


def predicted_where(row: Mapping[str, Any], lang: str) -> str:
    """Held out, a window left out, or the place."""
    if row["kind"] == "place":
        return place_name(row["place"], lang)
    return w(f"validation.{row['kind']}", lang)


@cache
def place_name(place: str, lang: str) -> str:
    """A place's name: the title of its targets file up to the first comma."""
    path = HOME / "targets" / f"{place}.toml"
    if not path.is_file():
        return place
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    title = str(told.get("title_zh" if lang == "zh" else "title", place))
    return re.split("[,\uff0c]", title)[0]


# policy ----------------------------------------------------------------------------------------------------


def policy_rows(result: Result) -> list[Row]:
    """Every policy and outcome: over the whole set, by reading, by explanation, and over the posteriors there are."""
    asked = questions(result.world)
    rows: list[Row] = []
    groups: list[tuple[str, np.ndarray[Any, Any], np.ndarray[Any, Any]]] = []  # (name, answers, weights)
    alive = [case for case in result.alive if len(case.answers)]
    if not alive:
        return rows
    answers = np.concatenate([case.answers for case in alive])
    weights = np.concatenate([np.full(len(case.answers), case.weight / len(case.answers)) for case in alive])
    noise = np.concatenate([case.noise for case in alive])
    groups.append(("all", answers, weights))
    groups += [
        (case.reading.key, case.answers, np.full(len(case.answers), 1.0 / len(case.answers)))
        for case in alive
    ]
    for name, mask in (("noise", noise), ("popularity", ~noise)):
        if mask.any():
            groups.append((name, answers[mask], weights[mask]))
    groups += [
        (
            POSTERIOR + case.reading.key,
            case.likely_answers,
            np.full(len(case.likely_answers), 1.0 / len(case.likely_answers)),
        )
        for case in alive
        if case.sampled
    ]
    for name, found, weight in groups:
        changed = effects(result.world, found, asked)
        for q, one in enumerate(asked):
            for o, outcome in enumerate(OUTCOMES):
                level, effect = interval(found[:, q, o], weight), interval(changed[:, q, o], weight)
                rows.append({
                    "group": name, "policy": one.key, "family": one.family, "value": one.value, "outcome": outcome,
                    "level": level.median, "level_low": level.low, "level_high": level.high,
                    "effect": effect.median, "effect_low": effect.low, "effect_high": effect.high,
                    "effect_least": effect.least, "effect_most": effect.most,
                    "sign": effect.sign, "agreeing": effect.agreeing, "vectors": effect.number,
                })  # fmt: skip
    return rows


def outcome_value(outcome: str, x: float, lang: str, signed: bool = False) -> str:
    """A level, or (signed) a difference: points or days."""
    if not math.isfinite(x):
        return formats.NOTHING
    if outcome == "days_to_sale":
        return signed_number(x) if signed else f"{x:.0f}"
    return signed_number(100 * x) if signed else formats.percent(x, 1)


def policy_table(rows: Sequence[Row], lang: str, name: str = "policy", folded: bool = False) -> Table:
    def told(key: str, signed: bool) -> Callable[[Mapping[str, Any]], str]:
        def show(r: Mapping[str, Any]) -> str:
            if signed and r["value"] == reference(r["family"], rows):
                return w("reference", lang)
            m, a, b = (outcome_value(r["outcome"], r[key + s], lang, signed) for s in ("", "_low", "_high"))
            return f"{m} [{a}, {b}]"

        return show

    return _table(
        name, lang, rows,
        [
            ("group", lambda r: group_name(r["group"], lang), False),
            ("policy", lambda r: policy_name(r["family"], r["value"], lang), False),
            ("outcome", lambda r: w(f"outcome.{r['outcome']}", lang), False),
            ("level", told("level", False), True),
            ("effect", told("effect", True), True),
            ("reach", lambda r: reach(r, rows, lang), True),
            ("sign", lambda r: sign_told(r, rows, lang), False),
        ],
        list(rows[0]) if rows else ["group"], folded=folded,
    )  # fmt: skip


def reach(row: Mapping[str, Any], rows: Sequence[Row], lang: str) -> str:
    """From the least effect of any vector to the most."""
    if row["value"] == reference(row["family"], rows):
        return ""
    least, most = (outcome_value(row["outcome"], row[f"effect_{k}"], lang, True) for k in ("least", "most"))
    return f"{least} – {most}"


def reference(family: str, rows: Sequence[Row]) -> float:
    """The value of the policy that a family is compared with: its first."""
    return float(next(r["value"] for r in rows if r["family"] == family))


def sign_told(row: Mapping[str, Any], rows: Sequence[Row], lang: str) -> str:
    if row["value"] == reference(row["family"], rows):
        return ""
    if row["effect_least"] == row["effect_most"] == 0.0:
        return w("sign.none", lang)
    if row["sign"] == 0:
        return w("sign.unknown", lang, share=formats.percent(row["agreeing"], 0))
    return sign_word(row, lang)


def sign_word(row: Mapping[str, Any], lang: str) -> str:
    """Up or down; where the least change rounds to nothing, that it does not go the other way."""
    least = row["effect_least"] if row["sign"] > 0 else row["effect_most"]
    nothing = abs(least) < NOTHING
    if row["sign"] > 0:
        return w("sign.not_down" if nothing else "sign.up", lang)
    return w("sign.not_up" if nothing else "sign.down", lang)


def group_name(key: str, lang: str) -> str:
    """ "all", an explanation, or a reading, in words."""
    if key in ("all", "noise", "popularity"):
        return w(f"group.{key}", lang)
    if key.startswith(POSTERIOR):
        return w("group.posterior", lang, reading=group_name(key.removeprefix(POSTERIOR), lang))
    basis, *measures = key.split("+")
    return reading_name(
        Reading(basis, tuple(("", m) for m in measures if not m.startswith("commission")), 1.0), lang
    )


def policy_name(family: str, value: float, lang: str) -> str:
    if family == "cut" and value == 0:
        return w("policy.cut.none", lang)
    return w(f"policy.{family}", lang, share=f"{100 * value:.0f}")


def sensitivity_rows(result: Result) -> list[Row]:
    """Requirement 7: policy effects per standard deviation of each printed moment (AGS), leading reading."""
    lead = result.leading or result.cases[0]
    if lead.evidence is None:
        return []
    asked = questions(result.world)
    rows = []
    for q, one in enumerate(asked):
        for o, outcome in enumerate(OUTCOMES):
            for i, key in enumerate(lead.history.moments):
                rows.append({"target": f"{one.key}:{outcome}", "kind": "policy", "moment": key, "change": float(lead.evidence.policy[q, o, i])})  # fmt: skip
    for p, name in enumerate(result.world.space.names):
        for i, key in enumerate(lead.history.moments):
            scaled = float(lead.evidence.inference.lambda_[p, i] / lead.evidence.inference.prior_sd[p])
            rows.append({"target": name, "kind": "parameter", "moment": key, "change": scaled})
    return rows


def simulator_rows(result: Result) -> list[Row]:
    """Policies by the simulator at the best vector, beside the closed form there."""
    from calibration.policy import answers

    lead = result.leading or result.cases[0]
    closed = answers(result.world, lead.estimate.theta[None, :], result.window)[0]
    rows = []
    for q, one in enumerate(questions(result.world)):
        found = result.played.get(one.key)
        if found is None:
            continue
        mean, se = found.mean(axis=0), found.std(axis=0, ddof=1) / math.sqrt(len(found)) if len(found) > 1 else np.full(len(OUTCOMES), np.nan)  # fmt: skip
        for o, outcome in enumerate(OUTCOMES):
            rows.append({"policy": one.key, "family": one.family, "value": one.value, "outcome": outcome, "closed": float(closed[q, o]), "simulated": float(mean[o]), "se": float(se[o]), "z": float((closed[q, o] - mean[o]) / se[o]) if se[o] > 0 else math.nan, "replications": len(found)})  # fmt: skip
    return rows


def simulator_table(result: Result, lang: str) -> Table:
    return _table(
        "simulator", lang, simulator_rows(result),
        [
            ("policy", lambda r: policy_name(r["family"], r["value"], lang), False),
            ("outcome", lambda r: w(f"outcome.{r['outcome']}", lang), False),
            ("closed", lambda r: outcome_value(r["outcome"], r["closed"], lang), True),
            ("simulator", lambda r: outcome_value(r["outcome"], r["simulated"], lang), True),
            ("z", lambda r: z_score(r["z"]), True),
        ],
        ["policy", "family", "value", "outcome", "closed", "simulated", "se", "z", "replications"], folded=True,
    )  # fmt: skip


def waiting_rows(result: Result) -> list[Row]:
    """Effect of cuts where some bidders wait for them, by the simulator at the best vector."""
    rows = []
    asked = [one for one in questions(result.world) if one.family == "cut"]
    for share in ("0", *dict.fromkeys(key.split("/")[0] for key in result.waiting)):
        source = result.played if share == "0" else {k.split("/")[1]: v for k, v in result.waiting.items() if k.startswith(f"{share}/")}  # fmt: skip
        if not asked or asked[0].key not in source:
            continue
        base = source[asked[0].key].mean(axis=0)
        for one in asked:
            level = source[one.key].mean(axis=0)
            for o, outcome in enumerate(OUTCOMES):
                rows.append({"waiting": float(share), "policy": one.key, "family": "cut", "value": one.value, "outcome": outcome, "level": float(level[o]), "effect": float(level[o] - base[o])})  # fmt: skip
    return rows


def waiting_table(result: Result, lang: str) -> Table:
    rows = [r for r in waiting_rows(result) if r["outcome"] in ("sold_first", "sold_ever", "recovery_all")]
    return _table(
        "waiting", lang, rows,
        [
            ("waiting", lambda r: formats.percent(r["waiting"], 0), True),
            ("policy", lambda r: policy_name("cut", r["value"], lang), False),
            ("outcome", lambda r: w(f"outcome.{r['outcome']}", lang), False),
            ("level", lambda r: outcome_value(r["outcome"], r["level"], lang), True),
            ("effect", lambda r: outcome_value(r["outcome"], r["effect"], lang, True), True),
        ],
        ["waiting", "policy", "family", "value", "outcome", "level", "effect"],
    )  # fmt: skip


def best(rows: Sequence[Row], group: str, policy: str, outcome: str) -> Row:
    """One row of the policy table."""
    return next(r for r in rows if (r["group"], r["policy"], r["outcome"]) == (group, policy, outcome))
