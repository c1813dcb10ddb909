"""Differences between a policy and its base in words: +3.2 points [2.9, 3.5], -12.3 days, +1.2亿元."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from sim.locale.signs import amount, clauses, ended, listed
from sim.measures.definitions import DEFINITIONS
from sim.measures.rounding import negligible
from sim.reporting import formats
from sim.reporting.text import headline, known, name_of
from sim.reporting.text_explore import e
from sim.reporting.units import head_with_unit, with_unit
from sim.scenario.schema import WHOLE

if TYPE_CHECKING:
    from rich.table import Table

HEADLINES: Final = (
    "sale_rate_final", "lots_sold", "days_to_sale_mean", "recovery_all", "recovery", "premium_turnover", "turnover",
)  # fmt: skip
ANSWERS: Final = (
    "lots_sold",
    "recovery_all",
    "days_to_sale_mean",
)  # what a sentence says of every policy, as a calibration does
Row = Mapping[str, Any]


def kind_of(measure: str) -> str:
    """The kind of a measure; those of a scenario's rounds (``sold_first``, ``failed_second``) are rates."""
    definition = DEFINITIONS.get(measure)
    return definition.kind if definition else "rate"


def as_rows(columns: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Columns as rows."""
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def on_basis(rows: Iterable[Row], basis: str) -> list[Row]:
    """Rows of all lots together on one basis: one for each policy, window and measure."""
    return [r for r in rows if r["segment"] == "all" and r["basis"] == basis]


def headline_rows(rows: Iterable[Row], window: str = WHOLE) -> list[Row]:
    """Headline measures in a window, in the order of ``HEADLINES``; ``rows`` are a policy's, of ``on_basis``."""
    found = {r["measure"]: r for r in rows if r["window"] == window}
    return [found[measure] for measure in HEADLINES if measure in found]


def level(measure: str, x: float, lang: str) -> str:
    """A value in the unit of its measure."""
    kind = kind_of(measure)
    if not math.isfinite(x):
        return formats.NOTHING
    if kind == "rate":
        return formats.percent(x)
    if kind == "yuan":
        return formats.money(x, lang)
    if kind == "days":
        return e("days", lang, x=f"{x:,.1f}")
    return formats.count(x) if kind == "count" else formats.figures(x)


def change(measure: str, x: float, low: float, high: float, lang: str) -> tuple[str, str]:
    """A difference and its interval, in one unit: ("+3.2 points", "[2.9, 3.5]"); no interval where there is none."""
    kind = kind_of(measure)
    if not math.isfinite(x):
        return e("undefined", lang), ""
    words = {"rate": "points", "days": "days"}.get(kind)
    size, unit = _unit(measure, max(abs(x), abs(low) if low == low else 0.0), lang)
    places = _places((high - low) / size if math.isfinite(high - low) else x / size)
    text = f"{x / size:+z,.{places}f}"
    if float(text.replace(",", "")) == 0.0:
        text = text.lstrip("+")
    text = e(words, lang, x=text) if words else amount(text, lang, unit) if kind == "yuan" else text
    if not (math.isfinite(low) and math.isfinite(high)):
        return text, ""
    return text, f"[{low / size:z,.{places}f}, {high / size:z,.{places}f}]"


def _unit(measure: str, x: float, lang: str) -> tuple[float, str]:
    """In what a difference near ``x`` is given, and for money the unit behind the number."""
    kind = kind_of(measure)
    if kind != "yuan":
        return (0.01 if kind == "rate" else 1.0), ""
    return formats.unit(x, lang)


def plus_minus(measure: str, half: float, lang: str) -> str:
    """A half-width, in the unit of the difference beside it: ±3.2; an amount of money with its own."""
    if not math.isfinite(half):
        return formats.NOTHING
    size, unit = _unit(measure, half, lang)
    if half == 0.0:
        return "±0"
    text = f"±{half / size:,.{_places(2.0 * half / size)}f}"
    return amount(text, lang, unit) if kind_of(measure) == "yuan" else text


def _places(width: float) -> int:
    """Decimals that an interval of this width deserves: at least three steps from its middle to its end."""
    if not math.isfinite(width) or width == 0.0:
        return 1
    return min(3, max(0, -math.floor(math.log10(abs(width) / 6.0))))


def same(row: Row) -> bool:
    """Whether base and policy are the same in every pair, but for rounding."""
    size = max(abs(row["base"]), abs(row["policy"]))
    return bool(negligible([row["difference"], row["ci_low"], row["ci_high"]], size).all())


def direction(row: Row) -> int:
    """1 if the measure goes up, -1 if down, 0 where the interval holds no difference, or there is none."""
    if same(row):
        return 0
    return 1 if row["ci_low"] > 0.0 else -1 if row["ci_high"] < 0.0 else 0


def verdict_code(row: Row) -> str:
    """undefined, same, up, down, or no_difference: none that could be seen."""
    if not math.isfinite(row["difference"]):
        return "undefined"
    return "same" if same(row) else {1: "up", -1: "down", 0: "no_difference"}[direction(row)]


def verdict(row: Row, lang: str) -> str:
    """Up, down, no difference to be seen, or the same, in words."""
    return e(verdict_code(row), lang)


def reduction(x: float, lang: str) -> str:
    """How many times pairing reduced the variance."""
    if math.isnan(x):
        return formats.NOTHING
    if math.isinf(x):
        return "∞"
    return e("times", lang, x=f"{x:.0e}" if x >= 1e7 else f"{x:,.0f}" if x >= 10 else f"{x:.1f}")


def sentence(rows: Sequence[Row], lang: str) -> str:
    """What a policy changes, in one line: sales, recovery and days, each with its unit and its interval."""
    by_measure = {row["measure"]: row for row in rows}
    parts = []
    for measure in ANSWERS:
        row = by_measure.get(measure)
        if row is None or not math.isfinite(row["difference"]):
            continue
        text, interval = change(measure, row["difference"], row["ci_low"], row["ci_high"], lang)
        text = with_unit(text, measure, lang) if kind_of(measure) != "days" else text
        known = same(row) or direction(row) != 0 or not interval
        key = "sentence.same" if same(row) else "sentence" if known else "sentence.not_significant"
        parts.append(e(key, lang, name=name_of(measure, lang), change=text, interval=interval).strip())
    text = clauses(parts, lang) or e("undefined", lang)
    return ended(headline(text), lang)


def policy_table(rows: Sequence[Row], lang: str, windows: bool = False, narrow: bool = False) -> Table:
    """One policy's headline measures; ``windows``: window by window; ``narrow``: made to fit 80 columns."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    drawn = any(math.isfinite(row["half_parameters"]) for row in rows)
    more = (
        ["base", "difference", "half_parameters", "half"]
        if drawn
        else ["base", "policy", "difference", "reduction"]
    )
    names = ["difference", "answer"] if narrow else [*more, "answer"]  # as many as 120 columns hold
    table.add_column(headline(e("measure", lang)), no_wrap=True)
    for name in names:
        table.add_column(
            headline(e(name, lang)), justify="left" if name == "answer" else "right", no_wrap=True
        )
    for i, row in enumerate(rows):
        if windows and (i == 0 or rows[i - 1]["window"] != row["window"]):
            table.add_row(f"[bold]{escape(window_name(row['window'], lang))}[/bold]")
        text, interval = change(row["measure"], row["difference"], row["ci_low"], row["ci_high"], lang)
        cells = {
            "base": level(row["measure"], row["base"], lang),
            "policy": level(row["measure"], row["policy"], lang),
            "difference": f"{text} {interval}".strip(),
            "reduction": reduction(row["variance_reduction"], lang),
            "half_parameters": plus_minus(row["measure"], row["half_parameters"], lang),
            "half": plus_minus(row["measure"], row["half"], lang),
            "answer": verdict(row, lang),
        }
        last = windows and i + 1 < len(rows) and rows[i + 1]["window"] != row["window"]
        name = ("  " if windows else "") + head_with_unit(row["measure"], lang, own=True)
        table.add_row(*map(escape, [name, *(cells[c] for c in names)]), end_section=last)
    return table


def controls_note(rows: Sequence[Row], lang: str) -> str:
    """What control variates have gained for a policy's differences."""
    gains = [
        e(
            "note.controls.gain",
            lang,
            name=name_of(row["measure"], lang),
            times=reduction(row["control_gain"], lang),
        )
        for row in rows
        if row["control_gain"] != 1.0
    ]
    return e("note.controls", lang, gains=listed(gains, lang)) if gains else e("note.controls.few", lang)


def window_name(window: str, lang: str) -> str:
    return e("whole", lang) if window == WHOLE else window


def basis_note(basis: str, lang: str) -> str:
    """On which basis numbers of single windows count."""
    return e("note.basis", lang, basis=known(f"basis.{basis}.long", lang, basis))


def notes(replications: int, draws: int, total: int, lang: str) -> list[str]:
    """What the columns mean. ``draws`` are of ``total`` in their file; a single one is a point like any other."""
    if draws <= 1:
        lines = [e("note.interval", lang, n=replications), e("note.reduction", lang)]
    else:
        lines = [
            e("note.draws", lang, n=replications, draws=draws, total=f"{total:,}"),
            e("note.halves", lang),
        ]
    return [*lines, e("note.each", lang)]
