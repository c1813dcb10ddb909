"""The verdict on a family: do its z-scores look like standard normal ones?

Four questions, each of which can only say no by accident (nothing wrong) with the probability beside it:

* no |z| above 4: 6e-5 a quantity, 4 % at most for a table of six hundred;
* the share of |z| above 2 near 4.6 %, by a binomial test at 1e-4;
* the sum of squares, by a chi-square test at 1e-4 at either end (too large: bias; too small: errors overstated);
* no quantity off in the same direction case after case: the sum of its z over the root of their number, above 4.

The second and third are applied to independent combinations of a case's z-scores (a case's quantities are correlated);
cases are independent of each other. Beside these, what must never happen must not happen at all: a price further from
the second highest value than steps allow, a measure that differs from the records.
Overall, a correct simulator is rejected in at most 5 of 100 runs with a seed of one's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.verification.evidence import Evidence
from sim.verification.listed_cases import Case

HIGHEST = 4.0  # |z|
ABOVE = 2.0
SHARE_ABOVE = 0.0455  # of standard normal z-scores
LEVEL = 1e-4  # of each test of a family

Found = Sequence[tuple[Case, Evidence]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """On one family. ``reasons``: keys of ``words`` with their numbers, empty when it passes."""

    family: str
    cases: int
    quantities: int  # judged
    independent: int
    highest: float  # |z|
    above: float  # share of independent |z| above 2
    squares: float  # sum over independent ones
    p_squares: float
    drift: float  # largest |sum of z of a quantity| / root of their number
    drifting: str  # its name
    reasons: tuple[tuple[str, str], ...]

    @property
    def passed(self) -> bool:
        return not self.reasons


def verdict(family: str, found: Found) -> Verdict:
    """The verdict on the cases of one family."""
    from scipy.stats import binomtest, chi2

    mine = [evidence for case, evidence in found if case.family == family]
    broken = [(case.name, text) for case, one in found if case.family == family for text in one.broken]
    z = np.concatenate([one.z[one.judged] for one in mine])
    free = np.concatenate([one.independent() for one in mine])
    squares, above = float((free**2).sum()), int((np.abs(free) > ABOVE).sum())
    upper, lower = float(chi2.sf(squares, len(free))), float(chi2.cdf(squares, len(free)))
    drift, drifting = _drift(mine)
    highest = float(np.abs(z).max())
    reasons = [("broken", f"{name}: {text}") for name, text in broken]
    if highest > HIGHEST:
        reasons.append(("highest", f"{highest:.1f}"))
    if len(free) and binomtest(above, len(free), SHARE_ABOVE).pvalue < LEVEL:
        reasons.append(("above", f"{above / len(free):.1%}"))
    if len(free) and min(upper, lower) < LEVEL:
        reasons.append(("squares", f"{squares:.0f}/{len(free)}"))
    if drift > HIGHEST:
        reasons.append(("drift", f"{drifting} {drift:.1f}"))
    return Verdict(
        family, len(mine), len(z), len(free), highest, above / max(len(free), 1), squares, upper, drift, drifting,
        tuple(reasons),
    )  # fmt: skip


def _drift(mine: Sequence[Evidence]) -> tuple[float, str]:
    """The quantity that is off most in the same direction: |sum of z| / root of their number, and its name."""
    sums: dict[str, list[float]] = {}
    for one in mine:
        for name, z, use in zip(one.names, one.z, one.judged, strict=True):
            if use and np.isfinite(z):
                sums.setdefault(name, []).append(float(z))
    scores = {name: abs(sum(zs)) / np.sqrt(len(zs)) for name, zs in sums.items()}
    worst = max(scores, key=lambda name: scores[name])
    return float(scores[worst]), worst


def caught(found: Found) -> dict[str, float]:
    """By quantity (``family:name``): the smallest relative bias, the same in all its cases, that drift would catch.

    A bias of a share b of the exact value moves z by b |exact| / error in each case; it is caught for certain (but
    for chance) when the sum of these over the root of their number reaches ``HIGHEST``.
    """
    moves: dict[str, list[float]] = {}
    for case, one in found:
        for name, exact, error, use in zip(one.names, one.exact, one.error, one.judged, strict=True):
            if use and error > 0.0 and exact != 0.0:
                moves.setdefault(f"{case.family}:{name}", []).append(abs(exact) / error)
    return {name: HIGHEST * np.sqrt(len(each)) / sum(each) for name, each in moves.items()}
