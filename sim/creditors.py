"""Creditors (申请执行人): what they claim, whether anything would be left for them, whether they take the lot instead.

Claims rest on a lot in units of its reference price. Prior claims are paid first; the creditor whose case it is comes
next, and what is left goes back to the debtor. If the start does not exceed prior claims and costs, the lot is not
sold unless the creditor asks to go on, at a start that does (no-surplus rule, 2004 rules Art 9, now 6). A creditor who
compares takes an unsold lot in kind if a later sale of his own, discounted, would bring him at least the last start,
which is the price at which he takes it (2004 rules Arts 16, 24; 2017 notice).

All of a lot's luck here belongs to the lot; the claims are not recorded but can be asked for again
(``sim.measures.recovery``).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from sim.keyed import Floats, key, mixed, mixed_all, uniform, uniforms
from sim.lots import Lot
from sim.scenario.behaviour import Creditors as Assumed
from sim.scenario.schema import Scenario
from sim.streams import Purpose

COMPARES, RESALE, HAS_PRIOR, PRIOR, INSISTS, CLAIM = range(6)  # draws of a lot; append, never renumber
_QUANTILE = NormalDist().inv_cdf


@dataclass(frozen=True, slots=True)
class Creditors:
    """The creditors of one replication's lots."""

    state: int
    assumed: Assumed
    increment: float

    def compares(self, lot: Lot) -> bool:
        """Whether the lot's creditor decides by comparison; else taking in kind is a matter of chance."""
        return self._luck(lot, COMPARES) < self.assumed.compare_share

    def takes(self, lot: Lot, start: float) -> bool:
        """Whether a creditor who compares takes the lot at the last start."""
        a = self.assumed
        later = lot.value * a.resale * exp(a.resale_noise * _QUANTILE(self._luck(lot, RESALE)))
        return later * exp(-a.discount_yearly * a.resale_days / 365.0) >= start

    def reserve(self, lot: Lot, start: float) -> float:
        """The start of the next round: raised if nothing would be left and the creditor insists; inf: not sold."""
        if self._luck(lot, HAS_PRIOR) >= self.assumed.prior_share:
            return start
        a = self.assumed
        prior = lot.reference * a.prior * exp(a.prior_log_sd * _QUANTILE(self._luck(lot, PRIOR)))
        if start > prior + lot.cost:
            return start
        if self._luck(lot, INSISTS) >= a.insist_share:
            return inf
        return (prior + lot.cost) * (1.0 + self.increment)

    def _luck(self, lot: Lot, draw: int) -> float:
        return uniform(mixed(self.state, lot.lot), draw)


def creditors_of(scenario: Scenario, replication: int) -> Creditors:
    """The creditors of one replication's lots."""
    state = key(scenario.run.seed, replication, Purpose.CLAIMS)
    return Creditors(state, scenario.creditors, scenario.auction.increment)


def claims(
    scenario: Scenario, replication: int, lot: npt.NDArray[np.int64], reference: Floats
) -> tuple[Floats, Floats]:
    """The creditor's claim and the prior claims on each lot, yuan; ``lot``: numbers as in the records."""
    a = scenario.creditors
    state = mixed_all(np.array([key(scenario.run.seed, replication, Purpose.CLAIMS)], dtype=np.uint64), lot)

    def luck(draw: int) -> Floats:
        return uniforms(mixed_all(state, draw))

    claim = reference * a.claim * np.exp(a.claim_log_sd * ndtri(luck(CLAIM)))
    prior = reference * a.prior * np.exp(a.prior_log_sd * ndtri(luck(PRIOR)))
    return claim, np.where(luck(HAS_PRIOR) < a.prior_share, prior, 0.0)
