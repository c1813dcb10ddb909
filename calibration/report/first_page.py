"""The first page: the question, the answer, the figures met, what is not known, what to ask the court for; and as lines."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from calibration.estimation.refusal import Refusal
from calibration.report import answer, figures, names, tables
from calibration.report.answer import SHOWN, Answer
from calibration.report.words import w
from calibration.result import Result, Sampled
from calibration.targets.evidence import chosen
from sim.locale.signs import clauses, headed, listed, sentences
from sim.reporting.pages.shell import Block, Notes, Section
from sim.reporting.text import quantity_name

NAMED: Final = 3  # quantities to ask the court for that are named on the first page
TRIAL: Final = 20  # courts of the trial that is named there, at most
TITLES: Final = {1: "short.title.one", 4: "short.title.rows"}  # by how many bodies of evidence there are
SURE: Final = 0.975  # posterior probability from which on a sign counts as known


def question(result: Result, lang: str) -> str:
    """The question that the report answers."""
    which = answer.main_question(result.questions)
    if which is None:
        return w("question.none", lang)
    one = result.questions[which]
    return w(f"question.{one.family}", lang, share=f"{100 * one.value:g}")


def lead(result: Result, lang: str) -> list[str]:
    """The answer in a sentence, and what its words mean; or why there is none."""
    which = answer.main_question(result.questions)
    if which is None:
        return [w("short.none", lang)]
    if result.main.refused:
        return [w("answer.refused", lang, why=refusal(result.main, lang))]
    spans = _main(result, which).spans
    changes = {o: names.change(o, spans[o], lang) for o in SHOWN}
    one, other = result.questions[which], answer.reference(result.questions, which)
    sentence = w(
        "answer",
        lang,
        policy=names.policy_name(one, lang),
        reference=names.policy_name(other, lang),
        **changes,
    )
    if answer.enveloped(result):
        move = w("answer.enveloped", lang, move=names.share(answer.largest_move(result)))
        sentence = sentences([sentence, move], lang)
    return [sentence]


def _main(result: Result, which: int) -> Answer:
    at = [sampled is result.main for _, sampled in answer.bodies(result)].index(True)
    return answer.answers(result, which)[at]


def refusal(sampled: Sampled, lang: str) -> str:
    """Which interpretations fail which diagnostic, or what else is wrong."""
    among = {one.one.interpretation.key: one.one.interpretation for one in sampled.posteriors}
    parts = []
    for key, group in groupby(sampled.refused, key=lambda why: why.interpretation):
        failed = clauses((failure(why, lang) for why in group), lang)
        name = names.interpretation_name(among[key], list(among.values()), lang) if key else ""
        parts.append(headed(name, failed, lang) if key else failed)
    return clauses(parts, lang)


def failure(why: Refusal, lang: str) -> str:
    """What is wrong, with its number and its bound."""
    return w(f"failed.{why.code}", lang, value=why.value, bound=why.bound)


def section(result: Result, lang: str) -> Section:
    """The first page below its headline."""
    which = answer.main_question(result.questions)
    rows = tables.figure_rows(result)
    blocks: list[Block] = []
    title = w(TITLES.get(len(answer.bodies(result)), "short.title"), lang)
    if which is not None and not result.main.refused:
        blocks.append(figures.answer_figure(answer.answers(result, which), lang))
        if len(answer.bodies(result)) == 1 and chosen(result.targets.evidence, "fit"):
            blocks.append(Notes([w("short.alone", lang)]))
    else:
        title = w("short.none" if which is None else "short.refused", lang)
    if tables.must(rows):
        said = [_counts(rows, lang), *reasons(result, rows, lang)]
        blocks += [Notes(said, met(rows, lang), "plain"), figures.met_figure(rows, lang)]
    blocks += [
        Notes(unknown(result, rows, lang), w("unknown", lang), "half"),
        Notes(asking(result, lang), w("asking", lang), "half"),
    ]
    return Section("short", w("short", lang), title, blocks)


def met(rows: Sequence[tables.Row], lang: str) -> str:
    """How many figures are met, of those that the model must produce and can miss."""
    mine = [row for row in tables.must(rows) if tables.verdict(row) != "cannot"]
    return w("met.title", lang, inside=sum(r["inside"] for r in mine), all=len(mine))


def _counts(rows: Sequence[tables.Row], lang: str) -> str:
    """How many cannot fail, are inputs, or are not meant to be met."""
    cannot = sum(tables.verdict(r) == "cannot" for r in tables.must(rows))
    inputs = sum(r["role"] == "input" for r in rows)
    others = sum(r["role"] in ("held_out", "unused", "assumed") for r in rows)
    found = [w("met.counts", lang, inputs=inputs, others=others)]
    if replaced := sum(r["role"] == "replaced" for r in rows):
        found.append(w("met.replaced", lang, number=replaced))
    if cannot:
        found.append(w("met.cannot", lang, number=cannot))
    return sentences(found, lang)


def reasons(result: Result, rows: Sequence[tables.Row], lang: str) -> list[str]:
    """Why figures are not meant to be met, a line for each reason."""
    of = {(f.window, f.name): f for f in result.targets.figures()}
    lines: dict[str, tuple[list[str], str, str]] = {}
    for (window, name), sign in figures.noted(rows).items():
        windows, _, _ = lines.setdefault(sign, ([], name, of[window, name].why(lang)))
        windows.append(window)
    return [
        w("met.why", lang, mark=sign, window=w("list", lang).join(windows), figure=names.figure_name(name, lang), why=why)
        for sign, (windows, name, why) in lines.items()
    ]  # fmt: skip


def unknown(result: Result, rows: Sequence[tables.Row], lang: str) -> list[str]:
    """What is not known, said of the answer first."""
    lines = []
    which = answer.main_question(result.questions)
    if which is not None and not result.main.refused:
        spans = _main(result, which).spans
        for outcome in SHOWN:
            below = spans[outcome].below
            if 1.0 - SURE < below < SURE:
                lines.append(w("unknown.sign", lang, outcome=names.outcome_name(outcome, lang), below=names.share(below)))  # fmt: skip
        lines.append(w("unknown.construction", lang))
        lines += _historic(result, which, lang)
    best = result.main.posteriors[0]
    weight = float(result.main.mixture.weights[0])
    if weight < SURE:
        among = [one.one.interpretation for one in result.main.posteriors]
        name = names.interpretation_name(best.one.interpretation, among, lang)
        lines.append(w("unknown.interpretation", lang, weight=names.share(weight), name=name))
    outside = [r for r in tables.must(rows) if not r["inside"]]
    if outside:
        figures = w("list", lang).join(names.dated(r["figure"], r["window"], lang) for r in outside)
        lines.append(w("unknown.outside", lang, figures=figures))
    return [names.capital(line) for line in lines]


def _historic(result: Result, which: int, lang: str) -> list[str]:
    """What the answer becomes if the province's own cut was another."""
    found = {
        name: answer.effect(result, one, which, "sold_ever")
        for name, one in result.variants.items()
        if name.startswith("historic-") and not one.refused
    }
    return [
        f"{names.capital(names.evidence_name(name, lang))}{w('colon', lang)}{names.outcome_name('sold_ever', lang)} {names.change('sold_ever', span, lang)}"
        for name, span in found.items()
    ]


