"""The report's tables, row by row: once, for the page and for the CSV files beside it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from calibration.answers.policy import OUTCOMES
from calibration.answers.summary import Interval
from calibration.estimation.posterior import Posterior
from calibration.report import answer, names
from calibration.report.answer import LIKELY
from calibration.report.names import share
from calibration.report.words import w
from calibration.result import Result, Sampled
from calibration.targets.interpretations import name_of_measure
from calibration.targets.parameter_space import Slot
from sim.reporting import formats
from sim.reporting.pages.table import Column, Table
from sim.reporting.text import quantity_name

if TYPE_CHECKING:
    from calibration.answers.predictive import Forecast
    from calibration.answers.value_of_information import ObservationValue, Trial
    from calibration.targets.targets import Figure

Row = Mapping[str, Any]
Floats = npt.NDArray[np.float64]
Show = Callable[[Mapping[str, Any]], str]

ENDS: Final = (0.025, 0.5, 0.975)
OUTERMOST, CROWDED = 0.05, 3.0  # of the prior; times the prior's draws there from which on an end binds
LEFT: Final = {"left_figures": "figures", "left_rows": "rows", "left_together": "evidence"}
NOT_ASKED: Final = ("input", "held_out", "unused", "assumed", "replaced")


def table(
    name: str, lang: str, rows: Sequence[Row], columns: Sequence[tuple[str, Show, bool]], *,
    marked: Show = lambda row: "", folded: bool = False, caption: str = "",
) -> Table:  # fmt: skip
    """A table with its caption and heads in words; the CSV holds every field of the rows."""
    return Table(
        name=name, caption=caption or w(f"{name}.caption", lang),
        columns=[Column(w(f"col.{head}", lang), show, numeric) for head, show, numeric in columns],
        rows=rows, fields=list(rows[0]) if rows else [], marked=marked, folded=folded,
    )  # fmt: skip


# figures


def figure_rows(result: Result) -> list[Row]:
    """Every published figure: what the model predicts of those it must produce, and why the others are not required of it."""
    predicted = {(one.window, one.figure): one for one in result.forecasts}
    rows: list[Row] = []
    for figure in result.targets.figures():
        one = predicted.get((figure.window, figure.name)) if figure.role in ("fit", "held_out") else None
        row: dict[str, Any] = {
            "window": figure.window, "figure": figure.name, "role": figure.role, "published": figure.value,
            "measure": _measure(figure, one) if one else "", "low": math.nan, "median": math.nan, "high": math.nan,
            "quantile": math.nan, "inside": None, "cannot_fail": None, "reason": figure.reason,
        }  # fmt: skip
        if one is not None:
            row |= {
                "low": one.low, "median": one.median, "high": one.high, "quantile": one.quantile,
                "inside": int(one.low <= figure.value <= one.high), "cannot_fail": int(one.cannot_fail),
            }  # fmt: skip
        rows.append(row)
    return rows


def _measure(figure: Figure, one: Forecast) -> str:
    """What a figure stands for; a number of sales is represented by its sale rate, and stands for itself."""
    return one.measure if one.measure in figure.measures else next(iter(figure.measures))


def must(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The figures that the model must produce, with what it predicts of them."""
    return [row for row in rows if row["role"] == "fit" and row["inside"] is not None]


def figure_table(result: Result, lang: str) -> Table:
    """The figures that the model must produce."""
    return table(
        "fit", lang, must(figure_rows(result)),
        [
            ("window", lambda r: r["window"], False),
            ("figure", lambda r: names.figure_name(r["figure"], lang), False),
            ("measure", lambda r: name_of_measure(r["measure"], lang), False),
            ("published", lambda r: names.figure_value(r["figure"], r["published"], lang), True),
            ("model", lambda r: _predicted(r, lang), True),
            ("quantile", lambda r: share(r["quantile"]), True),
            ("verdict", lambda r: w(f"verdict.{verdict(r)}", lang), False),
        ],
        marked=lambda r: {"inside": "good", "outside": "bad"}.get(verdict(r), ""),
    )  # fmt: skip


def verdict(row: Mapping[str, Any]) -> str:
    """Whether a figure lies in the model's band, and whether it could have failed to."""
    return "outside" if not row["inside"] else "cannot" if row["cannot_fail"] else "inside"


