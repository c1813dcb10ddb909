"""Tables of a verification: in the terminal, as CSV columns, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.verification.verdict import Found, Verdict
from sim.verification.words import case_name, quantity, w

if TYPE_CHECKING:
    from rich.table import Table

NOT_JUDGED = "–"
HEAD = ("case", "quantity", "exact", "simulated", "error", "z")
SUMMARY = ("family", "cases", "quantities", "highest", "above", "squares", "p", "drift", "verdict")


def columns(found: Found) -> dict[str, list[Any]]:
    """One row a quantity, numbers as they are; ``z`` is empty where it is not judged."""
    rows = [
        (case.family, case.name, case.file, case.seed, one.lots, name, exact, simulated, error, z)
        for case, one in found
        for name, exact, simulated, error, z in zip(
            one.names,
            one.exact.tolist(),
            one.simulated.tolist(),
            one.error.tolist(),
            one.z.tolist(),
            strict=True,
        )
    ]
    names = ("family", "case", "file", "seed", "lots", "quantity", "exact", "simulated", "error", "z")
    return {name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}


def rows_of(found: Found, family: str, lang: str) -> list[tuple[str, ...]]:
    """The cells of one family's table; the case's name stands in its first row only."""
    rows: list[tuple[str, ...]] = []
    for case, one in found:
        if case.family != family:
            continue
        for i, name in enumerate(one.names):
            z = one.z[i]
            rows.append((
                case_name(case.name, lang) if i == 0 else "", quantity(name, lang), f"{one.exact[i]:.6g}", f"{one.simulated[i]:.6g}",
                f"{one.error[i]:.2g}", f"{z:+.2f}" if not np.isnan(z) else NOT_JUDGED,
            ))  # fmt: skip
    return rows


def summary_rows(verdicts: Sequence[Verdict], lang: str) -> list[tuple[str, ...]]:
    """The cells of the table of verdicts."""
    return [
        (
            f"({v.family}) {w(f'family.{v.family}', lang)}", str(v.cases), str(v.quantities), f"{v.highest:.2f}",
            f"{v.above:.1%}", f"{v.squares:.1f}/{v.independent}", f"{v.p_squares:.2g}", f"{v.drift:.2f}",
            w("passed" if v.passed else "failed", lang),
        )
        for v in verdicts
    ]  # fmt: skip


def reasons(verdicts: Sequence[Verdict], lang: str) -> list[str]:
    """Why families fail, a line each."""
    return [
        f"({v.family}) " + w(f"reason.{key}", lang, x=quantity_in(text, lang) if key == "drift" else text)
        for v in verdicts
        for key, text in v.reasons
    ]


def quantity_in(text: str, lang: str) -> str:
    """``name number`` with the quantity's word for its name."""
    name, _, number = text.partition(" ")
    return f"{quantity(name, lang)} {number}"


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], lang: str) -> Table:
    """A table for the terminal; numbers to the right."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    made = Table(
        title=escape(title), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )
    for name in head:
        text = name in ("case", "quantity", "family", "verdict")
        made.add_column(w(name, lang), justify="left" if text else "right", no_wrap=not text, overflow="fold")
    for i, row in enumerate(rows):
        last = i + 1 == len(rows) or (head[0] == "case" and bool(rows[i + 1][0]))
        made.add_row(*map(escape, row), end_section=last)
    return made


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]], lang: str) -> str:
    """The same as Markdown."""
    text = ("case", "quantity", "family", "verdict")
    lines = [[w(name, lang) for name in head], ["---" if name in text else "---:" for name in head], *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
