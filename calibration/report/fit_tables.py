"""Tables of what print says and what the model makes of it: fit, readings, targets, predictions of what was not used."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from calibration.audit.words import figure_name
from calibration.moments import Moment, moments
from calibration.predictive import Fit
from calibration.report.tables import Row, figure, moment_name, number, reading_name, short, table, z_score
from calibration.result import Case, Result
from calibration.targets import HOME
from calibration.words import w
from sim.report import formats
from sim.report.page.table import Table


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

    return table(
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
    return table(
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
        return ("; " if lang == "en" else "；").join(told)

    def role(row: Mapping[str, Any]) -> str:
        told = w(f"role.{row['role']}", lang)
        why = (row["reason_zh"] if lang == "zh" else "") or row["reason"]
        return told + (": " if lang == "en" else "：") + why if why else told

    return table(
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