def _predicted(row: Mapping[str, Any], lang: str) -> str:
    return names.figure_span(row["figure"], row["low"], row["median"], row["high"], lang)


def other_table(result: Result, lang: str) -> Table:
    """Inputs and figures that are not meant to be met, each with its reason."""
    of = {(f.window, f.name): f for f in result.targets.figures()}
    rows = [row for row in figure_rows(result) if row["role"] in NOT_ASKED]
    return table(
        "others", lang, rows,
        [
            ("window", lambda r: r["window"], False),
            ("figure", lambda r: names.figure_name(r["figure"], lang), False),
            ("published", lambda r: names.figure_value(r["figure"], r["published"], lang), True),
            ("role", lambda r: w(f"role.{r['role']}", lang), False),
            ("reason", lambda r: str(of[r["window"], r["figure"]].why(lang)), False),
        ],
        caption=w("fit.others", lang),
    )  # fmt: skip


# parameters


def parameter_rows(result: Result) -> list[Row]:
    """Prior and posterior of every number of the vector, and whether an end of the range holds the posterior back."""
    mixed = result.main.mixture
    alive = np.flatnonzero(mixed.weights >= LIKELY)  # an end may bind under one interpretation alone
    which = [chosen for i in alive if (chosen := mixed.which == i).any()]
    rows: list[Row] = []
    for i, slot in enumerate(result.model.space.slots):
        row = _parameter(slot, mixed.theta[:, i], which)
        rows.append({**row, **_place(result, slot, i)})
    return rows


def _place(result: Result, slot: Slot, i: int) -> Row:
    """Where the representative lies among the draws of its own interpretation."""
    if result.point is None:
        return {"representative": math.nan, "representative_quantile": math.nan}
    posteriors = [
        p for p in result.main.posteriors if p.one.interpretation.key == result.point.interpretation.key
    ]
    x = float(result.point.theta[i])
    below = float((posteriors[0].theta[:, i] < x).mean()) if posteriors else math.nan
    return {"representative": float(slot.free.plain(x)), "representative_quantile": below}


def _parameter(slot: Slot, x: Floats, which: Sequence[npt.NDArray[np.bool_]]) -> Row:
    free = slot.free
    unit = free.unit(x)
    prior = free.quantile((np.arange(1000) + 0.5) / 1000)  # on the scale of sampling, where nothing overflows
    low = any(np.mean(unit[one] < OUTERMOST) > CROWDED * OUTERMOST for one in which)
    high = any(np.mean(unit[one] > 1.0 - OUTERMOST) > CROWDED * OUTERMOST for one in which)
    before, after = (free.plain(q) for q in (free.quantile(ENDS), np.quantile(x, ENDS)))
    at = np.quantile(unit, ENDS)
    return {
        "parameter": slot.name, "transform": free.transform,
        "prior_low": before[0], "prior_median": before[1], "prior_high": before[2],
        "low": after[0], "median": after[1], "high": after[2], "sd_ratio": float(x.std() / prior.std()),
        "unit_low": at[0], "unit_median": at[1], "unit_high": at[2],
        "ends": "both" if low and high else "low" if low else "high" if high else "", "source": free.source,
    }  # fmt: skip


def parameter_table(result: Result, lang: str) -> Table:
    """Parameters, prior to posterior."""
    words = {slot.name: slot.word(lang) for slot in result.model.space.slots}

    def span(row: Mapping[str, Any], before: str) -> str:
        low, middle, high = (_plain(row, f"{before}{k}") for k in ("low", "median", "high"))
        return f"{middle} [{low}, {high}]"

    return table(
        "parameters", lang, parameter_rows(result),
        [
            ("parameter", lambda r: words[r["parameter"]], False),
            ("prior", lambda r: span(r, "prior_"), True),
            ("posterior", lambda r: span(r, ""), True),
            ("left", lambda r: formats.percent(r["sd_ratio"], 0), True),
            ("representative", _represented, True),
            ("ends", lambda r: w(f"end.{r['ends']}", lang) if r["ends"] else "", False),
        ],
    )  # fmt: skip


