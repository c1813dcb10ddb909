"""Creditors (申请执行人): what they claim, whether anything would be left for them, whether they take the lot instead.

Claims rest on a lot in units of its reference price. Prior claims are paid first; the creditor whose case it is comes
next, and what is left goes back to the debtor. If the start does not exceed prior claims and costs, the lot is not
sold unless the creditor asks to go on, at a start that does (no-surplus rule, 2004 rules Art 9, now 6). A creditor who
compares takes an unsold lot in kind if a later sale of their own, discounted, would bring them at least the last start,
which is the price at which they take it (2004 rules Arts 19, 27, now 16, 24; 2017 notice).

All draws here belong to the lot; the claims are not recorded but can be asked for again
(``proceeds``).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf

import numpy as np

from sim.model.auction import NEVER
from sim.model.behaviour.baseline import BASELINE, Behaviour, Reaction
from sim.model.calendar import day_of
from sim.model.counter_streams import key, mixed, mixed_all, normal, normals, uniform, uniforms
from sim.model.lots import Lot
from sim.model.random_streams import Purpose
from sim.model.records import Outcome, Table, sold_by_debtor
from sim.scenario.behaviour import Creditors as Assumed
from sim.scenario.schema import Scenario

COMPARES, RESALE, HAS_PRIOR, PRIOR, INSISTS, CLAIM, BIDS = range(7)  # draws of a lot; append, never renumber


# What both engines go by: the creditors below, and the compiled loop.


def sale_of_their_own(value: float, resale: float, error: float, yearly: float, days: float) -> float:
    """What a creditor reckons that a later sale of their own is worth now."""
    return value * resale * exp(error) * exp(-yearly * days / 365.0)


def prior_claims(reference: float, median: float, error: float) -> float:
    """What is paid before the creditor whose case it is."""
    return reference * median * exp(error)


def start_above(first: float, start: float, before: float, increment: float) -> float:
    """The start, raised if it would leave nothing once prior claims and costs, ``first``, are paid; none exceeds the one ``before``."""
    return start if start > first else min(first * (1.0 + increment), before)


@dataclass(frozen=True, eq=False)
class Creditors(Reaction):
    """The creditors of one replication's lots."""

    otherwise: Behaviour
    state: int
    assumed: Assumed
    increment: float

    def worth_selling(self, lot: Lot) -> bool:
        """Whether the lot is listed; its first start is raised if that is what it takes (no-surplus rule)."""
        if not self.otherwise.worth_selling(lot):
            return False
        start = self.reserve(lot, lot.start)
        if start == NEVER:
            return False
        lot.start = start
        return True

    def next_start(self, lot: Lot, start: float, before: float) -> float:
        """The same for a later round."""
        return self.reserve(lot, self.otherwise.next_start(lot, start, before), before)

    def taken_in_kind(self, lot: Lot, start: float, by_chance: bool) -> bool:
        """A creditor who compares decides by that."""
        if self.compares(lot):
            return self.takes(lot, start)
        return self.otherwise.taken_in_kind(lot, start, by_chance)

    def compares(self, lot: Lot) -> bool:
        """Whether the lot's creditor decides by comparison; else taking in kind is a matter of chance."""
        return self._draw(lot, COMPARES) < self.assumed.compare_share

    def takes(self, lot: Lot, start: float) -> bool:
        """Whether a creditor who compares takes the lot at the last start."""
        a = self.assumed
        error = a.resale_noise * normal(mixed(self.state, lot.lot), RESALE)
        return sale_of_their_own(lot.value, a.resale, error, a.discount_yearly, a.resale_days) >= start

    def reserve(self, lot: Lot, start: float, before: float = inf) -> float:
        """The start of the next round: raised if nothing would be left and the creditor insists; inf: not sold.

        ``before``: the start of the round that failed, which none after it exceeds.
        """
        if self._draw(lot, HAS_PRIOR) >= self.assumed.prior_share:
            return start
        a = self.assumed
        error = a.prior_log_sd * normal(mixed(self.state, lot.lot), PRIOR)
        first = prior_claims(lot.reference, a.prior, error) + lot.cost
        if start > first or self._draw(lot, INSISTS) < a.insist_share:
            return start_above(first, start, before, self.increment)
        return inf

    def _draw(self, lot: Lot, draw: int) -> float:
        return uniform(mixed(self.state, lot.lot), draw)


def creditors_of(scenario: Scenario, replication: int, otherwise: Behaviour = BASELINE) -> Creditors:
    """The creditors of one replication's lots."""
    state = key(scenario.run.seed, replication, Purpose.CLAIMS)
    return Creditors(otherwise, state, scenario.creditors, scenario.auction.increment)


def proceeds(scenario: Scenario, replication: int, lots: Table) -> Table:
    """What each lot of the records brought to whom, yuan: nothing until it has ended.

    ``claim``: the creditor's; ``creditor``: paid to them after prior claims and costs, or what their later sale of a lot
    taken in kind brings; ``creditor_then``: the same discounted to the day on which the case came in; ``debtor``: what
    is left for the debtor after all claims. Where creditors change at a date, a lot's are those of its listing.
    """
    seed = key(scenario.run.seed, replication, Purpose.CLAIMS)
    if not scenario.from_:
        return _proceeds(scenario.creditors, seed, lots)
    begins = [day_of(begins, scenario.time.start) for begins, _ in scenario.periods]
    period = (
        np.searchsorted(begins, lots["listed"], side="right") - 1
    )  # of one not listed: any, it brought nothing
    found = [_proceeds(one.creditors, seed, lots) for _, one in scenario.periods]
    return {name: np.choose(period, [one[name] for one in found]) for name in found[0]}


def _proceeds(a: Assumed, seed: int, lots: Table) -> Table:
    """The same for creditors of whom this is assumed."""
    state = mixed_all(np.array([seed], dtype=np.uint64), lots["lot"].astype(np.int64))
    reference, value, price = (lots[name].astype(np.float64) for name in ("reference", "value", "price"))
    claim = reference * a.claim * np.exp(a.claim_log_sd * normals(mixed_all(state, CLAIM)))
    prior = reference * a.prior * np.exp(a.prior_log_sd * normals(mixed_all(state, PRIOR)))
    prior = np.where(uniforms(mixed_all(state, HAS_PRIOR)) < a.prior_share, prior, 0.0)
    sold, taken = (lots["outcome"] == Outcome.SOLD) | sold_by_debtor(lots), lots["outcome"] == Outcome.IN_KIND
    ended = sold | taken | (lots["outcome"] == Outcome.RETURNED)
    net = (
        np.where(sold | taken, price, 0.0)
        + lots["forfeited"].astype(np.float64)
        - lots["cost"].astype(np.float64)
    )
    after_prior = net - np.clip(net, 0.0, prior)  # below zero: costs that nothing has paid for
    creditor = np.minimum(after_prior, claim)
    debtor = after_prior - creditor
    # In kind, the price is no money: it settles claims, and what it exceeds them by the creditor pays the debtor.
    creditor = np.where(taken, value * a.resale - price + creditor, creditor)
    days = lots["ended"].astype(np.float64) - lots["seized"].astype(np.float64) + a.resale_days * taken
    with np.errstate(invalid="ignore"):
        then = creditor * np.exp(-a.discount_yearly * days / 365.0)
    parts = {"claim": claim, "creditor": creditor, "creditor_then": then, "debtor": debtor}
    return {name: np.where(ended, part, 0.0) for name, part in parts.items()}
