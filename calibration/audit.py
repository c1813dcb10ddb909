"""The audit: what the printed figures say about each other before any model is asked.

Each check looks at figures of one window, or of several, and gives findings: what was printed, what follows from it,
and a verdict. Nothing here knows Shanxi; every number is computed from the targets file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, Literal

from calibration.arithmetic import (
    chance_of_fitting,
    commission_bounds,
    denominators,
    numerators,
    stationary,
    two_sample_z,
)
from calibration.printed import Printed, Rounding
from calibration.targets import Targets, Window
from sim.commission import FLAT
from sim.theory.commission import spread_of_prices

Verdict = Literal["consistent", "contradicts", "possible", "impossible", "implied"]
MOST_DENOMINATORS: Final = 6  # more integers than this fit anything and say nothing
UNLIKELY: Final = 3.0  # standard errors beyond which two counts are called different
FAR_APART: Final = 2.0  # factor between windows beyond which one statistic is unlikely to be counted alike
HIGH_PREMIUM: Final = (
    1.0  # sold lots at twice their start on average: above every total elsewhere (6 to 52 %)
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the audit. ``key`` names the sentence in ``words``, ``facts`` fill it in.

    ``rules_out``: measures that the figure named in ``figure`` cannot stand for.
    """

    key: str
    window: str
    figure: str
    verdict: Verdict
    facts: dict[str, Any]
    rules_out: tuple[str, ...] = ()
    also: dict[str, Any] = field(default_factory=dict)  # further numbers for the CSV


Check = Callable[[Targets], Iterator[Finding]]


def audit(targets: Targets) -> list[Finding]:
    """All findings, in the order of ``CHECKS``."""
    return [finding for check in CHECKS for finding in check(targets)]


def ruled_out(findings: Sequence[Finding]) -> dict[str, set[str]]:
    """Figure -> measures that print itself rules out in at least one window."""
    found: dict[str, set[str]] = {}
    for finding in findings:
        if finding.rules_out:
            found.setdefault(finding.figure, set()).update(finding.rules_out)
    return found


def rate_denominators(targets: Targets) -> Iterator[Finding]:
    """Which whole numbers a printed sale rate can have been divided by, and what they are not."""
    for window in targets.windows.values():
        rate = window.figures.get("sale_rate")
        sold, lots = window.value("sold"), window.value("lots")
        if rate is None:
            continue
        if math.isnan(sold):
            yield from _without_sold(window, rate.printed)
            continue
        by_rounding = denominators(int(sold), rate.printed, "rounded")
        by_cutting = denominators(int(sold), rate.printed, "truncated")
        both = sorted({*by_rounding, *by_cutting})
        facts = {
            "sold": int(sold),
            "rate": rate.printed.text,
            "rounded": by_rounding,
            "truncated": by_cutting,
        }
        if not both:
            yield Finding("denominator.none", window.name, "sale_rate", "contradicts", facts)
            continue
        if len(both) > MOST_DENOMINATORS:
            yield Finding(
                "denominator.many",
                window.name,
                "sale_rate",
                "consistent",
                {**facts, "number": len(both), "low": both[0], "high": both[-1]},
            )
        else:
            chance = chance_of_fitting(int(sold), rate.printed)
            yield Finding("denominator", window.name, "sale_rate", "implied", {**facts, "unsold": [n - int(sold) for n in both], "chance": chance})  # fmt: skip
        if not math.isnan(lots):
            yield _against_lots(window, rate.printed, both, int(sold), int(lots))
        for other in ("rounds_held", "lots_ended", "lots_failed"):
            yield from _against_count(window, rate.printed, int(sold), other)


def _against_lots(window: Window, rate: Printed, both: list[int], sold: int, lots: int) -> Finding:
    facts = {"sold": sold, "lots": lots, "share": sold / lots, "rate": rate.text, "denominators": both}
    if rate.prints(sold / lots):
        return Finding("rate.is_listed", window.name, "sale_rate", "consistent", facts)
    out = ("sale_rate_listed",)
    if max(both) > lots:
        return Finding("rate.above_lots", window.name, "sale_rate", "contradicts", facts, out)
    shares = [n / lots for n in both]
    more = {**facts, "outside": [lots - n for n in both], "ended": shares}
    return Finding("rate.not_listed", window.name, "sale_rate", "contradicts", more, out)


