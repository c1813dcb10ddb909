"""Sale rates: the whole numbers that they can have been divided by, and whether windows differ by more than chance."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

from calibration.audit.arithmetic import chance_of_fitting, denominators, numerators, stationary, two_sample_z
from calibration.audit.finding import Finding, Verdict, count, shown
from calibration.audit.windows import in_order, overlap
from calibration.targets.published_numbers import Rounding
from calibration.targets.targets import Figure, Reported, Window

MOST_DENOMINATORS: Final = 6  # more integers than this fit anything and say nothing
UNLIKELY: Final = 3.0  # standard errors beyond which two shares are called different
HOW: Final[tuple[Rounding, ...]] = ("rounded", "truncated")
BY_ACCIDENT: Final = 0.05  # a chance of fitting above this is no evidence of being a ratio of counts
OF_COUNT: Final = {  # a count that a rate may divide by -> the measure that this makes it
    "lots": "sale_rate_listed",
    "rounds_held": "sale_rate_round",
    "lots_ended": "sale_rate_ended",
    "lots_failed": "sale_rate_final",  # together with the sold
}


def rate_denominators(targets: Reported) -> Iterator[Finding]:
    """Which whole numbers a reported sale rate can have been divided by, and what they are not."""
    for window in targets.windows.values():
        rate, sold = window.reported("sale_rate"), count(window, "sold")
        if rate is None:
            continue
        if window.reported("sold") is None:
            yield from _without_sold(window, rate)
        elif sold == 0:
            if not rate.published.covers(0.0):
                yield Finding(
                    "rate.of_nothing", window.name, "sale_rate", "contradicts", {"rate": shown(rate)}
                )
        elif sold is not None:
            yield from _with_sold(window, rate, sold)


def _with_sold(window: Window, rate: Figure, sold: int) -> Iterator[Finding]:
    every = denominators(sold, rate.published)
    facts: dict[str, Any] = {"sold": sold, "rate": shown(rate), "all": every}
    facts |= {how: denominators(sold, rate.published, how) for how in HOW}
    if not every:
        yield Finding("denominator.none", window.name, "sale_rate", "contradicts", facts)
        return
    if len(every) > MOST_DENOMINATORS:
        yield Finding("denominator.many", window.name, "sale_rate", "implied", facts)
    else:
        unsold = range(every.start - sold, every.stop - sold)
        more = {**facts, "unsold": unsold, "chance": chance_of_fitting(sold, rate.published)}
        yield Finding("denominator", window.name, "sale_rate", "implied", more)
    for other in OF_COUNT:
        number = count(window, other)
        if other == "lots_failed" and number is not None:
            number += sold
        if number:
            yield _against(window, rate, sold, other, number, every)


def _against(window: Window, rate: Figure, sold: int, other: str, number: int, every: range) -> Finding:
    """The rate held against sold / a reported count. The denominators are a range: without this count in it, all of
    them lie above or all below.
    """
    measure = OF_COUNT[other]
    share = sold / number
    facts: dict[str, Any] = {"sold": sold, "count": number, "share": share, "rate": shown(rate), "other": other, "denominators": every}  # fmt: skip
    if number in every:
        key = {"lots": "rate.is_listed", "lots_failed": "rate.is_final"}.get(other, "rate.is_count")
        return Finding(key, window.name, "sale_rate", "consistent", facts)
    if other != "lots":
        return Finding("rate.not_count", window.name, "sale_rate", "excludes", facts, (measure,))
    if every.start > number:
        return Finding("rate.above_lots", window.name, "sale_rate", "unusual", facts, (measure,))
    outside = range(number - every.stop + 1, number - every.start + 1)
    ended = (every.start / number, (every.stop - 1) / number)
    return Finding("rate.not_listed", window.name, "sale_rate", "excludes", {**facts, "outside": outside, "ended": ended}, (measure,))  # fmt: skip


def _without_sold(window: Window, rate: Figure) -> Iterator[Finding]:
    """Where the sales were not reported: whole numbers over each reported count that would give the rate."""
    for name in ("lots_ended", "lots", "rounds_held"):
        number = count(window, name)
        if not number:
            continue
        found = numerators(number, rate.published)
        near = round(rate.value * number)
        facts = {"count": number, "other": name, "rate": shown(rate), "numerators": found, "near": near, "share": near / number}  # fmt: skip
        if found:
            yield Finding("numerator", window.name, "sale_rate", "possible", facts)
        else:
            yield Finding("numerator.none", window.name, "sale_rate", "excludes", facts, (OF_COUNT[name],))


def printing(targets: Reported) -> Iterator[Finding]:
    """Whether the rates are rounded or truncated, and the probability that they fit by accident."""
    rates = []
    for window in targets.windows.values():
        rate, sold = window.reported("sale_rate"), count(window, "sold")
        if rate is not None and sold and rate.published.exact:
            rates.append((sold, rate.published))
    if len(rates) < 2:
        return
    fits = {
        how: sum(bool(denominators(sold, rate, how)) for sold, rate in rates)
        for how in ("rounded", "truncated")
    }  # type: dict[str, int]
    chance = math.prod(chance_of_fitting(sold, rate) for sold, rate in rates)
    facts = {**fits, "all": len(rates), "chance": chance}
    key, verdict = _of_printing(fits, all(denominators(*one) for one in rates), len(rates), chance)
    yield Finding(key, "", "sale_rate", verdict, facts)


def _of_printing(fits: dict[str, int], each: bool, number: int, chance: float) -> tuple[str, Verdict]:
    if not each:
        return "printing.none", "contradicts"
    if max(fits.values()) < number:
        return "printing.mixed", "possible"
    return ("printing", "consistent") if chance <= BY_ACCIDENT else ("printing.accident", "implied")


def rates_across(targets: Reported) -> Iterator[Finding]:
    """Sale rates of windows that follow each other: the same but for chance, or a matter of the windows' lengths?"""
    counted = [(w, *one) for w in in_order(targets) if (one := _counted(w))]
    for (a, x, n), (b, y, m) in pairwise(counted):
        if overlap(a, b):
            continue
        z = two_sample_z(x, n, y, m)
        facts = {"since": a.name, "first": shown(a.figures["sale_rate"]), "second": shown(b.figures["sale_rate"]), "z": z}  # fmt: skip
        if abs(z) <= UNLIKELY:
            yield Finding("rates_alike", b.name, "sale_rate", "consistent", facts)
            continue
        lots = [count(w, "lots") for w in (a, b)]
        if a.days == b.days or not (a.days and b.days and lots[0] and lots[1]):
            yield Finding("rates_differ", b.name, "sale_rate", "unusual", facts)
            continue
        same = stationary((x, n, lots[0], a.days), (y, m, lots[1], b.days))
        more = {**facts, "days_a": a.days, "days_b": b.days, "sold": same.sold, "days_to_sale": same.days_to_sale, "failed": same.failed, "days_to_failure": same.days_to_failure, "rate": same.rate}  # fmt: skip
        if same.possible:
            yield Finding("window_effect", b.name, "sale_rate", "possible", more)
        else:
            yield Finding("no_window_effect", b.name, "sale_rate", "unusual", more)


def _counted(window: Window) -> tuple[int, int] | None:
    """The sold and the number that the sale rate divides by, as near as its digits say; None where there is none."""
    rate, sold = window.reported("sale_rate"), count(window, "sold")
    if rate is None or not sold or not rate.published.exact:
        return None
    found = denominators(sold, rate.published, "rounded")
    return sold, found[0] if len(found) == 1 else round(sold / rate.published.exact)
