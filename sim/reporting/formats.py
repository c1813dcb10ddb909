"""Numbers as people read them: 37.4%, 1,243, ¥89.0 m, 8.90亿元."""

from __future__ import annotations

import math
import re

from sim.locale.signs import amount, units

NOTHING = "–"
MONEY = frozenset({"turnover", "commission"})
SHARES = frozenset({"sale_rate", "premium"})

_HYPHEN = re.compile(r"(?<![A-Za-z0-9_-])-(?=[\d¥.])")


def minus(text: str) -> str:
    """Negative numbers with the minus sign of print, for pages and pictures; terminals and files keep the hyphen of ASCII."""
    return _HYPHEN.sub("−", text)


def figures(x: float, digits: int = 3) -> str:
    """Three figures that count, thousands separated: 2.45, 24.5, 1,245; more of them without idle zeros."""
    size = abs(x)
    whole = 3 if size >= 99.95 else 2 if size >= 9.995 else 1
    text = f"{x:z,.{max(0, digits - whole)}f}"
    return text.rstrip("0").rstrip(".") if digits > 3 and "." in text else text


def count(x: float) -> str:
    """1243 -> 1,243; a mean over replications keeps a decimal where it says something."""
    if not math.isfinite(x):
        return NOTHING
    return f"{x:z,.0f}" if abs(x) >= 100 or x == round(x) else f"{x:z,.1f}"


def percent(share: float, digits: int = 1) -> str:
    """.3744 -> 37.4%; from 1,000 % on without decimals."""
    if not math.isfinite(share):
        return NOTHING
    return f"{100 * share:z,.{0 if abs(share) >= 10 else digits}f}%"


def unit(x: float, lang: str) -> tuple[float, str]:
    """The unit in which an amount near ``x`` yuan is given, as (yuan a unit, what to write)."""
    for size, name in units(lang):
        if abs(x) >= size * 0.9995:
            return size, name
    return 1.0, ""


def money(x: float, lang: str, digits: int = 3) -> str:
    """8.9e8 -> ¥890 m, 8.90亿元."""
    if not math.isfinite(x):
        return NOTHING
    size, name = unit(x, lang)
    number = figures(abs(x) / size, digits) if size > 1 else f"{abs(x):,.0f}"
    sign = "-" if x < 0 and number != "0" else ""
    return amount(sign + number, lang, name)


def value(figure: str, x: float, lang: str, digits: int = 1) -> str:
    """A value of a published figure (``cases``, ``sale_rate``, ``turnover`` ...) in that figure's unit."""
    if figure in MONEY:
        return money(x, lang, digits + 2)
    return percent(x, digits) if figure in SHARES else count(x)


def interval(figure: str, mean: float, low: float, high: float, lang: str) -> str:
    """Mean with its interval in one unit: 38.1% [35.0–41.2], ¥890 m [710–1,050]."""
    text = value(figure, mean, lang)
    if text == NOTHING or not (math.isfinite(low) and math.isfinite(high)):
        return text
    size = unit(mean, lang)[0] if figure in MONEY else 0.01 if figure in SHARES else 1.0
    if figure in MONEY:
        ends = (figures(low / size), figures(high / size)) if size > 1 else (f"{low:z,.0f}", f"{high:z,.0f}")
    elif figure in SHARES:
        ends = (percent(low)[:-1], percent(high)[:-1])
    else:
        ends = (count(low), count(high))
    return f"{text} [{ends[0]}–{ends[1]}]"
