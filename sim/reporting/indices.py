"""What indices of sensitivity say, in words: how far a parameter moves a measure, in the measure's own unit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sim.experiments.sensitivity import Index
from sim.locale.signs import clauses, ended
from sim.reporting import formats
from sim.reporting.differences import change, kind_of
from sim.reporting.text import headline, name_of
from sim.reporting.text_explore import e
from sim.reporting.units import with_unit

SMALL = 0.05  # of the largest effect: what is below it is not named
NAMED = 4  # parameters that a sentence names


def moved(measure: str, x: float, low: float, high: float, lang: str) -> tuple[str, str]:
    """A size of a change, without a sign, and its interval: ("12.3 points", "[11.0, 13.5]")."""
    text, interval = change(measure, x, low, high, lang)
    return with_unit(text.lstrip("+"), measure, lang) if kind_of(measure) != "days" else text.lstrip(
        "+"
    ), interval


def shifted(measure: str, x: float, low: float, high: float, lang: str) -> tuple[str, str]:
    """The same with its sign."""
    text, interval = change(measure, x, low, high, lang)
    return with_unit(text, measure, lang) if kind_of(measure) != "days" else text, interval


def spread(measure: str, index: Index, lang: str) -> str:
    """sigma, in the measure's unit."""
    return moved(measure, index.spread, math.nan, math.nan, lang)[0]


def share(x: float, low: float, high: float) -> tuple[str, str]:
    """A share of the variance and its interval, in per cent: ("62%", "[50, 74]")."""
    if not math.isfinite(x):
        return formats.NOTHING, ""
    ends = f"[{100 * low:z.0f}, {100 * high:z.0f}]" if math.isfinite(low) and math.isfinite(high) else ""
    return f"{100 * x:z.0f}%", ends


def total(measure: str, index: Index, method: str, lang: str) -> tuple[str, str]:
    """mu* in the measure's unit, or ST in per cent, with its interval."""
    if method == "sobol":
        return share(index.total, index.low, index.high)
    return moved(measure, index.total, index.low, index.high, lang)


def matter(rows: Sequence[Index]) -> list[Index]:
    """The parameters that are not small beside the first; ``rows``: the largest first."""
    return [row for row in rows if row.total > 0.0 and row.total >= SMALL * rows[0].total]


def sentence(measure: str, rows: Sequence[Index], names: Mapping[str, str], method: str, lang: str) -> str:
    """Which parameters move a measure and how far. ``names``: what people call each parameter."""
    name = headline(name_of(measure, lang))
    found = matter(rows)
    if not found:
        return ended(e("sensitivity.none", lang, measure=name), lang)
    parts = []
    for row in found[:NAMED]:
        size, interval = total(measure, row, method, lang)
        parts.append(
            e("indices.part", lang, parameter=names[row.parameter], size=size, interval=interval).strip()
        )
    left = len(rows) - len(found)
    if len(found) > NAMED:
        parts.append(e("indices.more", lang, n=len(found) - NAMED))
    if left:
        parts.append(e("indices.small", lang, n=left))
    return ended(e("indices.sentence", lang, measure=name, parts=clauses(parts, lang)), lang)