def narrowed_rows(result: Result) -> list[Row]:
    """What the published figures, the court's own rows and both together leave of each parameter's prior: standard deviations over the
    prior's, on the scale of sampling; and of the main policy's effect on lots sold. Empty where there are no rows.
    """
    each = {head: answer.sampled_of(result, name) for head, name in LEFT.items()}
    if each["left_rows"] is None:
        return []

    def row(name: str, prior: float, of: Callable[[Sampled], Floats]) -> Row:
        return {"narrowed": name, **{head: float(of(one).std() / prior) if one else math.nan for head, one in each.items()}}  # fmt: skip

    rows = [
        row(slot.name, float(slot.free.quantile((np.arange(1000) + 0.5) / 1000).std()), partial(_draws, i))
        for i, slot in enumerate(result.model.space.slots)
    ]
    question, o = answer.main_question(result.questions), OUTCOMES.index("sold_ever")
    if question is not None:
        effect = float(result.prior[:, question, o].std())
        rows.append(row("sold_ever", effect, lambda one: one.effects[:, question, o]))
    return rows


def _draws(slot: int, one: Sampled) -> Floats:
    return one.mixture.theta[:, slot]


def narrowed_table(result: Result, lang: str) -> Table:
    """The same as a table."""
    words = {slot.name: slot.word(lang) for slot in result.model.space.slots}

    def named(row: Mapping[str, Any]) -> str:
        return words.get(row["narrowed"]) or w("narrowed.effect", lang)

    return table(
        "narrowed", lang, narrowed_rows(result),
        [
            ("quantity", named, False),
            ("left_figures", lambda r: formats.percent(r["left_figures"], 0), True),
            ("left_rows", lambda r: formats.percent(r["left_rows"], 0), True),
            ("left_together", lambda r: formats.percent(r["left_together"], 0), True),
        ],
    )  # fmt: skip


def _represented(row: Mapping[str, Any]) -> str:
    """The representative's value and the share of draws below it."""
    if not math.isfinite(row["representative"]):
        return formats.NOTHING
    return f"{_plain(row, 'representative')} ({share(row['representative_quantile'])})"


def _plain(row: Mapping[str, Any], key: str) -> str:
    if row["transform"] == "date":
        return date.fromordinal(round(row[key])).isoformat()
    return names.number(float(row[key]))


# evidence


def fact_rows(result: Result) -> list[Row]:
    """Every fact that is fitted or held out: what was observed, what the rest predicts of it, what its conditions matter."""
    if result.scored is None:
        return []
    s = result.scored.scores
    return [
        {
            "fact": one.name, "measure": one.measure, "use": one.use, "value": one.value, "sd": one.sd,
            "transport_sd": one.transport_sd, "sd_source": one.sd_source, "transport_source": one.transport_source, "scale": one.scale, "low": s.low[i], "median": s.median[i],
            "high": s.high[i], "quantile": s.quantile[i], "z": s.z[i], "draws": s.draws[i],
            "at_its_conditions": result.scored.here[i, 0], "at_this_place": result.scored.here[i, 1],
            "place": one.place, "years": one.years, "source": one.source,
        }
        for i, one in enumerate(result.scored.facts)
    ]  # fmt: skip


def fact_table(result: Result, lang: str) -> Table:
    """Facts that are fitted."""
    words = _fact_words(result, lang)
    rows = [row for row in fact_rows(result) if row["use"] == "fit"]
    return table(
        "facts", lang, rows,
        [
            ("fact", lambda r: str(words[r["fact"]]), False),
            ("value", lambda r: _measured(r, "value"), True),
            ("sds", lambda r: _errors(r, lang), True),
            ("predicted", lambda r: _forecast(r), True),
            ("quantile", lambda r: share(r["quantile"]), True),
            ("at", lambda r: _measured(r, "at_its_conditions"), True),
            ("here", lambda r: _measured(r, "at_this_place"), True),
        ],
    )  # fmt: skip


def _errors(row: Mapping[str, Any], lang: str) -> str:
    """A fact's own error and that of carrying it over, on its scale of comparison; marked where no source says so."""
    marks = (row["sd_source"], row["transport_source"])
    return " + ".join(
        f"{row[key]:.2f}{w('assumed.mark', lang) if mark.startswith('assumption') else ''}"
        for key, mark in zip(("sd", "transport_sd"), marks, strict=True)
    )


