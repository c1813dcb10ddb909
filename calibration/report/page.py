"""The report as one page: short answer, fit, then the ten requirements in order."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from calibration.audit import report as audit_report
from calibration.file.driven import driven
from calibration.moments import moments
from calibration.report import (
    fit_figures,
    fit_tables,
    parameter_figures,
    parameter_tables,
    policy_figures,
    policy_tables,
    tables,
    told,
)
from calibration.report.inline import block
from calibration.result import Case, Result
from calibration.words import w
from sim.report import formats
from sim.report.page.manifest import manifest_rows
from sim.report.page.shell import Notes, Page, Section
from sim.report.page.table import Column, Table


def page(result: Result, lang: str, manifest: dict[str, Any], folder: Path | None) -> Page:
    """Lay out the report; with ``folder``, also write the pictures there."""
    rows = policy_tables.policy_rows(result)

    def picture(name: str, draw: Any) -> Any:
        return block(draw, result, lang, w(f"{name}.caption", lang), folder, name.removesuffix("_figure"))

    lead = result.leading or result.cases[0]
    fit = fit_tables.fit_table(fit_tables.fit_rows(lead), lang)
    sections = [
        Section("judge", w("judge", lang), w("judge.title", lang), told.glance(result, rows, lang)),
        Section("fit", w("fit", lang), told.model(result, lang)[0], [fit, picture("fit_figure", fit_figures.fit_figure), fit_tables.reading_table(result, lang), *_every_fit(result, lang)]),
        Section("targets", w("targets", lang), audit_report.summary(result.findings, lang), [fit_tables.target_table(result, lang), *audit_report.section(result.findings, lang).blocks]),
        _counted(result, lead, lang),
        _verification(result, lang),
        _identification(result, lead, lang, picture),
        _weights(result, lang),
        _adequacy(result, lead, lang),
        _sensitivity(result, lang, picture),
        _validation(result, lang, picture),
        _policy(result, rows, lang, picture),
        _again(result, lang),
    ]  # fmt: skip
    return Page(
        lang=lang, kind=w("run.kind", lang), name=result.targets.title_zh if lang == "zh" else result.targets.title,
        headline=told.headline(result, rows, lang), lead=told.signs(rows, lang)[:1],
        warnings=[str(one) for one in result.targets.warnings], sections=sections,
        manifest=manifest_rows(manifest, lang), appendix=[("targets.toml", result.targets.text)],
    )  # fmt: skip


def _every_fit(result: Result, lang: str) -> list[Table]:
    rows = [row for case in result.cases for row in fit_tables.fit_rows(case)]
    return [fit_tables.fit_table(rows, lang, "fits", folded=True)] if len(result.cases) > 1 else []


def _counted(result: Result, lead: Case, lang: str) -> Section:
    slots = result.world.space.slots
    number = len(moments(result.targets, lead.reading))
    freedom = lead.evidence.inference.test.freedom if lead.evidence else 0
    from sim.scenario.files import leaves

    fixed = len(leaves(result.targets.loaded.tree)) - sum(len(one.paths) for one in result.targets.free)
    lines = [w("counted.fixed", lang, fixed=fixed, scenario=result.targets.loaded.path.stem)]
    if number < len(slots):
        names = told.JOIN[lang].join(driven(result.targets, lang)) or formats.NOTHING
        lines.append(w("counted.prior", lang, driven=names))
    title = w(
        "counted.title",
        lang,
        parameters=len(slots),
        moments=number,
        followed=number - freedom,
        freedom=freedom,
    )
    return Section(
        "counted",
        w("counted", lang),
        title,
        [
            Notes(lines),
            parameter_tables.parameter_table(result, lang),
            parameter_tables.source_table(result, lang),
        ],
    )


def _verification(result: Result, lang: str) -> Section:
    table = parameter_tables.verification_table(result, lang)
    wrong = sum(abs(row["z"]) > 4 for row in table.rows)
    far = sum(abs(row["z"]) > 3 for row in table.rows)
    title = w("verification.title", lang, all=len(table.rows), far=far, wrong=wrong)
    folded = Table(
        table.name, table.caption, table.columns, table.rows, table.fields, table.marked, folded=True
    )
    return Section("verification", w("verification", lang), title, [folded], w("verification.lead", lang))


def _identification(result: Result, lead: Case, lang: str, picture: Any) -> Section:
    known = lead.evidence.directions.known if lead.evidence else 0
    title = w("identification.title", lang, known=known, all=len(result.world.space.slots))
    untouched = [
        result.world.space.slots[i].word(lang) for i, row in enumerate(parameter_tables.parameter_rows(result)) if math.isinf(row["se"])
    ]  # fmt: skip
    blocks: list[Any] = [picture("ridge", parameter_figures.ridge_figure)]
    blocks.append(
        picture("profiles", parameter_figures.profiles_figure)
        if lead.profiles
        else Notes([w("profiles.quick", lang)])
    )
    blocks += [
        parameter_tables.quantity_table(result, lang),
        parameter_tables.direction_table(result, lang),
        picture("prior", parameter_figures.prior_figure),
        parameter_tables.start_table(result, lang),
    ]
    if untouched:
        blocks.append(Notes([w("not_identified", lang, names=told.JOIN[lang].join(untouched))]))
    return Section("identification", w("identification", lang), title, blocks)


def _weights(result: Result, lang: str) -> Section:
    title = w("weights.title", lang, draws=result.world.draws)
    table = parameter_tables.parameter_table(result, lang)
    chosen = [
        c
        for c in table.columns
        if c.head
        in {w(f"col.{h}", lang) for h in ("parameter", "estimate", "se", "regular_se", "monte_carlo")}
    ]
    short = Table("errors", table.caption, chosen, table.rows, table.fields)
    return Section("weights", w("weights", lang), title, [short], w("weights.lead", lang))


def _adequacy(result: Result, lead: Case, lang: str) -> Section:
    test = lead.evidence.inference.test if lead.evidence else None
    title = w("adequacy.title.none", lang)
    if test is not None and test.freedom > 0:
        title = w("adequacy.title", lang, j=f"{test.statistic:.1f}", freedom=test.freedom, p=f"{test.p:.2g}")
    return Section(
        "adequacy",
        w("adequacy", lang),
        title,
        [parameter_tables.adequacy_table(result, lang)],
        w("adequacy.lead", lang),
    )


def _sensitivity(result: Result, lang: str, picture: Any) -> Section:
    rows = policy_tables.sensitivity_rows(result)
    mine = [r for r in rows if r["kind"] == "policy" and r["target"].endswith(("sold_ever", "recovery_all"))]
    most = max(mine, key=lambda r: abs(r["change"]))["moment"] if mine else ""
    title = w("sensitivity.title", lang, moment=tables.moment_name(most, lang) if most else formats.NOTHING)
    return Section(
        "sensitivity",
        w("sensitivity", lang),
        title,
        [picture("sensitivity_figure", policy_figures.sensitivity_figure)],
        w("sensitivity.lead", lang),
    )


def _validation(result: Result, lang: str, picture: Any) -> Section:
    rows = fit_tables.validation_rows(result)
    blocks: list[Any] = []
    if rows:
        blocks.append(picture("validation", fit_figures.predictive_figure))
        table = fit_tables.fit_table(rows, lang, "validation")
        kinds = Column(w("col.place", lang), lambda r: fit_tables.predicted_where(r, lang))
        blocks.append(
            Table(table.name, table.caption, [kinds, *table.columns[:-1]], rows, list(rows[0]), table.marked)
        )
    else:
        blocks.append(Notes([w("validation.none", lang)]))
    if result.validation is None:
        blocks.append(Notes([w("validation.quick", lang)]))
    title = w("validation.title", lang, inside=sum(r["inside"] for r in rows), all=len(rows))
    return Section("validation", w("validation", lang), title, blocks, w("validation.lead", lang))


def _policy(result: Result, rows: list[tables.Row], lang: str, picture: Any) -> Section:
    whole = [r for r in rows if r["group"] == "all"]
    rest = [r for r in rows if r["group"] != "all"]
    blocks: list[Any] = [Notes(told.signs(rows, lang)), picture("forest", policy_figures.forest_figure)]
    if whole:
        blocks += [
            policy_tables.policy_table(whole, lang),
            policy_tables.policy_table(rest, lang, "split", folded=True),
        ]
    if result.played:
        blocks.append(policy_tables.simulator_table(result, lang))
    if result.waiting:
        blocks.append(policy_tables.waiting_table(result, lang))
    return Section("policy", w("policy", lang), w("policy.title", lang), blocks, w("policy.lead", lang))


def _again(result: Result, lang: str) -> Section:
    out = sorted({m for measures in result.excluded.values() for m in measures})
    log = w(
        "again.log", lang, readings=len(result.cases), starts=sum(len(c.estimate.starts) for c in result.cases),
        evaluations=sum(c.estimate.evaluations for c in result.cases), vectors=sum(len(c.history.sample) for c in result.cases),
        excluded=told.JOIN[lang].join(out) or formats.NOTHING,
    )  # fmt: skip
    parts = told.JOIN[lang].join(f"{name} {seconds:.0f} s" for name, seconds in result.seconds.items())
    return Section(
        "again", w("again", lang), w("again.title", lang), [Notes([log, w("again.time", lang, steps=parts)])]
    )