def asking(result: Result, lang: str) -> list[str]:
    """The quantities that would narrow the answer most, and a trial."""
    lines = [
        names.capital(w("asking.row", lang, name=quantity_name(one.name, lang, w), left=f"{100 * row['width_ratio_sold_ever']:.0f}%"))
        for one, row in list(zip(tables.observation_values(result), tables.headline_rows(result), strict=True))[:NAMED]
    ]  # fmt: skip
    small = [one for one in tables.trials(result) if one.courts <= TRIAL]
    if small:
        t = max(small, key=lambda one: (one.courts, one.months))
        width, today = (w("unit.points", lang, x=f"{100 * x:.1f}") for x in (t.width, t.today))
        lines.append(
            w("asking.trial", lang, courts=t.courts, months=f"{t.months:g}", width=width, today=today)
        )
    return lines or [w("asking.none", lang)]


def unsampled(result: Result, lang: str) -> list[str]:
    """Interpretations that the figures do not exclude and that were not sampled, since none of their vectors came near."""
    followed = [
        one
        for one in result.targets.interpretations()
        if not any(measure in result.excluded.get(figure, ()) for figure, measure in one.measures)
    ]
    sampled = {one.one.interpretation.key for one in result.main.posteriors}
    return [names.interpretation_name(one, followed, lang) for one in followed if one.key not in sampled]


def polished(result: Result, lang: str) -> list[str]:
    """What meeting the figures at the representative says, and why it is refused if it is."""
    if result.point is None:
        return [w("fit.unpolished", lang)]
    if result.point.refused:
        return [w("fit.refused", lang, why=fails(result, lang))]
    figures = [one for one in result.point.figures if one.counts]
    inside = w("fit.polished", lang, inside=sum(one.inside for one in figures), all=len(figures))
    return [w("fit.construction", lang), inside]


def fails(result: Result, lang: str) -> str:
    """What is wrong with the representative; empty where nothing is."""
    if result.point is None:
        return w("refused.none", lang)
    return listed((w(f"refused.{name}", lang) for name in result.point.refused), lang)


def lines(result: Result, lang: str) -> list[str]:
    """The answer in three lines and the figures met in one, for the terminal."""
    rows = tables.figure_rows(result)
    counted = (
        [w("line.met", lang, met=met(rows, lang), counts=_counts(rows, lang))] if tables.must(rows) else []
    )
    which = answer.main_question(result.questions)
    if which is None or result.main.refused:
        return [*lead(result, lang), *counted, *_no_scenario(result, lang)]
    one, other = result.questions[which], answer.reference(result.questions, which)
    head = w("line.question", lang, policy=names.capital(names.policy_name(one, lang)), reference=names.policy_name(other, lang))  # fmt: skip
    spans = _main(result, which).spans
    effects = [
        w("line.answer", lang, outcome=names.outcome_name(o, lang), change=names.change(o, spans[o], lang))
        for o in SHOWN
    ]
    return [head, *(f"  {line}" for line in effects), *counted, *_no_scenario(result, lang)]


def _no_scenario(result: Result, lang: str) -> list[str]:
    """Said where no representative may be used."""
    return polished(result, lang) if result.point is not None and result.point.refused else []