def _fact_words(result: Result, lang: str) -> dict[str, str]:
    return {one.name: one.word(lang) for one in (result.scored.facts if result.scored else ())}


def _measured(row: Mapping[str, Any], key: str) -> str:
    """A value of a fact's measure: a share in per cent, else a ratio."""
    return formats.percent(row[key]) if row["scale"] == "logit" else f"{row[key]:.2f}"


def _forecast(row: Mapping[str, Any]) -> str:
    return f"{_measured(row, 'median')} [{_measured(row, 'low')}–{_measured(row, 'high')}]"


def tension_rows(result: Result) -> list[Row]:
    """What leaving out one fact or figure does to the answer, the strongest pull first."""
    if result.main.refused:
        return []
    rows = [
        {"item": t.name, "kind": t.kind, "pull": t.pull, "quantile": t.quantile, "draws": t.draws}
        for t in result.tensions
    ]
    return sorted(rows, key=lambda r: -abs(r["pull"]) if math.isfinite(r["pull"]) else 0.0)


def item_name(result: Result, row: Mapping[str, Any], lang: str) -> str:
    """A fact, or a figure of a period (``premium@2018``)."""
    if row["kind"] == "fact":
        return {one.name: one.word(lang) for one in result.targets.evidence}.get(
            row["item"], str(row["item"])
        )
    name, _, window = str(row["item"]).partition("@")
    return names.dated(name, window, lang)


def tension_table(result: Result, lang: str) -> Table:
    return table(
        "pulls", lang, tension_rows(result),
        [
            ("item", lambda r: item_name(result, r, lang), False),
            ("kind", lambda r: w(f"kind.{r['kind']}", lang), False),
            ("pull", lambda r: names.signed(100 * r["pull"], 1) if math.isfinite(r["pull"]) else formats.NOTHING, True),
            ("quantile", lambda r: share(r["quantile"]), True),
            ("draws", lambda r: f"{r['draws']:,.0f}", True),
        ],
        folded=True, caption=w("facts.pull", lang),
    )  # fmt: skip


# interpretations


def interpretation_rows(result: Result) -> list[Row]:
    """Interpretations, the likelier first: weights under every body of evidence and prior, and the answer under each."""
    weight = {
        name: answer.weights(sampled)
        for name in ("evidence", "narrow", "wide", "figures")
        if (sampled := answer.sampled_of(result, name)) is not None
    }
    question = answer.main_question(result.questions)
    spans = (
        answer.by_interpretation(result.main, question, "sold_ever")
        if question is not None and not result.main.refused
        else {}
    )
    rows: list[Row] = []
    for one in result.main.posteriors:
        key = one.one.interpretation.key
        span = spans.get(key)
        rows.append({
            "interpretation": key, "prior": one.one.interpretation.weight,
            **{name: weight[name].get(key, 0.0) if name in weight else math.nan for name in ("evidence", "narrow", "wide", "figures")},
            "log_marginal": one.log_marginal, "low": span.low if span else math.nan,
            "median": span.median if span else math.nan, "high": span.high if span else math.nan,
        })  # fmt: skip
    return rows


def interpretation_table(result: Result, lang: str) -> Table:
    interpretations = {one.one.interpretation.key: one.one.interpretation for one in result.main.posteriors}

    def effect(row: Mapping[str, Any]) -> str:
        if not math.isfinite(row["median"]):
            return formats.NOTHING
        span = Interval(row["low"], row["median"], row["high"], math.nan)
        return names.bare("sold_ever", span)

    return table(
        "interpretations", lang, interpretation_rows(result),
        [
            ("interpretation", lambda r: names.interpretation_name(interpretations[r["interpretation"]], list(interpretations.values()), lang), False),
            ("prior_weight", lambda r: share(r["prior"]), True),
            ("weight", lambda r: share(r["evidence"]), True),
            ("narrow", lambda r: share(r["narrow"]), True),
            ("wide", lambda r: share(r["wide"]), True),
            ("alone", lambda r: share(r["figures"]), True),
            ("effect", effect, True),
        ],
    )  # fmt: skip


# held out


