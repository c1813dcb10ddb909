"""What a run's records have of the law, in words and as rows: which limits some event broke, how often, and the worst of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sim.locale.words import Words
from sim.measures.against_law import AgainstTheLaw, Case, Finding
from sim.model.calendar import moment
from sim.reporting.law import condition_words, limit, not_checked, unknown_law

w: Final = Words("law")
EVENT_HEADS: Final = (
    "replication", "lot", "when", "kind", "article", "rule", "quantity", "value", "low", "high", "disputed", "condition",
)  # fmt: skip


def record_lines(found: AgainstTheLaw, folder: Path, replications: int, lang: str) -> list[str]:
    """A line on what was looked at, two for each limit that was broken, and what records do not show."""
    law = w("records.day", lang, day=found.day) if found.day else w("records.own_days", lang)
    lots, rounds = f"{found.lots:,}", f"{found.rounds:,}"
    lines = [w("records.head", lang, folder=folder, n=f"{replications:,}", lots=lots, rounds=rounds, law=law)]
    findings = found.findings
    lines += [f"  {line}" for one in findings for line in _finding_lines(one, found, lang)]
    kept = len({one.rule.key for one in found.asked} - {one.rule.key for one in findings})
    lines += not_checked(found.scenario, found.day, lang)
    # Nothing is called kept of which nothing is known.
    if findings or not unknown_law(found.scenario, found.day, lang):
        lines.append(w("records.kept" if findings else "records.all_kept", lang, n=kept))
    if findings:
        case = findings[0].cases[0]
        lines.append(
            w("records.trace", lang, scenario=folder / "scenario.toml", lot=case.lot, n=case.replication)
        )
    unseen = [limit(rule, lang) for rule in found.unseen]
    if unseen:
        lines.append(w("records.unseen", lang, limits=w("semicolon", lang).join(unseen)))
    return lines


def record_rows(found: AgainstTheLaw, lang: str) -> list[dict[str, Any]]:
    """Every limit that spoke of some event, for programs; ``broken`` 0 where all events kept it."""
    zh = lang == "zh"
    return [
        {
            "rule": one.rule.key, "article": one.rule.article_zh if zh else one.rule.article, "says": one.rule.says_zh if zh else one.rule.says,
            "source": one.rule.source, "standing": one.rule.standing, "disputed": bool(one.rule.reading), "condition": condition_words(one.rule, lang), "quantity": one.quantity,
            "low": one.rule.low, "high": one.rule.high, "events": one.events, "broken": one.broken, "lots": one.lots,
            "kinds": _kinds(one, found, lang),
            "worst": [
                {"replication": case.replication, "lot": case.lot, "day": case.day, "value": case.value} for case in one.cases
            ],
        }
        for one in found.asked
    ]  # fmt: skip


def event_columns(found: AgainstTheLaw, lang: str) -> dict[str, list[Any]]:
    """Every event that broke a limit, a row each, by replication, lot and day; heads are the same in both languages."""
    start, kinds = found.scenario.time.start, list(found.scenario.kinds)
    rows = [
        (
            some.replication, lot, moment(day, start), kinds[kind], one.rule.article_zh if lang == "zh" else one.rule.article,
            one.rule.key, one.quantity, value, one.rule.low, one.rule.high, bool(one.rule.reading),
            condition_words(one.rule, lang),
        )
        for one in found.findings
        for some in one.every
        for lot, kind, day, value in zip(some.lot.tolist(), some.kind.tolist(), some.day.tolist(), some.value.tolist(), strict=True)
    ]  # fmt: skip
    rows.sort(key=lambda row: row[:3])
    return {name: [row[i] for row in rows] for i, name in enumerate(EVENT_HEADS)}


def _finding_lines(one: Finding, found: AgainstTheLaw, lang: str) -> Iterator[str]:
    share, some = f"{100.0 * one.broken / one.events:.3g}", one.kinds != one.of_kinds
    yield w(
        "records.finding.condition" if one.rule.condition else "records.finding", lang, limit=limit(one.rule, lang),
        broken=f"{one.broken:,}", events=f"{one.events:,}", share=share, lots=f"{one.lots:,}",
        kinds=w("records.kinds", lang, kinds=w("join", lang).join(_kinds(one, found, lang))) if some else "",
        reading=w("records.reading", lang) if one.rule.reading else "", condition=condition_words(one.rule, lang),
    )  # fmt: skip
    yield "  " + w("records.worst", lang, case=_case(one, one.cases[0], lang))


def _case(one: Finding, case: Case, lang: str) -> str:
    comes = w(
        f"comes.{one.quantity}", lang, value=f"{case.value:.4g}", share=f"{100.0 * case.value:.4g}"
    )  # fmt: skip
    return w(
        "records.case", lang, lot=case.lot, n=case.replication, day=case.day, comes=comes
    )  # fmt: skip


def _kinds(one: Finding, found: AgainstTheLaw, lang: str) -> list[str]:
    """Kinds of lot concerned, in the scenario's order."""
    kinds = found.scenario.kinds.items()
    return [kind.name_zh if lang == "zh" else name for name, kind in kinds if name in one.kinds]
