"""Reported growth rates and differences against the levels they are about."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from calibration.audit.finding import Finding
from calibration.targets.published_numbers import PublishedNumber
from calibration.targets.targets import Change, Reported


def growth(targets: Reported) -> Iterator[Finding]:
    """Each change against the two levels: as published, and with any rounding or truncation."""
    for change in targets.changes:
        a, b = (targets.windows[name].reported(change.figure) for name in (change.since, change.window))
        if a is not None and b is not None:
            yield _change(change, a.published, b.published)


def _change(change: Change, a: PublishedNumber, b: PublishedNumber) -> Finding:
    published = change.published
    facts: dict[str, Any] = {"since": change.since, "figure": change.figure, "published": published.text, "ratio": change.ratio}  # fmt: skip

    def found(key: str, verdict: Any, **more: Any) -> Finding:
        return Finding(f"growth.{key}", change.window, change.figure, verdict, {**facts, **more})

    if change.ratio and a.exact <= 0:
        return found("from_zero", "contradicts")
    (a_low, a_high), (b_low, b_high) = a.bounds(), b.bounds()
    face = _of(change, a.exact, b.exact)
    low, high = _of(change, a_high, b_low), _of(change, a_low, b_high)
    facts["face"] = float(face)
    for how in ("rounded", "truncated"):
        if published.covers(face, how):
            return found(how, "consistent")
    p_low, p_high = published.bounds("either")
    if high < p_low or low > p_high:
        if change.ratio and published.bare and _per_cent(published).covers(face, "either"):
            return found("unit", "contradicts", read=published.value)
        return found("wrong", "contradicts", low=float(low), high=float(high))
    level = _level(change, (a_low, a_high), (b_low, b_high), (p_low, p_high))
    cut = (
        "truncated"
        if level[0] >= a.exact
        else "rounded"
        if level[1] <= a.exact + a.digit / 2
        else "either"
    )  # fmt: skip
    return found(f"only_{cut}", "possible", level=a.text, low=float(level[0]), high=float(level[1]))


def _of(change: Change, since: Fraction, now: Fraction) -> Fraction:
    """The change between two levels, the earlier of which is above 0 where it is a rate."""
    return now / since - 1 if change.ratio else now - since


def _per_cent(published: PublishedNumber) -> PublishedNumber:
    """The number that a per cent sign would have made."""
    return PublishedNumber(
        f"{published.text}%", published.exact / 100, (published.digit or Fraction(1)) / 100
    )


def _level(
    change: Change,
    since: tuple[Fraction, Fraction],
    now: tuple[Fraction, Fraction],
    published: tuple[Fraction, Fraction],
) -> tuple[Fraction, Fraction]:
    """Levels of the earlier window under which the reported change would hold."""
    if not change.ratio:
        low, high = now[0] - published[1], now[1] - published[0]
    else:
        low = now[0] / (1 + published[1]) if published[1] > -1 else since[0]
        high = now[1] / (1 + published[0]) if published[0] > -1 else since[1]
    return max(low, since[0]), min(high, since[1])
