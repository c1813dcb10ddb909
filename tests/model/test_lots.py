"""What is drawn for a lot: every draw has the law that its parameter declares, and none goes with another.

Shares and means within 4.5 standard errors, laws by Kolmogorov and Smirnov at 1e-4: about twenty checks, a false alarm in
some 300 seeds; the seed is fixed.
"""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pytest
from conftest import scenario
from scipy import stats

from sim.model.arrivals import inflow
from sim.model.lots import Lot, lots_of
from sim.model.rules import rules_of
from sim.model.traits import NOBODY, SUSPENDED_WITHIN

EVERYTHING = (
    "arrivals.mode=arrivals", "arrivals.periods.year.cases=2500", "arrivals.periods.year.lots=8000", "courts.number=10",
    "start.token_share=0.3", "disposal.withdrawal_rate=0.01", "disposal.suspension_share=0.4",
    "disposal.suspension_days=20", "auction.priority_share=0.2", "disposal.in_kind_second=0.5",
    "disposal.in_kind_last=0.5", "disposal.default_rate=0.5", "courts.objection_share=0.5", "interest.dispersion=0.8",
)  # fmt: skip


@cache
def lots(*overrides: str) -> list[Lot]:
    s = scenario("base", *EVERYTHING, *overrides)
    return [lot for court in lots_of(s, rules_of(s), 0, inflow(s, 0)) for some in court for lot in some]


def column(name: str) -> np.ndarray:
    return np.array([getattr(lot, name) for lot in lots()], dtype=float)


def share_is(found: np.ndarray, wanted: float) -> None:
    assert found.mean() == pytest.approx(wanted, abs=4.5 * np.sqrt(wanted * (1.0 - wanted) / len(found)))


def follows(x: np.ndarray, law) -> None:
    assert stats.kstest(x, law.cdf).pvalue > 1e-4


def test_shares_are_as_declared():
    share_is(np.isfinite(column("halts_after")), 0.4)
    share_is(column("priority") != NOBODY, 0.2)
    share_is(column("token"), 0.3)
    share_is(column("objected"), 0.5)


def test_a_suspension_comes_at_any_time_of_its_days_and_lasts_an_exponential_time():
    after, days = column("halts_after"), column("halt_days")
    halts = np.isfinite(after)
    follows(after[halts], stats.uniform(0.0, SUSPENDED_WITHIN))
    follows(days[halts], stats.expon(scale=20.0))
    assert abs(np.corrcoef(after[halts], days[halts])[0, 1]) < 4.5 / np.sqrt(halts.sum())


def test_a_withdrawal_comes_at_its_hazard():
    follows(column("leaves_after"), stats.expon(scale=100.0))


def test_whoever_has_a_right_of_priority_is_the_first_who_may_come_to_the_first_round():
    for lot in lots()[:500]:
        assert lot.priority in (NOBODY, lot.interested.bidder(lot.row, 0, 0))
        assert lot.interested.bidder(lot.row, 0, 0) == lot.lot * 1_000_000_000


def test_chances_of_a_lot_do_not_go_with_each_other():
    """Ranks of every two draws are uncorrelated; those that a case shares count once a case."""
    names = ("kind", "token", "value", "u_method", "z_noise", "leaves_after", "u_in_kind_second", "u_in_kind_last",
             "objected", "priority", "payment_0", "payment_1")  # fmt: skip
    payment = np.array([lot.u_payment for lot in lots()])
    of = {name: column(name) for name in names[:10]}
    of |= {"payment_0": payment[:, 0], "payment_1": payment[:, 1], "priority": of["priority"] != NOBODY}
    # A kind's values are its own.
    centre = np.array([np.log(of["value"])[of["kind"] == k].mean() for k in range(7)])
    of["value"] = np.log(of["value"]) - centre[of["kind"].astype(int)]
    first = np.flatnonzero(np.diff(column("case"), prepend=-1.0))
    for a, b in itertools.combinations(names, 2):
        rows = first if "u_method" in (a, b) else slice(None)
        x, y = of[a][rows], of[b][rows]
        assert abs(stats.spearmanr(x, y).statistic) < 4.5 / np.sqrt(len(x)), (a, b)
    for name in ("u_method", "u_in_kind_second", "u_in_kind_last", "payment_0", "payment_1"):
        follows(of[name][first], stats.uniform())


def test_a_case_s_lots_have_one_method_and_one_duration_and_cases_have_their_own():
    cases: dict[int, set[tuple[float, float]]] = {}
    for lot in lots():
        cases.setdefault(lot.case, set()).add((lot.u_method, lot.u_duration))
    assert all(len(draws) == 1 for draws in cases.values())
    assert len(set.union(*cases.values())) == len(cases)
    follows(np.array([u for draws in cases.values() for _, u in draws]), stats.uniform())
    assert len(lots()) > 2 * len(cases)


def test_kinds_have_their_shares_though_these_add_up_to_a_half():
    s = scenario("base")
    halves = tuple(f"kinds.{name}.share={kind.share / 2}" for name, kind in s.kinds.items())
    assert [lot.kind for lot in lots(*halves)] == [lot.kind for lot in lots()]


def test_interest_is_the_mean_times_that_of_the_kind_times_attention_spread_by_a_gamma_law():
    s = scenario("base", *EVERYTHING)
    own = np.array([k.interest for k in s.kinds.values()])[column("kind").astype(int)]
    popularity = column("interest") / own / s.interest.mean
    follows(popularity, stats.gamma(0.8, scale=1.0 / 0.8))
    promoted = [lot.interest for lot in lots("promotion.effort=2", "promotion.elasticity=0.5")]
    assert np.array(promoted) == pytest.approx(column("interest") * 2**0.5)
