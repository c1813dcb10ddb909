"""Differences between a policy and its base in words: +3.2 points [2.9, 3.5], -12.3 days, +1.2亿元."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from sim.measures.definitions import DEFINITIONS
from sim.report import formats
from sim.report.text import headline, name_of
from sim.report.text_explore import e
from sim.rounding import negligible
from sim.scenario.schema import WHOLE

if TYPE_CHECKING:
    from rich.table import Table

HEADLINES: Final = (
    "sale_rate_final", "lots_sold", "days_to_sale_mean", "recovery", "premium_turnover", "turnover",
)  # fmt: skip
Row = Mapping[str, Any]


def kind_of(measure: str) -> str:
    """The kind of a measure; those of a scenario's rounds (``sold_first``, ``failed_second``) are rates."""
    definition = DEFINITIONS.get(measure)
    return definition.kind if definition else "rate"


def as_rows(columns: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Columns as rows."""
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def headline_rows(rows: Iterable[Row], window: str = WHOLE) -> list[Row]:
    """Headline measures of all lots on the event basis, in the order of ``HEADLINES``."""
    found = {
        r["measure"]: r
        for r in rows
        if r["window"] == window and r["segment"] == "all" and r["basis"] == "event"
    }
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
    words: str | None = None
    size, unit = 1.0, ""
    if kind == "rate":
        size, words = 0.01, "points"
    elif kind == "days":
        words = "days"
    elif kind == "yuan":
        size, unit = formats.unit(max(abs(x), abs(low) if low == low else 0.0), lang)
        unit += "元" if lang == "zh" else ""
    places = _places((high - low) / size if math.isfinite(high - low) else x / size)
    told = f"{x / size:+z,.{places}f}"
    if float(told.replace(",", "")) == 0.0:
        told = told.lstrip("+")
    if kind == "yuan" and lang == "en":
        told = f"{told[0]}¥{told[1:]}" if told[0] in "+-" else f"¥{told}"
    told = e(words, lang, x=told) if words else told + unit
    if not (math.isfinite(low) and math.isfinite(high)):
        return told, ""
    return told, f"[{low / size:z,.{places}f}, {high / size:z,.{places}f}]"


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


def verdict(row: Row, lang: str) -> str:
    """Up, down, no difference to be seen, or the same."""
    if not math.isfinite(row["difference"]):
        return e("undefined", lang)
    if same(row):
        return e("same", lang)
    return e({1: "up", -1: "down", 0: "no_difference"}[direction(row)], lang)


def reduction(x: float, lang: str) -> str:
    """How many times pairing reduced the variance."""
    if math.isnan(x):
        return formats.NOTHING
    if math.isinf(x):
        return "∞"
    return e("times", lang, x=f"{x:.0e}" if x >= 1e7 else f"{x:,.0f}" if x >= 10 else f"{x:.1f}")


def sentence(rows: Sequence[Row], lang: str) -> str:
    """What changed, in one line: the headline measures whose interval leaves out 0."""
    told = []
    for row in rows:
        x, low, high = row["difference"], row["ci_low"], row["ci_high"]
        if direction(row):
            size = (x, low, high) if x > 0.0 else (-x, -high, -low)
            words, interval = change(row["measure"], *size, lang)
            name, way = name_of(row["measure"], lang), e("up" if x > 0.0 else "down", lang)
            told.append(
                e("sentence", lang, name=name, way=way, change=words.lstrip("+"), interval=interval).strip()
            )
    if not told:
        return e("sentence.none", lang, n=f"{max((r['pairs'] for r in rows), default=0):,.0f}")
    return headline(("; " if lang == "en" else "；").join(told)) + ("." if lang == "en" else "。")


def policy_table(rows: Sequence[Row], lang: str, windows: bool = False, narrow: bool = False) -> Table:
    """One policy's headline measures; ``windows``: window by window; ``narrow``: made to fit 80 columns."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    drawn = any(math.isfinite(row["parameter_share"]) for row in rows)
    names = ["difference", "answer"] if narrow else ["base", "policy", "difference", "reduction"]
    if not narrow:
        names += ["parameter_share"] * drawn + ["answer"]
    table.add_column(headline(e("measure", lang)), no_wrap=True)
    for name in names:
        table.add_column(
            headline(e(name, lang)), justify="left" if name == "answer" else "right", no_wrap=True
        )
    for i, row in enumerate(rows):
        if windows and (i == 0 or rows[i - 1]["window"] != row["window"]):
            table.add_row(f"[bold]{escape(window_name(row['window'], lang))}[/bold]")
        told, interval = change(row["measure"], row["difference"], row["ci_low"], row["ci_high"], lang)
        cells = {
            "base": level(row["measure"], row["base"], lang),
            "policy": level(row["measure"], row["policy"], lang),
            "difference": f"{told} {interval}".strip(),
            "reduction": reduction(row["variance_reduction"], lang),
            "parameter_share": formats.percent(row["parameter_share"], 0),
            "answer": verdict(row, lang),
        }
        last = windows and i + 1 < len(rows) and rows[i + 1]["window"] != row["window"]
        name = ("  " if windows else "") + headline(name_of(row["measure"], lang))
        table.add_row(*map(escape, [name, *(cells[c] for c in names)]), end_section=last)
    return table


def window_name(window: str, lang: str) -> str:
    return e("whole", lang) if window == WHOLE else window


def notes(replications: int, draws: int, lang: str) -> list[str]:
    """What the columns mean. A single draw of the parameters is a point like any other."""
    first = (
        e("note.draws", lang, n=replications, draws=draws)
        if draws > 1
        else e("note.interval", lang, n=replications)
    )
    more = [e("note.share", lang)] if draws > 1 else []
    return [first, *more, e("note.reduction", lang), e("note.each", lang)]
