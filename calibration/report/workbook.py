"""A calibration, and an audit, as an Excel workbook: the tables of their CSV files, names and dates in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from calibration.audit import report as audit_report
from calibration.report import names, tables
from calibration.report.first_page import lines
from calibration.report.words import w
from sim.reporting.text import quantity_name
from sim.reporting.workbooks.sheets import CellWords, Cover, Word, as_typed, leave, table_sheet
from sim.reporting.workbooks.sheets import w as words_of_books

if TYPE_CHECKING:
    from calibration.audit import Finding
    from calibration.result import Result
    from calibration.targets.targets import Reported
    from sim.experiments.storage.workbook import Sheet

Row = Mapping[str, Any]
POLICIES: Final = {"policy": "policy_name"}  # a policy's name, where a comparison has its value
WEIGHT: Final = {"evidence": "weight"}  # of an interpretation, given the evidence
RENAMED: Final = {"answers": POLICIES, "interpretations": WEIGHT}
PRIORS: Final = ("prior_low", "prior_median", "prior_high", "low", "median", "high", "representative")


def audit_workbook(
    folder: Path, targets: Reported, findings: Sequence[Finding], command: Sequence[str], lang: str
) -> Path:
    """Write an audit's workbook into its folder: the findings, and the figures that they are about."""
    cover = Cover(_title(targets, lang), _facts(targets, command), [audit_report.summary(findings, lang)])
    return leave(folder, cover, [_findings(findings, lang), _published(targets, lang)], lang)


def calibration_workbook(folder: Path, result: Result, command: Sequence[str], lang: str) -> Path:
    """Write a calibration's workbook into its folder: every table that it leaves."""
    sheets = [_table(result, name, rows, lang) for name, rows in tables.every(result).items() if rows]
    sheets += [_findings(result.findings, lang), _published(result.targets, lang)]
    facts: dict[str, str | int] = {**_facts(result.targets, command), "seed": result.targets.seed}
    said = [*lines(result, lang), words_of_books("note.rates", lang)]
    return leave(folder, Cover(_title(result.targets, lang), facts, said), sheets, lang)


def _title(targets: Reported, lang: str) -> str:
    return targets.title_zh if lang == "zh" else targets.title


def _facts(targets: Reported, command: Sequence[str]) -> dict[str, str | int]:
    return {"targets": targets.path.name, "source": targets.source, "command": as_typed(command)}


def _findings(findings: Sequence[Finding], lang: str) -> Sheet:
    return table_sheet(
        words_of_books("sheet.audit", lang), audit_report.columns(findings, lang), CellWords(lang)
    )


def _published(targets: Reported, lang: str) -> Sheet:
    """The published figures, as they were published and as numbers."""
    figures = [one for window in targets.windows.values() for one in window.figures.values()]
    columns: dict[str, list[Any]] = {
        "window": [one.window for one in figures],
        "figure": [one.name for one in figures],
        "as_published": [one.published.text for one in figures],
        "published": [one.value for one in figures],
        "role": [one.role for one in figures],
        "reason": [one.why(lang) for one in figures],
        "source": [one.source for one in figures],
    }
    return table_sheet(
        words_of_books("sheet.figures", lang), columns, _words(lang), lambda row: _kind(str(row["figure"]))
    )


def _kind(figure: str) -> str:
    """How a figure's numbers are shown."""
    return (
        "yuan"
        if figure in names.MONEY
        else "rate"
        if figure.startswith(("sale_rate", "premium"))
        else "count"
    )


def _words(lang: str, more: Mapping[str, Word] | None = None) -> CellWords:
    return CellWords(
        lang, None, {"figure": lambda x: names.capital(names.figure_name(x, lang)), **(more or {})}
    )


def _table(result: Result, name: str, rows: Sequence[Row], lang: str) -> Sheet:
    """One of the tables that a calibration leaves."""
    renamed = RENAMED.get(name, {})
    columns = {renamed.get(key, key): [_dated(row, key) for row in rows] for key in rows[0]}
    return table_sheet(
        words_of_books(f"sheet.{_SHEETS.get(name, name)}", lang),
        columns,
        _words(lang, _codes(result, name, lang)),
        _KINDS.get(name, _plain),
    )


_SHEETS: Final = {"figures": "predicted", "interpretations": "interpretations_of"}


def _dated(row: Row, key: str) -> Any:
    """A parameter that is a date, as one."""
    value = row[key]
    if row.get("transform") == "date" and key in PRIORS and math.isfinite(value):
        return date.fromordinal(round(value))
    return value


def _plain(row: Row) -> str:
    return ""


_KINDS: Final[dict[str, Callable[[Row], str]]] = {
    "answers": lambda row: "days" if row["outcome"] in names.DAYS else "rate",
    "figures": lambda row: _kind(str(row["figure"])),
    "facts": lambda row: "rate" if row["scale"] == "logit" else "ratio",
    "scores": lambda row: (
        ("rate" if row["figure"] == "logit" else "ratio")
        if row["kind"] == "fact"
        else _kind(str(row["figure"]))
    ),
}


def _codes(result: Result, name: str, lang: str) -> dict[str, Word]:
    """The words for codes of a table."""
    policies = {one.key: names.capital(names.policy_name(one, lang)) for one in result.questions}
    facts = {one.name: one.word(lang) for one in result.targets.evidence}
    slots = {slot.name: slot.word(lang) for slot in result.model.space.slots}
    among = {one.one.interpretation.key: one.one.interpretation for one in result.main.posteriors}
    for sampled in result.variants.values():
        among |= {one.one.interpretation.key: one.one.interpretation for one in sampled.posteriors}

    def item(value: str) -> str:
        return facts.get(value) or names.dated(*value.partition("@")[::2], lang)

    found: dict[str, Word] = {
        "policy_name": lambda x: policies.get(x, x), "against": lambda x: policies.get(x, x),
        "outcome": lambda x: names.capital(names.outcome_name(x, lang)),
        "evidence": lambda x: names.evidence_name(x, lang),
        "parameter": lambda x: slots.get(x, x), "narrowed": lambda x: slots.get(x) or w("narrowed.effect", lang), "fact": lambda x: facts.get(x, x), "item": item,
        "quantity": lambda x: quantity_name(x, lang, w),
        "measure": lambda x: names.capital(names.measure_name(x, lang)) if x else "",
        "interpretation": lambda x: names.interpretation_name(among[x], list(among.values()), lang),
        "ends": lambda x: w(f"end.{x}", lang) if x else "",
        "use": lambda x: words_of_books(f"role.{x}", lang),
    }  # fmt: skip
    if name == "figures":
        reasons = {one.reason: one.why(lang) for one in result.targets.figures()}
        found["reason"] = lambda x: reasons.get(x, x)
    if name == "scores":  # of facts the scale stands there
        found["figure"] = lambda x: (
            names.capital(names.figure_name(x, lang)) if x not in ("logit", "log") else ""
        )
    return found
