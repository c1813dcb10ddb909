"""The report as one page: a first page for a judge, and the details for a statistician behind it."""

from __future__ import annotations

from typing import Any

import numpy as np

from calibration.answers.seeds import GOOD, GOOD_K
from calibration.estimation.posterior import Diagnostics
from calibration.report import answer, figures, first_page, names, tables
from calibration.report.answer import LIKELY
from calibration.report.words import w
from calibration.result import Result
from calibration.settings import HOPELESS
from sim.reporting.pages.manifest import manifest_rows
from sim.reporting.pages.shell import Block, Notes, Page, Section
from sim.reporting.text import quantity_name

KNOWN = 0.5  # of the prior's spread: at most so much is left of a parameter that counts as known


def page(result: Result, lang: str, manifest: dict[str, Any]) -> Page:
    """Lay out the report."""
    sections = [
        first_page.section(result, lang), _fit(result, lang), _parameters(result, lang), _facts(result, lang),
        _interpretations(result, lang), _scores(result, lang), _settle(result, lang), _diagnostics(result, lang),
    ]  # fmt: skip
    return Page(
        lang=lang, kind=w("kind", lang), name=result.targets.title_zh if lang == "zh" else result.targets.title,
        headline=first_page.question(result, lang), lead=first_page.lead(result, lang),
        sections=sections, sheet=True,
        manifest=_again(result, manifest, lang), appendix=[("targets.toml", result.targets.text)],
    )  # fmt: skip


def _fit(result: Result, lang: str) -> Section:
    rows = tables.figure_rows(result)
    blocks: list[Block] = [tables.figure_table(result, lang), Notes(first_page.polished(result, lang))]
    if any(row["role"] in tables.NOT_ASKED for row in rows):
        blocks.append(tables.other_table(result, lang))
    return Section("fit", w("fit", lang), first_page.met(rows, lang), blocks, w("fit.lead", lang))


def _parameters(result: Result, lang: str) -> Section:
    rows = tables.parameter_rows(result)
    title = w("parameters.title", lang, narrowed=sum(r["sd_ratio"] <= KNOWN for r in rows), all=len(rows))
    blocks: list[Block] = [figures.parameter_figure(result, lang), tables.parameter_table(result, lang)]
    if tables.narrowed_rows(result):
        blocks.append(tables.narrowed_table(result, lang))
    if both := answer.let_in(result, "sold_ever"):
        inside, drawn = (names.change("sold_ever", one, lang) for one in both)
        blocks.append(Notes([w("parameters.drawn", lang, let_in=inside, drawn=drawn)]))
    fitted = len(list(result.targets.figures("fit")))
    if len(rows) > fitted:
        note = w("parameters.more", lang, parameters=len(rows), figures=fitted, least=len(rows) - fitted)
        blocks.insert(0, Notes([note]))
    return Section("parameters", w("parameters", lang), title, blocks, w("parameters.lead", lang))


def _facts(result: Result, lang: str) -> Section:
    fitted = [row for row in tables.fact_rows(result) if row["use"] == "fit"]
    if not fitted:
        return Section("facts", w("facts", lang), w("facts.none", lang), [])
    pulls = tables.tension_rows(result)
    blocks: list[Block] = [figures.fact_figure(result, lang), tables.fact_table(result, lang)]
    if pulls:
        far = [tables.item_name(result, r, lang) for r in pulls if not 0.025 <= r["quantile"] <= 0.975]
        note = w("facts.against", lang, names=w("join", lang).join(far)) if far else w("facts.agree", lang)
        blocks += [Notes([note]), tables.tension_table(result, lang)]
    title = w("facts.title", lang, number=len(fitted))
    return Section("facts", w("facts", lang), title, blocks, w("facts.lead", lang))


def _interpretations(result: Result, lang: str) -> Section:
    weights = result.main.mixture.weights
    title = w("interpretations.title", lang, alive=int((weights >= LIKELY).sum()), all=len(weights))
    if {"narrow", "wide"} & set(result.variants):
        envelope = w("envelope.yes" if answer.enveloped(result) else "envelope.no", lang)
        lines = [
            w(
                "interpretations.moves",
                lang,
                move=names.share(answer.largest_move(result)),
                envelope=envelope,
            )
        ]
    else:
        lines = [w("interpretations.still", lang)]
    out = [names.measure_name(m, lang) for measures in result.excluded.values() for m in sorted(measures)]
    if out:
        lines.append(w("interpretations.excluded", lang, names=w("join", lang).join(out)))
    if gone := first_page.unsampled(result, lang):
        lines.append(
            w(
                "interpretations.hopeless",
                lang,
                number=len(gone),
                points=f"{HOPELESS:g}",
                names=w("join", lang).join(gone),
            )
        )
    blocks: list[Block] = [tables.interpretation_table(result, lang), Notes(lines)]
    return Section(
        "interpretations", w("interpretations", lang), title, blocks, w("interpretations.lead", lang)
    )