def _against_count(window: Window, rate: Printed, sold: int, other: str) -> Iterator[Finding]:
    measure = {
        "rounds_held": "sale_rate_round",
        "lots_ended": "sale_rate_ended",
        "lots_failed": "sale_rate_final",
    }[other]
    count = window.value(other) + (sold if other == "lots_failed" else 0)
    if math.isnan(count) or count <= 0:
        return
    facts = {"sold": sold, "count": int(count), "share": sold / count, "rate": rate.text, "other": other}
    if rate.prints(sold / count):
        yield Finding(
            "rate.is_final" if other == "lots_failed" else "rate.is_count",
            window.name,
            "sale_rate",
            "consistent",
            facts,
        )
    else:
        yield Finding("rate.not_count", window.name, "sale_rate", "contradicts", facts, (measure,))


def _without_sold(window: Window, rate: Printed) -> Iterator[Finding]:
    """Where the sales were not printed: whole numbers over each printed count that would give the rate."""
    for name in ("lots_ended", "lots", "rounds_held", "cases"):
        count = window.value(name)
        if math.isnan(count):
            continue
        found = numerators(int(count), rate)
        near = round(rate.value * count)
        facts = {
            "count": int(count),
            "other": name,
            "rate": rate.text,
            "numerators": found,
            "near": near,
            "share": near / count,
        }
        yield Finding(
            "numerator" if found else "numerator.none",
            window.name,
            "sale_rate",
            "possible" if found else "contradicts",
            facts,
        )


def printing(targets: Targets) -> Iterator[Finding]:
    """Whether the rates are rounded or cut off, and how likely it is that they would fit by accident."""
    rates = []
    for window in targets.windows.values():
        rate, sold = window.figures.get("sale_rate"), window.value("sold")
        if rate is not None and not math.isnan(sold):
            rates.append((int(sold), rate.printed))
    if len(rates) < 2:
        return
    fits: dict[Rounding, int] = {
        how: sum(bool(denominators(sold, rate, how)) for sold, rate in rates)
        for how in ("rounded", "truncated")
    }
    chance = math.prod(chance_of_fitting(sold, rate) for sold, rate in rates)
    facts = {"rounded": fits["rounded"], "truncated": fits["truncated"], "all": len(rates), "chance": chance}
    verdict: Verdict = "consistent" if max(fits.values()) == len(rates) else "contradicts"
    yield Finding("printing", "", "sale_rate", verdict, facts)


def growth(targets: Targets) -> Iterator[Finding]:
    """Printed growth rates and differences against the levels they are about."""
    for change in targets.changes:
        a = targets.windows[change.since].figures[change.figure].printed
        b = targets.windows[change.window].figures[change.figure].printed

        def value(x: float, y: float, ratio: bool = change.ratio) -> float:
            return y / x - 1.0 if ratio else y - x

        (a_low, a_high), (b_low, b_high) = a.interval(), b.interval()
        low, high = value(a_high, b_low), value(a_low, b_high)
        face = value(a.value, b.value)
        facts = {
            "since": change.since,
            "figure": change.figure,
            "printed": change.printed.text,
            "face": face,
            "ratio": change.ratio,
        }
        how = next((h for h in ("rounded", "truncated") if change.printed.prints(face, h)), None)
        if how is not None:
            yield Finding(f"growth.{how}", change.window, change.figure, "consistent", facts)
            continue
        p_low, p_high = change.printed.interval("either")
        if high < p_low or low > p_high:
            yield Finding(
                "growth.wrong",
                change.window,
                change.figure,
                "contradicts",
                {**facts, "low": low, "high": high},
            )
            continue
        # Levels of the earlier window under which the printed growth would hold.
        ends = (
            sorted((b_low / (1 + p_high), b_high / (1 + p_low)))
            if change.ratio
            else sorted((b_low - p_high, b_high - p_low))
        )
        level = (max(ends[0], a_low), min(ends[1], a_high))
        cut = (
            "truncated"
            if level[0] >= a.value
            else "rounded"
            if level[1] <= a.value + a.step / 2
            else "either"
        )
        yield Finding(
            f"growth.only_{cut}",
            change.window,
            change.figure,
            "possible",
            {**facts, "level": a.text, "low": level[0], "high": level[1]},
        )