def score_rows(result: Result) -> list[Row]:
    """Facts and figures that were not fitted: predicted, then scored. What is held out for a reason that would explain any miss (a
    figure counted otherwise) is no test, and left out.
    """
    from scipy.special import ndtri

    rows: list[Row] = [
        {"item": r["fact"], "kind": "fact", "figure": r["scale"], "value": r["value"], "low": r["low"],
         "median": r["median"], "high": r["high"], "quantile": r["quantile"], "z": r["z"]}
        for r in fact_rows(result) if r["use"] == "held_out"
    ]  # fmt: skip
    for r in figure_rows(result):
        if r["role"] == "held_out" and r["inside"] is not None and not r["reason"]:
            z = float(ndtri(np.clip(r["quantile"], 1e-9, 1 - 1e-9)))
            rows.append({"item": f"{r['figure']}@{r['window']}", "kind": "figure", "figure": r["figure"], "value": r["published"],
                         "low": r["low"], "median": r["median"], "high": r["high"], "quantile": r["quantile"], "z": z})  # fmt: skip
    return rows


def scores_inside(rows: Sequence[Row]) -> int:
    return sum(r["low"] <= r["value"] <= r["high"] for r in rows)


def score_table(result: Result, lang: str) -> Table:
    def value(row: Mapping[str, Any], key: str) -> str:
        if row["kind"] == "fact":
            return _measured({"scale": row["figure"], key: row[key]}, key)
        return names.figure_value(row["figure"], row[key], lang)

    return table(
        "scores", lang, score_rows(result),
        [
            ("item", lambda r: item_name(result, r, lang), False),
            ("kind", lambda r: w(f"kind.{r['kind']}", lang), False),
            ("value", lambda r: value(r, "value"), True),
            ("predicted", lambda r: f"{value(r, 'median')} [{value(r, 'low')}–{value(r, 'high')}]", True),
            ("quantile", lambda r: share(r["quantile"]), True),
            ("z", lambda r: names.signed(r["z"], 1), True),
        ],
        marked=lambda r: "good" if r["low"] <= r["value"] <= r["high"] else "bad",
    )  # fmt: skip


# diagnostics


def diagnostic_rows(result: Result) -> list[Row]:
    """Every posterior that an answer rests on."""
    rows: list[Row] = []
    for name, sampled in {result.main.name: result.main, **result.variants}.items():
        for one, weight in zip(sampled.posteriors, sampled.mixture.weights.tolist(), strict=True):
            rows.append(_diagnostic(name, one, weight))
    return rows


def _diagnostic(name: str, one: Posterior, weight: float) -> Row:
    d = one.diagnostics
    return {
        "evidence": name, "interpretation": one.one.interpretation.key, "weight": weight, "ensembles": len(one.run.log_marginals),
        "evaluations": one.run.evaluations, "bulk": float(np.min(d.bulk)), "tail": float(np.min(d.tail)),
        "r_hat": float(np.max(d.rhat)), "accepted": one.run.accepted, "log_marginal_sd": d.marginal_sd, "refused": " ".join(why.code for why in d.refusal()),
    }  # fmt: skip


def diagnostic_table(result: Result, lang: str, *, variants: bool = False) -> Table:
    """Of the main posterior, or of the variants."""
    interpretations = {p.one.interpretation.key: p.one.interpretation for p in result.main.posteriors}
    for sampled in result.variants.values():
        interpretations |= {p.one.interpretation.key: p.one.interpretation for p in sampled.posteriors}

    def said(row: Mapping[str, Any]) -> str:
        if not row["refused"]:
            return w("good", lang)
        return w("light", lang) if row["weight"] < LIKELY else w("bad", lang)

    rows = [row for row in diagnostic_rows(result) if variants == (row["evidence"] != result.main.name)]
    given: list[tuple[str, Show, bool]] = [
        ("evidence", lambda r: names.evidence_name(r["evidence"], lang), False)
    ]
    return table(
        "variants" if variants else "diagnostics", lang, rows,
        [
            ("interpretation", lambda r: names.interpretation_name(interpretations[r["interpretation"]], list(interpretations.values()), lang), False),
            *(given if variants else []),
            ("weight", lambda r: share(r["weight"]), True),
            ("ensembles", lambda r: str(r["ensembles"]), True),
            ("bulk", lambda r: f"{r['bulk']:,.0f}", True),
            ("tail", lambda r: f"{r['tail']:,.0f}", True),
            ("rhat", lambda r: f"{r['r_hat']:.3f}" if math.isfinite(r["r_hat"]) else formats.NOTHING, True),
            ("accepted", lambda r: share(r["accepted"]), True),
            ("marginal_sd", lambda r: names.number(r["log_marginal_sd"], 2), True),
            ("verdict", said, False),
        ],
        marked=lambda r: "good" if not r["refused"] else "bad" if r["weight"] >= LIKELY else "",
        folded=variants,
    )  # fmt: skip