def _scores(result: Result, lang: str) -> Section:
    rows = tables.score_rows(result)
    if not rows:
        return Section("scores", w("scores", lang), w("scores.none", lang), [])
    title = w("scores.title", lang, inside=tables.scores_inside(rows), all=len(rows))
    far = max(rows, key=lambda r: abs(r["z"]))
    said = w("scores.far", lang, name=tables.item_name(result, far, lang), z=names.signed(far["z"], 1))
    blocks: list[Block] = [tables.score_table(result, lang), Notes([said])]
    return Section("scores", w("scores", lang), title, blocks, w("scores.lead", lang))


def _settle(result: Result, lang: str) -> Section:
    if not tables.observation_values(result):
        return Section(
            "settle", w("settle", lang), w("settle.title.none", lang), [Notes([w("settle.none", lang)])]
        )
    first = tables.observation_values(result)[0]
    title = w("settle.title", lang, name=quantity_name(first.name, lang, w))
    blocks: list[Block] = [figures.settle_figure(result, lang), tables.ask_table(result, lang)]
    if tables.trials(result):
        blocks.append(tables.trial_table(result, lang))
    return Section("settle", w("settle", lang), title, blocks, w("settle.lead", lang))


def _diagnostics(result: Result, lang: str) -> Section:
    why = first_page.refusal(result.main, lang) if result.main.refused else ""
    title = w("diagnostics.refused", lang, why=why) if why else w("diagnostics.passed", lang)
    blocks: list[Block] = [tables.diagnostic_table(result, lang)]
    if (share := result.settings.effort.share) < 1.0:
        blocks.insert(0, Notes([_rules("diagnostics.look", share, lang)]))
    lesser = result.settings.lesser.share
    if lesser < share and (
        result.variants or any(p.diagnostics.share == lesser for p in result.main.posteriors)
    ):
        blocks.append(Notes([_rules("diagnostics.lesser", lesser, lang)]))
    if result.variants:
        blocks.append(tables.diagnostic_table(result, lang, variants=True))
    return Section("diagnostics", w("diagnostics", lang), title, blocks, w("diagnostics.lead", lang))


def _rules(text: str, share: float, lang: str) -> str:
    """By which rules draws are judged of which fewer are asked for."""
    rules = Diagnostics(np.empty(0), np.empty(0), np.empty(0), share=share)
    return w(text, lang, rhat=f"{rules.farthest:g}", least=f"{rules.least:.0f}")


def _again(result: Result, manifest: dict[str, Any], lang: str) -> list[tuple[str, str]]:
    """Everything needed to make this again, and how much was done."""
    rows = tables.diagnostic_rows(result)
    effort = w(
        "again.effort", lang, name=w(f"effort.{result.settings.name}", lang), ensembles=sum(r["ensembles"] for r in rows),
        evaluations=f"{sum(r['evaluations'] for r in rows):,}", draws=f"{len(result.main.mixture.theta):,}",
    )  # fmt: skip
    steps = w("list", lang).join(
        f"{names.step_name(name, lang)} {seconds:.0f}" for name, seconds in result.seconds.items()
    )
    found = [*manifest_rows(manifest, lang), (w("again.effort.head", lang), effort)]
    if len(result.moved.k):
        every = zip(result.moved.ends.ravel(), result.moved.error.ravel(), strict=True)
        ends = w("list", lang).join(f"{x:+.2f} ± {error:.2f}" for x, error in every)
        k = w("list", lang).join(f"{x:.2f}" for x in result.moved.k)
        said = w("again.moved", lang, ends=ends, good=f"{GOOD:g}", k=k, good_k=f"{GOOD_K:g}")
        found.append((w("again.moved.head", lang), said))
    if steps:
        found.append((w("again.time.head", lang), steps))
    for name, digest in manifest.get("evidence", {}).items():
        found.append((w("again.evidence", lang, name=name), f"SHA-256 {digest}"))
    return found
