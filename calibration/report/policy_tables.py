"""Tables of policies: outcomes over the set, by reading and explanation; by the simulator; where bidders wait; what print moves."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from calibration.policy import OUTCOMES, effects, interval, questions
from calibration.readings import Reading
from calibration.report.mixture import mixture
from calibration.report.tables import Row, reading_name, signed_number, table, z_score
from calibration.result import Result
from calibration.words import w
from sim.report import formats
from sim.report.page.table import Table
from sim.rounding import negligible, without_rounding

POSTERIOR: Final = "posterior:"  # before a reading's key: its posterior and not its set
NOTHING: Final = 0.0005  # a change of a share that is printed as 0.0 points


def policy_rows(result: Result) -> list[Row]:
    """Every policy and outcome: over the whole set, by reading, by explanation, and over the posteriors there are."""
    asked = questions(result.world)
    rows: list[Row] = []
    groups: list[tuple[str, np.ndarray[Any, Any], np.ndarray[Any, Any]]] = []  # (name, answers, weights)
    alive = [case for case in result.alive if len(case.answers)]
    if not alive:
        return rows
    answers = np.concatenate([case.answers for case in alive])
    _, weights = mixture(result)
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

    return table(
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
            rows.append({"policy": one.key, "family": one.family, "value": one.value, "outcome": outcome, "closed": float(closed[q, o]), "simulated": float(mean[o]), "se": float(se[o]), "z": math.nan if negligible(se[o], mean[o]) else float((closed[q, o] - mean[o]) / se[o]), "replications": len(found)})  # fmt: skip
    return rows


def simulator_table(result: Result, lang: str) -> Table:
    return table(
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
                rows.append({"waiting": float(share), "policy": one.key, "family": "cut", "value": one.value, "outcome": outcome, "level": float(level[o]), "effect": float(without_rounding(level[o] - base[o], max(level[o], base[o])))})  # fmt: skip
    return rows


def waiting_table(result: Result, lang: str) -> Table:
    rows = [r for r in waiting_rows(result) if r["outcome"] in ("sold_first", "sold_ever", "recovery_all")]
    return table(
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