# what would settle it


def observation_values(result: Result) -> list[ObservationValue]:
    """Quantities that a court could report, the most informative of the headline first; none from draws that are refused."""
    return [] if result.main.refused else next(iter(result.observation_values.values()), [])


def trials(result: Result) -> list[Trial]:
    """Trials, likewise."""
    return [] if result.main.refused else result.trials


def observation_rows(result: Result) -> list[Row]:
    from calibration.answers.policy import OUTCOMES

    if result.main.refused:
        return []
    return [
        {"policy": policy, "quantity": a.name, "number": a.number, "today": a.today, "after": a.after,
         **{f"width_ratio_{o}": float(a.ratio[OUTCOMES.index(o)]) for o in answer.SHOWN}}
        for policy, values in result.observation_values.items() for a in values
    ]  # fmt: skip


def headline_rows(result: Result) -> list[Row]:
    """Those of the policy that the report is about."""
    return observation_rows(result)[: len(observation_values(result))]


def ask_table(result: Result, lang: str) -> Table:
    rows = headline_rows(result)
    columns: list[tuple[str, Show, bool]] = [
        ("quantity", lambda r: quantity_name(r["quantity"], lang, w), False)
    ]
    found = table("settle", lang, rows, columns)
    heads = [
        Column(w("col.width", lang, outcome=names.outcome_name(o, lang)), _left(o), True)
        for o in answer.SHOWN
    ]
    return Table(found.name, found.caption, [*found.columns, *heads], rows, found.fields)


def _left(outcome: str) -> Show:
    return lambda row: formats.percent(row[f"width_ratio_{outcome}"], 0)


def trial_rows(result: Result) -> list[Row]:
    return [
        {
            "courts": t.courts,
            "months": t.months,
            "lots": t.lots,
            "width": t.width,
            "today": t.today,
            "spread": t.spread,
        }
        for t in trials(result)
    ]


def trial_table(result: Result, lang: str) -> Table:
    return table(
        "trial", lang, trial_rows(result),
        [
            ("courts", lambda r: str(r["courts"]), False),
            ("months", lambda r: str(r["months"]), True),
            ("lots", lambda r: f"{r['lots']:,.0f}", True),
            ("interval", lambda r: f"{100 * r['width']:.1f}", True),
        ],
        caption=w("trial.caption", lang, spread=f"{result.trials[0].spread:g}") if result.trials else "",
    )  # fmt: skip


def drawn_rows(result: Result) -> list[Row]:
    """Of the main policy's effect, people let in and people drawn, by outcome; none where a start draws nobody."""
    if result.main.refused:
        return []
    parts = {outcome: answer.let_in(result, outcome) for outcome in answer.SHOWN}
    return [
        {"outcome": outcome, "part": part, "median": one.median, "low": one.low, "high": one.high}
        for outcome, both in parts.items() if both for part, one in zip(("let_in", "drawn"), both, strict=True)
    ]  # fmt: skip


def every(result: Result) -> dict[str, list[Row]]:
    """All tables by the name of their file."""
    return {
        "answers": answer.rows(result), "figures": figure_rows(result), "parameters": parameter_rows(result),
        "facts": fact_rows(result), "pulls": tension_rows(result), "interpretations": interpretation_rows(result),
        "scores": score_rows(result), "settle": observation_rows(result), "trial": trial_rows(result),
        "diagnostics": diagnostic_rows(result), "drawn": drawn_rows(result), "narrowed": narrowed_rows(result),
    }  # fmt: skip