def counts(targets: Targets) -> Iterator[Finding]:
    """Counts that cannot stand beside each other."""
    for window in targets.windows.values():
        sold, lots, people = (window.value(name) for name in ("sold", "lots", "participants"))
        cases = window.value("cases")
        if lots > 0 and cases > 0:
            yield Finding(
                "lots_per_case",
                window.name,
                "lots",
                "implied",
                {"lots": int(lots), "cases": int(cases), "ratio": lots / cases},
            )
        if sold > lots:
            yield Finding(
                "sold_above_lots", window.name, "sold", "possible", {"sold": int(sold), "lots": int(lots)}
            )
        if people < sold:
            facts = {"participants": int(people), "sold": int(sold), "ratio": people / sold}
            yield Finding(
                "people_below_sold",
                window.name,
                "participants",
                "impossible",
                facts,
                ("participants", "participants_distinct"),
            )
        elif people > 0 and sold > 0:
            facts = {"participants": int(people), "sold": int(sold), "ratio": people / sold}
            yield Finding("people_per_sale", window.name, "participants", "implied", facts)
        parts = [window.value(n) for n in ("lots_failed", "lots_ended")]
        if not math.isnan(parts[1]) and sold > parts[1]:
            yield Finding(
                "sold_above_ended",
                window.name,
                "sold",
                "impossible",
                {"sold": int(sold), "ended": int(parts[1])},
            )


def across(targets: Targets) -> Iterator[Finding]:
    """The same statistic in several windows: whether it can have been counted alike."""
    windows = list(targets.windows.values())
    pairs = [(w.name, w.value("participants") / w.value("sold")) for w in windows if w.value("sold") > 0]
    known = [(name, x) for name, x in pairs if not math.isnan(x)]
    if len(known) > 1:
        (low_name, low), (high_name, high) = min(known, key=lambda p: p[1]), max(known, key=lambda p: p[1])
        facts = {
            "low": low,
            "low_window": low_name,
            "high": high,
            "high_window": high_name,
            "factor": high / low,
        }
        yield Finding(
            "people_drift",
            "",
            "participants",
            "contradicts" if high / low > FAR_APART else "consistent",
            facts,
        )
    premiums = [(w.name, w.figures["premium"].printed) for w in windows if "premium" in w.figures]
    if len(premiums) > 1:
        low_p, high_p = min(premiums, key=lambda p: p[1].value), max(premiums, key=lambda p: p[1].value)
        ratio = (1.0 + high_p[1].value) / (1.0 + low_p[1].value)
        facts = {
            "low": low_p[1].text,
            "low_window": low_p[0],
            "high": high_p[1].text,
            "high_window": high_p[0],
            "factor": ratio,
        }
        yield Finding(
            "premium_drift", "", "premium", "contradicts" if ratio > FAR_APART else "consistent", facts
        )


def rates_across(targets: Targets) -> Iterator[Finding]:
    """Sale rates of neighbouring windows: the same but for chance, or a matter of the windows' lengths?"""
    windows = [w for w in targets.windows.values() if "sale_rate" in w.figures and w.value("sold") > 0]
    for a, b in pairwise(windows):
        counted = []
        for w in (a, b):
            found = denominators(int(w.value("sold")), w.figures["sale_rate"].printed, "rounded")
            counted.append(
                (
                    int(w.value("sold")),
                    found[0] if len(found) == 1 else round(w.value("sold") / w.value("sale_rate")),
                )
            )
        (x, n), (y, m) = counted
        z = two_sample_z(x, n, y, m)
        facts = {
            "since": a.name,
            "first": a.figures["sale_rate"].printed.text,
            "second": b.figures["sale_rate"].printed.text,
            "z": z,
        }
        if abs(z) <= UNLIKELY:
            yield Finding("rates_alike", b.name, "sale_rate", "consistent", facts)
            continue
        lots = [w.value("lots") for w in (a, b)]
        if a.days == b.days or any(math.isnan(one) for one in lots):
            yield Finding("rates_differ", b.name, "sale_rate", "contradicts", facts)
            continue
        one = stationary((x, n, int(lots[0]), a.days), (y, m, int(lots[1]), b.days))
        more = {**facts, "days_a": a.days, "days_b": b.days, "sold": one.sold, "days_to_sale": one.days_to_sale, "failed": one.failed, "days_to_failure": one.days_to_failure, "rate": one.rate}  # fmt: skip
        yield Finding(
            "window_effect" if one.possible else "no_window_effect",
            b.name,
            "sale_rate",
            "possible" if one.possible else "contradicts",
            more,
        )


