"""Windows compared by their dates: those that overlap, and those that lie inside another."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from calibration.audit.finding import Finding
from calibration.targets.targets import Reported, Window

ADDED_UP: Final = (  # figures that a longer window cannot have less of
    "cases", "lots", "sold", "participants", "turnover", "commission", "rounds_held", "lots_failed", "lots_ended",
)  # fmt: skip


def overlaps(targets: Reported) -> Iterator[Finding]:
    """Windows that share days: no independent evidence; and figures of a part that exceed those of the whole."""
    for a, b in combinations(in_order(targets), 2):
        days = overlap(a, b)
        if not days:
            continue
        facts = {
            "other": a.name, "days": days, "first": str(b.first), "last": str(b.last), "since": str(a.first), "until": str(a.last),
        }  # fmt: skip
        yield Finding("overlap", b.name, "dates", "unusual", facts)
        for part, whole in ((a, b), (b, a)):
            if days == part.days:
                yield from _part(part, whole)


def _part(part: Window, whole: Window) -> Iterator[Finding]:
    for figure in ADDED_UP:
        one, other = part.reported(figure), whole.reported(figure)
        if one is not None and other is not None and one.published.bounds()[0] > other.published.bounds()[1]:
            facts = {
                "other": whole.name,
                "figure": figure,
                "part": one.published.text,
                "whole": other.published.text,
            }
            yield Finding("part_above_whole", part.name, figure, "contradicts", facts)


def in_order(targets: Reported) -> list[Window]:
    """The windows by their dates, those without in the order of the file."""
    windows = list(targets.windows.values())
    if any(w.first is None for w in windows):
        return windows
    return sorted(windows, key=lambda w: (w.first, w.last))


def overlap(a: Window, b: Window) -> int:
    """Days that two windows share; 0 where dates are not known."""
    if not (a.first and a.last and b.first and b.last):
        return 0
    return max((min(a.last, b.last) - max(a.first, b.first)).days + 1, 0)
