"""Counts and totals of one window that contradict each other, and the ratios that they imply."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from calibration.audit.finding import Finding, count, side_by_side
from calibration.targets.targets import Reported, Window

NOTHING: Final = (  # where the first is 0, the second is 0 as well
    ("sold", "turnover"),
    ("sold", "commission"),
    ("sold", "premium"),
    ("turnover", "sold"),
    ("turnover", "commission"),
    ("turnover", "premium"),
)
RATIOS: Final = (("participants", "sold", "people"), ("lots", "cases", "lots"))  # of the first to the second
AT_LEAST: Final = (  # the first is never below the second; what follows from that
    ("lots", "cases", "lots_below_cases"),
    ("lots_ended", "sold", "sold_above_ended"),
    ("rounds_held", "sold", "sold_above_rounds"),
)


def counts(targets: Reported) -> Iterator[Finding]:
    """Counts that contradict each other."""
    for window in targets.windows.values():
        yield from _ratios(window)
        yield from _zeros(window)
        for more, less, key in AT_LEAST:
            if _below(window, more, less):
                facts = {more: count(window, more), less: count(window, less)}
                yield Finding(key, window.name, less, "contradicts", facts)
        ended, failed, sold = (count(window, name) for name in ("lots_ended", "lots_failed", "sold"))
        if ended is not None and failed is not None and sold is not None and sold <= ended < sold + failed:
            facts = {"ended": ended, "failed": failed, "sold": sold}
            yield Finding("parts_above_ended", window.name, "lots_ended", "contradicts", facts)


def _ratios(window: Window) -> Iterator[Finding]:
    lots, cases, sold = (count(window, name) for name in ("lots", "cases", "sold"))
    if lots and cases and lots >= cases:
        facts: dict[str, Any] = {"lots": lots, "cases": cases, "ratio": lots / cases}
        yield Finding("lots_per_case", window.name, "lots", "implied", facts)
    if sold is not None and lots is not None and sold > lots:
        yield Finding("sold_above_lots", window.name, "sold", "possible", {"sold": sold, "lots": lots})
    people = count(window, "participants")
    if people is None or not sold:
        return
    facts = {"participants": people, "sold": sold, "ratio": people / sold}
    if people < sold:
        neither = ("participants", "participants_distinct")
        yield Finding("people_below_sold", window.name, "participants", "impossible", facts, neither)
    else:
        yield Finding("people_per_sale", window.name, "participants", "implied", facts)


def _zeros(window: Window) -> Iterator[Finding]:
    """A figure that is 0 beside one that then would be 0 as well."""
    for nothing, something in NOTHING:
        one, other = window.reported(nothing), window.reported(something)
        if one is None or other is None or one.published.exact or other.published.covers(0.0):
            continue
        facts = {"nothing": nothing, "something": something, "text": other.published.text}
        yield Finding("zero_beside", window.name, something, "contradicts", facts)


def _below(window: Window, more: str, less: str) -> bool:
    a, b = window.reported(more), window.reported(less)
    return a is not None and b is not None and a.published.bounds()[1] < b.published.bounds()[0]


def across(targets: Reported) -> Iterator[Finding]:
    """Ratios of two counts in several windows: whether they can have been counted in the same way."""
    for more, less, key in RATIOS:
        known = []
        for window in targets.windows.values():
            a, b = count(window, more), count(window, less)
            if a and b:
                known.append((a / b, window.name))
        yield from side_by_side(key, more, known)