def money(targets: Targets) -> Iterator[Finding]:
    """Means that follow from turnover, and what a turnover-weighted premium says about the starts."""
    for window in targets.windows.values():
        turnover, sold = window.figures.get("turnover"), window.value("sold")
        if turnover is None:
            continue
        if sold > 0:
            low, high = (x / sold for x in turnover.printed.interval())
            yield Finding(
                "mean_price",
                window.name,
                "turnover",
                "implied",
                {"mean": turnover.value / sold, "low": low, "high": high},
            )
        if "premium" in window.figures:
            yield from _premium(window, turnover.value, sold)


def _premium(window: Window, turnover: float, sold: float) -> Iterator[Finding]:
    printed = window.figures["premium"].printed
    p = printed.value
    facts = {
        "printed": printed.text,
        "starts": turnover / (1.0 + p),
        "premium": p,
        "sold": int(sold) if sold > 0 else 0,
    }
    if p < 1.0:
        yield Finding(
            "ratio_impossible",
            window.name,
            "premium",
            "impossible",
            facts,
            ("premium_turnover_ratio", "premium_mean_ratio"),
        )
    else:
        yield Finding("ratio_possible", window.name, "premium", "possible", {**facts, "excess": p - 1.0})
    if p > HIGH_PREMIUM:
        yield Finding("premium_high", window.name, "premium", "possible", facts)
    else:
        yield Finding("premium_ordinary", window.name, "premium", "consistent", facts)


def starts_across(targets: Targets) -> Iterator[Finding]:
    """Mean start implied by a turnover-weighted premium, window by window."""
    found = []
    for window in targets.windows.values():
        x = window.value("turnover") / (1.0 + window.value("premium")) / window.value("sold")
        if not math.isnan(x):
            found.append((window.name, x))
    if len(found) > 1:
        low, high = min(found, key=lambda p: p[1]), max(found, key=lambda p: p[1])
        verdict: Verdict = "contradicts" if high[1] / low[1] > FAR_APART else "consistent"
        yield Finding(
            "starts_drift",
            "",
            "premium",
            verdict,
            {"low": low[1], "low_window": low[0], "high": high[1], "high_window": high[0]},
        )


def commission(targets: Targets) -> Iterator[Finding]:
    """What the commission "saved" says of how it was reckoned, and of how prices are spread."""
    for window in targets.windows.values():
        if not {"commission", "turnover"} <= set(window.figures):
            continue
        saved, turnover = window.figures["commission"].printed, window.figures["turnover"].printed
        low, high = saved.interval()[0] / turnover.interval()[1], saved.interval()[1] / turnover.interval()[0]
        share = saved.value / turnover.value
        facts: dict[str, Any] = {"share": share, "low": low, "high": high}
        if low <= FLAT <= high:
            yield Finding("commission.flat", window.name, "commission", "possible", facts)
            continue
        out = ("commission_saved_flat",)
        if share > FLAT or share < 0.005:
            yield Finding(
                "commission.outside",
                window.name,
                "commission",
                "contradicts",
                facts,
                ("commission_saved", *out),
            )
            continue
        sold = window.value("sold")
        if not sold > 0:
            yield Finding("commission.marginal", window.name, "commission", "possible", facts, out)
            continue
        mean = turnover.value / sold
        try:
            spread = spread_of_prices(mean, share)
        except ValueError:
            yield Finding(
                "commission.no_spread", window.name, "commission", "contradicts", {**facts, "mean": mean}, out
            )
            continue
        above, largest = commission_bounds(turnover.value, saved.value)
        more = {**facts, "spread": spread, "effective": sold * math.exp(-(spread**2)), "sold": int(sold), "above_low": above[0], "above_high": above[1], "largest": largest}  # fmt: skip
        yield Finding("commission.spread", window.name, "commission", "implied", more, out)


CHECKS: Final[tuple[Check, ...]] = (
    rate_denominators, printing, counts, growth, across, rates_across, money, starts_across, commission,
)  # fmt: skip
