"""The audit: what reported figures say about each other before any model is run.

Each check looks at figures of one window, or of several, and gives findings: what was reported, what follows from it,
and a verdict. Nothing here knows Shanxi; every number is computed from the targets file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from calibration.audit.changes import growth
from calibration.audit.counts import across, counts
from calibration.audit.finding import Check, Finding, Verdict
from calibration.audit.prices import commissions, mean_prices, premiums, starts_across
from calibration.audit.rates import printing, rate_denominators, rates_across
from calibration.audit.spread import prices_across
from calibration.audit.windows import overlaps
from calibration.targets.targets import Reported

__all__ = ["AGAINST", "Finding", "Verdict", "audit", "ruled_out"]

AGAINST: Final[tuple[Verdict, ...]] = (
    "impossible",
    "contradicts",
)  # verdicts that say that something is wrong
CHECKS: Final[tuple[Check, ...]] = (
    overlaps, rate_denominators, printing, counts, growth, across, rates_across, mean_prices, premiums, starts_across,
    commissions, prices_across,
)  # fmt: skip


def audit(targets: Reported) -> list[Finding]:
    """All findings, in the order of ``CHECKS``."""
    found = [finding for check in CHECKS for finding in check(targets)]
    return [*found, *_nothing_left(targets, found)]


def ruled_out(findings: Sequence[Finding]) -> dict[str, set[str]]:
    """Figure -> measures that the reported figures themselves rule out in at least one window."""
    found: dict[str, set[str]] = {}
    for finding in findings:
        if finding.rules_out:
            found.setdefault(finding.figure, set()).update(finding.rules_out)
    return found


def _nothing_left(targets: Reported, findings: Sequence[Finding]) -> Iterator[Finding]:
    """Figures of which every interpretation that the file allows is ruled out, where no finding says so by itself."""
    for window in targets.windows.values():
        for name, figure in window.figures.items():
            own = [one for one in findings if (one.window, one.figure) == (window.name, name)]
            out = {measure for one in own for measure in one.rules_out}
            if (
                figure.measures
                and set(figure.measures) <= out
                and not any(one.verdict in AGAINST for one in own)
            ):
                facts = {"figure": name, "measures": list(figure.measures)}
                yield Finding("nothing_left", window.name, name, "contradicts", facts)
