"""The audit as a table in the terminal, as CSV and as a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from calibration.audit import AGAINST, Finding, Verdict
from calibration.audit.words import figure_name, sentence, verdict
from calibration.targets.targets import Reported
from calibration.words import w
from sim.locale.signs import clauses

if TYPE_CHECKING:
    from rich.table import Table as RichTable

    from sim.reporting.pages.shell import Section

SHOWN = ("window", "figure", "says", "verdict")
STYLES: Final[dict[Verdict, str]] = {
    "impossible": "red",
    "contradicts": "red",
    "unusual": "magenta",
    "excludes": "",
    "possible": "yellow",
    "consistent": "green",
    "implied": "",
}
MARKS: Final[dict[Verdict, str]] = {
    "impossible": "bad",
    "contradicts": "bad",
    "unusual": "bad",
    "consistent": "good",
}


def rows(findings: Sequence[Finding], lang: str) -> list[dict[str, Any]]:
    """One row a finding, in words."""
    return [
        {
            "window": one.window or w("audit.all", lang),
            "figure": figure_name(one.figure, lang),
            "says": sentence(one, lang),
            "verdict": verdict(one, lang),
            "kind": one.verdict,
            "key": one.key,
            "rules_out": " ".join(one.rules_out),
        }
        for one in findings
    ]


def columns(findings: Sequence[Finding], lang: str) -> dict[str, list[Any]]:
    """The rows as columns of a CSV file."""
    found = rows(findings, lang)
    return {
        name: [row[name] for row in found]
        for name in ("window", "figure", "says", "verdict", "kind", "key", "rules_out")
    }


def summary(findings: Sequence[Finding], lang: str) -> str:
    """One sentence: how many of the findings are of which kind."""
    if not findings:
        return w("audit.none", lang)
    number = Counter("against" if one.verdict in AGAINST else one.verdict for one in findings)
    kinds = dict.fromkeys("against" if kind in AGAINST else kind for kind in STYLES)
    parts = [w(f"audit.{kind}", lang, number=number[kind]) for kind in kinds if number[kind]]
    return w("audit.summary", lang, all=len(findings), parts=clauses(parts, lang))


def terminal(targets: Reported, findings: Sequence[Finding], lang: str) -> RichTable:
    """The table a journalist could read."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(w("audit.title", lang, title=targets.title_zh if lang == "zh" else targets.title)), box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)  # fmt: skip
    for name, wide in (("window", 8), ("figure", 12), ("says", None), ("verdict", 22)):
        table.add_column(
            w(f"audit.{name}", lang),
            min_width=wide,
            max_width=None if name == "says" else 26,
            overflow="fold",
        )
    for row in rows(findings, lang):
        style = STYLES[row["kind"]]
        text = escape(row["verdict"])
        table.add_row(
            escape(row["window"]),
            escape(row["figure"]),
            escape(row["says"]),
            f"[{style}]{text}[/{style}]" if style else text,
        )
    return table


def section(findings: Sequence[Finding], lang: str) -> Section:
    """The audit as a section of a page."""
    from sim.reporting.pages.shell import Section
    from sim.reporting.pages.table import Column, Table

    found = rows(findings, lang)
    table = Table(
        name="audit",
        caption=w("audit.caption", lang),
        columns=[Column(w(f"audit.{name}", lang), itemgetter(name)) for name in SHOWN],
        rows=found,
        fields=("window", "figure", "says", "verdict", "kind", "key", "rules_out"),
        marked=lambda row: MARKS.get(row["kind"], ""),
    )
    return Section("audit", w("audit", lang), summary(findings, lang), [table], w("audit.lead", lang))
