"""Turnover, premium and commission: the means that they imply, and what these can and cannot be."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from calibration.audit.arithmetic import commission_bounds
from calibration.audit.finding import Finding, count, shown, side_by_side, stands_for
from calibration.targets.interpretations import RATIOS
from calibration.targets.targets import Figure, Reported, Window
from sim.law.commission import FLAT, commission
from sim.theory.commission import spread_of_prices

# Premiums of whole courts and of the country as they were published: from 6 % (Jinjiang district, Chengdu, 2018) to
# 52 % (Supreme People's Court, March 2018); between them Zhongshan, 22 % (2014), and Zhejiang, 45 % (2013).
USUAL_PREMIUM: Final = (0.06, 0.52)
# Mean prices of sold lots of whole courts lie between half a million and three million yuan: Zhongshan, 0.86 million (2014),
# to Shanxi, 2.93 million (2017). Where a digit more or less would bring a mean from outside into this range, one may be wrong;
# ten thousand times less or more is what a forgotten 万 makes.
SEEN_PRICE: Final = (5e5, 3e6)
DIGIT: Final = 10.0
USUAL_PRICE: Final = (1e4, 1e8)
OVER_START: Final = ("premium_turnover", "premium_mean", "premium_median")  # measures that are never below 0


def mean_prices(targets: Reported) -> Iterator[Finding]:
    """The mean price of a sold lot, by the digits of turnover."""
    for window in targets.windows.values():
        turnover, sold = window.reported("turnover"), count(window, "sold")
        if turnover is None or not sold or not turnover.published.exact:
            continue
        low, high = (x / sold for x in turnover.published.interval())
        mean = turnover.value / sold
        facts = {"mean": mean, "low": low, "high": high, "sold": sold, "turnover": turnover.published.text}
        if not USUAL_PRICE[0] <= mean <= USUAL_PRICE[1]:
            yield Finding("mean_price_odd", window.name, "turnover", "unusual", facts)
        elif not SEEN_PRICE[1] / DIGIT <= mean <= SEEN_PRICE[0] * DIGIT:
            facts |= {"low": SEEN_PRICE[0], "high": SEEN_PRICE[1]}
            yield Finding("mean_price_far", window.name, "turnover", "unusual", facts)
        else:
            yield Finding("mean_price", window.name, "turnover", "implied", facts)


def premiums(targets: Reported) -> Iterator[Finding]:
    """Each premium: whether it can be price / start, and whether it is of a size seen elsewhere."""
    for window in targets.windows.values():
        premium = window.reported("premium")
        if premium is None or count(window, "sold") == 0 or window.value("turnover") == 0.0:
            continue  # of nothing there is no premium; that one is reported is a finding of ``counts``
        p = premium.value
        facts: dict[str, Any] = {"published": shown(premium), "premium": p, "excess": p - 1.0}
        if set(premium.measures) <= set(RATIOS):  # the file says that it is price / start
            if p < 1.0:
                yield Finding("ratio_impossible", window.name, "premium", "impossible", facts, tuple(RATIOS))
                continue
            facts["premium"] = p - 1.0
        elif p < 0.0 and set(premium.measures) & {*OVER_START, *RATIOS}:
            yield Finding(
                "premium_negative", window.name, "premium", "impossible", facts, (*OVER_START, *RATIOS)
            )
            continue
        elif p < 1.0:
            yield Finding("ratio_excluded", window.name, "premium", "excludes", facts, tuple(RATIOS))
        yield from _size(window, premium, facts)


def _size(window: Window, premium: Figure, facts: dict[str, Any]) -> Iterator[Finding]:
    """Whether a premium is of the size that whole courts report, as the measure that the file lets it stand for."""
    low, high = USUAL_PREMIUM
    p = facts["premium"]
    of_turnover = stands_for(window, "premium", "premium_turnover", "premium_turnover_ratio")
    turnover = window.value("turnover")
    more = {**facts, "low": low, "high": high, "starts": turnover / (1.0 + p)}
    if low <= p <= high:
        key = "premium_ordinary_starts" if of_turnover and turnover > 0.0 else "premium_ordinary"
        yield Finding(key, window.name, "premium", "consistent", more)
    elif premium.published.bare and low <= p / 100.0 <= high:
        yield Finding(
            "premium_unit", window.name, "premium", "unusual", {**more, "text": premium.published.text}
        )
    elif facts["premium"] == premium.value and low <= p - 1.0 <= high:
        yield Finding("premium_as_ratio", window.name, "premium", "unusual", more)
    elif p > high and stands_for(window, "premium", "premium_mean", "premium_mean_ratio"):
        if not of_turnover:
            yield Finding("premium_high_mean", window.name, "premium", "possible", more)
        else:
            key = "premium_high_starts" if turnover > 0.0 else "premium_high"
            yield Finding(key, window.name, "premium", "unusual", more)
    else:
        yield Finding("premium_unusual", window.name, "premium", "unusual", more)


def starts_across(targets: Reported) -> Iterator[Finding]:
    """Mean start implied by a turnover-weighted premium, window by window."""
    found = []
    for window in targets.windows.values():
        sold, premium = count(window, "sold"), window.value("premium")
        if premium < 0.0:
            continue  # which no premium over the start is
        shift = 1.0 if stands_for(window, "premium", "premium_turnover") else 0.0
        weighed = shift or stands_for(window, "premium", "premium_turnover_ratio")
        if weighed and sold and shift + premium > 0.0 and window.value("turnover") > 0.0:
            found.append((window.value("turnover") / (shift + premium) / sold, window.name))
    yield from side_by_side("starts", "premium", found)


def commissions(targets: Reported) -> Iterator[Finding]:
    """What the commission "saved" says of how it was computed, and of the spread of prices."""
    for window in targets.windows.values():
        saved, turnover = window.reported("commission"), window.reported("turnover")
        if saved is not None and turnover is not None and turnover.published.exact:
            yield _commission(window, saved, turnover)


def _commission(window: Window, saved: Figure, turnover: Figure) -> Finding:
    low = saved.published.interval()[0] / turnover.published.interval()[1]
    high = saved.published.interval()[1] / turnover.published.interval()[0]
    share, sold = saved.value / turnover.value, count(window, "sold")
    facts: dict[str, Any] = {"share": share, "low": low, "high": high}

    def found(key: str, verdict: Any, *out: str, **more: Any) -> Finding:
        return Finding(f"commission.{key}", window.name, "commission", verdict, {**facts, **more}, out)

    if low <= FLAT <= high:
        return found("flat", "possible")
    least, most = _possible(*turnover.published.interval(), sold)
    if high < least or low > most:
        both = ("commission_saved", "commission_saved_flat")
        key = "outside" if not sold else "outside_mean"
        mean = turnover.value / sold if sold else math.nan
        return found(key, "contradicts", *both, least=least, most=most, mean=mean)
    if not sold:
        return found("marginal", "implied", "commission_saved_flat")
    mean = turnover.value / sold
    try:
        spread = spread_of_prices(mean, share)
    except ValueError:
        return found("no_spread", "unusual", "commission_saved_flat", mean=mean)
    above, largest = commission_bounds(turnover.value, saved.value)
    return found(
        "spread", "implied", "commission_saved_flat", spread=spread, effective=sold * math.exp(-(spread**2)), sold=sold,
        above_low=above[0], above_high=above[1], largest=largest, median=mean * math.exp(-(spread**2) / 2.0),
    )  # fmt: skip


def _possible(low: float, high: float, sold: int | None) -> tuple[float, float]:
    """Least and most commission / turnover under the schedule of 2004 at a turnover from ``low`` to ``high``, whatever the
    prices are: one lot brings all of it, or all lots bring the same (the schedule is concave).
    """
    alone, alike = high, low / (sold or 1)
    least, most = (float(commission(np.array([price]))[0]) / price for price in (alone, alike))
    return least, most if sold else FLAT
