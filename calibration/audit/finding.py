"""A finding of the audit, and what every check takes from a window."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from calibration.targets.targets import Figure, Reported, Window

# impossible: this figure alone cannot be; contradicts: these figures cannot all be right; unusual: possible, but not
# seen elsewhere or in the other windows; excludes: an interpretation is ruled out, which is no fault of any figure;
# possible: holds under a condition; consistent: the figures agree; implied: a consequence, for information.
Verdict = Literal["impossible", "contradicts", "unusual", "excludes", "possible", "consistent", "implied"]

FAR_APART: Final = 2.0  # factor between windows beyond which one statistic is unlikely to be counted alike


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the audit. ``key`` names the sentence in ``words``, ``facts`` fill it in.

    ``window``: empty for a finding about several. ``rules_out``: measures that the figure named in ``figure`` cannot
    stand for.
    """

    key: str
    window: str
    figure: str
    verdict: Verdict
    facts: dict[str, Any]
    rules_out: tuple[str, ...] = ()


Check = Callable[[Reported], Iterator[Finding]]


def count(window: Window, figure: str) -> int | None:
    """A reported count; None where it was not reported, or not to the last digit ("1.2万")."""
    one = window.reported(figure)
    return int(one.published.exact) if one is not None and not one.published.digit else None


def stands_for(window: Window, figure: str, *measures: str) -> bool:
    """Whether the file lets a figure stand for one of these measures."""
    one = window.reported(figure)
    return one is not None and any(measure in one.measures for measure in measures)


def shown(figure: Figure) -> str:
    """A share as it was reported, and as a percentage where it was written without a unit."""
    published = figure.published
    return (
        f"{published.text} ({published.value:.10g} = {published.value:.2%})"
        if published.bare
        else published.text
    )


def side_by_side(key: str, figure: str, known: Sequence[tuple[float, str]]) -> Iterator[Finding]:
    """Values of several windows, (value, window) each: whether they can have been counted in the same way."""
    if len(known) < 2:
        return
    (low, low_window), (high, high_window) = min(known), max(known)
    facts = {
        "low": low,
        "low_window": low_window,
        "high": high,
        "high_window": high_window,
        "factor": high / low,
    }
    if high / low > FAR_APART:
        yield Finding(f"{key}_drift", "", figure, "unusual", facts)
    else:
        yield Finding(f"{key}_alike", "", figure, "consistent", facts)
